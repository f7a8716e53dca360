/* SPDX-License-Identifier: MIT */
/* A relay and some clients on a virtual clock, with a wire between them that delays and may lose. What each end is told
 * is written down in words, a line an event. */
#ifndef TERN_TESTS_RELAY_WORLD_H
#define TERN_TESTS_RELAY_WORLD_H

#include "tern.h"
#include "unit/base/unit.h"

#define WORLD_CLIENTS  8
#define WORLD_WIRE     20000
#define WORLD_LOG      (1u << 16)
#define WORLD_DELAY    (10 * TERN_MS)
#define WORLD_EPOCH    UINT64_C(1767225600) /* Unix seconds when the clock is 0 */
#define WORLD_GUARD    512                  /* bytes behind each node that nobody may write to */
#define WORLD_BODY_MAX (1u << 18)

typedef struct {
    tern_node *node;
    uint8_t *memory;
    size_t n;
    tern_path path; /* as the node sees it; a relay's is empty */
    bool cut;       /* nothing goes to it or comes from it */
    bool asleep;    /* its application does not poll */
    char log[WORLD_LOG];
    size_t log_n;
    tern_event connected, ticket; /* the last ones that it was told */
} world_end;

typedef struct {
    tern_time at;
    uint32_t from, to; /* ends */
    size_t n;
    uint8_t *bytes;
} world_datagram;

typedef struct {
    tern_time now;
    world_end end[1 + WORLD_CLIENTS];  /* the relay is 0 */
    tern_peer peer[1 + WORLD_CLIENTS]; /* each client as the relay knows it, once connected */
    uint32_t clients;
    world_datagram *wire;
    size_t on_wire;
    uint64_t random, sent;
    unsigned loss_percent;
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    unsigned faults;   /* clients that closed because the relay broke the protocol */
    unsigned told[32]; /* events by type, of all ends */
    uint64_t digest;   /* of all that was put on the wire */
} world;

/* Small numbers, a key, room for WORLD_CLIENTS. */
tern_relay_config world_relay_config(void);
tern_client_config world_client_config(const world *w, uint32_t client);

/* A relay without clients; NULL for world_relay_config. */
world *world_new(const tern_relay_config *config);
/* Adds a client (1, 2, ...) that begins to connect; NULL for world_client_config. */
uint32_t world_add(world *w, const tern_client_config *config);
/* Puts a new client with another seed into the place of one that has ended. */
void world_replace(world *w, uint32_t client, uint8_t seed);
/* As many clients, connected, and a member of the room by the names ann, bob, cyd, dan, eve, fay, gus, hal. */
world *world_with_members(const tern_relay_config *config, uint32_t members, const char *room);
/* Checks the guards, too. */
void world_free(world *w);
/* Lets everything happen that happens in the next ns. */
void world_run(world *w, uint64_t ns);
/* One round: everyone polls and sends. */
void world_settle(world *w);

/* What an end (0 is the relay) was told since it was asked last; asserts that it is these lines. */
void world_expect(world *w, uint32_t end, const char *lines);
const char *world_log(const world *w, uint32_t end);
void world_forget_logs(world *w);

/* A body of n bytes that the log calls "n bytes" when it arrives whole. */
tern_bytes world_body(size_t n);
int world_publish(world *w, uint32_t client, const char *text);
/* A raw Tern message from one end, past what its node would let through. */
int world_say_to_relay(world *w, uint32_t client, tern_bytes message);
int world_say_to_client(world *w, uint32_t client, tern_bytes message);

#endif
