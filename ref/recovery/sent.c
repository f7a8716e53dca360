/* SPDX-License-Identifier: MIT */
/* Records of sent packets: number pn stands at byte pn * sizeof of a window of pages. */
#include "recovery/sent.h"

#include <string.h>

#define RECORD      ((uint64_t)sizeof(tern_sent_packet))
#define RECORDS_MAX (TERN_PAGED_SPAN / RECORD - 2 * TERN_PAGE_SIZE / RECORD)

static tern_sent_packet *record_at(tern_sent *s, tern_pool *pool, uint64_t pn)
{
    return (tern_sent_packet *)(void *)tern_paged_at(&s->records, pool, pn * RECORD).p;
}

void tern_sent_init(tern_sent *s)
{
    *s = (tern_sent){ 0 };
    tern_paged_init(&s->records, 0, TERN_FOR_RECORDS);
}

void tern_sent_free(tern_sent *s, tern_pool *pool)
{
    tern_paged_free(&s->records, pool);
    s->oldest = s->next_pn;
}

tern_sent_packet *tern_sent_open(tern_sent *s, tern_pool *pool)
{
    if (s->next_pn - s->oldest >= RECORDS_MAX) return NULL;
    tern_sent_packet *p = record_at(s, pool, s->next_pn);
    if (p == NULL) return NULL;
    memset(p, 0, offsetof(tern_sent_packet, range));
    p->largest_acked = UINT64_MAX;
    return p;
}

void tern_sent_commit(tern_sent *s)
{
    s->next_pn++;
}

void tern_sent_skip(tern_sent *s)
{
    tern_assert(s->oldest == s->next_pn);
    s->oldest = ++s->next_pn;
}

tern_sent_packet *tern_sent_find(tern_sent *s, tern_pool *pool, uint64_t pn)
{
    if (pn < s->oldest || pn >= s->next_pn) return NULL;
    tern_sent_packet *p = record_at(s, pool, pn);
    return p->state != TERN_SENT_ACKED ? p : NULL;
}

tern_sent_packet *tern_sent_next_unacked(tern_sent *s, tern_pool *pool, uint64_t *pn)
{
    tern_sent_packet *p = NULL;
    uint64_t at = *pn < s->oldest ? s->oldest : *pn, end = at;
    while (end < s->next_pn && (p = record_at(s, pool, end))->state == TERN_SENT_ACKED) end = p->acked_to;
    while (at < end) { /* what was passed on the way jumps to the end from now on */
        tern_sent_packet *passed = record_at(s, pool, at);
        at = passed->acked_to;
        passed->acked_to = end;
    }
    *pn = end;
    return end < s->next_pn ? p : NULL;
}

void tern_sent_set_state(tern_sent_packet *p, tern_sent_state to)
{
    static const uint8_t from[] = { [TERN_SENT_IN_FLIGHT] = 1 << TERN_SENT_NONE,
                                    [TERN_SENT_ACKED] = 1 << TERN_SENT_IN_FLIGHT | 1 << TERN_SENT_LOST,
                                    [TERN_SENT_LOST] = 1 << TERN_SENT_IN_FLIGHT,
                                    [TERN_SENT_SKIPPED] = 1 << TERN_SENT_NONE };
    tern_assert(from[to] >> p->state & 1);
    p->state = (uint8_t)to;
}

static bool joins(const tern_sent_range *last, uint32_t channel, uint64_t offset, uint16_t length, uint16_t flags)
{
    return last->channel == channel && last->flags == 0 && (flags & ~TERN_RANGE_FIN) == 0 &&
           last->offset + last->length == offset && length <= UINT16_MAX - last->length;
}

bool tern_sent_packet_add(tern_sent_packet *p, uint32_t channel, uint64_t offset, uint16_t length, uint16_t flags)
{
    tern_sent_range *last = p->ranges > 0 ? &p->range[p->ranges - 1] : NULL;
    if (last != NULL && joins(last, channel, offset, length, flags)) {
        last->length = (uint16_t)(last->length + length);
        last->flags = flags;
        return true;
    }
    if (!tern_sent_packet_has_room(p)) return false;
    p->range[p->ranges++] = (tern_sent_range){ offset, channel, length, flags };
    return true;
}

bool tern_sent_packet_has_room(const tern_sent_packet *p)
{
    return p->ranges < TERN_SENT_RANGES;
}

void tern_sent_settle(tern_sent *s, tern_pool *pool, tern_time lost_before)
{
    uint64_t oldest = s->oldest;
    const tern_sent_packet *p;
    while ((p = tern_sent_next_unacked(s, pool, &oldest)) != NULL) {
        /*= REC-021 */
        if (p->time >= lost_before || (p->state != TERN_SENT_LOST && p->in_flight)) break;
        oldest++;
    }
    if (oldest == s->oldest) return;
    s->oldest = oldest;
    if (oldest == s->next_pn)
        tern_paged_drain(&s->records, pool, oldest * RECORD);
    else
        tern_paged_advance(&s->records, pool, oldest * RECORD);
}
