/* SPDX-License-Identifier: MIT */
/* CUBIC's state (REC-040; RFC 9438). */
#ifndef TERN_RECOVERY_CUBIC_H
#define TERN_RECOVERY_CUBIC_H

#include "recovery/hystart.h"

/* What a loss ends and its undoing brings back; the names are those below. */
typedef struct {
    tern_time epoch;
    uint64_t w_max_bytes, prior_bytes, w_est_bytes;
    uint32_t k_ms;
} tern_cubic_curve;

typedef struct {
    tern_hystart hystart;
    tern_time epoch;    /* when this congestion avoidance began; TERN_TIME_NEVER before its first acknowledgement */
    tern_time acked_at; /* the last acknowledgement: an epoch does not count the time in which nothing asked to grow */
    uint64_t w_max_bytes;         /* the window before the last loss, or the epoch's first; 0 for neither */
    uint64_t prior_bytes;         /* the window before the last loss */
    uint64_t w_est_bytes;         /* what Reno would have */
    uint64_t est_rest, grow_rest; /* fractions of a byte that the two windows have not grown by yet */
    uint32_t k_ms;                /* when the epoch reaches w_max_bytes */
    tern_cubic_curve before;      /* what the last loss ended */
} tern_cubic_state;

/* The window t_ms into an epoch that reaches w_max_bytes at k_ms: C * (t - K)^3 + W_max, C being 0.4 datagrams a second
 * cubed. Never below 0. */
uint64_t tern_cubic_window(uint64_t w_max_bytes, uint32_t k_ms, uint64_t t_ms, uint32_t datagram_bytes);
/* K: the time from window_bytes to w_max_bytes, 0 when it is there already. */
uint32_t tern_cubic_k_ms(uint64_t w_max_bytes, uint64_t window_bytes, uint32_t datagram_bytes);

#endif
