/* SPDX-License-Identifier: MIT */
/* A relay's tickets (spec: handshake 5): what stands in one, who may open it, and which ones were redeemed. */
#ifndef TERN_HANDSHAKE_TICKET_H
#define TERN_HANDSHAKE_TICKET_H

#include "handshake/handshake.h"
#include "handshake/messages.h"

typedef struct {
    uint32_t lifetime_s; /* 0: no tickets are given; at most TERN_TICKET_LIFETIME_MAX */
    uint32_t max_early;  /* bytes of early data; 0: none is taken */
    uint32_t window;     /* so many tickets given last can be redeemed for early data; rounded up to 64 */
} tern_tickets_config;

/* What a relay keeps for all its tickets: no state for any single one but a bit. A plain copy clones it. */
typedef struct {
    tern_tickets_config config;
    uint8_t secret[TERN_SECRET_SIZE]; /* shared: of all periods; else of this one alone (HS-048) */
    bool shared;                      /* with other runs, or other relays */
    bool begun;                       /* there is a key */
    bool has_before;                  /* likewise of the period before */
    uint32_t period;                  /* that key is the key of */
    uint8_t key[TERN_SECRET_SIZE], before[TERN_SECRET_SIZE];
    uint64_t boot;   /* of this run of the relay: drawn at init */
    uint64_t next;   /* serial of the next ticket */
    uint64_t live[]; /* a bit for each of the last window serials: given, and not redeemed yet */
} tern_tickets;

typedef struct {
    tern_suite suite;
    uint8_t psk[TERN_SECRET_SIZE];
    uint64_t issued; /* Unix seconds */
    uint32_t lifetime_s, max_early;
    uint64_t boot, serial;
    bool has_client;
    uint8_t client[TERN_SHA256_SIZE]; /* fingerprint of the client's key */
} tern_ticket;

size_t tern_tickets_footprint(const tern_tickets_config *config);
void tern_tickets_init(tern_tickets *t, const tern_tickets_config *config, tern_drbg *drbg);
/* The secret that tickets are sealed with from now on; those of another one open no more, but their serials go on:
 * early data is taken once, whatever becomes of the secret. To be called once after init at least. */
void tern_tickets_set_secret(tern_tickets *t, const uint8_t secret[TERN_SECRET_SIZE], bool shared);
/* Writes a sealed ticket of at most TERN_TICKET_MAX bytes; boot, serial, issued, lifetime and max_early are ours.
 * client: the fingerprint of the key that the client has proven, NULL when it was not asked. */
void tern_ticket_give(tern_tickets *t, tern_drbg *drbg, uint64_t unix_seconds, tern_suite suite,
                      const uint8_t psk[TERN_SECRET_SIZE], const uint8_t *client, tern_writer *w);
/* Opens one that is ours and not expired (HS-044). */
TERN_MUST_USE bool tern_ticket_open(tern_tickets *t, uint64_t unix_seconds, tern_bytes sealed, tern_ticket *out);

/* Whether a ticket serves for the first time (HS-053). */
typedef enum {
    TERN_REDEEMED_NOW,
    TERN_REDEEMED_BEFORE,
    TERN_REDEEMED_UNKNOWN /* of another run of the relay, or too long ago to tell */
} tern_redeemed;

/* Marks it: only the first time is the first time. */
tern_redeemed tern_ticket_redeem(tern_tickets *t, const tern_ticket *ticket);

/* Looks at the ticket of a whole CLIENT_HELLO, and redeems it. TERN_DROP_NONE: *resumed says whether out is to be used;
 * else why the SYN is to be dropped. tickets may be NULL. */
TERN_MUST_USE int tern_ticket_examine(tern_tickets *t, const tern_handshake_config *config, uint64_t unix_seconds,
                                      tern_bytes client_hello, bool *resumed, tern_resumed *out);

#endif
