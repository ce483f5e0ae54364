/* SQLite's side of the disk (https://www.sqlite.org/vfs.html, c3ref/io_methods.html). */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "disk.h"

#define PREFIX "/crashdisk/"

struct handle {
    sqlite3_file base;
    struct disk *disk;
    struct file *file;
    int lock;
    int remove_on_close;
    unsigned shm_shared, shm_exclusive;
};

static sqlite3_vfs *real_vfs;

/* The disk of a path and the name in it; NULL for a path that is not ours. */
static struct disk *disk_of(const char *path, const char **name)
{
    char disk[DISK_NAME];
    if (!path || strncmp(path, PREFIX, sizeof PREFIX - 1) != 0) return NULL;
    const char *start = path + sizeof PREFIX - 1;
    const char *slash = strchr(start, '/');
    if (!slash || slash - start >= DISK_NAME) return NULL;
    memcpy(disk, start, (size_t)(slash - start));
    disk[slash - start] = 0;
    *name = slash + 1;
    return disk_named(disk, 1);
}

/* Locks the disk; a handle of an old world, an order to fail or a cut end the call here. */
static int enter(struct handle *handle, enum crashdisk_call call, enum verdict *verdict)
{
    pthread_mutex_lock(&handle->disk->mutex);
    *verdict = GO_ON;
    if (handle->file->dead) return SQLITE_IOERR;
    if (call != CRASHDISK_CALLS) *verdict = disk_counts(handle->disk, call);
    switch (*verdict) {
    case FAIL_FULL: return SQLITE_FULL;
    case FAIL_READONLY: return SQLITE_READONLY;
    case FAIL_IOERR: return SQLITE_IOERR;
    default: return SQLITE_OK;
    }
}

static int leave(struct handle *handle, int result)
{
    pthread_mutex_unlock(&handle->disk->mutex);
    return result;
}

static int cut(struct handle *handle)
{
    handle->disk->cuts++;
    disk_cut(handle->disk, handle->disk->cut_seed);
    return leave(handle, SQLITE_IOERR);
}

/* ---- files ---- */

static void drop_shm_locks(struct handle *handle)
{
    for (int slot = 0; slot < SHM_LOCKS; slot++) {
        if (handle->shm_shared & 1u << slot) handle->file->shm_shared[slot]--;
        if (handle->shm_exclusive & 1u << slot) handle->file->shm_exclusive[slot] = 0;
    }
    handle->shm_shared = handle->shm_exclusive = 0;
}

static void drop_lock(struct handle *handle, int level)
{
    struct file *file = handle->file;
    if (handle->lock >= SQLITE_LOCK_EXCLUSIVE && level < SQLITE_LOCK_EXCLUSIVE) file->exclusive = 0;
    if (handle->lock >= SQLITE_LOCK_PENDING && level < SQLITE_LOCK_PENDING) file->pending = 0;
    if (handle->lock >= SQLITE_LOCK_RESERVED && level < SQLITE_LOCK_RESERVED) file->reserved = 0;
    if (handle->lock >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED) file->shared--;
    handle->lock = level;
}

static int x_close(sqlite3_file *base)
{
    struct handle *handle = (struct handle *)base;
    pthread_mutex_lock(&handle->disk->mutex);
    drop_shm_locks(handle);
    drop_lock(handle, SQLITE_LOCK_NONE);
    if (handle->remove_on_close && !handle->file->dead) disk_remove(handle->disk, handle->file->name);
    pthread_mutex_unlock(&handle->disk->mutex);
    disk_release(handle->disk, handle->file);
    return SQLITE_OK;
}

static int x_read(sqlite3_file *base, void *target, int length, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_READ, &verdict);
    if (verdict == CUT_NOW) return cut(handle);
    if (result != SQLITE_OK) return leave(handle, result == SQLITE_IOERR ? SQLITE_IOERR_READ : result);
    int64_t there = handle->file->size - offset;
    if (there > length) there = length;
    if (there > 0) memcpy(target, handle->file->bytes + offset, (size_t)there);
    if (there == length) return leave(handle, SQLITE_OK);
    if (there < 0) there = 0;
    memset((char *)target + there, 0, (size_t)(length - there));
    return leave(handle, SQLITE_IOERR_SHORT_READ);
}

static int x_write(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_WRITE, &verdict);
    /* a full disk takes the first part */
    if (verdict == FAIL_FULL && length > 512) file_write(handle->file, bytes, length / 2, offset);
    if (result != SQLITE_OK) return leave(handle, result == SQLITE_IOERR ? SQLITE_IOERR_WRITE : result);
    if (file_write(handle->file, bytes, length, offset) != 0) return leave(handle, SQLITE_FULL);
    return verdict == CUT_NOW ? cut(handle) : leave(handle, SQLITE_OK);
}

static int x_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_TRUNCATE, &verdict);
    if (result != SQLITE_OK) return leave(handle, result == SQLITE_IOERR ? SQLITE_IOERR_TRUNCATE : result);
    file_truncate(handle->file, size);
    return verdict == CUT_NOW ? cut(handle) : leave(handle, SQLITE_OK);
}

static int x_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_SYNC, &verdict);
    if (result != SQLITE_OK) return leave(handle, result == SQLITE_IOERR ? SQLITE_IOERR_FSYNC : result);
    if (verdict == CUT_NOW) {
        /* every other one is done, and nobody is told */
        uint64_t state = handle->disk->cut_seed ^ 0x5359;
        if (disk_random(&state) & 1) file_sync(handle->file);
        return cut(handle);
    }
    file_sync(handle->file);
    return leave(handle, SQLITE_OK);
}

static int x_size(sqlite3_file *base, sqlite3_int64 *size)
{
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_CALLS, &verdict);
    *size = handle->file->size;
    return leave(handle, result == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_FSTAT);
}

static int x_lock(sqlite3_file *base, int level)
{
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_CALLS, &verdict);
    if (result != SQLITE_OK) return leave(handle, SQLITE_IOERR_LOCK);
    if (handle->lock >= level) return leave(handle, SQLITE_OK);
    if (handle->lock == SQLITE_LOCK_NONE) {
        if (file->pending || file->exclusive) return leave(handle, SQLITE_BUSY);
        file->shared++;
        handle->lock = SQLITE_LOCK_SHARED;
    }
    if (level >= SQLITE_LOCK_RESERVED && handle->lock < SQLITE_LOCK_RESERVED) {
        if (file->reserved) return leave(handle, SQLITE_BUSY);
        file->reserved = 1;
        handle->lock = SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        file->pending = 1;
        handle->lock = SQLITE_LOCK_PENDING;
        if (file->shared > 1) return leave(handle, SQLITE_BUSY);
        file->exclusive = 1;
        handle->lock = SQLITE_LOCK_EXCLUSIVE;
    }
    return leave(handle, SQLITE_OK);
}

static int x_unlock(sqlite3_file *base, int level)
{
    struct handle *handle = (struct handle *)base;
    pthread_mutex_lock(&handle->disk->mutex);
    if (handle->lock > level) drop_lock(handle, level);
    return leave(handle, SQLITE_OK);
}

static int x_check_reserved(sqlite3_file *base, int *result)
{
    struct handle *handle = (struct handle *)base;
    enum verdict verdict;
    int code = enter(handle, CRASHDISK_CALLS, &verdict);
    *result = handle->file->reserved;
    return leave(handle, code == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_CHECKRESERVEDLOCK);
}

static int x_control(sqlite3_file *base, int operation, void *argument)
{
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int x_sector(sqlite3_file *base) { (void)base; return 4096; }

/* As the unix VFS says it by default. */
static int x_traits(sqlite3_file *base) { (void)base; return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

/* ---- shared memory of the write-ahead log: it dies with the power ---- */

static int x_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out)
{
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    enum verdict verdict;
    *out = NULL;
    int result = enter(handle, CRASHDISK_CALLS, &verdict);
    if (result != SQLITE_OK) return leave(handle, SQLITE_IOERR_SHMMAP);
    if (region >= file->region_count) {
        if (!extend) return leave(handle, SQLITE_OK);
        void **regions = realloc(file->regions, (size_t)(region + 1) * sizeof *regions);
        if (!regions) return leave(handle, SQLITE_NOMEM);
        file->regions = regions;
        while (file->region_count <= region) regions[file->region_count++] = calloc(1, (size_t)size);
    }
    *out = file->regions[region];
    return leave(handle, SQLITE_OK);
}

static int x_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    struct handle *handle = (struct handle *)base;
    struct file *file = handle->file;
    enum verdict verdict;
    int result = enter(handle, CRASHDISK_CALLS, &verdict);
    int unlock = flags & SQLITE_SHM_UNLOCK;
    if (result != SQLITE_OK && !unlock) return leave(handle, SQLITE_IOERR_SHMLOCK);
    for (int slot = offset; slot < offset + count && !unlock; slot++) {
        unsigned mine = 1u << slot;
        if (handle->shm_exclusive & mine) continue;
        if (file->shm_exclusive[slot]) return leave(handle, SQLITE_BUSY);
        int others = file->shm_shared[slot] - (handle->shm_shared & mine ? 1 : 0);
        if (flags & SQLITE_SHM_EXCLUSIVE && others > 0) return leave(handle, SQLITE_BUSY);
    }
    for (int slot = offset; slot < offset + count; slot++) {
        unsigned mine = 1u << slot;
        if (unlock) {
            if (handle->shm_shared & mine) file->shm_shared[slot]--;
            if (handle->shm_exclusive & mine) file->shm_exclusive[slot] = 0;
            handle->shm_shared &= ~mine;
            handle->shm_exclusive &= ~mine;
        } else if (flags & SQLITE_SHM_EXCLUSIVE) {
            file->shm_exclusive[slot] = 1;
            handle->shm_exclusive |= mine;
        } else if (!(handle->shm_shared & mine)) {
            file->shm_shared[slot]++;
            handle->shm_shared |= mine;
        }
    }
    return leave(handle, SQLITE_OK);
}

static void x_shm_barrier(sqlite3_file *base)
{
    (void)base;
    __sync_synchronize();
}

/* The regions stay until the file goes: other handles may hold them. */
static int x_shm_unmap(sqlite3_file *base, int remove)
{
    (void)remove;
    struct handle *handle = (struct handle *)base;
    pthread_mutex_lock(&handle->disk->mutex);
    drop_shm_locks(handle);
    return leave(handle, SQLITE_OK);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_traits,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

/* ---- names ---- */

static int open_file(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags, int *out_flags)
{
    static int nameless;
    (void)vfs;
    const char *name = NULL;
    struct disk *disk = disk_of(path, &name);
    if (!disk) return real_vfs->xOpen(real_vfs, path, base, flags, out_flags);
    struct handle *handle = (struct handle *)base;
    memset(handle, 0, sizeof *handle);
    char invented[32];
    if (!*name) {
        snprintf(invented, sizeof invented, "temporary-%d", __sync_add_and_fetch(&nameless, 1));
        name = invented;
    }
    pthread_mutex_lock(&disk->mutex);
    enum verdict verdict = disk_counts(disk, CRASHDISK_OPEN);
    int fails = verdict == FAIL_IOERR || verdict == FAIL_FULL
        || (verdict == FAIL_READONLY && !(flags & SQLITE_OPEN_READONLY));
    struct file *file = fails ? NULL : disk_file(disk, name, flags & SQLITE_OPEN_CREATE);
    if (file) {
        handle->disk = disk;
        handle->file = file;
        handle->remove_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
        file->handles++;
        disk->handles++;
        handle->base.pMethods = &methods;
        if (out_flags) *out_flags = flags;
    }
    pthread_mutex_unlock(&disk->mutex);
    return file ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int remove_file(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    const char *name = NULL;
    struct disk *disk = disk_of(path, &name);
    if (!disk) return real_vfs->xDelete(real_vfs, path, sync);
    pthread_mutex_lock(&disk->mutex);
    int there = disk_file(disk, name, 0) != NULL;
    enum verdict verdict = disk_counts(disk, CRASHDISK_REMOVE);
    int result = there ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
    if (verdict == CUT_NOW) {
        disk->cuts++;
        disk_cut(disk, disk->cut_seed);
        result = SQLITE_IOERR_DELETE;
    } else if (verdict != GO_ON) {
        result = SQLITE_IOERR_DELETE;
    } else if (there) {
        disk_remove(disk, name);
    }
    pthread_mutex_unlock(&disk->mutex);
    return result;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
    (void)vfs;
    const char *name = NULL;
    struct disk *disk = disk_of(path, &name);
    if (!disk) return real_vfs->xAccess(real_vfs, path, flags, result);
    pthread_mutex_lock(&disk->mutex);
    struct file *file = disk_file(disk, name, 0);
    /* as the unix VFS: an empty file is no file */
    *result = file && (flags != SQLITE_ACCESS_EXISTS || file->size > 0);
    pthread_mutex_unlock(&disk->mutex);
    return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *path, int room, char *out)
{
    (void)vfs;
    if (strncmp(path, PREFIX, sizeof PREFIX - 1) != 0) return real_vfs->xFullPathname(real_vfs, path, room, out);
    sqlite3_snprintf(room, out, "%s", path);
    return SQLITE_OK;
}

int crashdisk_register(void)
{
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    static sqlite3_vfs crash_vfs;
    int result = SQLITE_OK;
    pthread_mutex_lock(&once);
    if (!real_vfs) {
        result = sqlite3_initialize();
        sqlite3_vfs *found = result == SQLITE_OK ? sqlite3_vfs_find(NULL) : NULL;
        if (found) {
            real_vfs = found;
            /* everything but names and files is the machine's: time, randomness, sleep */
            crash_vfs = *found;
            crash_vfs.zName = "crashdisk";
            crash_vfs.pNext = NULL;
            if (crash_vfs.szOsFile < (int)sizeof(struct handle)) crash_vfs.szOsFile = (int)sizeof(struct handle);
            crash_vfs.xOpen = open_file;
            crash_vfs.xDelete = remove_file;
            crash_vfs.xAccess = access_file;
            crash_vfs.xFullPathname = full_name;
            result = sqlite3_vfs_register(&crash_vfs, 1);
        } else if (result == SQLITE_OK) {
            result = SQLITE_ERROR;
        }
    }
    pthread_mutex_unlock(&once);
    return result;
}
