/* SPDX-License-Identifier: MIT */
/* The timer table of a connection: a deadline for each name, and which one is next. */
#ifndef TERN_BASE_TIMERS_H
#define TERN_BASE_TIMERS_H

#include "base/types.h"

typedef enum {
    TERN_TIMER_LOSS,       /* time threshold or probe timeout (REC-017, REC-018) */
    TERN_TIMER_ACK_DELAY,  /* an acknowledgement is due (REC-001) */
    TERN_TIMER_PACE,       /* the pacer lets the next packet go (REC-033), or memory may be there again */
    TERN_TIMER_KEEP_ALIVE, /* CONN-020 */
    TERN_TIMER_IDLE,       /* CONN-020; in HANDSHAKE the time it may take (CONN-003) */
    TERN_TIMER_FORGET,     /* memory that nobody needs any more can go (CONN-025) */
    TERN_TIMER_DEADLINE,   /* of a message that still has something to send (XFER-044) */
    TERN_TIMER_END,        /* closing or draining is over (CONN-021, CONN-022) */
    TERN_TIMER_KEYS,       /* the keys of the phase before go; another update may begin (HS-081, HS-086) */
    TERN_TIMER_PATH,       /* a challenge leaves again, or was in vain (CONN-041) */
    TERN_TIMER_COUNT
} tern_timer;

typedef struct {
    tern_time at[TERN_TIMER_COUNT];
} tern_timers;

void tern_timers_init(tern_timers *t); /* none armed */
void tern_timers_set(tern_timers *t, tern_timer timer, tern_time at);
void tern_timers_stop(tern_timers *t, tern_timer timer);
tern_time tern_timers_next(const tern_timers *t); /* TERN_TIME_NEVER when none is armed */
/* Takes the timer that is due first off the table and names it, the lower name where two are due together;
 * TERN_TIMER_COUNT when none is due at now. */
tern_timer tern_timers_expire(tern_timers *t, tern_time now);

#endif
