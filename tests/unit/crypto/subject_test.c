/* SPDX-License-Identifier: MIT */
/* Whom a certificate names: in its order, with what is punctuation made plain, and never more than there is room for.
 */
#include "crypto/subject.h"

#include "crypto/pem.h"
#include "unit/crypto/support.h"

/* One element around bytes, which may be where it is written to. */
static size_t wrap(uint8_t tag, const uint8_t *value, size_t n, uint8_t *out)
{
    memmove(out + 4, value, n);
    out[0] = tag;
    out[1] = 0x82;
    out[2] = (uint8_t)(n >> 8);
    out[3] = (uint8_t)n;
    if (n >= 256) return n + 4;
    size_t head = n < 128 ? 2 : 3;
    out[1] = 0x81;
    out[head - 1] = (uint8_t)n;
    memmove(out + head, out + 4, n);
    return n + head;
}

/* The shape of a certificate with these attributes of 2.5.4, one number and one text after the other. */
static size_t certificate(const char *const *texts, const uint8_t *numbers, size_t n, uint8_t out[2048])
{
    static const uint8_t before[] = "\x02\x01\x07\x30\x03\x06\x01\x2a\x30\x00\x30\x1e"
                                    "\x17\x0d"
                                    "260101000000Z"
                                    "\x17\x0d"
                                    "270101000000Z";
    static const uint8_t after[] = "\x30\x03\x06\x01\x2a\x03\x02\x00\xff"; /* algorithm and signature */
    uint8_t name[1024], one[512];
    size_t name_n = 0, at = sizeof before - 1;
    for (size_t i = 0; i < n; i++) {
        memcpy(one, (const uint8_t[]){ 0x06, 0x03, 0x55, 0x04, numbers[i] }, 5);
        size_t one_n = 5 + wrap(0x0c, (const uint8_t *)texts[i], strlen(texts[i]), one + 5);
        one_n = wrap(0x30, one, one_n, one);
        name_n += wrap(0x31, one, one_n, name + name_n);
    }
    memcpy(out, before, at);
    at += wrap(0x30, name, name_n, out + at);
    memcpy(out + at, (const uint8_t[]){ 0x30, 0x00 }, 2); /* the key */
    at = wrap(0x30, out, at + 2, out);
    memcpy(out + at, after, sizeof after - 1);
    return wrap(0x30, out, at + sizeof after - 1, out);
}

static void assert_names(const char *const *texts, const uint8_t *numbers, size_t n, const char *due)
{
    uint8_t der[2048];
    char text[TERN_SUBJECT_TEXT_SIZE];
    size_t size = certificate(texts, numbers, n, der);
    uint8_t *exact = exact_copy(der, size);
    tern_subject_text(tern_bytes_of(exact, size), text);
    assert_string_equal(text, due);
    free(exact);
}

static void attributes_stand_in_their_order(void **state)
{
    (void)state;
    assert_names((const char *const[]){ "SE", "Club", "ada" }, (const uint8_t[]){ 6, 10, 3 }, 3, "C=SE,O=Club,CN=ada");
    assert_names((const char *const[]){ "x", "ada", "y" }, (const uint8_t[]){ 5, 3, 99 }, 3, "CN=ada");
    assert_names(NULL, NULL, 0, "");
}

static void nobody_writes_an_attribute_into_another(void **state)
{
    (void)state;
    assert_names((const char *const[]){ "ada,O=Admins" }, (const uint8_t[]){ 3 }, 1, "CN=ada\\,O\\=Admins");
    assert_names((const char *const[]){ "a+b\"\\<>;" }, (const uint8_t[]){ 3 }, 1, "CN=a\\+b\\\"\\\\\\<\\>\\;");
}

static void what_is_long_is_cut(void **state)
{
    (void)state;
    char name[200], due[TERN_SUBJECT_TEXT_SIZE];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(due, "CN=", 3);
    memset(due + 3, 'n', sizeof due - 4);
    due[sizeof due - 1] = '\0';
    assert_names((const char *const[]){ name, "more" }, (const uint8_t[]){ 3, 10 }, 2, due);
}

static void what_openssl_wrote_is_read_and_what_cannot_be_read_names_nobody(void **state)
{
    (void)state;
    uint8_t room[2048];
    char text[TERN_SUBJECT_TEXT_SIZE];
    tern_bytes pem = FIXTURE("leaf.pem");
    tern_buf storage = { room, sizeof room };
    tern_pem object;
    assert_int_equal(tern_pem_next(&pem, &storage, &object), TERN_PEM_OBJECT);
    tern_subject_text(object.der, text);
    assert_string_equal(text, "CN=relay.example");
    for (size_t n = 0; n < object.der.n; n++) {
        uint8_t *exact = exact_copy(object.der.p, n);
        tern_subject_text(tern_bytes_of(exact, n), text);
        assert_string_equal(text, "");
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_stand_in_their_order),
        cmocka_unit_test(nobody_writes_an_attribute_into_another),
        cmocka_unit_test(what_is_long_is_cut),
        cmocka_unit_test(what_openssl_wrote_is_read_and_what_cannot_be_read_names_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
