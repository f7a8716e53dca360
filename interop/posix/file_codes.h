/* SPDX-License-Identifier: MIT */
/* FILE_ERROR's codes (spec: registry, file error codes). */
#ifndef TERN_POSIX_FILE_CODES_H
#define TERN_POSIX_FILE_CODES_H

typedef enum {
    TERN_FILE_NO_ERROR = 0,
    TERN_FILE_BAD_NAME = 1,
    TERN_FILE_NOT_FOUND = 2,
    TERN_FILE_NO_FILES = 3,
    TERN_FILE_NO_SPACE = 4,
    TERN_FILE_TOO_LARGE = 5,
    TERN_FILE_HASH_MISMATCH = 6,
    TERN_FILE_IO_ERROR = 7,
    TERN_FILE_BAD_REQUEST = 8,
    TERN_FILE_BUSY = 9
} tern_file_code;

const char *tern_file_code_words(tern_file_code code); /* "there is no such file" */

#endif
