/* SPDX-License-Identifier: MIT */
/* What a scenario says of a node's transport, put into its configuration. */
#include "node/tune.h"

void sim_tune(tern_transport *t, const sim_node_spec *n)
{
    uint32_t *const small[SIM_OPT_COUNT] = { [SIM_OPT_IDLE] = &t->idle_timeout_ms,
                                             [SIM_OPT_MAX_MESSAGE] = &t->max_message,
                                             [SIM_OPT_PAGES] = &t->pages,
                                             [SIM_OPT_KEY_UPDATE] = &t->key_update_packets };
    uint64_t *const large[SIM_OPT_COUNT] = { [SIM_OPT_STREAM_WINDOW] = &t->stream_window,
                                             [SIM_OPT_CONNECTION_WINDOW] = &t->connection_window,
                                             [SIM_OPT_MESSAGE_WINDOW] = &t->message_window,
                                             [SIM_OPT_KEEP] = &t->send_keep,
                                             [SIM_OPT_UNORDERED] = &t->unordered_window };
    if (n->congestion != 0) t->congestion = (tern_congestion_kind)(n->congestion - 1);
    if (n->option[SIM_OPT_DATAGRAMS] != 0) t->max_datagram_frame = (uint16_t)n->option[SIM_OPT_DATAGRAMS];
    for (int i = 0; i < SIM_OPT_COUNT; i++) {
        if (n->option[i] != 0 && small[i] != NULL) *small[i] = (uint32_t)n->option[i];
        if (n->option[i] != 0 && large[i] != NULL) *large[i] = n->option[i];
    }
}
