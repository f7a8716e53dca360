/* SPDX-License-Identifier: MIT */
/* FILE_ERROR's codes in words (see file_codes.h). */
#define _GNU_SOURCE
#include "posix/file_codes.h"

const char *tern_file_code_words(tern_file_code code)
{
    switch (code) {
    case TERN_FILE_NO_ERROR: return "done";
    case TERN_FILE_BAD_NAME: return "this is no name that a file may have here";
    case TERN_FILE_NOT_FOUND: return "there is no such file";
    case TERN_FILE_NO_FILES: return "this relay keeps no files";
    case TERN_FILE_NO_SPACE: return "there is no space left for it";
    case TERN_FILE_TOO_LARGE: return "it is larger than this relay takes";
    case TERN_FILE_HASH_MISMATCH: return "what arrived is not what was sent";
    case TERN_FILE_IO_ERROR: return "the relay could not read or write it";
    case TERN_FILE_BAD_REQUEST: return "the request cannot be read";
    case TERN_FILE_BUSY: return "too many files are under way; try again later";
    }
    return "unknown";
}
