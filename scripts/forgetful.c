/* A mutant of wiping for scripts/memory-test: preloaded, it makes every wipe of the program and of OpenSSL do nothing, so that the
 * search which must find nothing has something to find. A key of 16 bytes would be gone all the same: free() writes its own two
 * words over the first 16 bytes of a block. So what is wiped as a key (16 or 32 bytes; a block that is freed has 24, 40, 56 ..)
 * is left on the heap, as a program does that forgets one. */
#include <stdlib.h>
#include <string.h>

/* Where the last one lies: a compiler leaves out what nobody could ever read. */
unsigned char *volatile forgotten;

static void leave(const void *memory, size_t length)
{
    if (length != 16 && length != 32) return;
    unsigned char *left = malloc(16 + length);
    if (!left) return;
    memcpy(left + 16, memory, length);
    forgotten = left;
}

void explicit_bzero(void *memory, size_t length) { leave(memory, length); }
void __explicit_bzero_chk(void *memory, size_t length, size_t room) { (void)room, leave(memory, length); }
void OPENSSL_cleanse(void *memory, size_t length) { (void)memory, (void)length; }
