/* SPDX-License-Identifier: MIT */
/* What makes a block of memory a node: the five verbs (spec: overview). Every node begins with this. */
#ifndef TERN_SEAM_NODE_H
#define TERN_SEAM_NODE_H

#include "tern.h"

typedef struct {
    const char *kind; /* "client", "relay" */
    int (*recv)(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
    tern_batch (*send)(tern_node *node, tern_time now, tern_buf out);
    tern_time (*next_timeout)(const tern_node *node);
    void (*on_timeout)(tern_node *node, tern_time now);
    bool (*poll)(tern_node *node, tern_event *event);
    void (*too_big)(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what); /* may be NULL */
} tern_node_verbs;

struct tern_node {
    const tern_node_verbs *verbs;
};

#endif
