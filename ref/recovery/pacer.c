/* SPDX-License-Identifier: MIT */
/* A token bucket. Rates and times are bounded so that no product below leaves 64 bits. */
#include "recovery/pacer.h"

#define BURST_DATAGRAMS 10
#define RATE_MAX        UINT64_C(1000000000000) /* bytes a second */
#define CWND_MAX        UINT64_C(0xffffffff)

_Static_assert(CWND_MAX / 4 * 5 < UINT64_MAX / TERN_SECOND, "a window's bytes times nanoseconds fit");
_Static_assert(RATE_MAX / TERN_SECOND * TERN_MS < UINT64_MAX / TERN_SECOND, "a burst's too");

/* 5/4 of a window a round trip, in bytes a second. */
static uint64_t rate_of(uint64_t cwnd_bytes, uint64_t srtt_ns)
{
    if (cwnd_bytes > CWND_MAX) cwnd_bytes = CWND_MAX;
    /*= REC-033 */
    uint64_t rate = cwnd_bytes * 5 / 4 * TERN_SECOND / srtt_ns;
    if (rate > RATE_MAX) return RATE_MAX;
    return rate > 0 ? rate : 1;
}

static uint64_t burst_of(uint64_t rate, uint32_t datagram_bytes)
{
    /*= REC-033 */
    uint64_t burst = (uint64_t)BURST_DATAGRAMS * datagram_bytes, in_1_ms = rate / (TERN_SECOND / TERN_MS);
    return burst > in_1_ms ? burst : in_1_ms;
}

/* The least time in which rate yields bytes. */
static uint64_t time_for(uint64_t bytes, uint64_t rate)
{
    return (bytes * TERN_SECOND + rate - 1) / rate;
}

/* Adds what the time since at was worth. at moves by the time that whole bytes took: no fraction is lost, however often
 * the bucket is looked at. */
static void refill(tern_pacer *p, tern_time now, uint64_t rate, uint64_t burst)
{
    if (!p->started || p->tokens_bytes >= burst || now - p->at >= time_for(burst - p->tokens_bytes, rate)) {
        *p = (tern_pacer){ burst, now, true };
        return;
    }
    uint64_t earned = (now - p->at) * rate;
    p->tokens_bytes += earned / TERN_SECOND;
    p->at = now - earned % TERN_SECOND / rate;
}

void tern_pacer_init(tern_pacer *p)
{
    *p = (tern_pacer){ 0 };
}

tern_time tern_pacer_when(tern_pacer *p, tern_time now, uint64_t bytes, uint64_t cwnd_bytes, uint64_t srtt_ns,
                          uint32_t datagram_bytes)
{
    if (srtt_ns == 0) return now;
    uint64_t rate = rate_of(cwnd_bytes, srtt_ns), burst = burst_of(rate, datagram_bytes);
    refill(p, now, rate, burst);
    if (bytes > burst) bytes = burst;
    return p->tokens_bytes >= bytes ? now : p->at + time_for(bytes - p->tokens_bytes, rate);
}

void tern_pacer_sent(tern_pacer *p, uint64_t bytes)
{
    p->tokens_bytes = p->tokens_bytes > bytes ? p->tokens_bytes - bytes : 0;
}
