/* SPDX-License-Identifier: MIT */
/* Looks only at what members were told and what they published, never at how a relay keeps it. */
#include "rules/converge.h"

#include "rules/told.h"

#include <inttypes.h>

static const char *name_of(const sim_run *r, uint32_t node)
{
    return r->scenario->nodes[node].name;
}

static bool is_member(const sim_run *r, uint32_t node, size_t log)
{
    const sim_person *p = &r->people[node];
    return r->scenario->nodes[node].role == SIM_CLIENT && r->world.nodes[node].self != NULL && p->in_room &&
           !p->leaving && !p->closed && p->log == log;
}

/* Two members of a room stand behind the same event. */
static void check_place(sim_run *r, uint32_t one, uint32_t other)
{
    const sim_person *a = &r->people[one], *b = &r->people[other];
    if (a->next != b->next)
        sim_world_fail(&r->world,
                       "the network has healed, but %s has seen %" PRIu64 " events of its room and %s %" PRIu64,
                       name_of(r, one), a->next, name_of(r, other), b->next);
    else if (!a->loose && !b->loose && a->members_n != b->members_n)
        sim_world_fail(&r->world, "the network has healed, but %s sees %zu members and %s %zu", name_of(r, one),
                       a->members_n, name_of(r, other), b->members_n);
}

/* What a member has published since both were there, the other has heard. */
static void check_heard(sim_run *r, uint32_t from, uint32_t to)
{
    const sim_person *sender = &r->people[from], *listener = &r->people[to];
    size_t heard = listener->heard[from];
    if (listener->loose || heard >= sender->published_n) return;
    const sim_published *last = &sender->published[sender->published_n - 1];
    if (last->at <= sender->joined_at || last->at <= listener->joined_at) return;
    sim_world_fail(&r->world, "the network has healed, but %s has not got the last of what %s published",
                   name_of(r, to), name_of(r, from));
}

/*= SIM-023 */
void sim_converge_check(sim_run *r)
{
    uint32_t n = r->scenario->nodes_n;
    for (uint32_t i = 0; i < n && !r->world.failed; i++) {
        const sim_person *p = &r->people[i];
        if (r->scenario->nodes[i].role != SIM_CLIENT || r->world.nodes[i].self == NULL || p->closed) continue;
        if (!p->connected) sim_world_fail(&r->world, "the network has healed, but %s is not connected", name_of(r, i));
        sim_told_converge(r, i);
        if (!is_member(r, i, p->log)) continue;
        for (uint32_t j = 0; j < n && !r->world.failed; j++) {
            if (!is_member(r, j, p->log)) continue;
            if (j > i) check_place(r, i, j);
            check_heard(r, i, j);
        }
    }
}
