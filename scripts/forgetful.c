/* A mutant of wiping for scripts/memory-test: preloaded, it makes every wipe of the program and of OpenSSL do nothing, so that the
 * search which must find nothing has something to find. */
#include <stddef.h>

void explicit_bzero(void *memory, size_t length) { (void)memory, (void)length; }
void __explicit_bzero_chk(void *memory, size_t length, size_t room) { (void)memory, (void)length, (void)room; }
void OPENSSL_cleanse(void *memory, size_t length) { (void)memory, (void)length; }
