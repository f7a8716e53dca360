/* SPDX-License-Identifier: MIT */
/* A credit that time refills. */
#include "endpoint/credit.h"

void tern_credit_init(tern_credit *c, uint32_t most, uint64_t each_ns, tern_time now)
{
    *c = (tern_credit){ .left = most, .most = most, .each_ns = each_ns, .at = now };
}

static void refill(tern_credit *c, tern_time now)
{
    uint64_t earned = (now - c->at) / c->each_ns;
    if (earned >= c->most - c->left) {
        c->left = c->most;
        c->at = now;
        return;
    }
    c->left += (uint32_t)earned;
    c->at += earned * c->each_ns;
}

bool tern_credit_take(tern_credit *c, tern_time now)
{
    refill(c, now);
    if (c->left == 0) return false;
    c->left--;
    return true;
}
