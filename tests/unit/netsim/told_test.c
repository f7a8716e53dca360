/* SPDX-License-Identifier: MIT */
/* The checker of what clients tell their relay, told lies. */
#include "rules/told.h"

#include "unit/netsim/judged.h"
#include "world/queue.h"

enum { RELAY, ADA };
enum { SIZE = 100 };

static const char TEXT[] = "node r relay off\nnode ada client off\nlink ada-r\n";

static uint8_t bodies[4][SIZE]; /* of what ada has told: two messages, one with a deadline of 2 s, a datagram */

static void tell(unsigned number, bool datagram, tern_time deadline)
{
    sim_told_fill(&r, ADA, (tern_buf){ bodies[number], SIZE });
    sim_told_keep(&r, ADA, SIZE, datagram, deadline);
}

static int setup(void **state)
{
    (void)state;
    judged_begin(TEXT);
    tell(0, false, TERN_TIME_NEVER);
    tell(1, false, TERN_TIME_NEVER);
    tell(2, false, 2 * TERN_SECOND);
    tell(3, true, TERN_TIME_NEVER);
    return 0;
}

static void came(uint32_t from, bool datagram, const uint8_t *bytes, size_t n)
{
    sim_told_came(&r, RELAY, from, datagram, tern_bytes_of(bytes, n));
}

/*= SIM-009 */
static void what_was_told_comes_in_any_order(void **state)
{
    (void)state;
    came(ADA, true, bodies[3], SIZE);
    for (int i = 2; i >= 0; i--) came(ADA, false, bodies[i], SIZE);
    assert_false(r.world.failed);
    assert_int_equal(r.people[ADA].messages, 3);
    assert_int_equal(r.people[ADA].datagrams, 1);
}

/*= SIM-009 */
static void what_is_invented_comes_twice_or_is_damaged_is_found_out(void **state)
{
    (void)state;
    uint8_t other[SIZE];
    came(SIM_NONE, false, bodies[0], SIZE);
    caught("r is told something of a peer that nobody knows");
    came(ADA, true, bodies[0], SIZE);
    caught("that was never told");
    came(ADA, false, bodies[3], SIZE);
    caught("that was never told");
    came(ADA, false, bodies[0], SIZE - 1);
    caught("of another size");
    came(ADA, false, bodies[0], SIM_TOLD_HEAD - 1);
    caught("that is too short");
    memcpy(other, bodies[0], SIZE);
    other[SIZE - 1] ^= 1;
    came(ADA, false, other, SIZE);
    caught("with other bytes");
    other[SIM_TOLD_HEAD - 1] = 1;
    came(ADA, false, other, SIZE);
    caught("that was never told");
    for (unsigned i = 0; i < 4; i += 3) {
        came(ADA, i == 3, bodies[i], SIZE);
        assert_false(r.world.failed);
        came(ADA, i == 3, bodies[i], SIZE);
        caught("a second time");
    }
}

/*= SIM-023 */
static void a_message_that_never_came_is_missed(void **state)
{
    (void)state;
    came(ADA, false, bodies[0], SIZE);
    sim_told_converge(&r, ADA);
    caught("the network has healed, but r has not got message 1 of those that ada told it");
    came(ADA, false, bodies[1], SIZE);
    sim_told_converge(&r, ADA); /* the one with a deadline and the datagram may be lost */
    assert_false(r.world.failed);
}

/*= SIM-023 */
static void what_was_told_in_an_earlier_life_may_be_lost(void **state)
{
    (void)state;
    unsigned *lives[] = { &r.lives[ADA], &r.lives[RELAY] };
    for (size_t i = 0; i < 2; i++) {
        (*lives[i])++;
        sim_told_converge(&r, ADA);
        assert_false(r.world.failed);
        (*lives[i])--;
    }
    sim_told_converge(&r, ADA);
    caught("message 0");
}

/* A packet with a part of the message of this id, from offset on. */
static void send(sim_told_ids *ids, uint64_t id, unsigned number, uint32_t offset)
{
    static uint8_t value[SIZE + 64];
    static sim_opened o;
    tern_tlv tlv;
    tern_writer w = tern_writer_of((tern_buf){ value, sizeof value });
    const tern_frame_message m = { id, SIZE, offset, tern_bytes_of(bodies[number] + offset, 50) };
    tern_frame_emit_message(&w, &m);
    tern_reader read = tern_reader_of(tern_written(&w));
    assert_true(tern_tlv_next(&read, &tlv));
    o.frames_n = 1;
    o.frames[0] = (sim_frame){ tlv.type, tlv.value };
    sim_told_check(&r, ADA, &o, ids);
}

/*= SIM-045 */
static void a_message_that_is_sent_behind_its_deadline_is_found_out(void **state)
{
    (void)state;
    sim_told_ids ids = { 0 };
    send(&ids, 0, 2, 0);
    send(&ids, 1, 0, 0);
    r.world.now = 2 * TERN_SECOND;
    send(&ids, 0, 2, 50);
    assert_false(r.world.failed);
    r.world.now++;
    send(&ids, 1, 0, 0);
    assert_false(r.world.failed);
    send(&ids, 0, 2, 50);
    caught("ada sends of message 2, whose deadline passed at 2.000000000 s");
    sim_told_free(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_told_comes_in_any_order, setup, judged_end),
        cmocka_unit_test_setup_teardown(what_is_invented_comes_twice_or_is_damaged_is_found_out, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_message_that_never_came_is_missed, setup, judged_end),
        cmocka_unit_test_setup_teardown(what_was_told_in_an_earlier_life_may_be_lost, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_message_that_is_sent_behind_its_deadline_is_found_out, setup, judged_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
