/* SPDX-License-Identifier: MIT */
/* What the two files of a relay share: the node's application and the streams it serves. */
#ifndef TERN_NETSIM_RELAY_H
#define TERN_NETSIM_RELAY_H

#include "flow.h"
#include "run.h"

typedef struct {
    char name[TERN_FILE_NAME_MAX + sizeof "received_"];
    uint8_t *bytes;
    uint64_t n;
} sim_stored;

typedef struct sim_job { /* a stream that a client opened */
    struct sim_job *next;
    struct sim_relay *relay;
    uint32_t client; /* node; SIM_NONE when no node has that address */
    sim_stream stream;
    sim_sink sink;
    sim_source source;
    char name[TERN_FILE_NAME_MAX + 1];
    uint64_t key, size;
    uint8_t *bytes;
    tern_sha256 hash;
    bool is_stream, is_put, broken;
} sim_job;

typedef struct {
    tern_peer peer;
    uint32_t client;
    bool closed;
} sim_peer;

typedef struct sim_relay {
    sim_run *run;
    uint32_t index;
    tern_node *node;
    void *memory;
    sim_stored *store;
    size_t store_n;
    sim_peer *peers;
    size_t peers_n, peers_cap;
    sim_job *jobs;
} sim_relay;

sim_peer *sim_find_peer(sim_relay *r, tern_peer who);
void sim_store_keep(sim_relay *r, const char *prefix, const char *name, uint8_t *bytes, uint64_t n); /* takes bytes */
void sim_jobs_event(sim_relay *r, const tern_event *e);
void sim_jobs_go(sim_relay *r);
void sim_jobs_drop(sim_relay *r, tern_peer who);
void sim_jobs_free(sim_relay *r); /* and the store */

#endif
