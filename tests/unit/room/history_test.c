/* SPDX-License-Identifier: MIT */
#include "room/history.h"
#include "unit/base/unit.h"

#define CAPACITY    2000
#define EVENTS      4000
#define READERS     5
#define BODY_MOST   900
#define GUARD_BYTES 64

/* What a naive history would keep: everything, and where the ring's memory of it begins. */
typedef struct {
    uint8_t body[EVENTS + 1][BODY_MOST]; /* by number */
    uint32_t size[EVENTS + 1];
    uint64_t oldest, next, kept_bytes;
} model;

static uint8_t memory[GUARD_BYTES + CAPACITY + GUARD_BYTES];
static uint8_t *const ring = memory + GUARD_BYTES;
static tern_history history;

static int setup(void **state)
{
    (void)state;
    memset(memory, 0xa5, sizeof memory);
    tern_history_init(&history, CAPACITY);
    return 0;
}

static void guards_are_whole(void)
{
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        assert_int_equal(memory[i], 0xa5);
        assert_int_equal(memory[GUARD_BYTES + CAPACITY + i], 0xa5);
    }
}

static bool add(const uint8_t *body, uint32_t size)
{
    tern_buf spans[2];
    tern_record record = { .kind = TERN_RECORD_MESSAGE, .size = size, .time_ms = size, .number = 4711 };
    if (!tern_history_add(&history, ring, &record, spans)) return false;
    assert_int_equal(spans[0].n + spans[1].n, size);
    if (size > 0) memcpy(spans[0].p, body, spans[0].n);
    if (spans[1].n > 0) memcpy(spans[1].p, body + spans[0].n, spans[1].n);
    return true;
}

static void body_is(const tern_step *step, const uint8_t *body, uint32_t size)
{
    assert_int_equal(step->record.size, size);
    assert_int_equal(step->body[0].n + step->body[1].n, size);
    if (size > 0) assert_memory_equal(step->body[0].p, body, step->body[0].n);
    if (step->body[1].n > 0) assert_memory_equal(step->body[1].p, body + step->body[0].n, step->body[1].n);
}

static void model_add(model *m, uint64_t *random)
{
    uint32_t size = (uint32_t)random_below(random, random_below(random, 8) == 0 ? BODY_MOST : 60);
    uint64_t cost = tern_history_cost(size);
    for (uint32_t i = 0; i < size; i++) m->body[m->next][i] = (uint8_t)random_below(random, 256);
    m->size[m->next] = size;
    while (m->kept_bytes + cost > CAPACITY) m->kept_bytes -= tern_history_cost(m->size[m->oldest++]);
    m->kept_bytes += cost;
    assert_true(add(m->body[m->next], size));
    m->next++;
}

/* One step of a reader that stands before the event *at. */
static void model_step(const model *m, tern_cursor *cursor, uint64_t *at)
{
    tern_step step;
    tern_history_step(&history, ring, *cursor, &step);
    if (*at == m->next) {
        assert_int_equal(step.kind, TERN_STEP_NONE);
    } else if (*at < m->oldest) {
        assert_int_equal(step.kind, TERN_STEP_MISSED);
        assert_int_equal(step.first, *at);
        assert_int_equal(step.last, m->oldest - 1);
        *at = m->oldest;
    } else {
        assert_int_equal(step.kind, TERN_STEP_RECORD);
        assert_int_equal(step.first, *at);
        assert_int_equal(step.record.number, *at);
        assert_int_equal(step.record.time_ms, m->size[*at]);
        body_is(&step, m->body[*at], m->size[*at]);
        ++*at;
    }
    *cursor = step.then;
}

/*= ROOM-004 ROOM-006 */
static void every_reader_meets_what_a_naive_history_says(void **state)
{
    static model m;
    tern_cursor cursor[READERS];
    uint64_t at[READERS], random = 7;
    (void)state;
    memset(&m, 0, sizeof m);
    m.oldest = m.next = 1;
    for (size_t i = 0; i < READERS; i++) {
        cursor[i] = tern_history_end(&history);
        at[i] = 1;
    }
    while (m.next <= EVENTS) {
        model_add(&m, &random);
        for (size_t i = 0; i < READERS; i++) /* the first reads all, the last almost nothing */
            for (uint64_t steps = random_below(&random, 4); steps > 0; steps--)
                if (random_below(&random, i * i * 4 + 1) == 0) model_step(&m, &cursor[i], &at[i]);
    }
    assert_int_equal(history.oldest, m.oldest);
    for (size_t i = 0; i < READERS; i++)
        while (at[i] < m.next) model_step(&m, &cursor[i], &at[i]);
    guards_are_whole();
}

/*= ROOM-008 */
static void an_event_larger_than_the_ring_is_not_taken(void **state)
{
    static const uint8_t body[CAPACITY];
    uint32_t most = (uint32_t)(CAPACITY - tern_history_cost(0));
    tern_step step;
    (void)state;
    tern_cursor cursor = tern_history_end(&history);
    assert_true(add(body, 3));
    assert_false(add(body, most + 1));
    tern_history_step(&history, ring, cursor, &step);
    assert_int_equal(step.kind, TERN_STEP_RECORD); /* nothing was forgotten for it */
    assert_true(add(body, most));
    tern_history_step(&history, ring, cursor, &step);
    assert_int_equal(step.kind, TERN_STEP_MISSED);
    guards_are_whole();
}

static void a_reader_at_the_end_meets_nothing_older(void **state)
{
    static const uint8_t body[] = "one";
    tern_step step;
    (void)state;
    assert_true(add(body, 3));
    tern_cursor cursor = tern_history_end(&history);
    tern_history_step(&history, ring, cursor, &step);
    assert_int_equal(step.kind, TERN_STEP_NONE);
    assert_true(add(body, 2));
    tern_history_step(&history, ring, cursor, &step);
    assert_int_equal(step.record.number, 2);
    body_is(&step, body, 2);
    tern_history_step(&history, ring, step.then, &step);
    assert_int_equal(step.kind, TERN_STEP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_reader_meets_what_a_naive_history_says, setup),
        cmocka_unit_test_setup(an_event_larger_than_the_ring_is_not_taken, setup),
        cmocka_unit_test_setup(a_reader_at_the_end_meets_nothing_older, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
