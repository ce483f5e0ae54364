/* The disk itself, without SQLite: files with one image each and the list of what was not synced. */
#ifndef CRASHDISK_DISK_H
#define CRASHDISK_DISK_H

#include <pthread.h>
#include <stdint.h>
#include "crashdisk.h"

#define DISK_NAME 64
#define FILE_NAME 128
#define SHM_LOCKS 8

/* A change that was not synced. `old` is what it replaced (up to the old size), so that the durable image can be
 * had back from the live one and only one image is kept. */
struct change {
    int truncate;
    int64_t offset;
    int64_t length;
    int64_t old_size;
    unsigned char *fresh;
    unsigned char *old;
    int64_t old_length;
};

struct file {
    char name[FILE_NAME];
    unsigned char *bytes;
    int64_t size, room;
    struct change *changes;
    int count, space;
    int entry_durable; /* the directory knows it */
    int dead;          /* of a world before a power cut */
    int removed;
    int handles;
    /* locks of the rollback kind, and shared memory of the write-ahead log */
    int shared, reserved, pending, exclusive;
    void **regions;
    int region_count;
    int shm_shared[SHM_LOCKS];
    int shm_exclusive[SHM_LOCKS];
    struct file *next;
};

struct order {
    long left;
    int failure;
    int stays;
};

struct disk {
    char name[DISK_NAME];
    pthread_mutex_t mutex;
    struct file *files;
    long counts[CRASHDISK_CALLS];
    struct order fail[CRASHDISK_CALLS];
    struct order cut[CRASHDISK_CALLS];
    uint64_t cut_seed;
    long cuts;
    int handles;
    int forgotten;
    struct disk *next;
};

/* What a counted call must do. */
enum verdict { GO_ON, FAIL_IOERR, FAIL_FULL, FAIL_READONLY, CUT_NOW };

struct disk *disk_named(const char *name, int make);
struct file *disk_file(struct disk *disk, const char *name, int make);
void disk_remove(struct disk *disk, const char *name);
/* Takes the mutex itself; the last handle of a forgotten disk frees it. */
void disk_release(struct disk *disk, struct file *file);
int file_write(struct file *file, const void *bytes, int64_t length, int64_t offset);
int file_truncate(struct file *file, int64_t size);
void file_sync(struct file *file);
enum verdict disk_counts(struct disk *disk, enum crashdisk_call call);
struct crashdisk_loss disk_cut(struct disk *disk, uint64_t seed);
uint64_t disk_random(uint64_t *state);

#endif
