/* SPDX-License-Identifier: MIT */
/* Nodes that are broken on purpose: each is found out by the checker that is there for it, and by its name. */
#include "node/client.h"
#include "node/relay.h"
#include "relay/client.h"
#include "rules/audit.h"
#include "rules/converge.h"
#include "run/run.h"
#include "unit/netsim/unit.h"

static sim_run r;

/* How the node called a is broken. The broken verbs do what the real client does, but for one thing. */
static sim_node_ops broken;

static int recv_deaf(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    return now < 2 * TERN_SECOND ? sim_client_ops.recv(self, now, path, datagram, ecn) : 0;
}

static int recv_and_write_too_far(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    size_t size;
    uint8_t *memory = sim_lent_memory(self, &size);
    if (now > 2 * TERN_SECOND) memory[size + 3] = 1;
    return sim_client_ops.recv(self, now, path, datagram, ecn);
}

static int recv_and_say_nothing_of_drops(void *self, tern_time now, const tern_path *path, tern_buf datagram,
                                         tern_ecn ecn)
{
    (void)sim_client_ops.recv(self, now, path, datagram, ecn);
    return 0;
}

static tern_batch send_and_send(void *self, tern_time now, tern_buf out)
{
    tern_batch b = sim_client_ops.send(self, now, out);
    if (now < 2 * TERN_SECOND || b.count > 0) return b;
    b = (tern_batch){ .count = 1, .segment = 1, .total = 1 };
    b.path.remote = r.world.nodes[0].addr;
    out.p[0] = 0;
    return b;
}

static tern_batch send_too_much_at_once(void *self, tern_time now, tern_buf out)
{
    tern_batch b = sim_client_ops.send(self, now, out);
    if (b.count > 0 && now > 2 * TERN_SECOND) b.total = b.count * b.segment + 1;
    return b;
}

static tern_time timer_in_the_past(const void *self)
{
    tern_time at = sim_client_ops.next_timeout(self);
    return r.world.now > 2 * TERN_SECOND ? r.world.now - 1 : at;
}

static tern_time timer_for_nothing(const void *self)
{
    tern_time at = sim_client_ops.next_timeout(self);
    return r.world.now > 2 * TERN_SECOND ? r.world.now : at;
}

static tern_time timer_every_millisecond(const void *self)
{
    tern_time at = sim_client_ops.next_timeout(self), soon = r.world.now - r.world.now % TERN_MS + TERN_MS;
    return at < soon ? at : soon;
}

/* ---- nodes that send what they should not: the real one, with its state bent before it sends ---- */

static tern_connection *connection_of(const void *self)
{
    const tern_node *node = sim_lent_node(self);
    return tern_endpoint_find((tern_endpoint *)(uintptr_t)node, 0); /* the node is what an endpoint begins with */
}

static tern_time snapshot_at = TERN_SECOND;

/* As a machine that is put back to a snapshot of itself. */
static tern_batch send_as_before_the_snapshot(void *self, tern_time now, tern_buf out)
{
    static uint8_t *snapshot;
    size_t size;
    void *memory = sim_lent_memory(self, &size);
    if (snapshot == NULL && now > snapshot_at && now < 2 * snapshot_at) {
        snapshot = test_malloc(size);
        memcpy(snapshot, memory, size);
    } else if (snapshot != NULL && now > 2 * snapshot_at) {
        memcpy(memory, snapshot, size);
        test_free(snapshot);
        snapshot = NULL;
    }
    return sim_client_ops.send(self, now, out);
}

/* A relay that draws the same random bytes whenever somebody says SYN, and so has the same keys. */
static int relay_recv_with_the_same_chance(void *self, tern_time now, const tern_path *path, tern_buf datagram,
                                           tern_ecn ecn)
{
    size_t size;
    static const uint8_t seed[TERN_SEED_SIZE];
    tern_header h;
    if (tern_header_parse(tern_bytes_of(datagram.p, datagram.n), &h) == TERN_DROP_NONE && h.type == TERN_PACKET_SYN)
        tern_drbg_init(&((tern_endpoint *)sim_lent_memory(self, &size))->drbg, seed, tern_bytes_of(NULL, 0));
    return sim_relay_ops.recv(self, now, path, datagram, ecn);
}

static tern_batch send_as_if_nothing_were_in_flight(void *self, tern_time now, tern_buf out)
{
    tern_congestion *c = &connection_of(self)->recovery.congestion;
    uint64_t before = c->in_flight_bytes;
    c->in_flight_bytes = 0;
    tern_batch b = sim_client_ops.send(self, now, out);
    c->in_flight_bytes += before;
    return b;
}

static tern_batch send_with_a_window_that_nothing_has_earned(void *self, tern_time now, tern_buf out)
{
    connection_of(self)->recovery.congestion.cwnd_bytes = 10000000;
    return sim_client_ops.send(self, now, out);
}

static tern_batch send_more_than_all_streams_may(void *self, tern_time now, tern_buf out)
{
    tern_send_credit_raise(&connection_of(self)->streams.send_credit, 100000000);
    return sim_client_ops.send(self, now, out);
}

static tern_batch send_more_than_messages_may(void *self, tern_time now, tern_buf out)
{
    tern_send_credit_raise(&connection_of(self)->messages.send_credit, 100000000);
    return sim_client_ops.send(self, now, out);
}

static tern_batch send_more_than_a_stream_may(void *self, tern_time now, tern_buf out)
{
    connection_of(self)->streams.initial_send = 100000000;
    return sim_client_ops.send(self, now, out);
}

static tern_batch send_more_than_messages_without_order_may(void *self, tern_time now, tern_buf out)
{
    tern_send_credit_raise(&connection_of(self)->unordered_out.credit, 100000000);
    return sim_client_ops.send(self, now, out);
}

static tern_batch open_more_streams_than_it_may(void *self, tern_time now, tern_buf out)
{
    connection_of(self)->streams.ids[0].own_limit = 1000;
    return sim_client_ops.send(self, now, out);
}

static tern_batch send_longer_datagrams_than_it_may(void *self, tern_time now, tern_buf out)
{
    connection_of(self)->datagrams.send_max = 1200;
    return sim_client_ops.send(self, now, out);
}

static const char BUSY[] = "node r relay connection-window 256k stream-window 64k message-window 64k max-message 32k\n"
                           "node a client keep 8M max-message 32k\n"
                           "link a-r delay 100ms rate 20Mbit queue 1M\nat 0s join a hall\n"
                           "at 1s stream a 2M\nat 1s stream a 2M\nat 1s stream a 2M\nat 1s stream a 2M\nat 1s stream a "
                           "2M\nat 1s say a 30000 times 30 every 1ms\nuntil 9s\n";

static const char MANY[] =
    "node r relay unordered-window 64k max-message 32k datagrams 1000\nnode a client keep 8M\n"
    "link a-r delay 100ms\nat 1s tell a 30000 times 10 every 1ms\n"
    "at 1s datagram a 1100 times 3 every 50ms\nat 1.2s stream a 100k\nat 1.2s stream a 100k\n"
    "at 1.2s stream a 100k\nat 1.2s stream a 100k\nat 1.2s stream a 100k\nat 1.2s stream a 100k\n"
    "at 1.2s stream a 100k\nat 1.2s stream a 100k\nat 1.2s stream a 100k\nat 4s heal\nuntil 9s\n";

static const char SCENARIO[] = "node r relay\nnode a client\nnode b client\n"
                               "link a-r delay 10ms loss 5% dup 5%\nlink b-r delay 10ms\n"
                               "at 0s join a hall\nat 0s join b hall\n"
                               "at 1s say b 100 times 100 every 20ms\n"
                               "at 1s inject r>a random 10 every 300ms\n"
                               "at 4s heal\nuntil 9s\n";

static char failure[400];
static bool audit_all;

/* Whether the run is good with other verbs for a node; failure says why it is not. */
static bool run_with(const char *text, uint32_t node, const sim_node_ops *verbs)
{
    sim_error error;
    static sim_scenario s;
    if (!sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), 1, &error))
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    bool good = sim_run_init(&r, &s, 1, NULL);
    r.audit_all = audit_all;
    r.world.nodes[node].ops = verbs;
    good = good && sim_run_go(&r);
    memcpy(failure, r.world.failure, sizeof failure);
    sim_run_free(&r);
    sim_scenario_free(&s);
    return good;
}

static bool run(const char *text)
{
    return run_with(text, 1, &broken);
}

static void assert_found_out(const char *says)
{
    assert_false(run(SCENARIO));
    if (strstr(failure, says) == NULL) fail_msg("it says: %s", failure);
}

static int the_real_one(void **state)
{
    (void)state;
    broken = sim_client_ops;
    return 0;
}

static void the_real_client_is_not_found_out(void **state)
{
    (void)state;
    if (!run(SCENARIO)) fail_msg("%s", failure);
}

/*= SIM-010 */
static void one_that_never_stops_sending_ends_the_run_by_its_name(void **state)
{
    (void)state;
    broken.send = send_and_send;
    assert_found_out("a never stops sending");
}

/*= SIM-010 */
static void a_batch_that_contradicts_itself_is_found_out(void **state)
{
    (void)state;
    broken.send = send_too_much_at_once;
    assert_found_out("a gives a batch of ");
}

/*= SIM-010 */
static void a_timer_in_the_past_ends_the_run_by_its_name(void **state)
{
    (void)state;
    broken.next_timeout = timer_in_the_past;
    assert_found_out("a wants to be woken in the past");
}

/*= SIM-010 */
static void a_timer_that_nothing_earned_ends_the_run_by_its_name(void **state)
{
    (void)state;
    broken.next_timeout = timer_for_nothing;
    assert_found_out("a is woken 256 times at one instant and does nothing");
}

/*= SIM-036 */
static void timers_that_nothing_earned_end_the_run_by_its_name(void **state)
{
    (void)state;
    broken.next_timeout = timer_every_millisecond;
    assert_found_out("a is woken again and again and does nothing");
}

/*= SIM-027 SIM-028 SIM-029 */
static void what_its_packets_show_is_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *scenario;
        tern_batch (*send)(void *self, tern_time now, tern_buf out);
        const char *says;
    } table[] = {
        { BUSY, send_as_before_the_snapshot, "a uses packet number " },
        { BUSY, send_as_if_nothing_were_in_flight, " bytes in flight to r with a window of " },
        { BUSY, send_with_a_window_that_nothing_has_earned, " bytes in flight to r with a window of " },
        { BUSY, send_more_than_all_streams_may, " of all its streams, and was promised room for " },
        { BUSY, send_more_than_messages_may, " of its messages, and was promised room for " },
        { BUSY, send_more_than_a_stream_may, " of a stream, and was promised room for 65536" },
        { MANY, send_more_than_messages_without_order_may,
          " of its messages without order, and was promised room for " },
        { MANY, open_more_streams_than_it_may, "a opens stream 9 of its kind, and was promised room for 8" },
        { MANY, send_longer_datagrams_than_it_may, " of a datagram, and was promised room for 1000" },
    };
    broken.send = sim_client_ops.send;
    if (!run(BUSY) || !run(MANY)) fail_msg("the real one: %s", failure);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        broken.send = table[i].send;
        if (run(table[i].scenario)) fail_msg("%zu is not found out", i);
        if (strstr(failure, table[i].says) == NULL) fail_msg("%zu says: %s", i, failure);
    }
}

/*= SIM-027 */
static void what_is_late_is_found_out_when_all_is_judged(void **state)
{
    (void)state;
    static const char LONG[] = "node r relay\nnode a client\nlink a-r delay 10ms rate 20Mbit queue 256k\n"
                               "at 0s stream a 20M\nuntil 6s\n";
    snapshot_at = 2 * TERN_SECOND; /* put back when 9 MB have left */
    broken.send = send_as_before_the_snapshot;
    (void)run(LONG);
    bool by_the_first = strstr(failure, "a uses packet number ") != NULL;
    audit_all = true;
    (void)run(LONG);
    audit_all = false;
    snapshot_at = TERN_SECOND;
    assert_false(by_the_first);
    assert_non_null(strstr(failure, "a uses packet number "));
}

/*= SIM-027 */
static void two_connections_with_one_secret_are_found_out(void **state)
{
    (void)state;
    sim_error error;
    static sim_scenario s;
    tern_event e = { .type = TERN_EVENT_SECRET };
    assert_true(sim_scenario_parse(&s, tern_bytes_of(SCENARIO, sizeof SCENARIO - 1), 1, &error));
    assert_true(sim_run_init(&r, &s, 1, NULL));
    e.u.secret.label = "CLIENT_TRAFFIC_SECRET_0";
    sim_audit_secret(&r, &e);
    sim_audit_secret(&r, &e);
    assert_false(r.world.failed);
    e.u.secret.client_random[0] = 1;
    sim_audit_secret(&r, &e);
    assert_non_null(strstr(r.world.failure, "two connections have the same CLIENT_TRAFFIC_SECRET_0"));
    sim_run_free(&r);
    sim_scenario_free(&s);
}

/*= SIM-027 */
static void a_relay_that_answers_a_repeated_syn_with_the_same_keys_is_found_out(void **state)
{
    (void)state;
    static const char text[] = "node r relay idle 2s\nnode a client\nlink a-r delay 10ms\nat 0.1s close a\n"
                               "at 0.2s crash a\nat 5s inject a>r replay 40 every 10ms\nuntil 6s\n";
    sim_node_ops relay = sim_relay_ops;
    if (!run_with(text, 0, &relay)) fail_msg("the real one: %s", failure);
    relay.recv = relay_recv_with_the_same_chance;
    assert_false(run_with(text, 0, &relay));
    if (strstr(failure, "r uses packet number 0 of a key behind ") == NULL) fail_msg("it says: %s", failure);
}

/*= SIM-011 */
static void drops_that_are_not_told_are_found_out(void **state)
{
    (void)state;
    broken.recv = recv_and_say_nothing_of_drops;
    assert_found_out("a counts ");
}

/*= SIM-024 */
static void one_that_writes_behind_its_memory_is_found_out(void **state)
{
    (void)state;
    broken.recv = recv_and_write_too_far;
    assert_found_out("a has written behind the ");
}

/*= SIM-023 */
static void one_that_hears_nothing_has_not_converged(void **state)
{
    (void)state;
    broken.recv = recv_deaf;
    assert_found_out("the network has healed, but a has seen ");
}

/*= SIM-023 */
static void what_is_not_done_when_the_run_ends_has_not_converged(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } table[] = {
        { "node r relay\nnode a client\nlink a-r delay 10ms loss 100%\nat 1s heal\nuntil 1001ms\n",
          "a is not connected" },
        { "node r relay\nnode a client\nlink a-r delay 10ms rate 100kbit\nat 1s heal\nat 1s stream a 1M\nuntil 2s\n",
          "a has not done all it was told" },
        { "node r relay\nnode a client\nnode b client\nlink a-r delay 10ms\nlink b-r delay 500ms\nat 0s join a x\n"
          "at 0s join b x\nat 8s heal\nat 9s say a 5\nuntil 9.1s\n",
          "a has seen 4 events of its room and b 3" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_false(run(table[i].text));
        if (strstr(failure, table[i].says) == NULL) fail_msg("%s says: %s", table[i].text, failure);
    }
}

/*= SIM-023 */
static void a_message_that_one_member_lacks_is_missed(void **state)
{
    (void)state;
    sim_error error;
    static sim_scenario s;
    assert_true(sim_scenario_parse(&s, tern_bytes_of(SCENARIO, sizeof SCENARIO - 1), 1, &error));
    assert_true(sim_run_init(&r, &s, 1, NULL));
    assert_true(sim_run_go(&r));
    r.people[1].heard[2]--; /* all but the last of b's */
    r.world.failed = false;
    sim_converge_check(&r);
    assert_non_null(strstr(r.world.failure, "a has not got the last of what b published"));
    sim_run_free(&r);
    sim_scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_real_client_is_not_found_out, the_real_one),
        cmocka_unit_test_setup(one_that_never_stops_sending_ends_the_run_by_its_name, the_real_one),
        cmocka_unit_test_setup(a_batch_that_contradicts_itself_is_found_out, the_real_one),
        cmocka_unit_test_setup(a_timer_in_the_past_ends_the_run_by_its_name, the_real_one),
        cmocka_unit_test_setup(a_timer_that_nothing_earned_ends_the_run_by_its_name, the_real_one),
        cmocka_unit_test_setup(timers_that_nothing_earned_end_the_run_by_its_name, the_real_one),
        cmocka_unit_test_setup(what_its_packets_show_is_found_out, the_real_one),
        cmocka_unit_test_setup(what_is_late_is_found_out_when_all_is_judged, the_real_one),
        cmocka_unit_test_setup(two_connections_with_one_secret_are_found_out, the_real_one),
        cmocka_unit_test(a_relay_that_answers_a_repeated_syn_with_the_same_keys_is_found_out),
        cmocka_unit_test_setup(drops_that_are_not_told_are_found_out, the_real_one),
        cmocka_unit_test_setup(one_that_writes_behind_its_memory_is_found_out, the_real_one),
        cmocka_unit_test_setup(one_that_hears_nothing_has_not_converged, the_real_one),
        cmocka_unit_test_setup(what_is_not_done_when_the_run_ends_has_not_converged, the_real_one),
        cmocka_unit_test_setup(a_message_that_one_member_lacks_is_missed, the_real_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
