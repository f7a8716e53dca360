/* SPDX-License-Identifier: MIT */
/* A client's files and streams (spec: rooms 2). put and get speak as `tern put` and `tern get` do. stream and fetch
 * send pseudo-random bytes under a name that begins with ~, which both ends can compare without keeping or hashing
 * them. */
#include "node/transfer.h"

#include "node/flow.h"
#include "rules/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct sim_transfer {
    struct sim_transfer *next;
    const sim_transfers *of;
    sim_verb verb;
    sim_stream stream;
    sim_source source;
    sim_sink sink;
    char name[TERN_FILE_NAME_MAX + 1];
    bool known; /* get, fetch: key and size are what it must hold */
    uint64_t key, size;
    tern_sha256 hash; /* of the body that came */
    bool good, over;
} sim_transfer;

static sim_person *person_of(const sim_transfer *t)
{
    return &t->of->run->people[t->of->client];
}

static bool is_up(const sim_transfer *t)
{
    return t->verb == SIM_DO_PUT || t->verb == SIM_DO_STREAM;
}

static void fail(sim_transfer *t, const char *what)
{
    sim_run *r = t->of->run;
    sim_world_fail(&r->world, "%s: '%s': %s", r->scenario->nodes[t->of->client].name, t->name, what);
}

static void check_hash(sim_transfer *t, const tern_file_msg *m)
{
    uint8_t own[TERN_SHA256_SIZE];
    tern_sha256_final(is_up(t) ? &t->source.hash : &t->hash, own);
    bool hashed = t->verb == SIM_DO_PUT || t->verb == SIM_DO_GET;
    if (hashed && memcmp(own, m->sha256, sizeof own) != 0)
        fail(t, "the relay's hash is another than ours");
    else
        t->good = true;
}

/*= SIM-009 */
static bool on_message(void *context, const tern_file_msg *m)
{
    sim_transfer *t = context;
    sim_person *p = person_of(t);
    switch (m->type) {
    case TERN_FILE_DONE: check_hash(t, m); return true;
    case TERN_FILE_ERROR:
        p->has_file_error = true;
        p->file_error = m->code;
        if (!t->source.finished) tern_peer_stream_reset(t->stream.node, 0, t->stream.id, m->code);
        t->over = true;
        return true;
    case TERN_FILE_INFO:
        if (is_up(t)) return false;
        if (t->known && m->size != t->size) fail(t, "the relay tells another size than it has");
        return true;
    default: return false;
    }
}

/*= SIM-009 */
static void on_body(void *context, uint64_t offset, tern_bytes bytes)
{
    sim_transfer *t = context;
    sim_person *p = person_of(t);
    if (t->known && !sim_content_is(t->key, offset, bytes)) fail(t, "bytes came that are not those that were sent");
    if (t->verb == SIM_DO_GET) tern_sha256_update(&t->hash, bytes);
    p->down.bytes += bytes.n;
    p->down.last = t->of->run->world.now;
}

static void name_it(sim_transfer *t, const sim_action *a)
{
    const char *node = t->of->run->scenario->nodes[t->of->client].name;
    bool stream = a->verb == SIM_DO_STREAM || a->verb == SIM_DO_FETCH;
    size_t n = person_of(t)->transfers + 1;
    if (a->name != NULL)
        snprintf(t->name, sizeof t->name, "%s", a->name);
    else if (stream)
        snprintf(t->name, sizeof t->name, "%c%s-%zu-%" PRIu64, SIM_STREAM_MARK, node, n, a->size);
    else
        snprintf(t->name, sizeof t->name, "%s-%zu", node, n);
}

static void describe(sim_transfer *t, const sim_action *a)
{
    sim_run *r = t->of->run;
    uint32_t relay = r->scenario->nodes[t->of->client].relay;
    tern_bytes name = tern_bytes_of(t->name, strlen(t->name));
    tern_file_msg head = { .type = is_up(t) ? TERN_FILE_PUT : TERN_FILE_GET, .size = a->size, .name = name };
    sim_source_init(&t->source, &head, is_up(t) ? a->size : 0, a->verb == SIM_DO_PUT ? SIM_TAIL_HASH : SIM_TAIL_NONE);
    t->size = a->size;
    t->known = a->verb != SIM_DO_GET;
    if (a->verb == SIM_DO_PUT) {
        t->key = sim_known_file_add(r, relay, t->name, a->size);
    } else if (a->verb == SIM_DO_GET) {
        const sim_known_file *f = sim_known_file_find(r, relay, name);
        t->known = f != NULL;
        t->key = f == NULL ? 0 : f->key;
        t->size = f == NULL ? 0 : f->size;
    } else {
        t->key = sim_name_key(r, name);
    }
    t->source.key = t->key;
    tern_sha256_init(&t->hash);
    t->sink = (sim_sink){ .context = t, .on_message = on_message, .on_body = on_body };
}

int sim_transfer_begin(sim_transfers *all, const sim_action *a)
{
    uint32_t id;
    int e = tern_peer_stream_open(all->node, 0, TERN_BOTH_WAYS, &id);
    if (e != TERN_OK) return e;
    sim_transfer *t = sim_grow(NULL, 1, sizeof *t);
    memset(t, 0, sizeof *t);
    t->of = all;
    t->verb = a->verb;
    t->stream = (sim_stream){ all->node, 0, id };
    name_it(t, a);
    describe(t, a);
    person_of(t)->transfers++;
    t->next = all->first;
    all->first = t;
    return TERN_OK;
}

static void count_good(sim_transfer *t)
{
    sim_person *p = person_of(t);
    if (t->verb == SIM_DO_PUT || t->verb == SIM_DO_GET)
        p->files++;
    else
        p->streams++;
}

static void go(sim_transfer *t)
{
    if (t->over) return;
    sim_source_go(&t->source, &t->stream);
    sim_sink_go(&t->sink, &t->stream);
    if (t->sink.failed) fail(t, "the relay's answer cannot be read");
    if (t->sink.fin && !t->over) {
        if (t->good && (t->source.finished || !is_up(t))) count_good(t);
        t->over = true;
    }
}

void sim_transfer_event(sim_transfers *all, uint32_t stream, bool broken)
{
    for (sim_transfer *t = all->first; t != NULL; t = t->next) {
        if (t->stream.id != stream) continue;
        t->source.blocked = false;
        if (broken) t->source.failed = true; /* the answer may still come */
        go(t);
    }
}

/* Those that the core could not take more of are tried again; the others wait for an event. */
void sim_transfers_go(sim_transfers *all)
{
    sim_transfer **at = &all->first;
    while (*at != NULL) {
        sim_transfer *t = *at;
        if (!t->source.blocked) go(t);
        if (t->over) {
            *at = t->next;
            free(t);
        } else {
            at = &t->next;
        }
    }
}

void sim_transfers_free(sim_transfers *all)
{
    while (all->first != NULL) {
        sim_transfer *t = all->first;
        all->first = t->next;
        free(t);
    }
}
