/* SPDX-License-Identifier: MIT */
/* A scenario's links between real programs (spec: scenario 11). The world is the simulator's own, with a client and its
 * relay that only hand on what comes; its time is the clock's. */
#ifndef TERN_NETSIM_PROXY_H
#define TERN_NETSIM_PROXY_H

#include "proxy/udp.h"
#include "rules/state.h"

#define SIM_PROXY_CLIENTS   256                /* addresses that are served at one time */
#define SIM_PROXY_IDLE      (30 * TERN_SECOND) /* one that was silent so long makes room for another */
#define SIM_PROXY_UNDER_WAY (64u << 20)        /* bytes on the links at one time */
#define SIM_PROXY_NUMBERS   65536              /* packets of a link whose owner is known */

typedef struct {
    sim_udp_addr addr;
    int fd; /* towards the target; -1: the place is free */
    tern_time heard;
    unsigned life; /* of the place: what is under way to an earlier owner is dropped */
} sim_proxy_client;

typedef struct {
    uint64_t number;
    uint32_t client;
    unsigned life;
} sim_proxy_owner;

typedef struct {
    sim_run run; /* its world and scenario alone */
    uint32_t client, relay;
    sim_udp_addr target;
    int listening;
    tern_time begun; /* by the clock, when the world's time was 0 */
    sim_proxy_client clients[SIM_PROXY_CLIENTS];
    sim_proxy_owner *owners[2]; /* of packets to the client, to the relay: by number */
    uint16_t rebound;
    uint8_t *room;
    uint64_t served, no_place, too_much, no_owner, unsent, refused; /* clients; datagrams dropped here, and why */
    uint64_t delivered[2];
} sim_proxy;

/* Makes the world out of the scenario, with the links between client and relay; listening is a socket of the caller's.
 */
void sim_proxy_init(sim_proxy *p, const sim_scenario *s, uint64_t seed, uint32_t client, FILE *trace);
/* For so long, or until a signal. false: the world failed. */
bool sim_proxy_go(sim_proxy *p, tern_time how_long);
void sim_proxy_free(sim_proxy *p);

#endif
