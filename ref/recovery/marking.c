/* SPDX-License-Identifier: MIT */
/* ECN validation. */
#include "recovery/marking.h"

#define TESTED 10 /* packets that leave marked before one is known to have come through */

bool tern_marking_marks(const tern_marking *m, bool probing)
{
    /*= REC-046 */
    return m->state == TERN_MARKING_CAPABLE || (m->state == TERN_MARKING_TESTING && !probing);
}

void tern_marking_sent(tern_marking *m)
{
    m->sent++;
    if (m->state == TERN_MARKING_TESTING && ++m->tested >= TESTED) m->state = TERN_MARKING_UNKNOWN;
}

void tern_marking_lost(tern_marking *m)
{
    if (m->state != TERN_MARKING_UNKNOWN && m->state != TERN_MARKING_TESTING) return;
    m->tested_lost++;
    /*= REC-046 */
    if (m->state == TERN_MARKING_UNKNOWN && m->tested_lost >= m->tested) m->state = TERN_MARKING_FAILED;
}

static bool holds(const tern_marking *m, const tern_mark_counts *now)
{
    const tern_mark_counts *was = &m->told;
    /*= REC-046 */
    if (now->ect0 < was->ect0 || now->ce < was->ce || now->ect1 != 0) return false;
    if (now->ce > m->sent || now->ect0 > m->sent - now->ce) return false;
    return now->ect0 - was->ect0 + (now->ce - was->ce) >= m->newly;
}

bool tern_marking_check(tern_marking *m, const tern_mark_counts *counts)
{
    uint32_t newly = m->newly;
    bool congested = false;
    if (m->state != TERN_MARKING_FAILED && m->fresh && (newly > 0 || counts != NULL)) {
        if (counts == NULL || !holds(m, counts)) {
            m->state = TERN_MARKING_FAILED;
        } else {
            congested = counts->ce > m->told.ce;
            m->told = *counts;
            if (newly > 0) m->state = TERN_MARKING_CAPABLE;
        }
    }
    if (m->fresh) m->newly = 0; /* of older acknowledgements the next newer one's counts tell */
    m->fresh = false;
    return congested;
}
