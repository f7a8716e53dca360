/* SPDX-License-Identifier: MIT */
/* What authorities say of the chain below them, beside what OpenSSL makes of the same chains
 * (fixtures/limits/make.sh and its verdicts.txt). */
#include "crypto/name_limits.h"

#include "crypto/pem.h"
#include "unit/crypto/support.h"

#define IN_2030 UINT64_C(1893456000)

typedef struct {
    char file[64], root[64], name[64], verdict[16];
} line;

typedef struct {
    uint8_t chain_room[8192], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_chain chain;
    tern_anchors anchors;
} shown;

static void read_chain(shown *s, const char *file, const char *root)
{
    char path[80];
    (void)snprintf(path, sizeof path, "%s.pem", file);
    tern_bytes text = FIXTURE(path);
    tern_buf storage = { s->chain_room, sizeof s->chain_room };
    tern_pem object;
    s->chain.n = 0;
    while (tern_pem_next(&text, &storage, &object) == TERN_PEM_OBJECT) s->chain.certificate[s->chain.n++] = object.der;
    storage = (tern_buf){ s->anchor_room, sizeof s->anchor_room };
    (void)snprintf(path, sizeof path, "%s.pem", root);
    assert_int_equal(tern_anchors_from_pem(&s->anchors, FIXTURE(path), storage), TERN_OK);
}

static tern_chain_fault judge(const shown *s, const char *name)
{
    tern_public_key key = { 0 };
    uint8_t ip[4];
    unsigned part[4];
    tern_chain_asked asked = { { TERN_NAME_DNS, { (const uint8_t *)name, strlen(name) } },
                               TERN_PURPOSE_SERVER_AUTH,
                               IN_2030 };
    if (sscanf(name, "%u.%u.%u.%u", &part[0], &part[1], &part[2], &part[3]) == 4) {
        for (int i = 0; i < 4; i++) ip[i] = (uint8_t)part[i];
        asked.name = (tern_name){ TERN_NAME_IP, { ip, sizeof ip } };
    }
    return tern_chain_verify(&s->chain, &s->anchors, &asked, &key).fault;
}

/* What we say; where OpenSSL says otherwise, that is on purpose: what is not understood is refused. */
static const struct {
    const char *file;
    tern_chain_fault due;
    bool stricter;
} dues[] = {
    { "permitted", TERN_CHAIN_GOOD, false },
    { "permitted_itself", TERN_CHAIN_GOOD, false },
    { "permitted_dot", TERN_CHAIN_GOOD, false },
    { "permitted_case", TERN_CHAIN_GOOD, false },
    { "permitted_two", TERN_CHAIN_GOOD, false },
    { "permitted_other", TERN_CHAIN_CONSTRAINED, false },
    { "permitted_part", TERN_CHAIN_CONSTRAINED, false },
    { "permitted_below", TERN_CHAIN_CONSTRAINED, false },
    { "excluded", TERN_CHAIN_CONSTRAINED, false },
    { "excluded_above", TERN_CHAIN_CONSTRAINED, false },
    { "excluded_other", TERN_CHAIN_GOOD, false },
    { "excluded_within", TERN_CHAIN_CONSTRAINED, false },
    { "other_name_too", TERN_CHAIN_CONSTRAINED, false },
    { "wildcard", TERN_CHAIN_CONSTRAINED, false },
    { "ip_permitted", TERN_CHAIN_GOOD, false },
    { "ip_permitted_other", TERN_CHAIN_CONSTRAINED, false },
    { "ip_excluded", TERN_CHAIN_CONSTRAINED, false },
    { "ip_only_for_6", TERN_CHAIN_CONSTRAINED, false },
    { "ip_of_dns", TERN_CHAIN_GOOD, false },
    { "dns_of_ip", TERN_CHAIN_GOOD, false },
    { "mail", TERN_CHAIN_CONSTRAINTS, true },
    { "critical", TERN_CHAIN_CRITICAL, true },
    { "two_levels", TERN_CHAIN_CONSTRAINED, false },
    { "by_common_name", TERN_CHAIN_CONSTRAINED, false },
    { "path_direct", TERN_CHAIN_GOOD, false },
    { "path_below", TERN_CHAIN_PATH, false },
    { "named_outside", TERN_CHAIN_CONSTRAINED, false },
    { "named_inside", TERN_CHAIN_GOOD, false },
};

/*= HS-028 HS-029 */
static void nothing_is_taken_that_openssl_refuses(void **state)
{
    tern_bytes text = FIXTURE("verdicts.txt");
    const char *at = (const char *)text.p, *end = at + text.n;
    line l;
    size_t n = 0;
    int used;
    (void)state;
    while (at < end && sscanf(at, "%63s %63s %63s %15s\n%n", l.file, l.root, l.name, l.verdict, &used) == 4) {
        shown s;
        at += used;
        assert_true(n < sizeof dues / sizeof dues[0]);
        assert_string_equal(l.file, dues[n].file);
        read_chain(&s, l.file, l.root);
        tern_chain_fault fault = judge(&s, l.name);
        if (fault != dues[n].due) fail_msg("%s: %s", l.file, tern_chain_text(fault));
        bool good = strcmp(l.verdict, "good") == 0;
        if (good != (fault == TERN_CHAIN_GOOD || dues[n].stricter)) fail_msg("%s: OpenSSL says %s", l.file, l.verdict);
        n++;
    }
    assert_int_equal(n, sizeof dues / sizeof dues[0]);
}

/* A constraint that is cut or has more in it than is known is not passed over. */
/*= HS-029 */
static void constraints_that_cannot_be_read_are_refused(void **state)
{
    static const uint8_t oid[] = { 0x06, 0x03, 0x55, 0x1d, 0x1e };
    uint8_t copy[2048];
    shown s;
    (void)state;
    read_chain(&s, "permitted", "root");
    tern_bytes middle = s.chain.certificate[1];
    const tern_name any = { TERN_NAME_ANY, { NULL, 0 } };
    assert_true(middle.n <= sizeof copy);
    assert_int_equal(tern_chain_limits(&s.chain, &s.anchors, 1, &any), TERN_CHAIN_GOOD);
    memcpy(copy, middle.p, middle.n);
    size_t at = 0;
    while (memcmp(copy + at, oid, sizeof oid) != 0) at++;
    at += sizeof oid; /* OCTET STRING, SEQUENCE, [0], SEQUENCE, [2] */
    s.chain.certificate[1] = tern_bytes_of(copy, middle.n);
    for (size_t i = 2; i <= 8; i += 2) {
        uint8_t tag = copy[at + i];
        copy[at + i] = 0x84; /* another one */
        assert_int_equal(tern_chain_limits(&s.chain, &s.anchors, 1, &any), TERN_CHAIN_CONSTRAINTS);
        copy[at + i] = tag;
    }
    copy[at + 9]--; /* shorter than what is around it */
    assert_int_equal(tern_chain_limits(&s.chain, &s.anchors, 1, &any), TERN_CHAIN_CONSTRAINTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_taken_that_openssl_refuses),
        cmocka_unit_test(constraints_that_cannot_be_read_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
