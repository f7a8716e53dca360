/* SPDX-License-Identifier: MIT */
/* What the servers of all dialects are made of (spec: dialects 1): the five verbs, a table of clients by address with
 * their ages, a budget for private-key work, what waits to be sent and told. A dialect adds its rules. */
#ifndef TERN_DIALECTS_SERVER_H
#define TERN_DIALECTS_SERVER_H

#include "crypto/drbg.h"
#include "crypto/rsa.h"
#include "dialects/budget.h"
#include "dialects/post.h"
#include "dialects/said.h"
#include "seam/node.h"

typedef struct tern_dialect_rules tern_dialect_rules;
typedef struct tern_dialect_lasting tern_dialect_lasting;

#define TERN_DIALECT_JOBS 8

/* A ciphertext that is opened block by block (work.h), and whose it is. */
typedef struct {
    tern_path path;
    tern_peer peer; /* 0: it is known by its address alone */
    bool has_id;
    uint32_t id;
    tern_said_mark mark;
    size_t n, at, text_n; /* bytes, those that were opened, and what they said, which stands in front */
} tern_dialect_job;

/* A client, whatever the dialect; its dialect's part stands behind it. */
typedef struct {
    tern_peer peer; /* 0: nobody */
    bool member;    /* ARRIVED was told */
    tern_path path; /* where it was heard */
    tern_time heard;
    char nick[TERN_NICK_SIZE];
} tern_dialect_guest;

typedef struct {
    tern_node node;
    const tern_dialect_rules *rules;
    tern_dialect_config config; /* whose views are empty */
    tern_rsa_private key;
    tern_drbg drbg;
    tern_time now;
    tern_budget budget;  /* of private-key work */
    tern_budget answers; /* that need no proof of anything */
    uint8_t secret[16];  /* of tern_dialect_sender */
    tern_peer last_peer;
    uint32_t clients;
    size_t own_at, clients_at, scratch_at; /* offsets from this struct */
    size_t client_stride;
    tern_dialect_job job[TERN_DIALECT_JOBS]; /* a ring */
    uint32_t job_first, jobs;
    size_t jobs_at; /* their bytes, from this struct */
    tern_time job_at, seal_until;
    bool seal_waits;
    tern_post post; /* last: its area stands behind all others */
} tern_dialect_server;

struct tern_dialect_rules {
    tern_dialect_facts facts;
    /* Bytes of a client's part, of the dialect's own part of the server, and of scratch; a client's is all zero when it
     * comes. */
    size_t (*client_size)(const tern_dialect_config *config);
    size_t (*own_size)(const tern_dialect_config *config);
    size_t (*scratch_size)(const tern_dialect_config *config);
    /* NULL, or why the configuration cannot be used. May be NULL. */
    const char *(*init)(tern_dialect_server *s, const tern_dialect_config *config);
    /* A datagram; TERN_DROP_NONE when it was taken. */
    tern_drop (*take)(tern_dialect_server *s, const tern_path *path, tern_buf datagram);
    /* As tern_dialect_tell, to one who is a member. */
    int (*tell)(tern_dialect_server *s, tern_dialect_guest *c, const tern_event *event, tern_bytes body);
    /* Bytes of the longest ciphertext that waits to be opened, and what it said: TERN_DROP_NONE when it was taken. May
     * be NULL. */
    size_t (*job_size)(const tern_dialect_config *config);
    tern_drop (*opened)(tern_dialect_server *s, const tern_dialect_job *job, tern_bytes text);
    /* A client is going: say goodbye, forget what is kept of it elsewhere. May be NULL. */
    void (*going)(tern_dialect_server *s, tern_dialect_guest *c);
    /* What is to be done at a time besides clients' ages; when next. May be NULL. */
    void (*tick)(tern_dialect_server *s);
    tern_time (*next)(const tern_dialect_server *s);
    const tern_dialect_lasting *lasting; /* what outlives a restart (state.h); NULL: nothing */
};

extern const tern_node_verbs tern_dialect_server_verbs;

/* By dialect; NULL for none. */
const tern_dialect_rules *tern_dialect_rules_of(tern_dialect dialect);

static inline void *tern_dialect_own(const tern_dialect_server *s)
{
    return (uint8_t *)(uintptr_t)s + s->own_at;
}

static inline uint8_t *tern_dialect_scratch(const tern_dialect_server *s)
{
    return (uint8_t *)(uintptr_t)s + s->scratch_at;
}

static inline tern_dialect_guest *tern_dialect_guest_at(const tern_dialect_server *s, uint32_t i)
{
    return (tern_dialect_guest *)((uint8_t *)(uintptr_t)s + s->clients_at + i * s->client_stride);
}

/* A client's part of its dialect. */
static inline void *tern_dialect_part(tern_dialect_guest *c)
{
    return c + 1;
}

/* The client at this address; NULL when there is none. */
tern_dialect_guest *tern_dialect_find(const tern_dialect_server *s, const tern_path *path);
/* Likewise, else a new one, for which one who never became a member may have to go; NULL when there are as many as may
 * be, in all or (half of them) at one host. */
tern_dialect_guest *tern_dialect_meet(tern_dialect_server *s, const tern_path *path);
/* It was heard now, from here. */
void tern_dialect_heard(tern_dialect_server *s, tern_dialect_guest *c, const tern_path *path);
/* Makes it a member by this name, if it is none; NULL for its address. */
void tern_dialect_arrive(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes nick);
/* It said this. false: there is no room for it now, and it was not said. */
TERN_MUST_USE bool tern_dialect_said(tern_dialect_server *s, const tern_dialect_guest *c, tern_bytes text);
/* It is gone; LEFT is told when it was a member. */
void tern_dialect_go(tern_dialect_server *s, tern_dialect_guest *c, tern_left_why why);
/* A number for an address that nobody else can find another address for. */
uint64_t tern_dialect_sender(const tern_dialect_server *s, const tern_addr *addr);
/* Whether an answer that needs no proof of anything may go to this address; if so it is counted. */
TERN_MUST_USE bool tern_dialect_may_answer(tern_dialect_server *s, const tern_addr *addr);
/* Whether private-key work over n bytes may be done for this address; if so it is charged. */
TERN_MUST_USE bool tern_dialect_may_open(tern_dialect_server *s, const tern_addr *addr, size_t n);

#endif
