/* SPDX-License-Identifier: MIT */
#include "unit/base/unit.h"
#include "wire/room_tlv.h"

static uint8_t out[400];

static tern_bytes emit(const tern_file_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_file_msg_emit(&w, m);
    assert_true(tern_writer_ok(&w));
    return tern_written(&w);
}

static void each_file_tlv_stands_as_the_chapter_draws_it(void **state)
{
    (void)state;
    tern_bytes b = emit(&(tern_file_msg){ .type = TERN_FILE_PUT, .size = 0x0102030405, .name = text_bytes("a.txt") });
    assert_int_equal(b.n, 17);
    assert_memory_equal(b.p, "\0\x50\0\x0d\0\0\0\1\2\3\4\5a.txt", 17);
    b = emit(&(tern_file_msg){ .type = TERN_FILE_GET, .name = text_bytes("a.txt") });
    assert_int_equal(b.n, 9);
    assert_memory_equal(b.p, "\0\x51\0\5a.txt", 9);
    b = emit(&(tern_file_msg){ .type = TERN_FILE_INFO, .size = 7 });
    assert_int_equal(b.n, 12);
    assert_memory_equal(b.p, "\0\x52\0\x8\0\0\0\0\0\0\0\7", 12);
    b = emit(&(tern_file_msg){ .type = TERN_FILE_DONE, .sha256 = "0123456789abcdef0123456789abcde" });
    assert_int_equal(b.n, 36);
    assert_memory_equal(b.p,
                        "\0\x53\0\x20"
                        "0123456789abcdef0123456789abcde",
                        36);
    b = emit(&(tern_file_msg){ .type = TERN_FILE_ERROR, .code = 0x0102, .text = text_bytes("no") });
    assert_int_equal(b.n, 8);
    assert_memory_equal(b.p, "\0\x54\0\4\1\2no", 8);
}

static void a_file_tlv_waits_for_its_last_byte(void **state)
{
    (void)state;
    const tern_file_msg all[] = {
        { .type = TERN_FILE_PUT, .size = 77, .name = text_bytes("name") },
        { .type = TERN_FILE_GET, .name = text_bytes("name") },
        { .type = TERN_FILE_INFO, .size = 77 },
        { .type = TERN_FILE_DONE, .sha256 = { 1, 2, 3 } },
        { .type = TERN_FILE_ERROR, .code = 5, .text = text_bytes("text") },
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tern_file_msg m;
        tern_bytes b = emit(&all[i]);
        for (size_t n = 0; n < b.n; n++) assert_int_equal(tern_file_msg_parse(tern_bytes_of(b.p, n), &m), 0);
        out[b.n] = 0xee; /* what follows is not its own */
        assert_int_equal(tern_file_msg_parse(tern_bytes_of(b.p, b.n + 1), &m), b.n);
        assert_true(m.type == all[i].type && m.size == all[i].size && m.code == all[i].code);
        assert_true(m.name.n == all[i].name.n && m.text.n == all[i].text.n);
        assert_memory_equal(m.sha256, all[i].sha256, 32);
        if (m.name.n > 0) assert_memory_equal(m.name.p, "name", 4);
        if (m.text.n > 0) assert_memory_equal(m.text.p, "text", 4);
    }
}

static void a_malformed_file_tlv_is_known_by_its_header(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        size_t least, most;
    } bounds[] = {
        { TERN_FILE_PUT, 8, 208 },  { TERN_FILE_GET, 0, 200 },   { TERN_FILE_INFO, 8, 8 },
        { TERN_FILE_DONE, 32, 32 }, { TERN_FILE_ERROR, 2, 202 },
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        for (size_t n = 0; n < 300; n++) {
            uint8_t header[4] = { 0, (uint8_t)bounds[i].type, (uint8_t)(n >> 8), (uint8_t)n };
            tern_file_msg m;
            bool fits = n >= bounds[i].least && n <= bounds[i].most;
            assert_int_equal(tern_file_msg_parse(tern_bytes_of(header, 4), &m), !fits ? SIZE_MAX : n == 0 ? 4 : 0);
        }
    }
}

static void an_unknown_file_tlv_is_malformed(void **state)
{
    (void)state;
    tern_file_msg m;
    assert_int_equal(tern_file_msg_parse(tern_bytes_of("\0\x55\0\0", 4), &m), SIZE_MAX);
    assert_int_equal(tern_file_msg_parse(tern_bytes_of("\x80\x51\0\0", 4), &m), SIZE_MAX);
    assert_int_equal(tern_file_msg_parse(tern_bytes_of("\0\x41\0\0", 4), &m), SIZE_MAX);
}

static void the_longest_file_tlv_is_as_long_as_is_said(void **state)
{
    (void)state;
    static uint8_t name[TERN_FILE_NAME_MAX];
    tern_file_msg put = { .type = TERN_FILE_PUT, .name = tern_bytes_of(name, sizeof name) };
    assert_int_equal(emit(&put).n, TERN_FILE_MSG_MAX);
}

static void a_plain_file_name_is_taken(void **state)
{
    (void)state;
    static uint8_t name[201];
    memset(name, 'x', sizeof name);
    assert_true(tern_file_name_ok(text_bytes("x")));
    assert_true(tern_file_name_ok(text_bytes("report.pdf")));
    assert_true(tern_file_name_ok(text_bytes("na\xc3\xafve plan (2).txt")));
    assert_true(tern_file_name_ok(text_bytes("a..b")));
    assert_true(tern_file_name_ok(tern_bytes_of(name, 200)));
    assert_false(tern_file_name_ok(tern_bytes_of(name, 201)));
}

static void a_file_name_that_could_reach_elsewhere_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",     ".",    "..",    ".hidden",   "../x",  "a/b",      "/etc/passwd",
        "a\\b", "a\nb", "a\x7f", "a\xc2\x9b", "a\xff", "\xc0\xaf",
    };
    /*= ROOM-020 */
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(tern_file_name_ok(text_bytes(refused[i])));
    assert_false(tern_file_name_ok(tern_bytes_of("a\0b", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_tlv_stands_as_the_chapter_draws_it),
        cmocka_unit_test(a_file_tlv_waits_for_its_last_byte),
        cmocka_unit_test(a_malformed_file_tlv_is_known_by_its_header),
        cmocka_unit_test(an_unknown_file_tlv_is_malformed),
        cmocka_unit_test(the_longest_file_tlv_is_as_long_as_is_said),
        cmocka_unit_test(a_plain_file_name_is_taken),
        cmocka_unit_test(a_file_name_that_could_reach_elsewhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
