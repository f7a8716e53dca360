/* SPDX-License-Identifier: MIT */
/* What is kept for the picture, while the run goes on. */
#include "view/svg.h"

#include "node/client.h"
#include "node/relay.h"
#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_STREAM UINT32_MAX /* the space of the room's messages, beside the streams */

typedef struct sim_reach {
    struct sim_reach *next;
    uint32_t stream, connection;
    bool to_relay;
    uint64_t to;
} reach;

static void sample(sim_series *s, const sim_sample *what)
{
    if (s->samples == NULL) {
        s->samples = sim_grow(NULL, SIM_SVG_SAMPLES, sizeof *s->samples);
        s->stride = 1;
    }
    if (s->n > 0 && s->samples[s->n - 1].at == what->at)
        s->n--; /* the last of an instant holds */
    else if (++s->skipped < s->stride)
        return;
    s->skipped = 0;
    s->samples[s->n++] = *what;
    if (s->n < SIM_SVG_SAMPLES) return;
    for (size_t i = 0; i < s->n / 2; i++) s->samples[i] = s->samples[2 * i + 1];
    s->n /= 2;
    s->stride *= 2;
}

void sim_svg_init(sim_svg *s, const sim_run *run, const char *about)
{
    *s = (sim_svg){ .run = run, .about = about };
    size_t n = (size_t)2 * run->world.nodes_n + 1;
    s->flows = sim_grow(NULL, n, sizeof *s->flows);
    memset(s->flows, 0, n * sizeof *s->flows);
}

static sim_drawn *connection_of(sim_svg *s, const sim_sight *sight, const sim_opened *o)
{
    while (s->n <= o->index) {
        s->connections = sim_grow(s->connections, s->n + 1, sizeof *s->connections);
        s->connections[s->n] = (sim_drawn){ .client = sight->node };
        s->connections[s->n++].relay = sim_world_node_ever_at(&s->run->world, sight->remote);
    }
    return &s->connections[o->index];
}

/* ---- what recovery knows, and what applications have got ---- */

static void ask(sim_svg *s, sim_drawn *c, bool client)
{
    const sim_world_node *n = &s->run->world.nodes[client ? c->client : c->relay];
    tern_peer peer = 0;
    tern_peer_info i;
    if (n->self == NULL || (!client && !sim_relay_peer(n->self, c->client, &peer))) return;
    if (!tern_peer_get_info(sim_lent_node(n->self), peer, &i)) return;
    sim_sample now = { s->run->world.now, { i.cwnd_bytes, i.in_flight_bytes, i.smoothed_rtt_ns, i.latest_rtt_ns } };
    sample(&c->side[client], &now);
}

static void count_goodput(sim_svg *s, uint32_t client)
{
    for (unsigned down = 0; down < 2; down++) {
        const sim_goodput *g = down ? &s->run->people[client].down : &s->run->people[client].up;
        sim_series *flow = &s->flows[2 * client + down];
        sim_sample now = { s->run->world.now, { g->bytes } };
        if (g->any && (flow->n == 0 || flow->samples[flow->n - 1].v[0] != g->bytes)) sample(flow, &now);
    }
}

/* ---- what is sent ---- */

static reach *reach_of(sim_svg *s, uint32_t connection, bool to_relay, uint32_t stream)
{
    reach **at = &s->reached;
    while (*at != NULL && ((*at)->connection != connection || (*at)->to_relay != to_relay || (*at)->stream != stream))
        at = &(*at)->next;
    reach *r = *at;
    if (r == NULL) {
        r = sim_grow(NULL, 1, sizeof *r);
        *r = (reach){ .stream = stream, .connection = connection, .to_relay = to_relay };
    } else {
        *at = r->next;
    }
    r->next = s->reached; /* the last one that was asked for comes first */
    s->reached = r;
    return r;
}

static void keep_send(sim_svg *s, const sim_sight *sight, const sim_opened *o, uint32_t stream, uint64_t from, size_t n)
{
    reach *r = reach_of(s, o->index, o->to_relay, stream);
    bool again = from < r->to;
    if (from + n > r->to) r->to = from + n;
    s->connections[o->index].data[o->to_relay] += n;
    if (s->sends_n == SIM_SVG_SENDS) return;
    if (s->sends_n == s->sends_cap) {
        s->sends_cap = s->sends_cap == 0 ? 1024 : 2 * s->sends_cap;
        s->sends = sim_grow(s->sends, s->sends_cap, sizeof *s->sends);
    }
    s->sends[s->sends_n++] = (sim_send){ .at = s->run->world.now,
                                         .from = from,
                                         .number = sight->number,
                                         .stream = stream,
                                         .connection = o->index,
                                         .link = sight->link,
                                         .size = (uint32_t)n,
                                         .to_relay = o->to_relay,
                                         .again = again,
                                         .lost = sight->passage->copies == 0 };
}

static void keep_sends(sim_svg *s, const sim_sight *sight, const sim_opened *o)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_frame_stream stream;
        tern_frame_fragment fragment;
        const sim_frame *f = &o->frames[i];
        if (f->type == TERN_F_STREAM && tern_frame_parse_stream(f->value, &stream) == TERN_OK)
            keep_send(s, sight, o, stream.stream, stream.offset, stream.bytes.n);
        else if (f->type == TERN_F_FRAGMENT && tern_frame_parse_fragment(f->value, &fragment) == TERN_OK)
            keep_send(s, sight, o, ROOM_STREAM, fragment.position, fragment.bytes.n);
    }
}

static const char *frame_name(uint16_t type)
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = { { TERN_F_FRAGMENT, "FRAGMENT" },
                  { TERN_F_KEEP_ALIVE, "KEEP_ALIVE" },
                  { TERN_F_PADDING, "PADDING" },
                  { TERN_F_ACK, "ACK" },
                  { TERN_F_CRYPTO, "CRYPTO" },
                  { TERN_F_STREAM, "STREAM" },
                  { TERN_F_CLOSE, "CLOSE" },
                  { TERN_F_ACK_ECN, "ACK_ECN" },
                  { TERN_F_NEW_CONNECTION_ID, "NEW_CONNECTION_ID" },
                  { TERN_F_NEW_TICKET, "NEW_TICKET" } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].type == type) return names[i].name;
    return NULL;
}

static void keep_arrow(sim_svg *s, const sim_sight *sight, const sim_opened *o)
{
    static const char *const types[TERN_PACKET_TYPES] = { "?",    "SYN",   "SYN_ACK", "ACK",  "EARLY",
                                                          "DATA", "RETRY", "VERSION", "RESET" };
    size_t before = 0, acks = 0;
    if (o->index != 0 || s->arrows_n == SIM_SVG_ARROWS || (s->data_sent[0] && s->data_sent[1])) return;
    for (size_t i = 0; i < s->arrows_n; i++)
        before += s->arrows[i].sent == s->run->world.now && s->arrows[i].to_relay == o->to_relay;
    for (size_t i = 0; i < o->frames_n; i++)
        acks += o->frames[i].type == TERN_F_ACK || o->frames[i].type == TERN_F_ACK_ECN;
    if (o->open && acks == o->frames_n) return;
    if (o->header.type == TERN_PACKET_DATA) s->data_sent[o->to_relay] = true;
    if (before == SIM_SVG_AT_ONCE) return;
    sim_arrow *a = &s->arrows[s->arrows_n++];
    *a = (sim_arrow){ s->run->world.now, TERN_TIME_NEVER, sight->number, sight->link, o->to_relay, "" };
    size_t n = (size_t)snprintf(a->words, sizeof a->words, "%s", types[o->header.type]);
    uint16_t last = 0;
    for (size_t i = 0; i < o->frames_n && n < sizeof a->words; i++) {
        const char *name = frame_name(o->frames[i].type);
        if (name == NULL || o->frames[i].type == last) continue;
        last = o->frames[i].type;
        n += (size_t)snprintf(a->words + n, sizeof a->words - n, "%s%s", i == 0 ? ": " : ", ", name);
    }
    if (n < sizeof a->words) (void)snprintf(a->words + n, sizeof a->words - n, " (%zu B)", sight->datagram.n);
}

static void shed(sim_svg *s, const sim_sight *sight)
{
    for (size_t i = s->sends_n; i > 0; i--) {
        sim_send *p = &s->sends[i - 1];
        if (p->link == sight->link && p->number == sight->number) p->lost = true;
        if (p->at + 10 * TERN_SECOND < s->run->world.now) return;
    }
}

/*= SIM-033 */
void sim_svg_see(sim_svg *s, const sim_sight *sight, const sim_opened *o)
{
    if (sight->what == SIM_NOTE_FATE && o != NULL && o->connection != NULL) {
        sim_drawn *c = connection_of(s, sight, o);
        if (c->relay == UINT32_MAX) return;
        keep_sends(s, sight, o);
        keep_arrow(s, sight, o);
        ask(s, c, o->to_relay);
        count_goodput(s, c->client);
    }
    if (sight->what == SIM_NOTE_SHED) shed(s, sight);
    for (size_t i = 0; sight->what == SIM_NOTE_DELIVERED && i < s->arrows_n; i++) {
        sim_arrow *a = &s->arrows[i];
        if (a->link == sight->link && a->number == sight->number && a->arrived == TERN_TIME_NEVER)
            a->arrived = s->run->world.now;
    }
}

void sim_svg_end(sim_svg *s, FILE *out)
{
    for (uint32_t i = 0; i < s->run->world.nodes_n; i++) count_goodput(s, i);
    sim_svg_draw(s, out);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < 2; j++) free(s->connections[i].side[j].samples);
    for (size_t i = 0; i < (size_t)2 * s->run->world.nodes_n; i++) free(s->flows[i].samples);
    for (reach *r = s->reached, *next; r != NULL; r = next) {
        next = r->next;
        free(r);
    }
    free(s->connections);
    free(s->flows);
    free(s->sends);
}
