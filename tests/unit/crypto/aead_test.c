/* SPDX-License-Identifier: MIT */
/* Packet protection with BearSSL. Runs twice: with what the processor has, and as aead_portable without. */
#include "crypto/aead.h"

#include "unit/crypto/support.h"

static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
#define SUITES (sizeof suites / sizeof suites[0])

/* Seals and opens with packet number pn; tagged is the sealed bytes and their tag. */
static void check(tern_suite suite, const char *key, const char *iv, uint64_t pn, const char *aad, const char *plain,
                  const char *tagged)
{
    tern_aead a;
    uint8_t data[512];
    size_t n = unhex(plain, data, sizeof data - 16);
    tern_aead_init(&a, suite, HEX(key).p, HEX(iv).p);
    tern_aead_seal(&a, pn, HEX(aad), data, n, data + n);
    assert_hex(data, n + 16, tagged);
    assert_true(tern_aead_open(&a, pn, HEX(aad), data, n, data + n));
    assert_hex(data, n, plain);
}

static void aes_256_gcm_vectors(void **state)
{
    (void)state;
    /* The GCM proposal (McGrew, Viega), test cases 13, 14 and 16. */
    static const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
    check(TERN_SUITE_AES_256_GCM, zero, "000000000000000000000000", 0, "", "", "530f8afbc74536b9a963b4f1c4cb738b");
    check(TERN_SUITE_AES_256_GCM, zero, "000000000000000000000000", 0, "", "00000000000000000000000000000000",
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    check(
        TERN_SUITE_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888", 0, "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de6"
        "57ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a"
        "0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

static void chacha20_poly1305_vectors(void **state)
{
    (void)state;
    check(
        TERN_SUITE_CHACHA20_POLY1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
        "070000004041424344454647", 0, "50515253c0c1c2c3c4c5c6c7",
        "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f66"
        "66657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c64206265"
        "2069742e",
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b"
        "2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586ce"
        "c64b61161ae10b594f09e26a7e902ecbd0600691"); /* RFC 8439 section 2.8.2 */
    check(TERN_SUITE_CHACHA20_POLY1305, "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
          "e0459b3474bdd0e44a41c144", 654360564, "4200bff4", "01",
          "655e5cd55c41f69080575d7999c25a5bfb"); /* RFC 9001 appendix A.5 */
}

/*= WIRE-014 */
static void plaintext_leaves_the_data_and_macs_it(void **state)
{
    (void)state;
    check(TERN_SUITE_PLAINTEXT, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
          "000102030405060708090a0b", UINT64_C(0x0102030405060708), "686561646572", "6672616d6573",
          "6672616d6573052cdeffc1691073f6800a47c11c5f9b"); /* computed by Python's hmac */
}

static const uint8_t key[TERN_AEAD_KEY_SIZE] = { 7, 7, 7 }, iv[TERN_AEAD_IV_SIZE] = { 1 };

/* Every length around the blocks of AES, ChaCha20 and their parallel versions comes back as it went in. */
static void all_lengths_come_back(void **state)
{
    (void)state;
    uint8_t plain[400], tag[TERN_AEAD_TAG_SIZE];
    for (size_t i = 0; i < sizeof plain; i++) plain[i] = (uint8_t)(i * 7);
    for (size_t s = 0; s < SUITES; s++) {
        tern_aead a;
        tern_aead_init(&a, suites[s], key, iv);
        for (size_t n = 0; n <= sizeof plain; n++) {
            uint8_t *data = exact_copy(plain, n);
            tern_aead_seal(&a, n, tern_bytes_of(plain, n % 40), data, n, tag);
            if (n > 8 && suites[s] != TERN_SUITE_PLAINTEXT) assert_memory_not_equal(data, plain, n);
            assert_true(tern_aead_open(&a, n, tern_bytes_of(plain, n % 40), data, n, tag));
            assert_memory_equal(data, plain, n);
            free(data);
        }
    }
}

static void nothing_may_be_sealed_and_opened(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        tern_aead a;
        uint8_t tag[TERN_AEAD_TAG_SIZE];
        tern_aead_init(&a, suites[s], key, iv);
        tern_aead_seal(&a, 1, (tern_bytes){ 0 }, NULL, 0, tag);
        assert_true(tern_aead_open(&a, 1, (tern_bytes){ 0 }, NULL, 0, tag));
        assert_false(tern_aead_open(&a, 2, (tern_bytes){ 0 }, NULL, 0, tag));
    }
}

/* What differs from what was sealed: a bit of the tag, of the data, of the aad; the packet number; the key. */
static void open_must_fail(tern_suite suite, size_t tag_bit, size_t data_bit, size_t aad_bit, uint64_t pn, uint8_t bad)
{
    enum { NONE = 1000 };
    tern_aead a;
    uint8_t data[40] = { 1, 2, 3 }, aad[20] = { 9 }, tag[TERN_AEAD_TAG_SIZE], other[TERN_AEAD_KEY_SIZE];
    memcpy(other, key, sizeof other);
    other[31] ^= bad;
    tern_aead_init(&a, suite, key, iv);
    tern_aead_seal(&a, 5, tern_bytes_of(aad, sizeof aad), data, sizeof data, tag);
    if (tag_bit < NONE) tag[tag_bit / 8] ^= (uint8_t)(1u << tag_bit % 8);
    if (data_bit < NONE) data[data_bit / 8] ^= (uint8_t)(1u << data_bit % 8);
    if (aad_bit < NONE) aad[aad_bit / 8] ^= (uint8_t)(1u << aad_bit % 8);
    tern_aead_init(&a, suite, other, iv);
    assert_false(tern_aead_open(&a, pn, tern_bytes_of(aad, sizeof aad), data, sizeof data, tag));
}

static void tampered_tag_opens_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        for (size_t bit = 0; bit < 128; bit++) open_must_fail(suites[s], bit, 1000, 1000, 5, 0);
    }
}

static void tampered_data_or_aad_opens_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        for (size_t bit = 0; bit < 320; bit++) open_must_fail(suites[s], 1000, bit, 1000, 5, 0);
        for (size_t bit = 0; bit < 160; bit++) open_must_fail(suites[s], 1000, 1000, bit, 5, 0);
    }
}

static void another_packet_number_or_key_opens_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        open_must_fail(suites[s], 1000, 1000, 1000, 6, 0);
        open_must_fail(suites[s], 1000, 1000, 1000, 5 + (UINT64_C(1) << 63), 0);
        open_must_fail(suites[s], 1000, 1000, 1000, 5, 1);
    }
}

static void bytes_cannot_move_between_aad_and_data(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        tern_aead a;
        uint8_t data[40] = { 1, 2, 3 }, tag[TERN_AEAD_TAG_SIZE];
        tern_aead_init(&a, suites[s], key, iv);
        tern_aead_seal(&a, 5, tern_bytes_of(data, 8), data + 8, 32, tag);
        assert_false(tern_aead_open(&a, 5, tern_bytes_of(data, 9), data + 9, 31, tag));
    }
}

static void a_copy_of_the_keys_works_alone(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUITES; s++) {
        tern_aead a, copy;
        uint8_t data[3] = { 1, 2, 3 }, tag[TERN_AEAD_TAG_SIZE];
        tern_aead_init(&a, suites[s], key, iv);
        copy = a;
        tern_aead_seal(&a, 1, (tern_bytes){ 0 }, data, sizeof data, tag);
        memset(&a, 0xee, sizeof a);
        assert_true(tern_aead_open(&copy, 1, (tern_bytes){ 0 }, data, sizeof data, tag));
        assert_hex(data, sizeof data, "010203");
    }
}

static void header_masks(void **state)
{
    (void)state;
    tern_header_key h;
    uint8_t mask[TERN_HEADER_MASK_SIZE];
    /* FIPS 197 appendix C.3: the mask is the start of the sample's AES-256 block. */
    tern_header_key_init(&h, TERN_SUITE_AES_256_GCM,
                         HEX("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").p);
    tern_header_mask(&h, HEX("00112233445566778899aabbccddeeff").p, mask);
    assert_hex(mask, sizeof mask, "8ea2b7ca51");
    /* RFC 9001 appendix A.5. */
    tern_header_key_init(&h, TERN_SUITE_CHACHA20_POLY1305,
                         HEX("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4").p);
    tern_header_mask(&h, HEX("5e5cd55c41f69080575d7999c25a5bfb").p, mask);
    assert_hex(mask, sizeof mask, "aefefe7d03");
    tern_header_key_init(&h, TERN_SUITE_PLAINTEXT, key);
    tern_header_mask(&h, HEX("5e5cd55c41f69080575d7999c25a5bfb").p, mask);
    assert_hex(mask, sizeof mask, "0000000000");
}

static void the_real_library_says_so(void **state)
{
    (void)state;
    assert_int_equal(tern_aead_is_real, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aes_256_gcm_vectors),
        cmocka_unit_test(chacha20_poly1305_vectors),
        cmocka_unit_test(plaintext_leaves_the_data_and_macs_it),
        cmocka_unit_test(all_lengths_come_back),
        cmocka_unit_test(nothing_may_be_sealed_and_opened),
        cmocka_unit_test(tampered_tag_opens_nothing),
        cmocka_unit_test(tampered_data_or_aad_opens_nothing),
        cmocka_unit_test(another_packet_number_or_key_opens_nothing),
        cmocka_unit_test(bytes_cannot_move_between_aad_and_data),
        cmocka_unit_test(a_copy_of_the_keys_works_alone),
        cmocka_unit_test(header_masks),
        cmocka_unit_test(the_real_library_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
