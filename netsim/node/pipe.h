/* SPDX-License-Identifier: MIT */
/* Bytes in order over links that lose datagrams: what TCP is to the systems that want a stream (spec: scenario 3). It
 * stands between the world and a node of such a dialect, and is no TCP: segments of at most 1200 bytes that go back to
 * the first one missing, a window that does not change, a timer that doubles. */
#ifndef TERN_NETSIM_PIPE_H
#define TERN_NETSIM_PIPE_H

#include "rules/state.h"

struct sim_pipe;

typedef struct {
    tern_node *node; /* whose stream it is */
    bool begins;     /* a client's: its first bytes make the connection */
    uint32_t id;     /* of the connections that it begins */
    struct sim_pipe *first;
} sim_pipes;

/* A segment came: what is in order goes to the node. */
void sim_pipes_recv(sim_pipes *all, tern_time now, const tern_path *path, tern_bytes segment);
/* Takes over what the node has to send, and gives the next segment; as tern_node_send. */
tern_batch sim_pipes_send(sim_pipes *all, tern_time now, tern_buf out);
tern_time sim_pipes_next_timeout(const sim_pipes *all);
void sim_pipes_on_timeout(sim_pipes *all, tern_time now);
void sim_pipes_free(sim_pipes *all);

#endif
