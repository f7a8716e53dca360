/* SPDX-License-Identifier: MIT */
/* What every harness shares. A harness is LLVMFuzzerTestOneInput, which the engine, or the replay, calls. */
#ifndef TERN_FUZZ_FUZZ_H
#define TERN_FUZZ_FUZZ_H

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input; says where it did not and ends the run. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The writer holds just these bytes. */
static inline void check_same(const tern_writer *w, tern_bytes bytes)
{
    CHECK(tern_writer_ok(w));
    CHECK(tern_written(w).n == bytes.n);
    CHECK(bytes.n == 0 || memcmp(tern_written(w).p, bytes.p, bytes.n) == 0);
}

#endif
