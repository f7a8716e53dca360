/* SPDX-License-Identifier: MIT */
/* The search for the largest datagram. The top is tried first, since a loopback carries it at once; then what common
 * links carry; then halves. */
#include "recovery/pmtu.h"

#define TRIES_MAX      3    /* MAX_PROBES of RFC 8899 section 5.1.2 */
#define BLACK_HOLE     6    /* large packets lost in a row */
#define COMMON_LINK    1500 /* datagrams up to this size are not held against the window */
#define WINDOW_PART    8
#define CLOSE_ENOUGH   8 /* a gap of this part of the size is not worth a probe */
#define PTOS_UNTIL_LOW 2

/* In the order in which they are tried: Ethernet (IPv4, IPv6), PPPoE, usual tunnels, IPv6's least; then the loopback
 * (IPv6) and jumbo frames. */
static const uint16_t common[] = { 1472, 1452, 1464, 1440, 1420, 1400, 1352, 1232, 65487, 8972 };

void tern_pmtu_init(tern_pmtu *p)
{
    *p = (tern_pmtu){ .current = TERN_PMTU_BASE, .most = TERN_PMTU_BASE, .too_large = TERN_PMTU_BASE + 1 };
}

/* From base, all may pass. */
static void search(tern_pmtu *p)
{
    p->too_large = (uint16_t)(p->most + 1);
    p->phase = TERN_PMTU_SEARCHING;
    p->probe = 0;
    p->tries = 0;
    p->said = 0;
}

static void fall_to_base(tern_pmtu *p)
{
    p->current = TERN_PMTU_BASE;
    p->lost_run = 0;
    p->passed_bytes = 0;
    p->full_left = false;
    search(p);
}

void tern_pmtu_start(tern_pmtu *p, uint32_t most)
{
    tern_assert(most >= TERN_PMTU_BASE);
    tern_pmtu_init(p);
    /*= REC-060 */
    p->most = (uint16_t)(most < TERN_PMTU_MOST ? most : TERN_PMTU_MOST);
    search(p);
}

static void complete(tern_pmtu *p, tern_time now)
{
    p->phase = TERN_PMTU_COMPLETE;
    p->raise_at = now + TERN_PMTU_RAISE;
}

/* The size to try next, up to limit; 0 when the search is over. */
static uint16_t candidate(const tern_pmtu *p, uint32_t limit)
{
    uint32_t low = p->current, high = p->too_large - 1u;
    if (high > limit) high = limit;
    if (high <= low) return 0;
    if (p->said > low && p->said <= high) return (uint16_t)p->said;
    if (p->too_large > p->most) return (uint16_t)high;
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (common[i] > low && common[i] <= high) return common[i];
    return high - low > low / CLOSE_ENOUGH ? (uint16_t)(low + (high - low) / 2) : 0;
}

static void probe_failed(tern_pmtu *p)
{
    uint16_t size = p->probe;
    p->probe = 0;
    /*= REC-062 */
    p->tries++;
    if (p->tries < TRIES_MAX) return;
    p->tries = 0;
    if (size == p->said) p->said = 0;
    if (size < p->too_large) p->too_large = size;
}

uint32_t tern_pmtu_next(tern_pmtu *p, tern_time now, uint32_t limit, uint64_t give_up_ns)
{
    /*= REC-062 */
    if (p->probe != 0 && now - p->probed_at >= give_up_ns) probe_failed(p);
    /*= REC-061 REC-063 */
    if (p->probe != 0 || !p->full_left || limit <= p->current) return 0;
    if (p->phase == TERN_PMTU_COMPLETE && now >= p->raise_at) search(p);
    if (p->phase != TERN_PMTU_SEARCHING) return 0;
    uint16_t size = candidate(p, limit);
    if (size == 0) complete(p, now);
    return size;
}

void tern_pmtu_probed(tern_pmtu *p, tern_time now, uint32_t bytes)
{
    p->probe = (uint16_t)bytes;
    p->probed_at = now;
    p->full_left = false;
}

void tern_pmtu_sent(tern_pmtu *p, uint32_t bytes)
{
    if (bytes >= p->current) p->full_left = true;
}

static void probe_acked(tern_pmtu *p, uint32_t bytes)
{
    if (p->probe != bytes) return; /* given up, or of a path that is gone */
    p->probe = 0;
    p->tries = 0;
    /*= REC-060 */
    if (bytes > p->current) p->current = (uint16_t)bytes;
    /*= REC-068 */
    if (bytes != p->said) return;
    p->said = 0;
    p->too_large = (uint16_t)(bytes + 1);
}

/* Whether a datagram of this size may have met somebody who says so. */
static bool could_be(const tern_pmtu *p, uint32_t bytes, uint32_t most)
{
    bool ours = bytes == p->probe || (bytes > TERN_PMTU_BASE && bytes <= p->current);
    return p->phase != TERN_PMTU_AT_BASE && ours && most < bytes;
}

bool tern_pmtu_told(tern_pmtu *p, uint32_t bytes, uint32_t most)
{
    /*= REC-067 */
    if (!could_be(p, bytes, most)) return false;
    if (bytes == p->probe) {
        p->probe = 0;
        p->tries = 0;
    } else {
        fall_to_base(p);
    }
    if (bytes < p->too_large) p->too_large = (uint16_t)bytes;
    /*= REC-068 */
    p->said = most > TERN_PMTU_BASE ? (uint16_t)most : 0;
    return true;
}

void tern_pmtu_acked(tern_pmtu *p, uint32_t bytes, tern_time sent_at, bool probe)
{
    if (probe) probe_acked(p, bytes);
    /*= REC-065 */
    if (p->phase == TERN_PMTU_ERROR && bytes >= TERN_PMTU_BASE) search(p);
    if (bytes <= TERN_PMTU_BASE) return;
    if (bytes >= p->run_bytes) p->lost_run = 0;
    if (bytes < p->passed_bytes || sent_at < p->passed_at) return;
    p->passed_at = sent_at;
    p->passed_bytes = (uint16_t)bytes;
}

void tern_pmtu_lost(tern_pmtu *p, uint32_t bytes, tern_time sent_at, bool probe, uint64_t pto_ns)
{
    if (probe && p->probe == bytes) probe_failed(p);
    if (probe || bytes <= TERN_PMTU_BASE || bytes > p->current) return;
    if (sent_at <= p->passed_at && bytes <= p->passed_bytes) return; /* one that left later did pass */
    if (p->lost_run == 0) {
        p->run_since = sent_at;
        p->run_bytes = (uint16_t)bytes;
    }
    if (bytes < p->run_bytes) p->run_bytes = (uint16_t)bytes;
    if (p->lost_run < BLACK_HOLE) p->lost_run++;
    /*= REC-064 */
    if (p->lost_run == BLACK_HOLE && sent_at >= p->run_since + pto_ns) fall_to_base(p);
}

void tern_pmtu_persistent(tern_pmtu *p)
{
    if (p->phase == TERN_PMTU_AT_BASE) return;
    bool at_base = p->current == TERN_PMTU_BASE;
    /*= REC-064 */
    fall_to_base(p);
    /*= REC-065 */
    if (at_base) p->phase = TERN_PMTU_ERROR;
}

uint32_t tern_pmtu_datagram(const tern_pmtu *p, uint64_t cwnd_bytes, uint32_t pto_count)
{
    uint64_t part = cwnd_bytes / WINDOW_PART;
    /*= REC-064 */
    if (pto_count >= PTOS_UNTIL_LOW) return TERN_PMTU_BASE;
    /*= REC-066 */
    if (part < COMMON_LINK) part = COMMON_LINK;
    return p->current <= part ? p->current : (uint32_t)part;
}
