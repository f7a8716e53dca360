/* SPDX-License-Identifier: MIT */
/* Origins as chains of a hash table, by keyed hashes of addresses that are told apart by 64 bits. */
#include "endpoint/origins.h"

#include <string.h>

void tern_origins_init(tern_origins *o, tern_origin *entries, uint32_t slots, const uint64_t secret[2])
{
    *o = (tern_origins){ .secret = { secret[0], secret[1] | 1 }, .size = slots, .free = 1 };
    memset(entries, 0, slots * sizeof entries[0]);
    for (uint32_t i = 0; i + 1 < slots; i++) entries[i].next = i + 2;
}

static uint64_t mix(const tern_origins *o, uint64_t v)
{
    v = (v ^ o->secret[0]) * o->secret[1];
    v ^= v >> 32;
    return v * o->secret[1];
}

static bool is_link_local(const tern_addr *a)
{
    return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

/*= CONN-068 */
static uint64_t key_of(const tern_origins *o, const tern_addr *a)
{
    uint64_t half[2];
    memcpy(half, a->ip, sizeof half);
    if (a->family == 6 && !is_link_local(a)) return mix(o, half[0] ^ 6);
    uint64_t v = mix(o, mix(o, half[0]) ^ half[1]);
    return mix(o, v ^ a->family ^ (uint64_t)a->zone << 32);
}

static uint32_t *chain(const tern_origins *o, tern_origin *entries, uint64_t key)
{
    return &entries[(key >> 32) % o->size].head;
}

uint32_t tern_origins_find(const tern_origins *o, const tern_origin *entries, const tern_addr *remote)
{
    uint64_t key = key_of(o, remote);
    for (uint32_t at = entries[(key >> 32) % o->size].head; at != 0; at = entries[at - 1].next)
        if (entries[at - 1].key == key) return at - 1;
    return TERN_ORIGIN_NONE;
}

uint32_t tern_origins_enter(tern_origins *o, tern_origin *entries, const tern_addr *remote)
{
    uint32_t found = tern_origins_find(o, entries, remote);
    if (found != TERN_ORIGIN_NONE) return found;
    tern_assert(o->free != 0);
    uint32_t origin = o->free - 1;
    tern_origin *e = &entries[origin];
    o->free = e->next;
    e->key = key_of(o, remote);
    uint32_t *head = chain(o, entries, e->key);
    e->next = *head;
    *head = origin + 1;
    return origin;
}

void tern_origins_leave(tern_origins *o, tern_origin *entries, uint32_t origin)
{
    tern_origin *e = &entries[origin];
    uint32_t *at = chain(o, entries, e->key);
    if (e->all > 0) return;
    while (*at != origin + 1) at = &entries[*at - 1].next;
    *at = e->next;
    e->next = o->free;
    o->free = origin + 1;
}

uint32_t tern_origins_fullest(const tern_origins *o, const tern_origin *entries)
{
    uint32_t fullest = TERN_ORIGIN_NONE, most = 0;
    for (uint32_t i = 0; i < o->size; i++) {
        if (entries[i].half_open <= most) continue;
        most = entries[i].half_open;
        fullest = i;
    }
    return fullest;
}
