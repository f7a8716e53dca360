/* SPDX-License-Identifier: MIT */
/* What programs say on stderr: errors as one line, a log with times; in colour on a terminal alone. */
#ifndef TERN_POSIX_SAY_H
#define TERN_POSIX_SAY_H

#include <stdbool.h>

/* "PROGRAM: sentence" */
__attribute__((format(printf, 1, 2))) void tern_say(const char *format, ...);
/* "2026-01-31T12:00:00.000Z sentence" */
__attribute__((format(printf, 1, 2))) void tern_log(const char *format, ...);
bool tern_say_colour(int fd); /* a terminal that may be written to in colour (NO_COLOR is heeded) */

/* Called around every line on stderr, so that a prompt can make way and come back. NULL for none. */
extern void (*tern_say_before)(void);
extern void (*tern_say_after)(void);

#endif
