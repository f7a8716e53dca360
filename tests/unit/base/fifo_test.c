/* SPDX-License-Identifier: MIT */
#include "base/fifo.h"
#include "unit/base/unit.h"

#define CAPACITY 512

/* Records of all lengths, in and out in any rhythm, against a plain list of what must come next. */
static void records_come_out_whole_and_in_order(void **state)
{
    static uint8_t memory[CAPACITY + 16];
    static struct {
        size_t n;
        uint8_t fill;
    } list[CAPACITY];
    size_t oldest = 0, next = 0, refused = 0;
    uint64_t random = 11;
    tern_fifo f;
    (void)state;
    memset(memory + CAPACITY, 0x5a, 16);
    tern_fifo_init(&f, CAPACITY);
    for (size_t step = 0; step < 200000; step++) {
        if (random_below(&random, 2) == 0) {
            size_t n = random_below(&random, random_below(&random, 10) == 0 ? 600 : 60);
            uint8_t *p = tern_fifo_add(&f, memory, n);
            if (p == NULL) {
                refused++;
                continue;
            }
            assert_true(p >= memory && p + n <= memory + CAPACITY);
            list[next % CAPACITY].n = n;
            list[next % CAPACITY].fill = (uint8_t)step;
            memset(p, (uint8_t)step, n);
            next++;
            continue;
        }
        tern_buf front = tern_fifo_front(&f, memory);
        assert_int_equal(front.p == NULL, oldest == next);
        assert_int_equal(tern_fifo_is_empty(&f), oldest == next);
        if (front.p == NULL) continue;
        assert_int_equal(front.n, list[oldest % CAPACITY].n);
        for (size_t i = 0; i < front.n; i++) assert_int_equal(front.p[i], list[oldest % CAPACITY].fill);
        tern_fifo_drop(&f, memory);
        oldest++;
    }
    assert_true(refused > 100 && oldest > 10000);
    for (size_t i = 0; i < 16; i++) assert_int_equal(memory[CAPACITY + i], 0x5a);
}

static void an_empty_queue_takes_one_record_of_all_its_memory(void **state)
{
    static uint8_t memory[CAPACITY];
    tern_fifo f;
    (void)state;
    tern_fifo_init(&f, CAPACITY);
    assert_null(tern_fifo_add(&f, memory, CAPACITY));
    assert_null(tern_fifo_add(&f, memory, SIZE_MAX));
    assert_non_null(tern_fifo_add(&f, memory, CAPACITY - 16));
    assert_null(tern_fifo_add(&f, memory, 0));
    tern_fifo_drop(&f, memory);
    assert_true(tern_fifo_is_empty(&f));
    assert_non_null(tern_fifo_add(&f, memory, CAPACITY - 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_whole_and_in_order),
        cmocka_unit_test(an_empty_queue_takes_one_record_of_all_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
