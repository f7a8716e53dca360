/* SPDX-License-Identifier: MIT */
/* Replay of packets, numbers that never were, and nonces (spec: adversary 9 and 10; wire, handshake 6). */
#include "unit/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEPT_MAX 2000

static struct {
    size_t n;
    uint8_t bytes[1200];
} kept[KEPT_MAX];
static size_t kept_n;

static int keep_what_goes_to_the_relay(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way != PAIR_TO_RELAY || kept_n == KEPT_MAX) return 1;
    assert_true(*size <= sizeof kept[0].bytes);
    kept[kept_n].n = *size;
    memcpy(kept[kept_n++].bytes, bytes, *size);
    return 1;
}

/* Sends that much to the relay, and keeps every packet of it. */
static pair *recorded(uint32_t key_update_packets, size_t bytes)
{
    pair_options o = pair_defaults();
    uint8_t *body = calloc(1, bytes);
    assert_non_null(body);
    o.limits.key_update_packets = key_update_packets;
    pair *p = pair_established(&o);
    kept_n = 0;
    p->fate = keep_what_goes_to_the_relay;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, bytes), TERN_OK);
    pair_run(p, p->now + 10 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    p->fate = NULL;
    free(body);
    return p;
}

/* All of it came through, and nothing came of the attack. */
static void still_talks(pair *p)
{
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "on", 2), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 2);
    pair_free(p);
}

/*= WIRE-013 HS-084 */
static void attack_10_a_packet_of_any_age_is_not_taken_again(void **state)
{
    (void)state;
    for (uint32_t updates = 0; updates < 2; updates++) {
        pair *p = recorded(updates ? 60 : 0, 600000);
        const tern_connection *relay = pair_relay(p);
        uint64_t largest = relay->acks.largest, received = relay->packets_received;
        unsigned duplicates = 0;
        assert_true(kept_n > 500 && (relay->phases.updates > 0) == (updates == 1));
        for (size_t i = 0; i < kept_n; i++) {
            int drop = pair_inject(p, PAIR_TO_RELAY, kept[i].bytes, kept[i].n);
            assert_true(drop == TERN_DROP_DUPLICATE || (updates && drop == TERN_DROP_AEAD)); /* whose keys are gone */
            duplicates += drop == TERN_DROP_DUPLICATE;
        }
        assert_true(updates ? duplicates < kept_n : duplicates == kept_n);
        assert_int_equal(relay->acks.largest, largest);
        assert_int_equal(relay->packets_received, received);
        still_talks(p);
    }
}

/*= WIRE-005 WIRE-012 */
static void attack_10_a_number_that_was_never_sent_locks_nobody_out(void **state)
{
    pair *p = recorded(0, 20000);
    const tern_connection *relay = pair_relay(p);
    uint64_t largest = relay->acks.largest;
    (void)state;
    for (size_t i = 0; i < kept_n; i++)
        for (int bit = 0; bit < 33; bit++) { /* of the number, as far as 2^31 ahead; and of the phase */
            uint8_t copy[1200];
            memcpy(copy, kept[i].bytes, kept[i].n);
            copy[bit == 32 ? 0 : 9 + bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(pair_inject(p, PAIR_TO_RELAY, copy, kept[i].n), TERN_DROP_AEAD);
            assert_int_equal(relay->acks.largest, largest);
        }
    assert_int_equal(relay->phases.updates, 0);
    still_talks(p);
}

/*= WIRE-005 WIRE-010 */
static void attack_9_numbers_go_on_where_those_on_the_wire_begin_anew(void **state)
{
    const uint64_t near = (UINT64_C(1) << 32) - 20;
    static uint8_t body[100000];
    pair *p = pair_established(NULL);
    tern_connection *c = pair_client(p), *relay = pair_relay(p);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_CLIENT]);
    tern_recovery_free(&c->recovery, pool); /* nothing is under way, and the next number is that */
    tern_paged_advance(&c->recovery.sent.records, pool, near * sizeof(tern_sent_packet));
    c->recovery.sent.oldest = c->recovery.sent.next_pn = c->phases.send_from = c->recovery.scan_from = near;
    tern_ack_tracker_add(&relay->acks, tern_endpoint_pool(p->end[PAIR_TO_RELAY]), p->now, near - 1, false, false, 0);
    tern_ack_tracker_acknowledged(&relay->acks, tern_endpoint_pool(p->end[PAIR_TO_RELAY]), near - 1);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_true(relay->acks.largest > UINT64_C(1) << 32); /* the nonce counts on with it */
    still_talks(p);
}

static bool same_keys(const tern_aead *a, const tern_aead *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static pair *established_from(uint8_t relay_seed)
{
    pair *p = pair_new(NULL);
    const uint8_t seed[TERN_SEED_SIZE] = { relay_seed };
    tern_drbg_init(&p->end[PAIR_TO_RELAY]->drbg, seed, tern_bytes_of(NULL, 0));
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_relay(p)->confirmed);
    return p;
}

/* Why a seed must be fresh: what two nodes say follows from theirs. */
/*= HS-010 HS-011 */
static void attack_9_one_fresh_seed_of_two_makes_other_keys(void **state)
{
    pair *p = established_from(1), *again = established_from(1), *fresh = established_from(2);
    (void)state;
    assert_true(same_keys(&pair_client(p)->send_keys.aead, &pair_client(again)->send_keys.aead));
    assert_false(same_keys(&pair_client(p)->send_keys.aead, &pair_client(fresh)->send_keys.aead));
    assert_false(same_keys(&pair_relay(p)->send_keys.aead, &pair_relay(fresh)->send_keys.aead));
    assert_false(same_keys(&pair_client(p)->send_keys.aead, &pair_relay(p)->send_keys.aead));
    pair_free(p);
    pair_free(again);
    pair_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_10_a_packet_of_any_age_is_not_taken_again),
        cmocka_unit_test(attack_10_a_number_that_was_never_sent_locks_nobody_out),
        cmocka_unit_test(attack_9_numbers_go_on_where_those_on_the_wire_begin_anew),
        cmocka_unit_test(attack_9_one_fresh_seed_of_two_makes_other_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
