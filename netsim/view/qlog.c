/* SPDX-License-Identifier: MIT */
/* What a side sent and received is read off its packets; what its recovery knows is asked of it (tern_peer_get_info)
 * whenever it has sent or received. Which packets it declared lost it only counts: they are the oldest that it waits
 * for, since loss detection goes by number and time of sending, which grow together (RFC 9002 section 6.1). */
#include "view/qlog.h"

#include "node/client.h"
#include "node/relay.h"
#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t pn;
    tern_packet_type type;
    bool probe; /* of the path's MTU */
} awaited;

typedef struct {
    sim_text events;
    tern_peer_info last;
    awaited *sent; /* neither acknowledged nor lost, in the order of their numbers */
    size_t sent_n, sent_cap;
    const char *state; /* of congestion control */
    bool started, closed;
} side;

typedef struct {
    uint32_t client, relay; /* nodes */
    char id[2 * TERN_CID_SIZE + 1];
    side side[2]; /* the relay's, the client's */
} connection;

typedef struct arriving {
    struct arriving *next;
    uint64_t number;
    uint32_t connection;
    bool to_relay;
    unsigned copies;
    sim_text packet; /* its data */
    tern_range *acked;
    size_t acked_n;
    bool closes;
    sim_text parameters;
} arriving;

struct sim_qlog {
    const sim_run *run;
    const char *about;
    connection *connections;
    size_t n, events;
    arriving **of_link;
};

static const char *const TYPES[TERN_PACKET_TYPES] = { "unknown",        "initial", "handshake", "handshake",
                                                      "0RTT",           "1RTT",    "retry",     "version_negotiation",
                                                      "stateless_reset" };

sim_qlog *sim_qlog_new(const sim_run *run, const char *about)
{
    sim_qlog *q = sim_grow(NULL, 1, sizeof *q);
    *q = (sim_qlog){ .run = run, .about = about };
    q->of_link = sim_grow(NULL, run->world.links_n + 1, sizeof(arriving *));
    for (uint32_t i = 0; i < run->world.links_n; i++) q->of_link[i] = NULL;
    return q;
}

/* ---- events ---- */

/* Begins an event, whose data follows and end_event ends; false when there is no more room. */
static bool begin_event(sim_qlog *q, side *s, const char *name)
{
    if (++q->events > SIM_QLOG_EVENTS_MAX) return false;
    tern_time now = q->run->world.now;
    sim_text_add(&s->events,
                 "%s\n{\"time\":%" PRIu64 ".%06" PRIu64 ",\"name\":\"%s\",\"data\":", s->events.n > 0 ? "," : "",
                 now / TERN_MS, now % TERN_MS, name);
    return true;
}

static void end_event(side *s)
{
    sim_text_add(&s->events, "}");
}

static void packet_event(sim_qlog *q, side *s, const char *name, const sim_text *packet, const char *trigger)
{
    if (!begin_event(q, s, name)) return;
    sim_text_add(&s->events, "{%.*s", (int)packet->n, packet->text);
    if (trigger != NULL) sim_text_add(&s->events, ",\"trigger\":\"%s\"", trigger);
    sim_text_add(&s->events, "}");
    end_event(s);
}

static void started(sim_qlog *q, side *s, const tern_addr *from, const tern_addr *to, const char *id)
{
    if (s->started) return;
    s->started = true;
    s->state = "slow_start";
    if (!begin_event(q, s, "connectivity:connection_started")) return;
    sim_text_add(&s->events,
                 "{\"ip_version\":\"v4\",\"src_ip\":\"%u.%u.%u.%u\",\"dst_ip\":\"%u.%u.%u.%u\",\"protocol\":\"Tern\","
                 "\"src_port\":%u,\"dst_port\":%u,\"dst_cid\":\"%s\"}",
                 from->ip[0], from->ip[1], from->ip[2], from->ip[3], to->ip[0], to->ip[1], to->ip[2], to->ip[3],
                 from->port, to->port, id);
    end_event(s);
    if (!begin_event(q, s, "recovery:congestion_state_updated")) return;
    sim_text_add(&s->events, "{\"new\":\"%s\"}", s->state);
    end_event(s);
}

static void closed(sim_qlog *q, side *s, const char *owner)
{
    if (s->closed || !begin_event(q, s, "connectivity:connection_closed")) return;
    s->closed = true;
    sim_text_add(&s->events, "{\"owner\":\"%s\"}", owner);
    end_event(s);
}

/* ---- recovery ---- */

static void add_metric(sim_text *t, size_t begun, const char *name, uint64_t was, uint64_t is, bool time)
{
    if (was == is) return;
    sim_text_add(t, t->n > begun ? ",\"%s\":" : "\"%s\":", name);
    if (time)
        sim_text_add(t, "%" PRIu64 ".%06" PRIu64, is / TERN_MS, is % TERN_MS);
    else
        sim_text_add(t, "%" PRIu64, is);
}

static void metrics(sim_qlog *q, side *s, const tern_peer_info *i)
{
    const tern_peer_info *was = &s->last;
    sim_text t = { 0 };
    add_metric(&t, 0, "min_rtt", was->min_rtt_ns, i->min_rtt_ns == UINT64_MAX ? 0 : i->min_rtt_ns, true);
    add_metric(&t, 0, "smoothed_rtt", was->smoothed_rtt_ns, i->smoothed_rtt_ns, true);
    add_metric(&t, 0, "latest_rtt", was->latest_rtt_ns, i->latest_rtt_ns, true);
    add_metric(&t, 0, "rtt_variance", was->rttvar_ns, i->rttvar_ns, true);
    add_metric(&t, 0, "congestion_window", was->cwnd_bytes, i->cwnd_bytes, false);
    add_metric(&t, 0, "bytes_in_flight", was->in_flight_bytes, i->in_flight_bytes, false);
    add_metric(&t, 0, "pacing_rate", was->pacing_rate * 8, i->pacing_rate * 8, false);
    if (t.n > 0 && begin_event(q, s, "recovery:metrics_updated")) {
        sim_text_add(&s->events, "{%.*s}", (int)t.n, t.text);
        end_event(s);
    }
    free(t.text);
}

/* Read off the window: it shrinks in recovery, and what grows it afterwards is congestion avoidance. */
static void congestion(sim_qlog *q, side *s, const tern_peer_info *i)
{
    bool signal = i->packets_lost > s->last.packets_lost || i->ecn_ce > s->last.ecn_ce;
    const char *state = s->state;
    if (signal && i->cwnd_bytes < s->last.cwnd_bytes)
        state = "recovery";
    else if (i->cwnd_bytes > s->last.cwnd_bytes && strcmp(state, "recovery") == 0)
        state = "congestion_avoidance";
    if (state == s->state || !begin_event(q, s, "recovery:congestion_state_updated")) return;
    sim_text_add(&s->events, "{\"old\":\"%s\",\"new\":\"%s\"%s}", s->state, state,
                 signal && i->packets_lost == s->last.packets_lost ? ",\"trigger\":\"ECN\"" : "");
    end_event(s);
    s->state = state;
}

static void lost(sim_qlog *q, side *s, uint64_t count)
{
    size_t kept = 0, at = 0;
    for (; at < s->sent_n && count > 0; at++) {
        const awaited *a = &s->sent[at];
        if (!a->probe) count--;
        if (!begin_event(q, s, "recovery:packet_lost")) continue;
        sim_text_add(&s->events, "{\"header\":{\"packet_type\":\"%s\",\"packet_number\":%" PRIu64 "}%s}",
                     TYPES[a->type], a->pn, a->probe ? ",\"is_mtu_probe_packet\":true" : "");
        end_event(s);
    }
    for (; at < s->sent_n; at++) s->sent[kept++] = s->sent[at];
    s->sent_n = kept;
}

static void acknowledged(side *s, const arriving *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->sent_n; i++) {
        bool found = false;
        for (size_t j = 0; j < a->acked_n && !found; j++)
            found = s->sent[i].pn >= a->acked[j].from && s->sent[i].pn < a->acked[j].to;
        if (!found) s->sent[kept++] = s->sent[i];
    }
    s->sent_n = kept;
}

/* What the side's own node says of the connection now. */
static void ask(sim_qlog *q, const connection *c, side *s, bool client)
{
    const sim_world_node *n = &q->run->world.nodes[client ? c->client : c->relay];
    tern_peer peer = 0;
    tern_peer_info i;
    if (n->self == NULL || (!client && !sim_relay_peer(n->self, c->client, &peer))) return;
    if (!tern_peer_get_info(sim_lent_node(n->self), peer, &i)) return;
    if (i.min_rtt_ns == UINT64_MAX) i.min_rtt_ns = 0;
    if (i.packets_lost > s->last.packets_lost) lost(q, s, i.packets_lost - s->last.packets_lost);
    congestion(q, s, &i);
    metrics(q, s, &i);
    s->last = i;
}

/* ---- packets ---- */

static void await(side *s, const sim_opened *o)
{
    if (s->sent_n == s->sent_cap) {
        s->sent_cap = s->sent_cap == 0 ? 64 : 2 * s->sent_cap;
        s->sent = sim_grow(s->sent, s->sent_cap, sizeof *s->sent);
    }
    bool probe = o->frames_n == 2 && o->frames[0].type == TERN_F_KEEP_ALIVE && o->frames[1].type == TERN_F_PADDING &&
                 o->header.type == TERN_PACKET_DATA;
    s->sent[s->sent_n++] = (awaited){ o->pn, o->header.type, probe };
}

static void id_text(char *out, const tern_cid *id)
{
    for (size_t i = 0; i < TERN_CID_SIZE; i++) (void)snprintf(out + 2 * i, 3, "%02x", id->b[i]);
}

static void describe(sim_text *t, const sim_opened *o, size_t size)
{
    char to[2 * TERN_CID_SIZE + 1], from[2 * TERN_CID_SIZE + 1];
    id_text(to, &o->header.to);
    id_text(from, &o->header.from);
    sim_text_add(t, "\"header\":{\"packet_type\":\"%s\"", TYPES[o->header.type]);
    if (o->open) sim_text_add(t, ",\"packet_number\":%" PRIu64, o->pn);
    if (o->header.type <= TERN_PACKET_EARLY)
        sim_text_add(t, ",\"version\":\"%08x\",\"scid\":\"%s\"", TERN_VERSION, from);
    sim_text_add(t, ",\"dcid\":\"%s\"},\"raw\":{\"length\":%zu}", to, size);
    if (!o->open) return;
    sim_text_add(t, ",\"frames\":");
    sim_qlog_frames(t, o);
}

static void parameters(sim_qlog *q, side *s, const char *owner, const sim_text *values)
{
    if (values->n == 0 || !begin_event(q, s, "transport:parameters_set")) return;
    sim_text_add(&s->events, "{\"owner\":\"%s\",%.*s}", owner, (int)values->n, values->text);
    end_event(s);
}

static void keep_parameters(sim_text *t, const sim_opened *o)
{
    tern_params p;
    if (!sim_lens_parameters(o, &p)) return;
    sim_text_add(t, "\"max_idle_timeout\":%" PRIu32 ",\"max_udp_payload_size\":%u,\"max_ack_delay\":%u,",
                 p.idle_timeout_ms, p.max_datagram, p.max_ack_delay_ms);
    sim_text_add(t,
                 "\"initial_max_data\":%" PRIu64 ",\"initial_max_stream_data_bidi_local\":%" PRIu64
                 ",\"initial_max_stream_data_bidi_remote\":%" PRIu64 ",\"initial_max_stream_data_uni\":%" PRIu64
                 ",\"initial_max_streams_bidi\":%" PRIu32 ",\"initial_max_streams_uni\":%" PRIu32,
                 p.max_data, p.max_stream_data, p.max_stream_data, p.max_stream_data, p.max_streams, p.max_streams_uni);
}

static void let_go(arriving *a)
{
    free(a->packet.text);
    free(a->parameters.text);
    free(a->acked);
    free(a);
}

static void keep_acked(arriving *a, const sim_opened *o)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_range ranges[TERN_ACK_RANGES_MAX];
        tern_frame_ack ack;
        const sim_frame *f = &o->frames[i];
        a->closes = a->closes || f->type == TERN_F_CLOSE;
        if (f->type != TERN_F_ACK && f->type != TERN_F_ACK_ECN) continue;
        tern_error e = f->type == TERN_F_ACK ? tern_frame_parse_ack(f->value, ranges, &ack)
                                             : tern_frame_parse_ack_ecn(f->value, ranges, &ack);
        if (e != TERN_OK) continue;
        a->acked = sim_grow(a->acked, a->acked_n + ack.ranges.n, sizeof *a->acked);
        memcpy(a->acked + a->acked_n, ack.ranges.at, ack.ranges.n * sizeof *ranges);
        a->acked_n += ack.ranges.n;
    }
}

static connection *connection_of(sim_qlog *q, const sim_sight *s, const sim_opened *o)
{
    while (q->n <= o->index) {
        q->connections = sim_grow(q->connections, q->n + 1, sizeof *q->connections);
        connection *c = &q->connections[q->n++];
        memset(c, 0, sizeof *c);
        c->client = s->node;
        c->relay = sim_world_node_ever_at(&q->run->world, s->remote);
        id_text(c->id, &o->header.to);
    }
    return &q->connections[o->index];
}

static void sent(sim_qlog *q, const sim_sight *s, const sim_opened *o)
{
    connection *c = connection_of(q, s, o);
    side *own = &c->side[o->to_relay];
    sim_text packet = { 0 };
    if (c->relay == UINT32_MAX) return;
    describe(&packet, o, s->datagram.n);
    started(q, own, &q->run->world.nodes[s->node].addr, s->remote, c->id);
    packet_event(q, own, "transport:packet_sent", &packet, NULL);
    if (o->open) await(own, o);
    arriving *a = sim_grow(NULL, 1, sizeof *a);
    *a = (arriving){ .number = s->number, .connection = o->index, .to_relay = o->to_relay, .packet = packet };
    if (s->passage != NULL) a->copies = s->passage->copies;
    if (o->open) {
        keep_acked(a, o);
        keep_parameters(&a->parameters, o);
    }
    parameters(q, own, "local", &a->parameters);
    if (a->closes) closed(q, own, "local");
    ask(q, c, own, o->to_relay);
    if (a->copies == 0) {
        let_go(a);
        return;
    }
    arriving **at = &q->of_link[s->link];
    while (*at != NULL) at = &(*at)->next;
    *at = a;
}

static const char *trigger_of(unsigned reason)
{
    switch (reason) {
    case TERN_DROP_AEAD: return "payload_decrypt_error";
    case TERN_DROP_UNKNOWN_CID: return "unknown_connection_id";
    case TERN_DROP_DUPLICATE: return "duplicate";
    case TERN_DROP_VERSION: return "unsupported_version";
    case TERN_DROP_SHORT:
    case TERN_DROP_TYPE: return "header_parse_error";
    default: return NULL;
    }
}

static void arrived(sim_qlog *q, const sim_sight *s)
{
    arriving **at = &q->of_link[s->link];
    while (*at != NULL && (*at)->number != s->number) at = &(*at)->next;
    arriving *a = *at;
    if (a == NULL) return;
    connection *c = &q->connections[a->connection];
    side *own = &c->side[!a->to_relay];
    if (s->what == SIM_NOTE_DELIVERED) {
        started(q, own, s->remote, &q->run->world.nodes[s->node].addr, c->id);
        packet_event(q, own, "transport:packet_received", &a->packet, NULL);
        parameters(q, own, "remote", &a->parameters);
        acknowledged(own, a);
        if (a->closes) closed(q, own, "remote");
        ask(q, c, own, !a->to_relay);
    } else if (s->what == SIM_NOTE_REFUSED && own->started) {
        packet_event(q, own, "transport:packet_dropped", &a->packet, trigger_of(s->detail));
    }
    a->copies = s->what == SIM_NOTE_SHED ? 0 : a->copies - 1;
    if (a->copies > 0) return;
    *at = a->next;
    let_go(a);
}

/*= SIM-032 */
void sim_qlog_see(sim_qlog *q, const sim_sight *s, const sim_opened *o)
{
    if (s->what == SIM_NOTE_FATE && o != NULL && o->connection != NULL)
        sent(q, s, o);
    else if (s->link != SIM_NO_LINK && s->what != SIM_NOTE_FATE && s->what != SIM_NOTE_MARKED)
        arrived(q, s);
}

/* ---- the file ---- */

static void write_trace(const sim_qlog *q, FILE *out, const connection *c, bool client)
{
    const side *s = &c->side[client];
    sim_text title = { 0 };
    const char *name = q->run->world.nodes[client ? c->client : c->relay].name;
    sim_text_add(&title, "%s > %s, seen by %s", q->run->world.nodes[c->client].name, q->run->world.nodes[c->relay].name,
                 name);
    fprintf(out, "{\"title\":\"%s\",\"vantage_point\":{\"name\":\"%s\",\"type\":\"%s\"},", title.text, name,
            client ? "client" : "server");
    fprintf(out,
            "\"common_fields\":{\"ODCID\":\"%s\",\"time_format\":\"relative\",\"reference_time\":%" PRIu64
            "},\"events\":[",
            c->id, SIM_UNIX_AT_0 * 1000);
    (void)fwrite(s->events.text, 1, s->events.n, out);
    fprintf(out, "]}");
    free(title.text);
}

void sim_qlog_end(sim_qlog *q, FILE *out)
{
    sim_text title = { 0 };
    bool any = false;
    sim_text_string(&title, tern_bytes_of(q->about, strlen(q->about)));
    fprintf(out,
            "{\"qlog_version\":\"draft-02\",\"qlog_format\":\"JSON\",\"title\":%s,\"description\":\"tern-sim "
            "%s%s\",\"traces\":[",
            title.text, TERN_VERSION_STRING,
            q->events > SIM_QLOG_EVENTS_MAX ? "; it was too long, and the rest is left out" : "");
    for (size_t i = 0; i < q->n; i++) {
        for (int client = 1; client >= 0; client--) {
            side *s = &q->connections[i].side[client];
            if (s->events.n == 0) continue;
            fputs(any ? ",\n" : "\n", out);
            any = true;
            write_trace(q, out, &q->connections[i], client == 1);
            free(s->events.text);
            free(s->sent);
        }
    }
    fputs("]}\n", out);
    for (uint32_t i = 0; i < q->run->world.links_n; i++) {
        for (arriving *a = q->of_link[i], *next; a != NULL; a = next) {
            next = a->next;
            let_go(a);
        }
    }
    free(title.text);
    free(q->of_link);
    free(q->connections);
    free(q);
}
