/* SPDX-License-Identifier: MIT */
/* The verbs and the table of clients. */
#include "dialects/server.h"

#include <string.h>

#include "base/io.h"
#include "crypto/sha256.h"
#include "dialects/address.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"
#include "dialects/work.h"
#include "wire/packet.h"

#define SPARE_EVENTS 2 /* each client can arrive and leave before anybody polls */

static tern_dialect_server *server_of(tern_node *node, tern_time now)
{
    tern_dialect_server *s = (tern_dialect_server *)node;
    tern_assert(node->verbs == &tern_dialect_server_verbs);
    s->now = now;
    return s;
}

/* ---- clients ---- */

tern_dialect_guest *tern_dialect_find(const tern_dialect_server *s, const tern_path *path)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (c->peer != 0 && tern_addr_equal(&c->path.remote, &path->remote)) return c;
    }
    return NULL;
}

/* How many clients there are at this host. */
static uint32_t neighbours(const tern_dialect_server *s, const tern_addr *addr)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        const tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        n += c->peer != 0 && tern_same_host(&c->path.remote, addr);
    }
    return n;
}

/* When all places are taken, one who never said anything has to go: false when there is none. */
static bool make_room(tern_dialect_server *s)
{
    tern_dialect_guest *oldest = NULL;
    if (s->clients < s->config.max_clients) return true;
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (!c->member && (oldest == NULL || c->heard < oldest->heard)) oldest = c;
    }
    if (oldest != NULL) tern_dialect_go(s, oldest, TERN_LEFT_SENT_AWAY);
    return oldest != NULL;
}

tern_dialect_guest *tern_dialect_meet(tern_dialect_server *s, const tern_path *path)
{
    tern_dialect_guest *c = tern_dialect_find(s, path);
    if (c != NULL) return c;
    if (neighbours(s, &path->remote) > s->config.max_clients / 2 || !make_room(s)) return NULL;
    uint32_t i = 0;
    while (tern_dialect_guest_at(s, i)->peer != 0) i++;
    c = tern_dialect_guest_at(s, i);
    memset(c, 0, s->client_stride);
    c->peer = ++s->last_peer;
    s->clients++;
    tern_dialect_heard(s, c, path);
    return c;
}

void tern_dialect_heard(tern_dialect_server *s, tern_dialect_guest *c, const tern_path *path)
{
    c->path = *path;
    c->heard = s->now;
}

static void describe(const tern_dialect_guest *c, tern_member *who)
{
    who->addr = c->path.remote;
    memcpy(who->nick, c->nick, sizeof who->nick);
}

void tern_dialect_arrive(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes nick)
{
    tern_event event = { .type = TERN_EVENT_ARRIVED, .peer = c->peer };
    if (c->member) return;
    tern_line_address(&c->path.remote, c->nick);
    if (nick.n > 0 && nick.n < sizeof c->nick) {
        memset(c->nick, 0, sizeof c->nick);
        memcpy(c->nick, nick.p, nick.n);
    }
    describe(c, &event.u.presence.who);
    c->member = tern_post_tell(&s->post, &event, tern_bytes_of(NULL, 0));
}

bool tern_dialect_said(tern_dialect_server *s, const tern_dialect_guest *c, tern_bytes text)
{
    tern_event event = { .type = TERN_EVENT_MESSAGE, .peer = c->peer };
    if (!tern_post_has_room(&s->post, text.n, SPARE_EVENTS * (size_t)s->config.max_clients)) return false;
    event.u.message.size = (uint32_t)text.n;
    describe(c, &event.u.message.sender);
    return tern_post_tell(&s->post, &event, text);
}

void tern_dialect_go(tern_dialect_server *s, tern_dialect_guest *c, tern_left_why why)
{
    tern_event event = { .type = TERN_EVENT_LEFT, .peer = c->peer, .u.presence.why = (uint8_t)why };
    if (s->rules->going != NULL) s->rules->going(s, c);
    describe(c, &event.u.presence.who);
    if (c->member) (void)tern_post_tell(&s->post, &event, tern_bytes_of(NULL, 0));
    memset(c, 0, s->client_stride);
    s->clients--;
}

uint64_t tern_dialect_sender(const tern_dialect_server *s, const tern_addr *addr)
{
    uint8_t in[sizeof s->secret + 1 + 16 + 2], hash[TERN_SHA256_SIZE];
    uint64_t sender;
    tern_writer w = tern_writer_of((tern_buf){ in, sizeof in });
    tern_write_bytes(&w, tern_bytes_of(s->secret, sizeof s->secret));
    tern_write_u8(&w, addr->family);
    tern_write_bytes(&w, tern_bytes_of(addr->ip, sizeof addr->ip));
    tern_write_u16(&w, addr->port);
    tern_sha256_of(tern_written(&w), hash);
    memcpy(&sender, hash, sizeof sender);
    return sender;
}

bool tern_dialect_may_answer(tern_dialect_server *s, const tern_addr *addr)
{
    return tern_budget_take(&s->answers, s->now, addr, TERN_BUDGET_ANSWER);
}

bool tern_dialect_may_open(tern_dialect_server *s, const tern_addr *addr, size_t n)
{
    return tern_budget_take(&s->budget, s->now, addr, tern_blocks_cost(&s->key, n));
}

/* ---- the verbs ---- */

static int server_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    tern_dialect_server *s = server_of(node, now);
    (void)ecn;
    s->post.stats.packets_received++;
    s->post.stats.bytes_received += datagram.n;
    tern_drop drop = s->rules->take(s, path, datagram);
    if (drop != TERN_DROP_NONE) s->post.stats.drops[drop]++;
    return (int)drop;
}

static tern_batch server_send(tern_node *node, tern_time now, tern_buf out)
{
    return tern_post_take(&server_of(node, now)->post, out);
}

static tern_time timeout_of(const tern_dialect_server *s, const tern_dialect_guest *c)
{
    return c->heard + s->config.client_timeout_ms * TERN_MS;
}

static tern_time server_next_timeout(const tern_node *node)
{
    const tern_dialect_server *s = (const tern_dialect_server *)node;
    tern_time next = s->rules->next != NULL ? s->rules->next(s) : TERN_TIME_NEVER, work = tern_dialect_work_next(s);
    if (work < next) next = work;
    for (uint32_t i = 0; i < s->config.max_clients && s->clients > 0; i++) {
        const tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (c->peer != 0 && timeout_of(s, c) < next) next = timeout_of(s, c);
    }
    return next;
}

static void server_on_timeout(tern_node *node, tern_time now)
{
    tern_dialect_server *s = server_of(node, now);
    if (s->rules->tick != NULL) s->rules->tick(s);
    tern_dialect_work(s);
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (c->peer != 0 && now >= timeout_of(s, c)) tern_dialect_go(s, c, TERN_LEFT_TIMED_OUT);
    }
}

static bool server_poll(tern_node *node, tern_event *event)
{
    return tern_post_poll(&((tern_dialect_server *)node)->post, event);
}

const tern_node_verbs tern_dialect_server_verbs = {
    .kind = "dialect server",
    .recv = server_recv,
    .send = server_send,
    .next_timeout = server_next_timeout,
    .on_timeout = server_on_timeout,
    .poll = server_poll,
};

/* ---- calls ---- */

static tern_dialect_guest *by_peer(const tern_dialect_server *s, tern_peer peer)
{
    for (uint32_t i = 0; i < s->config.max_clients && peer != 0; i++)
        if (tern_dialect_guest_at(s, i)->peer == peer) return tern_dialect_guest_at(s, i);
    return NULL;
}

int tern_dialect_tell(tern_node *node, tern_time now, tern_peer client, const tern_event *event, tern_bytes body)
{
    tern_dialect_server *s = server_of(node, now);
    tern_dialect_guest *c = by_peer(s, client);
    if (body.n == 0) body = tern_bytes_of("", 0); /* nobody counts on from nowhere */
    return c != NULL && c->member ? s->rules->tell(s, c, event, body) : TERN_E_CLOSED;
}

void tern_dialect_send_away(tern_node *node, tern_time now, tern_peer client)
{
    tern_dialect_server *s = server_of(node, now);
    tern_dialect_guest *c = by_peer(s, client);
    if (c != NULL) tern_dialect_go(s, c, TERN_LEFT_SENT_AWAY);
}
