/* SPDX-License-Identifier: MIT */
#include "rules/promises.h"

#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>

void sim_promises_init(sim_promises *own)
{
    *own = (sim_promises){ .data_limit = SIM_NO_PROMISE,
                           .stream_limit = SIM_NO_PROMISE,
                           .messages_limit = SIM_NO_PROMISE };
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

/*= SIM-029 */
void sim_promises_check(sim_run *r, const sim_sight *s, const sim_opened *o, sim_promises *own)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_frame_stream f;
        tern_frame_fragment m;
        if (o->frames[i].type == TERN_F_FRAGMENT && tern_frame_parse_fragment(o->frames[i].value, &m) == TERN_OK) {
            if (m.position + m.bytes.n > own->messages_sent) own->messages_sent = m.position + m.bytes.n;
            check_promise(r, s, "its messages", own->messages_sent, own->messages_limit);
        }
        if (o->frames[i].type != TERN_F_STREAM || tern_frame_parse_stream(o->frames[i].value, &f) != TERN_OK) continue;
        sim_promised_stream *at = stream_of(own, f.stream);
        uint64_t end = f.offset + f.bytes.n;
        if (end <= at->sent) continue;
        own->data_sent += end - at->sent;
        at->sent = end;
        check_promise(r, s, "all its streams", own->data_sent, own->data_limit);
        check_promise(r, s, "a stream", end, at->limit != SIM_NO_PROMISE ? at->limit : own->stream_limit);
    }
}

void sim_promises_hear(sim_promises *own, const sim_fact *f)
{
    switch (f->type) {
    case TERN_F_MAX_DATA: raise(&own->data_limit, f->value); break;
    case TERN_F_MAX_MESSAGES: raise(&own->messages_limit, f->value); break;
    case TERN_F_CRYPTO: raise(&own->stream_limit, f->value); break;
    default: raise(&stream_of(own, f->id)->limit, f->value); break;
    }
}
