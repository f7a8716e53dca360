/* SPDX-License-Identifier: MIT */
/* What is written down: each thing that happens goes into the digest, and as one line into the trace (spec: scenario
 * 6). */
#include "world/world.h"

#include <inttypes.h>
#include <string.h>

static const char *const NOTES[] = {
    [SIM_NOTE_DELIVERED] = "delivered", [SIM_NOTE_REFUSED] = "refused", [SIM_NOTE_NO_NODE] = "nobody",
    [SIM_NOTE_NO_LINK] = "nolink",      [SIM_NOTE_MARKED] = "marked",   [SIM_NOTE_SHED] = "codel"
};

sim_time_text sim_time_print(tern_time at)
{
    sim_time_text t;
    snprintf(t.text, sizeof t.text, "%" PRIu64 ".%09" PRIu64, at / TERN_SECOND, at % TERN_SECOND);
    return t;
}

static void print_record(sim_world *w, const sim_record *r)
{
    const sim_sight *s = &r->sight;
    fprintf(w->trace, "%s ", sim_time_print(w->now).text);
    if (s->link != SIM_NO_LINK)
        fprintf(w->trace, "%s pkt %" PRIu64, w->links[s->link].name, s->number);
    else
        fprintf(w->trace, "%s %s pkt 0", w->nodes[s->node].name,
                s->what == SIM_NOTE_NO_LINK ? "to nowhere" : "injected");
    fprintf(w->trace, " size %zu %s", s->datagram.n,
            s->what == SIM_NOTE_FATE ? sim_fate_name((sim_fate)s->detail) : NOTES[s->what]);
    if (s->what == SIM_NOTE_REFUSED) fprintf(w->trace, " %s", tern_drop_name((tern_drop)s->detail));
    if (s->what == SIM_NOTE_DELIVERED && s->detail > 0) fputs(" again", w->trace);
    fprintf(w->trace, " #%08" PRIx32 "\n", (uint32_t)r->fold);
}

void sim_world_record(sim_world *w, const sim_record *r)
{
    const sim_sight *s = &r->sight;
    uint32_t who = s->link != SIM_NO_LINK ? s->link : 0x80000000u | s->node;
    sim_digest_add(&w->digest, w->now, (unsigned)s->what | s->detail << 8, who, s->number, r->fold ^ s->datagram.n);
    if (w->trace != NULL) print_record(w, r);
    sim_world_show(w, s);
}

void sim_world_show(const sim_world *w, const sim_sight *s)
{
    for (size_t i = 0; i < w->observers_n; i++) w->observers[i](w->observer_contexts[i], s);
}

void sim_world_event(sim_world *w, uint32_t node, const char *text, uint64_t number, tern_bytes bytes)
{
    if (text != w->event_text) { /* most are of the kind of the one before */
        w->event_text = text;
        w->event_fold = sim_fold(tern_bytes_of(text, strlen(text)));
    }
    sim_world_earn(&w->nodes[node]);
    sim_digest_add(&w->digest, w->now, SIM_NOTE_EVENT, node, number,
                   w->event_fold ^ (bytes.n == 0 ? 0 : sim_fold(bytes)));
    if (w->trace == NULL) return;
    fprintf(w->trace, "%s %s event %s %" PRIu64 " #%08" PRIx32 "\n", sim_time_print(w->now).text, w->nodes[node].name,
            text, number, (uint32_t)(bytes.n == 0 ? 0 : sim_fold(bytes)));
}

void sim_world_action(sim_world *w, const char *text)
{
    sim_digest_add(&w->digest, w->now, SIM_NOTE_ACTION, 0, 0, sim_fold(tern_bytes_of(text, strlen(text))));
    if (w->trace != NULL) fprintf(w->trace, "%s action %s\n", sim_time_print(w->now).text, text);
}
