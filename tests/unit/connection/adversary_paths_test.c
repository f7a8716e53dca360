/* SPDX-License-Identifier: MIT */
/* Attacks 2, 7 and 8 of the list by a client that is authentic and lies about where it is: it sends what it likes from
 * the addresses of others, from here and there by turns, and whatever the relay sends to each of them is counted. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOME            2
#define CHALLENGE_FRAME (TERN_TLV_HEADER + TERN_CHALLENGE_SIZE)

/* Bytes that came from each host, and that were sent to it. */
static uint64_t came[256], went[256];

static int swallow(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT ? 0 : 1;
}

/* A relay that has much to say to a client, whose own endpoint takes no more part. */
static pair *with_much_to_say(uint16_t max_datagram)
{
    static const uint8_t body[300000];
    pair_options options = pair_defaults();
    options.limits.max_datagram = max_datagram;
    pair *p = pair_established(&options);
    memset(came, 0, sizeof came);
    memset(went, 0, sizeof went);
    p->fate = swallow;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    return p;
}

/* All that the relay sends from now until then. */
static void let_it_send(pair *p, tern_time until)
{
    static uint8_t out[1 << 17];
    tern_endpoint *relay = p->end[PAIR_TO_RELAY];
    for (int i = 0; i < 10000; i++) {
        tern_event event;
        while (tern_endpoint_poll(relay, &event)) {
        }
        tern_batch b = tern_endpoint_send(relay, p->now, (tern_buf){ out, sizeof out });
        went[b.path.remote.ip[3]] += b.total;
        if (b.count > 0) continue;
        tern_time next = tern_endpoint_next_timeout(relay);
        if (next > until) break;
        p->now = next > p->now ? next : p->now;
        tern_endpoint_on_timeout(relay, p->now);
    }
    p->now = until;
}

/* A packet of n bytes of that many challenges, a sign of life when it is to move the connection, and padding. */
static void send_from(pair *p, uint8_t host, size_t n, size_t challenges, bool moves)
{
    static uint8_t frames[2048];
    size_t around = tern_header_size(TERN_PACKET_DATA) + TERN_PN_SIZE + TERN_TAG_SIZE;
    tern_writer w = tern_writer_of((tern_buf){ frames, n - around });
    p->path[PAIR_TO_RELAY].remote.ip[3] = host;
    for (; challenges > 0 && tern_writer_left(&w) >= CHALLENGE_FRAME + TERN_TLV_HEADER; challenges--)
        tern_frame_emit_path(&w, TERN_F_PATH_CHALLENGE, &(tern_frame_path){ { (uint8_t)challenges } });
    if (moves) tern_frame_emit_keep_alive(&w);
    if (tern_writer_left(&w) >= TERN_TLV_HEADER) tern_frame_emit_padding(&w, tern_writer_left(&w));
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, w.n), TERN_DROP_NONE);
    came[host] += w.n + around;
}

/*= CONN-042 CONN-043 REC-063 */
static void attack_7_a_victim_gets_three_bytes_for_one_whatever_is_asked(void **state)
{
    static const size_t sizes[] = { 60, 64, 100, 200, 500, 1000, 1200, 1400 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t challenges = 0; challenges < 3; challenges++) {
            pair *p = with_much_to_say(i % 2 == 0 ? 65507 : 1200);
            for (int k = 0; k < 5; k++) {
                send_from(p, 9, sizes[i], challenges, true);
                assert_int_equal(pair_relay(p)->path.remote.ip[3], 9);
                let_it_send(p, p->now + (tern_time)k * 50 * TERN_MS);
                assert_true(went[9] <= 3 * came[9]);
            }
            let_it_send(p, p->now + 60 * TERN_SECOND);
            assert_true(went[9] > 0 || sizes[i] < 100);
            assert_true(went[9] <= 3 * came[9]);
            pair_free(p);
        }
    }
}

/*= CONN-042 */
static void attack_7_no_victim_gets_more_for_being_one_of_many(void **state)
{
    pair *p = with_much_to_say(65507);
    (void)state;
    for (int k = 0; k < 300; k++) {
        send_from(p, (uint8_t)(10 + k % 50), 1200, (size_t)k % 3, k % 5 > 0);
        let_it_send(p, p->now + (k % 7 == 0 ? 100 * TERN_MS : 0));
        if (k % 4 == 0) send_from(p, HOME, 1200, 1, true);
    }
    let_it_send(p, p->now + 60 * TERN_SECOND);
    for (int host = 10; host < 60; host++) assert_true(went[host] <= 3 * came[host]);
    assert_true(pair_relay(p) == NULL || pair_relay(p)->path.remote.ip[3] == HOME);
    pair_free(p);
}

/*= CONN-041 CONN-043 */
static void attack_2_and_8_moving_with_every_packet_takes_no_memory_and_no_answers_pile_up(void **state)
{
    pair *p = with_much_to_say(1200);
    (void)state;
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    let_it_send(p, p->now);
    uint32_t free = pool->free;
    for (int k = 0; k < 1000; k++) send_from(p, k % 2 == 0 ? 9 : HOME, 100, 3, true);
    assert_true(pool->free + 100 > free);
    let_it_send(p, p->now);
    assert_true(went[9] <= 2 * 1200); /* nothing was sent between: two answers, and what the last packet allows */
    assert_true(tern_connection_is_open(pair_relay(p)));
    let_it_send(p, p->now + 200 * TERN_SECOND);
    assert_int_equal(pool->free, pool->pages);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_7_a_victim_gets_three_bytes_for_one_whatever_is_asked),
        cmocka_unit_test(attack_7_no_victim_gets_more_for_being_one_of_many),
        cmocka_unit_test(attack_2_and_8_moving_with_every_packet_takes_no_memory_and_no_answers_pile_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
