/* SPDX-License-Identifier: MIT */
/* A relay, a dialect's server and the bridge between them; a dialect's client on a wire that loses nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "unit/base/unit.h"

#include "tern.h"

#define TEXT_MAX 20000

typedef struct {
    tern_node *relay, *server, *client[3];
    tern_bridge *bridge;
    tern_time now;
    tern_addr addr[3];
    char log[3][4096]; /* of the clients */
    char told[4096];   /* what the bridge gave to the application */
    tern_guest ann;    /* who stands for a member of Tern's */
} span;

static tern_bytes pem_of(const char *file)
{
    static uint8_t text[3][4096];
    static size_t used;
    char path[512];
    uint8_t *own = text[used++ % 3];
    (void)snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, file);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(own, 1, sizeof text[0], f);
    (void)fclose(f);
    return tern_bytes_of(own, n);
}

static void add_text(char log[4096], const char *format, const char *a, const char *b)
{
    size_t n = strlen(log);
    int written = snprintf(log + n, 4096 - n, format, a, b);
    assert_true(written >= 0 && (size_t)written < 4096 - n);
}

static tern_node *make_relay(uint32_t max_guests, uint32_t max_members)
{
    tern_relay_config config;
    tern_node *node;
    const char *why;
    uint8_t seed[TERN_SEED_SIZE] = { 3 };
    static uint8_t pem[512];
    size_t n;
    assert_int_equal(tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n), TERN_OK);
    tern_relay_config_default(&config);
    config.key_pem = tern_bytes_of(pem, n);
    config.max_guests = max_guests;
    config.max_members = max_members;
    config.max_connections = 4;
    config.transport.pages = 64;
    config.transport.max_message = 1u << 16;
    config.transport.message_window = 1u << 18;
    config.history_bytes = 1u << 17;
    size_t bytes = tern_relay_footprint(&config);
    assert_true(bytes > 0);
    assert_int_equal(tern_relay_init(aligned_alloc(64, (bytes + 63) / 64 * 64), &config, TERN_SECOND, &node, &why),
                     TERN_OK);
    return node;
}

static span *span_new(uint32_t max_members)
{
    span *s = calloc(1, sizeof *s);
    tern_dialect_config config;
    tern_bridge_config bridge = { .room = "lobby", .max_clients = 4 };
    const char *why;
    assert_non_null(s);
    s->now = TERN_SECOND;
    s->relay = make_relay(5, max_members);
    tern_dialect_config_default(&config, TERN_DIALECT_AES_SESSION);
    config.seed[0] = 1;
    config.max_clients = 4;
    config.key_pem = pem_of("server.pem");
    assert_int_equal(
        tern_dialect_server_init(malloc(tern_dialect_server_footprint(&config)), &config, s->now, &s->server, &why),
        TERN_OK);
    s->bridge = tern_bridge_init(malloc(tern_bridge_footprint(&bridge)), &bridge);
    assert_non_null(s->bridge);
    tern_guest_join ann = { .room = "lobby", .nick = "ann", .addr = { .family = 4, .port = 1 } };
    tern_refused refused;
    assert_int_equal(tern_relay_guest_join(s->relay, s->now, &ann, &s->ann, &refused), TERN_OK);
    return s;
}

static void add_client(span *s, uint32_t i)
{
    tern_dialect_config config;
    const char *why;
    tern_dialect_config_default(&config, TERN_DIALECT_AES_SESSION);
    config.seed[0] = (uint8_t)(10 + i);
    config.key_pem = pem_of(i % 2 == 0 ? "ada.pem" : "bob.pem");
    config.path.remote = (tern_addr){ .family = 4, .ip = { 10, 0, 0, 1 }, .port = 5009 };
    s->addr[i] = (tern_addr){ .family = 4, .ip = { 10, 0, 0, (uint8_t)(2 + i) }, .port = 4000 };
    assert_int_equal(
        tern_dialect_client_init(malloc(tern_dialect_client_footprint(&config)), &config, s->now, &s->client[i], &why),
        TERN_OK);
}

static void span_free(span *s)
{
    for (size_t i = 0; i < 3; i++) free(s->client[i]);
    free(s->bridge);
    free(s->server);
    free(s->relay);
    free(s);
}

static bool poll_client(span *s, uint32_t i)
{
    tern_event e;
    char text[TEXT_MAX];
    if (!tern_node_poll(s->client[i], &e)) return false;
    size_t n = tern_dialect_read(s->client[i], (tern_buf){ (uint8_t *)text, sizeof text - 1 });
    text[n] = 0;
    if (e.type == TERN_EVENT_MESSAGE) add_text(s->log[i], "%s%s\n", text, "");
    return true;
}

static bool move(span *s, tern_node *from, const tern_addr *addr, tern_node *to)
{
    uint8_t out[TEXT_MAX];
    tern_batch b = tern_node_send(from, s->now, (tern_buf){ out, sizeof out });
    tern_path path = { .remote = *addr };
    for (uint32_t i = 0; to == NULL && i < 3 && b.count > 0; i++)
        if (s->client[i] != NULL && memcmp(&s->addr[i], &b.path.remote, sizeof *addr) == 0) to = s->client[i];
    if (b.count > 0 && to != NULL) {
        if (to != s->server) path.remote = (tern_addr){ .family = 4, .ip = { 10, 0, 0, 1 }, .port = 5009 };
        (void)tern_node_recv(to, s->now, &path, (tern_buf){ out, b.total }, TERN_ECN_NOT_ECT);
    }
    return b.count > 0;
}

static void settle(span *s)
{
    static const char *const names[] = {
        [TERN_EVENT_ARRIVED] = "+", [TERN_EVENT_LEFT] = "-", [TERN_EVENT_REFUSED] = "!"
    };
    bool busy = true;
    while (busy) {
        tern_event e;
        busy = false;
        while (tern_bridge_poll(s->bridge, s->relay, s->server, s->now, &e))
            if (e.type != TERN_EVENT_MESSAGE)
                add_text(s->told, "%s%s\n", names[e.type], e.type == TERN_EVENT_REFUSED ? "" : e.u.presence.who.nick);
        while (move(s, s->server, &s->addr[0], NULL)) busy = true;
        for (uint32_t i = 0; i < 3; i++) {
            if (s->client[i] == NULL) continue;
            while (poll_client(s, i)) busy = true;
            while (move(s, s->client[i], &s->addr[i], s->server)) busy = true;
        }
    }
}

static const char *ann_heard(span *s)
{
    static char log[4096];
    tern_event e;
    tern_bytes body[2];
    log[0] = 0;
    for (; tern_relay_guest_next(s->relay, s->ann, &e, body); tern_relay_guest_took(s->relay, s->ann)) {
        char text[TEXT_MAX];
        (void)snprintf(text, sizeof text, "%.*s%.*s", (int)body[0].n, (const char *)body[0].p, (int)body[1].n,
                       (const char *)body[1].p);
        if (e.type == TERN_EVENT_MESSAGE) add_text(log, "%s: %s\n", e.u.message.sender.nick, text);
        if (e.type == TERN_EVENT_ARRIVED) add_text(log, "+%s%s\n", e.u.presence.who.nick, "");
        if (e.type == TERN_EVENT_LEFT) add_text(log, "-%s%s\n", e.u.presence.who.nick, "");
    }
    return log;
}

static void say(span *s, uint32_t i, const char *text)
{
    assert_int_equal(tern_dialect_say(s->client[i], s->now, tern_bytes_of(text, strlen(text))), TERN_OK);
    settle(s);
}

static void words_and_presence_cross_in_both_directions(void **state)
{
    span *s = span_new(16);
    (void)state;
    add_client(s, 0);
    settle(s);
    say(s, 0, "hello room");
    assert_int_equal(tern_relay_guest_publish(s->relay, s->now, s->ann, tern_bytes_of("hello you", 9)), TERN_OK);
    settle(s);
    assert_string_equal(ann_heard(s), "+ann\n+10.0.0.2:4000\n10.0.0.2:4000: hello room\nann: hello you\n");
    assert_string_equal(s->log[0], "* ann is here\nann> hello you\n");
    add_client(s, 1);
    settle(s);
    say(s, 1, "two of us");
    assert_string_equal(s->log[0], "* ann is here\nann> hello you\n* 10.0.0.3:4000 joined\n10.0.0.3:4000> two of us\n");
    tern_relay_guest_leave(s->relay, s->now, s->ann, TERN_LEFT_LEFT);
    settle(s);
    assert_string_equal(s->log[1], "* ann is here\n* 10.0.0.2:4000 is here\n* ann left\n");
    assert_string_equal(s->told, "+10.0.0.2:4000\n+10.0.0.3:4000\n");
    span_free(s);
}

static void a_client_that_goes_silent_leaves_the_room(void **state)
{
    span *s = span_new(16);
    (void)state;
    add_client(s, 0);
    settle(s);
    s->now += 301 * TERN_SECOND;
    tern_node_on_timeout(s->server, s->now);
    settle(s);
    assert_string_equal(ann_heard(s), "+ann\n+10.0.0.2:4000\n-10.0.0.2:4000\n");
    assert_string_equal(s->told, "+10.0.0.2:4000\n-10.0.0.2:4000\n");
    span_free(s);
}

static void a_room_that_is_full_sends_a_client_away(void **state)
{
    span *s = span_new(2);
    tern_stats stats;
    (void)state;
    add_client(s, 0);
    settle(s);
    add_client(s, 1);
    settle(s);
    assert_string_equal(s->told, "+10.0.0.2:4000\n!\n-10.0.0.3:4000\n");
    tern_dialect_stats(s->server, &stats);
    assert_int_equal(stats.connections, 1);
    say(s, 0, "still in");
    assert_string_equal(ann_heard(s), "+ann\n+10.0.0.2:4000\n10.0.0.2:4000: still in\n");
    span_free(s);
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
    span *s = span_new(16);
    tern_guest_join double_name = { .room = "lobby", .nick = "10.0.0.2:4000" };
    tern_guest guest;
    tern_refused why;
    (void)state;
    assert_int_equal(tern_relay_guest_join(s->relay, s->now, &double_name, &guest, &why), TERN_OK);
    add_client(s, 0);
    settle(s);
    assert_string_equal(ann_heard(s), "+ann\n+10.0.0.2:4000\n+10.0.0.2:4000-2\n");
    span_free(s);
}

static void what_a_client_cannot_take_now_it_gets_later(void **state)
{
    span *s = span_new(16);
    char line[1001];
    (void)state;
    memset(line, 'x', 1000);
    add_client(s, 0);
    settle(s);
    s->log[0][0] = 0;
    tern_event e;
    uint32_t sent = 0;
    for (; sent < 100; sent++) { /* nobody takes what the server has to send */
        assert_int_equal(tern_relay_guest_publish(s->relay, s->now, s->ann, tern_bytes_of(line, 1000)), TERN_OK);
        while (tern_bridge_poll(s->bridge, s->relay, s->server, s->now, &e)) continue;
    }
    uint32_t heard = 0;
    for (bool busy = true; busy;) {
        busy = false;
        while (tern_bridge_poll(s->bridge, s->relay, s->server, s->now, &e)) continue;
        while (move(s, s->server, &s->addr[0], NULL)) {
            busy = true;
            while (tern_node_poll(s->client[0], &e)) heard += e.type == TERN_EVENT_MESSAGE;
        }
    }
    assert_int_equal(heard, sent);
    span_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_presence_cross_in_both_directions),
        cmocka_unit_test(a_client_that_goes_silent_leaves_the_room),
        cmocka_unit_test(a_room_that_is_full_sends_a_client_away),
        cmocka_unit_test(a_name_that_is_taken_gets_a_number),
        cmocka_unit_test(what_a_client_cannot_take_now_it_gets_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
