#define _GNU_SOURCE
#include "cstack.h"
#include <alloca.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// a sanitizer keeps marks of its own on stacks; a build that has one only for Swift says so itself
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SAKK_FOREIGN_STACK 1
#endif
#endif

#ifdef SAKK_FOREIGN_STACK
void sakk_stack_forget(void) {}
#else
enum { near = 64 << 10, overlap = 48 << 10 };

static __thread uintptr_t lowest;

static uintptr_t find_lowest(void) {
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0, guard = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return UINTPTR_MAX;
    if (pthread_attr_getstack(&attributes, &low, &size) != 0 || pthread_attr_getguardsize(&attributes, &guard) != 0)
        low = NULL;
    pthread_attr_destroy(&attributes);
    return low == NULL ? UINTPTR_MAX : (uintptr_t)low + guard;
}

// what alloca gives lies at the lower end of the frame: nothing of this function is overwritten
__attribute__((noinline)) static void wipe_near(void) { explicit_bzero(alloca(near), near); }

// the call's own frame lies above the pages, and within what was overwritten
__attribute__((noinline)) static void drop_far(void) {
    char *volatile here = alloca(overlap);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = ((uintptr_t)here & ~(page - 1)) - page;
    if (lowest < end) madvise((void *)lowest, end - lowest, MADV_DONTNEED);
}

void sakk_stack_forget(void) {
    if (lowest == 0) lowest = find_lowest();
    char here;
    // not near the end of a stack
    if (lowest == UINTPTR_MAX || (uintptr_t)&here < lowest + 4 * near) return;
    wipe_near();
    drop_far();
}
#endif
