/* SPDX-License-Identifier: MIT */
/* HyStart++. Its names are longer in RFC 9406: RttThresh, N_RTT_SAMPLE, CSS_GROWTH_DIVISOR, CSS_ROUNDS. There is no
 * bound L on growth, since sending is paced. */
#include "recovery/hystart.h"

#define LEAST_RISE_NS       (4 * TERN_MS)
#define MOST_RISE_NS        (16 * TERN_MS)
#define RISE_PART           8 /* of the last round's least round trip */
#define SAMPLES             8
#define CONSERVATIVE_PART   4
#define CONSERVATIVE_ROUNDS 5

void tern_hystart_init(tern_hystart *h)
{
    *h = (tern_hystart){ .last_min_ns = UINT64_MAX, .min_ns = UINT64_MAX, .baseline_ns = UINT64_MAX };
}

static uint64_t rise_of(uint64_t rtt_ns)
{
    uint64_t rise = rtt_ns / RISE_PART;
    if (rise < LEAST_RISE_NS) return LEAST_RISE_NS;
    return rise < MOST_RISE_NS ? rise : MOST_RISE_NS;
}

/* true when conservative slow start has had its rounds. */
static bool next_round(tern_hystart *h, tern_time now)
{
    h->round_from = now;
    h->last_min_ns = h->min_ns;
    h->min_ns = UINT64_MAX;
    h->samples = 0;
    /*= REC-041 */
    return h->conservative_rounds > 0 && h->conservative_rounds++ >= CONSERVATIVE_ROUNDS;
}

static void judge(tern_hystart *h)
{
    if (h->samples < SAMPLES) return;
    /*= REC-041 */
    if (h->conservative_rounds > 0) {
        if (h->min_ns < h->baseline_ns) h->conservative_rounds = 0; /* the rise was not a queue */
        return;
    }
    if (h->last_min_ns == UINT64_MAX || h->min_ns < h->last_min_ns + rise_of(h->last_min_ns)) return;
    h->baseline_ns = h->min_ns;
    h->conservative_rounds = 1;
}

uint64_t tern_hystart_acked(tern_hystart *h, tern_time now, tern_time sent_at, uint64_t rtt_ns, uint64_t bytes,
                            bool *leave)
{
    *leave = sent_at >= h->round_from && next_round(h, now);
    if (rtt_ns > 0) {
        h->samples++;
        if (rtt_ns < h->min_ns) h->min_ns = rtt_ns;
        judge(h);
    }
    return h->conservative_rounds > 0 ? bytes / CONSERVATIVE_PART : bytes;
}
