/* SPDX-License-Identifier: MIT */
/* Messages in pieces: joined whatever their order, dropped when they contradict, bounded whoever sends them. */
#include "dialects/pieces.h"
#include "unit/base/unit.h"

#define MOST    1000
#define TIMEOUT (5 * TERN_SECOND)

typedef struct {
    tern_pieces pieces;
    uint8_t area[TERN_PIECES_OPEN * MOST];
} store;

static store *store_new(void)
{
    store *s = calloc(1, sizeof *s);
    assert_non_null(s);
    assert_int_equal(tern_pieces_area(MOST), sizeof s->area);
    tern_pieces_init(&s->pieces, offsetof(store, area), MOST, TIMEOUT);
    return s;
}

static tern_piece_result take(store *s, tern_time now, uint64_t sender, uint32_t id, uint16_t no, uint16_t total,
                              const char *text)
{
    tern_piece piece = { .sender = sender, .id = id, .no = no, .total = total, .payload = text_bytes(text) };
    return tern_pieces_take(&s->pieces, now, &piece);
}

static void expect(store *s, uint64_t sender, uint32_t id, const char *text)
{
    uint8_t out[MOST];
    size_t n = tern_pieces_join(&s->pieces, sender, id, out);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(out, text, n);
}

static void pieces_are_joined_in_order_whichever_number_is_the_first(void **state)
{
    store *s = store_new();
    (void)state;
    for (uint16_t first = 0; first <= 1; first++) {
        assert_int_equal(take(s, 0, 1, 7, first + 2, 3, "c"), TERN_PIECE_KEPT);
        assert_int_equal(take(s, 0, 1, 7, first, 3, "a"), TERN_PIECE_KEPT);
        assert_int_equal(take(s, 0, 1, 7, first, 3, "a"), TERN_PIECE_TWICE);
        assert_int_equal(take(s, 0, 1, 7, first + 1, 3, "b"), TERN_PIECE_LAST);
        expect(s, 1, 7, "abc");
    }
    free(s);
}

/*= DIA-020 DIA-021 */
static void attack_5_what_contradicts_ends_its_message(void **state)
{
    store *s = store_new();
    (void)state;
    assert_int_equal(take(s, 0, 1, 7, 0, 3, "a"), TERN_PIECE_KEPT);
    assert_int_equal(take(s, 0, 1, 7, 1, 4, "b"), TERN_PIECE_DISAGREES); /* another total */
    assert_int_equal(take(s, 0, 1, 7, 0, 3, "a"), TERN_PIECE_KEPT);      /* begun anew */
    assert_int_equal(take(s, 0, 1, 7, 0, 3, "A"), TERN_PIECE_DISAGREES); /* another text */
    assert_int_equal(take(s, 0, 1, 7, 0, 3, "a"), TERN_PIECE_KEPT);
    assert_int_equal(take(s, 0, 1, 7, 3, 3, "d"), TERN_PIECE_DISAGREES); /* both 0 and total */
    assert_int_equal(tern_pieces_next(&s->pieces), TERN_TIME_NEVER);
    free(s);
}

static void attack_5_numbers_and_lengths_past_the_end_are_refused(void **state)
{
    store *s = store_new();
    char text[MOST + 2];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[MOST + 1] = 0;
    assert_int_equal(take(s, 0, 1, 7, 0, 0, "a"), TERN_PIECE_OUT_OF_RANGE);
    assert_int_equal(take(s, 0, 1, 7, 4, 3, "a"), TERN_PIECE_OUT_OF_RANGE);
    assert_int_equal(take(s, 0, 1, 7, 0, TERN_PIECES_MOST + 1, "a"), TERN_PIECE_OUT_OF_RANGE);
    assert_int_equal(take(s, 0, 1, 7, 0, 3, ""), TERN_PIECE_OUT_OF_RANGE);
    assert_int_equal(take(s, 0, 1, 7, 0, 3, text), TERN_PIECE_OUT_OF_RANGE);
    assert_int_equal(tern_pieces_next(&s->pieces), TERN_TIME_NEVER);
    text[MOST] = 0;
    assert_int_equal(take(s, 0, 1, 7, 0, 3, text), TERN_PIECE_KEPT);
    assert_int_equal(take(s, 0, 1, 7, 1, 3, "a"), TERN_PIECE_OUT_OF_RANGE); /* together they are too many */
    assert_int_equal(tern_pieces_next(&s->pieces), TERN_TIME_NEVER);
    free(s);
}

/*= DIA-022 */
static void attack_4_a_sender_that_begins_too_many_loses_its_own_oldest(void **state)
{
    store *s = store_new();
    (void)state;
    assert_int_equal(take(s, 0, 2, 1, 0, 2, "of "), TERN_PIECE_KEPT);
    for (uint32_t id = 0; id <= TERN_PIECES_EACH; id++)
        assert_int_equal(take(s, id, 1, id, 0, 2, "a"), TERN_PIECE_KEPT);
    assert_int_equal(take(s, 9, 2, 1, 1, 2, "another"), TERN_PIECE_LAST);
    expect(s, 2, 1, "of another");
    assert_int_equal(take(s, 9, 1, 1, 1, 2, "b"), TERN_PIECE_LAST);
    assert_int_equal(take(s, 9, 1, 0, 1, 2, "b"), TERN_PIECE_KEPT); /* its first is gone */
    free(s);
}

/*= DIA-022 RSF-010 */
static void attack_4_strangers_take_nobodys_place(void **state)
{
    store *s = store_new();
    tern_piece known = { .sender = 1, .known = true, .id = 7, .total = 2, .payload = text_bytes("well ") };
    (void)state;
    assert_int_equal(tern_pieces_take(&s->pieces, 0, &known), TERN_PIECE_KEPT);
    for (uint32_t i = 0; i < 10000; i++) assert_int_equal(take(s, 1, 100 + i, i, 0, 2, "a"), TERN_PIECE_KEPT);
    known.no = 1;
    known.payload = text_bytes("known");
    assert_int_equal(tern_pieces_take(&s->pieces, 2, &known), TERN_PIECE_LAST);
    expect(s, 1, 7, "well known");
    free(s);
}

/*= DIA-023 */
static void attack_15_copies_keep_no_message_alive(void **state)
{
    store *s = store_new();
    (void)state;
    assert_int_equal(take(s, 0, 1, 7, 0, 3, "a"), TERN_PIECE_KEPT);
    assert_int_equal(take(s, TERN_SECOND, 1, 7, 1, 3, "b"), TERN_PIECE_KEPT);
    assert_int_equal(take(s, 3 * TERN_SECOND, 1, 7, 1, 3, "b"), TERN_PIECE_TWICE);
    assert_int_equal(tern_pieces_next(&s->pieces), TERN_SECOND + TIMEOUT);
    assert_int_equal(tern_pieces_sweep(&s->pieces, TERN_SECOND + TIMEOUT - 1), TERN_SECOND + TIMEOUT);
    assert_int_equal(tern_pieces_sweep(&s->pieces, TERN_SECOND + TIMEOUT), TERN_TIME_NEVER);
    assert_int_equal(take(s, 9 * TERN_SECOND, 1, 7, 2, 3, "c"), TERN_PIECE_KEPT); /* of another message */
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_joined_in_order_whichever_number_is_the_first),
        cmocka_unit_test(attack_5_what_contradicts_ends_its_message),
        cmocka_unit_test(attack_5_numbers_and_lengths_past_the_end_are_refused),
        cmocka_unit_test(attack_4_a_sender_that_begins_too_many_loses_its_own_oldest),
        cmocka_unit_test(attack_4_strangers_take_nobodys_place),
        cmocka_unit_test(attack_15_copies_keep_no_message_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
