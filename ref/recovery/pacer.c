/* SPDX-License-Identifier: MIT */
/* A token bucket. Rates are bounded so that no product below leaves 64 bits. */
#include "recovery/pacer.h"

#include "recovery/congestion.h"

#define BURST_DATAGRAMS 10
#define A_SECOND_OF_MS  (TERN_SECOND / TERN_MS)
#define BATCH_MAX       65536 /* bytes that leave with one system call */

_Static_assert(TERN_RATE_MAX / A_SECOND_OF_MS < UINT64_MAX / TERN_SECOND, "a burst's bytes times nanoseconds fit");

static uint64_t burst_of(uint64_t rate, uint32_t datagram_bytes)
{
    /*= REC-033 */
    return tern_larger((uint64_t)BURST_DATAGRAMS * datagram_bytes, rate / A_SECOND_OF_MS);
}

/* What is waited for once the bucket is empty: a timer for each datagram would cost more than the datagrams. */
static uint64_t batch_of(uint64_t bytes, uint64_t rate)
{
    return tern_larger(bytes, tern_smaller(rate / A_SECOND_OF_MS, BATCH_MAX));
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

tern_time tern_pacer_when(tern_pacer *p, tern_time now, uint64_t bytes, uint64_t rate, uint32_t datagram_bytes)
{
    if (rate == 0) return now;
    uint64_t burst = burst_of(rate, datagram_bytes);
    refill(p, now, rate, burst);
    if (bytes > burst) bytes = burst;
    if (p->tokens_bytes >= bytes) return now;
    return p->at + time_for(batch_of(bytes, rate) - p->tokens_bytes, rate);
}

void tern_pacer_sent(tern_pacer *p, uint64_t bytes)
{
    p->tokens_bytes = p->tokens_bytes > bytes ? p->tokens_bytes - bytes : 0;
}
