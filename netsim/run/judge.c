/* SPDX-License-Identifier: MIT */
/* What was expected, against what is seen at that time (spec: scenario 5). */
#include "run/judge.h"

#include "node/relay.h"
#include "run/figures.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

typedef struct {
    bool holds;
    char seen[160];
} finding;

__attribute__((format(printf, 3, 4))) static void found(finding *f, bool holds, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->seen, sizeof f->seen, format, arguments);
    va_end(arguments);
    f->holds = holds;
}

static bool compare(const sim_expect *e, uint64_t seen)
{
    switch (e->compare) {
    case SIM_AT_LEAST: return seen >= e->amount;
    case SIM_AT_MOST: return seen <= e->amount;
    default: return seen == e->amount;
    }
}

static void amount(finding *f, const sim_expect *e, uint64_t seen, const char *of_what)
{
    found(f, compare(e, seen), "%" PRIu64 "%s", seen, of_what);
}

/* In millions, as people write it: 171 ms, 10.894296 Mbit. */
static void millions(finding *f, const sim_expect *e, uint64_t seen, const char *of_what)
{
    char part[8] = "";
    if (seen % 1000000 > 0) snprintf(part, sizeof part, ".%06u", (unsigned)(seen % 1000000));
    found(f, compare(e, seen), "%" PRIu64 "%s %s", seen / 1000000, part, of_what);
}

/* now: since the node started, which is what is expected of it; ever: in the whole run, which `never` is about. */
static void yes_or_no(finding *f, const sim_expect *e, bool now, bool ever, const char *yes, const char *no)
{
    bool seen = e->never ? ever : now;
    found(f, seen != e->never, "%s", seen ? yes : no);
}

static void closed(finding *f, const sim_expect *e, const sim_person *p)
{
    const char *name = tern_error_name((tern_error)p->closed_error);
    if (e->never || !p->closed)
        yes_or_no(f, e, p->closed, p->ever.closed, name, p->connected ? "still connected" : "not closed");
    else
        found(f, p->closed_error == e->code, "closed %s", name);
}

static void refused(finding *f, const sim_expect *e, const sim_person *p)
{
    if (e->never || !p->refused)
        yes_or_no(f, e, p->refused, p->ever.refused, sim_refused_name(p->refused_code),
                  p->joined ? "joined" : "not refused");
    else
        found(f, p->refused_code == e->code, "refused %s", sim_refused_name(p->refused_code));
}

static void loses(finding *f, const sim_expect *e, const sim_person *p)
{
    found(f, false, "no departure of it");
    for (size_t i = 0; i < p->lost_n && !f->holds; i++) {
        if (p->lost[i].who == e->other)
            found(f, e->code == SIM_NONE || e->code == p->lost[i].why, "%s", sim_why_name(p->lost[i].why));
    }
}

static void file_error(finding *f, const sim_expect *e, const sim_person *p)
{
    found(f, p->has_file_error && p->file_error == e->code, "%s",
          p->has_file_error ? sim_file_error_name(p->file_error) : "no error of a file");
}

static void of_client(finding *f, const sim_expect *e, const sim_person *p)
{
    switch (e->want) {
    case SIM_WANT_CONNECTED: yes_or_no(f, e, p->connected, p->ever.connected, "connected", "not connected"); break;
    case SIM_WANT_JOINED: yes_or_no(f, e, p->joined, p->ever.joined, "joined", "not joined"); break;
    case SIM_WANT_CLOSED: closed(f, e, p); break;
    case SIM_WANT_REFUSED: refused(f, e, p); break;
    case SIM_WANT_RESUMED: yes_or_no(f, e, p->resumed, p->ever.resumed, "resumed", "not resumed"); break;
    case SIM_WANT_EARLY: yes_or_no(f, e, p->early, p->ever.early, "early data taken", "no early data taken"); break;
    case SIM_WANT_DELIVERS: amount(f, e, p->delivered, " messages"); break;
    case SIM_WANT_MEMBERS: amount(f, e, p->in_room ? p->members_n : 0, " members"); break;
    case SIM_WANT_LOSES: loses(f, e, p); break;
    case SIM_WANT_MISSED:
        if (e->never)
            found(f, p->missed == 0, "%" PRIu64 " events missed", p->missed);
        else
            amount(f, e, p->missed, " events missed");
        break;
    case SIM_WANT_FILES: amount(f, e, p->files, " files"); break;
    case SIM_WANT_STREAMS: amount(f, e, p->streams, " streams"); break;
    case SIM_WANT_MESSAGES: amount(f, e, p->messages, " messages"); break;
    case SIM_WANT_DATAGRAMS: amount(f, e, p->datagrams, " datagrams"); break;
    case SIM_WANT_LATENCY: millions(f, e, p->latency, "ms at the longest"); break;
    default: file_error(f, e, p); break;
    }
}

/* Bytes of bodies over the time from the first request to the last byte. */
static void goodput(finding *f, const sim_run *r, const sim_expect *e)
{
    bool up = r->scenario->nodes[e->node].role == SIM_CLIENT;
    const sim_person *p = &r->people[up ? e->node : e->other];
    const sim_goodput *g = up ? &p->up : &p->down;
    millions(f, e, sim_goodput_bps(g), "Mbit a second");
}

static void of_world(finding *f, sim_run *r, const sim_expect *e)
{
    sim_world_link *l = sim_world_link_between(&r->world, e->node, e->other);
    const sim_world_node *n = &r->world.nodes[e->node];
    switch (e->want) {
    case SIM_WANT_DROPS: amount(f, e, n->drops[e->code], " drops"); break;
    case SIM_WANT_CONNECTIONS:
        amount(f, e, n->self == NULL ? 0 : tern_relay_connections(sim_lent_node(n->self)), " connections");
        break;
    case SIM_WANT_FAULTS:
        amount(f, e, e->code == SIM_MARKED ? l->link.marked : l->link.fates[e->code], " datagrams");
        break;
    case SIM_WANT_KEY_UPDATES: amount(f, e, sim_flow_of(r, e->node, true).info.key_updates, " key updates"); break;
    case SIM_WANT_PACKETS: amount(f, e, l->link.packets, " datagrams"); break;
    default: goodput(f, r, e); break;
    }
}

/*= SIM-008 */
void sim_judge(sim_run *r, size_t index)
{
    const sim_expect *e = &r->scenario->expects[index];
    sim_verdict *v = &r->verdicts[index];
    finding f = { true, "" };
    if (e->want >= SIM_WANT_DROPS)
        of_world(&f, r, e);
    else if (!e->all)
        of_client(&f, e, &r->people[e->node]);
    else
        for (uint32_t i = 0; i < r->scenario->nodes_n && f.holds; i++) {
            if (!(r->scenario->nodes[i].role & (e->of_guests ? SIM_PERSON : SIM_CLIENT))) continue;
            of_client(&f, e, &r->people[i]);
            snprintf(v->seen, sizeof v->seen, "%.40s: %.100s", r->scenario->nodes[i].name, f.seen);
        }
    if (!e->all) snprintf(v->seen, sizeof v->seen, "%s", f.seen);
    v->state = f.holds ? SIM_HELD : SIM_BROKEN;
    uint64_t fold =
        sim_fold(tern_bytes_of(e->text, strlen(e->text))) ^ sim_fold(tern_bytes_of(v->seen, strlen(v->seen)));
    sim_digest_add(&r->world.digest, r->world.now, SIM_NOTE_ACTION, 1, f.holds, fold);
}
