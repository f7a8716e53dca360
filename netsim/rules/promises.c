/* SPDX-License-Identifier: MIT */
#include "rules/promises.h"

#include "transfer/unordered.h"
#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>

void sim_promises_init(sim_promises *own)
{
    *own = (sim_promises){ .data_limit = SIM_NO_PROMISE,
                           .stream_limit = SIM_NO_PROMISE,
                           .messages_limit = SIM_NO_PROMISE,
                           .unordered_limit = SIM_NO_PROMISE,
                           .streams_limit = { SIM_NO_PROMISE, SIM_NO_PROMISE },
                           .datagram_limit = SIM_NO_PROMISE };
}

void sim_promises_free(sim_promises *own)
{
    free(own->streams);
}

static sim_promised_stream *stream_of(sim_promises *own, uint64_t id)
{
    for (size_t i = own->streams_n; i > 0; i--)
        if (own->streams[i - 1].id == id) return &own->streams[i - 1];
    own->streams = sim_grow(own->streams, own->streams_n + 1, sizeof *own->streams);
    own->streams[own->streams_n] = (sim_promised_stream){ id, 0, SIM_NO_PROMISE };
    return &own->streams[own->streams_n++];
}

static void raise(uint64_t *limit, uint64_t to)
{
    if (*limit == SIM_NO_PROMISE || to > *limit) *limit = to;
}

static void check_promise(sim_run *r, const sim_sight *s, const char *of, uint64_t sent, uint64_t limit)
{
    if (sent > limit)
        sim_world_fail(&r->world, "%s sends byte %" PRIu64 " of %s, and was promised room for %" PRIu64,
                       r->world.nodes[s->node].name, sent, of, limit);
}

static void check_fragment(sim_run *r, const sim_sight *s, tern_bytes value, sim_promises *own)
{
    tern_frame_fragment m;
    if (tern_frame_parse_fragment(value, &m) != TERN_OK) return;
    if (m.position + m.bytes.n > own->messages_sent) own->messages_sent = m.position + m.bytes.n;
    check_promise(r, s, "its messages", own->messages_sent, own->messages_limit);
}

/* One takes its credit all at once, when it is begun (XFER-041). */
static void check_message(sim_run *r, const sim_sight *s, tern_bytes value, sim_promises *own)
{
    tern_frame_message m;
    if (tern_frame_parse_message(value, &m) != TERN_OK || m.id < own->next_id) return;
    own->next_id = m.id + 1;
    own->unordered_sent += m.size + TERN_UNORDERED_COST;
    check_promise(r, s, "its messages without order", own->unordered_sent, own->unordered_limit);
}

/* Bit 0 of an id says who opened the stream, bit 1 whether it is one way. */
static void check_count(sim_run *r, const sim_sight *s, bool by_client, uint32_t id, const sim_promises *own)
{
    uint64_t count = (uint64_t)(id >> 2) + 1, limit = own->streams_limit[id >> 1 & 1];
    if ((id & 1) == !by_client && count > limit)
        sim_world_fail(&r->world, "%s opens stream %" PRIu64 " of its kind, and was promised room for %" PRIu64,
                       r->world.nodes[s->node].name, count, limit);
}

static void check_stream(sim_run *r, const sim_sight *s, bool by_client, tern_bytes value, sim_promises *own)
{
    tern_frame_stream f;
    if (tern_frame_parse_stream(value, &f) != TERN_OK) return;
    check_count(r, s, by_client, f.stream, own);
    sim_promised_stream *at = stream_of(own, f.stream);
    uint64_t end = f.offset + f.bytes.n;
    if (end <= at->sent) return;
    own->data_sent += end - at->sent;
    at->sent = end;
    check_promise(r, s, "all its streams", own->data_sent, own->data_limit);
    check_promise(r, s, "a stream", end, at->limit != SIM_NO_PROMISE ? at->limit : own->stream_limit);
}

/*= SIM-029 */
void sim_promises_check(sim_run *r, const sim_sight *s, const sim_opened *o, sim_promises *own)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_bytes value = o->frames[i].value;
        switch (o->frames[i].type) {
        case TERN_F_FRAGMENT: check_fragment(r, s, value, own); break;
        case TERN_F_MESSAGE: check_message(r, s, value, own); break;
        case TERN_F_STREAM: check_stream(r, s, o->to_relay, value, own); break;
        case TERN_F_DATAGRAM: check_promise(r, s, "a datagram", value.n, own->datagram_limit); break;
        default: break;
        }
    }
}

void sim_promises_hear(sim_promises *own, const sim_fact *f)
{
    switch (f->type) {
    case TERN_F_MAX_DATA: raise(&own->data_limit, f->value); break;
    case TERN_F_MAX_MESSAGES: raise(&own->messages_limit, f->value); break;
    case TERN_F_MAX_UNORDERED: raise(&own->unordered_limit, f->value); break;
    case TERN_F_MAX_STREAMS: raise(&own->streams_limit[0], f->value); break;
    case TERN_F_MAX_STREAMS_UNI: raise(&own->streams_limit[1], f->value); break;
    case TERN_F_DATAGRAM: raise(&own->datagram_limit, f->value); break;
    case TERN_F_CRYPTO: raise(&own->stream_limit, f->value); break;
    default: raise(&stream_of(own, f->id)->limit, f->value); break;
    }
}
