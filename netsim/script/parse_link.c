/* SPDX-License-Identifier: MIT */
/* `link`, `queue` and `at T set`: between whom packets travel, where they wait, and how that changes. */
#include "script/parse.h"

#include "world/queue.h"
#include "world/world.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    sim_link_spec spec;
    unsigned given; /* bits 1 << sim_link_option */
    uint32_t via;
} link_options;

#define BIT(option) (1u << (option))
#define OF_QUEUE    (BIT(SIM_LINK_RATE) | BIT(SIM_LINK_QUEUE) | BIT(SIM_LINK_ECN) | BIT(SIM_LINK_CODEL))
#define OF_LINK     (BIT(SIM_LINK_OPTIONS) - 1)

static uint64_t time_of(sim_line *l)
{
    return sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
}

static uint64_t chance_of(sim_line *l)
{
    return sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
}

static void parse_delay(sim_link_spec *s, sim_line *l)
{
    s->delay = time_of(l);
}

static void parse_jitter(sim_link_spec *s, sim_line *l)
{
    s->jitter = time_of(l);
}

static void parse_rate(sim_link_spec *s, sim_line *l)
{
    s->queue.rate_bps = sim_line_value(l, SIM_RATE, 1000, UINT64_C(10000000000));
}

static void parse_queue_size(sim_link_spec *s, sim_line *l)
{
    s->queue.queue_bytes = sim_line_value(l, SIM_SIZE, 1, 1 << 30);
}

static void parse_mtu(sim_link_spec *s, sim_line *l)
{
    s->mtu = sim_line_value(l, SIM_COUNT, 1, TERN_DATAGRAM_MAX);
    s->mtu_tells = sim_line_accept(l, "tell");
}

static void parse_loss(sim_link_spec *s, sim_line *l)
{
    s->loss = chance_of(l);
}

static void parse_burst(sim_link_spec *s, sim_line *l)
{
    s->burst_enter = chance_of(l);
    s->burst_leave = sim_line_value(l, SIM_PROBABILITY, 1, SIM_CHANCE_ONE);
}

static void parse_dup(sim_link_spec *s, sim_line *l)
{
    s->dup = chance_of(l);
}

static void parse_reorder(sim_link_spec *s, sim_line *l)
{
    s->reorder = chance_of(l);
    s->reorder_by = SIM_LINK_REORDER_DEFAULT;
    if (!sim_line_accept(l, "by")) return;
    sim_line_slot(l, "reorder by");
    s->reorder_by = time_of(l);
}

static void parse_corrupt(sim_link_spec *s, sim_line *l)
{
    s->corrupt = chance_of(l);
}

static void parse_ecn(sim_link_spec *s, sim_line *l)
{
    if (sim_line_accept(l, "on")) {
        s->queue.ecn.mode = SIM_ECN_ON;
    } else if (sim_line_accept(l, "off")) {
        s->queue.ecn.mode = SIM_ECN_OFF;
    } else if (sim_line_accept(l, "bleach")) {
        s->queue.ecn.mode = SIM_ECN_BLEACH;
    } else if (sim_line_at_value(l)) {
        s->queue.ecn.mode = SIM_ECN_SIZE;
        s->queue.ecn.bytes = sim_line_value(l, SIM_SIZE, 1, 1 << 30);
    } else {
        sim_line_wrong(l, "on, off, bleach, or a size such as 64k above which is marked");
    }
}

static void parse_codel(sim_link_spec *s, sim_line *l)
{
    (void)l;
    s->queue.codel = true;
}

static const struct {
    const char *name;
    void (*parse)(sim_link_spec *s, sim_line *l);
} OPTIONS[SIM_LINK_OPTIONS] = {
    [SIM_LINK_DELAY] = { "delay", parse_delay },
    [SIM_LINK_JITTER] = { "jitter", parse_jitter },
    [SIM_LINK_RATE] = { "rate", parse_rate },
    [SIM_LINK_QUEUE] = { "queue", parse_queue_size },
    [SIM_LINK_MTU] = { "mtu", parse_mtu },
    [SIM_LINK_LOSS] = { "loss", parse_loss },
    [SIM_LINK_GE] = { "ge", parse_burst },
    [SIM_LINK_DUP] = { "dup", parse_dup },
    [SIM_LINK_REORDER] = { "reorder", parse_reorder },
    [SIM_LINK_CORRUPT] = { "corrupt", parse_corrupt },
    [SIM_LINK_ECN] = { "ecn", parse_ecn },
    [SIM_LINK_CODEL] = { "codel", parse_codel },
};

/* Takes the next option if it is among those allowed. */
static bool accept_option(link_options *o, sim_line *l, unsigned allowed)
{
    for (unsigned i = 0; i < SIM_LINK_OPTIONS; i++) {
        if (!(allowed & BIT(i)) || !sim_line_accept(l, OPTIONS[i].name)) continue;
        if (o->given & BIT(i)) sim_line_wrong_at(l, &l->words[l->at - 1], SIM_ONCE);
        sim_line_slot(l, OPTIONS[i].name);
        OPTIONS[i].parse(&o->spec, l);
        o->given |= BIT(i);
        return true;
    }
    return false;
}

/* What is said of a queue hangs together. */
static void check_queue(const link_options *o, sim_line *l)
{
    const sim_bottleneck_spec *q = &o->spec.queue;
    if (!(o->given & BIT(SIM_LINK_RATE)) && (o->given & OF_QUEUE))
        sim_line_wrong(l, "a rate, without which nothing queues");
    else if (q->codel && q->ecn.mode == SIM_ECN_SIZE)
        sim_line_wrong(l, "'ecn on' with codel, which itself decides what is marked");
}

static void parse_via(sim_scenario *s, link_options *o, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a queue declared above");
    if (o->via != SIM_NONE) sim_line_wrong_at(l, w, SIM_ONCE);
    o->via = w->quoted ? SIM_NONE : sim_find_queue(s, w->p, w->n);
    if (o->via == SIM_NONE) sim_line_wrong_at(l, w, "a queue declared above");
}

static void add_link(sim_scenario *s, sim_line *l, uint32_t from, uint32_t to, const link_options *o)
{
    if (!sim_line_ok(l)) return;
    if (sim_has_link(s, from, to)) {
        sim_line_wrong_at(l, &l->words[1], "a link that has not been declared above");
        return;
    }
    if (s->links_n == SIM_LINKS_NAMED) {
        sim_line_wrong_at(l, &l->words[1], "at most 16384 links");
        return;
    }
    s->links = sim_grow(s->links, s->links_n + 1, sizeof *s->links);
    s->links[s->links_n++] = (sim_link_line){ from, to, o->via, o->spec };
}

static link_options no_options(void)
{
    return (link_options){ .spec = { .queue.queue_bytes = SIM_QUEUE_DEFAULT, .mtu = SIM_LINK_MTU_DEFAULT },
                           .via = SIM_NONE };
}

void sim_parse_link(sim_scenario *s, sim_line *l)
{
    link_options o = no_options();
    uint32_t from, to;
    bool both = false;
    sim_parse_link_name(s, l, &from, &to, &both);
    if (!sim_line_ok(l)) return;
    char name[2 * SIM_NAME_MAX + 2];
    snprintf(name, sizeof name, "%s%c%s", s->nodes[from].name, both ? '-' : '>', s->nodes[to].name);
    sim_line_scope(l, "link", name);
    while (sim_line_ok(l) && sim_line_peek(l) != NULL) {
        const sim_word *w = sim_line_peek(l);
        if (sim_line_accept(l, "via"))
            parse_via(s, &o, l);
        else if (!accept_option(&o, l, OF_LINK))
            sim_line_wrong(l, "delay, jitter, rate, queue, mtu, loss, ge, dup, reorder, corrupt, ecn, codel or via");
        if (o.via != SIM_NONE && (o.given & OF_QUEUE))
            sim_line_wrong_at(l, w, "either a rate with a queue or 'via' a queue that has its own");
    }
    check_queue(&o, l);
    add_link(s, l, from, to, &o);
    if (both) add_link(s, l, to, from, &o);
}

void sim_parse_queue(sim_scenario *s, sim_line *l)
{
    link_options o = no_options();
    const sim_word *w = sim_line_next(l, "a name for the queue");
    if (!sim_name_is_good(s, w))
        sim_line_wrong_at(l, w, SIM_NAME_WANTED);
    else if (s->queues_n == SIM_BOTTLENECKS_MAX)
        sim_line_wrong_at(l, w, "at most 256 queues");
    if (!sim_line_ok(l)) return;
    char *name = sim_scenario_alloc(s, w->n + 1);
    memcpy(name, w->p, w->n);
    sim_line_scope(l, "queue", name);
    while (sim_line_ok(l) && sim_line_peek(l) != NULL)
        if (!accept_option(&o, l, OF_QUEUE)) sim_line_wrong(l, "rate, queue, ecn or codel");
    if (!(o.given & BIT(SIM_LINK_RATE))) sim_line_wrong(l, "a rate, without which nothing queues");
    check_queue(&o, l);
    s->queues = sim_grow(s->queues, s->queues_n + 1, sizeof *s->queues);
    s->queues[s->queues_n++] = (sim_queue_line){ name, o.spec.queue };
}

static const sim_link_line *find_link(const sim_scenario *s, uint32_t from, uint32_t to)
{
    const sim_link_line *l = s->links;
    while (l->from != from || l->to != to) l++;
    return l;
}

/* Whether all that it names has a queue of its own; and whether that runs CoDel. */
static void look_at_queues(const sim_scenario *s, const sim_action *a, bool *have, bool *codel)
{
    *have = true;
    *codel = false;
    if (a->queue != SIM_NONE) {
        *codel = s->queues[a->queue].spec.codel;
        return;
    }
    for (int back = 0; back < (a->both_ways ? 2 : 1); back++) {
        const sim_bottleneck_spec *q = &find_link(s, back ? a->to : a->from, back ? a->from : a->to)->spec.queue;
        *have = *have && q->rate_bps > 0;
        *codel = *codel || q->codel;
    }
}

void sim_parse_set(sim_scenario *s, sim_line *l, sim_action *a)
{
    link_options o = no_options();
    const sim_word *w = sim_line_peek(l);
    if (w != NULL && !w->quoted) a->queue = sim_find_queue(s, w->p, w->n);
    if (a->queue != SIM_NONE)
        l->at++;
    else
        sim_parse_known_link(s, l, &a->from, &a->to, &a->both_ways);
    if (!sim_line_ok(l)) return;
    unsigned allowed = (a->queue == SIM_NONE ? OF_LINK : OF_QUEUE) & ~BIT(SIM_LINK_CODEL);
    do {
        w = sim_line_peek(l);
        bool have, codel;
        look_at_queues(s, a, &have, &codel);
        if (!accept_option(&o, l, allowed))
            sim_line_wrong(l, a->queue != SIM_NONE
                                  ? "what is to change: rate, queue or ecn"
                                  : "what is to change: delay, jitter, rate, queue, mtu, loss, ge, dup, reorder, "
                                    "corrupt or ecn");
        if (!have && (o.given & OF_QUEUE)) sim_line_wrong_at(l, w, "a link that was given a rate, or a queue by name");
        if (codel && o.spec.queue.ecn.mode == SIM_ECN_SIZE)
            sim_line_wrong_at(l, w, "'ecn on' with codel, which itself decides what is marked");
    } while (sim_line_ok(l) && sim_line_peek(l) != NULL);
    sim_link_spec *change = sim_scenario_alloc(s, sizeof *change);
    *change = o.spec;
    a->change = change;
    a->given = o.given;
}
