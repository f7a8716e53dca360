/* SPDX-License-Identifier: MIT */
/* Token buckets, in nanoseconds of work. */
#include "dialects/budget.h"

#include "dialects/address.h"

static uint64_t full_of(uint64_t ms_per_second, uint64_t least)
{
    uint64_t full = ms_per_second * TERN_MS;
    return full > least ? full : least;
}

void tern_budget_init(tern_budget *b, uint32_t ms_per_second, tern_time now)
{
    *b = (tern_budget){ .ms_per_second = ms_per_second, .all = { .left_ns = ms_per_second * TERN_MS, .at = now } };
}

static void refill(tern_budget_bucket *bucket, tern_time now, uint64_t ms_per_second, uint64_t full)
{
    uint64_t gone = now - bucket->at;
    uint64_t earned = gone >= TERN_SECOND * 1000 ? full : gone / 1000 * ms_per_second;
    if (bucket->left_ns < full) bucket->left_ns = earned >= full - bucket->left_ns ? full : bucket->left_ns + earned;
    bucket->at = now;
}

/* The bucket of an address, else a new one in the place of that which was used longest ago. */
static tern_budget_bucket *of_address(tern_budget *b, tern_time now, const tern_addr *addr, uint64_t full)
{
    tern_budget_bucket *oldest = &b->of[0];
    for (size_t i = 0; i < TERN_BUDGET_ADDRESSES; i++) {
        tern_budget_bucket *bucket = &b->of[i];
        if (bucket->addr.family != 0 && tern_same_host(&bucket->addr, addr)) return bucket;
        if (bucket->at < oldest->at) oldest = bucket;
    }
    *oldest = (tern_budget_bucket){ .addr = *addr, .left_ns = full, .at = now };
    return oldest;
}

bool tern_budget_take(tern_budget *b, tern_time now, const tern_addr *addr, uint64_t ns)
{
    uint64_t share = (b->ms_per_second + 1) / 2;
    uint64_t full = full_of(b->ms_per_second, ns), full_share = full_of(share, ns);
    tern_budget_bucket *own = of_address(b, now, addr, full_share);
    refill(&b->all, now, b->ms_per_second, full);
    refill(own, now, share, full_share);
    if (own->left_ns < ns || b->all.left_ns < ns) return false;
    own->left_ns -= ns;
    b->all.left_ns -= ns;
    return true;
}
