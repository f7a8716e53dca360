/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"
#include "unit/base/unit.h"

static uint32_t only_character(const char *text)
{
    tern_reader r = tern_reader_of(text_bytes(text));
    uint32_t c = tern_utf8_next(&r);
    return tern_reader_done(&r) ? c : UINT32_MAX;
}

static void characters_of_each_length_are_read(void **state)
{
    (void)state;
    assert_int_equal(only_character("A"), 'A');
    assert_int_equal(only_character("\xc2\x80"), 0x80);
    assert_int_equal(only_character("\xdf\xbf"), 0x7ff);
    assert_int_equal(only_character("\xe0\xa0\x80"), 0x800);
    assert_int_equal(only_character("\xe2\x82\xac"), 0x20ac);
    assert_int_equal(only_character("\xed\x9f\xbf"), 0xd7ff);
    assert_int_equal(only_character("\xee\x80\x80"), 0xe000);
    assert_int_equal(only_character("\xef\xbf\xbf"), 0xffff);
    assert_int_equal(only_character("\xf0\x90\x80\x80"), 0x10000);
    assert_int_equal(only_character("\xf4\x8f\xbf\xbf"), 0x10ffff);
}

static void what_is_not_utf8_fails_the_reader(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
        "\xff",         "\xc2",         "\xe2\x82",         "\xf0\x90\x80",     "\xc2\x41",
        "\xe2\x82\x41", "\xc2\xc2",     "\xbf\xbf",         "\xf9\x80\x80\x80", "\xff\xbf\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        tern_reader r = tern_reader_of(text_bytes(broken[i]));
        assert_int_equal(tern_utf8_next(&r), 0);
        assert_false(tern_reader_ok(&r));
        assert_false(tern_utf8_is_plain(text_bytes(broken[i])));
    }
}

static void plain_text_has_no_control_character_of_any_kind(void **state)
{
    (void)state;
    assert_true(tern_utf8_is_plain(text_bytes("")));
    assert_true(tern_utf8_is_plain(text_bytes("Zo\xc3\xab \xe2\x98\x95 ~")));
    assert_true(tern_utf8_is_plain(text_bytes("\xc2\xa0")));
    assert_false(tern_utf8_is_plain(text_bytes("a\nb")));
    assert_false(tern_utf8_is_plain(text_bytes("a\x1b[2J")));
    assert_false(tern_utf8_is_plain(text_bytes("a\x7f")));
    assert_false(tern_utf8_is_plain(text_bytes("a\xc2\x9b")));
    assert_false(tern_utf8_is_plain(tern_bytes_of("a\0b", 3)));
}

static void white_space_is_more_than_the_space_bar(void **state)
{
    (void)state;
    static const uint32_t white[] = { 0x09,   0x0d,   0x20,   0x85,   0xa0,   0x1680, 0x2000,
                                      0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 };
    static const uint32_t black[] = { 0x08, 0x0e, 0x21, 0x200b, 0x1fff, 0x2030, 'x' };
    for (size_t i = 0; i < sizeof white / sizeof white[0]; i++) assert_true(tern_utf8_is_white_space(white[i]));
    for (size_t i = 0; i < sizeof black / sizeof black[0]; i++) assert_false(tern_utf8_is_white_space(black[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_of_each_length_are_read),
        cmocka_unit_test(what_is_not_utf8_fails_the_reader),
        cmocka_unit_test(plain_text_has_no_control_character_of_any_kind),
        cmocka_unit_test(white_space_is_more_than_the_space_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
