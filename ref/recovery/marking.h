/* SPDX-License-Identifier: MIT */
/* ECN at the sender: whether the path carries marks, and when it marks congestion (REC-045, REC-046; RFC 9000 section
 * 13.4.2 and appendix A.4). */
#ifndef TERN_RECOVERY_MARKING_H
#define TERN_RECOVERY_MARKING_H

#include "base/types.h"

typedef enum {
    TERN_MARKING_TESTING = 0,
    TERN_MARKING_UNKNOWN,
    TERN_MARKING_CAPABLE,
    TERN_MARKING_FAILED
} tern_marking_state;

/* How many packets arrived with each mark, as the peer tells it. */
typedef struct {
    uint64_t ect0, ect1, ce;
} tern_mark_counts;

typedef struct {
    uint8_t state; /* tern_marking_state */
    bool fresh;    /* the acknowledgement named a larger number than those before: its counts are newer */
    bool mixed;    /* it settled marked packets of a path before, which its counts cannot tell from ours */
    uint32_t tested, tested_lost; /* packets that left and were lost while it is not known to work */
    uint32_t newly;               /* marked packets that the acknowledgement settled */
    uint64_t sent;                /* marked packets in all */
    tern_time latest_sent;        /* when the latest packet that the acknowledgement settled left */
    tern_mark_counts told;        /* last */
} tern_marking;

/* Whether packets leave with ECT(0) now. probing: after a probe timeout, when marks may be what is in the way. */
bool tern_marking_marks(const tern_marking *m, bool probing);
void tern_marking_sent(tern_marking *m);
void tern_marking_lost(tern_marking *m); /* a marked packet was */
/* The acknowledgement settles a marked packet; here: of the path in use. */
void tern_marking_acked(tern_marking *m, bool here);
/* The path is another one: whether it carries marks is asked anew. The peer's counts go on. */
void tern_marking_restart(tern_marking *m);
/* The acknowledgement is settled; counts is NULL when it told none. true: it shows new marks of congestion. */
bool tern_marking_check(tern_marking *m, const tern_mark_counts *counts);

#endif
