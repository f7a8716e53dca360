/* SPDX-License-Identifier: MIT */
/* A real datagram enters the link under the next number; whose it is is kept by that number, and looked up when the
 * link delivers it. */
#include "proxy/proxy.h"

#include "run/act.h"
#include "world/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ_MOST 64 /* datagrams of one socket before the others have their turn */

/* ---- nodes that only hand on: what they get is taken by the observer, who knows its number ---- */

static int node_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    (void)self, (void)now, (void)path, (void)datagram, (void)ecn;
    return TERN_DROP_NONE;
}

static tern_batch node_send(void *self, tern_time now, tern_buf out)
{
    (void)self, (void)now, (void)out;
    return (tern_batch){ 0 };
}

static const sim_node_ops OPS = { .recv = node_recv, .send = node_send };

/* ---- out ---- */

static void deliver(void *context, const sim_sight *s)
{
    sim_proxy *p = context;
    bool up = s->node == p->relay;
    if (s->what != SIM_NOTE_DELIVERED || (!up && s->node != p->client)) return;
    const sim_proxy_owner *o = &p->owners[up][s->number % SIM_PROXY_NUMBERS];
    const sim_proxy_client *c = &p->clients[o->client];
    if (o->number != s->number || c->fd < 0 || c->life != o->life) {
        p->no_owner++;
        return;
    }
    if (sim_udp_send(up ? c->fd : p->listening, up ? NULL : &c->addr, s->datagram, s->ecn))
        p->delivered[up]++;
    else
        p->unsent++;
}

/* `rebind` of the scenario, or a NAT that has forgotten: the target sees every client at another port. */
static void rebind(sim_proxy *p)
{
    uint16_t now = p->run.world.nodes[p->client].rebound;
    if (p->rebound == now) return;
    p->rebound = now;
    for (uint32_t i = 0; i < SIM_PROXY_CLIENTS; i++) {
        if (p->clients[i].fd < 0) continue;
        int fd = sim_udp_connect(&p->target); /* before the old one goes: its port is another */
        sim_udp_close(p->clients[i].fd);
        p->clients[i].fd = fd;
    }
}

/* ---- in ---- */

/*= SIM-034 */
static void enter(sim_proxy *p, uint32_t client, bool up, tern_bytes datagram, tern_ecn ecn)
{
    sim_world *w = &p->run.world;
    uint32_t from = up ? p->client : p->relay, to = up ? p->relay : p->client;
    const sim_link *link = &sim_world_link_between(w, from, to)->link;
    if (w->pool.bytes > SIM_PROXY_UNDER_WAY || datagram.n > TERN_DATAGRAM_MAX) {
        p->too_much++;
        return;
    }
    sim_proxy_owner *o = &p->owners[up][(link->packets + 1) % SIM_PROXY_NUMBERS];
    *o = (sim_proxy_owner){ link->packets + 1, client, p->clients[client].life };
    w->packets = w->events = 0; /* a run of nodes is bounded by them, this by time and by what is under way */
    sim_world_transmit(w, from, &w->nodes[to].addr, datagram, ecn);
    rebind(p);
}

/* The place of an address, perhaps one that it has taken over; SIM_PROXY_CLIENTS: there is none. */
static uint32_t place_of(sim_proxy *p, const sim_udp_addr *addr)
{
    tern_time now = p->run.world.now;
    uint32_t place = SIM_PROXY_CLIENTS, oldest = 0;
    for (uint32_t i = 0; i < SIM_PROXY_CLIENTS; i++) {
        sim_proxy_client *c = &p->clients[i];
        if (c->fd >= 0 && sim_udp_same(&c->addr, addr)) return i;
        if (c->fd < 0 && place == SIM_PROXY_CLIENTS) place = i;
        if (c->heard < p->clients[oldest].heard) oldest = i;
    }
    if (place == SIM_PROXY_CLIENTS && now - p->clients[oldest].heard >= SIM_PROXY_IDLE) place = oldest;
    if (place == SIM_PROXY_CLIENTS) return place;
    sim_proxy_client *c = &p->clients[place];
    if (c->fd >= 0) sim_udp_close(c->fd);
    c->fd = sim_udp_connect(&p->target);
    c->addr = *addr;
    c->life++;
    p->served += c->fd >= 0;
    return c->fd >= 0 ? place : SIM_PROXY_CLIENTS;
}

static void read_from_clients(sim_proxy *p)
{
    for (int i = 0; i < READ_MOST; i++) {
        sim_udp_addr from;
        tern_ecn ecn;
        tern_buf d = { p->room, SIM_OUT_SIZE };
        if (sim_udp_receive(p->listening, &from, &d, &ecn) != SIM_UDP_GOT) return;
        uint32_t client = place_of(p, &from);
        if (client == SIM_PROXY_CLIENTS) {
            p->no_place++;
            continue;
        }
        p->clients[client].heard = p->run.world.now;
        enter(p, client, true, tern_bytes_of(d.p, d.n), ecn);
    }
}

static void read_from_target(sim_proxy *p, uint32_t client)
{
    for (int i = 0; i < READ_MOST; i++) {
        sim_udp_addr from;
        tern_ecn ecn;
        tern_buf d = { p->room, SIM_OUT_SIZE };
        sim_udp_result got = sim_udp_receive(p->clients[client].fd, &from, &d, &ecn);
        p->refused += got == SIM_UDP_REFUSED;
        if (got != SIM_UDP_GOT) return;
        p->clients[client].heard = p->run.world.now;
        enter(p, client, false, tern_bytes_of(d.p, d.n), ecn);
    }
}

/* ---- from beginning to end ---- */

void sim_proxy_init(sim_proxy *p, const sim_scenario *s, uint64_t seed, uint32_t client, FILE *trace)
{
    memset(p, 0, sizeof *p);
    sim_world *w = &p->run.world;
    p->run.scenario = s;
    p->client = client;
    p->relay = s->nodes[client].relay;
    p->room = sim_grow(NULL, 1, SIM_OUT_SIZE);
    for (size_t i = 0; i < SIM_PROXY_CLIENTS; i++) p->clients[i].fd = -1;
    for (size_t i = 0; i < 2; i++) {
        p->owners[i] = sim_grow(NULL, SIM_PROXY_NUMBERS, sizeof *p->owners[i]);
        memset(p->owners[i], 0, SIM_PROXY_NUMBERS * sizeof *p->owners[i]);
    }
    sim_world_init(w, seed);
    w->trace = trace;
    for (uint32_t i = 0; i < s->nodes_n; i++) {
        sim_world_add_node(w, s->nodes[i].name, &OPS, (uint16_t)(40000 + i));
        w->nodes[i].nat = s->nodes[i].nat;
    }
    for (uint32_t i = 0; i < s->queues_n; i++) sim_world_add_bottleneck(w, s->queues[i].name, &s->queues[i].spec);
    for (uint32_t i = 0; i < s->links_n; i++) {
        const sim_link_line *l = &s->links[i];
        sim_world_add_link(w, l->from, l->to, &l->spec, l->via == SIM_NONE ? SIM_NO_BOTTLENECK : l->via);
    }
    sim_world_observe(w, deliver, p);
    sim_act_all(&p->run, true);
    sim_world_start(w, p->client, p);
    sim_world_start(w, p->relay, p);
}

/* Everything that the links owe by now. */
static bool catch_up(sim_proxy *p)
{
    bool good = sim_world_run(&p->run.world, sim_udp_now() - p->begun);
    rebind(p);
    return good;
}

static void wait(const sim_proxy *p, struct pollfd *fds, tern_time end)
{
    const sim_queue *q = &p->run.world.queue;
    tern_time now = sim_udp_now() - p->begun, next = q->n > 0 && q->items[0].at < end ? q->items[0].at : end;
    fds[SIM_PROXY_CLIENTS] = (struct pollfd){ p->listening, POLLIN, 0 };
    for (size_t i = 0; i < SIM_PROXY_CLIENTS; i++) fds[i] = (struct pollfd){ p->clients[i].fd, POLLIN, 0 };
    sim_udp_wait(fds, SIM_PROXY_CLIENTS + 1, next > now ? next - now : 0);
}

/*= SIM-035 */
bool sim_proxy_go(sim_proxy *p, tern_time how_long)
{
    struct pollfd fds[SIM_PROXY_CLIENTS + 1];
    bool good = true;
    p->begun = sim_udp_now();
    while (good && !sim_udp_stopped() && p->run.world.now < how_long) {
        wait(p, fds, how_long);
        good = catch_up(p);
        if (fds[SIM_PROXY_CLIENTS].revents != 0) read_from_clients(p);
        for (uint32_t i = 0; i < SIM_PROXY_CLIENTS; i++)
            if (fds[i].revents != 0 && p->clients[i].fd == fds[i].fd) read_from_target(p, i);
        good = good && catch_up(p);
    }
    return good;
}

void sim_proxy_free(sim_proxy *p)
{
    for (size_t i = 0; i < SIM_PROXY_CLIENTS; i++)
        if (p->clients[i].fd >= 0) sim_udp_close(p->clients[i].fd);
    sim_world_free(&p->run.world);
    free(p->owners[0]);
    free(p->owners[1]);
    free(p->room);
}
