/* SPDX-License-Identifier: MIT */
#include "script/fmt.h"
#include "unit/netsim/unit.h"

#include <stdlib.h>

static void assert_form(const char *text, const char *want)
{
    size_t n, again_n;
    char *form = sim_format(tern_bytes_of(text, strlen(text)), &n);
    if (n != strlen(want) || memcmp(form, want, n) != 0) fail_msg("%s becomes\n%.*s", text, (int)n, form);
    char *again = sim_format(tern_bytes_of(form, n), &again_n);
    assert_int_equal(again_n, n);
    assert_memory_equal(again, form, n);
    free(form);
    free(again);
}

/*= SIM-017 */
static void blanks_change_and_nothing_else(void **state)
{
    (void)state;
    assert_form("  node   r\trelay \r\n", "node r relay\n");
    assert_form("node r relay", "node r relay\n");
    assert_form("\n\n  # one \t\n\n\n\n#two\nnode r relay# three # four  \n\n",
                "# one\n\n#two\nnode r relay# three  # four\n");
    assert_form("node r relay # three\t # four  \n", "node r relay  # three\t # four\n");
    assert_form("at 1s say a \"two  \\\" # blanks\"   times 3 every 1s\n",
                "at 1s say a \"two  \\\" # blanks\" times 3 every 1s\n");
    assert_form("", "");
    assert_form(" \n\t\n", "");
}

/*= SIM-017 */
static void times_that_stand_together_share_a_column(void **state)
{
    (void)state;
    assert_form(
        "at 1s leave a\nat 100ms leave b\nat 1s..20s leave c\n\nat 5s leave a\n# x\nat 10s leave b\nat 5s leave c\n",
        "at 1s      leave a\nat 100ms   leave b\nat 1s..20s leave c\n\nat 5s leave a\n# x\nat 10s leave b\n"
        "at 5s  leave c\n");
    assert_form("at 100ms..2000ms leave a\nat 10s leave b\nat 5s leave c\n",
                "at 100ms..2000ms leave a\nat 10s leave b\nat 5s  leave c\n");
}

/* Nothing is made longer than the language allows. */
static void what_has_no_room_for_blanks_gets_none(void **state)
{
    (void)state;
    static char text[SIM_LINE_MAX + 64], want[SIM_LINE_MAX + 64];
    memset(text, 'x', SIM_LINE_MAX);
    memcpy(text, "at 1s leave a #", 15);
    memcpy(text + SIM_LINE_MAX, "\nat 10s leave b", 16);
    memcpy(want, text, SIM_LINE_MAX + 15);
    want[SIM_LINE_MAX + 15] = '\n';
    assert_form(text, want);
    static char file[SIM_FILE_MAX];
    for (size_t i = 0; i + 16 <= sizeof file; i += 16)
        memcpy(file + i, i % 32 == 0 ? "at 1s leave abc\n" : "at 1.0s leave a\n", 16);
    size_t n;
    char *form = sim_format(tern_bytes_of(file, sizeof file), &n);
    assert_int_equal(n, sizeof file);
    assert_memory_equal(form, file, n);
    free(form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_change_and_nothing_else),
        cmocka_unit_test(times_that_stand_together_share_a_column),
        cmocka_unit_test(what_has_no_room_for_blanks_gets_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
