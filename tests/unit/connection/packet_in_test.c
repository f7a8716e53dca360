/* SPDX-License-Identifier: MIT */
/* What may come in, and what is dropped under which name (spec: wire, connection). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t last[2048];
static size_t last_n;

static int keep_last(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way == PAIR_TO_RELAY) {
        memcpy(last, bytes, *size);
        last_n = *size;
        return 0;
    }
    return 1;
}

/* A pair whose next datagram to the relay was caught in last. */
static pair *with_a_caught_datagram(void)
{
    pair *p = pair_established(NULL);
    p->fate = keep_last;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + 1);
    assert_int_equal(last[0] >> 4, TERN_PACKET_DATA);
    return p;
}

/*= CONN-040 CONN-024 */
static void a_packet_to_a_client_from_another_address_is_dropped(void **state)
{
    static const uint8_t keep_alive[] = { 0, 9, 0, 0 };
    pair *p = pair_established(NULL);
    (void)state;
    p->path[PAIR_TO_CLIENT].remote.port++;
    assert_int_equal(pair_frames(p, PAIR_TO_CLIENT, TERN_PACKET_DATA, keep_alive, sizeof keep_alive), TERN_DROP_PATH);
    assert_int_equal(p->end[PAIR_TO_CLIENT]->stats.drops[TERN_DROP_PATH], 1);
    pair_free(p);
}

/*= WIRE-012 CONN-024 */
static void damage_is_counted_and_changes_nothing(void **state)
{
    pair *p = with_a_caught_datagram();
    (void)state;
    for (size_t i = 0; i < last_n; i++) {
        last[i] ^= 0x55;
        assert_int_not_equal(pair_inject(p, PAIR_TO_RELAY, last, last_n), TERN_DROP_NONE);
        last[i] ^= 0x55;
    }
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_AEAD] > 10);
    assert_int_equal(p->end[PAIR_TO_RELAY]->stats.drops[TERN_DROP_AEAD], p->dropped[PAIR_TO_RELAY][TERN_DROP_AEAD]);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, last, last_n), TERN_DROP_NONE);
    pair_free(p);
}

/*= WIRE-001 WIRE-003 WIRE-004 CONN-024 */
static void what_is_no_packet_has_a_name(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        int drop;
    } rows[] = {
        { "", 0, TERN_DROP_SHORT },
        { "\x50", 1, TERN_DROP_SHORT },
        { "\x00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 40, TERN_DROP_TYPE },
        { "\xf0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 40, TERN_DROP_TYPE },
        { "\x50xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 40, TERN_DROP_UNKNOWN_CID },
        { "\x10XXXXxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 48, TERN_DROP_VERSION },
        { "\x10TRN1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 48, TERN_DROP_SYN_SIZE },
    };
    pair *p = pair_established(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, rows[i].bytes, rows[i].n), rows[i].drop);
    pair_free(p);
}

/*= HS-001 */
static void a_big_datagram_that_only_looks_like_a_syn_makes_no_state(void **state)
{
    uint8_t syn[1200] = { 0x10, 'T', 'R', 'N', '1' };
    pair *p = pair_established(NULL);
    (void)state;
    uint32_t free_before = tern_endpoint_pool(p->end[PAIR_TO_RELAY])->free;
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, sizeof syn), TERN_DROP_AEAD);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    assert_int_equal(tern_endpoint_pool(p->end[PAIR_TO_RELAY])->free, free_before);
    pair_free(p);
}

/*= REC-002 XFER-023 */
static void what_cannot_be_kept_is_not_acknowledged(void **state)
{
    pair *p = with_a_caught_datagram();
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    tern_page held[8192];
    size_t n = 0;
    (void)state;
    while (pool->free > 0) held[n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, last, last_n), TERN_DROP_NO_MEMORY);
    while (n > 0) tern_pool_give(pool, held[--n]);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, last, last_n),
                     TERN_DROP_NONE); /* the same packet is welcome again */
    pair_run(p, p->now + 1);
    assert_int_equal(p->messages_count, 1);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_to_a_client_from_another_address_is_dropped),
        cmocka_unit_test(damage_is_counted_and_changes_nothing),
        cmocka_unit_test(what_is_no_packet_has_a_name),
        cmocka_unit_test(a_big_datagram_that_only_looks_like_a_syn_makes_no_state),
        cmocka_unit_test(what_cannot_be_kept_is_not_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
