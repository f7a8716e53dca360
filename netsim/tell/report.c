/* SPDX-License-Identifier: MIT */
/* Stdout holds what was found, stderr why it is not good. */
#include "tell/report.h"

#include "run/figures.h"

#include <inttypes.h>
#include <jansson.h>

typedef struct {
    char text[2 * TERN_SHA256_SIZE + 1];
} digest_text;

static digest_text digest_of(const sim_run *r)
{
    uint8_t digest[TERN_SHA256_SIZE];
    digest_text t;
    sim_digest_final(&r->world.digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) snprintf(t.text + 2 * i, 3, "%02x", digest[i]);
    return t;
}

static const char *state_name(sim_state state)
{
    return state == SIM_HELD ? "ok" : state == SIM_BROKEN ? "FAILED" : "not reached";
}

void sim_report_text(const sim_run *r, const sim_outcome *o)
{
    for (uint32_t i = 0; i < r->scenario->expects_n; i++) {
        const sim_verdict *v = &r->verdicts[i];
        const char *seen = v->state == SIM_PENDING ? "" : v->seen;
        printf("%-11s %s%s%s\n", state_name(v->state), r->scenario->expects[i].text, *seen != '\0' ? ": " : "", seen);
    }
    printf("packets %" PRIu64 "  virtual %" PRIu64 ".%03" PRIu64 " s  wall %" PRIu64 ".%03" PRIu64 " s\n",
           r->world.packets, r->world.now / TERN_SECOND, r->world.now / TERN_MS % 1000, o->wall_ns / TERN_SECOND,
           o->wall_ns / TERN_MS % 1000);
    printf("digest %s\n", digest_of(r).text);
}

/*= SIM-008 */
void sim_report_failures(const sim_run *r, const sim_outcome *o)
{
    if (o->good) return;
    if (r->world.failed) fprintf(stderr, "tern-sim: %s: %s\n", o->file, r->world.failure);
    for (uint32_t i = 0; i < r->scenario->expects_n; i++) {
        const sim_expect *e = &r->scenario->expects[i];
        if (r->verdicts[i].state == SIM_BROKEN)
            fprintf(stderr, "tern-sim: %s:%u: expected '%s', seen at %s s: %s\n", o->file, e->line, e->text,
                    sim_time_print(e->by).text, r->verdicts[i].seen);
    }
    fprintf(stderr, "rerun: tern-sim run %s --seed %" PRIu64 "\n", o->file, o->seed);
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *bottleneck_json(const sim_run *r, const sim_bottleneck *b)
{
    json_t *q = json_object();
    json_object_set_new(q, "rate_bps", number(b->spec.rate_bps));
    json_object_set_new(q, "queue_bytes", number(b->spec.queue_bytes));
    json_object_set_new(q, "most_bytes", number(b->most_bytes));
    json_object_set_new(q, "sent_bytes", number(b->sent_bytes));
    json_object_set_new(q, "marked", number(b->marked));
    json_object_set_new(q, "utilisation_ppm", number(sim_utilisation_ppm(r, b)));
    return q;
}

static json_t *links_json(const sim_run *r)
{
    json_t *links = json_object();
    for (uint32_t i = 0; i < r->world.links_n; i++) {
        const sim_world_link *l = &r->world.links[i];
        json_t *fates = json_object();
        for (int f = 0; f < SIM_FATE_COUNT; f++)
            json_object_set_new(fates, sim_fate_name((sim_fate)f), number(l->link.fates[f]));
        json_object_set_new(fates, "marked", number(l->link.marked));
        json_object_set_new(fates, "bytes", number(l->link.bytes_sent));
        if (l->bottleneck != SIM_NO_BOTTLENECK)
            json_object_set_new(fates, "bottleneck", json_string(r->world.bottlenecks[l->bottleneck].name));
        json_object_set_new(links, l->name, fates);
    }
    return links;
}

static json_t *bottlenecks_json(const sim_run *r)
{
    json_t *all = json_object();
    for (uint32_t i = 0; i < r->world.bottlenecks_n; i++) {
        const sim_world_bottleneck *b = &r->world.bottlenecks[i];
        json_object_set_new(all, b->name, bottleneck_json(r, &b->queue));
    }
    return all;
}

static json_t *flow_json(const sim_run *r, uint32_t client, bool up)
{
    sim_flow f = sim_flow_of(r, client, up);
    if (!f.goodput->any) return NULL;
    json_t *flow = json_object();
    json_object_set_new(flow, "client", json_string(r->scenario->nodes[client].name));
    json_object_set_new(flow, "direction", json_string(up ? "up" : "down"));
    json_object_set_new(flow, "bytes", number(f.goodput->bytes));
    json_object_set_new(flow, "first_ns", number(f.goodput->first));
    json_object_set_new(flow, "last_ns", number(f.goodput->last));
    json_object_set_new(flow, "goodput_bps", number(sim_goodput_bps(f.goodput)));
    if (!f.connected) return flow;
    const tern_peer_info *info = &f.info;
    json_object_set_new(flow, "min_rtt_ns", number(info->min_rtt_ns));
    json_object_set_new(flow, "smoothed_rtt_ns", number(info->smoothed_rtt_ns));
    json_object_set_new(flow, "cwnd_bytes", number(info->cwnd_bytes));
    json_object_set_new(flow, "packets_sent", number(info->packets_sent));
    json_object_set_new(flow, "bytes_sent", number(info->bytes_sent));
    json_object_set_new(flow, "packets_lost", number(info->packets_lost));
    json_object_set_new(flow, "bytes_lost", number(info->bytes_lost));
    return flow;
}

static json_t *flows_json(const sim_run *r)
{
    json_t *flows = json_array();
    for (uint32_t i = 0; i < r->scenario->nodes_n; i++) {
        for (int up = 1; up >= 0 && r->scenario->nodes[i].role == SIM_CLIENT; up--) {
            json_t *flow = flow_json(r, i, up == 1);
            if (flow != NULL) json_array_append_new(flows, flow);
        }
    }
    return flows;
}

static json_t *nodes_json(const sim_run *r)
{
    json_t *nodes = json_object();
    for (uint32_t i = 0; i < r->world.nodes_n; i++) {
        const sim_world_node *n = &r->world.nodes[i];
        const sim_person *p = &r->people[i];
        json_t *drops = json_object();
        for (int d = 1; d < TERN_DROP_COUNT; d++)
            if (n->drops[d] > 0) json_object_set_new(drops, tern_drop_name((tern_drop)d), number(n->drops[d]));
        json_object_set_new(nodes, n->name,
                            json_pack("{s:I, s:I, s:o, s:I, s:I, s:I, s:I}", "sent", (json_int_t)n->sent, "received",
                                      (json_int_t)n->received, "drops", drops, "delivered", (json_int_t)p->delivered,
                                      "missed", (json_int_t)p->missed, "files", (json_int_t)p->files, "streams",
                                      (json_int_t)p->streams));
    }
    return nodes;
}

static json_t *expects_json(const sim_run *r)
{
    json_t *expects = json_array();
    for (uint32_t i = 0; i < r->scenario->expects_n; i++) {
        const sim_expect *e = &r->scenario->expects[i];
        json_array_append_new(expects,
                              json_pack("{s:i, s:s, s:s, s:s}", "line", (int)e->line, "expect", e->text, "result",
                                        state_name(r->verdicts[i].state), "seen", r->verdicts[i].seen));
    }
    return expects;
}

void sim_report_json(const sim_run *r, const sim_outcome *o)
{
    json_t *root = json_object();
    json_object_set_new(root, "file", json_string(o->file));
    json_object_set_new(root, "seed", json_sprintf("%" PRIu64, o->seed));
    json_object_set_new(root, "ok", json_boolean(o->good));
    json_object_set_new(root, "failure", r->world.failed ? json_string(r->world.failure) : json_null());
    json_object_set_new(root, "expectations", expects_json(r));
    json_object_set_new(root, "nodes", nodes_json(r));
    json_object_set_new(root, "flows", flows_json(r));
    json_object_set_new(root, "links", links_json(r));
    json_object_set_new(root, "bottlenecks", bottlenecks_json(r));
    json_object_set_new(root, "injected", number(r->injected));
    json_object_set_new(root, "packets", number(r->world.packets));
    json_object_set_new(root, "virtual_ns", number(r->world.now));
    json_object_set_new(root, "wall_ns", number(o->wall_ns));
    json_object_set_new(root, "digest", json_string(digest_of(r).text));
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
}
