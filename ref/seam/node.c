/* SPDX-License-Identifier: MIT */
/* The five verbs, handed to the node they are called on. */
#include "seam/node.h"

int tern_node_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    return node->verbs->recv(node, now, path, datagram, ecn);
}

tern_batch tern_node_send(tern_node *node, tern_time now, tern_buf out)
{
    return node->verbs->send(node, now, out);
}

tern_time tern_node_next_timeout(const tern_node *node)
{
    return node->verbs->next_timeout(node);
}

void tern_node_on_timeout(tern_node *node, tern_time now)
{
    node->verbs->on_timeout(node, now);
}

bool tern_node_poll(tern_node *node, tern_event *event)
{
    return node->verbs->poll(node, event);
}

void tern_node_too_big(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what)
{
    if (node->verbs->too_big != NULL) node->verbs->too_big(node, now, path, what);
}
