/* SPDX-License-Identifier: MIT */
/* Who is there, and what ties them together. */
#include "world/world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void sim_world_init(sim_world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->prf = sim_prf_of_seed(seed);
    sim_digest_init(&w->digest);
    w->events_max = SIM_EVENTS_MAX;
    w->nodes = sim_grow(NULL, SIM_NODES_MAX, sizeof *w->nodes);
    w->links = sim_grow(NULL, SIM_LINKS_MAX, sizeof *w->links);
    w->bottlenecks = sim_grow(NULL, SIM_LINKS_MAX + SIM_BOTTLENECKS_MAX, sizeof *w->bottlenecks);
    w->out = sim_grow(NULL, 1, SIM_OUT_SIZE);
}

void sim_world_free(sim_world *w)
{
    sim_happening left;
    while (sim_queue_pop(&w->queue, &left)) {
        if (left.kind == SIM_HAPPENS_DELIVERY || left.kind == SIM_HAPPENS_WORD)
            sim_packet_release(&w->pool, left.what);
        else if (left.kind == SIM_HAPPENS_CALL)
            free(left.what);
    }
    for (uint32_t i = 0; i < w->nodes_n; i++) {
        if (w->nodes[i].self != NULL && w->nodes[i].ops->destroy != NULL) w->nodes[i].ops->destroy(w->nodes[i].self);
    }
    for (uint32_t i = 0; i < w->bottlenecks_n; i++) {
        sim_bottleneck *b = &w->bottlenecks[i].queue;
        for (size_t j = 0; j < b->waiting; j++) {
            sim_packet *p = sim_bottleneck_waiting(b, j)->what;
            if (p != NULL) sim_packet_release(&w->pool, p);
        }
        sim_bottleneck_free(b);
    }
    sim_packet_pool_free(&w->pool);
    sim_queue_free(&w->queue);
    free(w->nodes);
    for (uint32_t i = 0; i < w->links_n; i++) sim_link_free(&w->links[i].link);
    for (uint32_t i = 0; i < w->groups_n; i++) free(w->groups[i].in);
    free(w->links);
    free(w->link_slots);
    free(w->bottlenecks);
    free(w->out);
    memset(w, 0, sizeof *w);
}

/* Node i lives at 10.0.0.0 + i + 1. */
static tern_addr address_of(uint32_t node, uint16_t port)
{
    tern_addr a = { .family = 4, .ip = { 10, 0 }, .port = port };
    a.ip[2] = (uint8_t)((node + 1) >> 8);
    a.ip[3] = (uint8_t)(node + 1);
    return a;
}

uint32_t sim_world_add_node(sim_world *w, const char *name, const sim_node_ops *ops, uint16_t port)
{
    tern_assert(w->nodes_n < SIM_NODES_MAX);
    uint32_t index = w->nodes_n++;
    sim_world_node *n = &w->nodes[index];
    memset(n, 0, sizeof *n);
    snprintf(n->name, sizeof n->name, "%s", name);
    n->ops = ops;
    n->inside = n->addr = address_of(index, port);
    n->timer = n->timer_queued = TERN_TIME_NEVER;
    n->wakes = SIM_WAKES_FREE;
    return index;
}

bool sim_addr_same(const tern_addr *a, const tern_addr *b)
{
    return a->family == b->family && a->port == b->port && a->zone == b->zone &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

uint32_t sim_world_node_ever_at(const sim_world *w, const tern_addr *addr)
{
    uint32_t index = (uint32_t)addr->ip[2] << 8 | addr->ip[3];
    if (addr->family != 4 || addr->ip[0] != 10 || index == 0 || index > w->nodes_n) return UINT32_MAX;
    const sim_world_node *n = &w->nodes[index - 1];
    bool never = addr->ip[1] > n->addr.ip[1] || (uint16_t)(addr->port - n->inside.port) > n->rebound;
    return never ? UINT32_MAX : index - 1;
}

uint32_t sim_world_node_at(const sim_world *w, const tern_addr *addr)
{
    uint32_t node = sim_world_node_ever_at(w, addr);
    return node != UINT32_MAX && sim_addr_same(&w->nodes[node].addr, addr) ? node : UINT32_MAX;
}

/*= SIM-016 */
void sim_world_rebind(sim_world *w, uint32_t node, bool address)
{
    sim_world_node *n = &w->nodes[node];
    n->rebound++;
    n->addr.port++;
    if (address) n->addr.ip[1]++;
}

uint32_t sim_world_add_bottleneck(sim_world *w, const char *name, const sim_bottleneck_spec *spec)
{
    tern_assert(w->bottlenecks_n < SIM_LINKS_MAX + SIM_BOTTLENECKS_MAX);
    sim_world_bottleneck *b = &w->bottlenecks[w->bottlenecks_n];
    snprintf(b->name, sizeof b->name, "%s", name);
    sim_bottleneck_init(&b->queue, spec);
    return w->bottlenecks_n++;
}

/* The slot of the link from one to the other, or the free one where it belongs. */
static size_t link_slot(const sim_world *w, uint32_t from, uint32_t to)
{
    uint64_t hash = ((uint64_t)from << 32 | to) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (w->link_slots_n - 1);
    for (; w->link_slots[at] != 0; at = (at + 1) & (w->link_slots_n - 1)) {
        const sim_world_link *l = &w->links[w->link_slots[at] - 1];
        if (l->from == from && l->to == to) break;
    }
    return at;
}

static void enter_link(sim_world *w, uint32_t index)
{
    if (w->link_slots_n < 2 * (size_t)w->links_n) {
        w->link_slots_n = w->link_slots_n == 0 ? 64 : 2 * w->link_slots_n;
        w->link_slots = sim_grow(w->link_slots, w->link_slots_n, sizeof *w->link_slots);
        memset(w->link_slots, 0, w->link_slots_n * sizeof *w->link_slots);
        for (uint32_t i = 0; i < index; i++) w->link_slots[link_slot(w, w->links[i].from, w->links[i].to)] = i + 1;
    }
    w->link_slots[link_slot(w, w->links[index].from, w->links[index].to)] = index + 1;
}

uint32_t sim_world_add_link(sim_world *w, uint32_t from, uint32_t to, const sim_link_spec *spec, uint32_t via)
{
    tern_assert(w->links_n < SIM_LINKS_MAX && sim_world_link_between(w, from, to) == NULL);
    uint32_t index = w->links_n++;
    sim_world_link *l = &w->links[index];
    memset(l, 0, sizeof *l);
    l->from = from;
    l->to = to;
    int n = snprintf(l->name, sizeof l->name, "%s>%s", w->nodes[from].name, w->nodes[to].name);
    sim_link_init(&l->link, spec, sim_name_hash(tern_bytes_of(l->name, (size_t)n)));
    l->link.index = index;
    l->bottleneck = via;
    if (via == SIM_NO_BOTTLENECK && spec->queue.rate_bps > 0)
        l->bottleneck = sim_world_add_bottleneck(w, l->name, &spec->queue);
    enter_link(w, index);
    return index;
}

uint32_t sim_world_add_group(sim_world *w, const tern_addr *addr, bool loop)
{
    tern_assert(w->groups_n < SIM_GROUPS_MAX);
    bool *in = sim_grow(NULL, SIM_NODES_MAX, sizeof *in);
    memset(in, 0, SIM_NODES_MAX * sizeof *in);
    w->groups[w->groups_n] = (sim_world_group){ *addr, loop, in };
    return w->groups_n++;
}

sim_world_link *sim_world_link_between(const sim_world *w, uint32_t from, uint32_t to)
{
    uint32_t index = w->link_slots_n == 0 ? 0 : w->link_slots[link_slot(w, from, to)];
    return index == 0 ? NULL : &w->links[index - 1];
}

void sim_world_observe(sim_world *w, sim_observer observer, void *context)
{
    tern_assert(w->observers_n < SIM_OBSERVERS_MAX);
    w->observers[w->observers_n] = observer;
    w->observer_contexts[w->observers_n++] = context;
}

void sim_world_stop(sim_world *w, uint32_t node)
{
    sim_world_node *n = &w->nodes[node];
    if (n->self == NULL) return;
    if (n->ops->destroy != NULL) n->ops->destroy(n->self);
    n->self = NULL;
    n->timer = TERN_TIME_NEVER;
    sim_digest_add(&w->digest, w->now, SIM_NOTE_NODE_STOPS, node, 0, 0);
    if (w->trace != NULL) fprintf(w->trace, "%s %s stops\n", sim_time_print(w->now).text, n->name);
}

void sim_world_fail(sim_world *w, const char *format, ...)
{
    if (w->failed) return;
    w->failed = true;
    w->failure_kind = format;
    va_list arguments;
    va_start(arguments, format);
    int at = snprintf(w->failure, sizeof w->failure, "at %s s: ", sim_time_print(w->now).text);
    vsnprintf(w->failure + at, sizeof w->failure - (size_t)at, format, arguments);
    va_end(arguments);
}
