/* SPDX-License-Identifier: MIT */
/* AFL++'s persistent mode over shared memory, for compilation with afl-clang-fast. */
#include "fuzz.h"

#include <unistd.h>

/* The macros are AFL++'s, and so is their code. */
#pragma clang diagnostic ignored "-Wshorten-64-to-32"
#pragma clang diagnostic ignored "-Wconversion"

__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const uint8_t *shared = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(100000)) {
        size_t size = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        uint8_t *data = malloc(size > 0 ? size : 1); /* of its exact size, so that a sanitizer sees its end */
        if (data == NULL) return 1;
        memcpy(data, shared, size);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    return 0;
}
