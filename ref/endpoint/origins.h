/* SPDX-License-Identifier: MIT */
/* Where a relay's connections come from (spec: connection 5): how many each address has, how many of them are half
 * open, and which of these is the oldest. An origin is an IPv4 address, or the first 64 bits of an IPv6 one, which is
 * what one host has; of link-local ones all bits. A connection stays with the origin that its SYN came from, wherever
 * it moves. */
#ifndef TERN_ENDPOINT_ORIGINS_H
#define TERN_ENDPOINT_ORIGINS_H

#include "base/types.h"

/* As many as slots, since each has a connection at least: a hash table of chains, whose heads stand in the same array,
 * one an element. Numbers of origins and slots are plus 1; 0 is none. */
typedef struct {
    uint64_t key;
    uint32_t head;           /* of the chain with this element's number */
    uint32_t next;           /* in its chain; of a free element: the next free one */
    uint32_t all, half_open; /* connections */
    uint32_t oldest, newest; /* slots that are half open, linked through them */
} tern_origin;

typedef struct {
    uint64_t secret[2]; /* nobody can choose addresses that meet in one chain */
    uint32_t size, free;
} tern_origins;

#define TERN_ORIGIN_NONE UINT32_MAX

void tern_origins_init(tern_origins *o, tern_origin *entries, uint32_t slots, const uint64_t secret[2]);
/* The origin of an address; TERN_ORIGIN_NONE while it has no connection. */
uint32_t tern_origins_find(const tern_origins *o, const tern_origin *entries, const tern_addr *remote);
/* Likewise, made when it is not there. There are fewer than slots. */
uint32_t tern_origins_enter(tern_origins *o, tern_origin *entries, const tern_addr *remote);
/* One without connections goes. */
void tern_origins_leave(tern_origins *o, tern_origin *entries, uint32_t origin);
/* The one with most half-open connections; TERN_ORIGIN_NONE when there is none with any. Looks at all of them. */
uint32_t tern_origins_fullest(const tern_origins *o, const tern_origin *entries);

#endif
