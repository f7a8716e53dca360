/* SPDX-License-Identifier: MIT */
/* The relay's folder of files (see store.h). Every name is looked up relative to the open folder, has no slash in it,
 * and symbolic links are not followed: nothing outside can be reached. */
#define _GNU_SOURCE
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "posix/files.h"

#define PART_PREFIX   ".part-"
#define STORED_PREFIX "received_"
#define STORED_SIZE   (sizeof STORED_PREFIX + TERN_FILE_NAME_MAX)

static void remove_parts(const tern_store *s)
{
    int fd = openat(s->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0) (void)close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, PART_PREFIX, strlen(PART_PREFIX)) == 0)
            (void)unlinkat(s->folder_fd, entry->d_name, 0);
    (void)closedir(folder);
}

bool tern_store_open(tern_store *s, const char *folder, uint64_t max_file, tern_why *why)
{
    *s = (tern_store){ .folder_fd = -1, .max_file = max_file };
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return tern_because(why, "cannot make the folder %s: %s", folder, strerror(errno));
    s->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->folder_fd < 0) return tern_because(why, "cannot use the folder %s: %s", folder, strerror(errno));
    if (faccessat(s->folder_fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
        return tern_because(why, "cannot use the folder %s: %s", folder, strerror(errno));
    if (flock(s->folder_fd, LOCK_EX | LOCK_NB) != 0)
        return tern_because(why, "cannot use the folder %s: %s", folder,
                            errno == EWOULDBLOCK ? "another relay uses it" : strerror(errno));
    remove_parts(s);
    return true;
}

void tern_store_close(tern_store *s)
{
    if (s->folder_fd >= 0) (void)close(s->folder_fd);
    s->folder_fd = -1;
}

tern_file_code tern_store_code(int error)
{
    switch (error) {
    case 0: return TERN_FILE_NO_ERROR;
    case ENOSPC:
    case EDQUOT: return TERN_FILE_NO_SPACE;
    case EFBIG: return TERN_FILE_TOO_LARGE;
    case ENOENT:
    case ELOOP: return TERN_FILE_NOT_FOUND;
    default: return TERN_FILE_IO_ERROR;
    }
}

static bool has_room_for(const tern_store *s, uint64_t size)
{
    struct statvfs v;
    if (fstatvfs(s->folder_fd, &v) != 0) return true; /* writing will tell */
    return size / v.f_frsize < v.f_bavail || size == 0;
}

tern_file_code tern_store_begin(tern_store *s, tern_bytes name, uint64_t size, tern_part *part)
{
    part->fd = -1;
    /*= ROOM-020 */
    if (!tern_file_name_ok(name)) return TERN_FILE_BAD_NAME;
    if (size > s->max_file) return TERN_FILE_TOO_LARGE;
    if (!has_room_for(s, size)) return TERN_FILE_NO_SPACE;
    (void)snprintf(part->name, sizeof part->name, PART_PREFIX "%ld-%llu", (long)getpid(),
                   (unsigned long long)s->begun++);
    part->fd = openat(s->folder_fd, part->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return part->fd >= 0 ? TERN_FILE_NO_ERROR : tern_store_code(errno);
}

tern_file_code tern_store_append(const tern_part *part, tern_bytes bytes)
{
    return tern_store_code(tern_file_write_all(part->fd, bytes));
}

tern_file_code tern_store_finish(const tern_store *s, tern_part *part, const char *name)
{
    char stored[STORED_SIZE];
    (void)snprintf(stored, sizeof stored, STORED_PREFIX "%s", name);
    /*= ROOM-021 */
    if (close(part->fd) != 0 || renameat(s->folder_fd, part->name, s->folder_fd, stored) != 0) {
        tern_file_code code = tern_store_code(errno);
        part->fd = -1;
        (void)unlinkat(s->folder_fd, part->name, 0);
        return code == TERN_FILE_NOT_FOUND ? TERN_FILE_IO_ERROR : code;
    }
    part->fd = -1;
    return TERN_FILE_NO_ERROR;
}

void tern_store_abandon(const tern_store *s, tern_part *part)
{
    if (part->fd < 0) return;
    (void)close(part->fd);
    (void)unlinkat(s->folder_fd, part->name, 0);
    part->fd = -1;
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer; for a plain file it means nothing. */
static tern_file_code open_plain(const tern_store *s, const char *name, int *fd, uint64_t *size)
{
    struct stat st;
    /*= ROOM-020 */
    *fd = openat(s->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0) return errno == ENXIO ? TERN_FILE_NOT_FOUND : tern_store_code(errno);
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        return TERN_FILE_NO_ERROR;
    }
    (void)close(*fd);
    *fd = -1;
    return TERN_FILE_NOT_FOUND;
}

tern_file_code tern_store_find(const tern_store *s, tern_bytes name, int *fd, uint64_t *size)
{
    char stored[STORED_SIZE];
    *fd = -1;
    if (!tern_file_name_ok(name)) return TERN_FILE_BAD_NAME;
    (void)snprintf(stored, sizeof stored, STORED_PREFIX "%.*s", (int)name.n, (const char *)name.p);
    /*= ROOM-023 */
    tern_file_code code = open_plain(s, stored + strlen(STORED_PREFIX), fd, size);
    return code == TERN_FILE_NOT_FOUND ? open_plain(s, stored, fd, size) : code;
}
