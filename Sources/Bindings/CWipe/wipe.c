// free and realloc of the whole process, in front of glibc's: memory is wiped before it is given back.
#define _GNU_SOURCE
#include "cwipe.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void sakk_keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    // the others are made of heaps of 64 MiB, which come and go with the pictures of a document at 600 dpi
    mallopt(M_ARENA_MAX, 1);
}

// a sanitizer brings its own allocator
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SAKK_FOREIGN_ALLOCATOR 1
#endif
#endif

#ifndef SAKK_FOREIGN_ALLOCATOR
extern void __libc_free(void *memory);
extern void *__libc_realloc(void *memory, size_t size);

// glibc keeps errno over it since 2.33.
void free(void *memory) {
    if (memory == NULL) return;
    explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
}

void *realloc(void *memory, size_t size) {
    if (memory == NULL) return malloc(size);
    if (size == 0) {
        free(memory);
        return NULL;
    }
    size_t held = malloc_usable_size(memory);
    if (size <= held) {
        // the tail may be given back
        explicit_bzero((char *)memory + size, held - size);
        return __libc_realloc(memory, size);
    }
    // growing in place leaves nothing behind, moving would: always moved here
    void *fresh = malloc(size);
    if (fresh == NULL) return NULL;
    memcpy(fresh, memory, held);
    free(memory);
    return fresh;
}
#endif
