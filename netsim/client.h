/* SPDX-License-Identifier: MIT */
/* What the two files of a client share: the application and its transfers. */
#ifndef TERN_NETSIM_CLIENT_H
#define TERN_NETSIM_CLIENT_H

#include "flow.h"
#include "run.h"

typedef struct {
    const sim_action *action;
    uint8_t *body; /* of a message, once it has been made */
} sim_todo;

typedef struct sim_transfer {
    struct sim_transfer *next;
    struct sim_client *client;
    sim_verb verb;
    sim_stream stream;
    sim_source source;
    sim_sink sink;
    char name[TERN_FILE_NAME_MAX + 1];
    bool known; /* get, fetch: key and size are what it must hold */
    uint64_t key, size;
    tern_sha256 hash; /* of the body that came */
    bool good, over;
} sim_transfer;

typedef struct sim_client {
    sim_run *run;
    uint32_t index;
    sim_person *person;
    tern_node *node;
    void *memory;
    bool closed, asked; /* asked: to join, and not answered yet */
    sim_todo *todo;     /* from todo_at to todo_n */
    size_t todo_at, todo_n, todo_cap;
    uint8_t *body;
    size_t body_cap;
    sim_transfer *transfers;
} sim_client;

int sim_transfer_begin(sim_client *c, const sim_action *a); /* as tern_peer_stream_open */
void sim_transfer_event(sim_client *c, uint32_t stream, bool broken);
void sim_transfers_go(sim_client *c);
void sim_transfers_free(sim_client *c);

#endif
