/* SPDX-License-Identifier: MIT */
/* What the files of BBR share; nobody else includes it. */
#ifndef TERN_RECOVERY_BBR_PARTS_H
#define TERN_RECOVERY_BBR_PARTS_H

#include "recovery/congestion.h"

#define TERN_BBR_NO_BOUND     UINT64_MAX
#define TERN_BBR_LOSS_PERCENT 2 /* of what was in flight: more is congestion (REC-044) */

static inline tern_bbr_state *tern_bbr(tern_congestion *c)
{
    return &c->of.bbr;
}

static inline uint64_t tern_bbr_percent(uint64_t x, uint64_t percent)
{
    return x / 100 * percent + x % 100 * percent / 100;
}

/* ---- bbr_model.c: what the path can do ---- */

uint64_t tern_bbr_max_bw(const tern_bbr_state *s);
uint64_t tern_bbr_bw(const tern_bbr_state *s); /* bounded by what congestion showed */
/* percent of what the path holds at a rate; the first window while there is no round-trip time. */
uint64_t tern_bbr_bdp(const tern_congestion *c, uint64_t bw, unsigned percent);
/* The same, and what sending in batches needs. */
uint64_t tern_bbr_inflight(const tern_congestion *c, uint64_t bw, unsigned percent);
uint64_t tern_bbr_quantized(const tern_congestion *c, uint64_t bytes);
uint64_t tern_bbr_least(const tern_congestion *c);      /* the least window: 4 datagrams */
uint64_t tern_bbr_headroom(const tern_congestion *c);   /* inflight_hi less what is left to others */
uint64_t tern_bbr_extra(const tern_bbr_state *s);       /* acknowledgements come in lumps of so much */
bool tern_bbr_too_high(uint64_t lost, uint64_t flight); /* more than TERN_BBR_LOSS_PERCENT */
void tern_bbr_start_round(tern_congestion *c);
void tern_bbr_reset_signals(tern_bbr_state *s);
void tern_bbr_reset_lower_bounds(tern_bbr_state *s);
void tern_bbr_reset_full_bw(tern_bbr_state *s, uint64_t bw);
void tern_bbr_model_init(tern_bbr_state *s);
/* The halves of an acknowledgement: what it shows before the states look at it, and what is left for the next one. */
void tern_bbr_learn(tern_congestion *c, const tern_congestion_ack *a);
void tern_bbr_advance(tern_bbr_state *s, const tern_congestion_ack *a);
/* Congestion: loss or CE. flight: in flight when what was hit left; counts for bounds when lost is too much of it. */
void tern_bbr_note_congestion(tern_congestion *c);

/* ---- bbr_states.c: what is tried next ---- */

unsigned tern_bbr_pacing_percent(const tern_bbr_state *s);
unsigned tern_bbr_cwnd_percent(const tern_bbr_state *s);
bool tern_bbr_is_probe_bw(const tern_bbr_state *s);
void tern_bbr_step(tern_congestion *c, const tern_congestion_ack *a);
uint64_t tern_bbr_probe_rtt_window(const tern_congestion *c);
/* While probing, flight bytes were more than the path takes. */
void tern_bbr_hit_ceiling(tern_congestion *c, tern_time now, uint64_t flight, bool app_limited);
/* What ended a look for more was no congestion: it goes on. */
void tern_bbr_return_to(tern_congestion *c, tern_bbr_state_name state);
void tern_bbr_leave_probe_rtt_when_done(tern_congestion *c, tern_time now);

#endif
