/* SPDX-License-Identifier: MIT */
#include "unit/base/unit.h"
#include "wire/room_tlv.h"

static uint8_t out[1000];

static tern_error parse(const void *bytes, size_t n, tern_room_msg *m, size_t *body_at)
{
    return tern_room_msg_parse(tern_bytes_of(bytes, n), n, m, body_at);
}

#define PARSE(text, m, body_at) parse(text, sizeof text - 1, m, body_at)

static tern_bytes emit(const tern_room_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_room_msg_emit(&w, m);
    assert_true(tern_writer_ok(&w));
    return tern_written(&w);
}

static void expect_bytes(tern_bytes got, const void *bytes, size_t n)
{
    assert_int_equal(got.n, n);
    assert_memory_equal(got.p, bytes, n);
}

#define EXPECT(got, text) expect_bytes(got, text, sizeof text - 1)

static const tern_sender_info ann = { 7, 4, { 192, 0, 2, 1 }, 0x1234, 3, "ann" };
#define ANN "\0\x0a\0\x0f\0\0\0\7\4\xc0\0\2\1\x12\x34\3ann"

static void a_join_names_its_room_and_nick(void **state)
{
    (void)state;
    tern_room_msg in = { .type = TERN_R_JOIN, .room = text_bytes("lobby"), .nick = text_bytes("ann") }, m;
    size_t body_at;
    tern_bytes bytes = emit(&in);
    EXPECT(bytes, "\0\x40\0\x0a\5lobby\3ann");
    assert_int_equal(parse(bytes.p, bytes.n, &m, &body_at), TERN_OK);
    assert_int_equal(m.type, TERN_R_JOIN);
    assert_true(m.room.n == 5 && memcmp(m.room.p, "lobby", 5) == 0);
    assert_true(m.nick.n == 3 && memcmp(m.nick.p, "ann", 3) == 0);
    assert_int_equal(body_at, bytes.n);
}

static void each_message_stands_as_the_chapter_draws_it(void **state)
{
    (void)state;
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_PUBLISH }), "\0\x41\0\0");
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_LEAVE }), "\0\x42\0\0");
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_WELCOME, .member = 1, .number = 2, .count = 3 }),
           "\0\x43\0\x10\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\3");
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_REFUSED, .code = 5, .text = text_bytes("no") }), "\0\x44\0\4\0\5no");
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_PRESENT, .sender = ann }), "\0\x45\0\0" ANN);
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_ARRIVED, .number = 9, .sender = ann }),
           "\0\x0b\0\x8\0\0\0\0\0\0\0\x9" ANN);
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_LEFT, .number = 9, .why = 2, .sender = ann }),
           "\0\x0c\0\x9\0\0\0\0\0\0\0\x9\2" ANN);
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_RELAYED, .number = 9, .time_ms = 8, .sender = ann }),
           "\0\6\0\x10\0\0\0\0\0\0\0\x9\0\0\0\0\0\0\0\x8" ANN);
    EXPECT(emit(&(tern_room_msg){ .type = TERN_R_MISSED, .number = 3, .last = 4 }),
           "\0\x46\0\x10\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4");
}

static void every_message_parses_to_what_was_emitted(void **state)
{
    (void)state;
    const tern_room_msg all[] = {
        { .type = TERN_R_PUBLISH },
        { .type = TERN_R_LEAVE },
        { .type = TERN_R_WELCOME, .member = 1, .number = UINT64_C(1) << 40, .count = 3 },
        { .type = TERN_R_PRESENT, .sender = ann },
        { .type = TERN_R_ARRIVED, .number = 9, .sender = ann },
        { .type = TERN_R_LEFT, .number = 9, .why = 3, .sender = { 1, 0, { 0 }, 0, 1, "b" } },
        { .type = TERN_R_RELAYED,
          .number = 9,
          .time_ms = UINT64_C(1) << 41,
          .sender = { 1, 6, "0123456789abcdef", 1, 1, "c" } },
        { .type = TERN_R_MISSED, .number = 3, .last = 3 },
        { .type = TERN_R_REFUSED, .code = 7 },
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tern_bytes bytes = emit(&all[i]);
        tern_room_msg m;
        size_t body_at;
        assert_int_equal(parse(bytes.p, bytes.n, &m, &body_at), TERN_OK);
        assert_int_equal(body_at, bytes.n);
        assert_true(m.type == all[i].type && m.member == all[i].member && m.number == all[i].number);
        assert_true(m.count == all[i].count && m.last == all[i].last && m.time_ms == all[i].time_ms);
        assert_int_equal(m.code, all[i].code);
        assert_true(m.why == all[i].why && m.sender.member == all[i].sender.member);
        assert_true(m.sender.port == all[i].sender.port && m.sender.family == all[i].sender.family);
        assert_memory_equal(m.sender.ip, all[i].sender.ip, 16);
        assert_int_equal(m.sender.nick_n, all[i].sender.nick_n);
        assert_memory_equal(m.sender.nick, all[i].sender.nick, TERN_NAME_MAX);
        out[bytes.n] = 0;
        /*= ROOM-001 */
        for (size_t n = 0; n < bytes.n; n++) assert_int_equal(parse(bytes.p, n, &m, &body_at), TERN_PROTOCOL_VIOLATION);
        bool has_body = all[i].type == TERN_R_PUBLISH || all[i].type == TERN_R_RELAYED;
        assert_int_equal(parse(bytes.p, bytes.n + 1, &m, &body_at), has_body ? TERN_OK : TERN_PROTOCOL_VIOLATION);
    }
}

static void a_body_follows_publish_and_relayed_alone(void **state)
{
    (void)state;
    tern_room_msg m;
    size_t body_at;
    assert_int_equal(PARSE("\0\x41\0\0hello", &m, &body_at), TERN_OK);
    assert_int_equal(body_at, 4);
    assert_int_equal(PARSE("\0\6\0\x10\0\0\0\0\0\0\0\x9\0\0\0\0\0\0\0\x8" ANN "hello", &m, &body_at), TERN_OK);
    assert_int_equal(body_at, 39);
    /*= ROOM-001 */
    assert_int_equal(PARSE("\0\x42\0\0hello", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x45\0\0" ANN "hello", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x40\0\5\1x\2yy!", &m, &body_at), TERN_PROTOCOL_VIOLATION);
}

static void the_start_of_a_long_message_is_enough(void **state)
{
    (void)state;
    static uint8_t start[TERN_ROOM_HEADER_MAX] = { 0, 0x41, 0, 0 };
    tern_room_msg m;
    size_t body_at;
    assert_int_equal(tern_room_msg_parse(tern_bytes_of(start, sizeof start), 1000000, &m, &body_at), TERN_OK);
    assert_int_equal(body_at, 4);
    start[1] = 0x42;
    assert_int_equal(tern_room_msg_parse(tern_bytes_of(start, sizeof start), 1000000, &m, &body_at),
                     TERN_PROTOCOL_VIOLATION);
}

static void names_too_long_by_the_rules_can_still_be_read_to_be_refused(void **state)
{
    (void)state;
    static uint8_t name[255];
    memset(name, 'x', sizeof name);
    tern_bytes longest = tern_bytes_of(name, sizeof name);
    tern_bytes bytes = emit(&(tern_room_msg){ .type = TERN_R_JOIN, .room = longest, .nick = longest });
    tern_room_msg m;
    size_t body_at;
    assert_int_equal(bytes.n, TERN_ROOM_HEADER_MAX);
    assert_int_equal(parse(bytes.p, bytes.n, &m, &body_at), TERN_OK);
    /*= ROOM-002 */
    assert_false(tern_room_name_ok(m.room));
}

static void what_is_no_room_message_is_a_violation(void **state)
{
    (void)state;
    tern_room_msg m;
    size_t body_at;
    /*= ROOM-001 */
    assert_int_equal(PARSE("", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x47\0\0", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\x80\x41\0\0", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE(ANN, &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x41\0\1x", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x45\0\0\0\x41\0\0", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x45\0\0\0\x0b\0\x9\0\0\0\1\0\0\0\1x", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x44\0\1x", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x46\0\x10\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\4", &m, &body_at), TERN_PROTOCOL_VIOLATION);
}

static void a_sender_with_an_unknown_family_or_a_long_nick_is_a_violation(void **state)
{
    (void)state;
    tern_room_msg m;
    size_t body_at;
    assert_int_equal(PARSE("\0\x45\0\0\0\x0a\0\x9\0\0\0\1\0\0\0\1x", &m, &body_at), TERN_OK);
    /*= ROOM-001 */
    assert_int_equal(PARSE("\0\x45\0\0\0\x0a\0\x9\0\0\0\1\5\0\0\1x", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(PARSE("\0\x45\0\0\0\x0a\0\x9\0\0\0\1\4\0\0\1x", &m, &body_at), TERN_PROTOCOL_VIOLATION);
    uint8_t bytes[4 + 4 + 8 + 65] = { 0, 0x45, 0, 0, 0, 0x0a, 0, 8 + 65, 0, 0, 0, 1, 0, 0, 0, 65 };
    assert_int_equal(parse(bytes, sizeof bytes, &m, &body_at), TERN_PROTOCOL_VIOLATION);
    bytes[7]--, bytes[15]--;
    assert_int_equal(parse(bytes, sizeof bytes - 1, &m, &body_at), TERN_OK);
}

static void a_refusal_has_at_most_200_bytes_of_text(void **state)
{
    (void)state;
    uint8_t bytes[4 + 2 + 201] = { 0, 0x44, 0, 2 + 201, 0, 1 };
    tern_room_msg m;
    size_t body_at;
    assert_int_equal(parse(bytes, sizeof bytes, &m, &body_at), TERN_PROTOCOL_VIOLATION);
    bytes[3]--;
    assert_int_equal(parse(bytes, sizeof bytes - 1, &m, &body_at), TERN_OK);
    assert_int_equal(m.text.n, TERN_TEXT_MAX);
}

static void a_name_is_1_to_64_bytes_of_plain_text(void **state)
{
    (void)state;
    static const char sixty_five[] = "0123456789012345678901234567890123456789012345678901234567890123x";
    /*= ROOM-002 */
    assert_false(tern_room_name_ok(text_bytes("")));
    assert_true(tern_room_name_ok(text_bytes("a")));
    assert_true(tern_room_name_ok(text_bytes("Zo\xc3\xab & co")));
    assert_true(tern_room_name_ok(tern_bytes_of(sixty_five, 64)));
    assert_false(tern_room_name_ok(tern_bytes_of(sixty_five, 65)));
    assert_false(tern_room_name_ok(text_bytes("a\nb")));
    assert_false(tern_room_name_ok(text_bytes("a\x7f")));
    assert_false(tern_room_name_ok(text_bytes("a\xc2\x85")));
    assert_false(tern_room_name_ok(text_bytes("a\xff")));
}

static void a_name_is_not_all_white_space(void **state)
{
    (void)state;
    /*= ROOM-002 */
    assert_false(tern_room_name_ok(text_bytes(" ")));
    assert_false(tern_room_name_ok(text_bytes(" \xc2\xa0\xe3\x80\x80 ")));
    assert_true(tern_room_name_ok(text_bytes(" \xc2\xa0x ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_join_names_its_room_and_nick),
        cmocka_unit_test(each_message_stands_as_the_chapter_draws_it),
        cmocka_unit_test(every_message_parses_to_what_was_emitted),
        cmocka_unit_test(a_body_follows_publish_and_relayed_alone),
        cmocka_unit_test(the_start_of_a_long_message_is_enough),
        cmocka_unit_test(names_too_long_by_the_rules_can_still_be_read_to_be_refused),
        cmocka_unit_test(what_is_no_room_message_is_a_violation),
        cmocka_unit_test(a_sender_with_an_unknown_family_or_a_long_nick_is_a_violation),
        cmocka_unit_test(a_refusal_has_at_most_200_bytes_of_text),
        cmocka_unit_test(a_name_is_1_to_64_bytes_of_plain_text),
        cmocka_unit_test(a_name_is_not_all_white_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
