/* SPDX-License-Identifier: MIT */
/* Sorted sets of ranges. Work is at the top end nearly always, so every search starts there. */
#include "base/ranges.h"

#include <string.h>

/* The lowest range that ends at or above x; n when none does. */
static uint32_t first_ending_at(const tern_ranges *s, uint64_t x)
{
    uint32_t i = s->n;
    while (i > 0 && s->at[i - 1].to >= x) i--;
    return i;
}

/* Replaces the ranges lo <= i < hi by the count that stand in with; there is room for them. */
static void replace(tern_ranges *s, uint32_t lo, uint32_t hi, const tern_range *with, uint32_t count)
{
    tern_assert(lo <= hi && hi <= s->n && s->n - (hi - lo) + count <= TERN_RANGES_MAX);
    if (hi - lo != count) memmove(&s->at[lo + count], &s->at[hi], (s->n - hi) * sizeof s->at[0]);
    if (count > 0) memcpy(&s->at[lo], with, count * sizeof with[0]);
    s->n = s->n - (hi - lo) + count;
}

void tern_ranges_clear(tern_ranges *s)
{
    s->n = 0;
}

bool tern_ranges_contains(const tern_ranges *s, uint64_t from, uint64_t to)
{
    if (from >= to) return true;
    uint32_t i = first_ending_at(s, to);
    return i < s->n && s->at[i].from <= from;
}

bool tern_ranges_add(tern_ranges *s, uint64_t from, uint64_t to)
{
    if (from >= to) return true;
    uint32_t lo = first_ending_at(s, from), hi = lo;
    tern_range all = { from, to };
    while (hi < s->n && s->at[hi].from <= to) hi++;
    if (lo == hi && s->n == TERN_RANGES_MAX) return false;
    if (lo < hi) {
        if (s->at[lo].from < from) all.from = s->at[lo].from;
        if (s->at[hi - 1].to > to) all.to = s->at[hi - 1].to;
    }
    replace(s, lo, hi, &all, 1);
    return true;
}

void tern_ranges_add_joining(tern_ranges *s, uint64_t from, uint64_t to)
{
    if (tern_ranges_add(s, from, to)) return;
    uint32_t nearest = 1, place = first_ending_at(s, from);
    for (uint32_t i = 2; i < s->n; i++)
        if (s->at[i].from - s->at[i - 1].to < s->at[nearest].from - s->at[nearest - 1].to) nearest = i;
    uint64_t least = s->at[nearest].from - s->at[nearest - 1].to;
    uint64_t below = place > 0 ? from - s->at[place - 1].to : UINT64_MAX;
    uint64_t above = place < s->n ? s->at[place].from - to : UINT64_MAX;
    if (below <= least && below <= above) {
        s->at[place - 1].to = to;
    } else if (above <= least) {
        s->at[place].from = from;
    } else {
        tern_range joined = { s->at[nearest - 1].from, s->at[nearest].to };
        replace(s, nearest - 1, nearest + 1, &joined, 1);
        bool added = tern_ranges_add(s, from, to);
        tern_assert(added);
    }
}

void tern_ranges_add_forgetting(tern_ranges *s, uint64_t from, uint64_t to)
{
    if (tern_ranges_add(s, from, to) || to < s->at[0].from) return;
    replace(s, 0, 1, NULL, 0);
    bool added = tern_ranges_add(s, from, to);
    tern_assert(added);
}

bool tern_ranges_remove(tern_ranges *s, uint64_t from, uint64_t to)
{
    if (from >= to) return true;
    uint32_t lo = first_ending_at(s, from + 1), hi = lo, rest = 0;
    tern_range kept[2];
    while (hi < s->n && s->at[hi].from < to) hi++;
    if (lo == hi) return true;
    if (s->at[lo].from < from) kept[rest++] = (tern_range){ s->at[lo].from, from };
    if (s->at[hi - 1].to > to) kept[rest++] = (tern_range){ to, s->at[hi - 1].to };
    if (s->n - (hi - lo) + rest > TERN_RANGES_MAX) return false;
    replace(s, lo, hi, kept, rest);
    return true;
}

void tern_ranges_remove_below(tern_ranges *s, uint64_t floor)
{
    uint32_t gone = 0;
    while (gone < s->n && s->at[gone].to <= floor) gone++;
    if (gone > 0) replace(s, 0, gone, NULL, 0);
    if (s->n > 0 && s->at[0].from < floor) s->at[0].from = floor;
}
