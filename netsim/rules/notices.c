/* SPDX-License-Identifier: MIT */
#include "rules/notices.h"

#include "world/queue.h"

#include <stdlib.h>

static void tell(sim_notice *t, uint16_t type, uint64_t id, uint64_t value)
{
    t->facts = sim_grow(t->facts, t->facts_n + 1, sizeof *t->facts);
    t->facts[t->facts_n++] = (sim_fact){ type, id, value };
}

static void tell_frame(sim_notice *t, const sim_frame *f)
{
    tern_range ranges[TERN_ACK_RANGES_MAX];
    tern_frame_ack ack;
    tern_frame_max max;
    switch (f->type) {
    case TERN_F_ACK:
    case TERN_F_ACK_ECN:
        if ((f->type == TERN_F_ACK ? tern_frame_parse_ack(f->value, ranges, &ack)
                                   : tern_frame_parse_ack_ecn(f->value, ranges, &ack)) == TERN_OK)
            tell(t, TERN_F_ACK, 0, ack.largest + 1);
        break;
    case TERN_F_MAX_DATA:
    case TERN_F_MAX_MESSAGES:
    case TERN_F_MAX_UNORDERED:
    case TERN_F_MAX_STREAMS:
    case TERN_F_MAX_STREAMS_UNI:
    case TERN_F_MAX_STREAM_DATA:
        if (tern_frame_parse_max((tern_frame_type)f->type, f->value, &max) == TERN_OK)
            tell(t, f->type, max.stream, max.limit);
        break;
    default: break;
    }
}

void sim_notice_read(sim_notice *t, const sim_opened *o)
{
    tern_params p;
    if (sim_lens_parameters(o, &p)) {
        tell(t, TERN_F_MAX_DATA, 0, p.max_data);
        tell(t, TERN_F_MAX_MESSAGES, 0, p.max_messages);
        tell(t, TERN_F_MAX_UNORDERED, 0, p.max_unordered);
        tell(t, TERN_F_MAX_STREAMS, 0, p.max_streams);
        tell(t, TERN_F_MAX_STREAMS_UNI, 0, p.max_streams_uni);
        tell(t, TERN_F_CRYPTO, 0, p.max_stream_data);
        tell(t, TERN_F_DATAGRAM, 0, p.max_datagram_frame);
    }
    for (size_t i = 0; i < o->frames_n; i++) tell_frame(t, &o->frames[i]);
}

void sim_notices_send(sim_notices *list, const sim_sight *s, const sim_opened *o)
{
    sim_notice n = {
        .number = s->number, .connection = o->index, .to_relay = o->to_relay, .copies = s->passage->copies
    };
    if (n.copies == 0) return;
    sim_notice_read(&n, o);
    if (n.facts_n == 0) return;
    sim_notice *kept = sim_grow(NULL, 1, sizeof *kept);
    *kept = n;
    *(list->last != NULL ? &list->last->next : &list->first) = kept;
    list->last = kept;
}

static void let_go(sim_notice *n)
{
    free(n->facts);
    free(n);
}

bool sim_notice_told(const sim_sight *s)
{
    return s->what == SIM_NOTE_DELIVERED || (s->what == SIM_NOTE_REFUSED && s->detail == TERN_DROP_NO_MEMORY);
}

void sim_notices_settle(sim_notices *list, const sim_sight *s, sim_hear hear, void *context)
{
    sim_notice *before = NULL, *n = list->first;
    while (n != NULL && n->number < s->number) {
        before = n;
        n = n->next;
    }
    if (n == NULL || n->number != s->number) return;
    if (sim_notice_told(s)) hear(context, n);
    n->copies = s->what == SIM_NOTE_SHED ? 0 : n->copies - 1;
    if (n->copies > 0) return;
    *(before == NULL ? &list->first : &before->next) = n->next;
    if (list->last == n) list->last = before;
    let_go(n);
}

void sim_notices_free(sim_notices *list)
{
    while (list->first != NULL) {
        sim_notice *n = list->first;
        list->first = n->next;
        let_go(n);
    }
    list->last = NULL;
}
