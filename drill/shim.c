/* Makes the n-th call of one kind on a file under one folder fail; loaded into the process with LD_PRELOAD.
   SHIM_DIR: the folder. SHIM_CALL: write, sync, name (rename, link) or open. SHIM_NTH: which call, 0 for none.
   SHIM_FAULT: EIO, ENOSPC, or SHORT (half of a write). SHIM_STICKY: all later calls of the kind fail too.
   SHIM_REPORT: file that is told how often each kind was called, and the path of the one that failed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SYNC, NAME, OPEN, KINDS };
static const char *const words[KINDS] = {"write", "sync", "name", "open"};

static const char *dir, *report;
static size_t dir_length;
static long nth, calls[KINDS];
static int chosen = -1, fault = EIO, shorten, sticky;

__attribute__((constructor)) static void begin(void) {
    const char *call = getenv("SHIM_CALL"), *word = getenv("SHIM_FAULT"), *number = getenv("SHIM_NTH");
    report = getenv("SHIM_REPORT");
    sticky = getenv("SHIM_STICKY") != NULL;
    nth = number ? atol(number) : 0;
    for (int kind = 0; call && kind < KINDS; kind++)
        if (strcmp(call, words[kind]) == 0) chosen = kind;
    if (word && strcmp(word, "ENOSPC") == 0) fault = ENOSPC;
    if (word && strcmp(word, "SHORT") == 0) shorten = 1;
    dir_length = getenv("SHIM_DIR") ? strlen(getenv("SHIM_DIR")) : 0;
    dir = getenv("SHIM_DIR");
}

/* Straight to the kernel, so that the report does not count itself. */
static void tell(const char *word, long number, const char *path) {
    char line[4600];
    int length = snprintf(line, sizeof line, "%s %ld %s\n", word, number, path);
    int file = report ? (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (file < 0) return;
    (void)syscall(SYS_write, file, line, (size_t)length);
    (void)syscall(SYS_close, file);
}

__attribute__((destructor)) static void end(void) {
    for (int kind = 0; kind < KINDS; kind++) tell(words[kind], calls[kind], "");
}

/* Whether this call is to fail. */
static int fails(enum kind kind, const char *path) {
    if (!dir || !path || strncmp(path, dir, dir_length) != 0) return 0;
    long number = __atomic_add_fetch(&calls[kind], 1, __ATOMIC_SEQ_CST);
    if (nth == 0 || (int)kind != chosen) return 0;
    if (number != nth && !(sticky && number > nth)) return 0;
    if (number == nth) tell("failed", number, path);
    return 1;
}

static int fails_at(enum kind kind, int file) {
    char link[64], path[4097];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(kind, path);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define FAIL do { errno = fault; return -1; } while (0)

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (file > 2 && fails_at(WRITE, file)) {
        if (shorten && count > 1) return real(file, bytes, count / 2);
        FAIL;
    }
    return real(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    if (file > 2 && fails_at(WRITE, file)) {
        if (shorten && count > 1) return real(file, parts, count / 2);
        FAIL;
    }
    return real(file, parts, count);
}

#define POSITIONED(name, offset) \
    ssize_t name(int file, const void *bytes, size_t count, offset at) { \
        REAL(ssize_t, name, int, const void *, size_t, offset); \
        if (fails_at(WRITE, file)) { \
            if (shorten && count > 1) return real(file, bytes, count / 2, at); \
            FAIL; \
        } \
        return real(file, bytes, count, at); \
    }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

#define SYNCING(name) \
    int name(int file) { \
        REAL(int, name, int); \
        if (fails_at(SYNC, file)) FAIL; \
        return real(file); \
    }
SYNCING(fsync)
SYNCING(fdatasync)

#define NAMING(name) \
    int name(const char *from, const char *to) { \
        REAL(int, name, const char *, const char *); \
        if (fails(NAME, to)) FAIL; \
        return real(from, to); \
    }
NAMING(rename)
NAMING(link)

int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(int, linkat, int, const char *, int, const char *, int);
    if (fails(NAME, to)) FAIL;
    return real(a, from, b, to, flags);
}

int renameat(int a, const char *from, int b, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    if (fails(NAME, to)) FAIL;
    return real(a, from, b, to);
}

static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        if (fails(OPEN, path)) FAIL; \
        return real(path, flags, mode); \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        if (fails(OPEN, path)) FAIL; \
        return real(folder, path, flags, mode); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)
