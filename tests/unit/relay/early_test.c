/* SPDX-License-Identifier: MIT */
/* Early data: what a client with a ticket says before the relay has answered. */
#include "connection/internal.h"
#include "endpoint/internal.h"

#include "world.h"

#define COPIES 16

/* A ticket of this relay, from a client that has gone since. */
static tern_bytes earn(world *w)
{
    uint32_t i = world_add(w, NULL);
    world_run(w, 200 * TERN_MS);
    tern_peer_close(w->end[i].node, w->now, 0, TERN_NO_ERROR, "");
    world_run(w, 200 * TERN_MS);
    world_forget_logs(w);
    return tern_bytes_of(w->end[i].ticket.u.ticket.bytes, w->end[i].ticket.u.ticket.n);
}

static tern_client_config eager(const world *w, tern_bytes ticket)
{
    tern_client_config config = world_client_config(w, w->clients + 1);
    config.ticket = ticket;
    config.early = true;
    return config;
}

/* A client that joins at once; its first flight is on the wire. */
static uint32_t join_at_once(world *w, const tern_client_config *config)
{
    uint32_t i = world_add(w, config);
    assert_int_equal(tern_client_join(w->end[i].node, "lobby", "ann"), TERN_OK);
    world_settle(w);
    return i;
}

static unsigned joins(const world *w)
{
    unsigned n = 0;
    for (const char *at = world_log(w, 0); (at = strstr(at, "joined")) != NULL; at++) n++;
    return n;
}

/* How long it takes until the relay's application hears of a client that joins at once. */
static tern_time until_joined(world *w, const tern_client_config *config)
{
    tern_time started = w->now;
    (void)join_at_once(w, config);
    while (joins(w) == 0 && w->now - started < TERN_SECOND) world_run(w, TERN_MS);
    return w->now - started;
}

/*= HS-050 */
static void the_first_word_takes_one_round_trip_and_none_with_a_ticket(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config full = world_client_config(w, 1);
    assert_int_equal(until_joined(w, &full), 3 * WORLD_DELAY); /* SYN, SYN_ACK, ACK */
    world_free(w);
    w = world_new(NULL);
    tern_client_config early = eager(w, earn(w));
    assert_int_equal(until_joined(w, &early), WORLD_DELAY);
    world_run(w, 200 * TERN_MS);
    assert_true(w->end[2].connected.u.connected.early && w->end[0].connected.u.connected.early);
    assert_int_equal(w->end[2].connected.u.connected.round_trips, 0);
    assert_int_equal(joins(w), 1);
    assert_string_equal(world_log(w, 2), "joined 1 next 1 count 0\narrived 1 ann\n");
    world_free(w);
}

/* How long it takes until a client that joins at once knows that it is in. */
static tern_time until_welcome(world *w, const tern_client_config *config)
{
    tern_time started = w->now;
    uint32_t i = join_at_once(w, config);
    while (strstr(world_log(w, i), "arrived") == NULL && w->now - started < 20 * TERN_SECOND) world_run(w, TERN_MS);
    return w->now - started;
}

/*= HS-055 */
static void the_answer_takes_two_round_trips_and_one_with_a_ticket(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config config = world_client_config(w, 1);
    assert_int_equal(until_welcome(w, &config), 4 * WORLD_DELAY); /* SYN, SYN_ACK, ACK, DATA */
    world_free(w);
    w = world_new(NULL);
    config = eager(w, earn(w));
    assert_int_equal(until_welcome(w, &config), 2 * WORLD_DELAY); /* SYN and EARLY, SYN_ACK and DATA */
    world_run(w, TERN_SECOND);
    tern_peer_info info;
    assert_true(tern_peer_get_info(w->end[2].node, 0, &info));
    assert_int_equal(info.packets_lost, 0);
    world_free(w);
}

/*= HS-055 */
static void who_has_to_prove_a_key_is_answered_when_all_of_the_proof_is_there(void **state)
{
    (void)state;
    uint8_t seed[TERN_SEED_SIZE] = { 77 }, pem[512], keys[1][TERN_FINGERPRINT_SIZE];
    size_t n;
    assert_int_equal(tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n), TERN_OK);
    assert_int_equal(tern_key_pem_fingerprint(tern_bytes_of(pem, n), keys[0]), TERN_OK);
    tern_relay_config relay = world_relay_config();
    relay.require_client_key = true;
    relay.client_keys = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])keys;
    relay.client_keys_n = 1;
    world *w = world_new(&relay);
    tern_client_config config = world_client_config(w, 1);
    config.key_pem = tern_bytes_of(pem, n);
    uint32_t i = world_add(w, &config);
    world_run(w, 200 * TERN_MS);
    tern_bytes ticket = tern_bytes_of(w->end[i].ticket.u.ticket.bytes, w->end[i].ticket.u.ticket.n);
    config = eager(w, ticket);
    config.key_pem = tern_bytes_of(pem, n);
    assert_int_equal(until_welcome(w, &config), 4 * WORLD_DELAY);
    assert_true(w->end[0].connected.u.connected.early);
    world_free(w);
}

static void take_off(world *w, size_t at)
{
    free(w->wire[at].bytes);
    memmove(&w->wire[at], &w->wire[at + 1], (--w->on_wire - at) * sizeof *w->wire);
}

/* Loses the n-th packet of this type that one end puts on the wire: whether it has come. */
static bool lose_nth(world *w, bool from_relay, tern_packet_type type, unsigned *n)
{
    for (size_t i = 0; i < w->on_wire; i++) {
        if (from_relay != (w->wire[i].from == 0) || w->wire[i].bytes[0] >> 4 != type) continue;
        if (w->wire[i].at != w->now + WORLD_DELAY || (*n)-- > 0) continue; /* it was seen before, or is not the one */
        take_off(w, i);
        return true;
    }
    return false;
}

/*= HS-055 HS-056 */
static void whatever_is_lost_of_an_early_handshake_it_is_confirmed_and_all_is_said_once(void **state)
{
    (void)state;
    static const struct {
        bool from_relay;
        tern_packet_type type;
    } which[] = { { true, TERN_PACKET_SYN_ACK }, { true, TERN_PACKET_DATA }, { false, TERN_PACKET_ACK } };
    for (size_t k = 0; k < sizeof which / sizeof which[0]; k++)
        for (unsigned nth = 0; nth < 4; nth++) {
            world *w = world_new(NULL);
            tern_client_config config = eager(w, earn(w));
            uint32_t i = join_at_once(w, &config);
            unsigned left = nth;
            bool lost = false;
            for (unsigned step = 0; step < 20000; step++) {
                if (!lost) lost = lose_nth(w, which[k].from_relay, which[k].type, &left);
                world_run(w, TERN_MS);
            }
            const tern_endpoint *ends[] = { (tern_endpoint *)w->end[0].node, (tern_endpoint *)w->end[i].node };
            assert_true(tern_endpoint_slot(ends[1], 0)->connection.confirmed);
            assert_int_equal(tern_endpoint_slot(ends[0], 0)->connection.confirmed +
                                     tern_endpoint_slot(ends[0], 1)->connection.confirmed >
                                 0,
                             true);
            assert_int_equal(joins(w), 1);
            assert_string_equal(world_log(w, i), "joined 1 next 1 count 0\narrived 1 ann\n");
            assert_int_equal(tern_client_publish(w->end[i].node, world_body(100)), TERN_OK);
            world_run(w, TERN_SECOND);
            assert_non_null(strstr(world_log(w, i), "100 bytes"));
            world_free(w);
        }
}

/*= HS-055 CONN-010 */
static void attack_7_an_answer_to_a_copy_is_no_longer_than_three_times_what_came(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    uint32_t ben = world_add(w, NULL);
    world_run(w, 200 * TERN_MS);
    assert_int_equal(tern_client_join(w->end[ben].node, "lobby", "ben"), TERN_OK);
    world_run(w, 200 * TERN_MS);
    tern_bytes ticket = tern_bytes_of(w->end[ben].ticket.u.ticket.bytes, w->end[ben].ticket.u.ticket.n);
    tern_client_config config = eager(w, ticket);
    uint32_t i = join_at_once(w, &config);
    size_t came = 0, went = 0;
    tern_time started = w->now;
    for (size_t k = 0; k < w->on_wire; k++) came += w->wire[k].n;
    for (unsigned k = 0; k < 20; k++)
        assert_int_equal(tern_client_publish(w->end[ben].node, world_body(3000)), TERN_OK);
    for (unsigned ms = 0; ms < 9000; ms++) {
        world_run(w, TERN_MS);
        for (size_t at = w->on_wire; at-- > 0;) {
            bool answers = w->wire[at].from == 0 && w->wire[at].to == i;
            bool goes_on = w->wire[at].from == i && w->now > started + WORLD_DELAY; /* a copy does not */
            if (answers) went += w->wire[at].n;
            if (answers || goes_on) take_off(w, at);
        }
    }
    assert_in_range(went, 1, 3 * came);
    world_free(w);
}

/*= HS-091 */
static void the_secret_of_early_data_is_told_where_there_is_any(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_bytes ticket = earn(w);
    tern_client_config config = eager(w, ticket);
    config.key_log = true;
    (void)join_at_once(w, &config);
    assert_int_equal(w->told[TERN_EVENT_SECRET], 1); /* before there is any answer */
    world_run(w, 200 * TERN_MS);
    assert_int_equal(w->told[TERN_EVENT_SECRET], 5);
    world_free(w);
}

static void a_client_that_was_not_told_to_sends_nothing_early(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config config = eager(w, earn(w));
    config.early = false;
    assert_int_equal(until_joined(w, &config), 3 * WORLD_DELAY);
    assert_true(w->end[0].connected.u.connected.resumed);
    assert_false(w->end[0].connected.u.connected.early);
    world_free(w);
}

/* A relay with a secret that outlives it. */
static tern_relay_config lasting(void)
{
    tern_relay_config config = world_relay_config();
    config.ticket_secret[0] = 5;
    return config;
}

/* The relay started anew, with the same key, at the same time. */
static world *after_restart(tern_relay_config *config)
{
    tern_relay_config usual = lasting();
    if (config == NULL) config = &usual;
    config->seed[0] = 77;
    return world_new(config);
}

/*= HS-051 HS-052 HS-053 */
static void what_a_relay_that_started_anew_refuses_is_sent_again_by_itself(void **state)
{
    (void)state;
    tern_relay_config relay = lasting();
    world *before = world_new(&relay);
    tern_bytes ticket = earn(before);
    world *w = after_restart(NULL);
    (void)earn(w); /* of the same number */
    tern_client_config config = eager(w, ticket);
    assert_int_equal(until_joined(w, &config), 3 * WORLD_DELAY);
    world_run(w, 200 * TERN_MS);
    assert_true(w->end[2].connected.u.connected.resumed);
    assert_false(w->end[2].connected.u.connected.early);
    assert_int_equal(joins(w), 1);
    tern_peer_info info;
    assert_true(tern_peer_get_info(w->end[2].node, 0, &info));
    assert_true(info.cwnd_bytes >= 12000); /* nothing was lost to the network */
    assert_int_equal(info.packets_lost, 0);
    world_free(w);
    world_free(before);
}

/* What stands on the wire towards the relay, kept to be sent again. */
typedef struct {
    size_t n;
    struct {
        size_t n;
        uint8_t bytes[TERN_DATAGRAM_MAX];
    } at[COPIES];
} copies;

static copies *copy_wire(const world *w)
{
    copies *c = calloc(1, sizeof *c);
    assert_non_null(c);
    assert_true(w->on_wire >= 2 && w->on_wire <= COPIES); /* SYN and EARLY */
    for (; c->n < w->on_wire; c->n++) {
        c->at[c->n].n = w->wire[c->n].n;
        memcpy(c->at[c->n].bytes, w->wire[c->n].bytes, w->wire[c->n].n);
    }
    return c;
}

/* Sends all of it to the relay, from a port of the client's. */
static void replay(world *w, const copies *c, uint32_t client, uint16_t port)
{
    tern_path path = { w->end[client].path.remote, w->end[client].path.local };
    path.remote.port = port;
    for (size_t i = 0; i < c->n; i++) {
        uint8_t bytes[TERN_DATAGRAM_MAX];
        memcpy(bytes, c->at[i].bytes, c->at[i].n);
        (void)tern_node_recv(w->end[0].node, w->now, &path, (tern_buf){ bytes, c->at[i].n }, TERN_ECN_NOT_ECT);
    }
    world_run(w, 5 * TERN_MS);
}

static uint64_t replays(const world *w)
{
    tern_stats stats;
    tern_node_stats(w->end[0].node, &stats);
    return stats.drops[TERN_DROP_REPLAY];
}

/*= HS-053 */
static void attack_10_a_copied_first_flight_is_taken_once(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config config = eager(w, earn(w));
    uint32_t i = join_at_once(w, &config);
    copies *c = copy_wire(w);
    world_run(w, 15 * TERN_MS);
    assert_int_equal(joins(w), 1);
    for (uint16_t k = 0; k < 5; k++) {
        replay(w, c, i, config.path.local.port);
        replay(w, c, i, (uint16_t)(50000 + k)); /* from elsewhere, before and after the client is proven */
        assert_int_equal(replays(w), k + 1);
    }
    world_run(w, 300 * TERN_MS);
    tern_peer_close(w->end[i].node, w->now, 0, TERN_NO_ERROR, "");
    world_run(w, 30 * TERN_SECOND); /* the connection is forgotten */
    replay(w, c, i, config.path.local.port);
    world_run(w, 30 * TERN_SECOND);
    assert_int_equal(joins(w), 1);
    free(c);
    world_free(w);
}

/*= HS-053 */
static void attack_10_a_copy_that_comes_first_is_all_that_comes(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config config = eager(w, earn(w));
    uint32_t i = join_at_once(w, &config);
    copies *c = copy_wire(w);
    replay(w, c, i, 50000);
    assert_int_equal(joins(w), 1);
    for (unsigned ms = 0; ms < 30000; ms += 5) {
        for (size_t at = w->on_wire; at-- > 0;)
            if (w->wire[at].from == 0) take_off(w, at); /* the answers go to who sent the copy, and can read none */
        world_run(w, 5 * TERN_MS);
    }
    assert_int_equal(joins(w), 1);
    assert_true(replays(w) >= 1);                   /* each time that the client asks */
    assert_null(strstr(world_log(w, i), "joined")); /* rather than twice */
    free(c);
    world_free(w);
}

/*= HS-053 */
static void attack_10_a_copied_first_flight_says_nothing_to_a_relay_that_started_anew(void **state)
{
    (void)state;
    tern_relay_config relay = lasting();
    world *before = world_new(&relay);
    tern_client_config config = eager(before, earn(before));
    uint32_t i = join_at_once(before, &config);
    copies *c = copy_wire(before);
    world_run(before, 200 * TERN_MS);
    assert_int_equal(joins(before), 1);
    world *w = after_restart(NULL);
    (void)earn(w); /* it has given a ticket of the same number, too; the copies come from this client's address */
    w->end[1].path = before->end[i].path;
    w->end[1].path.local.ip[3] = 1;
    for (uint16_t k = 0; k < 5; k++) replay(w, c, 1, (uint16_t)(50000 + k));
    world_run(w, 30 * TERN_SECOND);
    assert_int_equal(joins(w), 0);
    free(c);
    world_free(w);
    world_free(before);
}

/*= HS-052 WIRE-075 */
static void early_data_that_comes_before_its_syn_or_not_at_all_is_repaired(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        world *w = world_new(NULL);
        tern_client_config config = eager(w, earn(w));
        (void)join_at_once(w, &config);
        if (seed == 1) {
            world_datagram first = w->wire[0];
            w->wire[0] = w->wire[1];
            w->wire[1] = first;
        } else {
            w->loss_percent = 30;
            w->random = seed;
        }
        world_run(w, 20 * TERN_SECOND);
        assert_int_equal(joins(w), w->told[TERN_EVENT_CLOSED] > 2 ? joins(w) : 1);
        world_free(w);
    }
}

/* Takes the SYNs that are on the wire off it. */
static unsigned lose_syns(world *w)
{
    unsigned lost = 0;
    for (size_t i = 0; i < w->on_wire;) {
        if (w->wire[i].bytes[0] >> 4 != TERN_PACKET_SYN) {
            i++;
            continue;
        }
        take_off(w, i);
        lost++;
    }
    return lost;
}

/*= HS-052 */
static void each_probe_brings_the_syn_however_much_waits(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config config = eager(w, earn(w));
    uint32_t i = world_add(w, &config);
    tern_time started = w->now;
    assert_int_equal(tern_client_join(w->end[i].node, "lobby", "ann"), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[i].node, world_body(8000)), TERN_OK);
    world_settle(w);
    for (unsigned lost = 0; lost < 2; world_run(w, TERN_MS)) lost += lose_syns(w);
    while (joins(w) == 0 && w->now - started < 10 * TERN_SECOND) world_run(w, TERN_MS);
    assert_true(w->now - started < 4 * TERN_SECOND); /* the second probe timeout, after one second and two */
    world_run(w, TERN_SECOND);
    assert_non_null(strstr(world_log(w, i), "8000 bytes"));
    world_free(w);
}

/*= HS-053 */
static void a_ticket_too_old_to_be_sure_of_resumes_without_early_data(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.early_tickets = 64;
    for (unsigned given = 63; given <= 64; given++) {
        world *w = world_new(&relay);
        uint8_t kept[TERN_TICKET_SIZE];
        tern_bytes ticket = earn(w);
        memcpy(kept, ticket.p, ticket.n);
        for (unsigned i = 0; i < given; i++) {
            world_replace(w, 1, (uint8_t)(i + 1));
            world_run(w, 100 * TERN_MS);
            tern_peer_close(w->end[1].node, w->now, 0, TERN_NO_ERROR, "");
            world_run(w, 2 * TERN_SECOND);
        }
        assert_int_equal(w->told[TERN_EVENT_TICKET], given + 1);
        world_forget_logs(w);
        tern_client_config config = eager(w, tern_bytes_of(kept, ticket.n));
        (void)join_at_once(w, &config);
        world_run(w, 200 * TERN_MS);
        assert_true(w->end[2].connected.u.connected.resumed);
        assert_int_equal(w->end[2].connected.u.connected.early, given < 64);
        assert_int_equal(joins(w), 1);
        world_free(w);
    }
}

/*= HS-050 */
static void no_more_is_sent_early_than_the_ticket_allows(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.max_early = 3000;
    world *w = world_new(&relay);
    tern_client_config config = eager(w, earn(w));
    uint32_t i = world_add(w, &config);
    assert_int_equal(tern_client_join(w->end[i].node, "lobby", "ann"), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[i].node, world_body(5000)), TERN_OK);
    world_settle(w);
    assert_int_equal(w->on_wire, 3); /* SYN, and two of 1200 bytes */
    world_run(w, 300 * TERN_MS);
    assert_non_null(strstr(world_log(w, i), "5000 bytes"));
    world_free(w);
    relay.max_early = 0;
    w = world_new(&relay);
    config = eager(w, earn(w));
    (void)join_at_once(w, &config);
    assert_int_equal(w->on_wire, 1);
    world_free(w);
}

/*= HS-050 */
static void a_relay_drops_what_is_beyond(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.max_early = 3000;
    world *w = world_new(&relay);
    tern_client_config config = eager(w, earn(w));
    uint32_t i = world_add(w, &config);
    tern_endpoint *ep = (tern_endpoint *)w->end[i].node;
    const tern_host host = tern_endpoint_host(ep, w->now);
    tern_hs(&tern_endpoint_slot(ep, 0)->connection, &host)->early_left = 100000; /* a client that knows no bounds */
    assert_int_equal(tern_client_join(w->end[i].node, "lobby", "ann"), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[i].node, world_body(5000)), TERN_OK);
    world_settle(w);
    assert_true(w->on_wire > 4);
    world_run(w, 300 * TERN_MS);
    tern_stats stats;
    tern_node_stats(w->end[0].node, &stats);
    assert_true(stats.drops[TERN_DROP_EARLY_DATA] >= 2);
    assert_non_null(strstr(world_log(w, i), "5000 bytes"));
    world_free(w);
}

/*= HS-054 */
static void a_relay_that_takes_less_than_it_said_is_left(void **state)
{
    (void)state;
    tern_relay_config relay = lasting();
    world *before = world_new(&relay);
    tern_bytes ticket = earn(before);
    tern_relay_config less = lasting();
    less.transport.max_streams = 1;
    world *w = after_restart(&less);
    tern_client_config config = eager(w, ticket);
    uint32_t i = join_at_once(w, &config);
    world_run(w, TERN_SECOND);
    assert_string_equal(world_log(w, i), "closed FLOW_CONTROL_ERROR\n");
    assert_int_equal(joins(w), 0);
    world_free(w);
    world_free(before);
}

/*= HS-052 CONN-062 */
static void early_data_goes_again_behind_a_retry(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.always_retry = true;
    world *w = world_new(&relay);
    tern_client_config config = eager(w, earn(w));
    assert_int_equal(until_joined(w, &config), 3 * WORLD_DELAY); /* SYN, RETRY, SYN and what is early */
    world_run(w, 300 * TERN_MS);
    assert_true(w->end[2].connected.u.connected.early);
    assert_int_equal(joins(w), 1);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_word_takes_one_round_trip_and_none_with_a_ticket),
        cmocka_unit_test(the_answer_takes_two_round_trips_and_one_with_a_ticket),
        cmocka_unit_test(who_has_to_prove_a_key_is_answered_when_all_of_the_proof_is_there),
        cmocka_unit_test(whatever_is_lost_of_an_early_handshake_it_is_confirmed_and_all_is_said_once),
        cmocka_unit_test(attack_7_an_answer_to_a_copy_is_no_longer_than_three_times_what_came),
        cmocka_unit_test(the_secret_of_early_data_is_told_where_there_is_any),
        cmocka_unit_test(a_client_that_was_not_told_to_sends_nothing_early),
        cmocka_unit_test(what_a_relay_that_started_anew_refuses_is_sent_again_by_itself),
        cmocka_unit_test(attack_10_a_copied_first_flight_is_taken_once),
        cmocka_unit_test(attack_10_a_copy_that_comes_first_is_all_that_comes),
        cmocka_unit_test(attack_10_a_copied_first_flight_says_nothing_to_a_relay_that_started_anew),
        cmocka_unit_test(early_data_that_comes_before_its_syn_or_not_at_all_is_repaired),
        cmocka_unit_test(each_probe_brings_the_syn_however_much_waits),
        cmocka_unit_test(a_ticket_too_old_to_be_sure_of_resumes_without_early_data),
        cmocka_unit_test(no_more_is_sent_early_than_the_ticket_allows),
        cmocka_unit_test(a_relay_drops_what_is_beyond),
        cmocka_unit_test(a_relay_that_takes_less_than_it_said_is_left),
        cmocka_unit_test(early_data_goes_again_behind_a_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
