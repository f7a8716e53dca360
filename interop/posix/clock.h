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

/* For how long something takes what comes before others have their turn: one datagram or chunk may cost a lot. */
typedef struct {
    uint64_t ns;    /* 0: without end */
    tern_time ends; /* 0: it has not begun */
} tern_turn;

/* Begins it where it has not begun; *now becomes the time, unless the turn is without end. */
bool tern_turn_is_over(tern_turn *t, tern_time *now);

#endif
