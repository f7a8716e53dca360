/* SPDX-License-Identifier: MIT */
/* Bounds of configuration. */
#include "relay/limits.h"

#define LEAST_IDLE_MS    1000 /* of the parameter (WIRE-030) */
#define LEAST_WINDOW     4096 /* bytes */
#define LEAST_PAGES      16
#define MOST_PAGES       (UINT32_C(1) << 24)
#define MAX_ACK_DELAY_MS 25
#define DATAGRAM_PART    16 /* of the memory, that one datagram may fill */

#define DEFAULT_IDLE_TIMEOUT_MS   30000
#define DEFAULT_STREAM_WINDOW     (UINT64_C(4) << 20)
#define DEFAULT_CONNECTION_WINDOW (UINT64_C(8) << 20)
#define DEFAULT_MESSAGE_WINDOW    (UINT64_C(2) << 20)
#define DEFAULT_SEND_KEEP         (UINT64_C(2) << 20)
#define START_WINDOW_LEAST        (UINT64_C(64) << 10)
#define START_WINDOW_MOST         (UINT64_C(1) << 20)
#define START_PART                8 /* of the memory, divided by the connections */
#define DEFAULT_STREAMS           8

tern_transport tern_transport_default(uint32_t pages)
{
    return (tern_transport){
        .idle_timeout_ms = DEFAULT_IDLE_TIMEOUT_MS,
        .max_message = TERN_DEFAULT_MAX_MESSAGE,
        .stream_window = DEFAULT_STREAM_WINDOW,
        .connection_window = DEFAULT_CONNECTION_WINDOW,
        .message_window = DEFAULT_MESSAGE_WINDOW,
        .send_keep = DEFAULT_SEND_KEEP,
        .max_streams = DEFAULT_STREAMS,
        .pages = pages,
        .max_datagram = TERN_DATAGRAM_MAX,
        .congestion = TERN_CONGESTION_CUBIC,
    };
}

/* The largest datagram that is sure to find memory. */
static uint16_t max_datagram_of(const tern_transport *t)
{
    uint64_t part = (uint64_t)t->pages * TERN_PAGE_SIZE / DATAGRAM_PART;
    return part < t->max_datagram ? (uint16_t)part : t->max_datagram;
}

/* What all connections can be granted at once, with memory left for what they send and for growth. */
static uint64_t start_window_of(const tern_transport *t, uint32_t connections)
{
    if (connections == 0) return START_WINDOW_LEAST; /* such a configuration is refused */
    uint64_t part = (uint64_t)t->pages * TERN_PAGE_SIZE / START_PART / connections;
    /*= XFER-032 */
    if (part < START_WINDOW_LEAST) return START_WINDOW_LEAST;
    return part < START_WINDOW_MOST ? part : START_WINDOW_MOST;
}

tern_limits tern_limits_of(const tern_transport *t, uint32_t header, uint32_t connections)
{
    return (tern_limits){
        .stream_window = t->stream_window,
        .connection_window = t->connection_window,
        .message_window = t->message_window,
        .start_window = start_window_of(t, connections),
        .unordered_window = t->unordered_window,
        .max_datagram_frame = t->max_datagram_frame,
        .stream_keep = t->send_keep,
        .message_keep = t->send_keep,
        .max_message = t->max_message + header,
        .max_streams = t->max_streams,
        .max_streams_uni = t->max_streams_uni,
        .idle_timeout_ms = t->idle_timeout_ms,
        .keep_alive_ms = t->keep_alive_ms,
        .key_update_packets = t->key_update_packets,
        .max_datagram = max_datagram_of(t),
        .congestion = t->congestion,
    };
}

static bool in_range(uint64_t value, uint64_t least, uint64_t most)
{
    return value >= least && value <= most;
}

const char *tern_limits_check(const tern_limits *l, const tern_transport *t)
{
    if (l->idle_timeout_ms < LEAST_IDLE_MS) return "idle_timeout_ms must be at least 1000";
    if (!in_range(t->max_message, TERN_LEAST_MAX_MESSAGE, TERN_MOST_BYTES)) return "max_message must be 1 KiB to 1 GiB";
    if (!in_range(l->stream_window, LEAST_WINDOW, TERN_MOST_BYTES)) return "stream_window must be 4 KiB to 1 GiB";
    if (!in_range(l->connection_window, LEAST_WINDOW, TERN_MOST_BYTES))
        return "connection_window must be 4 KiB to 1 GiB";
    if (!in_range(l->stream_keep, LEAST_WINDOW, TERN_MOST_BYTES)) return "send_keep must be 4 KiB to 1 GiB";
    /*= XFER-022 */
    if (!in_range(l->message_window, (uint64_t)l->max_message + TERN_MESSAGE_PREFIX, 2 * TERN_MOST_BYTES))
        return "message_window must be larger than max_message by 1 KiB, and at most 2 GiB";
    /*= XFER-041 */
    if (l->unordered_window != 0 &&
        !in_range(l->unordered_window, (uint64_t)l->max_message + TERN_UNORDERED_COST, 2 * TERN_MOST_BYTES))
        return "unordered_window must be 0, or larger than max_message by 1 KiB, and at most 2 GiB";
    if (l->max_streams > TERN_MOST_STREAMS || l->max_streams_uni > TERN_MOST_STREAMS)
        return "max_streams and max_streams_uni must be at most 65536";
    if (t->congestion >= TERN_CONGESTION_COUNT) return "congestion must be one of the controllers";
    if (t->key_update_packets > TERN_KEY_UPDATE_DEFAULT) return "key_update_packets must be at most 4194304";
    if (!in_range(t->pages, LEAST_PAGES, MOST_PAGES)) return "pages must be 16 to 16777216";
    if (!in_range(t->max_datagram, TERN_DATAGRAM_MIN, TERN_DATAGRAM_MAX)) return "max_datagram must be 1200 to 65527";
    return NULL;
}

static uint64_t start_of(const tern_limits *l, uint64_t window)
{
    return l->start_window > 0 && l->start_window < window ? l->start_window : window;
}

tern_params tern_limits_params(const tern_limits *l)
{
    tern_params p = tern_params_absent();
    p.idle_timeout_ms = l->idle_timeout_ms;
    p.max_datagram = l->max_datagram;
    p.max_data = start_of(l, l->connection_window);
    p.max_stream_data = start_of(l, l->stream_window);
    p.max_streams = l->max_streams;
    p.max_streams_uni = l->max_streams_uni;
    p.max_unordered = l->unordered_window;
    p.max_datagram_frame = l->max_datagram_frame;
    p.max_messages = start_of(l, l->message_window);
    p.max_message = l->max_message;
    p.max_ack_delay_ms = MAX_ACK_DELAY_MS;
    return p;
}
