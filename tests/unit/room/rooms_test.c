/* SPDX-License-Identifier: MIT */
#include "room/rooms.h"
#include "unit/base/unit.h"

#define SEATS     12
#define HISTORY   1500
#define GUARD     256
#define MODEL_MAX 60000 /* events of one room's life in the model */

static const tern_addr somewhere = { .family = 4, .ip = { 192, 0, 2, 1 }, .port = 4000 };

/* A table in exactly the memory that it asked for, with a guard behind it. */
typedef struct {
    uint8_t *memory;
    size_t n;
    tern_rooms *rooms;
} table;

static table table_new(const tern_rooms_config *config)
{
    table t = { .n = tern_rooms_footprint(config) };
    t.memory = malloc(t.n + GUARD);
    assert_non_null(t.memory);
    memset(t.memory, 0x5a, t.n + GUARD);
    t.rooms = (tern_rooms *)t.memory;
    tern_rooms_init(t.rooms, config);
    return t;
}

static void table_free(table *t)
{
    for (size_t i = 0; i < GUARD; i++) assert_int_equal(t->memory[t->n + i], 0x5a);
    free(t->memory);
}

static tern_rooms_config config_of(bool fixed)
{
    return (tern_rooms_config){
        .max_rooms = 2, .max_members = 3, .seats = SEATS, .history_bytes = HISTORY, .fixed = fixed
    };
}

static tern_admission join(table *t, uint32_t seat, const char *room, const char *nick)
{
    return tern_rooms_join(t->rooms, seat, text_bytes(room), text_bytes(nick), &somewhere, 1000);
}

static void publish(table *t, uint32_t seat, const char *text)
{
    tern_buf body[2];
    assert_true(tern_rooms_publish(t->rooms, seat, (uint32_t)strlen(text), 2000, body));
    memcpy(body[0].p, text, body[0].n);
    if (body[1].n > 0) memcpy(body[1].p, text + body[0].n, body[1].n);
}

/* What the member is sent next, in words: "3 message ann hello". */
static const char *next(table *t, uint32_t seat)
{
    static const char *const kinds[] = { "message", "arrived", "left" };
    static char words[300];
    tern_step s;
    tern_rooms_step(t->rooms, seat, &s);
    if (s.kind == TERN_STEP_NONE) {
        assert_true(tern_rooms_is_current(t->rooms, seat));
        return "nothing";
    }
    assert_false(tern_rooms_is_current(t->rooms, seat));
    tern_rooms_took(t->rooms, seat, &s);
    if (s.kind == TERN_STEP_MISSED) {
        (void)snprintf(words, sizeof words, "missed %u to %u", (unsigned)s.first, (unsigned)s.last);
        return words;
    }
    (void)snprintf(words, sizeof words, "%u %s %.*s%s%.*s%.*s", (unsigned)s.record.number, kinds[s.record.kind],
                   s.record.who.nick.n, (const char *)s.record.who.nick.b, s.record.size > 0 ? " " : "",
                   (int)s.body[0].n, (const char *)s.body[0].p, (int)s.body[1].n, (const char *)s.body[1].p);
    return words;
}

/*= ROOM-004 */
static void a_member_is_sent_everything_from_its_own_arrival_on(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config);
    (void)state;
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    publish(&t, 0, "alone");
    assert_int_equal(join(&t, 7, "lounge", "bob"), TERN_ADMIT);
    publish(&t, 7, "");
    assert_string_equal(next(&t, 0), "1 arrived ann");
    assert_string_equal(next(&t, 0), "2 message ann alone");
    assert_string_equal(next(&t, 0), "3 arrived bob");
    assert_string_equal(next(&t, 0), "4 message bob");
    assert_string_equal(next(&t, 0), "nothing");
    assert_string_equal(next(&t, 7), "3 arrived bob");
    assert_string_equal(next(&t, 7), "4 message bob");
    assert_string_equal(next(&t, 7), "nothing");
    table_free(&t);
}

/*= ROOM-007 */
static void those_who_stay_are_told_who_left(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config);
    tern_step s;
    (void)state;
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 1, "lounge", "bob"), TERN_ADMIT);
    (void)next(&t, 0);
    (void)next(&t, 0);
    assert_int_equal(tern_rooms_leave(t.rooms, 1, 2, 5000), 3);
    assert_null(tern_rooms_member(t.rooms, 1));
    tern_rooms_step(t.rooms, 0, &s);
    assert_int_equal(s.record.kind, TERN_RECORD_LEFT);
    assert_int_equal(s.record.why, 2);
    assert_int_equal(s.record.time_ms, 5000);
    assert_int_equal(s.record.who.id, 2);
    assert_int_equal(s.record.who.addr.port, somewhere.port);
    table_free(&t);
}

/*= ROOM-003 ROOM-008 */
static void joins_beyond_the_rules_are_denied(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config);
    (void)state;
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 1, "lounge", "ann"), TERN_DENY_NICK_TAKEN);
    assert_int_equal(join(&t, 1, "lounge", "Ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 1, "attic", "ann"), TERN_DENY_ALREADY_MEMBER);
    assert_int_equal(join(&t, 2, "lounge", "cy"), TERN_ADMIT);
    assert_int_equal(join(&t, 3, "lounge", "dee"), TERN_DENY_ROOM_FULL);
    assert_int_equal(join(&t, 3, "attic", "ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 4, "cellar", "eve"), TERN_DENY_TOO_MANY_ROOMS);
    assert_int_equal(tern_rooms_population(t.rooms, text_bytes("lounge")), 3);
    assert_int_equal(tern_rooms_population(t.rooms, text_bytes("cellar")), 0);
    table_free(&t);
}

static void a_room_made_on_demand_goes_with_its_last_member(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config);
    (void)state;
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 1, "attic", "bob"), TERN_ADMIT);
    publish(&t, 0, "x");
    (void)tern_rooms_leave(t.rooms, 0, 0, 0);
    assert_int_equal(join(&t, 2, "cellar", "cy"), TERN_ADMIT); /* in its place */
    (void)tern_rooms_leave(t.rooms, 2, 0, 0);
    assert_int_equal(join(&t, 3, "lounge", "ann"), TERN_ADMIT);
    assert_string_equal(next(&t, 3), "1 arrived ann"); /* a new room of the old name */
    table_free(&t);
}

static void fixed_rooms_stay_and_are_the_only_ones(void **state)
{
    tern_rooms_config config = config_of(true);
    table t = table_new(&config);
    (void)state;
    assert_true(tern_rooms_add(t.rooms, text_bytes("lounge")));
    assert_false(tern_rooms_add(t.rooms, text_bytes("lounge")));
    assert_int_equal(join(&t, 0, "attic", "ann"), TERN_DENY_NO_ROOM);
    assert_true(tern_rooms_add(t.rooms, text_bytes("attic")));
    assert_false(tern_rooms_add(t.rooms, text_bytes("cellar")));
    assert_int_equal(join(&t, 0, "cellar", "ann"), TERN_DENY_NO_ROOM);
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    (void)tern_rooms_leave(t.rooms, 0, 0, 0);
    assert_int_equal(join(&t, 5, "lounge", "bob"), TERN_ADMIT);
    assert_string_equal(next(&t, 5), "3 arrived bob"); /* it has a past */
    assert_int_equal(tern_rooms_member(t.rooms, 5)->who.id, 2);
    table_free(&t);
}

static void an_id_in_use_is_not_given_again(void **state)
{
    tern_rooms_config config = config_of(true);
    table t = table_new(&config);
    (void)state;
    assert_true(tern_rooms_add(t.rooms, text_bytes("lounge")));
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    ((tern_room *)(uintptr_t)tern_rooms_room(t.rooms, 0))->last_id = UINT32_MAX; /* four billion joins later */
    assert_int_equal(join(&t, 1, "lounge", "bob"), TERN_ADMIT);
    assert_int_equal(tern_rooms_member(t.rooms, 0)->who.id, 1);
    assert_int_equal(tern_rooms_member(t.rooms, 1)->who.id, 2); /* neither 0 nor ann's */
    table_free(&t);
}

/*= ROOM-006 */
static void a_slow_member_is_told_what_it_missed(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config);
    char text[101] = { 0 }, words[32];
    (void)state;
    memset(text, 'x', 100);
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    assert_int_equal(join(&t, 1, "lounge", "bob"), TERN_ADMIT);
    while (strcmp(next(&t, 0), "nothing") != 0) {
    }
    for (int i = 0; i < 50; i++) {
        publish(&t, 1, text);
        assert_non_null(strstr(next(&t, 0), " message bob xxx"));
    }
    uint64_t oldest = tern_rooms_room(t.rooms, 0)->history.oldest;
    assert_true(oldest > 40 && oldest < 52);
    (void)snprintf(words, sizeof words, "missed 2 to %u", (unsigned)oldest - 1);
    assert_string_equal(next(&t, 1), words);
    (void)snprintf(words, sizeof words, "%u message bob xxx", (unsigned)oldest);
    assert_non_null(strstr(next(&t, 1), words));
    table_free(&t);
}

/* The model: what happened in each room, in words, and how much of it each member has met. */
typedef struct {
    char nick[4];
    int room;   /* -1: none */
    size_t met; /* index of the next event */
} model_member;

typedef struct {
    char words[48];
} model_event;

typedef struct {
    model_event *events[2];
    size_t n[2], members[2];
    model_member member[SEATS];
} model;

static const char *const names[2] = { "lounge", "attic" };

__attribute__((format(printf, 3, 4))) static void happen(model *m, int room, const char *format, ...)
{
    va_list args;
    char words[40];
    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    assert_true(m->n[room] < MODEL_MAX);
    (void)snprintf(m->events[room][m->n[room]].words, sizeof(model_event), "%u %s", (unsigned)m->n[room] + 1, words);
    m->n[room]++;
}

static bool model_has(const model *m, int room, const char *nick)
{
    for (size_t i = 0; i < SEATS; i++)
        if (m->member[i].room == room && strcmp(m->member[i].nick, nick) == 0) return true;
    return false;
}

static void random_join(table *t, model *m, uint32_t seat, uint64_t *random)
{
    int room = (int)random_below(random, 2);
    char nick[4] = { 'n', (char)('a' + random_below(random, 9)), 0, 0 };
    tern_admission answer = join(t, seat, names[room], nick);
    if (m->member[seat].room >= 0) {
        assert_int_equal(answer, TERN_DENY_ALREADY_MEMBER);
    } else if (model_has(m, room, nick)) {
        assert_int_equal(answer, TERN_DENY_NICK_TAKEN);
    } else if (m->members[room] == 3) {
        assert_int_equal(answer, TERN_DENY_ROOM_FULL);
    } else {
        assert_int_equal(answer, TERN_ADMIT);
        m->member[seat] = (model_member){ .room = room, .met = m->n[room] };
        memcpy(m->member[seat].nick, nick, sizeof nick);
        m->members[room]++;
        happen(m, room, "arrived %s", nick);
    }
}

/* What the member meets is what happened, in order, or a gap that ends where the history begins. */
static void random_step(table *t, model *m, uint32_t seat)
{
    model_member *who = &m->member[seat];
    unsigned first, last;
    const char *words = next(t, seat);
    if (who->met == m->n[who->room]) {
        assert_string_equal(words, "nothing");
    } else if (sscanf(words, "missed %u to %u", &first, &last) == 2) {
        assert_int_equal(first, who->met + 1);
        assert_true(last >= first && last < m->n[who->room]);
        who->met = last;
    } else {
        assert_string_equal(words, m->events[who->room][who->met].words);
        who->met++;
    }
}

static void random_act(table *t, model *m, uint64_t *random)
{
    uint32_t seat = (uint32_t)random_below(random, SEATS);
    uint64_t act = random_below(random, 40);
    model_member *who = &m->member[seat];
    if (act == 0) {
        random_join(t, m, seat, random);
        return;
    }
    if (who->room < 0) return;
    if (act == 1) {
        (void)tern_rooms_leave(t->rooms, seat, 0, 0);
        happen(m, who->room, "left %s", who->nick);
        m->members[who->room]--;
        who->room = -1;
    } else if (act < 10) {
        char text[16];
        (void)snprintf(text, sizeof text, "t%u", (unsigned)random_below(random, 1000000));
        publish(t, seat, text);
        happen(m, who->room, "message %s %s", who->nick, text);
    } else if (random_below(random, seat + 1) < 3) {
        random_step(t, m, seat);
    }
}

static void rosters_agree(table *t, const model *m)
{
    for (int room = 0; room < 2; room++) {
        uint32_t n = 0, last_id = 0;
        for (uint32_t i = tern_rooms_first(t->rooms, (uint32_t)room); i != TERN_SEAT_NONE;
             i = tern_rooms_after(t->rooms, i)) {
            const tern_room_member *member = tern_rooms_member(t->rooms, i);
            assert_int_equal(m->member[i].room, room);
            assert_memory_equal(member->who.nick.b, m->member[i].nick, member->who.nick.n);
            assert_true(member->who.id > last_id); /* in order of arrival */
            last_id = member->who.id;
            n++;
        }
        assert_int_equal(n, m->members[room]);
        assert_int_equal(tern_rooms_room(t->rooms, (uint32_t)room)->members, n);
    }
}

/*= ROOM-003 ROOM-004 ROOM-006 ROOM-007 ROOM-008 */
static void rooms_do_what_a_naive_model_does(void **state)
{
    tern_rooms_config config = config_of(true);
    table t = table_new(&config);
    model m = { 0 };
    uint64_t random = 11;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(tern_rooms_add(t.rooms, text_bytes(names[i])));
        m.events[i] = calloc(MODEL_MAX, sizeof(model_event));
        assert_non_null(m.events[i]);
    }
    for (size_t i = 0; i < SEATS; i++) m.member[i].room = -1;
    for (int i = 0; i < 200000; i++) {
        random_act(&t, &m, &random);
        if (i % 100 == 0) rosters_agree(&t, &m);
    }
    assert_true(m.n[0] > 1000 && m.n[1] > 1000);
    free(m.events[0]);
    free(m.events[1]);
    table_free(&t);
}

static void a_copy_of_the_block_is_a_copy_of_the_rooms(void **state)
{
    tern_rooms_config config = config_of(false);
    table t = table_new(&config), copy = table_new(&config);
    (void)state;
    assert_int_equal(join(&t, 0, "lounge", "ann"), TERN_ADMIT);
    publish(&t, 0, "both");
    memcpy(copy.memory, t.memory, t.n);
    publish(&t, 0, "one");
    memset(t.memory, 0xee, t.n);
    assert_string_equal(next(&copy, 0), "1 arrived ann");
    assert_string_equal(next(&copy, 0), "2 message ann both");
    assert_string_equal(next(&copy, 0), "nothing");
    assert_int_equal(join(&copy, 1, "lounge", "bob"), TERN_ADMIT);
    assert_string_equal(next(&copy, 0), "3 arrived bob");
    table_free(&copy);
    table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_sent_everything_from_its_own_arrival_on),
        cmocka_unit_test(those_who_stay_are_told_who_left),
        cmocka_unit_test(joins_beyond_the_rules_are_denied),
        cmocka_unit_test(a_room_made_on_demand_goes_with_its_last_member),
        cmocka_unit_test(fixed_rooms_stay_and_are_the_only_ones),
        cmocka_unit_test(an_id_in_use_is_not_given_again),
        cmocka_unit_test(a_slow_member_is_told_what_it_missed),
        cmocka_unit_test(rooms_do_what_a_naive_model_does),
        cmocka_unit_test(a_copy_of_the_block_is_a_copy_of_the_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
