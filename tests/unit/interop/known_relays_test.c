/* SPDX-License-Identifier: MIT */
/* The file of relays met before: found, added, and never guessed at. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/known_relays.h"
#include "posix/files.h"
#include "posix/text.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static bool find(const char *text, size_t n, const char *relay, tern_known_relay *out, tern_why *why)
{
    return tern_known_relays_find(tern_bytes_of(text, n), "F", relay, out, why);
}

static void relays_are_found_by_their_whole_name(void **state)
{
    (void)state;
    static const char text[] = "# mine\n\nh:1 SHA256:" A "\n  h:11\t" B "\r\nh:1 " B "\n[::1]:1 " B;
    tern_known_relay known;
    tern_why why;
    assert_true(find(text, sizeof text - 1, "h:1", &known, &why));
    assert_true(known.found && known.line == 3 && known.fingerprint[0] == 0xaa);
    assert_true(find(text, sizeof text - 1, "h:11", &known, &why));
    assert_true(known.found && known.line == 4 && known.fingerprint[31] == 0xbb);
    assert_true(find(text, sizeof text - 1, "[::1]:1", &known, &why));
    assert_true(known.found && known.line == 6);
    assert_true(find(text, sizeof text - 1, "h:111", &known, &why));
    assert_false(known.found);
    assert_true(find("", 0, "h:1", &known, &why));
    assert_false(known.found);
}

/*= HS-024 */
static void a_line_that_cannot_be_read_is_an_error_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "h:1\n", "h:1 SHA256:" A "a\n", "h:1 MD5:" A "\n", "h:1 " A " more\n", "h:1 SHA256: " A, "x", "\x01 " A " h\n"
    };
    tern_known_relay known;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[400];
        tern_why why = { "" };
        int n = snprintf(text, sizeof text, "h:1 %s\n%s", A, bad[i]);
        if (find(text, (size_t)n, "h:1", &known, &why)) fail_msg("taken: %s", bad[i]);
        assert_non_null(strstr(why.text, "F:2"));
    }
    tern_why why;
    assert_false(find("h:1 " A "\0\n", 70, "h:1", &known, &why));
    char *longest = malloc(2000);
    memset(longest, 'x', 2000);
    assert_false(find(longest, 2000, "h:1", &known, &why));
    free(longest);
}

static void what_is_added_is_found_and_adding_it_again_adds_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/tern-known-XXXXXX", path[64];
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE] = { 1, 2, 3 }, other[TERN_FINGERPRINT_SIZE] = { 9 };
    tern_known_relay known;
    tern_why why = { "" };
    tern_buf text;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/known", folder);
    assert_true(tern_known_relays_look_up(path, "h:1", &known, &why) && !known.found);
    assert_true(tern_file_write(path, tern_bytes_of("# no end of line", 16), 0600, false, &why));
    assert_true(tern_known_relays_add(path, "h:1", fingerprint, &why));
    assert_true(tern_known_relays_add(path, "h:2", other, &why));
    assert_true(tern_known_relays_add(path, "h:1", fingerprint, &why));
    assert_false(tern_known_relays_add(path, "h:1", other, &why));
    assert_non_null(strstr(why.text, "known:2"));
    assert_true(tern_known_relays_look_up(path, "h:1", &known, &why) && known.found && known.line == 2);
    assert_memory_equal(known.fingerprint, fingerprint, sizeof fingerprint);
    assert_true(tern_file_read(path, 1000, &text, NULL, &why));
    assert_int_equal(text.n, 17 + 2 * (4 + 7 + 64 + 1));
    free(text.p);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relays_are_found_by_their_whole_name),
        cmocka_unit_test(a_line_that_cannot_be_read_is_an_error_wherever_it_stands),
        cmocka_unit_test(what_is_added_is_found_and_adding_it_again_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
