/* SPDX-License-Identifier: MIT */
/* The hash table of connection ids: linear probing, and deletion that moves followers back so that no tombstones pile
 * up. */
#include "endpoint/routes.h"

#include <string.h>

uint32_t tern_routes_size(uint32_t slots)
{
    uint32_t size = 8;
    while (size < slots * 8) size *= 2; /* four routes a slot, at most half full */
    return size;
}

void tern_routes_init(tern_routes *r, tern_route *entries, uint32_t size, const uint64_t secret[2])
{
    r->size = size;
    r->secret[0] = secret[0];
    r->secret[1] = secret[1] | 1;
    memset(entries, 0, size * sizeof entries[0]);
}

static uint64_t mix(const tern_routes *r, uint64_t v)
{
    v = (v ^ r->secret[0]) * r->secret[1];
    v ^= v >> 32;
    return v * r->secret[1];
}

static uint64_t load(const uint8_t b[8])
{
    uint64_t v;
    memcpy(&v, b, sizeof v);
    return v;
}

uint64_t tern_route_of_cid(const tern_routes *r, const tern_cid *cid)
{
    return mix(r, load(cid->b));
}

/*= CONN-002 */
uint64_t tern_route_of_first(const tern_routes *r, const tern_cid *first_sid, const tern_addr *remote)
{
    uint64_t v = mix(r, load(first_sid->b)) ^ load(remote->ip);
    v = mix(r, v) ^ load(remote->ip + 8);
    return mix(r, v) ^ remote->port ^ (uint64_t)remote->family << 16 ^ (uint64_t)remote->zone << 32;
}

static uint32_t home(const tern_routes *r, uint64_t key)
{
    return (uint32_t)(mix(r, key) >> 32) & (r->size - 1);
}

/* Where the key stands, or the free place where it would. */
static uint32_t place(const tern_routes *r, const tern_route *entries, uint64_t key)
{
    uint32_t i = home(r, key);
    while (entries[i].slot != 0 && entries[i].key != key) i = (i + 1) & (r->size - 1);
    return i;
}

uint32_t tern_routes_find(const tern_routes *r, const tern_route *entries, uint64_t key)
{
    const tern_route *e = &entries[place(r, entries, key)];
    return e->slot == 0 ? TERN_ROUTE_NONE : e->slot - 1;
}

bool tern_routes_add(tern_routes *r, tern_route *entries, uint64_t key, uint32_t slot)
{
    tern_route *e = &entries[place(r, entries, key)];
    if (e->slot != 0) return false;
    *e = (tern_route){ key, slot + 1 };
    return true;
}

void tern_routes_remove(tern_routes *r, tern_route *entries, uint64_t key)
{
    uint32_t mask = r->size - 1, free = place(r, entries, key);
    if (entries[free].slot == 0) return;
    entries[free].slot = 0;
    for (uint32_t i = (free + 1) & mask; entries[i].slot != 0; i = (i + 1) & mask) {
        uint32_t from_home = (i - home(r, entries[i].key)) & mask;
        if (from_home < ((i - free) & mask)) continue; /* it stands between its home and the gap: stays */
        entries[free] = entries[i];
        entries[i].slot = 0;
        free = i;
    }
}
