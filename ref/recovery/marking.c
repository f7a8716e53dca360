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

void tern_marking_acked(tern_marking *m, bool here)
{
    if (here)
        m->newly++;
    else
        m->mixed = true;
}

/*= CONN-045 */
void tern_marking_restart(tern_marking *m)
{
    m->state = TERN_MARKING_TESTING;
    m->tested = m->tested_lost = 0;
    m->mixed = m->mixed || m->newly > 0;
    m->newly = 0;
}

static bool holds(const tern_marking *m, const tern_mark_counts *now)
{
    const tern_mark_counts *was = &m->told;
    /*= REC-046 */
    if (now->ect0 < was->ect0 || now->ce < was->ce || now->ect1 != was->ect1) return false;
    if (now->ce > m->sent || now->ect0 > m->sent - now->ce) return false;
    return now->ect0 - was->ect0 + (now->ce - was->ce) >= m->newly;
}

/* true: new marks of congestion. */
static bool judge(tern_marking *m, const tern_mark_counts *counts)
{
    if (counts == NULL || !holds(m, counts)) {
        m->state = TERN_MARKING_FAILED;
        return false;
    }
    if (m->newly > 0) m->state = TERN_MARKING_CAPABLE;
    return counts->ce > m->told.ce;
}

bool tern_marking_check(tern_marking *m, const tern_mark_counts *counts)
{
    bool congested = false;
    if (!m->fresh) return false; /* of older acknowledgements the next newer one's counts tell */
    /*= CONN-045 */
    if (m->state != TERN_MARKING_FAILED && !m->mixed && (m->newly > 0 || counts != NULL)) congested = judge(m, counts);
    if (counts != NULL) m->told = *counts;
    m->newly = 0;
    m->fresh = m->mixed = false;
    return congested;
}
