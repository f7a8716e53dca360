/* SPDX-License-Identifier: MIT */
#include "unit/base/unit.h"
#include "wire/frame.h"

static uint8_t out[2000];

static tern_writer writer(void)
{
    return tern_writer_of((tern_buf){ out, sizeof out });
}

/* The value of the one frame that w holds; its type is checked. */
static tern_bytes value_of(const tern_writer *w, uint16_t type)
{
    tern_reader r = tern_reader_of(tern_written(w));
    tern_tlv tlv = { 0 };
    assert_true(tern_writer_ok(w));
    assert_true(tern_tlv_next(&r, &tlv));
    assert_true(tern_reader_done(&r));
    assert_int_equal(tlv.type, type);
    return tlv.value;
}

static void expect_bytes(const tern_writer *w, const void *bytes, size_t n)
{
    assert_true(tern_writer_ok(w));
    assert_int_equal(tern_written(w).n, n);
    assert_memory_equal(tern_written(w).p, bytes, n);
}

#define EXPECT(w, text) expect_bytes(w, text, sizeof text - 1)

static void a_fragment_is_its_position_and_bytes(void **state)
{
    (void)state;
    tern_frame_fragment in = { 0x0102030405060708, text_bytes("hey") }, f;
    tern_writer w = writer();
    tern_frame_emit_fragment(&w, &in);
    EXPECT(&w, "\0\1\0\x0b\1\2\3\4\5\6\7\x8hey");
    assert_int_equal(tern_frame_parse_fragment(value_of(&w, TERN_F_FRAGMENT), &f), TERN_OK);
    assert_int_equal(f.position, in.position);
    assert_int_equal(f.bytes.n, 3);
    assert_memory_equal(f.bytes.p, "hey", 3);
    assert_int_equal(tern_written(&w).n, TERN_FRAGMENT_OVERHEAD + 3);
}

static void a_stream_frame_is_its_stream_flags_offset_and_bytes(void **state)
{
    (void)state;
    tern_frame_stream in = { 0x01020304, true, 0x05060708090a0b0c, text_bytes("x") }, f = { 0 };
    tern_writer w = writer();
    tern_frame_emit_stream(&w, &in);
    EXPECT(&w, "\0\x23\0\x0e\1\2\3\4\1\5\6\7\x8\x9\xa\xb\xcx");
    assert_int_equal(tern_frame_parse_stream(value_of(&w, TERN_F_STREAM), &f), TERN_OK);
    assert_true(f.stream == in.stream && f.fin && f.offset == in.offset && f.bytes.n == 1);
    assert_int_equal(tern_written(&w).n, TERN_STREAM_OVERHEAD + 1);
    in.fin = false;
    f.fin = true;
    w = writer();
    tern_frame_emit_stream(&w, &in);
    assert_int_equal(tern_frame_parse_stream(value_of(&w, TERN_F_STREAM), &f), TERN_OK);
    assert_false(f.fin);
}

static void a_stream_flag_that_is_not_defined_is_refused(void **state)
{
    (void)state;
    tern_frame_stream f;
    uint8_t value[13] = { 0 };
    for (unsigned flags = 0; flags < 256; flags++) {
        value[4] = (uint8_t)flags;
        /*= WIRE-024 */
        assert_int_equal(tern_frame_parse_stream(tern_bytes_of(value, sizeof value), &f),
                         flags < 2 ? TERN_OK : TERN_FRAME_ENCODING_ERROR);
    }
}

static void bytes_end_at_two_to_the_62_at_most(void **state)
{
    (void)state;
    const uint64_t offsets[] = { TERN_OFFSET_MAX - 2, TERN_OFFSET_MAX - 1, TERN_OFFSET_MAX, UINT64_MAX };
    for (size_t i = 0; i < 4; i++) {
        tern_frame_stream in = { 0, false, offsets[i], text_bytes("ab") }, f;
        tern_frame_fragment in_message = { offsets[i], text_bytes("ab") }, m;
        tern_error expected = i == 0 ? TERN_OK : TERN_FRAME_ENCODING_ERROR;
        tern_writer w = writer();
        tern_frame_emit_stream(&w, &in);
        /*= WIRE-024 */
        assert_int_equal(tern_frame_parse_stream(value_of(&w, TERN_F_STREAM), &f), expected);
        w = writer();
        tern_frame_emit_fragment(&w, &in_message);
        assert_int_equal(tern_frame_parse_fragment(value_of(&w, TERN_F_FRAGMENT), &m), expected);
    }
}

static void a_crypto_frame_is_its_offset_and_bytes(void **state)
{
    (void)state;
    tern_frame_crypto in = { 0x01020304, text_bytes("hello") }, f;
    tern_writer w = writer();
    tern_frame_emit_crypto(&w, &in);
    EXPECT(&w, "\0\x22\0\x9\1\2\3\4hello");
    assert_int_equal(tern_frame_parse_crypto(value_of(&w, TERN_F_CRYPTO), &f), TERN_OK);
    assert_true(f.offset == in.offset && f.bytes.n == 5);
    assert_int_equal(tern_written(&w).n, TERN_CRYPTO_OVERHEAD + 5);
}

static void stream_control_frames_keep_their_fields(void **state)
{
    (void)state;
    tern_frame_reset_stream reset = { 0x01020304, 0x0506, 0x0708090a0b0c0d0e }, r;
    tern_frame_stop_sending stop = { 0x01020304, 0x0506 }, s;
    tern_writer w = writer();
    tern_frame_emit_reset_stream(&w, &reset);
    EXPECT(&w, "\0\x24\0\x0e\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe");
    assert_int_equal(tern_frame_parse_reset_stream(value_of(&w, TERN_F_RESET_STREAM), &r), TERN_OK);
    assert_true(r.stream == reset.stream && r.code == reset.code && r.final == reset.final);
    w = writer();
    tern_frame_emit_stop_sending(&w, &stop);
    EXPECT(&w, "\0\x25\0\6\1\2\3\4\5\6");
    assert_int_equal(tern_frame_parse_stop_sending(value_of(&w, TERN_F_STOP_SENDING), &s), TERN_OK);
    assert_true(s.stream == stop.stream && s.code == stop.code);
}

/*= WIRE-060 */
static void bytes_of_a_message_lie_within_it(void **state)
{
    (void)state;
    static const struct {
        uint32_t size, offset;
        const char *bytes;
        bool good;
    } cases[] = { { 2, 0, "ab", true }, { 3, 1, "ab", true }, { 0, 0, "", true },   { 2, 1, "ab", false },
                  { 1, 2, "", false },  { 2, 0, "", false },  { 0, 0, "a", false }, { 5, UINT32_MAX, "ab", false } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t frame[64];
        tern_frame_message in = { UINT64_MAX - 1, cases[i].size, cases[i].offset, text_bytes(cases[i].bytes) }, f;
        tern_writer w = tern_writer_of((tern_buf){ frame, sizeof frame });
        tern_frame_emit_message(&w, &in);
        assert_int_equal(w.n, TERN_MESSAGE_OVERHEAD + in.bytes.n);
        tern_error e = tern_frame_parse_message(tern_bytes_of(frame + TERN_TLV_HEADER, w.n - TERN_TLV_HEADER), &f);
        assert_int_equal(e, cases[i].good ? TERN_OK : TERN_FRAME_ENCODING_ERROR);
        if (e == TERN_OK)
            assert_true(f.id == in.id && f.size == in.size && f.offset == in.offset && f.bytes.n == in.bytes.n);
    }
}

static void each_limit_has_its_width(void **state)
{
    (void)state;
    static const struct {
        tern_frame_type type;
        size_t n;
    } limits[] = { { TERN_F_MAX_DATA, 8 },        { TERN_F_MAX_STREAM_DATA, 12 }, { TERN_F_MAX_STREAMS, 4 },
                   { TERN_F_MAX_STREAMS_UNI, 4 }, { TERN_F_MAX_UNORDERED, 8 },    { TERN_F_MAX_MESSAGES, 8 } };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        tern_frame_max in = { limits[i].n == 12 ? 77u : 0u, 0x01020304 }, f;
        tern_writer w = writer();
        tern_frame_emit_max(&w, limits[i].type, &in);
        tern_bytes value = value_of(&w, (uint16_t)limits[i].type);
        assert_int_equal(value.n, limits[i].n);
        assert_int_equal(tern_frame_parse_max(limits[i].type, value, &f), TERN_OK);
        assert_true(f.stream == in.stream && f.limit == in.limit);
        for (size_t n = 0; n < 16; n++) {
            static const uint8_t zeros[16] = { 0 };
            /*= WIRE-020 */
            assert_int_equal(tern_frame_parse_max(limits[i].type, tern_bytes_of(zeros, n), &f),
                             n == limits[i].n ? TERN_OK : TERN_FRAME_ENCODING_ERROR);
        }
    }
}

static void a_close_is_its_code_and_a_reason_of_256_bytes_at_most(void **state)
{
    (void)state;
    tern_frame_close in = { 0x0102, text_bytes("bye") }, f;
    uint8_t value[2 + 257] = { 0 };
    tern_writer w = writer();
    tern_frame_emit_close(&w, &in);
    EXPECT(&w, "\0\x2a\0\5\1\2bye");
    assert_int_equal(tern_frame_parse_close(value_of(&w, TERN_F_CLOSE), &f), TERN_OK);
    assert_true(f.code == 0x0102 && f.reason.n == 3);
    /*= WIRE-025 */
    assert_int_equal(tern_frame_parse_close(tern_bytes_of(value, 2 + 256), &f), TERN_OK);
    assert_int_equal(tern_frame_parse_close(tern_bytes_of(value, 2 + 257), &f), TERN_FRAME_ENCODING_ERROR);
}

static void keep_alive_is_empty_and_padding_has_the_size_asked_for(void **state)
{
    (void)state;
    tern_writer w = writer();
    tern_frame_emit_keep_alive(&w);
    EXPECT(&w, "\0\x9\0\0");
    /*= WIRE-020 */
    assert_int_equal(tern_frame_parse_empty((tern_bytes){ NULL, 0 }), TERN_OK);
    assert_int_equal(tern_frame_parse_empty(text_bytes("x")), TERN_FRAME_ENCODING_ERROR);
    for (size_t total = 4; total < 9; total++) {
        w = writer();
        tern_frame_emit_padding(&w, total);
        assert_int_equal(tern_written(&w).n, total);
        assert_int_equal(value_of(&w, TERN_F_PADDING).n, total - 4);
    }
}

static void a_value_cut_short_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[16] = { 0 };
    union {
        tern_frame_fragment fragment;
        tern_frame_crypto crypto;
        tern_frame_stream stream;
        tern_frame_reset_stream reset;
        tern_frame_stop_sending stop;
        tern_frame_close close;
    } f;
    for (size_t n = 0; n < sizeof zeros; n++) {
        tern_bytes v = tern_bytes_of(zeros, n);
        /*= WIRE-020 */
        assert_int_equal(tern_frame_parse_fragment(v, &f.fragment) == TERN_OK, n >= 8);
        assert_int_equal(tern_frame_parse_crypto(v, &f.crypto) == TERN_OK, n >= 4);
        assert_int_equal(tern_frame_parse_stream(v, &f.stream) == TERN_OK, n >= 13);
        assert_int_equal(tern_frame_parse_reset_stream(v, &f.reset) == TERN_OK, n == 14);
        assert_int_equal(tern_frame_parse_stop_sending(v, &f.stop) == TERN_OK, n == 6);
        assert_int_equal(tern_frame_parse_close(v, &f.close) == TERN_OK, n >= 2);
    }
}

static tern_range storage[TERN_ACK_RANGES_MAX];

static tern_error parse_ack(uint64_t largest, uint32_t first, const uint32_t *pairs, size_t n, tern_frame_ack *f)
{
    tern_writer w = writer();
    tern_write_u64(&w, largest);
    tern_write_u32(&w, 17);
    tern_write_u32(&w, first);
    for (size_t i = 0; i < n; i++) tern_write_u32(&w, pairs[i]);
    return tern_frame_parse_ack(tern_written(&w), storage, f);
}

static void an_ack_names_ranges_from_the_largest_down(void **state)
{
    (void)state;
    static const uint32_t pairs[] = { 0, 0, 9, 4 };
    tern_frame_ack f;
    /*= WIRE-023 */
    assert_int_equal(parse_ack(100, 2, pairs, 4, &f), TERN_OK);
    assert_int_equal(f.largest, 100);
    assert_int_equal(f.delay_us, 17);
    assert_int_equal(f.ranges.n, 3);
    assert_true(f.ranges.at[2].from == 98 && f.ranges.at[2].to == 101);
    assert_true(f.ranges.at[1].from == 96 && f.ranges.at[1].to == 97);
    assert_true(f.ranges.at[0].from == 81 && f.ranges.at[0].to == 86);
}

static void an_ack_below_number_0_is_refused(void **state)
{
    (void)state;
    tern_frame_ack f;
    /*= WIRE-023 */
    assert_int_equal(parse_ack(5, 5, NULL, 0, &f), TERN_OK);
    assert_int_equal(f.ranges.at[0].from, 0);
    assert_int_equal(parse_ack(5, 6, NULL, 0, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(parse_ack(5, 2, (uint32_t[]){ 0, 1 }, 2, &f), TERN_OK);
    assert_int_equal(f.ranges.at[0].from, 0);
    assert_int_equal(parse_ack(5, 2, (uint32_t[]){ 0, 2 }, 2, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(parse_ack(5, 2, (uint32_t[]){ 1, 0 }, 2, &f), TERN_OK);
    assert_int_equal(parse_ack(5, 2, (uint32_t[]){ 2, 0 }, 2, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(parse_ack(5, 2, (uint32_t[]){ 0xffffffff, 0xffffffff }, 2, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(parse_ack(UINT64_MAX, 0, NULL, 0, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(parse_ack(UINT64_MAX - 1, 0, NULL, 0, &f), TERN_OK);
}

static void an_ack_of_half_a_pair_is_refused(void **state)
{
    (void)state;
    tern_frame_ack f;
    /*= WIRE-020 */
    assert_int_equal(parse_ack(500, 2, (uint32_t[]){ 0 }, 1, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(tern_frame_parse_ack(tern_bytes_of(out, 15), storage, &f), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(tern_frame_parse_ack(tern_bytes_of(out, 0), storage, &f), TERN_FRAME_ENCODING_ERROR);
}

static void of_more_than_64_ranges_the_highest_hold_and_all_are_checked(void **state)
{
    (void)state;
    uint32_t pairs[2 * 70] = { 0 }; /* one number each, one passed over */
    tern_frame_ack f;
    assert_int_equal(parse_ack(140, 0, pairs, 2 * 70, &f), TERN_OK);
    assert_int_equal(f.ranges.n, TERN_ACK_RANGES_MAX);
    assert_int_equal(f.ranges.at[63].from, 140);
    assert_int_equal(f.ranges.at[0].from, 140 - 2 * 63);
    assert_int_equal(parse_ack(139, 0, pairs, 2 * 70, &f), TERN_FRAME_ENCODING_ERROR);
}

static void an_ack_is_emitted_as_it_was_parsed(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 500; i++) {
        uint8_t copy[600];
        uint32_t pairs[2 * 63];
        size_t n = 2 * (size_t)random_below(&seed, 64);
        for (size_t k = 0; k < n; k++) pairs[k] = (uint32_t)random_below(&seed, UINT64_C(1) << random_below(&seed, 33));
        tern_frame_ack f;
        uint64_t largest = (UINT64_C(1) << 62) + random_below(&seed, 1000);
        assert_int_equal(parse_ack(largest, (uint32_t)random_below(&seed, 10), pairs, n, &f), TERN_OK);
        memcpy(copy, out, 16 + 4 * n);
        tern_writer w = writer();
        tern_frame_emit_ack(&w, &f);
        tern_bytes value = value_of(&w, TERN_F_ACK);
        assert_int_equal(value.n, 16 + 4 * n);
        assert_memory_equal(value.p, copy, value.n);
    }
}

static void an_ack_names_as_many_ranges_as_fit(void **state)
{
    (void)state;
    tern_frame_ack f = { .largest = 30, .ranges = { (const tern_range[]){ { 10, 11 }, { 20, 21 }, { 30, 31 } }, 3 } };
    tern_frame_ack back;
    for (size_t room = 16; room < 40; room++) {
        tern_writer w = tern_writer_of((tern_buf){ out, room });
        tern_frame_emit_ack(&w, &f);
        assert_int_equal(tern_writer_ok(&w), room >= 20);
        if (room < 20) continue;
        assert_int_equal(tern_frame_parse_ack(value_of(&w, TERN_F_ACK), storage, &back), TERN_OK);
        assert_int_equal(back.largest, 30);
        assert_int_equal(back.ranges.n, room < 28 ? 1 : room < 36 ? 2 : 3);
        assert_int_equal(back.ranges.at[back.ranges.n - 1].from, 30);
    }
}

static bool is_within(const tern_range_list *list, tern_range range)
{
    uint32_t i = 0;
    while (list->at[i].to < range.to) i++;
    return list->at[i].from <= range.from;
}

static void an_ack_never_names_a_number_it_was_not_given(void **state)
{
    (void)state;
    const uint64_t e = UINT64_C(1) << 32;
    tern_frame_ack back;
    tern_frame_ack cases[] = {
        { .largest = 2 * e,
          .ranges = { (const tern_range[]){ { 0, 10 }, { 20, 2 * e + 1 } }, 2 } }, /* a range too long */
        { .largest = 2 * e,
          .ranges = { (const tern_range[]){ { 0, 10 }, { 2 * e, 2 * e + 1 } }, 2 } }, /* a gap too long */
        { .largest = 2 * e,
          .ranges = { (const tern_range[]){ { 0, 2 }, { 5, e + 9 }, { 2 * e, 2 * e + 1 } }, 3 } }, /* a lower one */
    };
    for (size_t i = 0; i < 3; i++) {
        tern_writer w = writer();
        tern_frame_emit_ack(&w, &cases[i]);
        assert_int_equal(tern_frame_parse_ack(value_of(&w, TERN_F_ACK), storage, &back), TERN_OK);
        assert_int_equal(back.largest, 2 * e);
        for (uint32_t k = 0; k < back.ranges.n; k++) assert_true(is_within(&cases[i].ranges, back.ranges.at[k]));
    }
    assert_int_equal(back.ranges.n, 2);
    assert_int_equal(back.ranges.at[0].to - back.ranges.at[0].from, e);
}

/*= REC-002 */
static void an_ack_names_at_most_64_ranges(void **state)
{
    (void)state;
    tern_range many[70];
    for (uint64_t i = 0; i < 70; i++) many[i] = (tern_range){ 2 * i, 2 * i + 1 };
    tern_frame_ack f = { .largest = 138, .ranges = { many, 70 } }, back;
    tern_writer w = writer();
    tern_frame_emit_ack(&w, &f);
    tern_bytes value = value_of(&w, TERN_F_ACK);
    assert_int_equal(value.n, 16 + 8 * 63);
    assert_int_equal(tern_frame_parse_ack(value, storage, &back), TERN_OK);
    assert_int_equal(back.ranges.n, 64);
    assert_int_equal(back.ranges.at[0].from, 12);
}

static void ranges_and_gaps_of_32_bits_are_told_whole(void **state)
{
    (void)state;
    const uint64_t e = UINT64_C(1) << 32;
    tern_frame_ack f = { .largest = 4 * e,
                         .ranges = { (const tern_range[]){ { 0, 1 }, { e + 1, 2 * e + 1 }, { 3 * e + 1, 4 * e + 1 } },
                                     3 } };
    tern_frame_ack back;
    tern_writer w = writer();
    tern_frame_emit_ack(&w, &f);
    assert_int_equal(tern_frame_parse_ack(value_of(&w, TERN_F_ACK), storage, &back), TERN_OK);
    assert_int_equal(back.ranges.n, 3);
    assert_memory_equal(back.ranges.at, f.ranges.at, 3 * sizeof f.ranges.at[0]);
}

static void the_frames_of_paths_and_ids_stand_as_the_chapter_draws_them(void **state)
{
    (void)state;
    tern_frame_path path = { "challeng" }, p = { { 0 } };
    tern_writer w = writer();
    tern_frame_emit_path(&w, TERN_F_PATH_CHALLENGE, &path);
    EXPECT(&w, "\0\x2c\0\x8"
               "challeng");
    assert_int_equal(tern_frame_parse_path(value_of(&w, TERN_F_PATH_CHALLENGE), &p), TERN_OK);
    assert_memory_equal(p.data, "challeng", 8);
    assert_int_equal(tern_frame_parse_path(text_bytes("challen"), &p), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(tern_frame_parse_path(text_bytes("challenge"), &p), TERN_FRAME_ENCODING_ERROR);

    tern_frame_new_connection_id in = { 7, 5, { "ididid_" }, "tokentokentoken" }, f = { 0 };
    w = writer();
    tern_frame_emit_new_connection_id(&w, &in);
    EXPECT(&w, "\0\x2e\0\x20\0\0\0\7\0\0\0\5"
               "ididid_\0"
               "tokentokentoken\0");
    assert_int_equal(tern_written(&w).n, TERN_NEW_ID_FRAME);
    assert_int_equal(tern_frame_parse_new_connection_id(value_of(&w, TERN_F_NEW_CONNECTION_ID), &f), TERN_OK);
    assert_memory_equal(&f, &in, sizeof f);
    /*= WIRE-050 */
    in.retire_prior_to = 8;
    w = writer();
    tern_frame_emit_new_connection_id(&w, &in);
    assert_int_equal(tern_frame_parse_new_connection_id(value_of(&w, TERN_F_NEW_CONNECTION_ID), &f),
                     TERN_FRAME_ENCODING_ERROR);

    tern_frame_retire_connection_id retire = { 0x01020304 }, r = { 0 };
    w = writer();
    tern_frame_emit_retire_connection_id(&w, &retire);
    EXPECT(&w, "\0\x2f\0\4\1\2\3\4");
    assert_int_equal(tern_written(&w).n, TERN_RETIRE_ID_FRAME);
    assert_int_equal(tern_frame_parse_retire_connection_id(value_of(&w, TERN_F_RETIRE_CONNECTION_ID), &r), TERN_OK);
    assert_int_equal(r.sequence, 0x01020304);
    assert_int_equal(tern_frame_parse_retire_connection_id(text_bytes("abc"), &r), TERN_FRAME_ENCODING_ERROR);
}

/*= WIRE-041 */
static void ack_frequency_is_what_was_written(void **state)
{
    tern_frame_ack_frequency f = { 0x01020304, 64, 3, 12500 }, back;
    tern_writer w = writer();
    (void)state;
    tern_frame_emit_ack_frequency(&w, &f);
    EXPECT(&w, "\0\x38\0\x0c\1\2\3\4\0\x40\0\3\0\0\x30\xd4");
    assert_int_equal(tern_written(&w).n, TERN_ACK_FREQUENCY_FRAME);
    tern_bytes value = value_of(&w, TERN_F_ACK_FREQUENCY);
    assert_int_equal(tern_frame_parse_ack_frequency(value, &back), TERN_OK);
    assert_memory_equal(&f, &back, sizeof f);
    for (size_t n = 0; n < value.n; n++)
        assert_int_equal(tern_frame_parse_ack_frequency(tern_bytes_of(value.p, n), &back), TERN_FRAME_ENCODING_ERROR);
    f.packets = 0;
    w = writer();
    tern_frame_emit_ack_frequency(&w, &f);
    assert_int_equal(tern_frame_parse_ack_frequency(value_of(&w, TERN_F_ACK_FREQUENCY), &back),
                     TERN_FRAME_ENCODING_ERROR);
}

/*= HS-040 */
static void a_new_ticket_is_what_was_written(void **state)
{
    (void)state;
    tern_frame_new_ticket f = { 60, { 1, 2, 3, 4, 5, 6, 7, 8 }, 16384, text_bytes("abc") }, back;
    tern_writer w = writer();
    tern_frame_emit_new_ticket(&w, &f);
    EXPECT(&w, "\0\x3a\0\x13\0\0\0\x3c\1\2\3\4\5\6\7\10\0\0\x40\0abc");
    tern_bytes value = value_of(&w, TERN_F_NEW_TICKET);
    assert_int_equal(tern_frame_parse_new_ticket(value, &back), TERN_OK);
    assert_int_equal(back.lifetime_s, 60);
    assert_int_equal(back.max_early, 16384);
    assert_memory_equal(back.nonce, f.nonce, sizeof f.nonce);
    assert_int_equal(back.ticket.n, 3);
    for (size_t n = 0; n < 17; n++)
        assert_int_equal(tern_frame_parse_new_ticket(tern_bytes_of(value.p, n), &back), TERN_FRAME_ENCODING_ERROR);
    f.lifetime_s = TERN_TICKET_LIFETIME_MAX + 1;
    w = writer();
    tern_frame_emit_new_ticket(&w, &f);
    assert_int_equal(tern_frame_parse_new_ticket(value_of(&w, TERN_F_NEW_TICKET), &back), TERN_FRAME_ENCODING_ERROR);
}

/*= WIRE-040 */
static void counts_of_ecn_stand_before_the_ranges(void **state)
{
    tern_range ranges[] = { { 90, 95 }, { 97, 101 } }, kept[TERN_ACK_RANGES_MAX];
    uint8_t bytes[128];
    (void)state;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_frame_ack f = {
        .largest = 100, .delay_us = 7, .ranges = { ranges, 2 }, .marks = true, .ect0 = 3, .ect1 = 4, .ce = 5
    };
    tern_frame_emit_ack(&w, &f);
    tern_bytes value = value_of(&w, TERN_F_ACK_ECN);
    tern_frame_ack back;
    assert_int_equal(tern_frame_parse_ack_ecn(value, kept, &back), TERN_OK);
    assert_true(back.marks && back.ect0 == 3 && back.ect1 == 4 && back.ce == 5);
    assert_true(back.largest == 100 && back.delay_us == 7 && back.ranges.n == 2);
    assert_memory_equal(back.ranges.at, ranges, sizeof ranges);
    for (size_t n = 0; n < 24 + 16; n++)
        assert_int_equal(tern_frame_parse_ack_ecn(tern_bytes_of(value.p, n), kept, &back), TERN_FRAME_ENCODING_ERROR);
    assert_int_equal(tern_frame_parse_ack(tern_bytes_of(value.p + 24, value.n - 24), kept, &back), TERN_OK);
    assert_true(!back.marks && back.ce == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_ecn_stand_before_the_ranges),
        cmocka_unit_test(a_fragment_is_its_position_and_bytes),
        cmocka_unit_test(a_stream_frame_is_its_stream_flags_offset_and_bytes),
        cmocka_unit_test(a_stream_flag_that_is_not_defined_is_refused),
        cmocka_unit_test(bytes_end_at_two_to_the_62_at_most),
        cmocka_unit_test(a_crypto_frame_is_its_offset_and_bytes),
        cmocka_unit_test(stream_control_frames_keep_their_fields),
        cmocka_unit_test(bytes_of_a_message_lie_within_it),
        cmocka_unit_test(each_limit_has_its_width),
        cmocka_unit_test(a_close_is_its_code_and_a_reason_of_256_bytes_at_most),
        cmocka_unit_test(keep_alive_is_empty_and_padding_has_the_size_asked_for),
        cmocka_unit_test(a_value_cut_short_is_refused),
        cmocka_unit_test(an_ack_names_ranges_from_the_largest_down),
        cmocka_unit_test(an_ack_below_number_0_is_refused),
        cmocka_unit_test(an_ack_of_half_a_pair_is_refused),
        cmocka_unit_test(of_more_than_64_ranges_the_highest_hold_and_all_are_checked),
        cmocka_unit_test(an_ack_is_emitted_as_it_was_parsed),
        cmocka_unit_test(an_ack_names_as_many_ranges_as_fit),
        cmocka_unit_test(an_ack_never_names_a_number_it_was_not_given),
        cmocka_unit_test(an_ack_names_at_most_64_ranges),
        cmocka_unit_test(ranges_and_gaps_of_32_bits_are_told_whole),
        cmocka_unit_test(the_frames_of_paths_and_ids_stand_as_the_chapter_draws_them),
        cmocka_unit_test(a_new_ticket_is_what_was_written),
        cmocka_unit_test(ack_frequency_is_what_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
