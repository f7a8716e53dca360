/* SPDX-License-Identifier: MIT */
/* Whatever one side says wrong in a handshake of whatever kind, under its right keys and so past every AEAD: the other
 * never takes it for proven. Here every byte of every message is changed; lengths and order: disorder_test.c. */
#include "unit/stage.h"

#include "unit/crypto/support.h"

/* ---- every byte ---- */

static void change_every_byte(unsigned with, pair_way way)
{
    static uint8_t said[TERN_FLIGHT_MAX];
    stage *s = stage_held(with, way);
    for (size_t i = 0, at = 0; i < s->messages; i++) {
        for (size_t k = 0; k < s->message[i].n; k++, at++) {
            memcpy(said, s->said, s->said_n);
            said[at] ^= (uint8_t)(1u << (at % 8));
            bool length = k == 2 || k == 3;
            stage_expect_refused(s, tern_bytes_of(said, s->said_n), length, "a bit changed", i, k);
        }
    }
    stage_expect_taken(s);
    stage_free(s);
}

/*= HS-005 HS-020 HS-021 HS-093 */
static void attack_12_each_changed_byte_of_a_relay_with_a_raw_key_is_found(void **state)
{
    (void)state;
    change_every_byte(0, PAIR_TO_CLIENT);
    change_every_byte(STAGE_RETRY | STAGE_ASKS, PAIR_TO_CLIENT);
}

/*= HS-022 HS-071 HS-093 */
static void attack_12_each_changed_byte_of_a_chain_and_its_status_is_found(void **state)
{
    (void)state;
    change_every_byte(STAGE_CHAIN, PAIR_TO_CLIENT);
}

/*= HS-021 HS-043 HS-093 */
static void attack_12_each_changed_byte_of_a_relay_that_resumes_is_found(void **state)
{
    (void)state;
    change_every_byte(STAGE_RESUMED, PAIR_TO_CLIENT);
    change_every_byte(STAGE_RESUMED | STAGE_RETRY, PAIR_TO_CLIENT);
}

/*= HS-021 HS-061 HS-093 */
static void attack_12_each_changed_byte_of_a_client_is_found(void **state)
{
    (void)state;
    change_every_byte(0, PAIR_TO_RELAY);
    change_every_byte(STAGE_RETRY, PAIR_TO_RELAY);
    change_every_byte(STAGE_RESUMED, PAIR_TO_RELAY);
    change_every_byte(STAGE_ASKS, PAIR_TO_RELAY);
    change_every_byte(STAGE_ASKS | STAGE_CLIENT_CHAIN, PAIR_TO_RELAY);
}

/* ---- CLIENT_HELLO ---- */

/* The SYN of a client that is about to begin, and what its CLIENT_HELLO says. */
typedef struct {
    stage *s;
    uint8_t syn[2048], read[2048];
    size_t size;
    tern_syn parts;
} opening;

static int keep_syn(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    opening *o = p->owner;
    (void)n;
    if (way != PAIR_TO_RELAY || bytes[0] >> 4 != TERN_PACKET_SYN) return 1;
    memcpy(o->syn, bytes, *size);
    o->size = *size;
    return tern_endpoint_strangers(o->s->p->end[PAIR_TO_RELAY])->entry.always && p->sent[way] == 0 ? 1 : 0;
}

static void open_with(opening *o, unsigned with)
{
    o->s = stage_new(with);
    pair *p = o->s->p;
    p->fate = keep_syn;
    p->owner = o;
    p->sent[PAIR_TO_RELAY] = 0;
    stage_connect(o->s);
    pair_run(p, p->now + 3 * PAIR_DELAY);
    memcpy(o->read, o->syn, o->size);
    pair_open_syn(o->read, o->size, &o->parts);
    assert_int_equal(o->parts.hello.cookie.n > 0, (with & STAGE_RETRY) != 0);
    assert_int_equal(o->parts.hello.resume.ticket.n > 0, (with & STAGE_RESUMED) != 0);
    stage_keep(o->s);
}

/* A relay either keeps nothing, or answers what the client cannot open. */
static void expect_no_connection(opening *o, tern_bytes message, bool answered)
{
    uint8_t syn[2048];
    pair *p = o->s->p;
    stage_again(o->s);
    pair_say_syn(syn, o->size, &o->parts, message);
    int drop = pair_inject(p, PAIR_TO_RELAY, syn, o->size);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, drop == TERN_DROP_NONE ? 1 : 0);
    if (drop != TERN_DROP_NONE && drop != TERN_DROP_HELLO && drop != TERN_DROP_COOKIE && drop != TERN_DROP_RETRY)
        fail_msg("dropped as %s", tern_drop_name((tern_drop)drop));
    if (!answered) assert_int_not_equal(drop, TERN_DROP_NONE);
    if (drop != TERN_DROP_NONE) return;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_false(pair_client(p)->proven);
    assert_int_equal(pair_client(p)->life, TERN_LIFE_HANDSHAKE);
    assert_true(p->dropped[PAIR_TO_CLIENT][TERN_DROP_AEAD] + p->dropped[PAIR_TO_CLIENT][TERN_DROP_HELLO] > 0);
}

static void damage_hello(unsigned with)
{
    uint8_t said[TERN_CLIENT_HELLO_MAX];
    opening *o = calloc(1, sizeof *o);
    assert_non_null(o);
    open_with(o, with);
    tern_bytes hello = o->parts.message;
    for (size_t at = 0; at < hello.n; at++) {
        memcpy(said, hello.p, hello.n);
        said[at] ^= (uint8_t)(1u << (at % 8));
        expect_no_connection(o, tern_bytes_of(said, hello.n), at >= TERN_TLV_HEADER);
    }
    for (size_t n = 0; n < hello.n; n++) {
        memcpy(said, hello.p, n);
        expect_no_connection(o, tern_bytes_of(said, n), false);
        if (n < TERN_TLV_HEADER) continue;
        said[2] = (uint8_t)((n - TERN_TLV_HEADER) >> 8), said[3] = (uint8_t)(n - TERN_TLV_HEADER);
        expect_no_connection(o, tern_bytes_of(said, n), true);
    }
    stage_again(o->s);
    pair_say_syn(o->syn, o->size, &o->parts, hello);
    assert_int_equal(pair_inject(o->s->p, PAIR_TO_RELAY, o->syn, o->size), TERN_DROP_NONE);
    pair_run(o->s->p, o->s->p->now + TERN_SECOND);
    assert_true(pair_client(o->s->p)->confirmed);
    stage_free(o->s);
    free(o);
}

/*= HS-001 HS-010 HS-042 CONN-061 */
static void attack_12_no_changed_or_cut_hello_leads_to_a_connection(void **state)
{
    (void)state;
    damage_hello(0);
    damage_hello(STAGE_RESUMED);
    damage_hello(STAGE_RETRY);
    damage_hello(STAGE_RESUMED | STAGE_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_12_each_changed_byte_of_a_relay_with_a_raw_key_is_found),
        cmocka_unit_test(attack_12_each_changed_byte_of_a_chain_and_its_status_is_found),
        cmocka_unit_test(attack_12_each_changed_byte_of_a_relay_that_resumes_is_found),
        cmocka_unit_test(attack_12_each_changed_byte_of_a_client_is_found),
        cmocka_unit_test(attack_12_no_changed_or_cut_hello_leads_to_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
