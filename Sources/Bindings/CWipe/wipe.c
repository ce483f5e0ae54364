// free and realloc of the whole process, in front of glibc's: memory is wiped before it is given back.
#define _GNU_SOURCE
#include "cwipe.h"
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
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

// Most of what is freed is small, and a few words are quicker wiped than a call is made. Whoever puts an
// explicit_bzero of his own in front of libc's is called all the same.
static int small_is_wiped_here;

__attribute__((constructor)) static void ask_for_explicit_bzero(void) {
    void *libc = dlopen("libc.so.6", RTLD_NOLOAD | RTLD_LAZY);
    if (libc == NULL) return;
    small_is_wiped_here = dlsym(libc, "explicit_bzero") == dlsym(RTLD_DEFAULT, "explicit_bzero");
    dlclose(libc);
}

typedef uint64_t pair __attribute__((vector_size(16), aligned(8)));

// `size` is malloc's: a word more than pairs of words.
static inline void wipe(void *memory, size_t size) {
    if (!small_is_wiped_here || size > 256 || size % sizeof(pair) != sizeof(uint64_t)) {
        explicit_bzero(memory, size);
        return;
    }
    volatile uint64_t *first = memory;
    *first++ = 0;
    for (volatile pair *next = (volatile pair *)first, *end = next + size / sizeof(pair); next < end; next++) *next = (pair){0, 0};
}

// glibc keeps errno over it since 2.33.
void free(void *memory) {
    if (memory == NULL) return;
    wipe(memory, malloc_usable_size(memory));
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
