/* SPDX-License-Identifier: MIT */
/* A set of ranges and a set of single numbers, given the same operations: three bytes each, what, from, length. */
#include "fuzz.h"

#include "base/ranges.h"

#define UNIVERSE 512

static tern_ranges set;
static bool model[UNIVERSE];

static uint32_t runs(void)
{
    uint32_t n = model[0];
    for (size_t i = 1; i < UNIVERSE; i++) n += model[i] && !model[i - 1];
    return n;
}

static void check_shape(void)
{
    CHECK(set.n <= TERN_RANGES_MAX);
    for (uint32_t i = 0; i < set.n; i++) {
        CHECK(set.at[i].from < set.at[i].to);
        CHECK(i == 0 || set.at[i - 1].to < set.at[i].from);
    }
}

static void read_back(bool *into)
{
    memset(into, 0, UNIVERSE);
    for (uint32_t i = 0; i < set.n; i++) {
        CHECK(set.at[i].to <= UNIVERSE);
        memset(into + set.at[i].from, 1, set.at[i].to - set.at[i].from);
    }
}

static void check_same_numbers(void)
{
    bool now[UNIVERSE];
    check_shape();
    read_back(now);
    CHECK(memcmp(now, model, sizeof now) == 0);
}

static void add_or_remove(bool value, uint64_t from, uint64_t to)
{
    bool before[UNIVERSE];
    memcpy(before, model, sizeof before);
    memset(model + from, value, to - from);
    bool fits = set.n < TERN_RANGES_MAX || runs() <= TERN_RANGES_MAX;
    CHECK((value ? tern_ranges_add(&set, from, to) : tern_ranges_remove(&set, from, to)) == fits);
    if (!fits) memcpy(model, before, sizeof before);
}

/* May cover more, but nothing less, in as few ranges as there is room for. */
static void add_joining(uint64_t from, uint64_t to)
{
    memset(model + from, 1, to - from);
    uint32_t n = runs();
    tern_ranges_add_joining(&set, from, to);
    CHECK(set.n == (n < TERN_RANGES_MAX ? n : TERN_RANGES_MAX));
    bool now[UNIVERSE];
    check_shape();
    read_back(now);
    for (size_t i = 0; i < UNIVERSE; i++) CHECK(now[i] || !model[i]);
    memcpy(model, now, sizeof now);
}

static void add_forgetting(uint64_t from, uint64_t to)
{
    memset(model + from, 1, to - from);
    if (set.n == TERN_RANGES_MAX && runs() > TERN_RANGES_MAX) {
        size_t i = 0;
        while (!model[i]) i++;
        while (model[i]) model[i++] = false;
    }
    tern_ranges_add_forgetting(&set, from, to);
}

static void ask(uint64_t from, uint64_t to)
{
    const bool *found = memchr(model + from, 0, UNIVERSE - from);
    uint64_t gap = found != NULL ? (uint64_t)(found - model) : UNIVERSE;
    CHECK(tern_ranges_contains(&set, from, to) == (gap >= to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tern_ranges_clear(&set);
    memset(model, 0, sizeof model);
    for (size_t ops = 0; size >= 3 && ops < 200; data += 3, size -= 3, ops++) {
        uint64_t from = 2u * data[1] + (data[0] >> 7), to = from + data[2];
        if (to > UNIVERSE) to = UNIVERSE;
        switch (data[0] & 7) {
        case 0: add_or_remove(false, from, to); break;
        case 1: add_joining(from, to); break;
        case 2: add_forgetting(from, to); break;
        case 3:
            tern_ranges_remove_below(&set, from);
            memset(model, 0, from);
            break;
        default: add_or_remove(true, from, to); break;
        }
        if (ops % 8 == 7) check_same_numbers();
        ask(from, to);
    }
    check_same_numbers();
    return 0;
}
