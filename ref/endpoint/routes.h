/* SPDX-License-Identifier: MIT */
/* Which slot an id belongs to: a hash table of 64-bit keys, open addressing, keyed by a secret so that a peer cannot
 * choose collisions. */
#ifndef TERN_ENDPOINT_ROUTES_H
#define TERN_ENDPOINT_ROUTES_H

#include "wire/packet.h"

typedef struct {
    uint64_t key;
    uint32_t slot; /* plus 1; 0 is free */
} tern_route;

typedef struct {
    uint32_t size; /* a power of two */
    uint64_t secret[2];
} tern_routes;

#define TERN_ROUTE_NONE UINT32_MAX

#define TERN_ROUTES_A_SLOT 16 /* entries, at most: four routes, half full, up to the next power of two */

/* Entries needed for that many slots, each with a route for each of its ids and one for its first sid. */
uint32_t tern_routes_size(uint32_t slots);
void tern_routes_init(tern_routes *r, tern_route *entries, uint32_t size, const uint64_t secret[2]);
/* The key of our own connection id, and that of a first sid from an address (CONN-002). */
uint64_t tern_route_of_cid(const tern_routes *r, const tern_cid *cid);
uint64_t tern_route_of_first(const tern_routes *r, const tern_cid *first_sid, const tern_addr *remote);
uint32_t tern_routes_find(const tern_routes *r, const tern_route *entries, uint64_t key); /* TERN_ROUTE_NONE */
/* false when the key is taken. */
bool tern_routes_add(tern_routes *r, tern_route *entries, uint64_t key, uint32_t slot);
void tern_routes_remove(tern_routes *r, tern_route *entries, uint64_t key); /* nothing when it is not there */

#endif
