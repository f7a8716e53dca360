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
    add(2300, SIZE_MAX, 0);
    sim_digest_final(&d, plain);
    for (int what = 0; what < 5; what++) {
        for (size_t at = 0; at < 2300; at += 97) {
            add(2300, at, what);
            sim_digest_final(&d, other);
            assert_memory_not_equal(plain, other, sizeof plain);
        }
    }
    add(2299, SIZE_MAX, 0);
    sim_digest_final(&d, other);
    assert_memory_not_equal(plain, other, sizeof plain);
}

static void looking_at_it_does_not_disturb_it(void **state)
{
    (void)state;
    uint8_t first[TERN_SHA256_SIZE], second[TERN_SHA256_SIZE];
    add(1200, SIZE_MAX, 0);
    sim_digest_final(&d, first);
    sim_digest_final(&d, second);
    assert_memory_equal(first, second, sizeof first);
}

/*= SIM-001 */
static void it_is_what_it_was_when_it_was_written(void **state)
{
    (void)state;
    uint8_t digest[TERN_SHA256_SIZE];
    add(3000, SIZE_MAX, 0);
    sim_digest_final(&d, digest);
    static const uint8_t head[8] = { 0x91, 0xa5, 0x80, 0xf9, 0xf1, 0x0a, 0x2b, 0xad };
    assert_memory_equal(digest, head, sizeof head);
    assert_true(sim_fold(tern_bytes_of("tern", 4)) == UINT64_C(0xcc8018ddaba649e5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_every_record_counts),
        cmocka_unit_test(looking_at_it_does_not_disturb_it),
        cmocka_unit_test(it_is_what_it_was_when_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
