/* SPDX-License-Identifier: MIT */
/* Vectors of spec/vectors (or files of their form): groups of tests, each with an input, and what comes out of it. */
#ifndef TERN_UNIT_VECTORS_H
#define TERN_UNIT_VECTORS_H

#include <jansson.h>

#include "unit/base/unit.h"

typedef struct {
    const char *type; /* of a group */
    void (*check)(const json_t *test);
} vectors_check;

/* Has each test of the file checked by its group's check, of n. Fails for a group that has none, for a count that is
 * not the file's own, and for fewer than least: an empty file proves nothing. */
void vectors_check_file(const char *path, const vectors_check *checks, size_t n, size_t least);

/* Each fails when what it is asked for is not there. Bytes live until the next test. */
const json_t *field(const json_t *object, const char *name);
const char *text_of(const json_t *object, const char *name);
tern_bytes bytes_of(const json_t *hex);
tern_bytes bytes_at(const json_t *object, const char *name);
void copy_at(const json_t *object, const char *name, void *out, size_t n);
/* A number, a truth, or a number of 64 bits as text. */
uint64_t number_of(const json_t *value);
uint64_t number_at(const json_t *object, const char *name);
void assert_bytes(const void *p, size_t n, tern_bytes due);
void assert_bytes_at(const void *p, size_t n, const json_t *object, const char *name);
bool is_valid(const json_t *test);

#endif
