/* Makes calls to the file system fail as a full, broken or read-only disk would. For tests: to be
   preloaded into the program without sanitizers. What fails is told at run time through a mapped
   file that PEP_FAULTS names; its layout is struct control below and its other side
   tests/support/faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE = 2, SYNC = 4, TRUNCATE = 8, RENAME = 16, MAP = 32, READ = 64 };

struct control {
    _Atomic int32_t kinds;    /* bits of enum kind; 0: nothing is counted, nothing fails */
    _Atomic int32_t error;    /* errno of what fails; 0: only count */
    _Atomic int32_t skip;     /* so many matching calls go well before the first that fails */
    _Atomic int32_t count;    /* so many fail then; -1: all */
    _Atomic int32_t permille; /* of those, by chance; 0 and 1000: each */
    _Atomic uint32_t seed;    /* of the chance; changed by each use */
    _Atomic int32_t
        tear; /* a write that is to fail puts half of its bytes down first, as a full disk does */
    _Atomic int32_t seen;   /* result: matching calls */
    _Atomic int32_t failed; /* result: those that were made to fail */
    int32_t reserved[7];
    char prefix[PATH_MAX - 64]; /* of the paths concerned */
};

static struct control* control;

#define REAL(name) (__extension__(__typeof__(&name)) real(#name))

static void* real(const char* name) {
    void* const found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char* const file = getenv("PEP_FAULTS");
    const int descriptor = file != NULL ? REAL(open)(file, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void* const memory =
        REAL(mmap)(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory != MAP_FAILED)
        control = memory;
}

/* xorshift32: good enough to choose calls, and the same in each run with one seed and one thread.
 */
static bool by_chance(void) {
    const int32_t permille = control->permille;
    if (permille <= 0 || permille >= 1000)
        return true;
    uint32_t x = control->seed;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    control->seed = x;
    return (int32_t)(x % 1000) < permille;
}

/* Whether this call is to fail; errno is set then. */
static bool fails(const char* path) {
    if (path == NULL || strncmp(path, control->prefix, strlen(control->prefix)) != 0)
        return false;
    const int32_t number = control->seen++;
    const int32_t first = control->skip, count = control->count;
    if (control->error == 0 || number < first || (count >= 0 && number - first >= count) ||
        !by_chance())
        return false;
    ++control->failed;
    errno = control->error;
    return true;
}

static bool watches(enum kind kind) { return control != NULL && (control->kinds & kind) != 0; }

static const char* path_of(int descriptor, char* room) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t size = readlink(link, room, PATH_MAX - 1);
    if (size < 0)
        return NULL;
    room[size] = '\0';
    return room;
}

static bool fails_at(enum kind kind, int descriptor) {
    char room[PATH_MAX];
    const int before = errno;
    if (!watches(kind))
        return false;
    const char* const path = path_of(descriptor, room);
    errno = before;
    return fails(path);
}

/* A name that may stand relative to a folder. */
static bool fails_for(enum kind kind, int folder, const char* name) {
    char room[PATH_MAX], whole[2 * PATH_MAX + 2];
    if (!watches(kind) || name == NULL)
        return false;
    if (name[0] == '/')
        return fails(name);
    const int before = errno;
    const char* const path = folder == AT_FDCWD ? getcwd(room, sizeof room) : path_of(folder, room);
    errno = before;
    if (path == NULL)
        return false;
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    return fails(whole);
}

static mode_t mode_in(int flags, va_list more) {
    return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                          \
    int name(const char* file, int flags, ...) {                                                   \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        const mode_t mode = mode_in(flags, more);                                                  \
        va_end(more);                                                                              \
        return fails_for(OPEN, AT_FDCWD, file) ? -1 : REAL(name)(file, flags, mode);               \
    }

#define DEFINE_OPENAT(name)                                                                        \
    int name(int folder, const char* file, int flags, ...) {                                       \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        const mode_t mode = mode_in(flags, more);                                                  \
        va_end(more);                                                                              \
        return fails_for(OPEN, folder, file) ? -1 : REAL(name)(folder, file, flags, mode);         \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

/* What the fortified library calls instead. */
int __open_2(const char* file, int flags) { return open(file, flags); }

int __open64_2(const char* file, int flags) { return open64(file, flags); }

int __openat_2(int folder, const char* file, int flags) { return openat(folder, file, flags); }

int __openat64_2(int folder, const char* file, int flags) { return openat64(folder, file, flags); }

int mkdir(const char* folder, mode_t mode) {
    return fails_for(OPEN, AT_FDCWD, folder) ? -1 : REAL(mkdir)(folder, mode);
}

/* -> how many bytes are to be written nevertheless; -1 for none, because the call fails */
static ssize_t left_of(int descriptor, size_t size) {
    if (!fails_at(WRITE, descriptor))
        return (ssize_t)size;
    return control->tear != 0 && size > 1 ? (ssize_t)(size / 2) : -1;
}

ssize_t write(int descriptor, const void* data, size_t size) {
    const ssize_t left = left_of(descriptor, size);
    return left < 0 ? -1 : REAL(write)(descriptor, data, (size_t)left);
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) {
    const ssize_t left = left_of(descriptor, size);
    return left < 0 ? -1 : REAL(pwrite)(descriptor, data, (size_t)left, at);
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
    const ssize_t left = left_of(descriptor, size);
    return left < 0 ? -1 : REAL(pwrite64)(descriptor, data, (size_t)left, at);
}

ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
    return fails_at(WRITE, descriptor) ? -1 : REAL(writev)(descriptor, pieces, count);
}

ssize_t read(int descriptor, void* data, size_t size) {
    return fails_at(READ, descriptor) ? -1 : REAL(read)(descriptor, data, size);
}

ssize_t pread(int descriptor, void* data, size_t size, off_t at) {
    return fails_at(READ, descriptor) ? -1 : REAL(pread)(descriptor, data, size, at);
}

ssize_t pread64(int descriptor, void* data, size_t size, off64_t at) {
    return fails_at(READ, descriptor) ? -1 : REAL(pread64)(descriptor, data, size, at);
}

int fsync(int descriptor) { return fails_at(SYNC, descriptor) ? -1 : REAL(fsync)(descriptor); }

int fdatasync(int descriptor) {
    return fails_at(SYNC, descriptor) ? -1 : REAL(fdatasync)(descriptor);
}

int ftruncate(int descriptor, off_t size) {
    return fails_at(TRUNCATE, descriptor) ? -1 : REAL(ftruncate)(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    return fails_at(TRUNCATE, descriptor) ? -1 : REAL(ftruncate64)(descriptor, size);
}

/* Returns the error instead of setting errno. */
int posix_fallocate(int descriptor, off_t at, off_t size) {
    return fails_at(TRUNCATE, descriptor) ? errno : REAL(posix_fallocate)(descriptor, at, size);
}

int posix_fallocate64(int descriptor, off64_t at, off64_t size) {
    return fails_at(TRUNCATE, descriptor) ? errno : REAL(posix_fallocate64)(descriptor, at, size);
}

int rename(const char* from, const char* to) {
    return fails_for(RENAME, AT_FDCWD, to) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
    return fails_for(RENAME, to_folder, to) ? -1 : REAL(renameat)(from_folder, from, to_folder, to);
}

void* mmap(void* wish, size_t size, int protection, int flags, int descriptor, off_t at) {
    if (descriptor >= 0 && fails_at(MAP, descriptor))
        return MAP_FAILED;
    return REAL(mmap)(wish, size, protection, flags, descriptor, at);
}

void* mmap64(void* wish, size_t size, int protection, int flags, int descriptor, off64_t at) {
    if (descriptor >= 0 && fails_at(MAP, descriptor))
        return MAP_FAILED;
    return REAL(mmap64)(wish, size, protection, flags, descriptor, at);
}
