/* SPDX-License-Identifier: MIT */
/* Packets are opened with the secrets that nodes tell, as the views do it; what a sender thinks of itself is asked for
 * its window alone, and that is not believed beyond what acknowledgements can have made of the first one.
 *
 * What is in flight is counted low: data packets above the largest number of which an acknowledgement has arrived. None
 * of them can have been declared lost, since for that something sent later must be acknowledged (REC-017). */
#include "rules/audit.h"

#include "rules/lens.h"
#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_WINDOW 14720 /* REC-030 */
#define PROBES       2     /* that may leave beyond the window when a probe timeout expires (REC-018) */
#define UNKNOWN      UINT64_MAX

typedef struct {
    uint64_t pn, bytes;
} flying;

typedef struct {
    uint64_t id; /* of a stream; its bytes sent, and the peer's promise for it, UNKNOWN before there is one */
    uint64_t sent, limit;
} stream;

typedef struct {
    uint64_t key[TERN_PACKET_TYPES], next_pn[TERN_PACKET_TYPES]; /* above the highest that was sent with the key */
    flying *out; /* from out_at to out_n: data packets in flight, by their numbers */
    size_t out_at, out_n, out_cap;
    uint64_t in_flight, acked; /* bytes; acked: of all below the largest that was acknowledged */
    uint64_t largest_acked;    /* and one more; 0: none */
    tern_time eliciting_at;    /* when the last ack-eliciting packet left */
    unsigned probes;
    tern_addr remote;
    uint64_t data_sent, data_limit, stream_limit; /* stream_limit: of one without its own */
    uint64_t messages_sent, messages_limit;
    stream *streams;
    size_t streams_n;
} side;

typedef struct {
    uint32_t client, relay; /* nodes */
    side side[2];           /* the relay's, the client's */
} connection;

typedef struct {
    uint16_t type; /* of the frame; ACK: value is the largest number and one more */
    uint64_t id, value;
} fact;

typedef struct told { /* what a datagram under way will tell its receiver */
    struct told *next;
    uint64_t number; /* of its link */
    uint32_t connection;
    bool to_relay;
    unsigned copies;
    fact *facts;
    size_t facts_n;
} told;

typedef struct {
    told *first, *last;
} told_list;

typedef struct told_secret {
    struct told_secret *next;
    uint8_t secret[TERN_SHA256_SIZE], random[32]; /* of the client that it is for */
} told_secret;

#define BUCKETS 1024

struct sim_audit {
    sim_lens *lens;
    uint64_t datagrams; /* that were opened */
    connection *connections;
    size_t n;
    told_list *of_link;
    told injected; /* the one that is being handed over, if facts_n > 0 */
    told_secret *secrets[BUCKETS];
};

void sim_audit_begin(sim_run *r)
{
    sim_audit *a = sim_grow(NULL, 1, sizeof *a);
    *a = (sim_audit){ .lens = sim_lens_new(), .of_link = sim_grow(NULL, r->world.links_n + 1, sizeof(told_list)) };
    memset(a->of_link, 0, (r->world.links_n + 1) * sizeof(told_list));
    r->audit = a;
}

static void let_go(told *t)
{
    free(t->facts);
    free(t);
}

void sim_audit_free(sim_run *r)
{
    sim_audit *a = r->audit;
    if (a == NULL) return;
    for (uint32_t i = 0; i < r->world.links_n; i++) {
        for (told *t = a->of_link[i].first, *next; t != NULL; t = next) {
            next = t->next;
            let_go(t);
        }
    }
    for (size_t i = 0; i < 2 * a->n; i++) {
        free(a->connections[i / 2].side[i % 2].out);
        free(a->connections[i / 2].side[i % 2].streams);
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (told_secret *t = a->secrets[i], *next; t != NULL; t = next) {
            next = t->next;
            free(t);
        }
    }
    free(a->injected.facts);
    sim_lens_free(a->lens);
    free(a->connections);
    free(a->of_link);
    free(a);
    r->audit = NULL;
}

/*= SIM-027 */
void sim_audit_secret(sim_run *r, const tern_event *secret)
{
    sim_audit *a = r->audit;
    const uint8_t *bytes = secret->u.secret.secret, *random = secret->u.secret.client_random;
    told_secret **bucket = &a->secrets[(bytes[0] | (size_t)bytes[1] << 8) % BUCKETS], *t = *bucket;
    sim_lens_secret(a->lens, secret);
    while (t != NULL && memcmp(t->secret, bytes, sizeof t->secret) != 0) t = t->next;
    if (t == NULL) {
        t = sim_grow(NULL, 1, sizeof *t);
        t->next = *bucket;
        memcpy(t->secret, bytes, sizeof t->secret);
        memcpy(t->random, random, sizeof t->random);
        *bucket = t;
    } else if (memcmp(t->random, random, sizeof t->random) != 0) {
        sim_world_fail(&r->world, "two connections have the same %s", secret->u.secret.label);
    }
}

/* ---- numbers ---- */

static bool is_numbered(tern_packet_type type)
{
    return type >= TERN_PACKET_SYN && type <= TERN_PACKET_DATA;
}

/*= SIM-027 */
static void check_number(sim_run *r, const sim_sight *s, const sim_opened *o, side *own)
{
    uint64_t *next = &own->next_pn[o->header.type], *key = &own->key[o->header.type];
    if (o->pn < *next && *key == o->key)
        sim_world_fail(&r->world, "%s uses packet number %" PRIu64 " of a key behind %" PRIu64,
                       r->world.nodes[s->node].name, o->pn, *next - 1);
    *key = o->key;
    *next = o->pn + 1;
}

/* ---- the window ---- */

static bool is_eliciting(const sim_opened *o)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        uint16_t type = o->frames[i].type;
        if (type != TERN_F_ACK && type != TERN_F_ACK_ECN && type != TERN_F_PADDING && type != TERN_F_CLOSE) return true;
    }
    return false;
}

/* Probes of the path's MTU and of an address: neither is in flight, nor puts off a probe timeout (REC-061, CONN-040).
 */
static bool is_path_probe(const sim_opened *o)
{
    uint16_t first = o->frames_n == 0 ? 0 : o->frames[0].type;
    bool probes = first == TERN_F_KEEP_ALIVE || first == TERN_F_PATH_CHALLENGE || first == TERN_F_PATH_RESPONSE;
    return probes && o->frames_n == 2 && o->frames[1].type == TERN_F_PADDING;
}

/* What the sender says of itself; false when it cannot be asked about this connection and no other. */
static bool ask(const sim_run *r, const connection *c, bool client, tern_peer_info *info)
{
    return r->lives[c->client] == 1 && r->lives[c->relay] == 1 && r->ask(r, c->client, client, info);
}

static void keep_flying(side *own, uint64_t pn, uint64_t bytes)
{
    if (own->out_n == own->out_cap) {
        if (own->out_at > 0) memmove(own->out, own->out + own->out_at, (own->out_n - own->out_at) * sizeof *own->out);
        own->out_n -= own->out_at;
        own->out_at = 0;
        if (own->out_n >= own->out_cap / 2) {
            own->out_cap = own->out_cap == 0 ? 64 : 2 * own->out_cap;
            own->out = sim_grow(own->out, own->out_cap, sizeof *own->out);
        }
    }
    own->out[own->out_n++] = (flying){ pn, bytes };
    own->in_flight += bytes;
}

/* Who was silent for a round trip may have waited for a probe timeout, which lasts longer. */
static void grant_probes(side *own, tern_time now, const tern_peer_info *info, bool asked)
{
    if (now - own->eliciting_at >= (asked ? info->min_rtt_ns : 0)) own->probes = PROBES;
}

static void check_flight(sim_run *r, const sim_sight *s, const sim_opened *o, const connection *c, side *own)
{
    tern_peer_info info;
    uint64_t n = s->datagram.n, most = FIRST_WINDOW + own->acked;
    bool asked = ask(r, c, o->to_relay, &info);
    grant_probes(own, r->world.now, &info, asked);
    if (asked && info.cwnd_bytes < most) most = info.cwnd_bytes;
    if (own->in_flight + n <= most)
        keep_flying(own, o->pn, n);
    else if (own->probes > 0)
        own->acked += n; /* not counted as in flight, and when it is acknowledged nobody knows */
    else
        sim_world_fail(&r->world, "%s has %" PRIu64 " bytes in flight to %s with a window of %" PRIu64,
                       r->world.nodes[s->node].name, own->in_flight + n,
                       r->world.nodes[o->to_relay ? c->relay : c->client].name, most);
    if (own->probes > 0) own->probes--;
}

/*= SIM-028 */
static void check_window(sim_run *r, const sim_sight *s, const sim_opened *o, const connection *c, side *own)
{
    if (!sim_addr_same(&own->remote, s->remote)) { /* a path of its own, with a window of its own */
        own->remote = *s->remote;
        own->in_flight = 0;
        own->out_at = own->out_n;
    }
    if (!is_eliciting(o) || is_path_probe(o)) return;
    if (o->header.type != TERN_PACKET_DATA)
        own->acked += s->datagram.n; /* of the handshake: as if it were acknowledged at once */
    else
        check_flight(r, s, o, c, own);
    own->eliciting_at = r->world.now;
}

static void acknowledge(side *own, uint64_t largest)
{
    if (largest <= own->largest_acked) return;
    own->largest_acked = largest;
    while (own->out_at < own->out_n && own->out[own->out_at].pn < largest) {
        own->in_flight -= own->out[own->out_at].bytes;
        own->acked += own->out[own->out_at++].bytes;
    }
}

/* ---- promises ---- */

static stream *stream_of(side *own, uint64_t id)
{
    for (size_t i = own->streams_n; i > 0; i--)
        if (own->streams[i - 1].id == id) return &own->streams[i - 1];
    own->streams = sim_grow(own->streams, own->streams_n + 1, sizeof *own->streams);
    own->streams[own->streams_n] = (stream){ id, 0, UNKNOWN };
    return &own->streams[own->streams_n++];
}

static void raise(uint64_t *limit, uint64_t to)
{
    if (*limit == UNKNOWN || to > *limit) *limit = to;
}

static void check_promise(sim_run *r, const sim_sight *s, const char *of, uint64_t sent, uint64_t limit)
{
    if (sent > limit)
        sim_world_fail(&r->world, "%s sends byte %" PRIu64 " of %s, and was promised room for %" PRIu64,
                       r->world.nodes[s->node].name, sent, of, limit);
}

/*= SIM-029 */
static void check_promises(sim_run *r, const sim_sight *s, const sim_opened *o, side *own)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_frame_stream f;
        tern_frame_fragment m;
        if (o->frames[i].type == TERN_F_FRAGMENT && tern_frame_parse_fragment(o->frames[i].value, &m) == TERN_OK) {
            if (m.position + m.bytes.n > own->messages_sent) own->messages_sent = m.position + m.bytes.n;
            check_promise(r, s, "its messages", own->messages_sent, own->messages_limit);
        }
        if (o->frames[i].type != TERN_F_STREAM || tern_frame_parse_stream(o->frames[i].value, &f) != TERN_OK) continue;
        stream *at = stream_of(own, f.stream);
        uint64_t end = f.offset + f.bytes.n;
        if (end <= at->sent) continue;
        own->data_sent += end - at->sent;
        at->sent = end;
        check_promise(r, s, "all its streams", own->data_sent, own->data_limit);
        check_promise(r, s, "a stream", end, at->limit != UNKNOWN ? at->limit : own->stream_limit);
    }
}

static void promise(side *own, const fact *f)
{
    switch (f->type) {
    case TERN_F_ACK: acknowledge(own, f->value); break;
    case TERN_F_MAX_DATA: raise(&own->data_limit, f->value); break;
    case TERN_F_MAX_MESSAGES: raise(&own->messages_limit, f->value); break;
    case TERN_F_CRYPTO: raise(&own->stream_limit, f->value); break;
    default: raise(&stream_of(own, f->id)->limit, f->value); break;
    }
}

/* ---- what is under way ---- */

static void tell(told *t, uint16_t type, uint64_t id, uint64_t value)
{
    t->facts = sim_grow(t->facts, t->facts_n + 1, sizeof *t->facts);
    t->facts[t->facts_n++] = (fact){ type, id, value };
}

static void tell_frame(told *t, const sim_frame *f)
{
    tern_range ranges[TERN_ACK_RANGES_MAX];
    tern_frame_ack ack;
    tern_frame_max max;
    switch (f->type) {
    case TERN_F_ACK:
    case TERN_F_ACK_ECN:
        if ((f->type == TERN_F_ACK ? tern_frame_parse_ack(f->value, ranges, &ack)
                                   : tern_frame_parse_ack_ecn(f->value, ranges, &ack)) == TERN_OK)
            tell(t, TERN_F_ACK, 0, ack.largest + 1);
        break;
    case TERN_F_MAX_DATA:
    case TERN_F_MAX_MESSAGES:
    case TERN_F_MAX_STREAM_DATA:
        if (tern_frame_parse_max((tern_frame_type)f->type, f->value, &max) == TERN_OK)
            tell(t, f->type, max.stream, max.limit);
        break;
    default: break;
    }
}

static void tell_all(told *t, const sim_opened *o)
{
    tern_params p;
    if (sim_lens_parameters(o, &p)) {
        tell(t, TERN_F_MAX_DATA, 0, p.max_data);
        tell(t, TERN_F_MAX_MESSAGES, 0, p.max_messages);
        tell(t, TERN_F_CRYPTO, 0, p.max_stream_data);
    }
    for (size_t i = 0; i < o->frames_n; i++) tell_frame(t, &o->frames[i]);
}

static void send_off(sim_audit *a, const sim_sight *s, const sim_opened *o)
{
    told t = { .number = s->number, .connection = o->index, .to_relay = o->to_relay, .copies = s->passage->copies };
    if (t.copies == 0) return;
    tell_all(&t, o);
    if (t.facts_n == 0) return;
    told *kept = sim_grow(NULL, 1, sizeof *kept);
    *kept = t;
    told_list *list = &a->of_link[s->link];
    if (list->last != NULL)
        list->last->next = kept;
    else
        list->first = kept;
    list->last = kept;
}

static void hear(sim_audit *a, const told *t)
{
    side *own = &a->connections[t->connection].side[!t->to_relay];
    for (size_t i = 0; i < t->facts_n; i++) promise(own, &t->facts[i]);
}

/* One that was sent before, and comes past its link: what it says is heard earlier, or once more. */
static void inject(sim_audit *a, const sim_sight *s)
{
    sim_opened o;
    a->injected.facts_n = 0;
    if (!sim_lens_look(a->lens, s->datagram, &o) || !o.open || o.index >= a->n) return;
    a->injected.connection = o.index;
    a->injected.to_relay = o.to_relay;
    tell_all(&a->injected, &o);
}

static void arrived(sim_audit *a, const sim_sight *s)
{
    told_list *list = &a->of_link[s->link];
    told *before = NULL, *t = list->first;
    while (t != NULL && t->number < s->number) {
        before = t;
        t = t->next;
    }
    if (t == NULL || t->number != s->number) return;
    if (s->what == SIM_NOTE_DELIVERED) hear(a, t);
    t->copies = s->what == SIM_NOTE_SHED ? 0 : t->copies - 1;
    if (t->copies > 0) return;
    *(before == NULL ? &list->first : &before->next) = t->next;
    if (list->last == t) list->last = before;
    let_go(t);
}

/* ---- all of it ---- */

static connection *connection_of(sim_run *r, const sim_sight *s, const sim_opened *o)
{
    sim_audit *a = r->audit;
    while (a->n <= o->index) {
        a->connections = sim_grow(a->connections, a->n + 1, sizeof *a->connections);
        connection *c = &a->connections[a->n++];
        memset(c, 0, sizeof *c);
        c->client = s->node;
        c->relay = sim_world_node_ever_at(&r->world, s->remote);
        for (int i = 0; i < 2; i++)
            c->side[i].data_limit = c->side[i].stream_limit = c->side[i].messages_limit = UNKNOWN;
    }
    return &a->connections[o->index];
}

static void sent(sim_run *r, const sim_sight *s)
{
    sim_opened o;
    if (!sim_lens_look(r->audit->lens, s->datagram, &o) || o.connection == NULL) return;
    connection *c = connection_of(r, s, &o);
    if (c->relay == UINT32_MAX || !o.open || !is_numbered(o.header.type)) return;
    side *own = &c->side[o.to_relay];
    check_number(r, s, &o, own);
    check_window(r, s, &o, c, own);
    check_promises(r, s, &o, own);
    send_off(r->audit, s, &o);
}

void sim_audit_observe(void *run, const sim_sight *s)
{
    sim_run *r = run;
    sim_audit *a = r->audit;
    if (a->datagrams >= r->audit_datagrams) return; /* with what arrives unseen nothing more can be judged */
    if (s->what == SIM_NOTE_FATE) {
        a->datagrams++;
        sent(r, s);
    } else if (s->what == SIM_NOTE_INJECTED) {
        inject(a, s);
    } else if (s->link != SIM_NO_LINK && s->what != SIM_NOTE_MARKED) {
        arrived(a, s);
    } else if (s->what == SIM_NOTE_DELIVERED) {
        hear(a, &a->injected);
    }
}
