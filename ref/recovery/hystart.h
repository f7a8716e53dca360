/* SPDX-License-Identifier: MIT */
/* HyStart++ (REC-041; RFC 9406): leaves slow start when round trips grow, before the queue overflows. */
#ifndef TERN_RECOVERY_HYSTART_H
#define TERN_RECOVERY_HYSTART_H

#include "base/types.h"

typedef struct {
    tern_time round_from;         /* the round ends with the first acknowledged packet that left at or after this */
    uint64_t last_min_ns, min_ns; /* of the last round, of this one; UINT64_MAX before there is one */
    uint64_t baseline_ns;         /* in conservative slow start: falling below it ends that */
    uint32_t samples;             /* of this round */
    uint8_t conservative_rounds;  /* 0 in plain slow start */
} tern_hystart;

void tern_hystart_init(tern_hystart *h);
/* bytes were acknowledged in slow start; the latest of those packets left at sent_at; rtt_ns is the sample, 0 for none.
 * The bytes that the window grows by. *leave is set when slow start is over. */
uint64_t tern_hystart_acked(tern_hystart *h, tern_time now, tern_time sent_at, uint64_t rtt_ns, uint64_t bytes,
                            bool *leave);

#endif
