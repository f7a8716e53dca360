/* SPDX-License-Identifier: MIT */
/* The verbs and the timer. */
#include "dialects/client.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/key.h"
#include "dialects/blocks.h"
#include "wire/packet.h"

#define FIRST_RETRY (500 * TERN_MS)
#define TRIES_MOST  6 /* with doubled pauses: gives up after 31.5 s, ... */
#define TRIES_VAIN  3 /* ... or 3.5 s */

static tern_dialect_client *client_of(tern_node *node, tern_time now)
{
    tern_dialect_client *c = (tern_dialect_client *)node;
    tern_assert(node->verbs == &tern_dialect_client_verbs);
    c->now = now;
    return c;
}

static void ask(tern_dialect_client *c)
{
    c->retry_at = c->now + (FIRST_RETRY << c->tries);
    c->tries++;
    c->rules->ask(c);
}

void tern_dialect_client_becomes(tern_dialect_client *c, tern_dialect_client_state state)
{
    bool connects = !c->connected && state == TERN_DIALECT_READY;
    if (c->state == TERN_DIALECT_OVER) return;
    c->state = state;
    c->tries = 0;
    c->retry_at = TERN_TIME_NEVER;
    if (connects) {
        tern_event event = { .type = TERN_EVENT_CONNECTED, .u.connected.remote = c->config.path.remote };
        (void)tern_post_tell(&c->post, &event, tern_bytes_of(NULL, 0));
        c->connected = true;
    }
    if (state == TERN_DIALECT_STARTING || state == TERN_DIALECT_WAITING) ask(c);
}

void tern_dialect_client_close(tern_dialect_client *c, tern_error error)
{
    tern_event event = { .type = TERN_EVENT_CLOSED, .u.closed.error = error, .u.closed.remote = c->config.path.remote };
    if (c->state == TERN_DIALECT_OVER) return;
    tern_dialect_client_becomes(c, TERN_DIALECT_OVER);
    c->next_at = TERN_TIME_NEVER;
    (void)tern_post_tell(&c->post, &event, tern_bytes_of(NULL, 0));
}

bool tern_dialect_client_told(tern_dialect_client *c, const tern_member *sender, tern_bytes text)
{
    tern_event event = { .type = TERN_EVENT_MESSAGE, .u.message.size = (uint32_t)text.n };
    if (sender != NULL) event.u.message.sender = *sender;
    return tern_post_has_room(&c->post, text.n, 4) && tern_post_tell(&c->post, &event, text);
}

void tern_dialect_client_presence(tern_dialect_client *c, tern_event_type type, const tern_member *who)
{
    tern_event event = { .type = type, .u.presence.who = *who };
    if (tern_post_has_room(&c->post, 0, 4)) (void)tern_post_tell(&c->post, &event, tern_bytes_of(NULL, 0));
}

/*= DIA-004 */
bool tern_dialect_client_trusts(tern_dialect_client *c, const tern_rsa_public *key)
{
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    tern_key_fingerprint(&(tern_public_key){ .kind = TERN_KEY_RSA, .u.rsa = *key }, fingerprint);
    if (!c->knows_server) memcpy(c->server, fingerprint, sizeof fingerprint);
    c->knows_server = true;
    bool same = tern_ct_equal(c->server, fingerprint, sizeof fingerprint);
    c->saw_another = c->saw_another || !same;
    return same;
}

bool tern_dialect_client_may_open(tern_dialect_client *c, size_t n)
{
    return tern_budget_take(&c->budget, c->now, &c->config.path.remote, tern_blocks_cost(&c->key, n));
}

/* ---- the verbs ---- */

static tern_drop take(tern_dialect_client *c, const tern_path *path, tern_buf datagram)
{
    bool group = c->rules->dialect == TERN_DIALECT_TLV_MULTICAST; /* where anybody may answer */
    if (c->state == TERN_DIALECT_OVER) return TERN_DROP_CLOSED;
    if (!group && !tern_addr_equal(&path->remote, &c->config.path.remote)) return TERN_DROP_PATH;
    return c->rules->take(c, path, datagram);
}

static int client_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    tern_dialect_client *c = client_of(node, now);
    (void)ecn;
    c->post.stats.packets_received++;
    c->post.stats.bytes_received += datagram.n;
    tern_drop drop = take(c, path, datagram);
    if (drop != TERN_DROP_NONE) c->post.stats.drops[drop]++;
    return (int)drop;
}

/*= SES-023 */
static void give_up(tern_dialect_client *c)
{
    tern_error why = c->state == TERN_DIALECT_STARTING ? TERN_E_HANDSHAKE_TIMEOUT : TERN_E_IDLE_TIMEOUT;
    tern_dialect_client_close(c, c->state == TERN_DIALECT_STARTING && c->saw_another ? TERN_PIN_MISMATCH : why);
}

static tern_batch client_send(tern_node *node, tern_time now, tern_buf out)
{
    return tern_post_take(&client_of(node, now)->post, out);
}

static tern_time client_next_timeout(const tern_node *node)
{
    const tern_dialect_client *c = (const tern_dialect_client *)node;
    return c->retry_at < c->next_at ? c->retry_at : c->next_at;
}

static void client_on_timeout(tern_node *node, tern_time now)
{
    tern_dialect_client *c = client_of(node, now);
    if (now >= c->next_at) {
        c->next_at = TERN_TIME_NEVER;
        if (c->rules->tick != NULL) c->rules->tick(c);
    }
    if (now < c->retry_at) return;
    bool in_vain = c->state == TERN_DIALECT_STARTING && c->saw_another; /* who answers is another */
    if (c->tries < (in_vain ? TRIES_VAIN : TRIES_MOST))
        ask(c);
    else
        give_up(c);
}

static bool client_poll(tern_node *node, tern_event *event)
{
    return tern_post_poll(&((tern_dialect_client *)node)->post, event);
}

const tern_node_verbs tern_dialect_client_verbs = {
    .kind = "dialect client",
    .recv = client_recv,
    .send = client_send,
    .next_timeout = client_next_timeout,
    .on_timeout = client_on_timeout,
    .poll = client_poll,
};

/* ---- calls ---- */

int tern_dialect_say(tern_node *node, tern_time now, tern_bytes text)
{
    tern_dialect_client *c = client_of(node, now);
    if (c->state == TERN_DIALECT_OVER) return TERN_E_CLOSED;
    if (text.n > c->config.max_message) return TERN_MESSAGE_TOO_LARGE;
    if (text.n == 0) text = tern_bytes_of("", 0); /* nobody counts on from nowhere */
    return c->state == TERN_DIALECT_READY ? c->rules->say(c, text) : TERN_E_BLOCKED;
}

bool tern_dialect_is_ready(const tern_node *node)
{
    const tern_dialect_client *c = (const tern_dialect_client *)node;
    tern_assert(node->verbs == &tern_dialect_client_verbs);
    return c->state == TERN_DIALECT_READY;
}

void tern_dialect_leave(tern_node *node, tern_time now)
{
    tern_dialect_client *c = client_of(node, now);
    if (c->state != TERN_DIALECT_OVER && c->rules->leave != NULL) c->rules->leave(c);
    tern_dialect_client_close(c, TERN_OK);
}
