/* SPDX-License-Identifier: MIT */
/* What is left of secrets in the memory of both nodes: all of it is searched, for what was there before
 * (spec: handshake, HS-013 and HS-086). */
#include "unit/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NEEDLES_MAX 64
#define NEEDLE_SIZE 24 /* enough to be no chance, and less than the smallest secret */

typedef struct {
    uint8_t bytes[NEEDLE_SIZE];
    const char *what;
} needle;

static needle needles[NEEDLES_MAX];
static size_t needles_n;

static void look_for(const void *p, const char *what)
{
    static const uint8_t nothing[NEEDLE_SIZE];
    if (memcmp(p, nothing, NEEDLE_SIZE) == 0) return;
    for (size_t i = 0; i < needles_n; i++)
        if (memcmp(needles[i].bytes, p, NEEDLE_SIZE) == 0) return;
    assert_true(needles_n < NEEDLES_MAX);
    memcpy(needles[needles_n].bytes, p, NEEDLE_SIZE);
    needles[needles_n++].what = what;
}

/* The keys of a direction: iv and hash key stand in front, the expanded key behind. */
static void look_for_aead(const tern_aead *aead, const char *what)
{
    look_for(aead->opaque.bytes + 2, what);
    look_for(aead->opaque.bytes + 48, what);
}

static size_t block_of(const tern_endpoint *ep)
{
    return ((sizeof *ep + 15) & ~(size_t)15) + tern_endpoint_area(&ep->config);
}

static bool is_in(const tern_endpoint *ep, const needle *n)
{
    const uint8_t *at = (const uint8_t *)ep, *end = at + block_of(ep) - NEEDLE_SIZE;
    while (at <= end && (at = memchr(at, n->bytes[0], (size_t)(end - at) + 1)) != NULL) {
        if (memcmp(at, n->bytes, NEEDLE_SIZE) == 0) return true;
        at++;
    }
    return false;
}

/* How many of the needles either node has. */
static size_t found(const pair *p)
{
    size_t count = 0;
    for (size_t i = 0; i < needles_n; i++) count += is_in(p->end[0], &needles[i]) || is_in(p->end[1], &needles[i]);
    return count;
}

static void none_is_left(const pair *p)
{
    for (size_t i = 0; i < needles_n; i++) {
        if (!is_in(p->end[0], &needles[i]) && !is_in(p->end[1], &needles[i])) continue;
        print_message("left: %s\n", needles[i].what);
        fail();
    }
}

static void look_for_the_handshakes(pair *p, pair_way end)
{
    const tern_connection *c = end == PAIR_TO_CLIENT ? pair_client(p) : pair_relay(p);
    if (c == NULL || c->handshake_page == 0) return;
    const tern_handshake_page *page = tern_pool_at(tern_endpoint_pool(p->end[end]), c->handshake_page);
    const tern_secrets *s = &page->handshake.secrets;
    look_for(page->handshake.private_share, "private share");
    look_for(s->handshake, "handshake secret");
    look_for(s->client_handshake, "client handshake traffic secret");
    look_for(s->server_handshake, "server handshake traffic secret");
    look_for(s->client_application, "client application traffic secret");
    look_for(s->server_application, "server application traffic secret");
    if (!page->have_keys) return;
    look_for_aead(&page->send_keys.aead, "keys of the handshake's packets");
    look_for_aead(&page->recv_keys.aead, "keys of the handshake's packets");
}

static void look_for_datas(const tern_connection *c)
{
    look_for_aead(&c->send_keys.aead, "keys that seal");
    look_for_aead(&c->recv_keys.aead, "keys that open");
    look_for(c->phases.send_secret, "secret of the next phase");
    look_for(c->phases.recv_secret, "secret of the next phase");
}

static int watch(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)way, (void)n, (void)bytes, (void)size;
    look_for_the_handshakes(p, PAIR_TO_CLIENT);
    look_for_the_handshakes(p, PAIR_TO_RELAY);
    return 1;
}

/*= HS-013 */
static void a_confirmed_handshake_leaves_no_secret(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    needles_n = 0;
    p->fate = watch;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_true(needles_n >= 8 && found(p) >= 4); /* they are seen while they are there */
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed && pair_relay(p)->confirmed);
    none_is_left(p);
    pair_free(p);
}

/*= HS-086 */
static void an_update_leaves_no_key_of_the_phase_before(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    needles_n = 0;
    look_for_datas(pair_client(p));
    look_for_datas(pair_relay(p));
    assert_true(needles_n >= 6);
    assert_int_equal(found(p), needles_n);
    p->end[PAIR_TO_CLIENT]->config.limits.key_update_packets = 1;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + 1);
    p->end[PAIR_TO_CLIENT]->config.limits.key_update_packets = 0;
    pair_run(p, p->now + 6 * PAIR_DELAY);
    assert_int_equal(pair_client(p)->phases.updates + pair_relay(p)->phases.updates, 2);
    assert_int_not_equal(pair_relay(p)->phases.old_page, 0);
    pair_run(p, p->now + 2 * tern_connection_three_pto_ns(pair_relay(p)));
    assert_int_equal(pair_relay(p)->phases.old_page, 0);
    none_is_left(p);
    pair_free(p);
}

/*= HS-013 HS-086 */
static void a_connection_that_is_over_leaves_nothing(void **state)
{
    (void)state;
    for (int updated = 0; updated < 2; updated++) {
        pair *p = pair_established(NULL);
        pair_run(p, p->now + TERN_SECOND);
        needles_n = 0;
        if (updated) p->end[PAIR_TO_CLIENT]->config.limits.key_update_packets = 1;
        look_for_datas(pair_client(p));
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + 4 * PAIR_DELAY); /* with an update the keys before are still kept */
        look_for_datas(pair_client(p));
        look_for_datas(pair_relay(p));
        tern_endpoint_close(p->end[PAIR_TO_CLIENT], p->now, 0, TERN_NO_ERROR, "bye");
        pair_run(p, p->now + 10 * TERN_SECOND);
        assert_null(pair_relay(p));
        none_is_left(p);
        pair_free(p);
    }
}

/* The client's waits for a ticket, which in this pair nobody gives, as long as the connection is there. */
static int watch_resumption(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    const tern_connection *c = pair_client(p);
    (void)way, (void)n, (void)bytes, (void)size;
    if (c->handshake_page == 0) return 1;
    const tern_handshake_page *page = tern_pool_at(tern_endpoint_pool(p->end[PAIR_TO_CLIENT]), c->handshake_page);
    look_for(page->handshake.secrets.resumption, "resumption master secret");
    return 1;
}

/*= HS-013 */
static void what_tickets_follow_from_goes_with_the_connection(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    needles_n = 0;
    p->fate = watch_resumption;
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(needles_n, 1);
    tern_endpoint_close(p->end[PAIR_TO_CLIENT], p->now, 0, TERN_NO_ERROR, "bye");
    pair_run(p, p->now + 10 * TERN_SECOND);
    none_is_left(p);
    pair_free(p);
}

/*= HS-013 */
static void a_handshake_that_comes_to_nothing_leaves_nothing(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    needles_n = 0;
    p->end[PAIR_TO_CLIENT]->handshake.pin[0] ^= 1;
    p->fate = watch;
    pair_run(p, p->now + 30 * TERN_SECOND);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED));
    assert_true(needles_n >= 8);
    none_is_left(p);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confirmed_handshake_leaves_no_secret),
        cmocka_unit_test(an_update_leaves_no_key_of_the_phase_before),
        cmocka_unit_test(a_connection_that_is_over_leaves_nothing),
        cmocka_unit_test(what_tickets_follow_from_goes_with_the_connection),
        cmocka_unit_test(a_handshake_that_comes_to_nothing_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
