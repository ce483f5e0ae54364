#define _GNU_SOURCE
#include "cjail.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int sakk_memory_make(size_t bytes) {
    int memory = memfd_create("sakk-pictures", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -1;
    if (ftruncate(memory, (off_t)bytes) != 0 ||
        fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int failed = errno;
        close(memory);
        errno = failed;
        return -1;
    }
    return memory;
}

void sakk_memory_wipe(void *memory, size_t bytes) { explicit_bzero(memory, bytes); }

int sakk_worker_start(
    const char *program, char *const arguments[], char *const environment[], int socket, int memory, pid_t *worker) {
    // out of the way of the numbers that they get
    int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, 16);
    int high_memory = memory < 0 ? -1 : fcntl(memory, F_DUPFD_CLOEXEC, 16);
    int failed = high_socket < 0 || (memory >= 0 && high_memory < 0) ? errno : 0;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, high_socket, SAKK_WORKER_SOCKET);
    if (!failed && memory >= 0) failed = posix_spawn_file_actions_adddup2(&actions, high_memory, SAKK_WORKER_MEMORY);
    if (!failed)
        failed = posix_spawn_file_actions_addclosefrom_np(&actions, memory < 0 ? SAKK_WORKER_MEMORY : SAKK_WORKER_MEMORY + 1);
    if (!failed) failed = posix_spawn(worker, program, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (high_socket >= 0) close(high_socket);
    if (high_memory >= 0) close(high_memory);
    return failed;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SAKK_SHADOW_MEMORY 1
#endif
#endif

#if defined(__x86_64__)
#define SAKK_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SAKK_ARCH AUDIT_ARCH_AARCH64
#endif

// Calls that no worker makes. They fail with EPERM, so that a library that tries is told no. The last two are left to one that
// asks a service of this machine.
static const int forbidden[] = {
    SYS_accept, SYS_accept4, SYS_bind, SYS_listen, SYS_socketpair,
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill,
    SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns,
    SYS_bpf, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_io_uring_setup, SYS_perf_event_open, SYS_userfaultfd,
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_open_by_handle_at,
    SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_mknodat,
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_truncate,
#if defined(__x86_64__)
    SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_symlink, SYS_mknod, SYS_chmod, SYS_chown, SYS_lchown,
#endif
    SYS_connect, SYS_socket,
};

static int filter_calls(sakk_worker_place place) {
#ifdef SAKK_ARCH
    enum { all = sizeof forbidden / sizeof forbidden[0] };
    int count = place == SAKK_WORKER_LOCAL ? all - 2 : all;
    struct sock_filter program[13 + all + 2];
    int at = 0;
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SAKK_ARCH, 1, 0);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    // the other calling convention of this kernel, which names the same calls otherwise
    program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
#endif
    if (place == SAKK_WORKER_LOCAL) {
        uint32_t domain = offsetof(struct seccomp_data, args[0]);
        program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4);
        program[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, domain);
        program[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1);
        program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    }
    for (int index = 0; index < count; index++) {
        program[at++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)forbidden[index], (uint8_t)(count - index), 0);
    }
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog filter = {.len = (unsigned short)at, .filter = program};
    // for threads that a library has made already, too
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
#else
    errno = ENOSYS;
    return -1;
#endif
}

// Landlock (Linux 5.13 and later), by the numbers of its interface: the headers of a system may be older than its kernel.
struct landlock_rules { uint64_t files, network, scope; };
struct __attribute__((packed)) landlock_path { uint64_t allowed; int32_t folder; };
enum {
    READ_FILE = 1 << 2, READ_FOLDER = 1 << 3,
    FILES_1 = (1 << 13) - 1, FILES_2 = 1 << 13, FILES_3 = 1 << 14, FILES_5 = 1 << 15,
    NETWORK_4 = 1 << 0 | 1 << 1, SCOPE_6 = 1 << 0 | 1 << 1,
};

// What the libraries of a worker read: programs, fonts, time zones, settings of the crypto library, and what this process is.
static const char *const system_files[] = {
    "/usr", "/lib", "/lib64", "/opt", "/etc/fonts", "/etc/ssl", "/etc/localtime", "/etc/ld.so.cache", "/etc/nsswitch.conf",
    "/etc/passwd", "/var/cache/fontconfig", "/sys/devices/system/cpu", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
    // libdispatch asks for its threads by their own numbers. Environment and memory of others stay closed: whoever gave up
    // files may not look into a process that has not
    "/proc", NULL,
};

static int may_read(int rules, const char *const paths[]) {
    for (; paths && *paths; paths++) {
        int place = open(*paths, O_PATH | O_CLOEXEC);
        // what is not there is not read
        if (place < 0) continue;
        struct stat kind;
        int failed = fstat(place, &kind) != 0;
        struct landlock_path rule = {.allowed = READ_FILE, .folder = place};
        if (!failed && S_ISDIR(kind.st_mode)) rule.allowed |= READ_FOLDER;
        if (!failed) failed = syscall(SYS_landlock_add_rule, rules, 1, &rule, 0) != 0;
        int why = errno;
        close(place);
        if (failed) return why;
    }
    return 0;
}

// No file but the named ones is read, none is written, nothing of the network is reached.
static int close_files(const char *const readable[]) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    // a kernel without it has nothing to give
    if (version < 1) return 0;
    struct landlock_rules rules = {.files = FILES_1};
    if (version >= 2) rules.files |= FILES_2;
    if (version >= 3) rules.files |= FILES_3;
    if (version >= 5) rules.files |= FILES_5;
    if (version >= 4) rules.network = NETWORK_4;
    if (version >= 6) rules.scope = SCOPE_6;
    size_t known = version >= 6 ? sizeof rules : offsetof(struct landlock_rules, scope);
    if (version < 4) known = offsetof(struct landlock_rules, network);
    int set = (int)syscall(SYS_landlock_create_ruleset, &rules, known, 0);
    if (set < 0) return errno;
    int failed = may_read(set, system_files);
    if (!failed) failed = may_read(set, readable);
    if (!failed && syscall(SYS_landlock_restrict_self, set, 0) != 0) failed = errno;
    close(set);
    return failed;
}

// Of what root may do, one thing is left: to get at the files that it is given wherever they lie.
static int drop_capabilities(void) {
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (geteuid() == 0) kept[0].effective = kept[0].permitted = 1u << CAP_DAC_READ_SEARCH;
    if (syscall(SYS_capset, &head, kept) == 0) return 0;
    // one that it has not cannot be kept
    kept[0].effective = kept[0].permitted = 0;
    return (int)syscall(SYS_capset, &head, kept);
}

static void limit(int what, rlim_t most) {
    struct rlimit limits = {.rlim_cur = most, .rlim_max = most};
    // a lower limit than wished for is in force already
    (void)setrlimit(what, &limits);
}

int sakk_worker_confine(sakk_worker_place place, const char *const readable[], const char **what) {
    // a stop of the line is the controller's to make: its end of the socket closes
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 1 << 20);
    limit(RLIMIT_NOFILE, 64);
#ifndef SAKK_SHADOW_MEMORY
    limit(RLIMIT_AS, (rlim_t)8 << 30);
#endif
    *what = "user";
    if (geteuid() == 0 && place == SAKK_WORKER_ALONE) {
        // a namespace without this user has nobody to become; what follows holds all the same
        int failed = setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0;
        if (failed && errno != EINVAL && errno != EPERM) return errno;
    }
    *what = "capabilities";
    if (drop_capabilities() != 0) return errno;
    *what = "no_new_privs";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    *what = "dumpable";
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
    *what = "parent";
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
    *what = "landlock";
    int closed = close_files(readable);
    if (closed != 0) return closed;
    *what = "seccomp";
    // a kernel without it has nothing to give
    if (filter_calls(place) != 0 && errno != ENOSYS && errno != EINVAL) return errno;
    *what = NULL;
    return 0;
}
