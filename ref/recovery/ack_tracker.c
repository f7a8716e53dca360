/* SPDX-License-Identifier: MIT */
/* Which packet numbers were opened. The largest stays in the set whatever the peer has acknowledged, so that there is
 * always something to tell. */
#include "recovery/ack_tracker.h"

#define ELICITING_BEFORE_ACK 2

void tern_ack_tracker_init(tern_ack_tracker *t)
{
    *t = (tern_ack_tracker){ .largest = UINT64_MAX, .due = TERN_TIME_NEVER };
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
    uint64_t lowest = tern_ranges_at(&t->seen, pool, 0).from;
    if ((!room || t->seen.n == TERN_ACK_KEPT) && t->floor < lowest) t->floor = lowest;
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
    /*= REC-001 */
    tern_time due = immediate || !in_order || t->eliciting >= ELICITING_BEFORE_ACK ? now : now + max_ack_delay_ns;
    if (due < t->due) t->due = due;
}

void tern_ack_tracker_marked(tern_ack_tracker *t, tern_time now, tern_ecn mark)
{
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
