/* SPDX-License-Identifier: MIT */
/* Sorted sets of ranges. Ranges have indexes from the lowest up, wherever they stand: every operation is a search, and
 * one replacement of some neighbours by at most two. No change moves more than two pages' ranges. */
#include "base/ranges.h"

#include <string.h>

_Static_assert(sizeof(((tern_ranges *)0)->at.leaf) <= sizeof(((tern_ranges *)0)->at.near), "pages cost no space");
_Static_assert(TERN_RANGES_MAX <= UINT16_MAX && TERN_RANGES_LEAVES <= UINT8_MAX, "counts fit");

/* ---- where ranges stand: one array after the other ---- */

static uint32_t arrays(const tern_ranges *s)
{
    return s->leaves > 0 ? s->leaves : 1;
}

static uint32_t count(const tern_ranges *s, uint32_t k)
{
    return s->leaves > 0 ? s->at.leaf[k].n : s->n;
}

static tern_range *leaf_at(const tern_ranges *s, tern_pool *pool, uint32_t k)
{
    return tern_pool_at(pool, s->at.leaf[k].page);
}

static const tern_range *array_at(const tern_ranges *s, tern_pool *pool, uint32_t k)
{
    return s->leaves > 0 ? leaf_at(s, pool, k) : s->at.near;
}

/* The range with an index, to be changed. */
static tern_range *place(tern_ranges *s, tern_pool *pool, uint32_t i)
{
    uint32_t k = 0;
    tern_assert(i < s->n);
    for (; i >= count(s, k); k++) i -= count(s, k);
    return s->leaves > 0 ? &leaf_at(s, pool, k)[i] : &s->at.near[i];
}

/* The highest range, to be changed. What comes in order lengthens it, and most questions are about it. */
static tern_range *top(tern_ranges *s, tern_pool *pool)
{
    uint32_t k = arrays(s) - 1;
    tern_assert(s->n > 0);
    return s->leaves > 0 ? &leaf_at(s, pool, k)[s->at.leaf[k].n - 1] : &s->at.near[s->n - 1];
}

/* The lowest of n ranges that ends at or above x. */
static uint32_t search(const tern_range *at, uint32_t n, uint64_t x)
{
    uint32_t low = 0;
    while (low < n) {
        uint32_t middle = low + (n - low) / 2;
        if (at[middle].to >= x)
            n = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The lowest range that ends at or above x; n when none does. */
static uint32_t first_ending_at(const tern_ranges *s, tern_pool *pool, uint64_t x)
{
    uint32_t before = 0;
    for (uint32_t k = 0; k < arrays(s); k++) {
        const tern_range *at = array_at(s, pool, k);
        uint32_t n = count(s, k);
        if (n > 0 && at[n - 1].to >= x) return before + search(at, n, x);
        before += n;
    }
    return before;
}

/* ---- pages come and go ---- */

static void shift(tern_range *at, uint32_t n, uint32_t from, uint32_t to)
{
    memmove(&at[to], &at[from], (n - from) * sizeof at[0]);
}

static void drop_leaf(tern_ranges *s, tern_pool *pool, uint32_t k)
{
    tern_pool_give(pool, s->at.leaf[k].page);
    s->leaves--;
    memmove(&s->at.leaf[k], &s->at.leaf[k + 1], (s->leaves - k) * sizeof s->at.leaf[0]);
}

/* Few ranges go back to near. */
static void settle(tern_ranges *s, tern_pool *pool)
{
    if (s->leaves != 1 || s->n > TERN_RANGES_NEAR) return;
    tern_page page = s->at.leaf[0].page;
    memcpy(s->at.near, tern_pool_at(pool, page), s->n * sizeof s->at.near[0]);
    s->leaves = 0;
    tern_pool_give(pool, page);
}

/* Neighbours that fit one page stand in one, and an empty page goes. */
static void tidy(tern_ranges *s, tern_pool *pool)
{
    for (uint32_t k = 0; k + 1 < s->leaves;) {
        uint32_t n = count(s, k), more = count(s, k + 1);
        if (n + more > TERN_RANGES_LEAF) {
            k++;
            continue;
        }
        memcpy(&leaf_at(s, pool, k)[n], leaf_at(s, pool, k + 1), more * sizeof(tern_range));
        s->at.leaf[k].n += more;
        drop_leaf(s, pool, k + 1);
    }
    settle(s, pool);
}

/* All of near moves into a page. */
static bool widen(tern_ranges *s, tern_pool *pool)
{
    tern_page page = tern_pool_take(pool, (tern_page_use)s->use);
    if (page == 0) return false;
    memcpy(tern_pool_at(pool, page), s->at.near, sizeof s->at.near);
    s->at.leaf[0].page = page;
    s->at.leaf[0].n = s->n;
    s->leaves = 1;
    return true;
}

/* A new page behind leaf k, which is full: for its upper half, or for what comes behind all. */
static bool split(tern_ranges *s, tern_pool *pool, uint32_t k, bool at_end)
{
    tern_assert(s->leaves < TERN_RANGES_LEAVES);
    uint32_t keep = at_end ? TERN_RANGES_LEAF : TERN_RANGES_LEAF / 2, rest = TERN_RANGES_LEAF - keep;
    tern_page page = tern_pool_take(pool, (tern_page_use)s->use);
    if (page == 0) return false;
    memcpy(tern_pool_at(pool, page), &leaf_at(s, pool, k)[keep], rest * sizeof(tern_range));
    memmove(&s->at.leaf[k + 2], &s->at.leaf[k + 1], (s->leaves - k - 1u) * sizeof s->at.leaf[0]);
    s->at.leaf[k].n = keep;
    s->at.leaf[k + 1].page = page;
    s->at.leaf[k + 1].n = rest;
    s->leaves++;
    return true;
}

/* ---- the one change ---- */

/* Makes a place at index i, whose content is undefined; false when there is no room. */
static bool open_place(tern_ranges *s, tern_pool *pool, uint32_t i)
{
    uint32_t k = 0;
    if (s->n >= s->most) return false;
    if (s->leaves == 0 && s->n == TERN_RANGES_NEAR && !widen(s, pool)) return false;
    if (s->leaves == 0) {
        shift(s->at.near, s->n, i, i + 1);
        s->n++;
        return true;
    }
    for (; i > count(s, k); k++) i -= count(s, k);
    if (count(s, k) == TERN_RANGES_LEAF) {
        if (!split(s, pool, k, k + 1u == s->leaves && i == TERN_RANGES_LEAF)) return false;
        if (i >= count(s, k)) i -= count(s, k), k++;
    }
    shift(leaf_at(s, pool, k), count(s, k), i, i + 1);
    s->at.leaf[k].n++;
    s->n++;
    return true;
}

/* Takes the ranges lo <= i < hi out. */
static void close_places(tern_ranges *s, tern_pool *pool, uint32_t lo, uint32_t hi)
{
    uint32_t k = 0, gone = hi - lo;
    s->n = (uint16_t)(s->n - gone);
    if (s->leaves == 0) {
        shift(s->at.near, s->n + gone, hi, lo);
        return;
    }
    for (; gone > 0; k++) {
        uint32_t n = count(s, k), end = lo + gone < n ? lo + gone : n;
        if (lo >= n) {
            lo -= n;
            continue;
        }
        shift(leaf_at(s, pool, k), n, end, lo);
        s->at.leaf[k].n = n - (end - lo);
        gone -= end - lo;
        lo = 0;
    }
}

/* Replaces the ranges lo <= i < hi by n others, at most one more. false, and nothing changed, without room. */
static bool replace(tern_ranges *s, tern_pool *pool, uint32_t lo, uint32_t hi, const tern_range *with, uint32_t n)
{
    tern_assert(lo <= hi && hi <= s->n && n <= hi - lo + 1);
    if (n > hi - lo) {
        if (!open_place(s, pool, lo)) return false;
        hi++;
    }
    for (uint32_t i = 0; i < n; i++) *place(s, pool, lo + i) = with[i];
    if (lo + n < hi) close_places(s, pool, lo + n, hi);
    tidy(s, pool);
    return true;
}

/* ---- what outsiders see ---- */

void tern_ranges_init(tern_ranges *s, tern_page_use use, uint32_t most)
{
    tern_assert(most >= TERN_RANGES_NEAR && most <= TERN_RANGES_MAX);
    *s = (tern_ranges){ .use = (uint8_t)use, .most = (uint16_t)most };
}

void tern_ranges_clear(tern_ranges *s, tern_pool *pool)
{
    while (s->leaves > 0) drop_leaf(s, pool, s->leaves - 1u);
    s->n = 0;
}

tern_range tern_ranges_at(const tern_ranges *s, tern_pool *pool, uint32_t i)
{
    uint32_t k = 0;
    tern_assert(i < s->n);
    for (; i >= count(s, k); k++) i -= count(s, k);
    return array_at(s, pool, k)[i];
}

bool tern_ranges_next_of_some(const tern_ranges *s, tern_pool *pool, uint64_t x, tern_range *out)
{
    tern_range_list upper = tern_ranges_top(s, pool);
    const tern_range *last = &upper.at[upper.n - 1];
    if (last->to <= x) return false;
    *out = last->from <= x ? *last : tern_ranges_at(s, pool, first_ending_at(s, pool, x + 1));
    return true;
}

tern_range_list tern_ranges_top(const tern_ranges *s, tern_pool *pool)
{
    return (tern_range_list){ array_at(s, pool, arrays(s) - 1), count(s, arrays(s) - 1) };
}

bool tern_ranges_contains(const tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to)
{
    if (from >= to) return true;
    uint32_t i = first_ending_at(s, pool, to);
    return i < s->n && tern_ranges_at(s, pool, i).from <= from;
}

bool tern_ranges_add(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to)
{
    if (from >= to) return true;
    if (s->n > 0) {
        tern_range *last = top(s, pool);
        if (last->from <= from && from <= last->to) {
            if (to > last->to) last->to = to;
            return true;
        }
    }
    uint32_t lo = first_ending_at(s, pool, from), hi = to < UINT64_MAX ? first_ending_at(s, pool, to + 1) : s->n;
    tern_range all = { from, to };
    if (hi < s->n && tern_ranges_at(s, pool, hi).from <= to) hi++;
    if (lo < hi) {
        tern_range low = tern_ranges_at(s, pool, lo), high = tern_ranges_at(s, pool, hi - 1);
        if (low.from < from) all.from = low.from;
        if (high.to > to) all.to = high.to;
    }
    return replace(s, pool, lo, hi, &all, 1);
}

/* The range with index i and the one below it become one. */
static void join(tern_ranges *s, tern_pool *pool, uint32_t i)
{
    tern_range joined = { tern_ranges_at(s, pool, i - 1).from, tern_ranges_at(s, pool, i).to };
    bool done = replace(s, pool, i - 1, i + 1, &joined, 1);
    tern_assert(done);
}

/* The range above the narrowest gap, and how wide that is; 0 when there is no gap. */
static uint32_t narrowest(const tern_ranges *s, tern_pool *pool, uint64_t *width)
{
    uint32_t nearest = 0;
    *width = UINT64_MAX;
    for (uint32_t i = 1; i < s->n; i++) {
        uint64_t gap = tern_ranges_at(s, pool, i).from - tern_ranges_at(s, pool, i - 1).to;
        if (gap < *width) nearest = i, *width = gap;
    }
    return nearest;
}

void tern_ranges_add_joining(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to)
{
    uint64_t least;
    if (tern_ranges_add(s, pool, from, to)) return;
    uint32_t nearest = narrowest(s, pool, &least), i = first_ending_at(s, pool, from);
    uint64_t below = i > 0 ? from - tern_ranges_at(s, pool, i - 1).to : UINT64_MAX;
    uint64_t above = i < s->n ? tern_ranges_at(s, pool, i).from - to : UINT64_MAX;
    if (least < below && least < above) {
        join(s, pool, nearest);
        if (tern_ranges_add(s, pool, from, to)) return; /* or it left room on another page than is needed */
        i = first_ending_at(s, pool, from);
    }
    if (below <= above)
        place(s, pool, i - 1)->to = to;
    else
        place(s, pool, i)->from = from;
}

void tern_ranges_add_forgetting(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to)
{
    while (!tern_ranges_add(s, pool, from, to)) {
        if (to < tern_ranges_at(s, pool, 0).from) return;
        bool done = replace(s, pool, 0, 1, NULL, 0);
        tern_assert(done);
    }
}

bool tern_ranges_remove(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to)
{
    if (from >= to || s->n == 0) return true;
    uint32_t lo = first_ending_at(s, pool, from + 1), hi = first_ending_at(s, pool, to), rest = 0;
    tern_range kept[2];
    if (hi < s->n && tern_ranges_at(s, pool, hi).from < to) hi++;
    if (lo >= hi) return true;
    tern_range low = tern_ranges_at(s, pool, lo), high = tern_ranges_at(s, pool, hi - 1);
    if (low.from < from) kept[rest++] = (tern_range){ low.from, from };
    if (high.to > to) kept[rest++] = (tern_range){ to, high.to };
    return replace(s, pool, lo, hi, kept, rest);
}

void tern_ranges_remove_below(tern_ranges *s, tern_pool *pool, uint64_t floor)
{
    if (floor == 0 || s->n == 0) return;
    bool done = tern_ranges_remove(s, pool, 0, floor);
    tern_assert(done); /* nothing is cut in two */
}
