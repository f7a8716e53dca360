/* SPDX-License-Identifier: MIT */
/* Each model of a link against its formula. Seeds are fixed, so that a test holds always or never; its bounds are five
 * standard deviations of what the formula says, which one honest model in 1.7 million would miss. */
#include "unit/netsim/unit.h"
#include "world/link.h"
#include "world/queue.h"

#include <stdlib.h>

#define DRAWS 1000000

static sim_prf prf;
static sim_link l;

static int setup(void **state)
{
    (void)state;
    prf = sim_prf_of_seed(1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sim_link_free(&l);
    return 0;
}

static void make(sim_link_spec spec)
{
    sim_link_free(&l);
    sim_link_init(&l, &spec, 77);
}

static sim_passage pass(tern_time now)
{
    sim_waiting waiting = { .entered = now, .n = 100 };
    sim_entry entry;
    return sim_link_pass(&l, &prf, NULL, &waiting, &entry);
}

/* Within five standard deviations, of which the variance is given. */
static void assert_near(const char *what, double seen, double mean, double variance)
{
    double off = seen - mean;
    if (off * off > 25 * variance) fail_msg("%s: %f, expected %f, variance %f", what, seen, mean, variance);
}

/* Of n independent trials with p: variance n p (1 - p). */
static void assert_share(const char *what, uint64_t seen, double n, double p)
{
    assert_near(what, (double)seen, n * p, n * p * (1 - p));
}

static void loss_has_its_probability(void **state)
{
    (void)state;
    static const uint64_t chances[] = { 1000000, 10000000, 500000000 };
    for (size_t i = 0; i < 3; i++) {
        make((sim_link_spec){ .loss = chances[i] });
        for (int n = 0; n < DRAWS; n++) pass(0);
        assert_share("lost", l.fates[SIM_FATE_LOST], DRAWS, (double)chances[i] / SIM_CHANCE_ONE);
        assert_int_equal(l.fates[SIM_FATE_LOST] + l.fates[SIM_FATE_SENT], DRAWS);
    }
}

/* Pairs of neighbours of which both are lost: n p^2, if none knows of the other. Pairs overlap: the variance is
 * n p^2 (1 - p^2) + 2 n (p^3 - p^4). */
static void a_loss_knows_nothing_of_the_one_before(void **state)
{
    (void)state;
    const double p = 0.1;
    uint64_t pairs = 0;
    bool before = false;
    make((sim_link_spec){ .loss = 100000000 });
    for (int n = 0; n <= DRAWS; n++) {
        bool lost = pass(0).fate == SIM_FATE_LOST;
        pairs += lost && before;
        before = lost;
    }
    assert_near("pairs", (double)pairs, DRAWS * p * p, DRAWS * (p * p * (1 - p * p) + 2 * (p * p * p - p * p * p * p)));
}

/* Gilbert-Elliott with P1 = p and P2 = q. */
typedef struct {
    uint64_t lost, bursts, short_ones; /* short: of one packet */
} burst_count;

static burst_count count_bursts(tern_time every)
{
    burst_count c = { 0 };
    unsigned length = 0;
    for (uint64_t n = 0; n < DRAWS; n++) {
        bool lost = pass(n * every).fate == SIM_FATE_BURST;
        c.lost += lost;
        c.bursts += lost && length == 0;
        c.short_ones += !lost && length == 1;
        length = lost ? length + 1 : 0;
    }
    return c;
}

/* Stationary: a share s = p / (p + q) is lost. What is lost in a row is not independent: with the chain's second
 * eigenvalue e = 1 - p - q the variance of the count is n s (1 - s) (1 + e) / (1 - e). Bursts are geometric with q: 1 /
 * q long on average, variance (1 - q) / q^2 each, and a share q of them is of one packet. */
static void bursts_have_their_share_length_and_distribution(void **state)
{
    (void)state;
    const double p = 0.01, q = 0.25, s = p / (p + q), e = 1 - p - q;
    make((sim_link_spec){ .burst_enter = 10000000, .burst_leave = 250000000 });
    burst_count c = count_bursts(0);
    assert_near("lost", (double)c.lost, DRAWS * s, DRAWS * s * (1 - s) * (1 + e) / (1 - e));
    assert_near("length", (double)c.lost / (double)c.bursts, 1 / q, (1 - q) / (q * q) / (double)c.bursts);
    assert_share("of one packet", c.short_ones, (double)c.bursts, q);
}

/*= SIM-007 */
/* The chain counts packets: how far apart they come is nothing to it. */
static void a_burst_is_so_many_packets_long_and_not_so_much_time(void **state)
{
    (void)state;
    make((sim_link_spec){ .burst_enter = 10000000, .burst_leave = 250000000 });
    burst_count at_once = count_bursts(0);
    make((sim_link_spec){ .burst_enter = 10000000, .burst_leave = 250000000 });
    burst_count apart = count_bursts(TERN_SECOND);
    assert_memory_equal(&at_once, &apart, sizeof apart);
}

static void copies_damage_and_delay_have_their_probability(void **state)
{
    (void)state;
    make((sim_link_spec){ .delay = 1, .dup = 10000000, .reorder = 20000000, .reorder_by = 1000, .corrupt = 30000000 });
    uint64_t copies = 0, late = 0, corrupt = 0, all = 0;
    for (int n = 0; n < DRAWS; n++) {
        sim_passage p = pass(0);
        copies += p.copies == 2;
        late += p.takes[0] == 1001;
        corrupt += p.corrupt;
        all += p.copies == 2 && p.takes[0] == 1001 && p.corrupt;
        if (p.copies == 2) assert_true(p.takes[1] == 1);
    }
    assert_share("copies", copies, DRAWS, 0.01);
    assert_share("late", late, DRAWS, 0.02);
    assert_share("damaged", corrupt, DRAWS, 0.03);
    assert_share("all three", all, DRAWS, 0.01 * 0.02 * 0.03); /* one tells nothing of another */
}

/* Packets every millisecond, of which r are held back by 10 ms: each of these is overtaken by the nine behind it,
 * unless they are late too. Of n packets 9 n r (1 - r); the held ones alone make a variance of 81 n r (1 - r). */
static void what_is_held_back_is_overtaken_as_far_as_its_delay_says(void **state)
{
    (void)state;
    const double r = 0.02;
    static tern_time at[DRAWS];
    uint64_t overtakes = 0;
    make((sim_link_spec){ .delay = 20 * TERN_MS, .reorder = 20000000, .reorder_by = 10 * TERN_MS });
    for (uint64_t n = 0; n < DRAWS; n++) at[n] = n * TERN_MS + pass(n * TERN_MS).takes[0];
    for (size_t n = 0; n + 20 < DRAWS; n++) {
        unsigned by = 0;
        for (size_t i = 1; i <= 20; i++) by += at[n + i] < at[n];
        assert_true(by <= 9);
        overtakes += by;
    }
    assert_near("overtakes", (double)overtakes, DRAWS * 9 * r * (1 - r), DRAWS * 81 * r * (1 - r));
}

/* Uniform from 0 to j: mean j / 2, variance j^2 / 12, each tenth as often as any other. */
static void jitter_is_uniform(void **state)
{
    (void)state;
    const tern_time j = 5 * TERN_MS;
    uint64_t tenth[10] = { 0 }, sum = 0;
    make((sim_link_spec){ .delay = 10 * TERN_MS, .jitter = j });
    for (int n = 0; n < DRAWS; n++) {
        tern_time more = pass(0).takes[0] - 10 * TERN_MS;
        assert_true(more <= j);
        sum += more;
        tenth[more == j ? 9 : more * 10 / j]++;
    }
    assert_near("mean", (double)sum / DRAWS, (double)j / 2, (double)j * (double)j / 12 / DRAWS);
    for (int i = 0; i < 10; i++) assert_share("a tenth", tenth[i], DRAWS, 0.1);
}

/* One is overtaken by the next, d behind it, where two draws differ by more than d: c = (1 - d / j)^2 / 2. That it is
 * and that the next one is are not independent: both are with b = (1 - 2 d / j)^3 / 6, so the variance of the count is
 * n (c (1 - c) + 2 (b - c^2)). */
static void jitter_reorders_as_often_as_two_draws_differ_by_the_gap(void **state)
{
    (void)state;
    const double d = 0.2, c = (1 - d) * (1 - d) / 2;
    const double b = (1 - 2 * d) * (1 - 2 * d) * (1 - 2 * d) / 6;
    uint64_t overtaken = 0;
    tern_time last = 0;
    make((sim_link_spec){ .delay = 10 * TERN_MS, .jitter = 5 * TERN_MS });
    for (uint64_t n = 0; n < DRAWS; n++) {
        tern_time at = n * TERN_MS + pass(n * TERN_MS).takes[0];
        overtaken += at < last;
        last = at;
    }
    assert_near("overtaken", (double)overtaken, DRAWS * c, DRAWS * (c * (1 - c) + 2 * (b - c * c)));
}

/* One, two or three flips with 1/2, 1/4, 1/4, of bits that are all as likely. Eight bytes have 64: a second flip of the
 * same bit as the one before is left out (1/64), and a third of the first one's takes it back. Among the three of the
 * last case this comes with 63/64 * 1/64. */
static void damage_flips_bits_that_are_all_as_likely(void **state)
{
    (void)state;
    const unsigned runs = 200000;
    uint64_t flips[4] = { 0 }, bit[64] = { 0 }, total = 0;
    make((sim_link_spec){ .corrupt = SIM_CHANCE_ONE });
    for (uint64_t n = 0; n < runs; n++) {
        uint8_t bytes[8] = { 0 };
        unsigned bits = 0;
        sim_link_damage(&l, &prf, n, (tern_buf){ bytes, sizeof bytes });
        for (unsigned i = 0; i < 64; i++) {
            unsigned set = (unsigned)(bytes[i / 8] >> i % 8) & 1;
            bit[i] += set;
            bits += set;
        }
        assert_in_range(bits, 1, 3);
        flips[bits]++;
        total += bits;
    }
    const double same = 1.0 / 64, three = 0.25 * (1 - same) * (1 - 2 * same); /* three different ones */
    const double two = 0.25 * (1 - same) + 0.25 * (2 * same * (1 - same));
    assert_share("three", flips[3], runs, three);
    assert_share("two", flips[2], runs, two);
    assert_share("one", flips[1], runs, 1 - two - three);
    for (int i = 0; i < 64; i++) assert_share("a bit", bit[i], (double)total, 1.0 / 64);
}

/* ---- what has a rate ---- */

static sim_bottleneck b;
static tern_time *thrown_at;
static unsigned thrown;

static void shed(void *context, const sim_waiting *waiting)
{
    (void)context;
    (void)waiting;
    if (thrown_at != NULL) thrown_at[thrown] = b.busy_until;
    thrown++;
}

static void make_queue(sim_bottleneck_spec spec)
{
    sim_bottleneck_free(&b);
    sim_bottleneck_init(&b, &spec);
    thrown = 0;
}

static uint64_t left_bytes, left_marked; /* what has begun to leave while drain was at it */

static void drain(tern_time now)
{
    sim_waiting out;
    while (b.waiting > 0 && b.busy_until <= now) {
        if (!sim_bottleneck_next(&b, &out, shed, NULL)) continue;
        left_bytes += out.n;
        left_marked += out.marked;
    }
}

static uint64_t draw(uint64_t n, uint64_t lo, uint64_t hi)
{
    return sim_between(sim_prf_u64(&prf, 5, n, SIM_DRAW_CONTENT), lo, hi);
}

/*= SIM-014 */
/* The naive model: a vessel of waiting time that empties as time passes. A packet finds it empty, or has to fit. It is
 * marked where it has to wait and the vessel with it stands above the mark. */
static void a_queue_drops_and_marks_what_the_naive_model_does(void **state)
{
    (void)state;
    const uint64_t us_a_byte = 1, full = 30000, mark = 12000;
    tern_time now = 0, waits = 0, before = 0;
    uint64_t fulls = 0, marks = 0;
    make_queue((sim_bottleneck_spec){
        .rate_bps = 8000000, .queue_bytes = full, .ecn = { SIM_ECN_SIZE, mark } }); /* 1 us a byte */
    for (uint64_t n = 0; n < 100000; n++) {
        now += draw(3 * n, 0, 1400) * 1000;
        waits = waits > now - before ? waits - (now - before) : 0;
        before = now;
        sim_waiting w = { .entered = now, .n = draw(3 * n + 1, 1, 1500), .ect = draw(3 * n + 2, 0, 3) > 0 };
        tern_time takes = w.n * us_a_byte * 1000;
        bool fits = waits == 0 || waits + takes <= full * 1000;
        bool marked = w.ect && waits > 0 && waits + takes > mark * 1000;
        drain(now);
        assert_int_equal(sim_bottleneck_enter(&b, &w) != SIM_ENTRY_FULL, fits);
        assert_true(b.bytes <= full);
        fulls += !fits;
        if (!fits) continue;
        assert_int_equal(w.marked, marked);
        marks += marked;
        waits += takes;
    }
    drain(TERN_TIME_NEVER - 1);
    assert_int_equal(b.marked, marks);
    assert_true(fulls > 1000 && marks > 1000);
}

/* Fed with more than it can carry, a rate is used to the last bit: after t it has sent r t / 8 bytes, but for the
 * packet that is under way. */
static void a_rate_is_so_many_bits_a_second_whatever_the_sizes(void **state)
{
    (void)state;
    static const uint64_t rates[] = { 64000, 3000000, 1000000000 };
    for (size_t i = 0; i < 3; i++) {
        const uint64_t span = TERN_SECOND * 80000000 / rates[i]; /* ten million bytes */
        uint64_t n = 0, sent = 0;
        make_queue((sim_bottleneck_spec){ .rate_bps = rates[i], .queue_bytes = 1 << 20 });
        left_bytes = 0;
        while (b.busy_until < span) {
            sim_waiting w = { .entered = b.busy_until, .n = draw(n++, 1, 1500) };
            if (b.waiting > 20)
                drain(b.busy_until);
            else
                sent += sim_bottleneck_enter(&b, &w) == SIM_ENTRY_SENT ? w.n : 0;
        }
        /* of each packet the rounding up to a nanosecond takes rate / 10^9 bits at most */
        uint64_t bytes = sent + left_bytes, lost = n * rates[i] / (8 * TERN_SECOND) + 1;
        assert_in_range(bytes, 10000000 - lost, 10000000 + 1500);
    }
}

/*= SIM-015 */
/* RFC 8289 section 4.3: once in its dropping state CoDel's n-th drop comes interval / sqrt(n) behind the one before,
 * with the first at n = 0 + 1 an interval behind it. A packet of one millisecond has to be leaving then: each comes up
 * to 1 ms late, and what comes late moves none of the others. */
static void codel_drops_at_the_distances_of_its_control_law(void **state)
{
    (void)state;
    static tern_time at[1000];
    thrown_at = at;
    make_queue((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 1 << 30, .codel = true });
    for (tern_time now = 0; now < 3 * TERN_SECOND; now += TERN_MS / 2) {
        sim_waiting w = { .entered = now, .n = 1000 }; /* twice what it carries: it never drains */
        drain(now);
        (void)sim_bottleneck_enter(&b, &w);
    }
    thrown_at = NULL;
    assert_in_range(thrown, 200, 250); /* (3 s / 200 ms)^2 = 225 */
    double due = (double)at[0];
    for (unsigned n = 1; n < thrown; n++) {
        double lo = 0, hi = (double)n + 1; /* the root, by halves */
        for (int i = 0; i < 60; i++)
            if ((lo + hi) / 2 * ((lo + hi) / 2) <= n)
                lo = (lo + hi) / 2;
            else
                hi = (lo + hi) / 2;
        due += 100e6 / lo;
        if ((double)at[n] < due - 1e5 || (double)at[n] > due + 1.1e6)
            fail_msg("drop %u at %f ms, expected %f", n + 1, (double)at[n] / 1e6, due / 1e6);
    }
}

/*= SIM-015 */
/* With ECN the same control law marks: as many as it would drop, and of those that are not ECT none. */
static void codel_marks_as_often_as_it_would_drop(void **state)
{
    (void)state;
    unsigned count[2] = { 0 };
    for (int ecn = 0; ecn < 2; ecn++) {
        make_queue((sim_bottleneck_spec){
            .rate_bps = 8000000, .queue_bytes = 1 << 30, .codel = true, .ecn = { ecn ? SIM_ECN_ON : SIM_ECN_OFF, 0 } });
        left_marked = 0;
        for (tern_time now = 0; now < 3 * TERN_SECOND; now += TERN_MS / 2) {
            sim_waiting w = { .entered = now, .n = 1000, .ect = ecn == 1 };
            drain(now);
            (void)sim_bottleneck_enter(&b, &w);
        }
        count[ecn] = ecn ? (unsigned)left_marked : thrown;
        assert_int_equal(ecn ? thrown : left_marked, 0);
    }
    assert_in_range(count[1], count[0] - 2, count[0] + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_has_its_probability),
        cmocka_unit_test(a_loss_knows_nothing_of_the_one_before),
        cmocka_unit_test(bursts_have_their_share_length_and_distribution),
        cmocka_unit_test(a_burst_is_so_many_packets_long_and_not_so_much_time),
        cmocka_unit_test(copies_damage_and_delay_have_their_probability),
        cmocka_unit_test(what_is_held_back_is_overtaken_as_far_as_its_delay_says),
        cmocka_unit_test(jitter_is_uniform),
        cmocka_unit_test(jitter_reorders_as_often_as_two_draws_differ_by_the_gap),
        cmocka_unit_test(damage_flips_bits_that_are_all_as_likely),
        cmocka_unit_test(a_queue_drops_and_marks_what_the_naive_model_does),
        cmocka_unit_test(a_rate_is_so_many_bits_a_second_whatever_the_sizes),
        cmocka_unit_test(codel_drops_at_the_distances_of_its_control_law),
        cmocka_unit_test(codel_marks_as_often_as_it_would_drop),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    sim_bottleneck_free(&b);
    return failed;
}
