/* SPDX-License-Identifier: MIT */
/* A client that does what tern would never do, to see what a real relay makes of it:
 *     rough-client HOST:PORT ACTION WORDS...
 * It trusts anybody, prints what came of it in one line, and ends with 0; 1 when the relay could not be reached. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posix/address.h"
#include "posix/clock.h"
#include "posix/driver.h"
#include "posix/entropy.h"
#include "posix/tlv_input.h"
#include "tern.h"

#define STREAMS_MAX 8 /* that a relay lets a client open */
#define PLACES      4 /* of which it serves so many at once */
#define PATIENCE    (20 * TERN_SECOND)

typedef struct {
    uint32_t id;
    bool open, fin, answered;
    uint8_t out[70000];
    size_t n, at;
    tern_tlv_input in;
    tern_file_msg answer;
} stream;

typedef struct {
    tern_driver driver;
    const char *action;
    char **words; /* behind the action; the list ends with NULL */
    stream *streams;
    size_t streams_n;
    tern_time deadline, vanish_at;
    bool connected, joined;
    int status;
} rough;

static void finish(rough *r, int status)
{
    r->status = status;
    r->driver.done = true;
}

/* ---- what stands on a stream */

static void add(stream *s, const tern_file_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ s->out + s->n, sizeof s->out - s->n });
    tern_file_msg_emit(&w, m);
    s->n += w.n;
}

static void add_bytes(stream *s, const void *bytes, size_t n)
{
    memcpy(s->out + s->n, bytes, n);
    s->n += n;
}

/* A name longer or otherwise than tern_file_msg_emit allows is the relay's to refuse. */
static void add_request(stream *s, tern_file_tlv_type type, const char *name, uint64_t size)
{
    tern_file_msg m = { .type = type, .size = size, .name = tern_bytes_of(name, strlen(name)) };
    add(s, &m);
}

static void add_done(stream *s, const char *text, bool right)
{
    tern_file_msg m = { .type = TERN_FILE_DONE };
    tern_sha256_of(tern_bytes_of(text, strlen(text)), m.sha256);
    if (!right) m.sha256[31] ^= 1;
    add(s, &m);
}

/* Writes the stream's bytes down, ahead of time. false: there is no such action. */
static bool prepare(stream *s, const char *action, const char *name, const char *text)
{
    static const uint8_t junk[] = { 0, 0x99, 0, 1, 7 }, huge[] = { 0, 0x50, 0xff, 0xff };
    size_t n = text != NULL ? strlen(text) : 0;
    s->fin = true;
    if (strcmp(action, "get") == 0) {
        add_request(s, TERN_FILE_GET, name, 0);
    } else if (strcmp(action, "junk") == 0) {
        add_bytes(s, junk, sizeof junk);
    } else if (strcmp(action, "huge-tlv") == 0) {
        add_bytes(s, huge, sizeof huge);
        s->n += 65535;
    } else if (strcmp(action, "done-first") == 0) {
        add_done(s, text, true);
    } else if (strncmp(action, "put", 3) == 0 || strcmp(action, "crowd") == 0) {
        bool vanishes = strcmp(action, "put-and-vanish") == 0, crowd = strcmp(action, "crowd") == 0;
        uint64_t told = strcmp(action, "put-short") == 0 || vanishes ? n + 5
                        : strcmp(action, "put-long") == 0            ? n - 1
                                                                     : n;
        add_request(s, TERN_FILE_PUT, name, told);
        add_bytes(s, text, n);
        if (strcmp(action, "put-no-done") != 0 && told <= n && !crowd)
            add_done(s, text, strcmp(action, "put-wrong-hash") != 0);
        s->fin = !vanishes && !crowd;
    } else if (strcmp(action, "empty") != 0) {
        return false;
    }
    return true;
}

/* ---- streams */

static void write_on(rough *r, stream *s)
{
    tern_node *node = r->driver.node;
    size_t taken = 0;
    if (!s->open) s->open = tern_peer_stream_open(node, 0, TERN_BOTH_WAYS, &s->id) == TERN_OK;
    if (!s->open) return;
    if (s->at < s->n) (void)tern_peer_stream_write(node, 0, s->id, tern_bytes_of(s->out + s->at, s->n - s->at), &taken);
    s->at += taken;
    if (s->at == s->n && s->fin) {
        (void)tern_peer_stream_finish(node, 0, s->id);
        s->fin = false;
    }
}

static void read_on(rough *r, stream *s)
{
    bool fin = false;
    for (size_t n = 1; n > 0 && s->open && !s->answered;) {
        tern_buf room = tern_tlv_input_room(&s->in);
        if (tern_peer_stream_read(r->driver.node, 0, s->id, room, &n, &fin) != TERN_OK) return;
        if (n > 0) s->answered = tern_tlv_input_take(&s->in, n, &s->answer) != TERN_TLV_MORE;
    }
}

static void report(rough *r)
{
    const tern_file_msg *m = &r->streams[0].answer;
    if (m->type == TERN_FILE_ERROR)
        (void)printf("error %u\n", m->code);
    else if (m->type == TERN_FILE_INFO)
        (void)printf("info %llu\n", (unsigned long long)m->size);
    else
        (void)printf("done\n");
    finish(r, 0);
}

/* Those for whom there was no place are told so; then the others may end, and are answered. */
static void crowd_on(rough *r)
{
    size_t busy = 0, answers = 0;
    for (size_t i = 0; i < r->streams_n; i++) {
        const stream *s = &r->streams[i];
        if (s->answered && s->answer.type == TERN_FILE_ERROR && s->answer.code == 9) busy++;
        if (s->answered && s->answer.type == TERN_FILE_DONE) answers++;
    }
    if (busy > 0 && busy + answers == r->streams_n) {
        (void)printf("answers %zu busy %zu\n", answers, busy);
        finish(r, 0);
    } else if (busy + PLACES == r->streams_n && answers == 0) {
        for (size_t i = 0; i < r->streams_n; i++) {
            stream *s = &r->streams[i];
            if (s->answered || s->fin || s->at < s->n) continue;
            add_done(s, r->words[1], true);
            s->fin = true;
            write_on(r, s);
        }
    }
}

static void vanish_on(rough *r)
{
    if (r->vanish_at == 0) r->vanish_at = r->driver.now + 300 * TERN_MS;
    r->driver.wake = r->vanish_at;
    if (r->driver.now < r->vanish_at) return;
    (void)printf("vanished\n");
    finish(r, 0);
}

static void streams_on(rough *r)
{
    for (size_t i = 0; i < r->streams_n; i++) {
        write_on(r, &r->streams[i]);
        read_on(r, &r->streams[i]);
    }
    if (strcmp(r->action, "crowd") == 0)
        crowd_on(r);
    else if (strcmp(r->action, "put-and-vanish") == 0)
        vanish_on(r);
    else if (r->streams[0].answered)
        report(r);
}

/* ---- rooms */

static void join(rough *r)
{
    if (tern_client_join(r->driver.node, r->words[0], r->words[1]) == TERN_OK) return;
    (void)printf("join failed\n");
    finish(r, 1);
}

static void on_room_event(rough *r, const tern_event *event)
{
    bool says = strcmp(r->action, "say") == 0;
    if (event->type == TERN_EVENT_REFUSED) {
        (void)printf("refused %u\n", event->u.refused.code);
        finish(r, 0);
    } else if (event->type == TERN_EVENT_JOINED && !says) {
        (void)printf("joined\n");
        finish(r, 0);
    } else if (event->type == TERN_EVENT_JOINED) {
        (void)tern_client_publish(r->driver.node, tern_bytes_of(r->words[2], strlen(r->words[2])));
    } else if (event->type == TERN_EVENT_MESSAGE) {
        (void)printf("said\n");
        finish(r, 0);
    }
}

/* ---- the loop's calls */

static void on_event(void *context, const tern_event *event)
{
    rough *r = context;
    if (event->type == TERN_EVENT_CONNECTED) {
        r->connected = true;
        if (r->streams_n == 0) join(r);
    } else if (event->type == TERN_EVENT_CLOSED) {
        (void)printf("closed %s\n", tern_error_name((tern_error)event->u.closed.error));
        finish(r, 0);
    } else {
        on_room_event(r, event);
    }
}

static void on_round(void *context)
{
    rough *r = context;
    r->driver.wake = r->deadline;
    if (r->connected && r->streams_n > 0) streams_on(r);
    if (r->driver.done || r->driver.now < r->deadline) return;
    (void)printf("nothing came of it\n");
    finish(r, 1);
}

static bool connect_to(rough *r, const char *address, void **memory, tern_why *why)
{
    tern_hostport hp;
    tern_addr remote;
    tern_socket socket;
    tern_client_config config;
    size_t n;
    if (!tern_hostport_parse(address, &hp, why) || !tern_hostport_resolve(&hp, &remote, 1, &n, why)) return false;
    if (!tern_socket_connect(&socket, &remote, why) || !tern_driver_add(&r->driver, &socket, why)) return false;
    tern_client_config_default(&config);
    tern_entropy(config.seed);
    config.path = (tern_path){ socket.local, remote };
    config.trust.proof = TERN_PROOF_FIRST_USE;
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    *memory = aligned_alloc(64, (tern_client_footprint(&config) + 63) / 64 * 64);
    return *memory != NULL && tern_client_init(*memory, &config, tern_clock_now(), &r->driver.node) == TERN_OK;
}

static bool choose(rough *r, int words_n)
{
    bool room = strcmp(r->action, "join") == 0 || strcmp(r->action, "say") == 0;
    r->streams_n = room ? 0 : strcmp(r->action, "crowd") == 0 ? STREAMS_MAX : 1;
    if (words_n < (room ? 2 : 1) + (strcmp(r->action, "say") == 0)) return false;
    for (size_t i = 0; i < r->streams_n; i++) {
        char name[256];
        (void)snprintf(name, sizeof name, r->streams_n > 1 ? "%.200s%zu" : "%.200s", r->words[0], i);
        if (!prepare(&r->streams[i], r->action, name, words_n > 1 ? r->words[1] : "")) return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const tern_driver_app app = { on_event, on_round, NULL };
    static rough r;
    tern_why why = { "" };
    void *memory = NULL;
    r.status = 1;
    r.streams = calloc(STREAMS_MAX, sizeof *r.streams);
    if (argc < 4 || r.streams == NULL) return 2;
    r.action = argv[2];
    r.words = argv + 3;
    if (choose(&r, argc - 3) && tern_driver_open(&r.driver, &app, &r, &why)) {
        r.deadline = tern_clock_now() + PATIENCE;
        if (connect_to(&r, argv[1], &memory, &why)) tern_driver_run(&r.driver);
        bool polite = strcmp(r.action, "put-and-vanish") != 0;
        if (r.driver.node != NULL && polite) {
            tern_peer_close(r.driver.node, tern_clock_now(), 0, TERN_NO_ERROR, "");
            tern_driver_flush(&r.driver);
        }
        tern_driver_close(&r.driver);
    }
    if (why.text[0] != '\0') (void)fprintf(stderr, "rough-client: %s\n", why.text);
    free(memory);
    free(r.streams);
    return r.status;
}
