#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Descriptors of a worker: one socket to its controller, and the memory in which it is shown pictures, where it has some.
#define SAKK_WORKER_SOCKET 3
#define SAKK_WORKER_MEMORY 4

// Memory without a name that can be mapped by another process and changes its size no more. -1 and errno when it fails.
int sakk_memory_make(size_t bytes);

// Starts a program with the socket and, unless it is -1, the memory, standard input and output from nowhere, the standard error
// of its parent, no other descriptor, and a group of its own: what a terminal sends to ours is for us to obey. `arguments` and
// `environment` end with NULL. Returns 0 or an errno.
int sakk_worker_start(
    const char *program, char *const arguments[], char *const environment[], int socket, int memory, pid_t *worker);

// Where a worker finds what it works on.
typedef enum {
    // in its memory: no sockets, and another user where it was root
    SAKK_WORKER_ALONE,
    // at a service of this machine: sockets of the local kind. It stays the user that it is, whom the service knows
    SAKK_WORKER_LOCAL,
} sakk_worker_place;

// Gives up, for good, what the work does not need: other users' rights, new rights, programs, sockets, other processes, the
// network, names of files, writing of files, reading of files but of the system and of `readable` (paths, ended by NULL), core
// dumps; dies with its parent. To be called by the first thread while it is the only one: later ones inherit it.
// Returns 0, or an errno with `*what` saying which step failed.
int sakk_worker_confine(sakk_worker_place place, const char *const readable[], const char **what);

// Overwrites memory that is not read again.
void sakk_memory_wipe(void *memory, size_t bytes);
