/* SPDX-License-Identifier: MIT */
/* The relay's file service (see transfers.h). Each state says how many bytes it wants from the client and what to do
 * with them; sending goes on whenever the stream takes more. */
#define _GNU_SOURCE
#include "transfers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/clock.h"
#include "posix/say.h"
#include "posix/text.h"

/* ---- beginning and ending */

static tern_transfer *find(tern_transfers *t, tern_peer peer, uint32_t stream)
{
    for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++) {
        tern_transfer *x = &t->all[i];
        if (x->state != TERN_TRANSFER_FREE && !x->orphan && x->peer == peer && x->stream == stream) return x;
    }
    return NULL;
}

/* A free place, unless this client has its share already. */
static tern_transfer *reserve(tern_transfers *t, tern_peer peer)
{
    tern_transfer *place = NULL;
    unsigned own = 0;
    for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++) {
        tern_transfer *x = &t->all[i];
        if (x->state == TERN_TRANSFER_FREE) place = x;
        if (x->state != TERN_TRANSFER_FREE && x->peer == peer) own++;
    }
    return own < TERN_TRANSFERS_OWN ? place : NULL;
}

static void clear(tern_transfer *x)
{
    *x = (tern_transfer){ .state = TERN_TRANSFER_FREE, .fd = -1, .part = { .fd = -1 } };
}

static void release(tern_transfers *t, tern_transfer *x)
{
    if (x->fd >= 0) (void)close(x->fd);
    tern_store_abandon(&t->store, &x->part);
    tern_file_hash_drop(&x->hash);
    clear(x);
}

/* The client is gone or wants no more. A file that is just being made to last is kept until that is done. */
static void give_up(tern_transfers *t, tern_transfer *x)
{
    if (x->state == TERN_TRANSFER_SYNC)
        x->orphan = true;
    else
        release(t, x);
}

/* Takes no more from the client, whatever it still sends. */
static void stop_input(tern_transfers *t, tern_transfer *x, tern_file_code code)
{
    if (!x->input_ended) (void)tern_peer_stream_stop(t->node, x->peer, x->stream, (uint16_t)code);
    x->input_ended = true;
}

static void log_end(const tern_transfers *t, const tern_transfer *x, tern_time now, tern_file_code code)
{
    char name[TERN_ESCAPED_SIZE(TERN_FILE_NAME_MAX)];
    if (!t->verbose) return;
    (void)tern_escape(tern_bytes_of(x->name, strlen(x->name)), name);
    const char *verb = x->put ? "put" : "get";
    if (code != TERN_FILE_NO_ERROR)
        tern_log("peer %llu: %s '%s' refused: %s", (unsigned long long)x->peer, verb, name, tern_file_code_words(code));
    else
        tern_log("peer %llu: %s '%s', %s in %s", (unsigned long long)x->peer, verb, name, tern_words_size(x->size).text,
                 tern_words_time(now - x->started).text);
}

/* ---- sending */

static void set_answer(tern_transfer *x, const tern_file_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ x->out, sizeof x->out });
    tern_file_msg_emit(&w, m);
    x->out_n = w.n;
    x->out_at = 0;
}

static void fail(tern_transfers *t, tern_transfer *x, tern_time now, tern_file_code code)
{
    const char *words = tern_file_code_words(code);
    tern_file_msg m = { .type = TERN_FILE_ERROR, .code = (uint16_t)code, .text = tern_bytes_of(words, strlen(words)) };
    log_end(t, x, now, code);
    t->counts.refused++;
    tern_store_abandon(&t->store, &x->part);
    if (x->fd >= 0) (void)close(x->fd);
    x->fd = -1;
    stop_input(t, x, code);
    set_answer(x, &m);
    x->state = TERN_TRANSFER_ANSWER;
}

/* In the middle of a file there is no place for a TLV: the stream is broken off. */
static void break_off(tern_transfers *t, tern_transfer *x, tern_time now, tern_file_code code)
{
    log_end(t, x, now, code);
    t->counts.refused++;
    stop_input(t, x, code);
    (void)tern_peer_stream_reset(t->node, x->peer, x->stream, (uint16_t)code);
    release(t, x);
}

static void answer_hash(tern_transfer *x, const uint8_t sha256[TERN_SHA256_SIZE])
{
    tern_file_msg m = { .type = TERN_FILE_DONE };
    memcpy(m.sha256, sha256, sizeof m.sha256);
    set_answer(x, &m);
    x->state = TERN_TRANSFER_ANSWER;
}

/* Writes what the stream takes of bytes: how many. */
static size_t write_some(tern_transfers *t, tern_transfer *x, tern_time now, tern_bytes bytes)
{
    size_t taken = 0;
    if (tern_peer_stream_write(t->node, x->peer, x->stream, bytes, &taken) != TERN_OK) taken = 0;
    if (taken > 0) x->moved = now;
    x->writable = taken == bytes.n;
    return taken;
}

static void send_answer(tern_transfers *t, tern_transfer *x, tern_time now)
{
    x->out_at += write_some(t, x, now, tern_bytes_of(x->out + x->out_at, x->out_n - x->out_at));
    if (x->out_at < x->out_n || x->state != TERN_TRANSFER_ANSWER) return;
    (void)tern_peer_stream_finish(t->node, x->peer, x->stream);
    x->state = TERN_TRANSFER_END;
}

/* Sends on in the file from where the stream stopped taking. */
static void send_file(tern_transfers *t, tern_transfer *x, tern_time now)
{
    uint64_t left = x->size - x->at;
    size_t want = left < sizeof t->scratch ? (size_t)left : sizeof t->scratch;
    ssize_t n = want > 0 ? pread(x->fd, t->scratch, want, (off_t)x->at) : 0;
    if (want > 0 && n <= 0) {
        break_off(t, x, now, TERN_FILE_IO_ERROR); /* it cannot be read, or became shorter */
        return;
    }
    size_t taken = want > 0 ? write_some(t, x, now, tern_bytes_of(t->scratch, (size_t)n)) : 0;
    tern_file_hash_update(&x->hash, tern_bytes_of(t->scratch, taken));
    x->at += taken;
    t->counts.get_bytes += taken;
    if (x->at < x->size) return;
    uint8_t sha256[TERN_SHA256_SIZE];
    tern_file_hash_end(&x->hash, sha256);
    t->counts.gets++;
    log_end(t, x, now, TERN_FILE_NO_ERROR);
    answer_hash(x, sha256);
}

static void pump_out(tern_transfers *t, tern_transfer *x, tern_time now)
{
    while (x->writable) {
        if (x->out_at < x->out_n || x->state == TERN_TRANSFER_ANSWER)
            send_answer(t, x, now);
        else if (x->state == TERN_TRANSFER_SEND)
            send_file(t, x, now);
        else
            return;
    }
}

/* ---- receiving */

static void begin_put(tern_transfers *t, tern_transfer *x, tern_time now, const tern_file_msg *m)
{
    x->put = true;
    x->size = m->size;
    tern_file_hash_begin(&x->hash);
    tern_file_code code = tern_store_begin(&t->store, m->name, m->size, &x->part);
    if (code != TERN_FILE_NO_ERROR)
        fail(t, x, now, code);
    else
        x->state = x->size > 0 ? TERN_TRANSFER_BODY : TERN_TRANSFER_DONE;
}

static void begin_get(tern_transfers *t, tern_transfer *x, tern_time now, const tern_file_msg *m)
{
    tern_file_hash_begin(&x->hash);
    tern_file_code code = tern_store_find(&t->store, m->name, &x->fd, &x->size);
    if (code != TERN_FILE_NO_ERROR) {
        fail(t, x, now, code);
        return;
    }
    tern_file_msg info = { .type = TERN_FILE_INFO, .size = x->size };
    set_answer(x, &info);
    x->state = TERN_TRANSFER_SEND;
}

static void on_request(tern_transfers *t, tern_transfer *x, tern_time now, const tern_file_msg *m)
{
    (void)snprintf(x->name, sizeof x->name, "%.*s", (int)m->name.n, (const char *)m->name.p);
    if (m->type == TERN_FILE_PUT)
        begin_put(t, x, now, m);
    else if (m->type == TERN_FILE_GET)
        begin_get(t, x, now, m);
    else
        fail(t, x, now, TERN_FILE_BAD_REQUEST);
}

static void on_done(tern_transfers *t, tern_transfer *x, tern_time now, const tern_file_msg *m)
{
    tern_file_hash_end(&x->hash, x->sha256);
    if (m->type != TERN_FILE_DONE) {
        fail(t, x, now, TERN_FILE_BAD_REQUEST);
        return;
    }
    /*= ROOM-021 */
    if (memcmp(x->sha256, m->sha256, sizeof x->sha256) != 0) {
        fail(t, x, now, TERN_FILE_HASH_MISMATCH);
        return;
    }
    x->state = TERN_TRANSFER_SYNC;
    tern_syncer_add(&t->syncer, x->part.fd, (uint32_t)(x - t->all));
}

static void on_synced(void *context, const tern_sync_job *job)
{
    tern_transfers *t = context;
    tern_transfer *x = &t->all[job->ticket];
    tern_time now = tern_clock_now();
    tern_file_code code = tern_store_code(job->error);
    if (x->orphan) {
        release(t, x);
        return;
    }
    if (code == TERN_FILE_NO_ERROR) code = tern_store_finish(&t->store, &x->part, x->name);
    if (code != TERN_FILE_NO_ERROR) {
        fail(t, x, now, code);
    } else {
        t->counts.puts++;
        log_end(t, x, now, TERN_FILE_NO_ERROR);
        answer_hash(x, x->sha256);
    }
    x->moved = now;
    pump_out(t, x, now);
}

static void on_tlv(tern_transfers *t, tern_transfer *x, tern_time now, size_t n)
{
    tern_file_msg m;
    tern_tlv_got got = tern_tlv_input_take(&x->in, n, &m);
    if (got == TERN_TLV_MORE) return;
    if (got == TERN_TLV_BAD)
        fail(t, x, now, TERN_FILE_BAD_REQUEST);
    else if (x->state == TERN_TRANSFER_REQUEST)
        on_request(t, x, now, &m);
    else
        on_done(t, x, now, &m);
}

static void on_body(tern_transfers *t, tern_transfer *x, tern_time now, tern_bytes bytes)
{
    tern_file_code code = tern_store_append(&x->part, bytes);
    if (code != TERN_FILE_NO_ERROR) {
        fail(t, x, now, code);
        return;
    }
    tern_file_hash_update(&x->hash, bytes);
    x->at += bytes.n;
    t->counts.put_bytes += bytes.n;
    if (x->at == x->size) x->state = TERN_TRANSFER_DONE;
}

/* Where the next bytes go, and how many the state wants: one too many is a request that cannot be understood. */
static tern_buf wanted(tern_transfers *t, tern_transfer *x)
{
    uint64_t left = x->size - x->at;
    switch (x->state) {
    case TERN_TRANSFER_REQUEST:
    case TERN_TRANSFER_DONE: return tern_tlv_input_room(&x->in);
    case TERN_TRANSFER_BODY:
        return (tern_buf){ t->scratch, left < sizeof t->scratch ? (size_t)left : sizeof t->scratch };
    default: return (tern_buf){ t->scratch, 1 };
    }
}

static void take_input(tern_transfers *t, tern_transfer *x, tern_time now, tern_buf bytes)
{
    x->moved = now;
    switch (x->state) {
    case TERN_TRANSFER_REQUEST:
    case TERN_TRANSFER_DONE: on_tlv(t, x, now, bytes.n); break;
    case TERN_TRANSFER_BODY: on_body(t, x, now, tern_bytes_of(bytes.p, bytes.n)); break;
    case TERN_TRANSFER_SEND: break_off(t, x, now, TERN_FILE_BAD_REQUEST); break;
    default: stop_input(t, x, TERN_FILE_BAD_REQUEST); break;
    }
}

/* The client ended its side: too early, unless its last TLV has been read. */
static void on_input_end(tern_transfers *t, tern_transfer *x, tern_time now)
{
    x->input_ended = true;
    if (x->state == TERN_TRANSFER_REQUEST || x->state == TERN_TRANSFER_BODY || x->state == TERN_TRANSFER_DONE)
        fail(t, x, now, TERN_FILE_BAD_REQUEST);
}

static void pump_in(tern_transfers *t, tern_transfer *x, tern_time now)
{
    while (!x->input_ended && x->state != TERN_TRANSFER_FREE) {
        tern_buf want = wanted(t, x);
        size_t n = 0;
        bool fin = false;
        if (tern_peer_stream_read(t->node, x->peer, x->stream, want, &n, &fin) != TERN_OK) return;
        if (n > 0) take_input(t, x, now, (tern_buf){ want.p, n });
        if (fin && x->state != TERN_TRANSFER_FREE) on_input_end(t, x, now);
        if (n == 0) return;
    }
}

/* ---- events */

/* A stream that finds no place: the answer fits any fresh stream's window, else the code alone travels. */
static void refuse(tern_transfers *t, tern_peer peer, uint32_t stream)
{
    const char *words = tern_file_code_words(TERN_FILE_BUSY);
    uint8_t bytes[TERN_TLV_HEADER + 2 + TERN_TEXT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_file_msg m = { .type = TERN_FILE_ERROR, .code = TERN_FILE_BUSY, .text = tern_bytes_of(words, strlen(words)) };
    size_t taken = 0;
    tern_file_msg_emit(&w, &m);
    t->counts.refused++;
    (void)tern_peer_stream_stop(t->node, peer, stream, TERN_FILE_BUSY);
    (void)tern_peer_stream_write(t->node, peer, stream, tern_written(&w), &taken);
    if (taken == w.n)
        (void)tern_peer_stream_finish(t->node, peer, stream);
    else
        (void)tern_peer_stream_reset(t->node, peer, stream, TERN_FILE_BUSY);
}

static void on_opened(tern_transfers *t, tern_time now, tern_peer peer, uint32_t stream)
{
    tern_transfer *x = reserve(t, peer);
    if (x == NULL) {
        refuse(t, peer, stream);
        return;
    }
    x->state = TERN_TRANSFER_REQUEST;
    x->peer = peer;
    x->stream = stream;
    x->writable = true;
    x->started = x->moved = now;
    if (t->store.folder_fd < 0) fail(t, x, now, TERN_FILE_NO_FILES);
}

static void on_stream(tern_transfers *t, tern_time now, const tern_event *event)
{
    if (event->type == TERN_EVENT_STREAM_OPENED) on_opened(t, now, event->peer, event->u.stream.id);
    tern_transfer *x = find(t, event->peer, event->u.stream.id);
    if (x == NULL) return;
    if (event->type == TERN_EVENT_STREAM_WRITABLE) x->writable = true;
    if (event->type == TERN_EVENT_STREAM_STOPPED) {
        give_up(t, x);
        return;
    }
    if (event->type == TERN_EVENT_STREAM_RESET) {
        x->input_ended = true;
        if (x->state != TERN_TRANSFER_SEND && x->state != TERN_TRANSFER_ANSWER && x->state != TERN_TRANSFER_END) {
            (void)tern_peer_stream_reset(t->node, x->peer, x->stream, TERN_FILE_BAD_REQUEST);
            give_up(t, x);
            return;
        }
    }
    pump_in(t, x, now);
    pump_out(t, x, now);
    if (x->state == TERN_TRANSFER_END && x->input_ended) release(t, x);
}

void tern_transfers_event(tern_transfers *t, tern_time now, const tern_event *event)
{
    if (event->type >= TERN_EVENT_STREAM_OPENED && event->type <= TERN_EVENT_STREAM_STOPPED) {
        on_stream(t, now, event);
    } else if (event->type == TERN_EVENT_CLOSED) {
        for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++)
            if (t->all[i].state != TERN_TRANSFER_FREE && t->all[i].peer == event->peer) give_up(t, &t->all[i]);
    }
}

static void on_stall(tern_transfers *t, tern_transfer *x, tern_time now)
{
    if (x->state != TERN_TRANSFER_END) {
        break_off(t, x, now, TERN_FILE_IO_ERROR);
        return;
    }
    stop_input(t, x, TERN_FILE_BAD_REQUEST); /* it has its answer, but never ended its side */
    release(t, x);
}

tern_time tern_transfers_tick(tern_transfers *t, tern_time now)
{
    tern_time next = TERN_TIME_NEVER;
    for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++) {
        tern_transfer *x = &t->all[i];
        if (x->state == TERN_TRANSFER_FREE || x->state == TERN_TRANSFER_SYNC) continue;
        tern_time at = x->moved + TERN_TRANSFER_STALL;
        if (at <= now)
            on_stall(t, x, now);
        else if (at < next)
            next = at;
    }
    return next;
}

tern_transfers *tern_transfers_new(void)
{
    tern_transfers *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->store.folder_fd = -1;
    for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++) clear(&t->all[i]);
    return t;
}

bool tern_transfers_open(tern_transfers *t, tern_loop *loop, const char *folder, uint64_t max_file, tern_why *why)
{
    if (folder == NULL) return true;
    return tern_store_open(&t->store, folder, max_file, why) && tern_syncer_open(&t->syncer, loop, on_synced, t, why);
}

void tern_transfers_free(tern_transfers *t)
{
    if (t == NULL) return;
    tern_syncer_close(&t->syncer);
    for (size_t i = 0; i < TERN_TRANSFERS_MAX; i++) release(t, &t->all[i]);
    tern_store_close(&t->store);
    free(t);
}
