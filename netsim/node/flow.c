/* SPDX-License-Identifier: MIT */
/* Content is made and compared in chunks: nothing here keeps a body. */
#include "node/flow.h"

#include <string.h>

#define READ_SIZE 16384

/*= SIM-002 */
void sim_note_stream(sim_world *w, uint32_t node, const tern_event *e)
{
    static const char *const names[] = { "STREAM_OPENED", "STREAM_READABLE", "STREAM_WRITABLE", "STREAM_RESET",
                                         "STREAM_STOPPED" };
    bool ended = e->type == TERN_EVENT_STREAM_RESET || e->type == TERN_EVENT_STREAM_STOPPED;
    uint64_t code = ended ? e->u.stream.code : 0;
    tern_assert(e->type >= TERN_EVENT_STREAM_OPENED && e->type <= TERN_EVENT_STREAM_STOPPED);
    sim_world_event(w, node, names[e->type - TERN_EVENT_STREAM_OPENED], code << 32 | e->u.stream.id,
                    tern_bytes_of(NULL, 0));
}

static void put_text(sim_source *s, const tern_file_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ s->text, sizeof s->text });
    tern_file_msg_emit(&w, m);
    s->text_n = tern_writer_ok(&w) ? w.n : 0;
    s->text_at = 0;
}

void sim_source_init(sim_source *s, const tern_file_msg *head, uint64_t size, sim_tail tail)
{
    memset(s, 0, sizeof *s);
    s->size = size;
    s->tail = tail;
    s->begun = true;
    tern_sha256_init(&s->hash);
    put_text(s, head);
}

/* How many of the bytes the node took; short of all, the source is blocked, or has failed. */
static size_t write_some(sim_source *s, const sim_stream *stream, tern_bytes bytes)
{
    size_t taken = 0;
    int e = tern_peer_stream_write(stream->node, stream->peer, stream->id, bytes, &taken);
    if (e == TERN_E_CLOSED || e == TERN_E_BAD_INPUT)
        s->failed = true;
    else if (taken < bytes.n)
        s->blocked = true;
    return s->failed ? 0 : taken;
}

static bool write_text(sim_source *s, const sim_stream *stream)
{
    if (s->text_at < s->text_n)
        s->text_at += write_some(s, stream, tern_bytes_of(s->text + s->text_at, s->text_n - s->text_at));
    return s->text_at == s->text_n;
}

/* What of the body can be offered next. */
static tern_bytes next_of_body(sim_source *s)
{
    if (s->memory != NULL) return tern_bytes_of(s->memory + s->at, (size_t)(s->size - s->at));
    if (s->at == s->chunk_end) {
        size_t n = s->size - s->at < SIM_CHUNK ? (size_t)(s->size - s->at) : SIM_CHUNK;
        sim_content_fill(s->key, s->at, (tern_buf){ s->chunk, n });
        s->chunk_end = s->at + n;
    }
    return tern_bytes_of(s->chunk + s->at % SIM_CHUNK, (size_t)(s->chunk_end - s->at));
}

static bool write_body(sim_source *s, const sim_stream *stream)
{
    while (s->at < s->size && !s->blocked && !s->failed) {
        tern_bytes bytes = next_of_body(s);
        size_t taken = write_some(s, stream, bytes);
        if (s->tail == SIM_TAIL_HASH) tern_sha256_update(&s->hash, tern_bytes_of(bytes.p, taken));
        s->at += taken;
    }
    return s->at == s->size;
}

void sim_source_go(sim_source *s, const sim_stream *stream)
{
    if (!s->begun || s->finished || s->failed) return;
    s->blocked = false;
    if (!write_text(s, stream) || !write_body(s, stream)) return;
    if (s->tail != SIM_TAIL_NONE && !s->in_tail) {
        tern_file_msg done = { .type = TERN_FILE_DONE };
        if (s->tail == SIM_TAIL_HASH) tern_sha256_final(&s->hash, done.sha256);
        put_text(s, &done);
        s->in_tail = true;
        if (!write_text(s, stream)) return;
    }
    int e = tern_peer_stream_finish(stream->node, stream->peer, stream->id);
    s->finished = e == TERN_OK;
    s->failed = e == TERN_E_CLOSED || e == TERN_E_BAD_INPUT;
    s->blocked = !s->finished;
}

static void take_body(sim_sink *s, tern_bytes *bytes)
{
    size_t n = s->body - s->body_at < bytes->n ? (size_t)(s->body - s->body_at) : bytes->n;
    if (s->on_body != NULL) s->on_body(s->context, s->body_at, tern_bytes_of(bytes->p, n));
    s->body_at += n;
    s->total += n;
    bytes->p += n;
    bytes->n -= n;
}

static void take_text(sim_sink *s, tern_bytes *bytes)
{
    tern_file_msg m;
    size_t room = sizeof s->text - s->text_n, n = bytes->n < room ? bytes->n : room;
    memcpy(s->text + s->text_n, bytes->p, n);
    size_t used = tern_file_msg_parse(tern_bytes_of(s->text, s->text_n + n), &m);
    if (used == SIZE_MAX || used > s->text_n + n || (used == 0 && n == room)) {
        s->failed = true;
        return;
    }
    size_t from_bytes = used == 0 ? n : used - s->text_n;
    s->text_n = used == 0 ? s->text_n + n : 0;
    bytes->p += from_bytes;
    bytes->n -= from_bytes;
    if (used == 0) return;
    if (!s->on_message(s->context, &m)) s->failed = true;
    s->body_at = 0;
    s->body = m.type == TERN_FILE_PUT || m.type == TERN_FILE_INFO ? m.size : 0;
}

void sim_sink_go(sim_sink *s, const sim_stream *stream)
{
    uint8_t chunk[READ_SIZE];
    while (!s->fin && !s->failed) {
        size_t n = 0;
        int e = tern_peer_stream_read(stream->node, stream->peer, stream->id, (tern_buf){ chunk, sizeof chunk }, &n,
                                      &s->fin);
        if (e != TERN_OK) return;
        tern_bytes bytes = tern_bytes_of(chunk, n);
        while (bytes.n > 0 && !s->failed) {
            if (s->body_at < s->body)
                take_body(s, &bytes);
            else
                take_text(s, &bytes);
        }
        if (n < sizeof chunk) break;
    }
    if (s->fin && (s->text_n > 0 || s->body_at < s->body)) s->failed = true;
}
