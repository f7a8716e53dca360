/* SPDX-License-Identifier: MIT */
/* Opens what nodes send, with the secrets that they tell: which connection, which number, which frames. It does what
 * the dissector of interop/wireshark does, from outside, so that the core need not be asked. */
#ifndef TERN_NETSIM_LENS_H
#define TERN_NETSIM_LENS_H

#include "world/world.h"

#include "wire/frame.h"
#include "wire/params.h"

#define SIM_LENS_FRAMES 512 /* of one packet that are looked at */

typedef struct {
    uint16_t type;
    tern_bytes value;
} sim_frame;

struct sim_lens_connection;

typedef struct {
    tern_header header;
    struct sim_lens_connection *connection; /* NULL: not known whose */
    uint32_t index;                         /* of the connection, in the order of their first SYN */
    bool to_relay;
    bool open; /* what follows is there */
    uint64_t pn;
    uint64_t key; /* the same in packets of a type that were sealed with one secret, and hardly in others */
    size_t frames_n;
    sim_frame frames[SIM_LENS_FRAMES]; /* views that hold until the next look */
} sim_opened;

typedef struct sim_lens sim_lens;

sim_lens *sim_lens_new(void);
void sim_lens_free(sim_lens *l);
void sim_lens_secret(sim_lens *l, const tern_event *secret);
/* A datagram that a node sends, each once and in their order. false: it is no packet of Tern. */
bool sim_lens_look(sim_lens *l, tern_bytes datagram, sim_opened *out);
/* Its sender's parameters; false when they do not stand in this packet. */
bool sim_lens_parameters(const sim_opened *o, tern_params *out);

#endif
