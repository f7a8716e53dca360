/* SPDX-License-Identifier: MIT */
/* RSA work comes a block at a time: who drives the server beside something else never waits for more. */
#include "dialects/blocks.h"
#include "dialects/rsa_fragment/codec.h"
#include "dialects/server.h"
#include "hall.h"

#define BLOCKS 10

/* A text of so many blocks in fragments, from an address. */
static void throw_long(hall *h, hall_hand *p, uint32_t id, char letter, size_t blocks)
{
    static uint8_t sealed[BLOCKS * 256], bytes[600];
    char text[BLOCKS * 190];
    memset(text, letter, blocks * 190);
    size_t n = tern_blocks_seal(&p->server.public_key, &p->drbg, tern_bytes_of(text, blocks * 190), sealed);
    tern_rsaf_fragment f = { .id = id, .total = (uint8_t)((n + 489) / 490) };
    for (size_t at = 0; at < n; at += 490) {
        f.no++;
        f.payload = tern_bytes_of(sealed + at, n - at < 490 ? n - at : 490);
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_rsaf_write(&f, &w);
        assert_int_equal(hall_throw(h, &p->addr, tern_written(&w)), TERN_DROP_NONE);
    }
}

/* One timeout of the server; whether it has told of anything. */
static bool step(hall *h)
{
    tern_event event;
    assert_true(tern_node_next_timeout(h->end[0].node) <= h->now + TERN_MS);
    h->now = tern_node_next_timeout(h->end[0].node);
    tern_node_on_timeout(h->end[0].node, h->now);
    return tern_node_poll(h->end[0].node, &event);
}

/*= DIA-011 */
static void a_long_text_is_opened_a_block_at_a_time(void **state)
{
    hall *h = hall_new(TERN_DIALECT_RSA_FRAGMENT, NULL);
    hall_hand p = hall_hand_at(9);
    tern_event event;
    (void)state;
    throw_long(h, &p, 7, 'x', BLOCKS);
    assert_false(tern_node_poll(h->end[0].node, &event));
    for (uint32_t i = 1; i < BLOCKS; i++) assert_false(step(h));
    assert_true(step(h));
    hall_run(h, TERN_MS);
    assert_int_equal(h->end[0].log_n, strlen("10.0.0.9:5007: ") + BLOCKS * 190 + 1);
    hall_free(h);
}

/* What is short does not come before what is long and was said first. */
static void what_one_says_stays_in_order(void **state)
{
    hall *h = hall_new(TERN_DIALECT_RSA_FRAGMENT, NULL);
    hall_hand p = hall_hand_at(9);
    uint8_t sealed[600];
    (void)state;
    throw_long(h, &p, 7, 'x', BLOCKS);
    size_t n = tern_blocks_seal(&p.server.public_key, &p.drbg, text_bytes("short"), sealed);
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(sealed, n)), TERN_DROP_NONE);
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(sealed, n)), TERN_DROP_DUPLICATE);
    hall_run(h, TERN_SECOND);
    const char *first = strstr(h->end[0].log, "xxx"), *second = strstr(h->end[0].log, "10.0.0.9:5007: short\n");
    assert_true(first != NULL && second != NULL && first < second);
    assert_null(strstr(second + strlen("10.0.0.9:5007: short"), "short"));
    hall_free(h);
}

static void what_waits_is_bounded(void **state)
{
    tern_dialect_config config = hall_server_config(TERN_DIALECT_RSA_FRAGMENT);
    (void)state;
    config.rsa_ms_per_second = 1000;
    hall *h = hall_new(TERN_DIALECT_RSA_FRAGMENT, &config);
    hall_hand p = hall_hand_at(9);
    for (uint32_t i = 0; i < TERN_DIALECT_JOBS; i++) throw_long(h, &p, 7 + i, (char)('a' + i), 2);
    uint8_t sealed[600];
    size_t n = tern_blocks_seal(&p.server.public_key, &p.drbg, text_bytes("one more"), sealed);
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(sealed, n)), TERN_DROP_BUSY);
    hall_run(h, TERN_SECOND);
    assert_int_equal(h->end[0].log_n,
                     strlen("+10.0.0.9:5007\n") + TERN_DIALECT_JOBS * (strlen("10.0.0.9:5007: ") + 2 * 190 + 1));
    hall_free(h);
}

/*= DIA-011 */
static void sealing_takes_half_of_the_time_at_most(void **state)
{
    hall *h = hall_with_clients(TERN_DIALECT_RSA_FRAGMENT, 1);
    tern_event event = { .type = TERN_EVENT_MESSAGE };
    uint32_t told = 0, waits = 0;
    (void)state;
    h->silent = true;
    assert_int_equal(hall_say(h, 1, "here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    event.u.message.sender.nick[0] = 'q';
    tern_time end = h->now + TERN_SECOND;
    while (h->now < end) {
        int result = tern_dialect_tell(h->end[0].node, h->now, h->member[0], &event, text_bytes("again and again"));
        told += result == TERN_OK;
        if (result == TERN_OK) continue;
        assert_int_equal(result, TERN_E_BLOCKED);
        waits++;
        tern_time next = tern_node_next_timeout(h->end[0].node);
        assert_true(next > h->now && next <= h->now + 50 * TERN_MS);
        hall_run(h, next - h->now);
    }
    assert_true(waits > 100);
    assert_true(told > 700 && told < 1000); /* 500 ms of 0.6 each, and what may be taken at once */
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_text_is_opened_a_block_at_a_time),
        cmocka_unit_test(what_one_says_stays_in_order),
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(sealing_takes_half_of_the_time_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
