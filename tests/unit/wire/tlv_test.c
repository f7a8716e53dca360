/* SPDX-License-Identifier: MIT */
#include "unit/base/unit.h"
#include "wire/tlv.h"

static void tlvs_are_read_one_behind_the_other(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x00, 0x21, 0x00, 0x02, 'h', 'i', 0x80, 0x00, 0x00, 0x00 };
    tern_reader r = tern_reader_of(tern_bytes_of(bytes, sizeof bytes));
    tern_tlv tlv;
    assert_true(tern_tlv_next(&r, &tlv));
    assert_int_equal(tlv.type, 0x21);
    assert_int_equal(tlv.value.n, 2);
    assert_ptr_equal(tlv.value.p, bytes + 4);
    assert_true(tern_tlv_next(&r, &tlv));
    assert_int_equal(tlv.type, 0x8000);
    assert_int_equal(tlv.value.n, 0);
    assert_false(tern_tlv_next(&r, &tlv));
    assert_true(tern_reader_done(&r));
}

static void a_tlv_that_does_not_fit_fails_the_reader(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0x00, 0x21, 0x00, 0x03, 'h', 'i' };
    for (size_t n = 1; n <= sizeof bytes; n++) {
        tern_reader r = tern_reader_of(tern_bytes_of(bytes, n));
        tern_tlv tlv;
        /*= WIRE-020 */
        assert_false(tern_tlv_next(&r, &tlv));
        assert_false(tern_reader_ok(&r));
        assert_false(tern_tlv_next(&r, &tlv));
    }
}

static void the_length_is_filled_in_when_a_tlv_is_closed(void **state)
{
    (void)state;
    uint8_t out[16];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_u8(&w, 0xee);
    size_t place = tern_tlv_open(&w, 0x1234);
    tern_write_bytes(&w, text_bytes("abc"));
    tern_tlv_close(&w, place);
    tern_tlv_close(&w, tern_tlv_open(&w, 9));
    static const uint8_t expected[] = { 0xee, 0x12, 0x34, 0, 3, 'a', 'b', 'c', 0, 9, 0, 0 };
    assert_int_equal(tern_written(&w).n, sizeof expected);
    assert_memory_equal(out, expected, sizeof expected);
}

static void a_value_of_65535_bytes_is_the_longest(void **state)
{
    (void)state;
    static uint8_t out[65550];
    for (size_t n = 65535; n <= 65536; n++) {
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        size_t place = tern_tlv_open(&w, 1);
        tern_write_zeros(&w, n);
        tern_tlv_close(&w, place);
        assert_int_equal(tern_writer_ok(&w), n == 65535);
    }
    assert_int_equal(out[2] << 8 | out[3], 0);
}

static void a_tlv_without_room_for_its_header_fails_the_writer(void **state)
{
    (void)state;
    uint8_t out[3];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlv_close(&w, tern_tlv_open(&w, 1));
    assert_false(tern_writer_ok(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tlvs_are_read_one_behind_the_other),
        cmocka_unit_test(a_tlv_that_does_not_fit_fails_the_reader),
        cmocka_unit_test(the_length_is_filled_in_when_a_tlv_is_closed),
        cmocka_unit_test(a_value_of_65535_bytes_is_the_longest),
        cmocka_unit_test(a_tlv_without_room_for_its_header_fails_the_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
