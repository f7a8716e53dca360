/* SPDX-License-Identifier: MIT */
/* Moving to another address, and who tries to make a relay believe that (spec: connection 2; RFC 9000 section 9). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* From now on the client's datagrams come from another port, or from another host. */
static void rebind(pair *p, uint8_t host, uint16_t port)
{
    p->path[PAIR_TO_RELAY].remote.ip[3] = host;
    p->path[PAIR_TO_RELAY].remote.port = port;
}

static bool is_at(const tern_connection *c, uint8_t host, uint16_t port)
{
    return c->path.remote.ip[3] == host && c->path.remote.port == port;
}

static void say(pair *p)
{
    size_t before = p->messages_count;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, before + 1);
}

/*= CONN-040 CONN-041 */
static void a_client_behind_another_port_is_followed(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    for (uint16_t port = 50000; port < 50010; port++) {
        rebind(p, 2, port);
        say(p);
        assert_true(is_at(pair_relay(p), 2, port));
        assert_true(pair_relay(p)->address_validated);
        assert_int_equal(pair_relay(p)->paths_page, 0); /* nothing is kept of it */
    }
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "and back", 8), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 11);
    pair_free(p);
}

/*= CONN-045 */
static void another_host_starts_the_estimates_anew_and_another_port_does_not(void **state)
{
    static const uint8_t body[300000];
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 2 * TERN_SECOND);
    const tern_recovery *r = &pair_relay(p)->recovery;
    uint64_t window = r->congestion.cwnd_bytes;
    assert_true(window > 20000);
    rebind(p, 2, 50000);
    say(p);
    assert_int_equal(r->congestion.cwnd_bytes, window);
    rebind(p, 3, 50000);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY);
    assert_true(is_at(pair_relay(p), 3, 50000));
    assert_int_equal(r->congestion.cwnd_bytes, 12000);
    assert_int_equal(r->pmtu.current, 1200);
    assert_false(r->rtt.sampled);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_relay(p)->address_validated);
    pair_free(p);
}

static int lose_to_client(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT ? 0 : 1;
}

/* Adversary 7: an address that is not proven gets three bytes for one. */
/*= CONN-042 */
static void an_address_that_is_not_proven_gets_three_times_what_it_sent(void **state)
{
    static const uint8_t body[300000];
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 60 * TERN_MS);
    p->fate = lose_to_client;
    rebind(p, 9, 666);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY);
    const tern_connection *c = pair_relay(p);
    assert_true(is_at(c, 9, 666));
    uint64_t before = p->sent_bytes[PAIR_TO_CLIENT], left = 3 * c->path_received - c->path_sent;
    uint64_t received = c->path_received;
    pair_run(p, p->now + TERN_SECOND);
    left += 3 * (c->path_received - received);
    assert_true(c->path_sent <= 3 * c->path_received);
    assert_true(p->sent_bytes[PAIR_TO_CLIENT] - before <= left + 1200); /* and a challenge to the old address */
    pair_free(p);
}

static size_t largest_to_client;

static int note_and_lose(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes;
    if (way == PAIR_TO_RELAY) return 1;
    if (*size > largest_to_client) largest_to_client = *size;
    return 0;
}

/* Whoever names an address that is not its own makes the relay send no large probe there. */
/*= CONN-042 */
static void an_address_that_is_not_proven_gets_no_probe_of_its_mtu(void **state)
{
    static const uint8_t body[300000];
    pair_options options = pair_defaults();
    options.limits.max_datagram = 65527;
    pair *p = pair_established(&options);
    (void)state;
    largest_to_client = 0;
    p->fate = note_and_lose;
    rebind(p, 9, 666);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, 9000), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY);
    assert_true(is_at(pair_relay(p), 9, 666));
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 200 * TERN_MS);
    assert_false(pair_relay(p)->address_validated);
    assert_int_equal(largest_to_client, 1200);
    pair_free(p);
}

/*= CONN-041 */
static void a_path_that_does_not_answer_is_left_again(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    rebind(p, 9, 666);
    p->fate = lose_to_client;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY);
    assert_true(is_at(pair_relay(p), 9, 666));
    p->fate = NULL;
    rebind(p, 2, 40000);
    /* the challenges that go to 9:666 find nobody; the client says nothing by itself */
    p->end[PAIR_TO_CLIENT]->shutting_down = true;
    pair_client(p)->life = TERN_LIFE_DRAINING;
    pair_run(p, p->now + 10 * TERN_SECOND);
    assert_true(is_at(pair_relay(p), 2, 40000));
    assert_true(pair_relay(p)->address_validated);
    assert_int_equal(pair_relay(p)->paths_page, 0);
    pair_free(p);
}

/* Host 9 is somebody else: what goes there does not come to the client. */
static int host_9_is_another(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT && p->to.ip[3] == 9 ? 0 : 1;
}

/* An attacker on the way copies a packet, and its copy is the first to arrive, from the attacker's address. */
/*= CONN-041 CONN-044 */
static void a_copied_packet_does_not_carry_the_connection_away(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    p->fate = host_9_is_another;
    rebind(p, 9, 666);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY);
    assert_true(is_at(pair_relay(p), 9, 666));
    rebind(p, 2, 40000); /* the client is still there, and hears the challenge on the old path */
    pair_run(p, p->now + 3 * PAIR_DELAY);
    assert_true(is_at(pair_relay(p), 2, 40000));
    say(p);
    assert_true(is_at(pair_relay(p), 2, 40000));
    assert_true(pair_relay(p)->address_validated);
    pair_free(p);
}

static uint8_t kept[2048];
static size_t kept_n;

static int keep_it(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way != PAIR_TO_RELAY) return 1;
    memcpy(kept, bytes, *size);
    kept_n = *size;
    return 0;
}

static void say_anything(pair *p)
{
    static const uint8_t keep_alive[] = { 0, 9, 0, 0 };
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, keep_alive, sizeof keep_alive), TERN_DROP_NONE);
}

/*= CONN-040 */
static void an_old_packet_or_a_probe_from_elsewhere_moves_nothing(void **state)
{
    uint8_t probe[] = { 0, 0x2c, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
    pair *p = pair_established(NULL);
    (void)state;
    rebind(p, 9, 666);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, probe, sizeof probe), TERN_DROP_NONE);
    assert_true(is_at(pair_relay(p), 2, 40000));
    rebind(p, 2, 40000);
    pair_run(p, p->now + TERN_SECOND);
    p->fate = keep_it;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "held back", 9), TERN_OK);
    pair_run(p, p->now + 1);
    p->fate = NULL;
    assert_true(kept_n > 0);
    say_anything(p); /* it is not the newest any more */
    rebind(p, 9, 666);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, kept, kept_n), TERN_DROP_NONE);
    assert_true(is_at(pair_relay(p), 2, 40000));
    pair_free(p);
}

/*= CONN-040 */
static void a_client_behind_another_port_with_its_first_data_is_followed(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 35 * TERN_MS); /* FINISHED has arrived, and the answer to it is on its way */
    assert_true(pair_relay(p)->proven && !pair_relay(p)->confirmed);
    rebind(p, 2, 50000);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->dropped[PAIR_TO_RELAY][TERN_DROP_PATH], 0);
    assert_true(pair_relay(p)->confirmed && is_at(pair_relay(p), 2, 50000));
    assert_true(pair_relay(p)->address_validated);
    say(p);
    pair_free(p);
}

/*= CONN-040 */
static void a_packet_from_elsewhere_before_finished_is_dropped(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 15 * TERN_MS); /* the SYN has arrived */
    assert_non_null(pair_relay(p));
    rebind(p, 2, 40001);
    pair_run(p, p->now + 20 * TERN_MS);
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_PATH] > 0);
    pair_free(p);
}

/* Adversary 2: challenges without end, from many addresses. */
/*= CONN-043 */
static void a_flood_of_challenges_is_answered_a_little(void **state)
{
    static uint8_t frames[1150], out[65536];
    pair *p = pair_established(NULL);
    tern_writer w = tern_writer_of((tern_buf){ frames, sizeof frames });
    (void)state;
    while (tern_writer_left(&w) >= 12) tern_frame_emit_path(&w, TERN_F_PATH_CHALLENGE, &(tern_frame_path){ { 7 } });
    uint32_t pages = tern_endpoint_pool(p->end[PAIR_TO_RELAY])->free;
    for (uint16_t i = 0; i < 500; i++) {
        rebind(p, 9, (uint16_t)(1000 + i));
        assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, w.n), TERN_DROP_NONE);
    }
    assert_true(tern_endpoint_pool(p->end[PAIR_TO_RELAY])->free >= pages - 16);
    int sent = 0;
    while (tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out }).count > 0) sent++;
    assert_true(sent <= TERN_RESPONSES_MAX + 2);
    assert_true(is_at(pair_relay(p), 2, 40000));
    pair_free(p);
}

static tern_batch next_batch(pair *p, pair_way from, uint8_t out[65536])
{
    return tern_endpoint_send(p->end[from], p->now, (tern_buf){ out, 65536 });
}

/*= CONN-042 CONN-043 */
static void a_response_goes_where_the_challenge_came_from_and_is_no_larger(void **state)
{
    static uint8_t out[65536];
    uint8_t probe[] = { 0, 0x2c, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
    pair *p = pair_established(NULL);
    (void)state;
    rebind(p, 9, 666);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, probe, sizeof probe), TERN_DROP_NONE);
    tern_batch b = next_batch(p, PAIR_TO_RELAY, out);
    assert_int_equal(b.count, 1);
    assert_true(b.path.remote.ip[3] == 9 && b.path.remote.port == 666);
    assert_int_equal(b.total, 13 + sizeof probe + TERN_TAG_SIZE);
    pair_free(p);
}

/*= CONN-046 */
static void a_client_that_moves_on_purpose_uses_other_ids(void **state)
{
    pair *p = pair_established(NULL);
    tern_cid to_relay = *tern_ids_current(&pair_client(p)->ids), to_client = *tern_ids_current(&pair_relay(p)->ids);
    tern_path path = p->path[PAIR_TO_CLIENT];
    (void)state;
    path.local.port = 41000;
    rebind(p, 2, 41000);
    p->path[PAIR_TO_CLIENT].local.port = 41000;
    assert_int_equal(tern_endpoint_migrate(p->end[PAIR_TO_CLIENT], p->now, &path), TERN_OK);
    pair_run(p, p->now + 2 * PAIR_DELAY); /* by itself, though it has nothing to say */
    assert_true(is_at(pair_relay(p), 2, 41000));
    say(p);
    assert_true(is_at(pair_relay(p), 2, 41000));
    assert_true(pair_relay(p)->address_validated);
    assert_false(tern_cid_equal(&to_relay, tern_ids_current(&pair_client(p)->ids)));
    assert_false(tern_cid_equal(&to_client, tern_ids_current(&pair_relay(p)->ids)));
    assert_int_equal(pair_client(p)->path.local.port, 41000);
    assert_int_equal(pair_client(p)->paths_page, 0);
    for (uint16_t i = 0; i < 20; i++) { /* the ids never run out for an honest peer */
        path.local.port = (uint16_t)(42000 + i);
        rebind(p, 2, path.local.port);
        assert_int_equal(tern_endpoint_migrate(p->end[PAIR_TO_CLIENT], p->now, &path), TERN_OK);
        say(p);
    }
    pair_free(p);
}

/*= CONN-041 */
static void a_client_whose_new_address_does_not_work_goes_back(void **state)
{
    pair *p = pair_established(NULL);
    tern_path path = p->path[PAIR_TO_CLIENT];
    (void)state;
    path.local.port = 41000;
    p->fate = lose_to_client;
    assert_int_equal(tern_endpoint_migrate(p->end[PAIR_TO_CLIENT], p->now, &path), TERN_OK);
    assert_int_equal(pair_client(p)->path.local.port, 41000);
    pair_run(p, p->now + 10 * TERN_SECOND);
    assert_int_equal(pair_client(p)->path.local.port, 40000);
    p->fate = NULL;
    say(p);
    pair_free(p);
}

/*= CONN-040 */
static void migration_waits_for_the_handshake_and_stays_with_the_relay(void **state)
{
    pair *p = pair_new(NULL);
    tern_path path = p->path[PAIR_TO_CLIENT];
    (void)state;
    assert_int_equal(tern_endpoint_migrate(p->end[PAIR_TO_CLIENT], p->now, &path), TERN_E_BLOCKED);
    path.remote.port++;
    assert_int_equal(tern_endpoint_migrate(p->end[PAIR_TO_CLIENT], p->now, &path), TERN_E_BAD_INPUT);
    pair_free(p);
}

/* Adversary 8: the connection moves, and ends while paths are in question; all memory comes back. */
static void a_connection_that_ends_in_the_midst_of_moving_leaves_nothing(void **state)
{
    (void)state;
    for (int when = 0; when < 60; when++) {
        pair *p = pair_established(NULL);
        rebind(p, 9, 666);
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + (tern_time)when * TERN_MS);
        if (when % 2 == 0) rebind(p, 2, 40000);
        tern_endpoint_close(p->end[when % 3 == 0 ? PAIR_TO_CLIENT : PAIR_TO_RELAY], p->now,
                            when % 3 == 0 ? 0 : pair_relay_peer(p), TERN_NO_ERROR, "");
        pair_run(p, p->now + 200 * TERN_SECOND);
        const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
        assert_int_equal(pool->free, pool->pages);
        assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 0);
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_behind_another_port_is_followed),
        cmocka_unit_test(another_host_starts_the_estimates_anew_and_another_port_does_not),
        cmocka_unit_test(an_address_that_is_not_proven_gets_three_times_what_it_sent),
        cmocka_unit_test(an_address_that_is_not_proven_gets_no_probe_of_its_mtu),
        cmocka_unit_test(a_path_that_does_not_answer_is_left_again),
        cmocka_unit_test(a_copied_packet_does_not_carry_the_connection_away),
        cmocka_unit_test(an_old_packet_or_a_probe_from_elsewhere_moves_nothing),
        cmocka_unit_test(a_client_behind_another_port_with_its_first_data_is_followed),
        cmocka_unit_test(a_packet_from_elsewhere_before_finished_is_dropped),
        cmocka_unit_test(a_flood_of_challenges_is_answered_a_little),
        cmocka_unit_test(a_response_goes_where_the_challenge_came_from_and_is_no_larger),
        cmocka_unit_test(a_client_that_moves_on_purpose_uses_other_ids),
        cmocka_unit_test(a_client_whose_new_address_does_not_work_goes_back),
        cmocka_unit_test(migration_waits_for_the_handshake_and_stays_with_the_relay),
        cmocka_unit_test(a_connection_that_ends_in_the_midst_of_moving_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
