/* SPDX-License-Identifier: MIT */
/* Entropy from the kernel (see entropy.h). */
#define _GNU_SOURCE
#include "posix/entropy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void tern_entropy(uint8_t seed[TERN_SEED_SIZE])
{
    size_t have = 0;
    while (have < TERN_SEED_SIZE) {
        ssize_t n = getrandom(seed + have, TERN_SEED_SIZE - have, 0);
        if (n > 0) {
            have += (size_t)n;
        } else if (errno != EINTR) {
            (void)fprintf(stderr, "%s: the kernel gives no random bytes: %s\n", program_invocation_short_name,
                          strerror(errno));
            exit(1);
        }
    }
}
