/* SPDX-License-Identifier: MIT */
#include "wire/version.h"

#include "base/error.h"
#include "unit/base/unit.h"

static const tern_cid cid = { "client i" }, first = { "first si" };

static size_t emit(const tern_offer *offer, uint8_t *bytes, size_t n)
{
    tern_writer w = tern_writer_of((tern_buf){ bytes, n });
    tern_version_emit(&w, &cid, &first, offer);
    return tern_writer_ok(&w) ? w.n : 0;
}

/*= WIRE-072 */
static void it_stands_as_the_chapter_draws_it(void **state)
{
    (void)state;
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    tern_header h;
    tern_offer read;
    const tern_offer offer = { { TERN_VERSION, 7 }, { 0x1302, 0x1303, 0x00ff }, 2, 3 };
    size_t n = emit(&offer, bytes, sizeof bytes);
    static const char drawn[] = "\x70"
                                "client ifirst si\2TRN1\0\0\0\7\3\x13\2\x13\3\0\xff";
    assert_int_equal(n, sizeof drawn - 1);
    assert_memory_equal(bytes, drawn, n);
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, n), &h), TERN_DROP_NONE);
    assert_true(h.type == TERN_PACKET_VERSION && tern_cid_equal(&h.to, &cid) && tern_cid_equal(&h.from, &first));
    assert_true(tern_version_parse(tern_bytes_of(bytes, n), &read));
    assert_memory_equal(&read, &offer, sizeof read);
    bytes[0] |= 1;
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, n), &h), TERN_DROP_SHORT);
}

/*= WIRE-073 */
static void numbers_for_greasing_are_passed_over(void **state)
{
    (void)state;
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer offer = { { 0x1a2a3afa, TERN_VERSION, 0x0a0a0a0a }, { 0x0a0a, 0x1303, 0xfa3a }, 3, 3 };
    tern_offer read;
    size_t n = emit(&offer, bytes, sizeof bytes);
    assert_true(tern_version_parse(tern_bytes_of(bytes, n), &read));
    assert_true(read.versions == 1 && read.version[0] == TERN_VERSION);
    assert_true(read.suites == 1 && read.suite[0] == 0x1303);
    for (unsigned i = 0; i < 0x10000; i++) {
        uint16_t grease = tern_suite_grease((uint16_t)i);
        assert_int_equal(grease & 0x0f0f, 0x0a0a);
        assert_int_equal(tern_suite_grease(grease), grease);
    }
    assert_false(tern_version_is_grease(TERN_VERSION));
}

/*= WIRE-072 */
static void what_is_cut_or_too_long_or_names_no_version_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[TERN_VERSION_SIZE_MAX + 1];
    tern_offer offer = { { TERN_VERSION, 7 }, { 0x1302 }, 2, 1 }, read;
    size_t n = emit(&offer, bytes, sizeof bytes);
    for (size_t i = 0; i <= sizeof bytes; i++)
        assert_int_equal(tern_version_parse(tern_bytes_of(bytes, i), &read), i == n);
    offer.versions = 0;
    n = emit(&offer, bytes, sizeof bytes);
    assert_false(tern_version_parse(tern_bytes_of(bytes, n), &read));
}

static void the_first_eight_of_long_lists_are_kept(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    tern_offer read;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_write_zeros(&w, 17);
    tern_write_u8(&w, 255);
    for (uint32_t i = 0; i < 255; i++) tern_write_u32(&w, i);
    tern_write_u8(&w, 255);
    for (uint16_t i = 0; i < 255; i++) tern_write_u16(&w, i);
    assert_true(tern_version_parse(tern_written(&w), &read));
    assert_true(read.versions == 8 && read.version[7] == 7 && read.suites == 8 && read.suite[7] == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_as_the_chapter_draws_it),
        cmocka_unit_test(numbers_for_greasing_are_passed_over),
        cmocka_unit_test(what_is_cut_or_too_long_or_names_no_version_is_refused),
        cmocka_unit_test(the_first_eight_of_long_lists_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
