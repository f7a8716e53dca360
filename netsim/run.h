/* SPDX-License-Identifier: MIT */
/* One scenario under one seed, from its first instant to its last. */
#ifndef TERN_NETSIM_RUN_H
#define TERN_NETSIM_RUN_H

#include "person.h"
#include "world.h"

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

typedef struct {
    uint64_t received, sent;
    bool proven;
} sim_balance;

#define SIM_RECENT 16 /* datagrams of a link that are kept to be injected again */

typedef struct {
    struct {
        uint8_t *p;
        size_t n;
    } kept[SIM_RECENT];
    uint64_t n;
    bool wanted; /* somebody injects what this link carries */
} sim_recent;

typedef struct sim_run {
    const sim_scenario *scenario;
    sim_world world;
    sim_person *people; /* one a node */
    unsigned *lives;    /* how often each node was started */
    sim_key *keys;      /* one a node; relays only */
    sim_verdict *verdicts;
    sim_room_log *logs;
    size_t logs_n;
    sim_known_file *known;
    size_t known_n;
    sim_balance *balances; /* relay * (nodes + 1) + client; the last one is everyone else */
    sim_recent *recent;    /* one a link */
    uint64_t injected;
} sim_run;

/* Makes the nodes and links and queues everything the scenario says. false: the world has failed already. */
bool sim_run_init(sim_run *r, const sim_scenario *s, uint64_t seed, FILE *trace);
/* To the end. true when every expectation held and no checker complained. */
bool sim_run_go(sim_run *r);
void sim_run_free(sim_run *r);

/* ---- for the files of the run ---- */

void *sim_client_new(sim_run *r, uint32_t node); /* NULL: the world has failed */
void *sim_relay_new(sim_run *r, uint32_t node);
extern const sim_node_ops sim_client_ops, sim_relay_ops;
void sim_client_do(void *client, const sim_action *a);
void sim_client_close(void *client, tern_time now);
const tern_node *sim_client_node(const void *client);
const tern_node *sim_relay_node(const void *relay);
void sim_relay_shut(void *relay, tern_time now);

void sim_act_all(sim_run *r, bool faults); /* queues every `at`: drop and partition, or the others */
void sim_start_node(sim_run *r, uint32_t node);
void sim_inject_go(sim_run *r, const sim_action *a, uint64_t turn);
void sim_inject_init(sim_run *r);
void sim_inject_free(sim_run *r);

void sim_judge(sim_run *r, size_t expect);

/* Registers what a file of this name will hold; the node that puts it decides its content. */
uint64_t sim_known_file_add(sim_run *r, uint32_t relay, const char *name, uint64_t size);
const sim_known_file *sim_known_file_find(const sim_run *r, uint32_t relay, tern_bytes name);
/* What a stream or a file of this name is made of. A name that begins with SIM_STREAM_MARK is a stream: its bytes are
 * compared as they come and kept by nobody. */
uint64_t sim_name_key(const sim_run *r, tern_bytes name);
#define SIM_STREAM_MARK '~'

/* The room's rules: each fails the world when one is broken. */
void sim_room_published(sim_run *r, uint32_t who, tern_bytes body);
void sim_room_joined(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_presence(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_message(sim_run *r, uint32_t who, const tern_event *e, tern_bytes body);
void sim_room_missed(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_over(sim_run *r, uint32_t who);
void sim_rooms_free(sim_run *r);

/* What a node owes: no more than three bytes for one, and every drop counted. */
void sim_balance_observe(void *run, const sim_sight *sight);
void sim_balance_reset(sim_run *r, uint32_t relay);
void sim_check_drops(sim_run *r, uint32_t node, const tern_node *n);

#endif
