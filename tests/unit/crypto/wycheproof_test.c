/* SPDX-License-Identifier: MIT */
/* Project Wycheproof's vectors against ref/crypto. They are not part of the project: the folder that holds wycheproof/
 * is named by the environment variable TERN_VECTORS, else it is ../shared/vectors beside the project. A file that is
 * not there is a skipped test, by name. */
#include <jansson.h>

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/p256.h"
#include "crypto/sha256.h"
#include "crypto/x25519.h"
#include "unit/crypto/support.h"

#define BYTES_MAX 65536

/* A decoded field, on the heap and exactly as long as it is. */
typedef struct {
    uint8_t *p;
    size_t n;
} field;

static field field_of(json_t *object, const char *name)
{
    const char *hex = json_string_value(json_object_get(object, name));
    assert_non_null(hex);
    size_t n = strlen(hex) / 2;
    assert_true(n < BYTES_MAX);
    field f = { malloc(n > 0 ? n : 1), n };
    assert_non_null(f.p);
    unhex(hex, f.p, n);
    return f;
}

static tern_bytes view(field f)
{
    return tern_bytes_of(f.p, f.n);
}

/* Judges one test of a group: whether ref/crypto takes it. *skip: it is of a kind that is not ours. */
typedef bool judge(json_t *group, json_t *test, bool *skip);

static bool has_flag(json_t *test, const char *flag)
{
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(test, "flags"), i, value)
    {
        if (strcmp(json_string_value(value), flag) == 0) return true;
    }
    return false;
}

static json_t *load(const char *name)
{
    char path[1024];
    const char *root = getenv("TERN_VECTORS");
    json_error_t error;
    snprintf(path, sizeof path, "%s/wycheproof/%s", root != NULL ? root : TERN_VECTORS_DEFAULT, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        printf("skipped: %s is not there (set TERN_VECTORS to the folder that holds wycheproof/)\n", path);
        skip();
    }
    json_t *root_object = json_loadf(f, 0, &error);
    fclose(f);
    if (root_object == NULL) fail_msg("%s: line %d: %s", path, error.line, error.text);
    return root_object;
}

/* Runs a file. 'acceptable' may be taken or not; at least `least` tests must have been run. */
static void run(const char *name, judge *takes, size_t least)
{
    json_t *file = load(name), *group, *test;
    size_t i, j, ran = 0, wrong = 0;
    json_array_foreach(json_object_get(file, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            bool other_kind = false;
            bool taken = takes(group, test, &other_kind);
            const char *result = json_string_value(json_object_get(test, "result"));
            if (other_kind) continue;
            ran++;
            if (strcmp(result, "acceptable") == 0 || taken == (strcmp(result, "valid") == 0)) continue;
            wrong++;
            printf("%s test %d (%s) is %s, but was %s\n", name, (int)json_integer_value(json_object_get(test, "tcId")),
                   json_string_value(json_object_get(test, "comment")), result, taken ? "taken" : "refused");
        }
    }
    json_decref(file);
    printf("%s: %zu tests\n", name, ran);
    assert_int_equal(wrong, 0);
    assert_true(ran >= least);
}

/* Opens, and for a valid test seals too; the nonce is iv XOR 0. */
static bool aead(tern_suite suite, json_t *test)
{
    field key = field_of(test, "key"), iv = field_of(test, "iv"), aad = field_of(test, "aad");
    field msg = field_of(test, "msg"), ct = field_of(test, "ct"), tag = field_of(test, "tag");
    bool opened = false;
    if (key.n == TERN_AEAD_KEY_SIZE && iv.n == TERN_AEAD_IV_SIZE && tag.n == TERN_AEAD_TAG_SIZE) {
        tern_aead a;
        uint8_t made[TERN_AEAD_TAG_SIZE];
        tern_aead_init(&a, suite, key.p, iv.p);
        tern_aead_seal(&a, 0, view(aad), msg.p, msg.n, made);
        bool same = msg.n == ct.n && memcmp(msg.p, ct.p, ct.n) == 0 && memcmp(made, tag.p, sizeof made) == 0;
        opened = tern_aead_open(&a, 0, view(aad), ct.p, ct.n, tag.p);
        assert_int_equal(same, opened);
        tern_aead_seal(&a, 0, view(aad), ct.p, ct.n, made);
        if (opened) assert_memory_equal(made, tag.p, sizeof made);
    }
    free(key.p), free(iv.p), free(aad.p), free(msg.p), free(ct.p), free(tag.p);
    return opened;
}

static bool takes_aes_gcm(json_t *group, json_t *test, bool *skip)
{
    json_int_t key_bits = json_integer_value(json_object_get(group, "keySize"));
    *skip = key_bits != 256 || json_integer_value(json_object_get(group, "ivSize")) != 96;
    return !*skip && aead(TERN_SUITE_AES_256_GCM, test);
}

static bool takes_chacha20_poly1305(json_t *group, json_t *test, bool *skip)
{
    (void)group, (void)skip; /* other sizes of iv are invalid in this file: to be refused, which is so by type */
    return aead(TERN_SUITE_CHACHA20_POLY1305, test);
}

static bool takes_hkdf(json_t *group, json_t *test, bool *skip)
{
    (void)group, (void)skip;
    field ikm = field_of(test, "ikm"), salt = field_of(test, "salt"), info = field_of(test, "info");
    field okm = field_of(test, "okm");
    size_t size = (size_t)json_integer_value(json_object_get(test, "size"));
    static uint8_t out[TERN_HKDF_MAX];
    uint8_t prk[TERN_SECRET_SIZE];
    bool right = size <= TERN_HKDF_MAX; /* more is the programmer's error, asserted */
    if (right) {
        tern_hkdf_extract(view(salt), view(ikm), prk);
        tern_hkdf_expand(tern_bytes_of(prk, sizeof prk), view(info), (tern_buf){ out, size });
        right = okm.n == size && memcmp(out, okm.p, size) == 0;
    }
    free(ikm.p), free(salt.p), free(info.p), free(okm.p);
    return right;
}

static bool takes_hmac(json_t *group, json_t *test, bool *skip)
{
    (void)group, (void)skip;
    field key = field_of(test, "key"), msg = field_of(test, "msg"), tag = field_of(test, "tag");
    uint8_t out[TERN_SHA256_SIZE];
    tern_bytes part = view(msg);
    tern_hmac_sha256(view(key), &part, 1, out);
    bool right = tag.n <= sizeof out && memcmp(out, tag.p, tag.n) == 0; /* some groups cut the tag */
    free(key.p), free(msg.p), free(tag.p);
    return right;
}

static bool takes_ecdsa(json_t *group, json_t *test, bool *skip)
{
    (void)skip;
    field key = field_of(json_object_get(group, "publicKey"), "uncompressed");
    field msg = field_of(test, "msg"), sig = field_of(test, "sig");
    assert_int_equal(key.n, TERN_P256_PUBLIC_SIZE);
    bool good = tern_p256_verify(key.p, view(msg), view(sig));
    free(key.p), free(msg.p), free(sig.p);
    return good;
}

static bool takes_x25519(json_t *group, json_t *test, bool *skip)
{
    (void)group, (void)skip;
    field private_key = field_of(test, "private"), share = field_of(test, "public"), shared = field_of(test, "shared");
    bool zero = has_flag(test, "ZeroSharedSecret"), taken = false;
    uint8_t out[TERN_X25519_SIZE];
    if (private_key.n == TERN_X25519_SIZE && share.n == TERN_X25519_SIZE) {
        taken = tern_x25519_shared(private_key.p, share.p, out);
        assert_int_equal(taken, !zero);
        assert_memory_equal(out, shared.p, sizeof out);
    }
    free(private_key.p), free(share.p), free(shared.p);
    return taken;
}

static void aes_256_gcm(void **state)
{
    (void)state;
    run("aes_gcm_test.json", takes_aes_gcm, 60);
}

static void chacha20_poly1305(void **state)
{
    (void)state;
    run("chacha20_poly1305_test.json", takes_chacha20_poly1305, 300);
}

static void hkdf_sha256(void **state)
{
    (void)state;
    run("hkdf_sha256_test.json", takes_hkdf, 80);
}

static void hmac_sha256(void **state)
{
    (void)state;
    run("hmac_sha256_test.json", takes_hmac, 150);
}

static void ecdsa_p256_sha256(void **state)
{
    (void)state;
    run("ecdsa_secp256r1_sha256_test.json", takes_ecdsa, 450);
}

static void x25519(void **state)
{
    (void)state;
    run("x25519_test.json", takes_x25519, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aes_256_gcm), cmocka_unit_test(chacha20_poly1305), cmocka_unit_test(hkdf_sha256),
        cmocka_unit_test(hmac_sha256), cmocka_unit_test(ecdsa_p256_sha256), cmocka_unit_test(x25519),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
