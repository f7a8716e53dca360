/* SPDX-License-Identifier: MIT */
/* Files (see files.h). */
#define _GNU_SOURCE
#include "posix/files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or an errno; EFBIG when there is more than most. */
static int read_whole(int fd, size_t most, tern_buf *out)
{
    size_t cap = 4096;
    out->n = 0;
    out->p = malloc(cap + 1);
    while (out->p != NULL) {
        ssize_t n = read(fd, out->p + out->n, cap - out->n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) break;
        out->n += (size_t)n;
        if (out->n > most) return EFBIG;
        if (out->n < cap) continue;
        uint8_t *more = realloc(out->p, 2 * cap + 1);
        if (more == NULL) return ENOMEM;
        out->p = more;
        cap *= 2;
    }
    if (out->p == NULL) return ENOMEM;
    out->p[out->n] = '\0';
    return 0;
}

/* Of a file that was opened, or not (-1, and errno says why); closes it. */
static bool take_whole(const char *path, int fd, size_t most, tern_buf *out, tern_why *why)
{
    *out = (tern_buf){ NULL, 0 };
    int error = fd < 0 ? errno : read_whole(fd, most, out);
    if (fd >= 0) (void)close(fd);
    if (error == 0) return true;
    free(out->p);
    *out = (tern_buf){ NULL, 0 };
    if (error == EFBIG) return tern_because(why, "cannot use %s: it is larger than %zu bytes", path, most);
    return tern_because(why, "cannot read %s: %s", path, strerror(error));
}

bool tern_file_read(const char *path, size_t most, tern_buf *out, bool *missing, tern_why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (missing != NULL) *missing = fd < 0 && errno == ENOENT;
    return take_whole(path, fd, most, out, why);
}

/* NULL, or what is wrong with it. */
static const char *fault_of(int fd, bool ours)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return "it is no plain file";
    if (ours && (st.st_uid != geteuid() || (st.st_mode & 077) != 0)) return "it is not this user's alone";
    return NULL;
}

bool tern_file_read_plain(const char *path, size_t most, bool ours, tern_buf *out, tern_why *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* or a pipe would be waited for */
    const char *fault = fd >= 0 ? fault_of(fd, ours) : NULL;
    if (fault == NULL) return take_whole(path, fd, most, out, why);
    *out = (tern_buf){ NULL, 0 };
    (void)close(fd);
    return tern_because(why, "cannot use %s: %s", path, fault);
}

bool tern_file_make_folders(const char *path, tern_why *why)
{
    char *copy = strdup(path);
    if (copy == NULL) return tern_because(why, "out of memory");
    bool done = true;
    for (char *slash = strchr(copy + 1, '/'); slash != NULL && done; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            done = tern_because(why, "cannot make the folder %s: %s", copy, strerror(errno));
        *slash = '/';
    }
    free(copy);
    return done;
}

int tern_file_write_all(int fd, tern_bytes bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return 0;
}

static bool place_is_free(const char *path, tern_why *why)
{
    struct stat st;
    if (lstat(path, &st) != 0 || S_ISREG(st.st_mode)) return true;
    return tern_because(why, "cannot write %s: %s", path,
                        S_ISDIR(st.st_mode) ? strerror(EISDIR) : "something stands there that is no plain file");
}

/* A file in the folder that path leads through, without a name: it goes with the program, however that ends. -1: this
 * file system, or this system, has none. */
static int open_nameless(const char *path, int folder_n)
{
    char *folder = NULL;
    int fd = -1;
    if (asprintf(&folder, "%.*s", folder_n > 0 ? folder_n : 2, folder_n > 0 ? path : "./") < 0) return -1;
    if (access("/proc/self/fd", X_OK) == 0) fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    free(folder);
    return fd;
}

bool tern_new_file_open(tern_new_file *f, const char *path, mode_t mode, tern_why *why)
{
    *f = (tern_new_file){ .fd = -1 };
    if (!place_is_free(path, why)) return false;
    const char *slash = strrchr(path, '/');
    int folder_n = slash == NULL ? 0 : (int)(slash + 1 - path);
    f->path = strdup(path);
    if (asprintf(&f->beside, "%.*s.part-XXXXXX", folder_n, path) < 0) f->beside = NULL;
    if (f->path == NULL || f->beside == NULL) {
        tern_new_file_abandon(f);
        return tern_because(why, "out of memory");
    }
    f->fd = open_nameless(path, folder_n);
    if (f->fd < 0) {
        f->fd = mkostemp(f->beside, O_CLOEXEC);
        f->named = f->fd >= 0;
    }
    if (f->fd >= 0 && fchmod(f->fd, mode) == 0) return true;
    int error = errno;
    tern_new_file_abandon(f);
    return tern_because(why, "cannot write %s: %s", path, strerror(error));
}

/* Gives a nameless file its name beside its place: 0, or an errno. */
static int give_name(tern_new_file *f)
{
    char itself[64], *end = f->beside + strlen(f->beside) - 6; /* the XXXXXX */
    (void)snprintf(itself, sizeof itself, "/proc/self/fd/%d", f->fd);
    for (unsigned i = 0; i < 1000000 && !f->named; i++) {
        (void)snprintf(end, 7, "%06u", ((unsigned)getpid() + i) % 1000000);
        f->named = linkat(AT_FDCWD, itself, AT_FDCWD, f->beside, AT_SYMLINK_FOLLOW) == 0;
        if (!f->named && errno != EEXIST) return errno;
    }
    return f->named ? 0 : EEXIST;
}

/* Without this a crash of the machine could undo the renaming. */
static void sync_folder_of(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL) return;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(copy);
}

bool tern_new_file_commit(tern_new_file *f, bool keep, tern_why *why)
{
    assert(f->path != NULL && f->beside != NULL);
    int error = fsync(f->fd) != 0 ? errno : 0;
    if (error == 0 && !f->named) error = give_name(f);
    if (close(f->fd) != 0 && error == 0) error = errno;
    f->fd = -1;
    if (error == 0 && renameat2(AT_FDCWD, f->beside, AT_FDCWD, f->path, keep ? RENAME_NOREPLACE : 0) != 0)
        error = errno;
    if (error != 0) {
        (void)tern_because(why, "cannot write %s: %s", f->path, strerror(error));
        tern_new_file_abandon(f);
        return false;
    }
    sync_folder_of(f->path);
    f->named = false;
    tern_new_file_abandon(f);
    return true;
}

void tern_new_file_abandon(tern_new_file *f)
{
    if (f->fd >= 0) (void)close(f->fd);
    if (f->named && f->beside != NULL) (void)unlink(f->beside);
    free(f->beside);
    free(f->path);
    *f = (tern_new_file){ .fd = -1 };
}

bool tern_file_write(const char *path, tern_bytes bytes, mode_t mode, bool keep, tern_why *why)
{
    tern_new_file f;
    if (!tern_new_file_open(&f, path, mode, why)) return false;
    int error = tern_file_write_all(f.fd, bytes);
    if (error == 0) return tern_new_file_commit(&f, keep, why);
    tern_new_file_abandon(&f);
    return tern_because(why, "cannot write %s: %s", path, strerror(error));
}
