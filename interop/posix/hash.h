/* SPDX-License-Identifier: MIT */
/* SHA-256 of files, by libcrypto: it uses the processor's own instructions, which the core's portable code cannot, and
 * at the rate of a file transfer that is the difference between a tenth and most of a core. */
#ifndef TERN_POSIX_HASH_H
#define TERN_POSIX_HASH_H

#include "tern.h"

/* All zero is one that was not begun. */
typedef struct {
    void *context;
} tern_file_hash;

void tern_file_hash_begin(tern_file_hash *h); /* ends the program when there is no memory */
void tern_file_hash_update(tern_file_hash *h, tern_bytes bytes);
/* The hash of all that went in; h is as if it was not begun. */
void tern_file_hash_end(tern_file_hash *h, uint8_t out[TERN_SHA256_SIZE]);
void tern_file_hash_drop(tern_file_hash *h); /* also one that was not begun */

#endif
