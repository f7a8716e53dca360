/* SPDX-License-Identifier: MIT */
/* Which packet numbers were opened. The largest stays in the set whatever the peer has acknowledged, so that there is
 * always something to tell. */
#include "recovery/ack_tracker.h"

#define ELICITING_BEFORE_ACK 2 /* and what the peer may ask for: */
#define ELICITING_MOST       256
#define DELAY_LEAST_US       1000
#define NS_A_US              UINT64_C(1000)

void tern_ack_tracker_init(tern_ack_tracker *t)
{
    *t = (tern_ack_tracker){ .largest = UINT64_MAX,
                             .due = TERN_TIME_NEVER,
                             .most_packets = ELICITING_BEFORE_ACK,
                             .reordering = 1,
                             .most_delay_us = UINT32_MAX };
    tern_ranges_init(&t->seen, TERN_FOR_RECEIVING, TERN_ACK_KEPT);
}

void tern_ack_tracker_free(tern_ack_tracker *t, tern_pool *pool)
{
    tern_ranges_clear(&t->seen, pool);
}

bool tern_ack_tracker_is_duplicate(const tern_ack_tracker *t, tern_pool *pool, uint64_t pn)
{
    if (t->largest == UINT64_MAX || pn > t->largest) return false; /* the floor is never above the next number */
    return pn < t->floor || tern_ranges_contains(&t->seen, pool, pn, pn + 1);
}

/* Remembers a number. Once the set is full, or had no page to grow, what lies below it is too old to tell: what is
 * forgotten is never taken for new. */
static void remember(tern_ack_tracker *t, tern_pool *pool, uint64_t pn)
{
    /*= REC-002 */
    bool room = tern_ranges_add(&t->seen, pool, pn, pn + 1);
    if (!room) tern_ranges_add_forgetting(&t->seen, pool, pn, pn + 1);
    if (room && t->seen.n < TERN_ACK_KEPT) return;
    uint64_t lowest = tern_ranges_at(&t->seen, pool, 0).from;
    if (t->floor < lowest) t->floor = lowest;
}

void tern_ack_tracker_ask(tern_ack_tracker *t, uint32_t sequence, uint16_t packets, uint16_t reordering,
                          uint32_t delay_us)
{
    /*= REC-052 */
    if (sequence < t->frequency || sequence == UINT32_MAX) return;
    t->frequency = sequence + 1;
    t->most_packets = packets < ELICITING_MOST ? packets : ELICITING_MOST;
    t->reordering = reordering;
    t->most_delay_us = delay_us > DELAY_LEAST_US ? delay_us : DELAY_LEAST_US;
}

/* Whether a number is missing, reordering or more below the largest, that no ACK has shown to be. */
static bool shows_a_gap(const tern_ack_tracker *t, tern_pool *pool)
{
    tern_range range;
    uint64_t from = t->told >= t->reordering ? t->told - t->reordering + 1 : 0;
    if (t->reordering == 0) return false;
    if (from < t->floor) from = t->floor;
    if (!tern_ranges_next(&t->seen, pool, from, &range)) return false;
    uint64_t missing = range.from <= from ? range.to : from;
    /*= REC-052 */
    return missing < t->largest && t->largest - missing >= t->reordering;
}

void tern_ack_tracker_add(tern_ack_tracker *t, tern_pool *pool, tern_time now, uint64_t pn, bool eliciting,
                          bool immediate, uint64_t max_ack_delay_ns)
{
    /* It may lie below the floor: an ACK in the very packet can have raised that, when a peer fills gaps of its own. */
    tern_assert(!tern_ranges_contains(&t->seen, pool, pn, pn + 1));
    bool in_order = pn == t->largest + 1; /* the first is when it is number 0 */
    if (t->largest == UINT64_MAX || pn > t->largest) {
        t->largest = pn;
        t->largest_at = now;
    }
    remember(t, pool, pn);
    t->pending = true;
    /*= REC-004 */
    if (!eliciting) return;
    t->eliciting++;
    bool gap = t->reordering == 1 ? !in_order : shows_a_gap(t, pool);
    uint64_t delay_ns = t->most_delay_us * NS_A_US;
    if (delay_ns > max_ack_delay_ns) delay_ns = max_ack_delay_ns;
    /*= REC-001 REC-052 */
    tern_time due = immediate || gap || t->eliciting >= t->most_packets ? now : now + delay_ns;
    if (due < t->due) t->due = due;
}

void tern_ack_tracker_marked(tern_ack_tracker *t, tern_time now, tern_ecn mark)
{
    if (mark == TERN_ECN_NOT_ECT) return;
    /*= REC-045 */
    t->ect0 += mark == TERN_ECN_ECT0;
    t->ect1 += mark == TERN_ECN_ECT1;
    t->ce += mark == TERN_ECN_CE;
    if (mark == TERN_ECN_CE && t->eliciting > 0) t->due = now;
}

bool tern_ack_tracker_wants(const tern_ack_tracker *t, tern_time now, uint64_t round_trip_ns)
{
    /*= REC-050 */
    return t->pending && (t->eliciting > 0 || now - t->told_at >= round_trip_ns);
}

void tern_ack_tracker_sent(tern_ack_tracker *t, tern_time now)
{
    t->told_at = now;
    t->told = t->largest;
    t->pending = false;
    t->eliciting = 0;
    t->due = TERN_TIME_NEVER;
}

void tern_ack_tracker_acknowledged(tern_ack_tracker *t, tern_pool *pool, uint64_t largest)
{
    tern_assert(t->seen.n > 0 && largest <= t->largest);
    tern_ranges_remove_below(&t->seen, pool, largest);
    if (t->floor <= largest) t->floor = largest + 1;
}

void tern_ack_tracker_forget(tern_ack_tracker *t, tern_pool *pool)
{
    if (t->seen.n <= TERN_RANGES_NEAR) return;
    uint64_t lowest = tern_ranges_at(&t->seen, pool, t->seen.n - TERN_RANGES_NEAR).from;
    tern_ranges_remove_below(&t->seen, pool, lowest);
    /*= REC-002 */
    if (t->floor < lowest) t->floor = lowest;
}
