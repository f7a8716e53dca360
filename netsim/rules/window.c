/* SPDX-License-Identifier: MIT */
#include "rules/window.h"

#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_WINDOW 14720 /* REC-030 */
#define PROBES       2     /* that may leave beyond the window when a probe timeout expires (REC-018) */

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
static bool ask(const sim_run *r, const sim_ends *ends, bool client, tern_peer_info *info)
{
    return r->lives[ends->client] == 1 && r->lives[ends->relay] == 1 && r->ask(r, ends->client, client, info);
}

static void keep(sim_window *own, uint64_t pn, uint64_t bytes)
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
    own->out[own->out_n++] = (sim_flying){ pn, bytes };
    own->in_flight += bytes;
}

/* Who was silent for a round trip may have waited for a probe timeout, which lasts longer. */
static void grant_probes(sim_window *own, tern_time now, const tern_peer_info *info, bool asked)
{
    if (now - own->eliciting_at >= (asked ? info->min_rtt_ns : 0)) own->probes = PROBES;
}

static void check_flight(sim_run *r, const sim_sight *s, const sim_opened *o, const sim_ends *ends, sim_window *own)
{
    tern_peer_info info;
    uint64_t n = s->datagram.n, most = FIRST_WINDOW + own->acked;
    bool asked = ask(r, ends, o->to_relay, &info);
    grant_probes(own, r->world.now, &info, asked);
    if (asked && info.cwnd_bytes < most) most = info.cwnd_bytes;
    if (own->in_flight + n <= most)
        keep(own, o->pn, n);
    else if (own->probes > 0)
        own->acked += n; /* not counted as in flight, and when it is acknowledged nobody knows */
    else
        sim_world_fail(&r->world, "%s has %" PRIu64 " bytes in flight to %s with a window of %" PRIu64,
                       r->world.nodes[s->node].name, own->in_flight + n,
                       r->world.nodes[o->to_relay ? ends->relay : ends->client].name, most);
    if (own->probes > 0) own->probes--;
}

/*= SIM-028 */
void sim_window_check(sim_run *r, const sim_sight *s, const sim_opened *o, const sim_ends *ends, sim_window *own)
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
        check_flight(r, s, o, ends, own);
    own->eliciting_at = r->world.now;
}

void sim_window_acknowledge(sim_window *own, uint64_t largest)
{
    if (largest <= own->largest_acked) return;
    own->largest_acked = largest;
    while (own->out_at < own->out_n && own->out[own->out_at].pn < largest) {
        own->in_flight -= own->out[own->out_at].bytes;
        own->acked += own->out[own->out_at++].bytes;
    }
}

void sim_window_free(sim_window *own)
{
    free(own->out);
}
