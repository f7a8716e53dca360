/* SPDX-License-Identifier: MIT */
/* Connection ids: told, retired, replaced, and floods of them (spec: connection 2). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const tern_cid first = { "theirs0" };

static tern_ids started(void)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 3 };
    static const tern_cid own = { "ours000" };
    tern_drbg drbg;
    tern_ids ids;
    tern_drbg_init(&drbg, seed, (tern_bytes){ NULL, 0 });
    tern_ids_init(&ids, &own, &first);
    tern_ids_start(&ids, &drbg, false);
    return ids;
}

/* A frame with an id and a token of its own for each sequence. */
static tern_frame_new_connection_id frame(uint32_t sequence, uint32_t prior)
{
    tern_frame_new_connection_id f = { sequence, prior, { "theirs0" }, { 1 } };
    f.id.b[6] = (uint8_t)('0' + sequence);
    f.token[15] = (uint8_t)sequence;
    return f;
}

static int new_id(tern_ids *ids, uint32_t sequence, uint32_t prior)
{
    tern_frame_new_connection_id f = frame(sequence, prior);
    return tern_ids_on_new(ids, &f);
}

/*= CONN-030 */
static void three_ids_are_kept_and_a_fourth_is_too_many(void **state)
{
    tern_ids ids = started();
    (void)state;
    assert_int_equal(new_id(&ids, 1, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 2, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 3, 0), TERN_CONNECTION_ID_LIMIT_ERROR);
    ids = started();
    assert_int_equal(new_id(&ids, 1, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 2, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 3, 1), TERN_OK); /* it takes the place of the first */
    assert_memory_equal(tern_ids_current(&ids)->b, "theirs1", 8);
}

/*= CONN-031 */
static void an_id_that_contradicts_one_that_is_known_is_refused(void **state)
{
    tern_ids ids = started();
    tern_frame_new_connection_id f = frame(1, 0);
    (void)state;
    assert_int_equal(tern_ids_on_new(&ids, &f), TERN_OK);
    assert_int_equal(tern_ids_on_new(&ids, &f), TERN_OK); /* it may come again */
    f.token[0]++;
    assert_int_equal(tern_ids_on_new(&ids, &f), TERN_PROTOCOL_VIOLATION);
    f = frame(1, 0);
    f.sequence = 2;
    assert_int_equal(tern_ids_on_new(&ids, &f), TERN_PROTOCOL_VIOLATION);
    f = frame(2, 0);
    f.sequence = 1;
    assert_int_equal(tern_ids_on_new(&ids, &f), TERN_PROTOCOL_VIOLATION);
}

/*= CONN-032 */
static void ids_below_what_the_peer_says_are_retired(void **state)
{
    tern_ids ids = started();
    uint32_t sequence;
    (void)state;
    assert_int_equal(new_id(&ids, 3, 3), TERN_OK);
    assert_memory_equal(tern_ids_current(&ids)->b, "theirs3", 8);
    assert_true(tern_ids_to_retire(&ids, &sequence));
    assert_int_equal(sequence, 0);
    assert_int_equal(new_id(&ids, 2, 0), TERN_OK); /* comes late */
    assert_true(tern_ids_to_retire(&ids, &sequence));
    assert_int_equal(sequence, 2);
    assert_false(tern_ids_owed(&ids) && tern_ids_to_retire(&ids, &sequence));
}

/* Adversary 3: each new id retires the one before, and no retirement is ever acknowledged. */
/*= CONN-033 */
static void a_flood_of_ids_that_retire_each_other_is_cut_off(void **state)
{
    tern_ids ids = started();
    uint32_t sequence;
    (void)state;
    for (uint32_t i = 1; i <= TERN_RETIRING_MAX; i++) {
        assert_int_equal(new_id(&ids, i, i), TERN_OK);
        assert_true(tern_ids_to_retire(&ids, &sequence)); /* told, not acknowledged */
    }
    assert_int_equal(new_id(&ids, 9, 9), TERN_CONNECTION_ID_LIMIT_ERROR);
}

/*= CONN-033 */
static void acknowledged_retirements_make_room(void **state)
{
    tern_ids ids = started();
    uint32_t sequence;
    (void)state;
    for (uint32_t i = 1; i < 1000; i++) {
        assert_int_equal(new_id(&ids, i, i), TERN_OK);
        assert_true(tern_ids_to_retire(&ids, &sequence));
        tern_ids_retired(&ids, sequence, false); /* lost, and told again */
        assert_true(tern_ids_to_retire(&ids, &sequence));
        assert_int_equal(sequence, i - 1);
        tern_ids_retired(&ids, sequence, true);
    }
}

/*= CONN-034 */
static void only_an_id_that_was_told_can_be_retired(void **state)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 4 };
    tern_ids ids = started();
    tern_drbg drbg;
    (void)state;
    tern_drbg_init(&drbg, seed, (tern_bytes){ NULL, 0 });
    assert_int_equal(tern_ids_on_retire(&ids, &drbg, 3), TERN_PROTOCOL_VIOLATION); /* there is none yet */
    assert_int_equal(tern_ids_on_retire(&ids, &drbg, 1), TERN_PROTOCOL_VIOLATION); /* drawn, and not told */
    tern_cid before = ids.own[0].id;
    assert_int_equal(tern_ids_on_retire(&ids, &drbg, 0), TERN_OK);
    assert_false(tern_ids_is_own(&ids, &before));
    assert_int_equal(ids.own[0].sequence, 3);
    assert_int_equal(tern_ids_on_retire(&ids, &drbg, 0), TERN_OK); /* told twice */
    assert_int_equal(ids.next_sequence, 4);
}

static void switching_retires_and_ends_with_the_last_id(void **state)
{
    tern_ids ids = started();
    (void)state;
    assert_false(tern_ids_switch(&ids));
    assert_memory_equal(tern_ids_current(&ids)->b, "theirs0", 8);
    assert_int_equal(new_id(&ids, 1, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 2, 0), TERN_OK);
    assert_true(tern_ids_switch(&ids));
    assert_memory_equal(tern_ids_current(&ids)->b, "theirs1", 8);
    assert_int_equal(new_id(&ids, 0, 0), TERN_OK); /* an old frame, late: it is not used again */
    assert_true(tern_ids_switch(&ids));
    assert_false(tern_ids_switch(&ids));
    assert_memory_equal(tern_ids_current(&ids)->b, "theirs2", 8);
}

/*= CONN-030 CONN-031 */
static void a_pair_exchanges_three_ids_each_way(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    for (int i = 0; i < TERN_IDS_MAX; i++) {
        assert_true(tern_ids_is_own(&pair_relay(p)->ids, &pair_client(p)->ids.peer[i].id));
        assert_true(tern_ids_is_own(&pair_client(p)->ids, &pair_relay(p)->ids.peer[i].id));
        assert_true(pair_client(p)->ids.peer[i].has_token);
    }
    pair_free(p);
}

/*= CONN-034 */
static void every_id_leads_to_its_connection_and_a_retired_one_nowhere(void **state)
{
    pair *p = pair_established(NULL);
    tern_connection *client = pair_client(p);
    (void)state;
    for (int i = 0; i < 20; i++) {
        tern_cid before = *tern_ids_current(&client->ids);
        assert_true(tern_ids_switch(&client->ids));
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(p->messages_count, i + 1);
        assert_false(tern_ids_is_own(&pair_relay(p)->ids, &before));
        uint8_t stray[40] = { 0x50 };
        memcpy(stray + 1, before.b, sizeof before.b);
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, stray, sizeof stray), TERN_DROP_UNKNOWN_CID);
    }
    pair_free(p);
}

/* Adversary 3, on the wire: whatever a peer makes of these frames, lists stay as long as they are. */
static void a_flood_on_the_wire_ends_the_connection_with_its_code(void **state)
{
    uint8_t frames[1000];
    pair *p = pair_established(NULL);
    tern_writer w = tern_writer_of((tern_buf){ frames, sizeof frames });
    (void)state;
    for (uint32_t i = 1; i < 20; i++) {
        tern_frame_new_connection_id f = frame(100 + i, 100 + i);
        tern_frame_emit_new_connection_id(&w, &f);
    }
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, w.n), TERN_DROP_MALFORMED);
    assert_int_equal(pair_relay(p)->close_error, TERN_CONNECTION_ID_LIMIT_ERROR);
    pair_free(p);
}

/* Adversary 3: a RETIRE_CONNECTION_ID that was sent twice is acknowledged twice, and another is lost. */
/*= CONN-033 REC-019 */
static void a_retirement_acknowledged_twice_hides_no_other_that_was_lost(void **state)
{
    tern_ids ids = started();
    uint32_t sequence;
    (void)state;
    assert_int_equal(new_id(&ids, 1, 0), TERN_OK);
    assert_int_equal(new_id(&ids, 2, 0), TERN_OK);
    assert_true(tern_ids_switch(&ids));
    assert_true(tern_ids_switch(&ids));
    for (int i = 0; i < 2; i++) assert_true(tern_ids_to_retire(&ids, &sequence));
    tern_ids_retired(&ids, 0, false);
    assert_true(tern_ids_to_retire(&ids, &sequence));
    assert_int_equal(sequence, 0);
    tern_ids_retired(&ids, 0, true);
    tern_ids_retired(&ids, 0, true);
    assert_false(tern_ids_to_retire(&ids, &sequence));
    tern_ids_retired(&ids, 1, false);
    assert_true(tern_ids_to_retire(&ids, &sequence));
    assert_int_equal(sequence, 1);
    tern_ids_retired(&ids, 1, true);
    assert_int_equal(ids.retiring, 0);
}

/* Adversary 3: an old id told again and again is retired once. */
/*= CONN-032 CONN-033 */
static void an_id_that_is_being_retired_is_not_retired_again(void **state)
{
    tern_ids ids = started();
    uint32_t sequence;
    (void)state;
    assert_int_equal(new_id(&ids, 1, 0), TERN_OK);
    assert_true(tern_ids_switch(&ids));
    for (int i = 0; i < 100; i++) assert_int_equal(new_id(&ids, 0, 0), TERN_OK);
    assert_int_equal(ids.retiring, 1);
    assert_true(tern_ids_to_retire(&ids, &sequence));
    assert_false(tern_ids_to_retire(&ids, &sequence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_ids_are_kept_and_a_fourth_is_too_many),
        cmocka_unit_test(an_id_that_contradicts_one_that_is_known_is_refused),
        cmocka_unit_test(ids_below_what_the_peer_says_are_retired),
        cmocka_unit_test(a_flood_of_ids_that_retire_each_other_is_cut_off),
        cmocka_unit_test(acknowledged_retirements_make_room),
        cmocka_unit_test(only_an_id_that_was_told_can_be_retired),
        cmocka_unit_test(switching_retires_and_ends_with_the_last_id),
        cmocka_unit_test(a_pair_exchanges_three_ids_each_way),
        cmocka_unit_test(every_id_leads_to_its_connection_and_a_retired_one_nowhere),
        cmocka_unit_test(a_flood_on_the_wire_ends_the_connection_with_its_code),
        cmocka_unit_test(a_retirement_acknowledged_twice_hides_no_other_that_was_lost),
        cmocka_unit_test(an_id_that_is_being_retired_is_not_retired_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
