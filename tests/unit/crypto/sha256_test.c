/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4 examples) and HMAC (RFC 4231). */
#include "crypto/sha256.h"

#include "unit/crypto/support.h"

static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void known_hashes(void **state)
{
    (void)state;
    uint8_t out[32];
    tern_sha256_of(LITERAL("abc"), out);
    assert_hex(out, sizeof out, abc);
    tern_sha256_of((tern_bytes){ 0 }, out);
    assert_hex(out, sizeof out, empty);
    tern_sha256_of(LITERAL("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
    assert_hex(out, sizeof out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void reading_a_running_hash_does_not_disturb_it(void **state)
{
    (void)state;
    uint8_t out[32];
    tern_sha256 h;
    tern_sha256_init(&h);
    tern_sha256_final(&h, out);
    assert_hex(out, sizeof out, empty);
    tern_sha256_update(&h, LITERAL("a"));
    tern_sha256_final(&h, out);
    tern_sha256_final(&h, out);
    tern_sha256_update(&h, (tern_bytes){ 0 });
    tern_sha256_update(&h, LITERAL("bc"));
    tern_sha256_final(&h, out);
    assert_hex(out, sizeof out, abc);
}

static void a_copy_goes_its_own_way(void **state)
{
    (void)state;
    uint8_t out[32];
    tern_sha256 h, copy;
    tern_sha256_init(&h);
    tern_sha256_update(&h, LITERAL("ab"));
    copy = h;
    tern_sha256_update(&h, LITERAL("else"));
    tern_sha256_update(&copy, LITERAL("c"));
    tern_sha256_final(&copy, out);
    assert_hex(out, sizeof out, abc);
}

static void known_macs(void **state)
{
    (void)state;
    uint8_t out[32], key[131];
    tern_bytes part = LITERAL("what do ya want for nothing?");
    tern_hmac_sha256(LITERAL("Jefe"), &part, 1, out); /* RFC 4231 case 2 */
    assert_hex(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    part = LITERAL("Test Using Larger Than Block-Size Key - Hash Key First");
    tern_hmac_sha256(tern_bytes_of(key, sizeof key), &part, 1, out); /* case 6 */
    assert_hex(out, sizeof out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void a_mac_sees_parts_as_one_string(void **state)
{
    (void)state;
    uint8_t out[32];
    tern_bytes parts[] = { LITERAL("what do ya"), { 0 }, LITERAL(" want for "), LITERAL("nothing?") };
    tern_hmac_sha256(LITERAL("Jefe"), parts, 4, out);
    assert_hex(out, sizeof out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes),
        cmocka_unit_test(reading_a_running_hash_does_not_disturb_it),
        cmocka_unit_test(a_copy_goes_its_own_way),
        cmocka_unit_test(known_macs),
        cmocka_unit_test(a_mac_sees_parts_as_one_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
