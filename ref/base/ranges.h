/* SPDX-License-Identifier: MIT */
/* A bounded, sorted set of half-open ranges of 64-bit numbers: packet numbers, offsets. Neighbours are joined. */
#ifndef TERN_BASE_RANGES_H
#define TERN_BASE_RANGES_H

#include "base/types.h"

#define TERN_RANGES_MAX 64

typedef struct {
    uint64_t from, to; /* from <= x < to */
} tern_range;

typedef struct {
    uint32_t n;
    tern_range at[TERN_RANGES_MAX]; /* ascending, never touching */
} tern_ranges;

void tern_ranges_clear(tern_ranges *s);
bool tern_ranges_contains(const tern_ranges *s, uint64_t from, uint64_t to); /* the whole of it; true when empty */
/* Adds from..to. false, and the set unchanged, when that would need more than TERN_RANGES_MAX ranges. */
TERN_MUST_USE bool tern_ranges_add(tern_ranges *s, uint64_t from, uint64_t to);
/* As add, but joins the two nearest neighbours (the new range is one of them) when there is no room: the set may then
 * cover more than was added. */
void tern_ranges_add_joining(tern_ranges *s, uint64_t from, uint64_t to);
/* As add, but forgets the lowest range, which may be the new one, when there is no room. */
void tern_ranges_add_forgetting(tern_ranges *s, uint64_t from, uint64_t to);
/* Takes from..to away. false, and the set unchanged, when cutting one range in two needs one more than fits. */
TERN_MUST_USE bool tern_ranges_remove(tern_ranges *s, uint64_t from, uint64_t to);
/* Takes everything below floor away; never fails. */
void tern_ranges_remove_below(tern_ranges *s, uint64_t floor);

#endif
