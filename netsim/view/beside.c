/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "view/beside.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an old file has, or what a new one gets. */
static mode_t mode_of(const struct stat *old)
{
    if (old != NULL) return old->st_mode & 07777;
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

bool sim_beside_open(sim_beside *b, const char *path)
{
    struct stat s;
    bool old = stat(path, &s) == 0;
    *b = (sim_beside){ .path = path };
    if (old && !S_ISREG(s.st_mode)) {
        b->file = fopen(path, "wb");
        return b->file != NULL;
    }
    if (old ? access(path, W_OK) != 0 : errno != ENOENT || path[0] == '\0') return false;
    int fd = asprintf(&b->other, "%s.XXXXXX", path) < 0 ? -1 : mkstemp(b->other);
    if (fd >= 0 && fchmod(fd, mode_of(old ? &s : NULL)) == 0) b->file = fdopen(fd, "wb");
    if (b->file != NULL) return true;
    int error = errno;
    if (fd >= 0) (void)close(fd);
    if (fd >= 0) (void)unlink(b->other);
    free(b->other);
    errno = error;
    return false;
}

bool sim_beside_close(sim_beside *b, bool good)
{
    good = good && fflush(b->file) == 0 && ferror(b->file) == 0;
    int error = errno;
    if (fclose(b->file) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && b->other != NULL && rename(b->other, b->path) != 0) {
        good = false;
        error = errno;
    }
    if (!good && b->other != NULL) (void)unlink(b->other);
    free(b->other);
    errno = error;
    return good;
}
