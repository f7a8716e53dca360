/* SPDX-License-Identifier: MIT */
#include "base/io.h"
#include "unit/base/unit.h"

static void integers_are_big_endian_both_ways(void **state)
{
    (void)state;
    static const uint8_t expected[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                        0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
    uint8_t out[sizeof expected];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_u8(&w, 0x01);
    tern_write_u16(&w, 0x0203);
    tern_write_u32(&w, 0x04050607);
    tern_write_u64(&w, 0x08090a0b0c0d0e0f);
    assert_true(tern_writer_ok(&w));
    assert_int_equal(tern_writer_left(&w), 0);
    assert_memory_equal(out, expected, sizeof out);
    tern_reader r = tern_reader_of(tern_written(&w));
    assert_int_equal(tern_read_u8(&r), 0x01);
    assert_int_equal(tern_read_u16(&r), 0x0203);
    assert_int_equal(tern_read_u32(&r), 0x04050607);
    assert_int_equal(tern_read_u64(&r), 0x08090a0b0c0d0e0f);
    assert_true(tern_reader_done(&r));
}

static void the_first_read_beyond_the_end_sticks(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 1, 2, 3 };
    uint8_t copy[2] = { 9, 9 };
    tern_reader r = tern_reader_of(tern_bytes_of(bytes, sizeof bytes));
    assert_int_equal(tern_read_u32(&r), 0);
    assert_false(tern_reader_ok(&r));
    assert_int_equal(tern_read_u8(&r), 0);
    assert_int_equal(tern_read_rest(&r).n, 0);
    assert_null(tern_read_bytes(&r, 0).p);
    tern_read_copy(&r, copy, sizeof copy);
    assert_int_equal(copy[0] + copy[1], 0);
    assert_false(tern_reader_done(&r));
}

static void a_reader_with_bytes_left_is_not_done(void **state)
{
    (void)state;
    tern_reader r = tern_reader_of(text_bytes("ab"));
    tern_read_u8(&r);
    assert_true(tern_reader_ok(&r));
    assert_false(tern_reader_done(&r));
}

static void a_view_points_into_what_is_read(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 2, 'h', 'i', 'x', 'y', 'z' };
    uint8_t copy[1];
    tern_reader r = tern_reader_of(tern_bytes_of(bytes, sizeof bytes));
    tern_bytes hi = tern_read_short_string(&r);
    assert_ptr_equal(hi.p, bytes + 1);
    assert_int_equal(hi.n, 2);
    tern_read_copy(&r, copy, 1);
    assert_int_equal(copy[0], 'x');
    tern_bytes rest = tern_read_rest(&r);
    assert_ptr_equal(rest.p, bytes + 4);
    assert_int_equal(rest.n, 2);
    assert_true(tern_reader_done(&r));
}

static void no_bytes_at_all_can_be_read_and_written(void **state)
{
    (void)state;
    tern_reader r = tern_reader_of((tern_bytes){ NULL, 0 });
    assert_int_equal(tern_read_rest(&r).n, 0);
    assert_true(tern_reader_done(&r));
    tern_writer w = tern_writer_of((tern_buf){ NULL, 0 });
    tern_write_bytes(&w, (tern_bytes){ NULL, 0 });
    tern_write_zeros(&w, 0);
    assert_true(tern_writer_ok(&w));
}

static void a_short_string_cut_short_fails(void **state)
{
    (void)state;
    tern_reader r = tern_reader_of(text_bytes("\x05tern"));
    assert_int_equal(tern_read_short_string(&r).n, 0);
    assert_false(tern_reader_ok(&r));
}

static void the_first_write_beyond_the_end_sticks_and_writes_nothing(void **state)
{
    (void)state;
    uint8_t out[4] = { 7, 7, 7, 7 };
    tern_writer w = tern_writer_of((tern_buf){ out, 3 });
    tern_write_u16(&w, 0);
    tern_write_u16(&w, 0xffff);
    assert_false(tern_writer_ok(&w));
    tern_write_u8(&w, 0xff);
    tern_write_bytes(&w, text_bytes("x"));
    tern_write_u16_at(&w, 0, 0xffff);
    static const uint8_t expected[] = { 0, 0, 7, 7 };
    assert_memory_equal(out, expected, 4);
    assert_int_equal(tern_writer_left(&w), 0);
}

static void bytes_that_are_nowhere_leave_a_gap(void **state)
{
    (void)state;
    uint8_t out[4] = { 7, 7, 7, 7 };
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_bytes(&w, (tern_bytes){ NULL, 3 });
    tern_write_bytes(&w, text_bytes("x"));
    assert_memory_equal(out, "\7\7\7x", 4);
    tern_write_bytes(&w, (tern_bytes){ NULL, 1 });
    assert_false(tern_writer_ok(&w));
}

static void a_short_string_takes_255_bytes_and_no_more(void **state)
{
    (void)state;
    uint8_t out[300], text[256] = { 1 };
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_short_string(&w, tern_bytes_of(text, 255));
    assert_int_equal(tern_written(&w).n, 256);
    assert_int_equal(out[0], 255);
    w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_short_string(&w, tern_bytes_of(text, 256));
    assert_false(tern_writer_ok(&w));
}

static void a_length_is_written_over_its_place(void **state)
{
    (void)state;
    uint8_t out[5] = { 9, 9, 9, 9, 9 };
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_zeros(&w, 4);
    tern_write_u16_at(&w, 2, 0x1234);
    static const uint8_t expected[] = { 0, 0, 0x12, 0x34, 9 };
    assert_memory_equal(out, expected, sizeof out);
    assert_int_equal(tern_written(&w).n, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_big_endian_both_ways),
        cmocka_unit_test(the_first_read_beyond_the_end_sticks),
        cmocka_unit_test(a_reader_with_bytes_left_is_not_done),
        cmocka_unit_test(a_view_points_into_what_is_read),
        cmocka_unit_test(no_bytes_at_all_can_be_read_and_written),
        cmocka_unit_test(a_short_string_cut_short_fails),
        cmocka_unit_test(the_first_write_beyond_the_end_sticks_and_writes_nothing),
        cmocka_unit_test(bytes_that_are_nowhere_leave_a_gap),
        cmocka_unit_test(a_short_string_takes_255_bytes_and_no_more),
        cmocka_unit_test(a_length_is_written_over_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
