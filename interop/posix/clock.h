/* SPDX-License-Identifier: MIT */
/* The two clocks that a node is told of: a steady one, and where it stood in Unix time. */
#ifndef TERN_POSIX_CLOCK_H
#define TERN_POSIX_CLOCK_H

#include "tern.h"

tern_time tern_clock_now(void);              /* CLOCK_MONOTONIC */
uint64_t tern_clock_unix_seconds_at_0(void); /* Unix time when tern_clock_now was 0 */
uint64_t tern_clock_unix_ms(void);           /* now */

#endif
