/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/digest.h"

static sim_digest d;

static void add(size_t n, size_t odd_one, int what)
{
    sim_digest_init(&d);
    for (size_t i = 0; i < n; i++) {
        uint64_t change = i == odd_one;
        sim_digest_add(&d, i + (what == 0 ? change : 0), 1 + (unsigned)(what == 1 ? change : 0),
                       2 + (uint32_t)(what == 2 ? change : 0), 3 + (what == 3 ? change : 0),
                       4 + (what == 4 ? change : 0));
    }
}

/*= SIM-002 */
static void every_part_of_every_record_counts(void **state)
{
    (void)state;
    uint8_t plain[TERN_SHA256_SIZE], other[TERN_SHA256_SIZE];
    add(300, SIZE_MAX, 0);
    sim_digest_final(&d, plain);
    for (int what = 0; what < 5; what++) {
        for (size_t at = 0; at < 300; at += 13) {
            add(300, at, what);
            sim_digest_final(&d, other);
            assert_memory_not_equal(plain, other, sizeof plain);
        }
    }
    add(299, SIZE_MAX, 0);
    sim_digest_final(&d, other);
    assert_memory_not_equal(plain, other, sizeof plain);
}

static void looking_at_it_does_not_disturb_it(void **state)
{
    (void)state;
    uint8_t first[TERN_SHA256_SIZE], second[TERN_SHA256_SIZE];
    add(200, SIZE_MAX, 0);
    sim_digest_final(&d, first);
    sim_digest_final(&d, second);
    assert_memory_equal(first, second, sizeof first);
}

/*= SIM-001 */
static void it_is_what_it_was_when_it_was_written(void **state)
{
    (void)state;
    uint8_t digest[TERN_SHA256_SIZE];
    add(1000, SIZE_MAX, 0);
    sim_digest_final(&d, digest);
    static const uint8_t head[8] = { 0x12, 0x2e, 0xb4, 0xe8, 0x7a, 0xb7, 0xe4, 0x69 };
    assert_memory_equal(digest, head, sizeof head);
    assert_true(sim_fold(tern_bytes_of("tern", 4)) == UINT64_C(0x9bdc05119c41111d));
}

static void a_fold_sees_every_bit_and_the_length(void **state)
{
    (void)state;
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
    uint64_t fold = sim_fold(tern_bytes_of(bytes, sizeof bytes));
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        assert_true(sim_fold(tern_bytes_of(bytes, sizeof bytes)) != fold);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
    }
    static const uint8_t zeros[2] = { 0 };
    assert_true(sim_fold(tern_bytes_of(zeros, 1)) != sim_fold(tern_bytes_of(zeros, 2)));
}

/* Top bits carry nowhere: those of two words must not cancel out. */
static void a_fold_sees_two_top_bits(void **state)
{
    (void)state;
    uint8_t bytes[320] = { 0 };
    uint64_t fold = sim_fold(tern_bytes_of(bytes, sizeof bytes));
    for (size_t one = 7; one < sizeof bytes; one += 8) {
        for (size_t other = one + 8; other < sizeof bytes; other += 8) {
            bytes[one] = bytes[other] = 0x80;
            assert_true(sim_fold(tern_bytes_of(bytes, sizeof bytes)) != fold);
            bytes[one] = bytes[other] = 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_every_record_counts),
        cmocka_unit_test(looking_at_it_does_not_disturb_it),
        cmocka_unit_test(it_is_what_it_was_when_it_was_written),
        cmocka_unit_test(a_fold_sees_every_bit_and_the_length),
        cmocka_unit_test(a_fold_sees_two_top_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
