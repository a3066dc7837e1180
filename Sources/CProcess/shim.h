#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// GNU extensions, which the headers declare only for a macro that an importer of this module cannot define.
extern int pipe2(int ends[2], int flags);
extern int execvpe(const char *file, char *const argv[], char *const envp[]);

// What a guard process needs and Swift cannot say: prctl is variadic, and fork is closed to Swift because only
// async-signal-safe code may run between it and exec. The code below is nothing but such calls.

// A pipe whose ends no started program inherits.
static inline int gqc_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

// glibc 2.34 and later: in the program that is started, every descriptor from this one on is closed.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int gqc_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// The flag of posix_spawn that puts the program into a session of its own (glibc 2.26 and later).
static const short gqc_spawn_set_session = 0x80;

// Orphaned descendants become children of the caller, so that it can find and end them.
static inline int gqc_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

// Starts argv[0] (searched in PATH) in a process group of its own, with stdin from /dev/null, with the default
// signal actions and no blocked signals, and in such a way that the kernel ends it when the calling thread ends.
// Returns the process id, or -1 with the errno of fork or exec in *failure.
static inline pid_t gqc_spawn_bound(
    char *const argv[], char *const envp[], const char *directory, int outputDescriptor, int *failure) {
    int status[2];
    if (pipe2(status, O_CLOEXEC) != 0) { *failure = errno; return -1; }
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        *failure = errno;
        close(status[0]);
        close(status[1]);
        return -1;
    }
    if (child == 0) {
        int error = 0;
        sigset_t none;
        sigemptyset(&none);
        for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        // The parent may have died before the line above took effect.
        if (getppid() != parent) _exit(127);
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (null < 0 || dup2(null, 0) < 0 || dup2(outputDescriptor, 1) < 0 || dup2(outputDescriptor, 2) < 0) error = errno;
        if (error == 0 && directory != NULL && chdir(directory) != 0) error = errno;
        if (error == 0) {
            execvpe(argv[0], argv, envp);
            error = errno;
        }
        ssize_t written = write(status[1], &error, sizeof error);
        (void)written;
        _exit(127);
    }
    setpgid(child, child);
    close(status[1]);
    int error = 0;
    ssize_t count;
    do { count = read(status[0], &error, sizeof error); } while (count < 0 && errno == EINTR);
    close(status[0]);
    if (count == (ssize_t)sizeof error) {
        int ignored;
        while (waitpid(child, &ignored, 0) < 0 && errno == EINTR) {}
        *failure = error;
        return -1;
    }
    return child;
}

// A descriptor that becomes readable when one of SIGCHLD, SIGTERM, SIGINT, SIGHUP is pending; they are blocked otherwise.
static inline int gqc_signal_descriptor(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// The number of the next pending signal of the descriptor, 0 if there is none.
static inline int gqc_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static inline int gqc_exited(int status) { return WIFEXITED(status); }
static inline int gqc_exit_code(int status) { return WEXITSTATUS(status); }
static inline int gqc_term_signal(int status) { return WTERMSIG(status); }

// A filter that lets no packet of a socket in: what comes is not even acknowledged, as if the cable had been cut.
static inline const struct sock_fprog *gqc_drop_filter(void) {
    // BPF_RET | BPF_K with 0: keep no byte.
    static struct sock_filter nothing = {0x06, 0, 0, 0};
    static const struct sock_fprog program = {1, &nothing};
    return &program;
}

static inline int gqc_drop_incoming(int descriptor) {
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, gqc_drop_filter(), sizeof(struct sock_fprog));
}

// Walks over large pieces of memory. Swift does this as well, but not in a build without optimisation, where one frame of
// 4 MiB would cost seconds.

extern void *memmem(const void *bytes, size_t count, const void *wanted, size_t wantedCount);

// The place of one run of bytes in another; -1 if it is not there.
static inline ptrdiff_t gqc_find(const void *bytes, size_t count, const void *wanted, size_t wantedCount) {
    const char *found = (const char *)memmem(bytes, count, wanted, wantedCount);
    return found == NULL ? -1 : found - (const char *)bytes;
}

// How many bytes of a JSON string stand for themselves: up to a quote, a backslash or a control character.
static inline size_t gqc_plain_run(const unsigned char *bytes, size_t count) {
    size_t index = 0;
    while (index < count && bytes[index] >= 0x20 && bytes[index] != '"' && bytes[index] != '\\') index++;
    return index;
}

// Masks or unmasks in place (RFC 6455 §5.3).
static inline void gqc_mask(unsigned char *bytes, size_t count, const unsigned char mask[4]) {
    for (size_t index = 0; index < count; index++) bytes[index] ^= mask[index & 3];
}
