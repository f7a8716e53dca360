/* SPDX-License-Identifier: MIT */
/* A token bucket that spreads what may be sent over time (REC-033; RFC 9002 section 7.7). */
#ifndef TERN_RECOVERY_PACER_H
#define TERN_RECOVERY_PACER_H

#include "base/types.h"

typedef struct {
    uint64_t tokens_bytes;
    tern_time at; /* when tokens_bytes was true */
    bool started;
} tern_pacer;

void tern_pacer_init(tern_pacer *p);
/* When bytes may leave at the earliest: now, or a later time, at which a batch of them may. rate: bytes a second, at
 * most TERN_RATE_MAX; 0 means no pacing. */
tern_time tern_pacer_when(tern_pacer *p, tern_time now, uint64_t bytes, uint64_t rate, uint32_t datagram_bytes);
void tern_pacer_sent(tern_pacer *p, uint64_t bytes);

#endif
