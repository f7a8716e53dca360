/* SPDX-License-Identifier: MIT */
/* HOST:PORT as people write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "posix/address.h"

static void hosts_and_ports_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out, *host;
        uint16_t port;
        bool literal;
    } cases[] = {
        { "relay.example:99", "relay.example:99", "relay.example", 99, false },
        { "relay.example", "relay.example:8376", "relay.example", 8376, false },
        { "Relay.Example:1", "relay.example:1", "relay.example", 1, false },
        { "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1", 0, true },
        { "127.0.0.1", "127.0.0.1:8376", "127.0.0.1", 8376, true },
        { "[::1]:65535", "[::1]:65535", "::1", 65535, true },
        { "[::1]", "[::1]:8376", "::1", 8376, true },
        { "::1", "[::1]:8376", "::1", 8376, true },
        { "2001:DB8::7", "[2001:DB8::7]:8376", "2001:DB8::7", 8376, true },
        { "[fe80::1%lo]:5", "[fe80::1%lo]:5", "fe80::1%lo", 5, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tern_hostport hp;
        tern_why why = { "" };
        if (!tern_hostport_parse(cases[i].in, &hp, &why)) fail_msg("%s: %s", cases[i].in, why.text);
        assert_string_equal(hp.host, cases[i].host);
        assert_int_equal(hp.port, cases[i].port);
        assert_int_equal(hp.literal, cases[i].literal);
        assert_string_equal(tern_hostport_format(&hp).text, cases[i].out);
    }
}

static void what_is_no_address_is_refused_with_a_sentence(void **state)
{
    (void)state;
    static const char *const cases[] = { "",         ":1",   "h:",     "h:x",     "h:65536",     "h:-1", "h: 1",
                                         "h:000001", "[::1", "[::1]x", "[::1]:",  "[h]:1",       "[]:1", "::1:x",
                                         "1:2:3",    "a b",  "a/b:1",  "h\x1b:1", "host\xc3\xa9" };
    char longest[400];
    tern_hostport hp;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tern_why why = { "" };
        if (tern_hostport_parse(cases[i], &hp, &why)) fail_msg("'%s' was taken", cases[i]);
        assert_true(strlen(why.text) > 10);
    }
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    tern_why why;
    assert_false(tern_hostport_parse(longest, &hp, &why));
}

static void addresses_go_to_the_kernel_and_back(void **state)
{
    (void)state;
    static const char *const cases[] = { "192.0.2.1:8376", "[2001:db8::1]:1", "0.0.0.0:0" };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tern_hostport hp;
        tern_addr addr;
        tern_why why;
        size_t n;
        struct sockaddr_storage sa;
        assert_true(tern_hostport_parse(cases[i], &hp, &why) && tern_hostport_resolve(&hp, &addr, 1, &n, &why));
        assert_true(tern_addr_to_sockaddr(&addr, &sa) > 0);
        tern_addr back = tern_addr_from_sockaddr(&sa);
        assert_memory_equal(back.ip, addr.ip, sizeof addr.ip);
        assert_int_equal(back.port, addr.port);
        assert_string_equal(tern_addr_format(&back).text, cases[i]);
        assert_int_equal(tern_addr_is_any(&back), i == 2);
    }
    struct sockaddr_storage unix_path = { .ss_family = AF_UNIX };
    assert_int_equal(tern_addr_from_sockaddr(&unix_path).family, 0);
}

static void a_name_gives_each_address_once(void **state)
{
    (void)state;
    tern_hostport hp;
    tern_addr addrs[8];
    tern_why why;
    size_t n = 0;
    assert_true(tern_hostport_parse("localhost:7", &hp, &why) && tern_hostport_resolve(&hp, addrs, 8, &n, &why));
    assert_in_range(n, 1, 8);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(addrs[i].port, 7);
        for (size_t j = 0; j < i; j++) assert_false(tern_addr_same_ip(&addrs[i], &addrs[j]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_and_ports_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused_with_a_sentence),
        cmocka_unit_test(addresses_go_to_the_kernel_and_back),
        cmocka_unit_test(a_name_gives_each_address_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
