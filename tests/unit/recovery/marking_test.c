/* SPDX-License-Identifier: MIT */
#include "recovery/marking.h"
#include "unit/base/unit.h"

static tern_marking m;

static int setup(void **state)
{
    (void)state;
    m = (tern_marking){ 0 };
    return 0;
}

static void send_marked(int n)
{
    for (int i = 0; i < n; i++) tern_marking_sent(&m);
}

static bool told(uint32_t newly, uint64_t ect0, uint64_t ect1, uint64_t ce)
{
    const tern_mark_counts counts = { ect0, ect1, ce };
    m.newly += newly;
    m.fresh = true;
    return tern_marking_check(&m, &counts);
}

/*= REC-046 */
static void ten_packets_are_marked_before_marks_are_known_to_come_through(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_true(tern_marking_marks(&m, false));
        assert_false(tern_marking_marks(&m, true)); /* after a probe timeout none */
        send_marked(1);
    }
    assert_false(tern_marking_marks(&m, false));
    assert_false(told(3, 3, 0, 0));
    assert_true(tern_marking_marks(&m, false));
    assert_true(tern_marking_marks(&m, true));
}

/*= REC-046 */
static void when_all_of_them_are_lost_no_more_are_marked(void **state)
{
    (void)state;
    send_marked(10);
    for (int i = 0; i < 9; i++) tern_marking_lost(&m);
    assert_int_equal(m.state, TERN_MARKING_UNKNOWN);
    tern_marking_lost(&m);
    assert_int_equal(m.state, TERN_MARKING_FAILED);
    assert_false(tern_marking_marks(&m, false));
}

/*= REC-046 */
static void an_acknowledgement_without_counts_fails(void **state)
{
    (void)state;
    send_marked(4);
    m.newly = 1;
    m.fresh = true;
    assert_false(tern_marking_check(&m, NULL));
    assert_int_equal(m.state, TERN_MARKING_FAILED);
    assert_false(told(1, 2, 0, 1)); /* and nothing is believed from then on */
    assert_int_equal(m.state, TERN_MARKING_FAILED);
}

static void one_that_settles_no_marked_packet_needs_none(void **state)
{
    (void)state;
    send_marked(4);
    m.fresh = true;
    assert_false(tern_marking_check(&m, NULL));
    assert_int_equal(m.state, TERN_MARKING_TESTING);
}

/*= REC-046 */
static void counts_that_cannot_be_fail(void **state)
{
    static const struct {
        uint32_t newly;
        tern_mark_counts counts;
    } wrong[] = {
        { 2, { 6, 0, 0 } },         /* 5 were told: one mark is gone */
        { 0, { 4, 0, 0 } },         /* fewer than before */
        { 1, { 5, 1, 0 } },         /* ECT(1) was never sent */
        { 1, { 11, 0, 0 } },        /* more than was sent */
        { 1, { 5, 0, 11 } },        /* likewise */
        { 1, { 5, 0, UINT64_MAX } } /* likewise */
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        setup(NULL);
        send_marked(10);
        assert_false(told(5, 5, 0, 0));
        assert_int_equal(m.state, TERN_MARKING_CAPABLE);
        assert_false(told(wrong[i].newly, wrong[i].counts.ect0, wrong[i].counts.ect1, wrong[i].counts.ce));
        assert_int_equal(m.state, TERN_MARKING_FAILED);
    }
}

/*= REC-046 */
static void new_marks_of_congestion_are_told_once(void **state)
{
    (void)state;
    send_marked(10);
    assert_false(told(2, 2, 0, 0));
    assert_true(told(2, 3, 0, 1));
    assert_false(told(2, 5, 0, 1));
    assert_true(told(2, 5, 0, 3));
    assert_int_equal(m.state, TERN_MARKING_CAPABLE);
}

/*= REC-046 */
static void an_older_acknowledgement_that_comes_late_fails_nothing(void **state)
{
    (void)state;
    send_marked(10);
    assert_false(told(6, 6, 0, 0));
    const tern_mark_counts older = { 3, 0, 0 };
    m.newly = 1; /* it settled one that the newer one did not name */
    assert_false(tern_marking_check(&m, &older));
    assert_int_equal(m.state, TERN_MARKING_CAPABLE);
    assert_false(told(1, 8, 0, 0));
    assert_int_equal(m.state, TERN_MARKING_CAPABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ten_packets_are_marked_before_marks_are_known_to_come_through, setup),
        cmocka_unit_test_setup(when_all_of_them_are_lost_no_more_are_marked, setup),
        cmocka_unit_test_setup(an_acknowledgement_without_counts_fails, setup),
        cmocka_unit_test_setup(one_that_settles_no_marked_packet_needs_none, setup),
        cmocka_unit_test_setup(counts_that_cannot_be_fail, setup),
        cmocka_unit_test_setup(new_marks_of_congestion_are_told_once, setup),
        cmocka_unit_test_setup(an_older_acknowledgement_that_comes_late_fails_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
