/* SPDX-License-Identifier: MIT */
#include "relay/who.h"
#include "unit/base/unit.h"

static void a_member_is_the_same_in_every_form(void **state)
{
    tern_who who = { .id = 7, .addr = { .family = 6, .ip = { 1, 2, [15] = 3 }, .port = 99 } };
    tern_sender_info info;
    tern_member direct, by_info;
    (void)state;
    who.nick.n = TERN_LABEL_MAX;
    memset(who.nick.b, 'n', TERN_LABEL_MAX);
    memset(&direct, 0xff, sizeof direct);
    tern_who_to_info(&who, &info);
    tern_info_to_member(&info, &by_info);
    tern_who_to_member(&who, &direct);
    assert_int_equal(direct.id, 7);
    assert_int_equal(strlen(direct.nick), TERN_LABEL_MAX);
    assert_int_equal(by_info.id, direct.id);
    assert_int_equal(by_info.addr.family, 6);
    assert_int_equal(by_info.addr.port, 99);
    assert_memory_equal(by_info.addr.ip, direct.addr.ip, 16);
    assert_string_equal(by_info.nick, direct.nick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_the_same_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
