/* SPDX-License-Identifier: MIT */
/* Shares of addresses: who holds a relay's places, and who gives one to whom (spec: connection 5). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 256

typedef struct {
    pair *p;
    tern_endpoint *relay;
    uint32_t next; /* another port for each */
} hall;

static hall relay_of(uint32_t slots, uint32_t per_origin)
{
    pair_options options = pair_defaults();
    options.max_connections = slots;
    hall h = { .p = pair_new(&options) };
    h.relay = h.p->end[PAIR_TO_RELAY];
    h.relay->config.max_per_origin = per_origin;
    tern_endpoint_strangers(h.relay)->entry.always = true;
    return h;
}

/* A client from there comes, takes the RETRY and goes no further. */
static int comes(hall *h, uint8_t host)
{
    static uint8_t out[65536];
    tern_addr *from = &h->p->path[PAIR_TO_RELAY].remote, before = *from;
    from->ip[3] = host;
    from->port = (uint16_t)(2000 + h->next);
    int drop = pair_foreign_comes(h->p, (uint8_t)h->next++);
    while (tern_endpoint_send(h->relay, h->p->now, (tern_buf){ out, sizeof out }).count > 0) continue; /* answers */
    *from = before;
    return drop;
}

static const tern_origin *origin_of(const hall *h, uint8_t host)
{
    tern_addr a = h->p->path[PAIR_TO_RELAY].remote;
    a.ip[3] = host;
    uint32_t at = tern_origins_find(&h->relay->origins, tern_endpoint_origins(h->relay), &a);
    return at == TERN_ORIGIN_NONE ? NULL : &tern_endpoint_origins(h->relay)[at];
}

static uint32_t half_open_of(const hall *h, uint8_t host)
{
    const tern_origin *o = origin_of(h, host);
    return o == NULL ? 0 : o->half_open;
}

/* One that takes cookies and never finishes, thirteen times a second, for as long as it likes. */
/*= CONN-068 */
static void attack_6_who_never_finishes_keeps_nobody_out(void **state)
{
    hall h = relay_of(SLOTS, SLOTS);
    tern_event event;
    (void)state;
    pair_run(h.p, h.p->now + TERN_SECOND); /* the pair's own client is in */
    for (int i = 0; i < 400; i++) {
        (void)comes(&h, 66);
        tern_endpoint_on_timeout(h.relay, h.p->now += TERN_SECOND / 13);
        while (tern_endpoint_poll(h.relay, &event)) continue;
        if (i >= 200 && i % 20 == 0) {
            assert_true(half_open_of(&h, 66) >= 110);
            assert_int_equal(comes(&h, (uint8_t)(100 + i / 20)), TERN_DROP_NONE);
        }
    }
    assert_true(h.relay->half_open <= SLOTS / 2 + 1);
    assert_true(h.relay->stats.pushed_out > 0);
    pair_free(h.p);
}

/*= CONN-068 */
static void attack_6_the_oldest_of_who_holds_most_goes(void **state)
{
    hall h = relay_of(8, 8);
    tern_peer peers[8];
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(comes(&h, i == 0 || i == 3 ? 70 : 66), TERN_DROP_NONE); /* 70 66 66 70 66 */
        for (uint32_t s = 0; s < 8; s++)
            if (tern_endpoint_slot(h.relay, s)->used && tern_endpoint_slot(h.relay, s)->serial == (uint64_t)i + 1)
                peers[i] = tern_slot_peer(h.relay, s);
    }
    assert_int_equal(comes(&h, 66), TERN_DROP_BUSY); /* it has most itself */
    assert_int_equal(comes(&h, 70), TERN_DROP_BUSY); /* it has one less */
    assert_int_equal(h.relay->stats.pushed_out, 0);
    assert_int_equal(comes(&h, 71), TERN_DROP_NONE);
    assert_null(tern_endpoint_find(h.relay, peers[1]));
    assert_non_null(tern_endpoint_find(h.relay, peers[0]));
    assert_non_null(tern_endpoint_find(h.relay, peers[2]));
    assert_int_equal(comes(&h, 71), TERN_DROP_BUSY); /* 2, 2 and 1 */
    assert_int_equal(comes(&h, 72), TERN_DROP_NONE);
    assert_int_equal(comes(&h, 73), TERN_DROP_NONE);
    assert_int_equal(comes(&h, 74), TERN_DROP_BUSY); /* all have one */
    pair_free(h.p);
}

/* What cookies are for: who is not there pushes nobody out. */
/*= CONN-068 */
static void attack_6_without_a_cookie_nobody_is_pushed_out(void **state)
{
    hall h = relay_of(8, 8);
    uint8_t syn[2048];
    (void)state;
    tern_endpoint_strangers(h.relay)->entry.always = false;
    for (int i = 0; i < 5; i++) assert_int_equal(comes(&h, 66), TERN_DROP_NONE);
    for (uint8_t i = 0; i < 50; i++) {
        h.p->path[PAIR_TO_RELAY].remote.ip[3] = (uint8_t)(100 + i);
        assert_int_equal(pair_inject(h.p, PAIR_TO_RELAY, syn, pair_foreign_syn(h.p, i, syn)), TERN_DROP_RETRY);
    }
    assert_int_equal(half_open_of(&h, 66), 5);
    assert_int_equal(h.relay->stats.pushed_out, 0);
    pair_free(h.p);
}

/* Finished ones have taken all other slots. */
/*= CONN-068 */
static void who_never_finishes_gives_the_last_slot_too(void **state)
{
    hall h = relay_of(8, 8);
    (void)state;
    for (int i = 0; i < 5; i++) assert_int_equal(comes(&h, (uint8_t)(100 + i)), TERN_DROP_NONE);
    for (uint32_t s = 0; s < 8; s++)
        if (tern_endpoint_slot(h.relay, s)->used) tern_slot_settle(h.relay, s);
    for (int i = 0; i < 3; i++) assert_int_equal(comes(&h, 66), TERN_DROP_NONE);
    assert_int_equal(h.relay->free_slot, 0);
    assert_int_equal(comes(&h, 110), TERN_DROP_NONE);
    assert_int_equal(half_open_of(&h, 66), 2);
    assert_int_equal(h.relay->in_use, 8);
    pair_free(h.p);
}

/*= CONN-068 */
static void those_who_come_together_do_not_push_each_other_out(void **state)
{
    hall h = relay_of(SLOTS, SLOTS);
    (void)state;
    for (int i = 0; i < SLOTS; i++) assert_int_equal(comes(&h, 10), i <= SLOTS / 2 ? TERN_DROP_NONE : TERN_DROP_BUSY);
    assert_int_equal(half_open_of(&h, 10), SLOTS / 2 + 1);
    assert_int_equal(h.relay->stats.pushed_out, 0);
    pair_free(h.p);
}

/* An application that was told of it, by early data, is told of its end, too. */
/*= CONN-068 */
static void who_was_told_of_is_told_to_be_gone(void **state)
{
    hall h = relay_of(8, 8);
    tern_event event;
    int closed = 0;
    (void)state;
    for (int i = 0; i < 5; i++) assert_int_equal(comes(&h, 66), TERN_DROP_NONE);
    uint32_t oldest = origin_of(&h, 66)->oldest - 1;
    tern_peer peer = tern_slot_peer(h.relay, oldest);
    tern_endpoint_slot(h.relay, oldest)->connection.told_connected = true;
    assert_int_equal(comes(&h, 70), TERN_DROP_NONE);
    while (tern_endpoint_poll(h.relay, &event)) {
        if (event.type != TERN_EVENT_CLOSED || event.peer != peer) continue;
        closed++;
        assert_int_equal(event.u.closed.error, TERN_E_HANDSHAKE_TIMEOUT);
    }
    assert_int_equal(closed, 1);
    assert_int_equal(h.relay->in_use, 5);
    pair_free(h.p);
}

/*= CONN-069 */
static void attack_6_one_address_cannot_take_all_seats(void **state)
{
    hall h = relay_of(8, 3);
    (void)state;
    for (int i = 0; i < 3; i++) assert_int_equal(comes(&h, 66), TERN_DROP_NONE);
    for (uint32_t s = 0; s < 8; s++)
        if (tern_endpoint_slot(h.relay, s)->used) tern_slot_settle(h.relay, s);
    assert_int_equal(comes(&h, 66), TERN_DROP_ADDRESS);
    assert_int_equal(comes(&h, 67), TERN_DROP_NONE);
    tern_slot_give(h.relay, 0); /* one of them leaves */
    assert_int_equal(comes(&h, 66), TERN_DROP_NONE);
    assert_int_equal(origin_of(&h, 66)->all, 3);
    pair_free(h.p);
}

/* SYNs in the name of somebody else take his share only until he comes himself. */
/*= CONN-069 */
static void attack_6_nobody_is_kept_out_in_his_own_name(void **state)
{
    hall h = relay_of(64, 3);
    uint8_t syn[2048];
    (void)state;
    tern_endpoint_strangers(h.relay)->entry.always = false;
    for (uint8_t i = 0; i < 50; i++) {
        h.p->path[PAIR_TO_RELAY].remote.port++;
        int drop = pair_inject(h.p, PAIR_TO_RELAY, syn, pair_foreign_syn(h.p, i, syn));
        assert_int_equal(drop, i < 3 ? TERN_DROP_NONE : TERN_DROP_RETRY);
    }
    assert_int_equal(comes(&h, h.p->path[PAIR_TO_RELAY].remote.ip[3]), TERN_DROP_NONE);
    assert_int_equal(h.relay->half_open, 3);
    assert_int_equal(h.relay->stats.pushed_out, 1);
    pair_free(h.p);
}

/*= CONN-068 */
static void an_origin_is_what_one_host_has(void **state)
{
    enum { N = 4 };
    tern_origin entries[N];
    tern_origins o;
    const tern_addr v4 = { 4, { 192, 0, 2, 1 }, 1, 0 }, v4_port = { 4, { 192, 0, 2, 1 }, 2, 0 };
    const tern_addr v4_other = { 4, { 192, 0, 2, 2 }, 1, 0 };
    const tern_addr v6 = { 6, { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 1 }, 1, 0 };
    const tern_addr v6_same = { 6, { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 2, 3 }, 9, 0 };
    const tern_addr v6_other = { 6, { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 1 }, 1, 0 };
    const tern_addr local = { 6, { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1 }, 1, 2 };
    const tern_addr local_other = { 6, { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2 }, 1, 2 };
    const tern_addr local_zone = { 6, { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1 }, 1, 3 };
    (void)state;
    tern_origins_init(&o, entries, N, (const uint64_t[2]){ 12345, 678 });
    uint32_t a = tern_origins_enter(&o, entries, &v4), b = tern_origins_enter(&o, entries, &v6);
    entries[a].all = entries[b].all = 1;
    assert_true(a != b);
    assert_int_equal(tern_origins_find(&o, entries, &v4_port), a);
    assert_int_equal(tern_origins_find(&o, entries, &v4_other), TERN_ORIGIN_NONE);
    assert_int_equal(tern_origins_find(&o, entries, &v6_same), b);
    assert_int_equal(tern_origins_find(&o, entries, &v6_other), TERN_ORIGIN_NONE);
    uint32_t c = tern_origins_enter(&o, entries, &local);
    entries[c].all = 1;
    assert_int_equal(tern_origins_find(&o, entries, &local_other), TERN_ORIGIN_NONE);
    assert_int_equal(tern_origins_find(&o, entries, &local_zone), TERN_ORIGIN_NONE);
    assert_int_equal(tern_origins_find(&o, entries, &local), c);
}

/* Against a list that is searched from end to end. */
static void the_table_of_origins_agrees_with_a_list(void **state)
{
    enum { N = 32 };
    tern_origin entries[N];
    tern_origins o;
    uint32_t all[256] = { 0 }, in_use = 0, seed = 1;
    (void)state;
    tern_origins_init(&o, entries, N, (const uint64_t[2]){ 99, 7 });
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        uint8_t who = (uint8_t)(seed >> 24);
        const tern_addr a = { 4, { 10, 0, 0, who }, 1, 0 };
        uint32_t at = tern_origins_find(&o, entries, &a);
        assert_true((at != TERN_ORIGIN_NONE) == (all[who] > 0));
        if (all[who] > 0 && (seed & 1 << 16) != 0) {
            assert_int_equal(entries[at].all, all[who]);
            in_use--, all[who]--, entries[at].all--;
            tern_origins_leave(&o, entries, at);
        } else if (in_use < N) {
            in_use++, all[who]++;
            entries[tern_origins_enter(&o, entries, &a)].all++;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_6_who_never_finishes_keeps_nobody_out),
        cmocka_unit_test(attack_6_the_oldest_of_who_holds_most_goes),
        cmocka_unit_test(attack_6_without_a_cookie_nobody_is_pushed_out),
        cmocka_unit_test(who_never_finishes_gives_the_last_slot_too),
        cmocka_unit_test(those_who_come_together_do_not_push_each_other_out),
        cmocka_unit_test(who_was_told_of_is_told_to_be_gone),
        cmocka_unit_test(attack_6_one_address_cannot_take_all_seats),
        cmocka_unit_test(attack_6_nobody_is_kept_out_in_his_own_name),
        cmocka_unit_test(an_origin_is_what_one_host_has),
        cmocka_unit_test(the_table_of_origins_agrees_with_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
