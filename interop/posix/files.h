/* SPDX-License-Identifier: MIT */
/* Files: small ones read whole, and files that appear under their name only when they are complete. */
#ifndef TERN_POSIX_FILES_H
#define TERN_POSIX_FILES_H

#include <sys/types.h>

#include "posix/why.h"
#include "tern.h"

/* Reads a whole file of at most most bytes. out->p is to be freed, and ends with a zero that out->n does not count.
 * *missing (may be NULL) tells a file that does not exist from others that cannot be read. */
bool tern_file_read(const char *path, size_t most, tern_buf *out, bool *missing, tern_why *why);
/* Likewise, where somebody else may have put something in its place: nothing but a plain file, without waiting for what
 * stands there; ours: that belongs to this user, and that nobody else can read or write. */
bool tern_file_read_plain(const char *path, size_t most, bool ours, tern_buf *out, tern_why *why);
/* Makes the folders that a path leads through, with mode 0700, if there are none. */
bool tern_file_make_folders(const char *path, tern_why *why);
/* All bytes, at the descriptor's position: 0, or an errno. */
int tern_file_write_all(int fd, tern_bytes bytes);

/* A file that is written without a name, or beside its place where that cannot be, and then put there. */
typedef struct {
    int fd; /* -1: none is open */
    char *path, *beside;
    bool named; /* it stands at beside */
} tern_new_file;

/* Refuses a path where something stands that is no plain file. */
bool tern_new_file_open(tern_new_file *f, const char *path, mode_t mode, tern_why *why);
/* Makes it last and puts it in its place. keep: fails when there is a file already. */
bool tern_new_file_commit(tern_new_file *f, bool keep, tern_why *why);
/* Leaves nothing behind; nothing to do after a commit. */
void tern_new_file_abandon(tern_new_file *f);

/* The three in one. */
bool tern_file_write(const char *path, tern_bytes bytes, mode_t mode, bool keep, tern_why *why);

#endif
