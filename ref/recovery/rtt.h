/* SPDX-License-Identifier: MIT */
/* Round-trip time estimate (spec: recovery 2; RFC 9002 section 5, RFC 6298). Sees times only. */
#ifndef TERN_RECOVERY_RTT_H
#define TERN_RECOVERY_RTT_H

#include "base/types.h"

#define TERN_RTT_INITIAL_NS (333 * TERN_MS)
#define TERN_GRANULARITY_NS (1 * TERN_MS)

typedef struct {
    uint64_t latest_ns, min_ns, smoothed_ns, rttvar_ns;
    bool sampled;
} tern_rtt;

void tern_rtt_init(tern_rtt *r);
/* Takes one sample; ack_delay_ns is the peer's, already capped where REC-010 asks for it. */
void tern_rtt_sample(tern_rtt *r, uint64_t latest_ns, uint64_t ack_delay_ns);
/* smoothed_rtt + max(4 * rttvar, granularity): the PTO without ack delay and backoff. */
uint64_t tern_rtt_pto_ns(const tern_rtt *r);
/* max(smoothed, latest) and so many eighths more, at least the granularity: the time threshold of loss (REC-017: one;
 * REC-048: up to eight). */
uint64_t tern_rtt_loss_delay_ns(const tern_rtt *r, unsigned eighths);

#endif
