/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/prf.h"

/* The vectors of SipHash's authors: key 00 01 .. 0f, message 00 01 .. */
static void siphash_gives_its_authors_vectors(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint64_t hash;
    } vectors[] = { { 0, UINT64_C(0x726fdb47dd0e0e31) },
                    { 7, UINT64_C(0xab0200f58b01d137) },
                    { 8, UINT64_C(0x93f5f5799a932462) },
                    { 15, UINT64_C(0xa129ca6149be45e5) },
                    { 63, UINT64_C(0x958a324ceb064572) } };
    const sim_prf key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    uint8_t message[64];
    for (uint8_t i = 0; i < 64; i++) message[i] = i;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        assert_true(sim_siphash(&key, tern_bytes_of(message, vectors[i].n)) == vectors[i].hash);
}

/*= SIM-006 */
static void a_draw_depends_on_seed_subject_number_and_kind(void **state)
{
    (void)state;
    sim_prf one = sim_prf_of_seed(1), two = sim_prf_of_seed(2);
    uint64_t draw = sim_prf_u64(&one, 7, 9, SIM_DRAW_LOSS);
    assert_true(draw == sim_prf_u64(&one, 7, 9, SIM_DRAW_LOSS));
    assert_true(draw != sim_prf_u64(&two, 7, 9, SIM_DRAW_LOSS));
    assert_true(draw != sim_prf_u64(&one, 8, 9, SIM_DRAW_LOSS));
    assert_true(draw != sim_prf_u64(&one, 7, 10, SIM_DRAW_LOSS));
    assert_true(draw != sim_prf_u64(&one, 7, 9, SIM_DRAW_DUP));
}

/* Neighbours must not go together: of two kinds for one packet, and of two packets, as many bits differ as agree. */
static void draws_of_neighbours_are_independent(void **state)
{
    (void)state;
    sim_prf prf = sim_prf_of_seed(3);
    uint64_t kinds = 0, numbers = 0;
    for (uint64_t n = 0; n < 10000; n++) {
        uint64_t draw = sim_prf_u64(&prf, 5, n, SIM_DRAW_LOSS);
        kinds += (uint64_t)__builtin_popcountll(draw ^ sim_prf_u64(&prf, 5, n, SIM_DRAW_DUP));
        numbers += (uint64_t)__builtin_popcountll(draw ^ sim_prf_u64(&prf, 5, n + 1, SIM_DRAW_LOSS));
    }
    assert_in_range(kinds, 320000 - 2000, 320000 + 2000); /* 5 sigma: 5 * sqrt(640000) / 2 */
    assert_in_range(numbers, 320000 - 2000, 320000 + 2000);
}

static void a_chance_is_an_exact_share_of_all_draws(void **state)
{
    (void)state;
    /* ceil(2^32 * p / 10^9) of the upper halves hit, and they are the lowest ones */
    const uint64_t p = 10000000, share = ((UINT64_C(1) << 32) * p + SIM_CHANCE_ONE - 1) / SIM_CHANCE_ONE;
    assert_true(sim_chance((share - 1) << 32, p));
    assert_false(sim_chance(share << 32, p));
    assert_true(sim_chance(UINT64_MAX, SIM_CHANCE_ONE));
    assert_false(sim_chance(0, 0));
    assert_true(sim_chance(0, 1));
}

static void values_between_reach_both_ends_and_no_further(void **state)
{
    (void)state;
    sim_prf prf = sim_prf_of_seed(4);
    unsigned seen[4] = { 0 };
    for (uint64_t n = 0; n < 1000; n++) {
        uint64_t v = sim_between(sim_prf_u64(&prf, 1, n, SIM_DRAW_RANGE), 10, 13);
        assert_in_range(v, 10, 13);
        seen[v - 10]++;
    }
    for (int i = 0; i < 4; i++) assert_in_range(seen[i], 180, 320);
    assert_true(sim_between(99, 0, UINT64_MAX) == 99);
    assert_true(sim_between(99, 5, 5) == 5);
}

static void content_is_the_same_wherever_one_begins(void **state)
{
    (void)state;
    uint8_t whole[300], part[300];
    sim_content_fill(42, 0, (tern_buf){ whole, sizeof whole });
    for (size_t at = 0; at < 40; at++) {
        for (size_t n = 1; n < 40; n++) {
            sim_content_fill(42, at, (tern_buf){ part, n });
            assert_memory_equal(part, whole + at, n);
        }
    }
}

static void content_is_compared_to_the_bit(void **state)
{
    (void)state;
    static uint8_t bytes[9000];
    sim_content_fill(42, 3, (tern_buf){ bytes, sizeof bytes });
    assert_true(sim_content_is(42, 3, tern_bytes_of(bytes, sizeof bytes)));
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit += bit < 1200 ? 1 : 101) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        assert_false(sim_content_is(42, 3, tern_bytes_of(bytes, sizeof bytes)));
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
    }
}

/* Nor are they those of another sequence. */
static void no_piece_of_content_stands_at_two_places(void **state)
{
    (void)state;
    static uint8_t bytes[13000];
    sim_content_fill(42, 0, (tern_buf){ bytes, sizeof bytes });
    for (size_t at = 0; at < 128; at += 3) {
        tern_bytes piece = tern_bytes_of(bytes + at, 71);
        for (size_t other = at + 1; other + piece.n < sizeof bytes; other++)
            if (sim_content_is(42, other, piece)) fail_msg("what stands at %zu is taken for that at %zu", at, other);
        assert_false(sim_content_is(43, at, piece));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_its_authors_vectors),
        cmocka_unit_test(a_draw_depends_on_seed_subject_number_and_kind),
        cmocka_unit_test(draws_of_neighbours_are_independent),
        cmocka_unit_test(a_chance_is_an_exact_share_of_all_draws),
        cmocka_unit_test(values_between_reach_both_ends_and_no_further),
        cmocka_unit_test(content_is_the_same_wherever_one_begins),
        cmocka_unit_test(content_is_compared_to_the_bit),
        cmocka_unit_test(no_piece_of_content_stands_at_two_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
