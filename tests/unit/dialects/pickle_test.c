/* SPDX-License-Identifier: MIT */
/* The reader of pickles: what Python writes is read, and everything else is refused. */
#include "dialects/tls_chat/pickle.h"
#include "unit/base/unit.h"
#include "unit/crypto/support.h"

static tern_drop read_text(const uint8_t *p, size_t n, char out[600])
{
    uint8_t scratch[1200];
    tern_bytes text = { NULL, 0 };
    uint8_t *copy = exact_copy(p, n);
    tern_drop result = tern_pickle_read(tern_bytes_of(copy, n), (tern_buf){ scratch, sizeof scratch }, &text);
    assert_true(text.n < 600);
    if (text.n > 0) memcpy(out, text.p, text.n);
    out[text.n] = 0;
    free(copy);
    return result;
}

/* pickle.dumps(("h\u00e4llo\n\u20ac",), N), as Python 3.11 writes it. */
/*= TCH-003 TCH-010 */
static void every_protocol_of_python_is_read(void **state)
{
    static const char *const hex[] = {
        "285668e46c6c6f5c75303030615c75323061630a70300a7470310a2e",
        "28580a00000068c3a46c6c6f0ae282ac71007471012e",
        "8002580a00000068c3a46c6c6f0ae282ac71008571012e",
        "8003580a00000068c3a46c6c6f0ae282ac71008571012e",
        "80049510000000000000008c0a68c3a46c6c6f0ae282ac948594"
        "2e",
        "80059510000000000000008c0a68c3a46c6c6f0ae282ac948594"
        "2e",
    };
    char text[600];
    uint8_t bytes[200];
    (void)state;
    for (size_t i = 0; i < sizeof hex / sizeof hex[0]; i++) {
        size_t n = unhex(hex[i], bytes, sizeof bytes);
        assert_int_equal(read_text(bytes, n, text), TERN_DROP_NONE);
        assert_string_equal(text, "h\xc3\xa4llo\n\xe2\x82\xac");
    }
}

static void strings_of_python_2_are_read(void **state)
{
    static const struct {
        const char *pickle, *text;
    } rows[] = {
        { "(S'it\\'s \\x41\\n'\np0\ntp1\n.", "it's A\n" },
        { "(S\"dq\"\nt.", "dq" },
        { "(U\x03"
          "abct.",
          "abc" },
        { "(U\x02\xe4z\x85.", NULL },       /* a mark is left */
        { "U\x02\xe4z\x85.", "\xc3\xa4z" }, /* Latin-1 */
        { "(Vraw \\U0001f600\nt.", "raw \xf0\x9f\x98\x80" },
        { "(V\\ud800\nt.", NULL }, /* half a character */
        { "(S'no end\nt.", NULL },
    };
    char text[600];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tern_drop result = read_text((const uint8_t *)rows[i].pickle, strlen(rows[i].pickle), text);
        if (rows[i].text == NULL)
            assert_int_not_equal(result, TERN_DROP_NONE);
        else
            assert_string_equal(text, rows[i].text);
    }
}

/*= TCH-003 */
static void what_is_written_is_what_python_writes(void **state)
{
    uint8_t out[700], text[300];
    char back[600];
    (void)state;
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_pickle_write(&w, LITERAL("a"));
    assert_hex(out, w.n,
               "80049507000000000000008c016194"
               "85942e");
    memset(text, 'y', sizeof text);
    static const size_t lengths[] = { 0, 255, 256, 300 };
    for (size_t i = 0; i < 4; i++) {
        w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_pickle_write(&w, tern_bytes_of(text, lengths[i]));
        assert_true(w.n <= lengths[i] + TERN_PICKLE_OVERHEAD);
        assert_int_equal(read_text(out, w.n, back), TERN_DROP_NONE);
        assert_int_equal(strlen(back), lengths[i]);
    }
    assert_memory_equal(out + 2, "\x95\x35\x01\0\0\0\0\0\0X\x2c\x01\0\0y", 15);
}

/* os.system('true'), an object of a class, its state, persistent ids, extensions, and whatever else is not a tuple of a
 * string. */
/*= TCH-011 */
static void attack_16_a_pickle_that_calls_something_is_refused(void **state)
{
    static const struct {
        const char *hex;
        tern_drop result;
    } rows[] = {
        { "636f730a73797374656d0a285327747275650a74522e", TERN_DROP_PICKLE_OPCODE }, /* GLOBAL, REDUCE */
        { "80048c026f73948c0673797374656d9493942e", TERN_DROP_PICKLE_OPCODE },       /* STACK_GLOBAL */
        { "8004284b018c0161742e", TERN_DROP_PICKLE_OPCODE },                         /* an integer */
        { "80048c0161948c016294"
          "86942e",
          TERN_DROP_PICKLE_OPCODE },                                   /* TUPLE2 */
        { "8004288c01618c0162742e", TERN_DROP_PICKLE_NOT_ONE_STRING }, /* two strings in marks */
        { "80048c01612e", TERN_DROP_PICKLE_NOT_ONE_STRING },           /* a string alone */
        { "80048c016185852e", TERN_DROP_PICKLE_NOT_ONE_STRING },       /* a tuple in a tuple */
        { "8004292e", TERN_DROP_PICKLE_OPCODE },                       /* EMPTY_TUPLE */
        { "800428742e", TERN_DROP_PICKLE_NOT_ONE_STRING },             /* an empty one, in marks */
        { "80048c0161855d2e", TERN_DROP_PICKLE_OPCODE },               /* a list */
        { "8004506964302e0a", TERN_DROP_PICKLE_OPCODE },               /* PERSID */
        { "800482012e", TERN_DROP_PICKLE_OPCODE },                     /* EXT1 */
        { "80048c01618562", TERN_DROP_PICKLE_OPCODE },                 /* BUILD */
        { "80068c0161852e", TERN_DROP_PICKLE_MALFORMED },              /* a protocol that is not there */
        { "2e", TERN_DROP_PICKLE_NOT_ONE_STRING },
        { "", TERN_DROP_PICKLE_CUT },
        { "8004852e", TERN_DROP_PICKLE_MALFORMED },   /* TUPLE1 of nothing */
        { "800468002e", TERN_DROP_PICKLE_MALFORMED }, /* a memo that is not there */
        { "80048c02612e", TERN_DROP_PICKLE_CUT },     /* a length beyond the end */
        { "80048dffffffffffffffff612e", TERN_DROP_PICKLE_CUT },
        { "800495ffffffffffffffff8c0161852e", TERN_DROP_PICKLE_CUT }, /* a frame beyond the end */
        { "80048c0161852e00", TERN_DROP_PICKLE_NOT_ONE_STRING },      /* more behind the end */
        { "80048c02c328852e", TERN_DROP_PICKLE_MALFORMED },           /* not UTF-8 */
        { "80042828282828282e", TERN_DROP_PICKLE_NOT_ONE_STRING },    /* marks without end */
    };
    char text[600];
    uint8_t bytes[200];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = unhex(rows[i].hex, bytes, sizeof bytes);
        assert_int_equal(read_text(bytes, n, text), rows[i].result);
    }
}

static void a_program_that_goes_on_and_on_ends(void **state)
{
    uint8_t bytes[300] = { 0x80, 4, 0x8c, 1, 'a' };
    char text[600];
    (void)state;
    for (size_t i = 5; i < 299; i += 2) bytes[i] = 'q', bytes[i + 1] = 0; /* remembers and remembers */
    bytes[299] = '.';
    assert_int_equal(read_text(bytes, sizeof bytes, text), TERN_DROP_PICKLE_LONG);
    for (size_t i = 5; i < 299; i += 2) bytes[i + 1] = (uint8_t)i; /* more than the memo has room for */
    assert_int_equal(read_text(bytes, sizeof bytes, text), TERN_DROP_PICKLE_MALFORMED);
    memset(bytes, '(', 299);
    assert_int_equal(read_text(bytes, sizeof bytes, text), TERN_DROP_PICKLE_LONG);
}

/* Whatever bytes come, the reader stays within them; a good one that was cut or changed is mostly none. */
static void any_bytes_are_safe(void **state)
{
    static const char *const good = "80049510000000000000008c0a68c3a46c6c6f0ae282ac9485942e";
    uint8_t bytes[64];
    char text[600];
    uint64_t random = 5;
    (void)state;
    size_t n = unhex(good, bytes, sizeof bytes);
    for (size_t cut = 0; cut < n; cut++) assert_int_not_equal(read_text(bytes, cut, text), TERN_DROP_NONE);
    for (size_t i = 0; i < 200000; i++) {
        n = unhex(good, bytes, sizeof bytes);
        for (size_t j = 0; j < 1 + i % 4; j++) bytes[random_below(&random, n)] = (uint8_t)random_below(&random, 256);
        (void)read_text(bytes, n, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_of_python_is_read),
        cmocka_unit_test(strings_of_python_2_are_read),
        cmocka_unit_test(what_is_written_is_what_python_writes),
        cmocka_unit_test(attack_16_a_pickle_that_calls_something_is_refused),
        cmocka_unit_test(a_program_that_goes_on_and_on_ends),
        cmocka_unit_test(any_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
