/* SPDX-License-Identifier: MIT */
/* File TLVs out of bytes that trickle in: none behind the TLV is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "posix/tlv_input.h"

/* Feeds bytes in pieces of at most most; how many were asked for until something came of it. */
static tern_tlv_got feed(tern_bytes bytes, size_t most, size_t *asked, tern_file_msg *out)
{
    static tern_tlv_input in;
    memset(&in, 0, sizeof in);
    *asked = 0;
    while (*asked < bytes.n) {
        tern_buf room = tern_tlv_input_room(&in);
        assert_true(room.n > 0);
        size_t n = room.n < most ? room.n : most;
        if (n > bytes.n - *asked) n = bytes.n - *asked;
        memcpy(room.p, bytes.p + *asked, n);
        *asked += n;
        tern_tlv_got got = tern_tlv_input_take(&in, n, out);
        if (got != TERN_TLV_MORE) return got;
    }
    return TERN_TLV_MORE;
}

static void a_tlv_is_taken_whole_and_nothing_behind_it(void **state)
{
    (void)state;
    uint8_t bytes[64];
    for (size_t most = 1; most < sizeof bytes; most++) {
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_file_msg put = { .type = TERN_FILE_PUT, .size = 77, .name = tern_bytes_of("name", 4) }, got;
        tern_file_msg_emit(&w, &put);
        size_t whole = w.n, asked;
        memset(bytes + whole, 0xff, sizeof bytes - whole);
        assert_int_equal(feed(tern_bytes_of(bytes, sizeof bytes), most, &asked, &got), TERN_TLV_WHOLE);
        assert_int_equal(asked, whole);
        assert_true(got.type == TERN_FILE_PUT && got.size == 77 && got.name.n == 4);
        assert_memory_equal(got.name.p, "name", 4);
        assert_int_equal(feed(tern_bytes_of(bytes, whole - 1), most, &asked, &got), TERN_TLV_MORE);
    }
}

static void a_bad_tlv_is_known_by_its_header(void **state)
{
    (void)state;
    static const uint8_t cases[][8] = {
        { 0, 0x4f, 0, 1, 0 },       /* another type */
        { 0, 0x50, 0xff, 0xff, 0 }, /* too long */
        { 0, 0x52, 0, 7, 0 },       /* a wrong length */
        { 0, 0x53, 0, 33, 0 },
    };
    tern_file_msg got;
    size_t asked;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(feed(tern_bytes_of(cases[i], sizeof cases[i]), 8, &asked, &got), TERN_TLV_BAD);
        assert_int_equal(asked, TERN_TLV_HEADER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tlv_is_taken_whole_and_nothing_behind_it),
        cmocka_unit_test(a_bad_tlv_is_known_by_its_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
