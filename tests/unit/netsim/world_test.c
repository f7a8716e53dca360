/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/world.h"

#include <stdlib.h>

/* A node that is anything: sends `owed` datagrams of `size` bytes to `to`, answers each that comes, wakes when told. */
typedef struct {
    const sim_world *world;
    uint32_t to;
    unsigned owed, answers, received, woken, destroyed;
    size_t size;
    tern_time wake_at, every, last_arrival;
    bool endless, in_the_past, stuck, broken_batch, idle;
    int verdict;
    uint8_t first_byte;
} fake;

static sim_world w;
static fake a, b;
static uint32_t index_a, index_b;

static int fake_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    fake *f = self;
    (void)path;
    (void)ecn;
    f->received++;
    f->last_arrival = now;
    f->first_byte = datagram.p[0];
    if (f->answers > 0) {
        f->answers--;
        f->owed++;
    }
    memset(datagram.p, 0, datagram.n); /* as a node does that opens in place */
    return f->verdict;
}

static tern_batch fake_send(void *self, tern_time now, tern_buf out)
{
    fake *f = self;
    tern_batch batch = { .count = 0 };
    (void)now;
    if (f->owed == 0 && !f->endless) return batch;
    batch.count = f->endless || f->owed < 3 ? 1 : 3;
    if (!f->endless) f->owed -= (unsigned)batch.count;
    batch.segment = f->size;
    batch.total = f->broken_batch ? batch.count * f->size + 1 : batch.count * f->size;
    batch.path.remote = w.nodes[f->to].addr;
    memset(out.p, 7, batch.count * f->size);
    return batch;
}

static tern_time fake_next_timeout(const void *self)
{
    const fake *f = self;
    if (f->in_the_past && f->world->now > 0) return f->world->now - 1;
    return f->stuck ? f->world->now : f->wake_at;
}

static void fake_on_timeout(void *self, tern_time now)
{
    fake *f = self;
    f->woken++;
    f->wake_at = f->every == 0 ? TERN_TIME_NEVER : now + f->every;
    if (f->every > 0 && !f->idle) f->owed++;
}

static void fake_destroy(void *self)
{
    ((fake *)self)->destroyed++;
}

static const sim_node_ops ops = { fake_recv, fake_send, fake_next_timeout, fake_on_timeout, NULL, fake_destroy, NULL };

static fake plain(uint32_t to)
{
    return (fake){ .world = &w, .to = to, .size = 100, .wake_at = TERN_TIME_NEVER };
}

static void build(uint64_t seed, sim_link_spec spec)
{
    sim_world_init(&w, seed);
    index_a = sim_world_add_node(&w, "a", &ops, 1000);
    index_b = sim_world_add_node(&w, "b", &ops, 2000);
    sim_world_add_link(&w, index_a, index_b, &spec, SIM_NO_BOTTLENECK);
    sim_world_add_link(&w, index_b, index_a, &spec, SIM_NO_BOTTLENECK);
    a = plain(index_b);
    b = plain(index_a);
}

static int setup(void **state)
{
    (void)state;
    build(1, (sim_link_spec){ .delay = 10 });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sim_world_free(&w);
    return 0;
}

static void start_both(void)
{
    sim_world_start(&w, index_a, &a);
    sim_world_start(&w, index_b, &b);
}

static void datagrams_arrive_after_the_delay_and_are_answered(void **state)
{
    (void)state;
    a.owed = 1;
    a.answers = 2;
    b.answers = 100;
    start_both();
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(b.received, 3);
    assert_int_equal(a.received, 3);
    assert_int_equal(a.last_arrival, 60);
    assert_int_equal(b.first_byte, 7);
    assert_int_equal(w.packets, 6);
    assert_int_equal(w.now, 1000);
}

static void a_batch_is_taken_apart_into_its_datagrams(void **state)
{
    (void)state;
    a.owed = 8;
    start_both();
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(b.received, 8);
    assert_int_equal(sim_world_link_between(&w, index_a, index_b)->link.bytes_sent, 800);
}

static void a_timer_wakes_at_its_time_until_it_is_never(void **state)
{
    (void)state;
    a.wake_at = 5;
    a.every = 100;
    start_both();
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(a.woken, 10);
    assert_int_equal(b.received, 10);
}

/*= SIM-010 */
static void a_node_that_never_stops_sending_fails_with_its_name(void **state)
{
    (void)state;
    a.endless = true;
    start_both();
    assert_false(sim_world_run(&w, 1000));
    assert_non_null(strstr(w.failure, "a never stops sending"));
}

/*= SIM-010 */
static void a_timer_in_the_past_fails(void **state)
{
    (void)state;
    b.in_the_past = true;
    a.owed = 1;
    start_both();
    assert_false(sim_world_run(&w, 1000));
    assert_non_null(strstr(w.failure, "b wants to be woken in the past"));
}

/*= SIM-010 */
static void a_node_that_wakes_and_wakes_and_does_nothing_fails(void **state)
{
    (void)state;
    b.stuck = true;
    start_both();
    assert_false(sim_world_run(&w, 1000));
    assert_non_null(strstr(w.failure, "b is woken 256 times at one instant"));
}

/*= SIM-036 */
static void timers_that_come_to_nothing_have_to_be_earned(void **state)
{
    (void)state;
    b.every = b.wake_at = 10;
    b.idle = true;
    start_both();
    assert_true(sim_world_run(&w, 10 * SIM_WAKES_FREE));
    assert_false(sim_world_run(&w, 10 * SIM_WAKES_FREE + 10));
    assert_non_null(strstr(w.failure, "b is woken again and again and does nothing: its timers are not earned"));
}

/*= SIM-036 */
static void each_datagram_earns_a_timeout(void **state)
{
    (void)state;
    b.every = b.wake_at = 10;
    b.idle = true;
    start_both();
    for (unsigned i = 1; i <= 4 * SIM_WAKES_FREE; i++) {
        a.owed = 1;
        sim_world_drive(&w, index_a);
        assert_true(sim_world_run(&w, 10 * i));
    }
    assert_int_equal(b.received, b.woken);
}

/*= SIM-037 */
static void too_many_events_end_the_run_with_the_name_of_who_is_busiest(void **state)
{
    (void)state;
    w.events_max = 1000;
    a.owed = 1;
    a.answers = b.answers = UINT32_MAX;
    b.every = b.wake_at = 3;
    start_both();
    assert_false(sim_world_run(&w, TERN_SECOND));
    assert_non_null(strstr(w.failure, "more than 1000 events; busiest is b, which had its turn "));
    assert_int_equal(w.events, 1001);
}

/*= SIM-010 */
static void a_batch_that_contradicts_itself_fails(void **state)
{
    (void)state;
    a.owed = 3;
    a.broken_batch = true;
    start_both();
    assert_false(sim_world_run(&w, 1000));
    assert_non_null(strstr(w.failure, "a gives a batch"));
}

static void two_nodes_that_answer_each_other_without_delay_are_stopped(void **state)
{
    (void)state;
    sim_world_free(&w);
    build(1, (sim_link_spec){ 0 });
    a.owed = 1;
    a.answers = b.answers = UINT32_MAX;
    start_both();
    assert_false(sim_world_run(&w, 1000));
    assert_non_null(strstr(w.failure, "time stands still"));
}

static void what_reaches_a_node_that_is_gone_finds_nobody(void **state)
{
    (void)state;
    a.owed = 3;
    start_both();
    sim_world_stop(&w, index_b);
    assert_int_equal(b.destroyed, 1);
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(b.received, 0);
    sim_world_start(&w, index_b, &b);
    a.owed = 1;
    sim_world_drive(&w, index_a);
    assert_true(sim_world_run(&w, 2000));
    assert_int_equal(b.received, 1);
}

/*= SIM-011 */
static void a_reason_that_is_none_fails_the_run(void **state)
{
    (void)state;
    static const int none[] = { -1, TERN_DROP_COUNT };
    start_both();
    for (size_t i = 0; i < 2; i++) {
        uint8_t byte = 1;
        b.verdict = none[i];
        sim_world_inject(&w, index_b, &w.nodes[index_a].addr, tern_bytes_of(&byte, 1));
        assert_non_null(strstr(w.failure, "which is none"));
        w.failed = false;
        w.failure[0] = '\0';
    }
}

static void drops_are_counted_by_what_the_node_said(void **state)
{
    (void)state;
    b.verdict = TERN_DROP_AEAD;
    a.owed = 4;
    start_both();
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(w.nodes[index_b].drops[TERN_DROP_AEAD], 4);
}

static tern_too_big heard;
static tern_path heard_of;
static tern_time heard_at;

static void hear_too_big(void *self, tern_time now, const tern_path *path, const tern_too_big *what)
{
    (void)self;
    heard = *what;
    heard_of = *path;
    heard_at = now;
}

/*= SIM-044 */
static void who_sends_too_much_is_told_when_the_link_tells(void **state)
{
    static const sim_node_ops hearing = { fake_recv, fake_send, fake_next_timeout, fake_on_timeout,
                                          NULL,      NULL,      hear_too_big };
    (void)state;
    fake c = plain(index_b);
    uint32_t index_c = sim_world_add_node(&w, "c", &hearing, 3000);
    const sim_link_spec tells = { .delay = 30, .mtu = 50, .mtu_tells = true };
    sim_world_add_link(&w, index_c, index_b, &tells, SIM_NO_BOTTLENECK);
    start_both();
    sim_world_start(&w, index_c, &c);
    heard = (tern_too_big){ 0, 0 };
    sim_world_transmit(&w, index_c, &w.nodes[index_b].addr, tern_bytes_of(w.out, 51), TERN_ECN_NOT_ECT);
    assert_true(sim_world_run(&w, 29));
    assert_int_equal(heard.bytes, 0);
    assert_true(sim_world_run(&w, 100));
    assert_int_equal(heard.bytes, 51);
    assert_int_equal(heard.most, 50);
    assert_true(heard_at == 30 && sim_addr_same(&heard_of.remote, &w.nodes[index_b].addr));
    heard.bytes = 0;
    sim_world_transmit(&w, index_c, &w.nodes[index_b].addr, tern_bytes_of(w.out, 50), TERN_ECN_NOT_ECT);
    sim_world_transmit(&w, index_c, &w.nodes[index_b].addr, tern_bytes_of(w.out, 52), TERN_ECN_NOT_ECT);
    sim_world_stop(&w, index_c); /* who comes after it has sent nothing */
    sim_world_start(&w, index_c, &c);
    assert_true(sim_world_run(&w, 200));
    assert_int_equal(heard.bytes, 0);
    assert_int_equal(b.received, 1);
}

/*= SIM-040 */
static void a_group_hears_over_links_of_its_own(void **state)
{
    (void)state;
    fake c = plain(index_a), d = plain(index_a);
    uint32_t index_c = sim_world_add_node(&w, "c", &ops, 3000), index_d = sim_world_add_node(&w, "d", &ops, 4000);
    sim_world_add_link(&w, index_a, index_c, &(sim_link_spec){ .delay = 50 }, SIM_NO_BOTTLENECK);
    sim_world_add_link(&w, index_a, index_d, &(sim_link_spec){ .delay = 50 }, SIM_NO_BOTTLENECK);
    start_both();
    sim_world_start(&w, index_c, &c);
    sim_world_start(&w, index_d, &d);
    const tern_addr addr = { .family = 4, .ip = { 224, 1, 1, 1 }, .port = 5007 };
    sim_world_group *g = &w.groups[sim_world_add_group(&w, &addr, false)];
    const tern_bytes text = tern_bytes_of("all", 3);
    sim_world_transmit(&w, index_a, &addr, text, TERN_ECN_NOT_ECT); /* nobody is in it */
    g->in[index_b] = g->in[index_c] = true;
    sim_world_transmit(&w, index_a, &addr, text, TERN_ECN_NOT_ECT);
    assert_true(sim_world_run(&w, 20));
    assert_int_equal(b.received, 1);
    assert_int_equal(c.received, 0);
    g->in[index_c] = false; /* before it arrives */
    g->in[index_a] = g->loop = true;
    sim_world_transmit(&w, index_a, &addr, text, TERN_ECN_NOT_ECT);
    assert_true(sim_world_run(&w, 20));
    assert_int_equal(a.received, 1); /* its own, at once */
    assert_true(sim_world_run(&w, 100));
    assert_int_equal(b.received, 2);
    assert_int_equal(c.received + d.received, 0);
    assert_int_equal(a.received, 1);
}

static void where_no_link_leads_nothing_arrives(void **state)
{
    (void)state;
    uint32_t c = sim_world_add_node(&w, "c", &ops, 3000);
    static fake lonely; /* teardown still destroys it */
    lonely = plain(index_b);
    lonely.owed = 1;
    sim_world_start(&w, c, &lonely);
    start_both();
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(b.received, 0);
    assert_int_equal(w.packets, 1);
}

static void digest_of(uint64_t seed, bool inject, bool more, uint8_t out[TERN_SHA256_SIZE],
                      uint64_t fates[SIM_FATE_COUNT])
{
    sim_world_free(&w);
    build(seed, (sim_link_spec){ .delay = 10, .jitter = 5, .loss = 200000000, .dup = 100000000, .corrupt = 100000000 });
    a.wake_at = 1;
    a.every = 7;
    b.answers = 1000;
    start_both();
    assert_true(sim_world_run(&w, 500));
    static const uint8_t foreign[3] = { 1, 2, 3 };
    tern_addr from = w.nodes[index_a].addr;
    if (inject) sim_world_inject(&w, index_b, &from, tern_bytes_of(foreign, sizeof foreign));
    b.answers = more ? 1000 : b.answers;
    assert_true(sim_world_run(&w, 5000));
    sim_digest_final(&w.digest, out);
    memcpy(fates, sim_world_link_between(&w, index_a, index_b)->link.fates, SIM_FATE_COUNT * sizeof *fates);
}

/*= SIM-001 SIM-002 */
static void one_seed_gives_one_digest_and_another_seed_another(void **state)
{
    (void)state;
    uint8_t first[TERN_SHA256_SIZE], second[TERN_SHA256_SIZE];
    uint64_t fates[SIM_FATE_COUNT];
    digest_of(1, false, false, first, fates);
    digest_of(1, false, false, second, fates);
    assert_memory_equal(first, second, sizeof first);
    digest_of(2, false, false, second, fates);
    assert_memory_not_equal(first, second, sizeof first);
}

/*= SIM-012 */
static void an_injected_datagram_shows_in_the_digest_and_moves_no_draw(void **state)
{
    (void)state;
    uint8_t without[TERN_SHA256_SIZE], with[TERN_SHA256_SIZE];
    uint64_t fates_without[SIM_FATE_COUNT], fates_with[SIM_FATE_COUNT];
    digest_of(1, false, false, without, fates_without);
    digest_of(1, true, false, with, fates_with);
    assert_memory_not_equal(without, with, sizeof with);
    assert_memory_equal(fates_without, fates_with, sizeof fates_with);
}

static unsigned calls;

static void call(sim_world *world, void *context, uint64_t argument)
{
    assert_int_equal(world->now, 50);
    assert_ptr_equal(context, &calls);
    calls = calls * 10 + (unsigned)argument;
}

/*= SIM-008 */
static void calls_come_in_order_and_the_last_ones_behind_all_others(void **state)
{
    (void)state;
    calls = 0;
    sim_world_at(&w, 50, true, call, &calls, 3);
    sim_world_at(&w, 50, false, call, &calls, 1);
    sim_world_at(&w, 50, false, call, &calls, 2);
    sim_world_at(&w, 5000, false, call, &calls, 9); /* never comes, and is freed */
    assert_true(sim_world_run(&w, 1000));
    assert_int_equal(calls, 123);
}

static void an_address_leads_to_its_node_and_to_no_other(void **state)
{
    (void)state;
    tern_addr addr = w.nodes[index_b].addr;
    assert_int_equal(sim_world_node_at(&w, &addr), index_b);
    addr.port++;
    assert_int_equal(sim_world_node_at(&w, &addr), UINT32_MAX);
    addr = w.nodes[index_b].addr;
    addr.ip[3] = 200;
    assert_int_equal(sim_world_node_at(&w, &addr), UINT32_MAX);
    addr = (tern_addr){ .family = 0 };
    assert_int_equal(sim_world_node_at(&w, &addr), UINT32_MAX);
}

/*= SIM-026 */
static void a_nat_forgets_who_is_silent(void **state)
{
    (void)state;
    w.nodes[index_b].nat = 50;
    b.owed = 1;
    start_both();
    tern_addr old = w.nodes[index_b].addr;
    a.owed = 1;
    sim_world_drive(&w, index_a);
    assert_true(sim_world_run(&w, 40));
    assert_int_equal(b.received, 1);
    assert_true(sim_world_run(&w, 100));
    a.owed = 1;
    sim_world_drive(&w, index_a);
    assert_true(sim_world_run(&w, 200));
    assert_int_equal(b.received, 1); /* what comes keeps no place, and now nobody is there */
    assert_true(sim_addr_same(&old, &w.nodes[index_b].addr));
    b.owed = 1;
    sim_world_drive(&w, index_b);
    assert_int_equal(w.nodes[index_b].addr.port, old.port + 1);
    a.owed = 1;
    sim_world_drive(&w, index_a);
    assert_true(sim_world_run(&w, 240));
    assert_int_equal(b.received, 2);
}

/*= SIM-016 */
static void what_is_sent_to_an_old_address_finds_nobody(void **state)
{
    (void)state;
    a.owed = 1;
    start_both();
    tern_addr old = w.nodes[index_b].addr;
    sim_world_rebind(&w, index_b, false);
    assert_true(sim_world_run(&w, 100));
    assert_int_equal(b.received, 0); /* it was under way */
    assert_int_equal(sim_world_node_at(&w, &old), UINT32_MAX);
    assert_int_equal(sim_world_node_ever_at(&w, &old), index_b);
    assert_int_equal(sim_world_node_at(&w, &w.nodes[index_b].addr), index_b);
    assert_int_equal(w.nodes[index_b].addr.port, old.port + 1);
    assert_memory_equal(w.nodes[index_b].addr.ip, old.ip, sizeof old.ip);
    a.owed = 1;
    sim_world_drive(&w, index_a); /* the fake looks its address up anew */
    assert_true(sim_world_run(&w, 200));
    assert_int_equal(b.received, 1);
    sim_world_rebind(&w, index_b, true);
    assert_memory_not_equal(w.nodes[index_b].addr.ip, old.ip, sizeof old.ip);
    assert_int_equal(sim_world_node_ever_at(&w, &old), index_b);
    assert_int_equal(sim_world_node_at(&w, &w.nodes[index_b].addr), index_b);
}

static tern_addr seen_remote, seen_local;

static int looking_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    seen_remote = path->remote;
    seen_local = path->local;
    return fake_recv(self, now, path, datagram, ecn);
}

/*= SIM-016 */
static void a_node_that_is_rebound_knows_nothing_of_it_and_others_see_its_new_address(void **state)
{
    (void)state;
    static const sim_node_ops looking = {
        looking_recv, fake_send, fake_next_timeout, fake_on_timeout, NULL, NULL, NULL
    };
    tern_addr inside = w.nodes[index_a].addr;
    w.nodes[index_a].ops = w.nodes[index_b].ops = &looking;
    sim_world_rebind(&w, index_a, true);
    a.owed = 1;
    b.answers = 1;
    start_both();
    assert_true(sim_world_run(&w, 15));
    assert_true(sim_addr_same(&seen_remote, &w.nodes[index_a].addr) && !sim_addr_same(&seen_remote, &inside));
    assert_true(sim_world_run(&w, 100));
    assert_int_equal(a.received, 1);
    assert_true(sim_addr_same(&seen_local, &inside));
}

/*= SIM-014 */
static void several_links_share_a_queue_and_its_rate(void **state)
{
    (void)state;
    sim_world_free(&w);
    sim_world_init(&w, 1);
    index_a = sim_world_add_node(&w, "a", &ops, 1000);
    index_b = sim_world_add_node(&w, "b", &ops, 2000);
    uint32_t c = sim_world_add_node(&w, "c", &ops, 3000);
    sim_bottleneck_spec one_byte_a_us = { .rate_bps = 8000000, .queue_bytes = 1 << 20 };
    uint32_t queue = sim_world_add_bottleneck(&w, "x", &one_byte_a_us);
    sim_world_add_link(&w, index_a, index_b, &(sim_link_spec){ .delay = 7 }, queue);
    sim_world_add_link(&w, c, index_b, &(sim_link_spec){ .delay = 5 * TERN_MS }, queue);
    a = plain(index_b);
    b = plain(index_a);
    static fake third;
    third = plain(index_b);
    a.owed = third.owed = 2;
    a.size = third.size = 1000;
    sim_world_start(&w, index_b, &b);
    sim_world_start(&w, index_a, &a);
    sim_world_start(&w, c, &third);
    assert_true(sim_world_run(&w, TERN_MS + 6));
    assert_int_equal(b.received, 0);
    assert_true(sim_world_run(&w, 2 * TERN_MS + 7)); /* both of a */
    assert_int_equal(b.received, 2);
    assert_true(sim_world_run(&w, 8 * TERN_MS)); /* the first of c has waited for them: 3 ms, and its own delay */
    assert_int_equal(b.received, 3);
    assert_true(sim_world_run(&w, 9 * TERN_MS));
    assert_int_equal(b.received, 4);
    assert_true(b.last_arrival == 9 * TERN_MS);
    assert_int_equal(w.bottlenecks[queue].queue.sending, 4 * TERN_MS);
    assert_int_equal(w.bottlenecks[queue].queue.most_bytes, 3000);
}

static tern_ecn seen_ecn[8];
static unsigned seen_n;

static int ecn_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    seen_ecn[seen_n++ % 8] = ecn;
    return fake_recv(self, now, path, datagram, ecn);
}

static tern_batch ect_send(void *self, tern_time now, tern_buf out)
{
    tern_batch batch = fake_send(self, now, out);
    batch.ecn = TERN_ECN_ECT0;
    return batch;
}

/*= SIM-014 */
static void a_long_queue_marks_what_can_be_marked(void **state)
{
    (void)state;
    static const sim_node_ops marking = { ecn_recv, ect_send, fake_next_timeout, fake_on_timeout, NULL, NULL, NULL };
    sim_world_free(&w);
    build(1,
          (sim_link_spec){ .queue = { .rate_bps = 8000000, .queue_bytes = 1 << 20, .ecn = { SIM_ECN_SIZE, 3000 } } });
    w.nodes[index_a].ops = w.nodes[index_b].ops = &marking;
    a.size = 1000;
    a.owed = 5;
    seen_n = 0;
    start_both();
    assert_true(sim_world_run(&w, TERN_SECOND));
    static const tern_ecn want[] = { TERN_ECN_ECT0, TERN_ECN_ECT0, TERN_ECN_ECT0, TERN_ECN_CE, TERN_ECN_CE };
    assert_int_equal(seen_n, 5);
    assert_memory_equal(seen_ecn, want, sizeof want);
    assert_int_equal(sim_world_link_between(&w, index_a, index_b)->link.marked, 2);
}

static void marks_are_bleached(void **state)
{
    (void)state;
    static const sim_node_ops marking = { ecn_recv, ect_send, fake_next_timeout, fake_on_timeout, NULL, NULL, NULL };
    sim_world_free(&w);
    build(1, (sim_link_spec){ .queue = { .rate_bps = 8000000, .queue_bytes = 1 << 20, .ecn = { SIM_ECN_BLEACH, 0 } } });
    w.nodes[index_a].ops = w.nodes[index_b].ops = &marking;
    a.size = 1000;
    a.owed = 3;
    seen_n = 0;
    start_both();
    assert_true(sim_world_run(&w, TERN_SECOND));
    static const tern_ecn want[] = { TERN_ECN_NOT_ECT, TERN_ECN_NOT_ECT, TERN_ECN_NOT_ECT };
    assert_int_equal(seen_n, 3);
    assert_memory_equal(seen_ecn, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(datagrams_arrive_after_the_delay_and_are_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_is_taken_apart_into_its_datagrams, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timer_wakes_at_its_time_until_it_is_never, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_that_never_stops_sending_fails_with_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timer_in_the_past_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_that_wakes_and_wakes_and_does_nothing_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(timers_that_come_to_nothing_have_to_be_earned, setup, teardown),
        cmocka_unit_test_setup_teardown(each_datagram_earns_a_timeout, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_events_end_the_run_with_the_name_of_who_is_busiest, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_that_contradicts_itself_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(two_nodes_that_answer_each_other_without_delay_are_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(what_reaches_a_node_that_is_gone_finds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reason_that_is_none_fails_the_run, setup, teardown),
        cmocka_unit_test_setup_teardown(drops_are_counted_by_what_the_node_said, setup, teardown),
        cmocka_unit_test_setup_teardown(who_sends_too_much_is_told_when_the_link_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(a_group_hears_over_links_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(where_no_link_leads_nothing_arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(one_seed_gives_one_digest_and_another_seed_another, setup, teardown),
        cmocka_unit_test_setup_teardown(an_injected_datagram_shows_in_the_digest_and_moves_no_draw, setup, teardown),
        cmocka_unit_test_setup_teardown(calls_come_in_order_and_the_last_ones_behind_all_others, setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_leads_to_its_node_and_to_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(a_nat_forgets_who_is_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_to_an_old_address_finds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_node_that_is_rebound_knows_nothing_of_it_and_others_see_its_new_address,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(several_links_share_a_queue_and_its_rate, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_queue_marks_what_can_be_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(marks_are_bleached, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
