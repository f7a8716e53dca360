/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "unit/base/unit.h"

static void a_registered_error_has_its_name_and_words(void **state)
{
    (void)state;
    assert_string_equal(tern_error_name(TERN_BAD_CERTIFICATE), "BAD_CERTIFICATE");
    assert_string_equal(tern_error_text(TERN_GOING_AWAY), "the program is closing");
    assert_string_equal(tern_error_name(TERN_E_BLOCKED), "BLOCKED");
    assert_string_equal(tern_error_text(TERN_E_CLOSED), "the connection is closed");
    assert_string_equal(tern_error_name(TERN_OK), "NO_ERROR");
}

/* What a CLOSE says reaches a person in these words alone: each code has its own. */
static void every_error_has_its_own_name_and_words(void **state)
{
    (void)state;
#define TERN_X_WIRE(name, code, text) TERN_##name,
#define TERN_X_LOCAL(name, text)      TERN_E_##name,
    static const tern_error all[] = { TERN_WIRE_ERRORS(TERN_X_WIRE) TERN_LOCAL_ERRORS(TERN_X_LOCAL) };
#undef TERN_X_WIRE
#undef TERN_X_LOCAL
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_true(strlen(tern_error_text(all[i])) > 0 && strcmp(tern_error_name(all[i]), "UNKNOWN") != 0);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(all[i], all[k]);
            assert_string_not_equal(tern_error_name(all[i]), tern_error_name(all[k]));
            assert_string_not_equal(tern_error_text(all[i]), tern_error_text(all[k]));
        }
    }
}

static void an_unregistered_error_still_has_words(void **state)
{
    (void)state;
    assert_string_equal(tern_error_name((tern_error)0x7777), "UNKNOWN");
    assert_string_equal(tern_error_text((tern_error)0x7777), "an error without a registered name");
    assert_string_equal(tern_error_name(TERN_E_FIRST_LOCAL), "UNKNOWN");
}

static void every_drop_reason_has_its_own_name_and_words(void **state)
{
    (void)state;
    for (tern_drop i = 0; i < TERN_DROP_COUNT; i++) {
        assert_true(strlen(tern_drop_name(i)) > 0 && strlen(tern_drop_text(i)) > 0);
        for (tern_drop k = 0; k < i; k++) assert_string_not_equal(tern_drop_name(i), tern_drop_name(k));
    }
    assert_string_equal(tern_drop_name(TERN_DROP_CLOSED), "CLOSED");
    assert_string_equal(tern_drop_text(TERN_DROP_AEAD), "authentication failed");
    assert_string_equal(tern_drop_name(TERN_DROP_NONE), "NONE");
    assert_string_equal(tern_drop_name(TERN_DROP_COUNT), "UNKNOWN");
    assert_string_equal(tern_drop_text(TERN_DROP_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registered_error_has_its_name_and_words),
        cmocka_unit_test(every_error_has_its_own_name_and_words),
        cmocka_unit_test(an_unregistered_error_still_has_words),
        cmocka_unit_test(every_drop_reason_has_its_own_name_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
