/* SPDX-License-Identifier: MIT */
#include "unit/base/unit.h"
#include "wire/params.h"

static tern_error parse(const void *bytes, size_t n, tern_params *out)
{
    return tern_params_parse(tern_bytes_of(bytes, n), out);
}

#define PARSE(text, out) parse(text, sizeof text - 1, out)

static void an_absent_parameter_has_its_default(void **state)
{
    (void)state;
    tern_params p;
    assert_int_equal(tern_params_parse((tern_bytes){ NULL, 0 }, &p), TERN_OK);
    assert_int_equal(p.idle_timeout_ms, 30000);
    assert_int_equal(p.max_datagram, 1200);
    assert_int_equal(p.max_ack_delay_ms, 25);
    assert_int_equal(p.max_data + p.max_stream_data + p.max_streams + p.max_messages + p.max_message, 0);
}

static void what_is_emitted_parses_the_same(void **state)
{
    (void)state;
    uint8_t out[128];
    const tern_params in = { 60000, 1452, UINT64_C(1) << 40, 123456789012, 100, 7654321, 65536,
                             1000,  77,   UINT64_C(1) << 41, 1100 };
    tern_params p;
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_params_emit(&w, &in);
    assert_true(tern_writer_ok(&w));
    assert_int_equal(tern_params_parse(tern_written(&w), &p), TERN_OK);
    assert_int_equal(p.idle_timeout_ms, in.idle_timeout_ms);
    assert_int_equal(p.max_datagram, in.max_datagram);
    assert_int_equal(p.max_data, in.max_data);
    assert_int_equal(p.max_stream_data, in.max_stream_data);
    assert_int_equal(p.max_streams, in.max_streams);
    assert_int_equal(p.max_messages, in.max_messages);
    assert_int_equal(p.max_message, in.max_message);
    assert_int_equal(p.max_ack_delay_ms, in.max_ack_delay_ms);
    assert_int_equal(p.max_streams_uni, in.max_streams_uni);
    assert_int_equal(p.max_unordered, in.max_unordered);
    assert_int_equal(p.max_datagram_frame, in.max_datagram_frame);
}

static void parameters_stand_in_the_bytes_of_the_chapter(void **state)
{
    (void)state;
    uint8_t out[128];
    const tern_params in = { 0x01020304, 0x1112, 0x21, 0x31, 0x41, 0x51, 0x61, 0x0171, 0x81, 0x91, 0x01a1 };
    static const char expected[] =
        "\0\1\0\4\1\2\3\4\0\2\0\2\x11\x12\0\3\0\x8\0\0\0\0\0\0\0\x21\0\4\0\x8\0\0\0\0\0\0\0\x31"
        "\0\5\0\4\0\0\0\x41\0\6\0\x8\0\0\0\0\0\0\0\x51\0\7\0\4\0\0\0\x61\0\x8\0\2\1\x71\0\xd\0\4\0\0\0\x81"
        "\0\xe\0\x8\0\0\0\0\0\0\0\x91\0\xf\0\2\1\xa1";
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_params_emit(&w, &in);
    assert_int_equal(tern_written(&w).n, sizeof expected - 1);
    assert_memory_equal(out, expected, sizeof expected - 1);
}

static void a_parameter_out_of_range_is_refused(void **state)
{
    (void)state;
    tern_params p;
    /*= WIRE-030 */
    assert_int_equal(PARSE("\0\1\0\4\0\0\x03\xe7", &p), TERN_PARAMETER_ERROR);
    assert_int_equal(PARSE("\0\1\0\4\0\0\x03\xe8", &p), TERN_OK);
    assert_int_equal(PARSE("\0\2\0\2\x04\xaf", &p), TERN_PARAMETER_ERROR);
    assert_int_equal(PARSE("\0\2\0\2\x04\xb0", &p), TERN_OK);
    assert_int_equal(PARSE("\0\x8\0\2\x03\xe9", &p), TERN_PARAMETER_ERROR);
    assert_int_equal(PARSE("\0\x8\0\2\x03\xe8", &p), TERN_OK);
    assert_int_equal(p.max_ack_delay_ms, 1000);
}

static void a_parameter_of_the_wrong_length_is_refused(void **state)
{
    (void)state;
    static const size_t right[] = { 0, 4, 2, 8, 8, 4, 8, 4, 2 };
    for (uint8_t type = 1; type <= 8; type++) {
        for (uint8_t n = 0; n <= 10; n++) {
            uint8_t bytes[14] = { 0, type, 0, n, 0x03, 0xe8, 0x04 };
            if (type == 2) bytes[4] = 0x05;
            tern_params p;
            /*= WIRE-030 */
            assert_int_equal(parse(bytes, 4u + n, &p), n == right[type] ? TERN_OK : TERN_PARAMETER_ERROR);
        }
    }
}

static void a_parameter_that_stands_twice_is_refused(void **state)
{
    (void)state;
    tern_params p;
    /*= WIRE-030 */
    assert_int_equal(PARSE("\0\7\0\4\0\0\0\1\0\5\0\4\0\0\0\1\0\7\0\4\0\0\0\1", &p), TERN_PARAMETER_ERROR);
}

static void an_unknown_parameter_is_ignored_even_twice(void **state)
{
    (void)state;
    tern_params p;
    /*= WIRE-030 */
    assert_int_equal(PARSE("\0\0\0\0\0\x9\0\1x\0\x9\0\1x\x7a\x7a\0\0\x80\1\0\0\0\7\0\4\0\0\0\5", &p), TERN_OK);
    assert_int_equal(p.max_message, 5);
}

static void bytes_that_are_no_tlvs_are_a_decode_error(void **state)
{
    (void)state;
    tern_params p;
    assert_int_equal(PARSE("\0\7\0\4\0\0\0", &p), TERN_DECODE_ERROR);
    assert_int_equal(PARSE("\0\7\0\4\0\0\0\1\0", &p), TERN_DECODE_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_absent_parameter_has_its_default),
        cmocka_unit_test(what_is_emitted_parses_the_same),
        cmocka_unit_test(parameters_stand_in_the_bytes_of_the_chapter),
        cmocka_unit_test(a_parameter_out_of_range_is_refused),
        cmocka_unit_test(a_parameter_of_the_wrong_length_is_refused),
        cmocka_unit_test(a_parameter_that_stands_twice_is_refused),
        cmocka_unit_test(an_unknown_parameter_is_ignored_even_twice),
        cmocka_unit_test(bytes_that_are_no_tlvs_are_a_decode_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
