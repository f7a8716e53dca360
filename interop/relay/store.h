/* SPDX-License-Identifier: MIT */
/* The relay's folder of files (spec: rooms 2): what may be reached in it, and how a file comes to stand in it. */
#ifndef TERN_RELAY_STORE_H
#define TERN_RELAY_STORE_H

#include "posix/file_codes.h"
#include "posix/why.h"
#include "tern.h"

typedef struct {
    int folder_fd;     /* -1: this relay keeps no files */
    uint64_t max_file; /* bytes of the largest file that is taken */
    uint64_t begun;    /* counts parts, to name them */
} tern_store;

/* A file that is being received, under a name that cannot be asked for. */
typedef struct {
    int fd; /* -1: none */
    char name[48];
} tern_part;

/* Makes the folder if there is none, takes it for this process alone, and removes the parts that a relay which ended
 * badly left behind. */
bool tern_store_open(tern_store *s, const char *folder, uint64_t max_file, tern_why *why);
void tern_store_close(tern_store *s);

/* A file to be received: refuses bad names and sizes before a byte has come. */
tern_file_code tern_store_begin(tern_store *s, tern_bytes name, uint64_t size, tern_part *part);
tern_file_code tern_store_append(const tern_part *part, tern_bytes bytes);
/* Puts the part in its place, received_NAME, replacing what stands there. It has been made to last (fsync) before. */
tern_file_code tern_store_finish(const tern_store *s, tern_part *part, const char *name);
/* Removes the part; nothing to do when there is none. */
void tern_store_abandon(const tern_store *s, tern_part *part);

/* Opens a stored file, by its name or by the one it was put with. */
tern_file_code tern_store_find(const tern_store *s, tern_bytes name, int *fd, uint64_t *size);

/* What to tell the peer of an errno. */
tern_file_code tern_store_code(int error);

#endif
