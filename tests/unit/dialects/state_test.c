/* SPDX-License-Identifier: MIT */
/* What a server keeps over a restart: whom it knows, and what was said. */
#include "dialects/state.h"
#include "hall.h"

static const tern_dialect lasting[] = { TERN_DIALECT_RSA_FRAGMENT, TERN_DIALECT_TLV_MULTICAST };

typedef struct {
    uint8_t *bytes;
    size_t n;
} blob;

static blob saved(hall *h)
{
    blob b = { .n = tern_dialect_state_size(h->end[0].node) };
    b.bytes = calloc(1, b.n);
    assert_non_null(b.bytes);
    assert_int_equal(tern_dialect_state_export(h->end[0].node, h->now, (tern_buf){ b.bytes, 10 }), 0);
    b.n = tern_dialect_state_export(h->end[0].node, h->now, (tern_buf){ b.bytes, b.n });
    assert_true(b.n > 0);
    return b;
}

/* Another server in the place of the one that was. */
static void restart(hall *h)
{
    tern_dialect_config config = hall_server_config(h->dialect);
    const char *why;
    config.seed[0] = 77;
    memset(h->member, 0, sizeof h->member);
    assert_int_equal(tern_dialect_server_init(h->end[0].memory, &config, h->now, &h->end[0].node, &why), TERN_OK);
}

static int restore(hall *h, const blob *b, uint64_t away_ns)
{
    return tern_dialect_state_import(h->end[0].node, h->now, away_ns, &h->end[0].addr, tern_bytes_of(b->bytes, b->n));
}

static hall *hall_of_two_members(tern_dialect dialect)
{
    hall *h = hall_with_clients(dialect, 2);
    for (uint32_t i = 1; i <= 2; i++) {
        assert_int_equal(hall_say(h, i, "here"), TERN_OK);
        hall_run(h, TERN_SECOND);
    }
    for (uint32_t i = 0; i <= 2; i++) h->end[i].log_n = 0, h->end[i].log[0] = 0;
    return h;
}

/*= RSF-016 TLV-016 */
static void who_was_known_is_known_after_a_restart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
        hall *h = hall_of_two_members(lasting[i]);
        blob b = saved(h);
        restart(h);
        assert_int_equal(restore(h, &b, TERN_SECOND), TERN_OK);
        hall_run(h, TERN_MS);
        hall_expect(h, 0, "+10.0.0.2:4001\n+10.0.0.3:4002\n");
        h->end[2].log_n = 0; /* that 1 is there */
        assert_int_equal(hall_say(h, 1, "as if nothing had been"), TERN_OK);
        hall_run(h, TERN_SECOND);
        hall_expect(h, 0, "10.0.0.2:4001: as if nothing had been\n");
        assert_non_null(strstr(h->end[2].log, "as if nothing had been"));
        free(b.bytes);
        hall_free(h);
    }
}

static unsigned nothing_arrives(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 0;
}

/*= RSF-016 */
static void who_was_silent_too_long_is_forgotten_also_while_nobody_serves(void **state)
{
    hall *h = hall_of_two_members(TERN_DIALECT_RSA_FRAGMENT);
    tern_stats stats;
    (void)state;
    blob b = saved(h);
    h->now += 1000 * TERN_SECOND; /* the clock of the machine */
    restart(h);
    assert_int_equal(restore(h, &b, 300 * TERN_SECOND), TERN_OK);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(restore(h, &b, 200 * TERN_SECOND), TERN_OK);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 2);
    h->meddle = nothing_arrives;
    hall_run(h, 101 * TERN_SECOND);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    free(b.bytes);
    hall_free(h);
}

static unsigned keep_the_last(hall *h, hall_datagram *d)
{
    if (d->to != 0 || d->n != 256) return 1;
    free(h->kept.bytes);
    h->kept = *d;
    h->kept.bytes = malloc(d->n);
    memcpy(h->kept.bytes, d->bytes, d->n);
    return 1;
}

/*= RSF-012 */
static void attack_10_what_was_said_before_a_restart_is_not_taken_again(void **state)
{
    hall *h = hall_of_two_members(TERN_DIALECT_RSA_FRAGMENT);
    (void)state;
    h->meddle = keep_the_last;
    assert_int_equal(hall_say(h, 1, "pay him"), TERN_OK);
    hall_run(h, TERN_SECOND);
    blob b = saved(h);
    restart(h);
    assert_int_equal(restore(h, &b, 0), TERN_OK);
    assert_int_equal(hall_throw(h, &h->end[1].addr, tern_bytes_of(h->kept.bytes, h->kept.n)), TERN_DROP_REPLAY);
    free(b.bytes);
    hall_free(h);
}

static void a_state_that_is_damaged_is_not_taken_at_all(void **state)
{
    hall *h = hall_of_two_members(TERN_DIALECT_RSA_FRAGMENT);
    tern_stats stats;
    (void)state;
    blob b = saved(h);
    restart(h);
    for (size_t n = 0; n < b.n; n += 1 + n / 20) {
        blob cut = { b.bytes, n };
        assert_int_equal(restore(h, &cut, 0), TERN_E_BAD_INPUT);
        b.bytes[n] ^= 1;
        assert_int_equal(restore(h, &b, 0), TERN_E_BAD_INPUT);
        b.bytes[n] ^= 1;
    }
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    hall *other = hall_new(TERN_DIALECT_TLV_MULTICAST, NULL);
    assert_int_equal(restore(other, &b, 0), TERN_E_BAD_INPUT); /* it is another dialect's */
    hall_free(other);
    assert_int_equal(restore(h, &b, 0), TERN_OK);
    free(b.bytes);
    hall_free(h);
}

static void a_dialect_whose_sessions_end_with_it_keeps_nothing(void **state)
{
    static const tern_dialect brief[] = { TERN_DIALECT_AES_SESSION, TERN_DIALECT_TLS_CHAT };
    uint8_t out[100];
    (void)state;
    for (size_t i = 0; i < sizeof brief / sizeof brief[0]; i++) {
        hall *h = hall_new(brief[i], NULL);
        blob b = { out, sizeof out };
        assert_int_equal(tern_dialect_state_size(h->end[0].node), 0);
        assert_int_equal(tern_dialect_state_export(h->end[0].node, h->now, (tern_buf){ out, sizeof out }), 0);
        assert_int_equal(restore(h, &b, 0), TERN_E_BAD_INPUT);
        hall_free(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_known_is_known_after_a_restart),
        cmocka_unit_test(who_was_silent_too_long_is_forgotten_also_while_nobody_serves),
        cmocka_unit_test(attack_10_what_was_said_before_a_restart_is_not_taken_again),
        cmocka_unit_test(a_state_that_is_damaged_is_not_taken_at_all),
        cmocka_unit_test(a_dialect_whose_sessions_end_with_it_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
