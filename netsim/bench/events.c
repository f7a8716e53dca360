/* SPDX-License-Identifier: MIT */
/* tern-sim-events COUNT: what an event costs the simulator when so many nodes hold a connection, with nothing in the
 * nodes that would cost more. Each of them wakes at times of its own and sends a datagram to one that answers none. */
#define _GNU_SOURCE
#include "bench/cpu.h"
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS   4000000 /* at least; a timeout and an arrival each */
#define DATAGRAM 64      /* bytes */
#define PERIOD   (20 * TERN_MS)
#define PORT     1

typedef struct {
    const sim_world *world;
    tern_path path;
    tern_time next;
    uint64_t turns;
    uint32_t index;
    bool owes;
} caller;

/* When it wakes next: anywhere in two periods. */
static void rest(caller *c)
{
    c->next = c->world->now + 1 + sim_prf_u64(&c->world->prf, c->index, c->turns++, SIM_DRAW_RANGE) % (2 * PERIOD);
}

static int no_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    (void)self, (void)now, (void)path, (void)datagram, (void)ecn;
    return 0;
}

static tern_batch send_owed(void *self, tern_time now, tern_buf out)
{
    caller *c = self;
    (void)now;
    if (!c->owes) return (tern_batch){ 0 };
    c->owes = false;
    memset(out.p, (int)c->index, DATAGRAM);
    return (tern_batch){ .path = c->path, .ecn = TERN_ECN_NOT_ECT, .total = DATAGRAM, .segment = DATAGRAM, .count = 1 };
}

static tern_time next_timeout(const void *self)
{
    return ((const caller *)self)->next;
}

static void on_timeout(void *self, tern_time now)
{
    caller *c = self;
    (void)now;
    c->owes = true;
    rest(c);
}

static tern_batch no_send(void *self, tern_time now, tern_buf out)
{
    (void)self, (void)now, (void)out;
    return (tern_batch){ 0 };
}

static const sim_node_ops CALLER = {
    .recv = no_recv, .send = send_owed, .next_timeout = next_timeout, .on_timeout = on_timeout
};
static const sim_node_ops CALLED = { .recv = no_recv, .send = no_send };

static void populate(sim_world *w, caller *callers, uint32_t count)
{
    static const sim_link_spec link = { .delay = 10 * TERN_MS };
    static int called;
    char name[sizeof w->nodes->name];
    uint32_t hub = sim_world_add_node(w, "hub", &CALLED, PORT);
    sim_world_start(w, hub, &called);
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "n%u", (unsigned)i);
        uint32_t node = sim_world_add_node(w, name, &CALLER, PORT);
        callers[i] = (caller){ .world = w, .path = { w->nodes[node].addr, w->nodes[hub].addr }, .index = node };
        rest(&callers[i]);
        sim_world_add_link(w, node, hub, &link, SIM_NO_BOTTLENECK);
        sim_world_start(w, node, &callers[i]);
    }
}

int main(int argc, char **argv)
{
    static sim_world w;
    unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count >= SIM_NODES_MAX) {
        (void)fprintf(stderr, "usage: tern-sim-events COUNT (1 to %d)\n", SIM_NODES_MAX - 1);
        return 2;
    }
    caller *callers = calloc(count, sizeof *callers);
    if (callers == NULL) return 1;
    sim_world_init(&w, 1);
    populate(&w, callers, (uint32_t)count);
    (void)sim_world_run(&w, 4 * PERIOD); /* as many are under way as there will be */
    uint64_t before = w.queue.order;
    double begun = cpu_seconds();
    while (!w.failed && w.queue.order - before < EVENTS) (void)sim_world_run(&w, w.now + PERIOD);
    double spent = cpu_seconds() - begun;
    (void)printf("{\"nodes\": %lu, \"events\": %llu, \"seconds\": %.6f}\n", count,
                 (unsigned long long)(w.queue.order - before), spent);
    bool failed = w.failed;
    sim_world_free(&w);
    free(callers);
    return failed ? 1 : 0;
}
