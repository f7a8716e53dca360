/* SPDX-License-Identifier: MIT */
/* What both kinds of node have in common in their configuration: the limits of a connection, and their bounds. */
#ifndef TERN_RELAY_LIMITS_H
#define TERN_RELAY_LIMITS_H

#include "connection/connection.h"
#include "tern.h"

/* The least max_message: every room message without a body fits it with ease. */
#define TERN_LEAST_MAX_MESSAGE 1024
#define TERN_MOST_BYTES        (UINT64_C(1) << 30) /* of a message, a window, a keep */
#define TERN_MOST_STREAMS      65536               /* open at once, of a kind */

/* The defaults; how many pages they share is each kind of node's own. */
tern_transport tern_transport_default(uint32_t pages);
/* What each of so many connections (at least 1) grants and keeps. header: bytes of the TLVs that stand before a body in
 * the largest message. */
tern_limits tern_limits_of(const tern_transport *transport, uint32_t header, uint32_t connections);
/* NULL when the limits that were made of a transport can be used, else a static sentence. */
const char *tern_limits_check(const tern_limits *limits, const tern_transport *transport);
/* The transport parameters that grant them. */
tern_params tern_limits_params(const tern_limits *limits);

#endif
