/* SPDX-License-Identifier: MIT */
/* Why something did not work: one line for a person, carried from where it is known to where it is said. */
#ifndef TERN_POSIX_WHY_H
#define TERN_POSIX_WHY_H

#include <stdbool.h>

typedef struct {
    char text[640];
} tern_why;

/* Writes the line, cut when it is too long, and returns false: `return tern_because(why, "...")`. */
__attribute__((format(printf, 2, 3))) bool tern_because(tern_why *why, const char *format, ...);

#endif
