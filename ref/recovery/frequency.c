/* SPDX-License-Identifier: MIT */
/* Requests follow the window in steps of two, so that few of them are needed. */
#include "recovery/frequency.h"

#define ACKS_A_WINDOW  16
#define ACKS_A_RTT     8
#define PACKETS_LEAST  2 /* what holds without a request (REC-001), and so do the next two */
#define PACKETS_MOST   64
#define ORDER_IS_ASKED 1
#define DELAY_MOST_US  25000
#define DELAY_LEAST_US 1000
#define NS_A_US        1000

void tern_frequency_init(tern_frequency *f)
{
    *f = (tern_frequency){ .packets = PACKETS_LEAST, .reordering = ORDER_IS_ASKED, .delay_us = DELAY_MOST_US };
}

static bool is_far(uint32_t now, uint32_t asked)
{
    return now >= 2 * asked || 2 * now <= asked;
}

/* What the window and the path are worth asking for. */
static tern_frequency wanted(const tern_frequency *asked, const tern_recovery *r)
{
    const tern_congestion *c = &r->congestion;
    tern_frequency f = *asked;
    uint64_t packets = c->cwnd_bytes / c->datagram_bytes / ACKS_A_WINDOW;
    uint64_t delay_us = r->rtt.smoothed_ns / NS_A_US / ACKS_A_RTT;
    bool none_asked = asked->packets == PACKETS_LEAST;
    /*= REC-051 */
    if (packets <= PACKETS_LEAST || (none_asked && packets < 2 * PACKETS_LEAST)) {
        f.packets = PACKETS_LEAST;
        f.reordering = ORDER_IS_ASKED;
        f.delay_us = DELAY_MOST_US;
        return f;
    }
    f.packets = (uint16_t)tern_smaller(packets, PACKETS_MOST);
    f.reordering = r->late_eighths > 0 ? 0 : TERN_PACKET_THRESHOLD;
    f.delay_us = (uint32_t)tern_smaller(tern_larger(delay_us, DELAY_LEAST_US), DELAY_MOST_US);
    return f;
}

bool tern_frequency_ask(tern_frequency *f, const tern_recovery *r)
{
    tern_frequency now = wanted(f, r);
    bool far = is_far(now.packets, f->packets) || is_far(now.delay_us, f->delay_us);
    /*= REC-051 */
    if (!f->lost && !far && now.reordering == f->reordering) return false;
    now.lost = false;
    now.sequence++;
    *f = now;
    return true;
}
