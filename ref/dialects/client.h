/* SPDX-License-Identifier: MIT */
/* What the clients of all dialects are made of (spec: dialects 1): the five verbs, one timer that counts tries, what
 * waits to be sent and told. A dialect adds its rules. */
#ifndef TERN_DIALECTS_CLIENT_H
#define TERN_DIALECTS_CLIENT_H

#include "crypto/drbg.h"
#include "crypto/rsa.h"
#include "dialects/budget.h"
#include "dialects/post.h"
#include "seam/node.h"

typedef enum {
    TERN_DIALECT_STARTING, /* until the dialect says connected */
    TERN_DIALECT_READY,
    TERN_DIALECT_WAITING, /* for an answer to what was said */
    TERN_DIALECT_OVER
} tern_dialect_client_state;

typedef struct tern_dialect_client_rules tern_dialect_client_rules;

typedef struct {
    tern_node node;
    const tern_dialect_client_rules *rules;
    tern_dialect_config config; /* whose views are empty */
    tern_rsa_private key;
    tern_drbg drbg;
    tern_time now;
    tern_dialect_client_state state; /* only tern_dialect_client_becomes assigns */
    bool connected;                  /* CONNECTED was told */
    uint32_t tries;                  /* of what is waited for */
    bool knows_server;               /* the pin of the configuration, or the first key that it saw */
    bool saw_another;                /* and then another key than that */
    uint8_t server[TERN_FINGERPRINT_SIZE];
    tern_time retry_at, next_at; /* the timer for tries, and another of the dialect's own */
    tern_budget budget;
    size_t own_at, scratch_at; /* offsets from this struct */
    tern_post post;            /* last: its area stands behind all others */
} tern_dialect_client;

struct tern_dialect_client_rules {
    tern_dialect dialect;
    bool has_key; /* its clients have an RSA key of their own */
    size_t (*own_size)(const tern_dialect_config *config);
    size_t (*scratch_size)(const tern_dialect_config *config);
    const char *(*init)(tern_dialect_client *c, const tern_dialect_config *config); /* may be NULL */
    /* Says (again) what the state waits for an answer to. */
    void (*ask)(tern_dialect_client *c);
    tern_drop (*take)(tern_dialect_client *c, const tern_path *path, tern_buf datagram);
    int (*say)(tern_dialect_client *c, tern_bytes text); /* READY only */
    void (*leave)(tern_dialect_client *c);               /* says goodbye; may be NULL */
    void (*tick)(tern_dialect_client *c);                /* next_at has come; sets it anew. May be NULL */
};

extern const tern_node_verbs tern_dialect_client_verbs;

/* By dialect; NULL for none. */
const tern_dialect_client_rules *tern_dialect_client_rules_of(tern_dialect dialect);

static inline void *tern_dialect_client_own(const tern_dialect_client *c)
{
    return (uint8_t *)(uintptr_t)c + c->own_at;
}

static inline uint8_t *tern_dialect_client_scratch(const tern_dialect_client *c)
{
    return (uint8_t *)(uintptr_t)c + c->scratch_at;
}

/* Goes to a state. STARTING and WAITING ask at once, and again until something else happens; the first READY
 * tells CONNECTED. */
void tern_dialect_client_becomes(tern_dialect_client *c, tern_dialect_client_state state);
/* OVER, and CLOSED is told with the reason. */
void tern_dialect_client_close(tern_dialect_client *c, tern_error error);
/* The text of a message for a person, and whose it is where that is known, else NULL. false: no room. */
TERN_MUST_USE bool tern_dialect_client_told(tern_dialect_client *c, const tern_member *sender, tern_bytes text);
/* ARRIVED or LEFT. */
void tern_dialect_client_presence(tern_dialect_client *c, tern_event_type type, const tern_member *who);
/* Whether this is the server's key: the one that is pinned, else the first one that is asked about. */
TERN_MUST_USE bool tern_dialect_client_trusts(tern_dialect_client *c, const tern_rsa_public *key);
/* Whether private-key work over n bytes may be done now. */
TERN_MUST_USE bool tern_dialect_client_may_open(tern_dialect_client *c, size_t n);

#endif
