/* SPDX-License-Identifier: MIT */
/* What the files of a run share: the world, and what is known of everyone in it. */
#ifndef TERN_NETSIM_STATE_H
#define TERN_NETSIM_STATE_H

#include "rules/person.h"
#include "world/world.h"

#define SIM_UNIX_AT_0 UINT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */

typedef struct { /* one event of a room, as the first who saw it saw it */
    uint64_t fold;
    bool known;
} sim_log_entry;

typedef struct {
    uint32_t relay;
    unsigned life; /* of the relay */
    const char *name;
    sim_log_entry *entries;
    size_t n;
} sim_room_log;

typedef enum { SIM_PENDING, SIM_HELD, SIM_BROKEN } sim_state;

typedef struct {
    sim_state state;
    char seen[160];
} sim_verdict;

typedef struct {
    char pem[512];
    size_t pem_n;
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
} sim_key;

typedef struct {
    uint32_t relay;
    char name[TERN_FILE_NAME_MAX + 1];
    uint64_t key, size;
} sim_known_file; /* what a file of this name holds at this relay when all is well */

typedef struct { /* between a relay and one address */
    tern_addr addr;
    uint64_t received, sent;
    uint64_t after; /* a datagram of the client's with this number or a later one closes a round trip; 0: not yet */
    bool used;      /* the place in the table */
    bool proven;
    bool retried; /* a RETRY has reached it */
} sim_balance;

typedef struct { /* of the addresses that a relay has met: a hash table, probed one place after the other */
    sim_balance *places;
    size_t size, n; /* size is a power of two, at least twice n */
} sim_balances;

#define SIM_RECENT 16 /* datagrams of a link that are kept to be injected again */

typedef struct {
    struct {
        uint8_t *p;
        size_t n;
    } kept[SIM_RECENT];
    uint64_t n;
    bool wanted; /* somebody injects what this link carries */
} sim_recent;

struct sim_faults;                  /* run/faults.h */
typedef struct sim_audit sim_audit; /* rules/audit.h */

typedef struct sim_run {
    const sim_scenario *scenario;
    struct sim_faults *faults; /* NULL: all happen */
    sim_world world;
    sim_person *people; /* one a node */
    uint64_t *nicks;    /* of each node's nickname, a hash (sim_room_called) */
    unsigned *lives;    /* how often each node was started */
    sim_key *keys;      /* one a node; relays only */
    sim_verdict *verdicts;
    sim_room_log *logs;
    size_t logs_n;
    sim_known_file *known;
    size_t known_n;
    sim_balances *balances; /* one a node; relays only */
    sim_recent *recent;     /* one a link */
    sim_audit *audit;
    /* What a side of a client's connection says of it; false when it is not there. */
    bool (*ask)(const struct sim_run *r, uint32_t client, bool as_client, tern_peer_info *info);
    bool audit_all; /* every datagram is opened, to be judged, and not only the first */
    uint64_t injected;
    bool healed;
    bool guests;                                                /* there are some */
    bool *woken;                                                /* one a node: has its turn again at this instant */
    void (*on_secret)(void *context, const tern_event *secret); /* NULL: nobody asks for secrets but the audit */
    void *on_secret_context;
} sim_run;

#endif
