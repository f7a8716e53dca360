/* SPDX-License-Identifier: MIT */
/* What both kinds of node have in common in their configuration: the limits of a connection, and their bounds. */
#ifndef TERN_RELAY_LIMITS_H
#define TERN_RELAY_LIMITS_H

#include "connection/connection.h"

#define TERN_DEFAULT_IDLE_TIMEOUT_MS   30000
#define TERN_DEFAULT_STREAM_WINDOW     (UINT64_C(4) << 20)
#define TERN_DEFAULT_CONNECTION_WINDOW (UINT64_C(8) << 20)
#define TERN_DEFAULT_MESSAGE_WINDOW    (UINT64_C(2) << 20)
#define TERN_DEFAULT_SEND_KEEP         (UINT64_C(2) << 20)

#define TERN_STREAMS_AT_ONCE 8
/* The least max_message: every room message without a body fits it with ease. */
#define TERN_LEAST_MAX_MESSAGE 1024
#define TERN_MOST_BYTES        (UINT64_C(1) << 30) /* of a message, a window, a keep */

/* NULL when the limits can be used, else a static sentence. max_message is the configuration's, a bound for bodies;
 * that of the limits is larger by the TLVs that stand before a body. */
const char *tern_limits_check(const tern_limits *limits, uint32_t max_message, uint32_t pages);
/* The transport parameters that grant them. */
tern_params tern_limits_params(const tern_limits *limits);

#endif
