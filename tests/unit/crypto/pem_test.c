/* SPDX-License-Identifier: MIT */
/* PEM: several objects, odd line ends, damage, lack of room. */
#include "crypto/pem.h"

#include "unit/crypto/support.h"

#define TWO                                                                                                            \
    "words before\n-----BEGIN FIRST-----\nAQID\n-----END FIRST-----\nwords between\n"                                  \
    "-----BEGIN SECOND THING-----\nBAUG\nBw==\n-----END SECOND THING-----\n"

static void objects_come_one_after_the_other(void **state)
{
    (void)state;
    uint8_t room[16];
    tern_bytes text = LITERAL(TWO);
    tern_buf storage = { room, sizeof room };
    tern_pem object;
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    assert_string_equal(object.name, "FIRST");
    assert_hex(object.der.p, object.der.n, "010203");
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    assert_true(tern_pem_is(&object, "SECOND THING"));
    assert_false(tern_pem_is(&object, "SECOND"));
    assert_false(tern_pem_is(&object, "SECOND THINGS"));
    assert_hex(object.der.p, object.der.n, "04050607");
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_END);
    assert_hex(room, 7, "01020304050607");
    assert_int_equal(storage.n, sizeof room - 7);
}

static void line_ends_of_other_systems_and_none_at_the_end_are_fine(void **state)
{
    (void)state;
    uint8_t room[16];
    tern_bytes text = LITERAL("-----BEGIN X-----\r\nAQID\r\n-----END X-----");
    tern_buf storage = { room, sizeof room };
    tern_pem object;
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    assert_string_equal(object.name, "X");
    assert_hex(object.der.p, object.der.n, "010203");
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_END);
}

static tern_pem_result result_of(tern_bytes text)
{
    uint8_t room[16];
    tern_buf storage = { room, sizeof room };
    tern_pem object;
    return tern_pem_next(&text, &storage, &object);
}

static void damage_is_named(void **state)
{
    (void)state;
    assert_int_equal(result_of(LITERAL("")), TERN_PEM_END);
    assert_int_equal(result_of(LITERAL("no object here")), TERN_PEM_END);
    assert_int_equal(result_of(LITERAL("-----BEGIN X-----\n")), TERN_PEM_DAMAGED);
    assert_int_equal(result_of(LITERAL("-----BEGIN X-----\nAQID\n")), TERN_PEM_DAMAGED);
    assert_int_equal(result_of(LITERAL("-----BEGIN X-----\nA!ID\n-----END X-----\n")), TERN_PEM_DAMAGED);
    assert_int_equal(result_of(LITERAL("-----BEGIN X-----\nAQI\n-----END X-----\n")), TERN_PEM_DAMAGED);
}

static void lack_of_room_passes_over_one_object_only(void **state)
{
    (void)state;
    uint8_t room[8] = { 0 };
    tern_bytes text = LITERAL("-----BEGIN LARGE-----\nAQIDBAUGBwgJCgsMDQ4PEA==\n-----END LARGE-----\n" TWO);
    tern_buf storage = { room, 7 };
    tern_pem object;
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_NO_ROOM);
    assert_true(tern_pem_is(&object, "LARGE"));
    assert_int_equal(storage.n, 7);
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    assert_int_equal(storage.n, 0);
    assert_int_equal(room[7], 0);
}

static void no_cut_or_flip_reads_or_writes_outside(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof TWO; n++) {
        for (unsigned flip = 0; flip < 256; flip += 51) {
            uint8_t *copy = exact_copy((const uint8_t *)TWO, n), room[16];
            tern_bytes text = { copy, n };
            tern_buf storage = { room, sizeof room };
            tern_pem object;
            if (n > 0) copy[n / 2] ^= (uint8_t)flip;
            for (int i = 0; i < 10 && text.n > 0; i++) {
                size_t before = text.n;
                if (tern_pem_next(&text, &storage, &object) == TERN_PEM_END) break;
                assert_true(text.n < before);
            }
            free(copy);
        }
    }
}

static void what_is_encoded_decodes(void **state)
{
    (void)state;
    uint8_t der[100], room[100], text[256];
    for (size_t i = 0; i < sizeof der; i++) der[i] = (uint8_t)(255 - i);
    for (size_t n = 1; n <= sizeof der; n++) {
        size_t length = tern_pem_encode(tern_bytes_of(der, n), "THING", (tern_buf){ text, sizeof text });
        assert_in_range(length, 1, sizeof text - 1);
        assert_int_equal(text[length], 0);
        assert_int_equal(tern_pem_encode(tern_bytes_of(der, n), "THING", (tern_buf){ text, length }), 0);
        tern_bytes view = { text, length };
        tern_buf storage = { room, sizeof room };
        tern_pem object;
        assert_int_equal(tern_pem_next(&view, &storage, &object), TERN_PEM_OBJECT);
        assert_int_equal(object.der.n, n);
        assert_memory_equal(object.der.p, der, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_come_one_after_the_other),
        cmocka_unit_test(line_ends_of_other_systems_and_none_at_the_end_are_fine),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(lack_of_room_passes_over_one_object_only),
        cmocka_unit_test(no_cut_or_flip_reads_or_writes_outside),
        cmocka_unit_test(what_is_encoded_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
