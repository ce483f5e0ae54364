#include "disk.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512

static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct disk *all_disks;

/* SplitMix64 (Vigna) */
uint64_t disk_random(uint64_t *state)
{
    uint64_t value = (*state += 0x9E3779B97F4A7C15u);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

struct disk *disk_named(const char *name, int make)
{
    pthread_mutex_lock(&all_mutex);
    struct disk *disk = all_disks;
    while (disk && strcmp(disk->name, name) != 0) disk = disk->next;
    if (!disk && make && strlen(name) < DISK_NAME) {
        disk = calloc(1, sizeof *disk);
        strcpy(disk->name, name);
        pthread_mutex_init(&disk->mutex, NULL);
        disk->next = all_disks;
        all_disks = disk;
    }
    pthread_mutex_unlock(&all_mutex);
    return disk;
}

struct file *disk_file(struct disk *disk, const char *name, int make)
{
    struct file *file = disk->files;
    while (file && strcmp(file->name, name) != 0) file = file->next;
    if (!file && make && strlen(name) < FILE_NAME) {
        file = calloc(1, sizeof *file);
        strcpy(file->name, name);
        file->next = disk->files;
        disk->files = file;
    }
    return file;
}

static void forget_changes(struct file *file)
{
    for (int index = 0; index < file->count; index++) {
        free(file->changes[index].fresh);
        free(file->changes[index].old);
    }
    file->count = 0;
}

static void free_file(struct file *file)
{
    forget_changes(file);
    free(file->changes);
    free(file->bytes);
    for (int index = 0; index < file->region_count; index++) free(file->regions[index]);
    free(file->regions);
    free(file);
}

static void free_disk(struct disk *disk)
{
    pthread_mutex_destroy(&disk->mutex);
    free(disk);
}

/* A file that no directory and no handle knows is gone. */
void disk_release(struct disk *disk, struct file *file)
{
    pthread_mutex_lock(&disk->mutex);
    file->handles--;
    disk->handles--;
    if (file->handles == 0 && (file->dead || file->removed)) free_file(file);
    int last = disk->forgotten && disk->handles == 0;
    pthread_mutex_unlock(&disk->mutex);
    if (last) free_disk(disk);
}

static void unlink_file(struct disk *disk, struct file *file)
{
    struct file **link = &disk->files;
    while (*link && *link != file) link = &(*link)->next;
    if (*link) *link = file->next;
}

/* SQLite removes with a sync of the directory, so that this is durable at once. */
void disk_remove(struct disk *disk, const char *name)
{
    struct file *file = disk_file(disk, name, 0);
    if (!file) return;
    unlink_file(disk, file);
    file->removed = 1;
    if (file->handles == 0) free_file(file);
}

static int make_room(struct file *file, int64_t size)
{
    if (size <= file->room) return 0;
    int64_t room = file->room ? file->room : 65536;
    while (room < size) room *= 2;
    unsigned char *bytes = realloc(file->bytes, (size_t)room);
    if (!bytes) return -1;
    file->bytes = bytes;
    file->room = room;
    return 0;
}

static void put(struct file *file, const unsigned char *bytes, int64_t length, int64_t offset)
{
    if (make_room(file, offset + length) != 0) abort();
    if (offset > file->size) memset(file->bytes + file->size, 0, (size_t)(offset - file->size));
    memcpy(file->bytes + offset, bytes, (size_t)length);
    if (offset + length > file->size) file->size = offset + length;
}

static struct change *add_change(struct file *file)
{
    if (file->count == file->space) {
        file->space = file->space ? file->space * 2 : 16;
        file->changes = realloc(file->changes, (size_t)file->space * sizeof *file->changes);
        if (!file->changes) abort();
    }
    struct change *change = &file->changes[file->count++];
    memset(change, 0, sizeof *change);
    change->old_size = file->size;
    return change;
}

static unsigned char *copy(const unsigned char *bytes, int64_t length)
{
    if (length <= 0) return NULL;
    unsigned char *result = malloc((size_t)length);
    if (!result) abort();
    memcpy(result, bytes, (size_t)length);
    return result;
}

int file_write(struct file *file, const void *bytes, int64_t length, int64_t offset)
{
    if (make_room(file, offset + length) != 0) return -1;
    struct change *change = add_change(file);
    change->offset = offset;
    change->length = length;
    change->fresh = copy(bytes, length);
    int64_t inside = file->size - offset;
    change->old_length = inside <= 0 ? 0 : inside < length ? inside : length;
    change->old = copy(file->bytes + offset, change->old_length);
    put(file, bytes, length, offset);
    return 0;
}

int file_truncate(struct file *file, int64_t size)
{
    if (size >= file->size) return 0;
    struct change *change = add_change(file);
    change->truncate = 1;
    change->offset = size;
    change->old_length = file->size - size;
    change->old = copy(file->bytes + size, change->old_length);
    file->size = size;
    return 0;
}

void file_sync(struct file *file)
{
    forget_changes(file);
    file->entry_durable = 1;
}

enum verdict disk_counts(struct disk *disk, enum crashdisk_call call)
{
    enum crashdisk_call kinds[2] = {call, CRASHDISK_CHANGE};
    int changes = call == CRASHDISK_WRITE || call == CRASHDISK_SYNC || call == CRASHDISK_TRUNCATE
        || call == CRASHDISK_REMOVE;
    enum verdict verdict = GO_ON;
    for (int index = 0; index < (changes ? 2 : 1); index++) {
        enum crashdisk_call kind = kinds[index];
        disk->counts[kind]++;
        struct order *fail = &disk->fail[kind];
        if (fail->left > 0 && --fail->left == 0) {
            if (fail->stays) fail->left = 1;
            verdict = (enum verdict)(FAIL_IOERR + fail->failure);
        }
        struct order *cut = &disk->cut[kind];
        if (cut->left > 0 && --cut->left == 0) verdict = CUT_NOW;
    }
    return verdict;
}

/* Back to what is surely on the disk. */
static void roll_back(struct file *file)
{
    for (int index = file->count - 1; index >= 0; index--) {
        struct change *change = &file->changes[index];
        if (make_room(file, change->old_size) != 0) abort();
        if (change->old_length > 0) memcpy(file->bytes + change->offset, change->old, (size_t)change->old_length);
        file->size = change->old_size;
    }
}

/* Some of the write's sectors, each by a coin of its own. */
static void tear(struct file *file, const struct change *change, uint64_t *state)
{
    int64_t start = change->offset;
    int64_t end = change->offset + change->length;
    while (start < end) {
        int64_t border = (start / SECTOR + 1) * SECTOR;
        int64_t stop = border < end ? border : end;
        if (disk_random(state) & 1) put(file, change->fresh + (start - change->offset), stop - start, start);
        start = stop;
    }
}

/* What a cache may have written in any order: each sector ends as one of its versions since the last sync. */
static void survive(struct file *file, int mood, uint64_t *state, struct crashdisk_loss *loss)
{
    roll_back(file);
    for (int index = 0; index < file->count; index++) {
        struct change *change = &file->changes[index];
        /* moods: all lost, all kept, each by itself */
        int fate = mood == 0 ? 0 : mood == 1 ? 1 : (int)(disk_random(state) % 3);
        if (fate == 0) {
            loss->dropped++;
        } else if (change->truncate) {
            if (change->offset < file->size) file->size = change->offset;
            loss->kept++;
        } else if (fate == 1) {
            put(file, change->fresh, change->length, change->offset);
            loss->kept++;
        } else {
            tear(file, change, state);
            loss->torn++;
        }
    }
    forget_changes(file);
}

/* The files of the new world are made from those of the old one, whose handles fail from now on. */
struct crashdisk_loss disk_cut(struct disk *disk, uint64_t seed)
{
    struct crashdisk_loss loss = {0, 0, 0};
    uint64_t state = seed;
    uint64_t dice = disk_random(&state) % 8;
    int mood = dice < 2 ? 0 : dice < 3 ? 1 : 2;
    struct file *old = disk->files;
    disk->files = NULL;
    while (old) {
        struct file *next = old->next;
        survive(old, mood, &state, &loss);
        int stays = old->entry_durable || (mood != 0 && disk_random(&state) & 1);
        if (stays) {
            struct file *fresh = disk_file(disk, old->name, 1);
            fresh->bytes = old->bytes;
            fresh->size = old->size;
            fresh->room = old->room;
            fresh->entry_durable = 1;
            old->bytes = NULL;
            old->size = old->room = 0;
        }
        old->dead = 1;
        old->next = NULL;
        if (old->handles == 0) free_file(old);
        old = next;
    }
    return loss;
}

struct crashdisk_loss crashdisk_power_cut(const char *name, uint64_t seed)
{
    struct crashdisk_loss loss = {0, 0, 0};
    struct disk *disk = disk_named(name, 0);
    if (!disk) return loss;
    pthread_mutex_lock(&disk->mutex);
    loss = disk_cut(disk, seed);
    pthread_mutex_unlock(&disk->mutex);
    return loss;
}

void crashdisk_cut_at(const char *name, enum crashdisk_call call, long n, uint64_t seed)
{
    struct disk *disk = disk_named(name, 1);
    pthread_mutex_lock(&disk->mutex);
    disk->cut[call] = (struct order){n, 0, 0};
    disk->cut_seed = seed;
    pthread_mutex_unlock(&disk->mutex);
}

void crashdisk_fail_at(const char *name, enum crashdisk_call call, long n, enum crashdisk_failure failure, int stays)
{
    struct disk *disk = disk_named(name, 1);
    pthread_mutex_lock(&disk->mutex);
    disk->fail[call] = (struct order){n, failure, stays};
    pthread_mutex_unlock(&disk->mutex);
}

long crashdisk_cuts(const char *name)
{
    struct disk *disk = disk_named(name, 0);
    return disk ? disk->cuts : 0;
}

long crashdisk_count(const char *name, enum crashdisk_call call)
{
    struct disk *disk = disk_named(name, 0);
    if (!disk) return 0;
    pthread_mutex_lock(&disk->mutex);
    long count = disk->counts[call];
    pthread_mutex_unlock(&disk->mutex);
    return count;
}

int crashdisk_flip(const char *name, const char *file_name, int64_t offset, int bit)
{
    struct disk *disk = disk_named(name, 0);
    if (!disk) return -1;
    pthread_mutex_lock(&disk->mutex);
    struct file *file = disk_file(disk, file_name, 0);
    int there = file && offset >= 0 && offset < file->size;
    if (there) file->bytes[offset] ^= (unsigned char)(1 << (bit & 7));
    pthread_mutex_unlock(&disk->mutex);
    return there ? 0 : -1;
}

int64_t crashdisk_size(const char *name, const char *file_name)
{
    struct disk *disk = disk_named(name, 0);
    if (!disk) return -1;
    pthread_mutex_lock(&disk->mutex);
    struct file *file = disk_file(disk, file_name, 0);
    int64_t size = file ? file->size : -1;
    pthread_mutex_unlock(&disk->mutex);
    return size;
}

int crashdisk_export(const char *name, const char *file_name, const char *path)
{
    struct disk *disk = disk_named(name, 0);
    if (!disk) return -1;
    pthread_mutex_lock(&disk->mutex);
    struct file *file = disk_file(disk, file_name, 0);
    FILE *out = file ? fopen(path, "wb") : NULL;
    int result = -1;
    if (out) {
        result = fwrite(file->bytes, 1, (size_t)file->size, out) == (size_t)file->size ? 0 : -1;
        if (fclose(out) != 0) result = -1;
    }
    pthread_mutex_unlock(&disk->mutex);
    return result;
}

void crashdisk_forget(const char *name)
{
    pthread_mutex_lock(&all_mutex);
    struct disk **link = &all_disks;
    while (*link && strcmp((*link)->name, name) != 0) link = &(*link)->next;
    struct disk *disk = *link;
    if (disk) *link = disk->next;
    pthread_mutex_unlock(&all_mutex);
    if (!disk) return;
    pthread_mutex_lock(&disk->mutex);
    struct file *file = disk->files;
    disk->files = NULL;
    while (file) {
        struct file *next = file->next;
        file->dead = 1;
        if (file->handles == 0) free_file(file);
        file = next;
    }
    disk->forgotten = 1;
    int last = disk->handles == 0;
    pthread_mutex_unlock(&disk->mutex);
    if (last) free_disk(disk);
}

void crashdisk_keep_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_ARENA_MAX, 1);
}
