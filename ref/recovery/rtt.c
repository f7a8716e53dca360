/* SPDX-License-Identifier: MIT */
/* Round-trip time estimate. Averages are written without products, so that no sample overflows them. */
#include "recovery/rtt.h"

#include "base/bounds.h"

void tern_rtt_init(tern_rtt *r)
{
    /*= REC-010 */
    *r = (tern_rtt){ .smoothed_ns = TERN_RTT_INITIAL_NS, .rttvar_ns = TERN_RTT_INITIAL_NS / 2 };
}

static void first_sample(tern_rtt *r, uint64_t latest_ns)
{
    r->sampled = true;
    r->min_ns = latest_ns;
    r->smoothed_ns = latest_ns;
    r->rttvar_ns = latest_ns / 2;
}

void tern_rtt_sample(tern_rtt *r, uint64_t latest_ns, uint64_t ack_delay_ns)
{
    r->latest_ns = latest_ns;
    if (!r->sampled) {
        first_sample(r, latest_ns);
        return;
    }
    if (latest_ns < r->min_ns) r->min_ns = latest_ns;
    /*= REC-010 */
    uint64_t adjusted = latest_ns - r->min_ns >= ack_delay_ns ? latest_ns - ack_delay_ns : latest_ns;
    uint64_t off = r->smoothed_ns > adjusted ? r->smoothed_ns - adjusted : adjusted - r->smoothed_ns;
    r->rttvar_ns = r->rttvar_ns - r->rttvar_ns / 4 + off / 4;
    r->smoothed_ns = r->smoothed_ns - r->smoothed_ns / 8 + adjusted / 8;
}

uint64_t tern_rtt_pto_ns(const tern_rtt *r)
{
    return r->smoothed_ns + tern_larger(4 * r->rttvar_ns, TERN_GRANULARITY_NS);
}

uint64_t tern_rtt_loss_delay_ns(const tern_rtt *r, unsigned eighths)
{
    uint64_t rtt = tern_larger(r->smoothed_ns, r->latest_ns);
    return tern_larger(rtt + rtt / 8 * eighths, TERN_GRANULARITY_NS);
}
