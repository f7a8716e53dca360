/* SPDX-License-Identifier: MIT */
/* The size of datagrams on a path with a bottom and a ceiling (spec: recovery 5). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct {
    size_t carries; /* larger datagrams vanish */
    size_t largest; /* that arrived */
    uint64_t large; /* sent with more than 1200 bytes */
} ceiling;

static int under(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    ceiling *c = p->owner;
    (void)way, (void)n, (void)bytes;
    if (*size > 1200) c->large++;
    if (*size > c->carries) return 0;
    if (*size > c->largest) c->largest = *size;
    return 1;
}

static pair *pair_under(ceiling *c)
{
    pair_options options = pair_defaults();
    options.limits.max_datagram = 65527;
    pair *p = pair_established(&options);
    p->fate = under;
    p->owner = c;
    return p;
}

static const uint8_t body[400000];

static void send_much(pair *p)
{
    size_t before = p->messages_count;
    p->messages_n = 0;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 20 * TERN_SECOND);
    assert_int_equal(p->messages_count, before + 1);
}

static uint32_t datagram_bytes(pair *p)
{
    tern_peer_info info;
    assert_true(tern_peer_get_info((tern_node *)p->end[PAIR_TO_CLIENT], 0, &info));
    return info.datagram_bytes;
}

/*= REC-060 REC-061 */
static void datagrams_grow_to_what_the_path_carries(void **state)
{
    static const size_t paths[] = { 1200, 1472, 8972, 65507 };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        ceiling c = { .carries = paths[i] };
        pair *p = pair_under(&c);
        send_much(p);
        send_much(p);
        assert_int_equal(datagram_bytes(p), paths[i]);
        assert_int_equal(c.largest, paths[i]);
        pair_free(p);
    }
}

/*= REC-060 */
static void nothing_larger_than_the_peer_takes_is_sent(void **state)
{
    ceiling c = { .carries = 65527 };
    pair *p = pair_under(&c);
    (void)state;
    pair_client(p)->peer_params.max_datagram = 1300;
    tern_pmtu_start(&pair_client(p)->recovery.pmtu, 1300);
    send_much(p);
    assert_int_equal(c.largest, 1300);
    pair_free(p);
}

/*= REC-063 */
static void a_quiet_connection_probes_nothing(void **state)
{
    ceiling c = { .carries = 65527 };
    pair *p = pair_under(&c);
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "short", 5), TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
    }
    assert_int_equal(c.large, 0);
    assert_int_equal(datagram_bytes(p), 1200); /* nor did it before */
    pair_free(p);
}

/*= REC-061 */
static void lost_probes_are_no_congestion_and_no_loss(void **state)
{
    ceiling c = { .carries = 1200 };
    pair *p = pair_under(&c);
    (void)state;
    send_much(p);
    assert_true(c.large > 3);
    assert_int_equal(pair_client(p)->packets_lost, 0);
    assert_true(pair_client(p)->recovery.congestion.ssthresh_bytes == UINT64_MAX);
    assert_int_equal(pair_client(p)->recovery.congestion.in_flight_bytes, 0);
    pair_free(p);
}

/*= REC-064 */
static void a_path_that_narrows_is_noticed(void **state)
{
    ceiling c = { .carries = 8972 };
    pair *p = pair_under(&c);
    (void)state;
    send_much(p);
    send_much(p);
    assert_int_equal(datagram_bytes(p), 8972);
    c.carries = 1400;
    send_much(p); /* arrives within 20 s */
    assert_in_range(datagram_bytes(p), 1200, 1400);
    pair_free(p);
}

/*= REC-061 */
static void a_probe_is_alone_in_its_batch(void **state)
{
    ceiling c = { .carries = 65507 };
    pair *p = pair_under(&c);
    static uint8_t out[65536];
    bool probed = false;
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    for (;;) {
        tern_batch b = tern_endpoint_send(p->end[PAIR_TO_CLIENT], p->now, (tern_buf){ out, sizeof out });
        if (b.count == 0) break;
        if (b.segment <= 1200) continue;
        assert_int_equal(b.count, 1);
        probed = true;
    }
    assert_true(probed);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_grow_to_what_the_path_carries),
        cmocka_unit_test(nothing_larger_than_the_peer_takes_is_sent),
        cmocka_unit_test(a_quiet_connection_probes_nothing),
        cmocka_unit_test(lost_probes_are_no_congestion_and_no_loss),
        cmocka_unit_test(a_path_that_narrows_is_noticed),
        cmocka_unit_test(a_probe_is_alone_in_its_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
