/* SPDX-License-Identifier: MIT */
/* BBR's state (REC-043; draft-ietf-ccwg-bbr). The names are the draft's. */
#ifndef TERN_RECOVERY_BBR_H
#define TERN_RECOVERY_BBR_H

#include "base/types.h"

typedef enum {
    TERN_BBR_STARTUP = 0, /* doubles until the rate grows no more */
    TERN_BBR_DRAIN,       /* what that has queued */
    TERN_BBR_DOWN,        /* sends less than the path takes, until the queue is gone */
    TERN_BBR_CRUISE,      /* as much */
    TERN_BBR_REFILL,      /* as much, with bounds that congestion set forgotten */
    TERN_BBR_UP,          /* more, to see whether there is more */
    TERN_BBR_PROBE_RTT    /* next to nothing, to see the path without a queue */
} tern_bbr_state_name;

/* What the acknowledgements that come in now are of. */
typedef enum {
    TERN_BBR_ACKS_INIT = 0,
    TERN_BBR_ACKS_REFILLING,
    TERN_BBR_ACKS_STARTING,
    TERN_BBR_ACKS_FEEDBACK,
    TERN_BBR_ACKS_STOPPING
} tern_bbr_acks;

typedef struct {
    uint64_t pacing_rate;
    uint64_t max_bw[2];                       /* of the last cycle of probing and of this one */
    uint64_t bw_lo, inflight_lo, inflight_hi; /* UINT64_MAX: no bound */
    uint64_t bw_latest, inflight_latest;      /* of this round */
    uint64_t full_bw;
    uint64_t next_round_delivered, loss_round_delivered;
    uint64_t min_rtt_ns, probe_rtt_min_ns; /* UINT64_MAX before there is one */
    tern_time min_rtt_at, probe_rtt_min_at;
    tern_time probe_rtt_done_at; /* 0: not known yet */
    uint64_t prior_cwnd_bytes;
    tern_time extra_from;
    uint64_t extra_delivered_bytes;
    uint64_t extra_bytes[2]; /* most of what came above the rate, in the last span of rounds and in this one */
    tern_time cycle_at;
    uint64_t probe_wait_ns;
    uint64_t up_acked_bytes, up_bytes_a_datagram;
    uint64_t before_bw_lo, before_inflight_lo, before_inflight_hi; /* the last recovery period: what an undo restores */
    uint32_t rounds_since_probe;
    uint8_t state, acks, before_state; /* tern_bbr_state_name, tern_bbr_acks */
    uint8_t full_bw_count, up_rounds, extra_rounds, losses;
    bool full_bw_now, full_bw_reached, probe_rtt_due, round_start, loss_round_start, loss_in_round, idle_restart,
        probe_rtt_round_done, probing_samples;
} tern_bbr_state;

#endif
