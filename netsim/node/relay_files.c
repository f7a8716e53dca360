/* SPDX-License-Identifier: MIT */
/* The relay's far end of a stream, and its store of files in memory (spec: rooms 2). */
#include "node/relay_files.h"

#include "node/flow.h"
#include "rules/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX   (1u << 28) /* bytes of a file that the store takes */
#define STORE_MAX  4096       /* files */
#define ERROR_TEXT "no"

enum { BAD_FILE_NAME = 1, NOT_FOUND, NO_FILES, NO_SPACE, TOO_LARGE, HASH_MISMATCH, IO_ERROR, BAD_REQUEST };

typedef struct sim_stored {
    char name[TERN_FILE_NAME_MAX + sizeof "received_"];
    uint8_t *bytes;
    uint64_t n;
} sim_stored;

typedef struct sim_job { /* a stream that a client opened */
    struct sim_job *next;
    sim_jobs *of;
    uint32_t client; /* node; SIM_NONE when no node has that address */
    sim_stream stream;
    sim_sink sink;
    sim_source source;
    char name[TERN_FILE_NAME_MAX + 1];
    uint64_t key, size;
    uint8_t *bytes;
    tern_sha256 hash;
    bool is_stream, is_put, broken;
} sim_job;

static void free_job(sim_job *j)
{
    free(j->bytes);
    free(j);
}

void sim_jobs_free(sim_jobs *all)
{
    while (all->first != NULL) {
        sim_job *j = all->first;
        all->first = j->next;
        free_job(j);
    }
    for (size_t i = 0; i < all->store_n; i++) free(all->store[i].bytes);
    free(all->store);
}

/* ---- the store ---- */

static sim_stored *find_stored(sim_jobs *all, tern_bytes name)
{
    static const char prefix[] = "received_";
    for (size_t i = 0; i < all->store_n; i++) {
        const char *have = all->store[i].name;
        if (strlen(have) == name.n && memcmp(have, name.p, name.n) == 0) return &all->store[i];
        if (strncmp(have, prefix, sizeof prefix - 1) != 0) continue;
        have += sizeof prefix - 1;
        if (strlen(have) == name.n && memcmp(have, name.p, name.n) == 0) return &all->store[i];
    }
    return NULL;
}

void sim_store_keep(sim_jobs *all, const char *prefix, const char *name, uint8_t *bytes, uint64_t n)
{
    char full[TERN_FILE_NAME_MAX + sizeof "received_"];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    sim_stored *s = find_stored(all, tern_bytes_of(full, strlen(full)));
    if (s == NULL) {
        all->store = sim_grow(all->store, all->store_n + 1, sizeof *all->store);
        s = &all->store[all->store_n++];
        memcpy(s->name, full, sizeof full);
    } else {
        free(s->bytes);
    }
    s->bytes = bytes;
    s->n = n;
}

/* ---- a stream ---- */

static void refuse(sim_job *j, uint16_t code)
{
    tern_file_msg m = { .type = TERN_FILE_ERROR,
                        .code = code,
                        .text = tern_bytes_of(ERROR_TEXT, sizeof ERROR_TEXT - 1) };
    sim_source_init(&j->source, &m, 0, SIM_TAIL_NONE);
    if (!j->sink.fin) tern_peer_stream_stop(j->stream.node, j->stream.peer, j->stream.id, code);
    j->is_put = false;
    j->broken = true;
}

static void answer_hash(sim_job *j, const uint8_t hash[TERN_SHA256_SIZE])
{
    tern_file_msg m = { .type = TERN_FILE_DONE };
    memcpy(m.sha256, hash, sizeof m.sha256);
    sim_source_init(&j->source, &m, 0, SIM_TAIL_NONE);
}

static void take_name(sim_job *j, tern_bytes name)
{
    memcpy(j->name, name.p, name.n);
    j->name[name.n] = '\0';
    j->is_stream = name.n > 0 && name.p[0] == SIM_STREAM_MARK;
}

static void begin_put(sim_job *j, const tern_file_msg *m)
{
    take_name(j, m->name);
    j->is_put = true;
    j->size = m->size;
    if (j->is_stream)
        j->key = sim_name_key(j->of->run, m->name);
    else if (!tern_file_name_ok(m->name))
        refuse(j, BAD_FILE_NAME);
    else if (m->size > FILE_MAX)
        refuse(j, TOO_LARGE);
    else if (j->of->store_n == STORE_MAX)
        refuse(j, NO_SPACE);
    else
        j->bytes = sim_grow(NULL, (size_t)m->size + 1, 1);
}

/* The size stands behind the last dash of a stream's name. */
static uint64_t size_in_name(const char *name)
{
    const char *dash = strrchr(name, '-');
    return dash == NULL ? 0 : strtoull(dash + 1, NULL, 10);
}

static void begin_get(sim_job *j, const tern_file_msg *m)
{
    take_name(j, m->name);
    sim_stored *s = j->is_stream ? NULL : find_stored(j->of, m->name);
    if (s == NULL && !j->is_stream) {
        refuse(j, NOT_FOUND);
        return;
    }
    tern_file_msg info = { .type = TERN_FILE_INFO, .size = s == NULL ? size_in_name(j->name) : s->n };
    sim_source_init(&j->source, &info, info.size, s == NULL ? SIM_TAIL_ZEROS : SIM_TAIL_HASH);
    if (s == NULL) {
        j->source.key = sim_name_key(j->of->run, m->name);
        return;
    }
    j->bytes = sim_grow(NULL, (size_t)s->n + 1, 1); /* the file may be put anew while it is sent */
    memcpy(j->bytes, s->bytes, (size_t)s->n);
    j->source.memory = j->bytes;
}

static void end_put(sim_job *j, const tern_file_msg *m)
{
    uint8_t own[TERN_SHA256_SIZE];
    tern_sha256_final(&j->hash, own);
    if (memcmp(own, m->sha256, sizeof own) != 0) {
        sim_world_fail(&j->of->run->world, "%s: '%s' has another hash than its sender says",
                       j->of->run->scenario->nodes[j->of->relay].name, j->name);
        return;
    }
    sim_store_keep(j->of, "received_", j->name, j->bytes, j->size);
    j->bytes = NULL;
    j->is_put = false;
    answer_hash(j, own);
}

static bool on_message(void *context, const tern_file_msg *m)
{
    sim_job *j = context;
    if (j->broken) return true;
    bool begun = j->name[0] != '\0';
    if (m->type == TERN_FILE_PUT && !begun)
        begin_put(j, m);
    else if (m->type == TERN_FILE_GET && !begun)
        begin_get(j, m);
    else if (m->type == TERN_FILE_DONE && j->is_put && !j->is_stream && j->sink.total == j->size)
        end_put(j, m);
    else
        refuse(j, BAD_REQUEST);
    return true;
}

/*= SIM-009 */
static void on_body(void *context, uint64_t offset, tern_bytes bytes)
{
    sim_job *j = context;
    sim_run *r = j->of->run;
    if (j->broken) return;
    if (j->client != SIM_NONE) {
        r->people[j->client].up.bytes += bytes.n;
        r->people[j->client].up.last = r->world.now;
    }
    if (j->is_stream) {
        if (sim_content_is(j->key, offset, bytes)) return;
        sim_world_fail(&r->world, "%s: bytes of '%s' at %" PRIu64 " are not those that were sent",
                       r->scenario->nodes[j->of->relay].name, j->name, offset);
        return;
    }
    memcpy(j->bytes + offset, bytes.p, bytes.n);
    tern_sha256_update(&j->hash, bytes);
}

static void go(sim_job *j)
{
    static const uint8_t no_hash[TERN_SHA256_SIZE] = { 0 };
    sim_sink_go(&j->sink, &j->stream);
    if (j->sink.failed && !j->broken) refuse(j, BAD_REQUEST);
    if (j->sink.fin && j->is_put && j->is_stream && !j->broken) {
        j->is_put = false;
        answer_hash(j, no_hash);
    }
    if (j->sink.fin && j->is_put) refuse(j, BAD_REQUEST); /* no FILE_DONE came */
    sim_source_go(&j->source, &j->stream);
}

static sim_job *find_job(sim_jobs *all, tern_peer who, uint32_t id)
{
    sim_job *j = all->first;
    while (j != NULL && (j->stream.peer != who || j->stream.id != id)) j = j->next;
    return j;
}

static sim_job *new_job(sim_jobs *all, const tern_event *e, uint32_t client)
{
    sim_job *j = sim_grow(NULL, 1, sizeof *j);
    memset(j, 0, sizeof *j);
    j->of = all;
    j->client = client;
    j->stream = (sim_stream){ all->node, e->peer, e->u.stream.id };
    j->sink = (sim_sink){ .context = j, .on_message = on_message, .on_body = on_body };
    tern_sha256_init(&j->hash);
    j->next = all->first;
    all->first = j;
    return j;
}

void sim_jobs_drop(sim_jobs *all, tern_peer who)
{
    sim_job **at = &all->first;
    while (*at != NULL) {
        sim_job *j = *at;
        if (j->stream.peer != who) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        free_job(j);
    }
}

void sim_jobs_event(sim_jobs *all, const tern_event *e, uint32_t client)
{
    sim_job *j = find_job(all, e->peer, e->u.stream.id);
    if (j == NULL && e->type == TERN_EVENT_STREAM_OPENED) j = new_job(all, e, client);
    if (j == NULL) return;
    j->source.blocked = false;
    if (e->type == TERN_EVENT_STREAM_RESET) j->broken = j->sink.failed = true;
    if (e->type == TERN_EVENT_STREAM_STOPPED) j->source.failed = true;
    go(j);
}

/* Tries again what the core could not take, and forgets streams that are done. */
void sim_jobs_go(sim_jobs *all)
{
    sim_job **at = &all->first;
    while (*at != NULL) {
        sim_job *j = *at;
        if (j->source.begun && !j->source.blocked) go(j);
        bool over = (j->source.finished || j->source.failed) && (j->sink.fin || j->sink.failed);
        if (!over) {
            at = &j->next;
            continue;
        }
        *at = j->next;
        free_job(j);
    }
}
