/* SPDX-License-Identifier: MIT */
/* The two clocks that a node is told of: a steady one, and where it stood in Unix time. */
#ifndef TERN_POSIX_CLOCK_H
#define TERN_POSIX_CLOCK_H

#include "tern.h"

/* CLOCK_MONOTONIC, and less than a second more: at 0 it was a whole second of Unix time, so that programs of one
 * machine agree on which second it is, and none is behind a certificate or a ticket that was made just now. One
 * thread's. */
tern_time tern_clock_now(void);
uint64_t tern_clock_unix_seconds_at_0(void); /* Unix time when tern_clock_now was 0 */
uint64_t tern_clock_unix_ms(void);           /* now */

#endif
