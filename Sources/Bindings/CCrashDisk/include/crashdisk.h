/* A disk in memory under SQLite that loses power: what was not synced is kept, dropped or torn.
 *
 * Paths that begin with "/crashdisk/NAME/" live on the disk NAME; every other path goes to the VFS that was the default
 * before. Disks are made at the first open and are independent of each other. All functions may be called from any
 * thread. Result codes are SQLite's. */
#ifndef CRASHDISK_H
#define CRASHDISK_H

#include <stdint.h>

/* The calls that can be counted and made to fail. `change` counts write, sync, truncate and remove together. */
enum crashdisk_call {
    CRASHDISK_OPEN,
    CRASHDISK_READ,
    CRASHDISK_WRITE,
    CRASHDISK_SYNC,
    CRASHDISK_TRUNCATE,
    CRASHDISK_REMOVE,
    CRASHDISK_CHANGE,
    CRASHDISK_CALLS
};

/* How a call fails. */
enum crashdisk_failure { CRASHDISK_IOERR, CRASHDISK_FULL, CRASHDISK_READONLY };

/* What a power cut left of the writes and truncates that were not synced. */
struct crashdisk_loss {
    int kept;
    int dropped;
    int torn;
};

/* Makes this the default VFS of the process; again is nothing. Returns SQLITE_OK or what SQLite said. */
int crashdisk_register(void);

/* Power goes: every open handle of the disk fails with IOERR for ever, and the next open sees what survived.
 * The same seed after the same calls leaves the same bytes. */
struct crashdisk_loss crashdisk_power_cut(const char *disk, uint64_t seed);

/* Power goes in the middle of the n-th call of this kind from now (1 is the next): a write or truncate is then one more
 * that was not synced; of syncs every other one, by seed, is done and its success never told. 0 takes the order back. */
void crashdisk_cut_at(const char *disk, enum crashdisk_call call, long n, uint64_t seed);

/* How often power went because of `crashdisk_cut_at`. */
long crashdisk_cuts(const char *disk);

/* The n-th call of this kind from now fails, and with `stays` every one after it. 0 takes the order back. */
void crashdisk_fail_at(const char *disk, enum crashdisk_call call, long n, enum crashdisk_failure failure, int stays);

/* Calls of this kind since the disk was made. */
long crashdisk_count(const char *disk, enum crashdisk_call call);

/* Turns one bit of a file round. Returns 0, or -1 when there is no such byte. */
int crashdisk_flip(const char *disk, const char *file, int64_t offset, int bit);

/* Size of a file in bytes; -1 when it is not there. */
int64_t crashdisk_size(const char *disk, const char *file);

/* Copies the live content of a file to a real one, for another program to look at. Returns 0 or -1. */
int crashdisk_export(const char *disk, const char *file, const char *path);

/* Forgets a disk and frees its memory as its handles close. */
void crashdisk_forget(const char *disk);

/* Keeps freed memory in the process: disks come and go by the thousand. For programs that do nothing else. */
void crashdisk_keep_memory(void);

#endif
