/* SPDX-License-Identifier: MIT */
#include "base/checksum.h"

#include <inttypes.h>

#include "unit/base/unit.h"

static uint8_t bytes[5000];
static uint64_t before;

static uint64_t sum(size_t n)
{
    return tern_checksum(0, tern_bytes_of(bytes, n));
}

static void fill(void)
{
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 + i * i / 64);
}

static void flip(size_t bit)
{
    bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
}

/*= SIM-001 */
static void it_is_the_same_on_every_machine(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint64_t sum;
    } table[] = { { 0, 0 },
                  { 4, UINT64_C(0x4c44c8f0de671982) },
                  { 64, UINT64_C(0xb7b366b4a1f0b6d6) },
                  { 1439, UINT64_C(0x5d38ec8dce100ee7) } };
    fill();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (sum(table[i].n) != table[i].sum) fail_msg("%zu bytes: 0x%016" PRIx64, table[i].n, sum(table[i].n));
    }
}

static void it_sees_every_bit_at_every_length(void **state)
{
    (void)state;
    fill();
    for (size_t n = 1; n < 200; n++) {
        before = sum(n);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            flip(bit);
            assert_true(sum(n) != before);
            flip(bit);
        }
    }
}

/* Also where the sums of the two do not differ, and where nothing is carried: in the top bits. */
static void it_sees_any_two_bits(void **state)
{
    (void)state;
    static const uint8_t of[] = { 0, 0xff, 0x55 };
    for (size_t i = 0; i < sizeof of; i++) {
        memset(bytes, of[i], sizeof bytes);
        for (size_t one = 0; one < 512; one++) { /* a row, and all of the 2 behind it */
            flip(one);
            before = sum(192);
            for (size_t other = one + 1; other < 8 * 192; other++) {
                flip(other);
                assert_true(sum(192) != before);
                flip(other);
            }
            flip(one);
        }
    }
}

static void it_sees_two_bits_far_apart(void **state)
{
    (void)state;
    for (int of = 0; of < 2; of++) {
        for (size_t bit = 0; bit < 64; bit++) { /* of a word, and of each below it */
            if (of == 0)
                memset(bytes, 0, sizeof bytes);
            else
                fill();
            before = sum(4096);
            flip(bit);
            for (size_t other = bit + 512; other < 8 * 4096; other += 512) {
                flip(other);
                assert_true(sum(4096) != before);
                flip(other);
            }
        }
    }
}

static void it_sees_words_that_change_places(void **state)
{
    (void)state;
    fill();
    before = sum(1400);
    for (size_t one = 0; one < 1400 / 8; one++) {
        for (size_t other = one + 1; other < 1400 / 8; other++) {
            uint8_t word[8];
            memcpy(word, bytes + 8 * one, 8);
            memcpy(bytes + 8 * one, bytes + 8 * other, 8);
            memcpy(bytes + 8 * other, word, 8);
            assert_true(sum(1400) != before);
            memcpy(bytes + 8 * other, bytes + 8 * one, 8);
            memcpy(bytes + 8 * one, word, 8);
        }
    }
}

static void it_sees_the_length_and_the_start(void **state)
{
    (void)state;
    memset(bytes, 0, sizeof bytes);
    for (size_t n = 0; n < 300; n++) {
        assert_true(sum(n) != sum(n + 1));
        assert_true(sum(n) != tern_checksum(1, tern_bytes_of(bytes, n)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_on_every_machine),
        cmocka_unit_test(it_sees_every_bit_at_every_length),
        cmocka_unit_test(it_sees_any_two_bits),
        cmocka_unit_test(it_sees_two_bits_far_apart),
        cmocka_unit_test(it_sees_words_that_change_places),
        cmocka_unit_test(it_sees_the_length_and_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
