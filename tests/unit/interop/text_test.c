/* SPDX-License-Identifier: MIT */
/* What others sent is shown without doing anything to a terminal; sizes and times in units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "posix/text.h"

static void expect_escaped(const char *in, size_t n, const char *wanted)
{
    char *out = malloc(TERN_ESCAPED_SIZE(n));
    size_t length = tern_escape(tern_bytes_of(in, n), out);
    assert_string_equal(out, wanted);
    assert_int_equal(length, strlen(wanted));
    free(out);
}

#define ESCAPED(in, wanted) expect_escaped(in, sizeof(in) - 1, wanted)

/*= ROOM-009 WIRE-025 */
static void control_characters_are_written_out(void **state)
{
    (void)state;
    ESCAPED("", "");
    ESCAPED("plain text, \\ and ~", "plain text, \\ and ~");
    ESCAPED("\n\r\t", "\\n\\r\\t");
    ESCAPED("a\0b\x01\x1b\x7f", "a\\x00b\\x01\\x1b\\x7f");
    ESCAPED("\xc2\x80 \xc2\x9f \xc2\xa0", "\\u0080 \\u009f \xc2\xa0");
}

static void other_scripts_are_shown_as_they_are(void **state)
{
    (void)state;
    ESCAPED("caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x90\xa6", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x90\xa6");
}

static void what_turns_the_direction_of_writing_is_written_out(void **state)
{
    (void)state;
    ESCAPED("\xe2\x80\xae", "\\u202e");
    ESCAPED("\xe2\x81\xa6\xe2\x80\xa8\xe2\x80\x8f\xd8\x9c", "\\u2066\\u2028\\u200f\\u061c");
}

static void bytes_that_are_no_utf8_are_written_out(void **state)
{
    (void)state;
    ESCAPED("\x80\xff\xc3", "\\x80\\xff\\xc3");
    ESCAPED("\xc0\xaf", "\\xc0\\xaf");                   /* an overlong slash */
    ESCAPED("\xe0\x80\x9b", "\\xe0\\x80\\x9b");          /* an overlong escape */
    ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
    ESCAPED("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    ESCAPED("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80");
    ESCAPED("\xe2\x82", "\\xe2\\x82"); /* cut short */
    ESCAPED("\xe2\x82\xc3\xa9", "\\xe2\\x82\xc3\xa9");
}

static void escaping_never_needs_more_than_it_says(void **state)
{
    (void)state;
    uint8_t in[3];
    char out[TERN_ESCAPED_SIZE(sizeof in)];
    for (uint32_t i = 0; i < 1u << 24; i += 7) {
        in[0] = (uint8_t)(i >> 16);
        in[1] = (uint8_t)(i >> 8);
        in[2] = (uint8_t)i;
        size_t n = tern_escape(tern_bytes_of(in, sizeof in), out);
        assert_true(n < sizeof out && out[n] == '\0');
        for (size_t k = 0; k < n; k++) assert_true((uint8_t)out[k] >= 0x20 && out[k] != 0x7f);
    }
}

/*= ROOM-009 */
static void no_nickname_looks_like_a_message_or_a_presence_line(void **state)
{
    (void)state;
    char out[TERN_ESCAPED_SIZE(TERN_NICK_SIZE)];
    static const char *const cases[][2] = {
        { "ada", "ada" },
        { "ada> hi", "ada\\x3e hi" },
        { "* eve", "\\x2a eve" },
        { "a*b", "a*b" },
        { ">", "\\x3e" },
        { ">>", "\\x3e\\x3e" },
        { "*", "\\x2a" },
        { "\x1b>", "\\x1b\\x3e" },
        { "\xc3\xa9>*", "\xc3\xa9\\x3e*" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(tern_escape_nick(cases[i][0], out), strlen(cases[i][1]));
        assert_string_equal(out, cases[i][1]);
    }
}

static void sizes_have_units(void **state)
{
    (void)state;
    assert_string_equal(tern_words_size(0).text, "0 B");
    assert_string_equal(tern_words_size(1023).text, "1023 B");
    assert_string_equal(tern_words_size(1024).text, "1.0 KiB");
    assert_string_equal(tern_words_size(1536).text, "1.5 KiB");
    assert_string_equal(tern_words_size(1048575).text, "1.0 MiB");
    assert_string_equal(tern_words_size(67108864).text, "64.0 MiB");
    assert_string_equal(tern_words_size(UINT64_MAX).text, "16.0 EiB");
    assert_string_equal(tern_words_rate(1048576, TERN_SECOND / 2).text, "2.0 MiB/s");
    assert_string_equal(tern_words_rate(1, 0).text, "-");
}

static void times_have_units(void **state)
{
    (void)state;
    assert_string_equal(tern_words_time(0).text, "0 ns");
    assert_string_equal(tern_words_time(12345).text, "12.3 us");
    assert_string_equal(tern_words_time(1250000).text, "1.25 ms");
    assert_string_equal(tern_words_time(3400 * TERN_MS).text, "3.40 s");
    assert_string_equal(tern_words_time(125 * TERN_SECOND).text, "2 min 5 s");
    assert_string_equal(tern_words_time(59999 * TERN_MS).text, "1 min 0 s");
    assert_string_equal(tern_words_time(3780 * TERN_SECOND).text, "1 h 3 min");
}

static void fingerprints_are_read_as_they_are_written(void **state)
{
    (void)state;
    uint8_t in[TERN_FINGERPRINT_SIZE], out[TERN_FINGERPRINT_SIZE];
    for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 9);
    tern_fingerprint_text text = tern_fingerprint_format(in);
    assert_int_equal(strlen(text.text), 7 + 64);
    assert_true(tern_fingerprint_parse(text.text, out));
    assert_memory_equal(in, out, sizeof in);
    assert_true(tern_fingerprint_parse(text.text + 7, out));
    assert_false(tern_fingerprint_parse(text.text + 8, out));
    text.text[20] = 'g';
    assert_false(tern_fingerprint_parse(text.text, out));
    assert_false(tern_fingerprint_parse("", out));
    assert_string_equal(tern_words_suite(0x1302).text, "AES-256-GCM");
    assert_string_equal(tern_words_suite(0x1234).text, "suite 0x1234");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_are_written_out),
        cmocka_unit_test(other_scripts_are_shown_as_they_are),
        cmocka_unit_test(what_turns_the_direction_of_writing_is_written_out),
        cmocka_unit_test(bytes_that_are_no_utf8_are_written_out),
        cmocka_unit_test(escaping_never_needs_more_than_it_says),
        cmocka_unit_test(no_nickname_looks_like_a_message_or_a_presence_line),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(times_have_units),
        cmocka_unit_test(fingerprints_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
