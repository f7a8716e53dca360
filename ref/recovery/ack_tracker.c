/* SPDX-License-Identifier: MIT */
/* Which packet numbers were opened. The largest stays in the set whatever the peer has acknowledged: packet numbers are
 * restored against it. */
#include "recovery/ack_tracker.h"

#define ELICITING_BEFORE_ACK 2

void tern_ack_tracker_init(tern_ack_tracker *t)
{
    *t = (tern_ack_tracker){ .due = TERN_TIME_NEVER };
}

uint64_t tern_ack_tracker_largest(const tern_ack_tracker *t)
{
    return t->seen.n > 0 ? t->seen.at[t->seen.n - 1].to - 1 : UINT64_MAX;
}

bool tern_ack_tracker_is_duplicate(const tern_ack_tracker *t, uint64_t pn)
{
    return pn < t->floor || tern_ranges_contains(&t->seen, pn, pn + 1);
}

/* Remembers a number. Once the set is full what lies below it is too old to tell, so that a new number never is the
 * lowest, and what is forgotten is never taken for new. */
static void remember(tern_ack_tracker *t, uint64_t pn)
{
    /*= REC-002 */
    tern_ranges_add_forgetting(&t->seen, pn, pn + 1);
    if (t->seen.n == TERN_RANGES_MAX && t->floor < t->seen.at[0].from) t->floor = t->seen.at[0].from;
}

void tern_ack_tracker_add(tern_ack_tracker *t, tern_time now, uint64_t pn, bool eliciting, bool immediate,
                          uint64_t max_ack_delay_ns)
{
    /* It may lie below the floor: an ACK in the very packet can have raised that, when a peer fills gaps of its own. */
    tern_assert(!tern_ranges_contains(&t->seen, pn, pn + 1));
    uint64_t largest = tern_ack_tracker_largest(t);
    bool in_order = pn == largest + 1; /* the first is when it is number 0 */
    if (t->seen.n == 0 || pn > largest) t->largest_at = now;
    remember(t, pn);
    t->pending = true;
    /*= REC-004 */
    if (!eliciting) return;
    t->eliciting++;
    /*= REC-001 */
    tern_time due = immediate || !in_order || t->eliciting >= ELICITING_BEFORE_ACK ? now : now + max_ack_delay_ns;
    if (due < t->due) t->due = due;
}

void tern_ack_tracker_sent(tern_ack_tracker *t)
{
    t->pending = false;
    t->eliciting = 0;
    t->due = TERN_TIME_NEVER;
}

void tern_ack_tracker_acknowledged(tern_ack_tracker *t, uint64_t largest)
{
    tern_assert(t->seen.n > 0 && largest <= tern_ack_tracker_largest(t));
    tern_ranges_remove_below(&t->seen, largest);
    if (t->floor <= largest) t->floor = largest + 1;
}
