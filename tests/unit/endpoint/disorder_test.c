/* SPDX-License-Identifier: MIT */
/* Messages of a handshake that are cut at every length, repeated, exchanged, replaced by those of others, and put where
 * they do not belong, under the right keys: they are refused, and who says them is never taken for proven. */
#include "unit/stage.h"

#include "unit/crypto/support.h"

#define SAID_MAX  TERN_FLIGHT_MAX
#define SPARE_MAX 12

/* What is cut off and comes later changes nothing; what never comes is waited for. */
static void cut_the_whole(stage *s)
{
    for (size_t n = 0; n < s->said_n; n++) {
        stage_again(s);
        assert_true(stage_give_at(s, 0, tern_bytes_of(s->said, n)));
        assert_false(stage_hearer(s)->proven);
        assert_int_equal(stage_hearer(s)->life, TERN_LIFE_HANDSHAKE);
        if (n % 97 != 0) continue;
        assert_true(stage_give_at(s, n, tern_bytes_of(s->said + n, s->said_n - n)));
        assert_true(stage_hearer(s)->proven);
    }
}

/* A message that is shorter, and says so. */
static void cut_each_message(stage *s)
{
    static uint8_t said[SAID_MAX];
    for (size_t i = 0, at = 0; i < s->messages; at += s->message[i++].n) {
        size_t behind = at + s->message[i].n, rest = s->said_n - behind;
        for (size_t n = 0; n + TERN_TLV_HEADER < s->message[i].n; n++) {
            size_t end = at + TERN_TLV_HEADER + n;
            memcpy(said, s->said, end);
            said[at + 2] = (uint8_t)(n >> 8), said[at + 3] = (uint8_t)n;
            memcpy(said + end, s->said + behind, rest);
            stage_expect_refused(s, tern_bytes_of(said, end + rest), false, "a message cut", i, n);
        }
    }
}

/*= HS-005 HS-008 HS-093 */
static void attack_12_no_message_is_taken_that_is_cut_at_any_length(void **state)
{
    static const struct {
        unsigned with;
        pair_way way;
    } kinds[] = { { 0, PAIR_TO_CLIENT },          { STAGE_CHAIN, PAIR_TO_CLIENT },  { STAGE_RESUMED, PAIR_TO_CLIENT },
                  { STAGE_RETRY, PAIR_TO_RELAY }, { STAGE_RESUMED, PAIR_TO_RELAY }, { STAGE_ASKS, PAIR_TO_RELAY } };
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        stage *s = stage_held(kinds[k].with, kinds[k].way);
        cut_the_whole(s);
        cut_each_message(s);
        stage_free(s);
    }
}

/* ---- every order ---- */

/* Each order of the messages but the one that is right. */
static void permute(stage *s, size_t *order, size_t n)
{
    static uint8_t said[SAID_MAX];
    if (n < s->messages) {
        for (size_t i = n; i < s->messages; i++) {
            size_t kept = order[n];
            order[n] = order[i], order[i] = kept;
            permute(s, order, n + 1);
            order[i] = order[n], order[n] = kept;
        }
        return;
    }
    tern_writer w = tern_writer_of((tern_buf){ said, sizeof said });
    bool right = true;
    for (size_t i = 0; i < s->messages; i++) {
        right = right && order[i] == i;
        tern_write_bytes(&w, s->message[order[i]]);
    }
    assert_true(tern_writer_ok(&w));
    if (!right) stage_expect_refused(s, tern_written(&w), false, "another order", order[0], order[1]);
}

/* Messages of other handshakes, of both sides, and one of each type. */
typedef struct {
    uint8_t bytes[3][SAID_MAX];
    tern_bytes message[SPARE_MAX];
    size_t n;
} spare;

static void collect(spare *others, size_t which, unsigned with, pair_way way)
{
    stage *s = stage_new(with);
    stage_hold(s, way);
    memcpy(others->bytes[which], s->said, s->said_n);
    for (size_t i = 0, at = 0; i < s->messages; at += s->message[i++].n) {
        assert_true(others->n < SPARE_MAX);
        others->message[others->n++] = tern_bytes_of(others->bytes[which] + at, s->message[i].n);
    }
    stage_free(s);
}

static const spare *others_of(void)
{
    static const uint8_t hello[] = { 1, 1, 0, 1, 0 };
    static spare others;
    if (others.n > 0) return &others;
    collect(&others, 0, STAGE_CHAIN | STAGE_ASKS,
            PAIR_TO_CLIENT); /* PARAMETERS, CERTIFICATE_REQUEST, CERTIFICATE, ... */
    collect(&others, 1, STAGE_ASKS | STAGE_RETRY, PAIR_TO_RELAY); /* RAW_KEY, SIGNATURE, FINISHED */
    others.message[others.n++] = tern_bytes_of(hello, sizeof hello);
    return &others;
}

/* A message more, or another one in the place of one; behind the last one, too. */
static void put_in_every_place(stage *s, tern_bytes other)
{
    static uint8_t said[SAID_MAX];
    for (size_t i = 0, at = 0; i < s->messages; at += s->message[i++].n) {
        size_t behind = at + s->message[i].n;
        bool same = other.n == s->message[i].n && memcmp(other.p, s->message[i].p, other.n) == 0;
        memcpy(said, s->said, at);
        memcpy(said + at, other.p, other.n);
        memcpy(said + at + other.n, s->said + at, s->said_n - at);
        bool behind_all = same && i + 1 == s->messages; /* as below */
        if (!behind_all)
            stage_expect_refused(s, tern_bytes_of(said, s->said_n + other.n), false, "one more of type", i, other.p[1]);
        memcpy(said + at + other.n, s->said + behind, s->said_n - behind);
        if (same) continue;
        stage_expect_refused(s, tern_bytes_of(said, s->said_n - s->message[i].n + other.n), false, "another of type", i,
                             other.p[1]);
    }
    stage_again(s);
    assert_true(stage_give(s, tern_bytes_of(s->said, s->said_n)));
    (void)stage_give_at(s, s->said_n, other);
    assert_int_equal(stage_hearer(s)->life, TERN_LIFE_CLOSING);
    assert_int_equal(stage_hearer(s)->close_error, TERN_UNEXPECTED_MESSAGE);
}

static void disorder(unsigned with, pair_way way)
{
    size_t order[STAGE_MESSAGES] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    stage *s = stage_held(with, way);
    permute(s, order, 0);
    for (size_t i = 0; i < s->messages; i++) put_in_every_place(s, s->message[i]);
    for (size_t i = 0; i < others_of()->n; i++) put_in_every_place(s, others_of()->message[i]);
    stage_free(s);
}

/*= HS-005 HS-043 HS-060 HS-070 HS-093 */
static void attack_12_each_message_is_taken_once_in_its_place_and_no_other_instead(void **state)
{
    (void)state;
    disorder(0, PAIR_TO_CLIENT);
    disorder(STAGE_CHAIN | STAGE_ASKS, PAIR_TO_CLIENT);
    disorder(STAGE_RESUMED, PAIR_TO_CLIENT);
    disorder(STAGE_RETRY, PAIR_TO_CLIENT);
    disorder(0, PAIR_TO_RELAY);
    disorder(STAGE_RESUMED, PAIR_TO_RELAY);
    disorder(STAGE_ASKS, PAIR_TO_RELAY);
    disorder(STAGE_ASKS | STAGE_CLIENT_CHAIN | STAGE_CHAIN | STAGE_RETRY, PAIR_TO_RELAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_12_no_message_is_taken_that_is_cut_at_any_length),
        cmocka_unit_test(attack_12_each_message_is_taken_once_in_its_place_and_no_other_instead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
