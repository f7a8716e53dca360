/* SPDX-License-Identifier: MIT */
/* A relay and a client in one thread (see pair.h). */
#define _GNU_SOURCE
#include "pair.h"

#include <stdlib.h>
#include <string.h>

#include "posix/say.h"

#define TURN    (20 * UINT64_C(1000)) /* ns that a turn takes: half a round trip */
#define MINUTE  (60 * TERN_SECOND)
#define CLIENTS 1024

static tern_addr address(uint8_t host, uint16_t port)
{
    return (tern_addr){ .family = 4, .ip = { 10, 0, 0, host }, .port = port };
}

void bench_pair_open(bench_pair *p, const bench_options *options)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 'k', 'e', 'y' };
    tern_relay_config config;
    uint8_t pem[512];
    const char *why = "unknown";
    memset(p, 0, sizeof *p);
    p->now = TERN_SECOND;
    p->datagram = options->datagram;
    p->relay = (bench_end){ .pair = p, .path = { address(1, TERN_DEFAULT_PORT), address(2, 40000) } };
    p->client = (bench_end){ .pair = p, .path = { address(2, 40000), address(1, TERN_DEFAULT_PORT) } };
    tern_relay_config_default(&config);
    (void)tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &config.key_pem.n);
    config.key_pem.p = pem;
    (void)tern_key_pem_fingerprint(config.key_pem, p->pin);
    config.max_connections = CLIENTS;
    config.max_per_address = CLIENTS;
    config.transport.unordered_window = BENCH_MESSAGES;
    p->relay.memory = bench_alloc(tern_relay_footprint(&config));
    if (tern_relay_init(p->relay.memory, &config, p->now, &p->relay.node, &why) == TERN_OK) return;
    tern_say("cannot make a relay: %s", why);
    exit(1);
}

void bench_pair_close(bench_pair *p)
{
    free(p->relay.memory);
    free(p->client.memory);
}

void bench_pair_connect(bench_pair *p, uint32_t pages)
{
    tern_client_config config;
    tern_client_config_default(&config);
    memcpy(config.seed, &p->now, sizeof p->now);
    config.path = p->client.path;
    config.trust.proof = TERN_PROOF_PIN;
    memcpy(config.trust.pin, p->pin, sizeof config.trust.pin);
    config.ticket = p->ticket;
    if (pages != 0) config.transport.pages = pages;
    if (p->client.memory == NULL) p->client.memory = bench_alloc(tern_client_footprint(&config));
    p->connected = false;
    if (tern_client_init(p->client.memory, &config, p->now, &p->client.node) == TERN_OK) return;
    tern_say("cannot make a client");
    exit(1);
}

/* ---- turning */

static bool carry(bench_end *from, bench_end *to)
{
    bench_pair *p = from->pair;
    bool any = false;
    for (;;) {
        tern_batch b = tern_node_send(from->node, p->now, (tern_buf){ p->out, sizeof p->out });
        if (b.count == 0) return any;
        any = true;
        for (size_t at = 0; at < b.total; at += b.segment) {
            size_t n = b.total - at < b.segment ? b.total - at : b.segment;
            if (n > p->datagram) continue;
            p->delivered++;
            (void)tern_node_recv(to->node, p->now, &to->path, (tern_buf){ p->out + at, n }, b.ecn);
        }
    }
}

static void note(bench_pair *p, const bench_end *end, const tern_event *event)
{
    if (event->type == TERN_EVENT_CONNECTED && end == &p->client) p->connected = true;
}

static void tell(bench_end *end)
{
    tern_event event;
    while (tern_node_poll(end->node, &event)) {
        note(end->pair, end, &event);
        if (end->event != NULL) end->event(end->pair, &event);
    }
}

static void timeouts(bench_end *end)
{
    if (tern_node_next_timeout(end->node) <= end->pair->now) tern_node_on_timeout(end->node, end->pair->now);
}

void bench_pair_turn(bench_pair *p)
{
    bool moved = carry(&p->client, &p->relay);
    tell(&p->relay);
    moved = carry(&p->relay, &p->client) || moved;
    tell(&p->client);
    tern_time a = tern_node_next_timeout(p->client.node), b = tern_node_next_timeout(p->relay.node);
    tern_time next = a < b ? a : b;
    p->now += TURN;
    if (!moved && next != TERN_TIME_NEVER && next > p->now) p->now = next;
    timeouts(&p->client);
    timeouts(&p->relay);
}

bool bench_pair_until(bench_pair *p, const bool *flag)
{
    tern_time end = p->now + MINUTE;
    while (!*flag && p->now < end) bench_pair_turn(p);
    if (!*flag) tern_say("nothing came of it in a virtual minute");
    return *flag;
}
