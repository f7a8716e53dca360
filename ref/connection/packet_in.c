/* SPDX-License-Identifier: MIT */
/* A datagram's way in: may it come, open it, its frames in order, and only then what it changes (spec: wire,
 * connection). */
#include "connection/internal.h"

#define SYN_NUMBERS_AHEAD 64 /* a client sends fewer packets before it hears an answer */

/* Which packet types a side takes at all (spec: wire 1); the keys say whether it can open them now. */
static bool takes(const tern_connection *c, tern_packet_type type)
{
    switch (type) {
    case TERN_PACKET_DATA: return true;
    case TERN_PACKET_SYN_ACK: return c->is_client;
    case TERN_PACKET_SYN:
    case TERN_PACKET_EARLY:
    case TERN_PACKET_ACK: return !c->is_client;
    default: return false;
    }
}

/* A repeated SYN. Who saw the first one can make more of them: they say nothing new, and cannot carry the numbers away
 * from those that the client uses. */
static int open_syn(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                    tern_opened *out)
{
    tern_packet_keys keys;
    uint64_t largest = c->acks.largest;
    if (c->proven) return TERN_DROP_KEYS;
    tern_packet_keys_syn(&keys, &c->first_sid);
    int drop = tern_packet_open(&keys, header, datagram, largest, out);
    if (drop != TERN_DROP_NONE) return drop;
    /*= CONN-002 */
    if (out->pn > largest && out->pn - largest > SYN_NUMBERS_AHEAD) return TERN_DROP_UNEXPECTED;
    return tern_connection_is_its_hello(c, host, out->payload) ? TERN_DROP_NONE : TERN_DROP_HELLO;
}

static int open_packet(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                       tern_opened *out)
{
    const tern_handshake_page *page = tern_hs(c, host);
    uint64_t largest = c->acks.largest;
    switch (header->type) {
    case TERN_PACKET_SYN: return open_syn(c, host, header, datagram, out);
    case TERN_PACKET_EARLY: return tern_early_open(c, host, header, datagram, out);
    case TERN_PACKET_SYN_ACK: return tern_connection_open_syn_ack(c, host, header, datagram, out);
    case TERN_PACKET_ACK:
        if (page == NULL || !page->have_keys) return TERN_DROP_KEYS;
        return tern_packet_open(&page->recv_keys, header, datagram, largest, out);
    default:
        if (!c->have_data_keys) return TERN_DROP_KEYS;
        /*= HS-031 */
        if (!c->proven) return TERN_DROP_EARLY_DATA;
        return tern_phases_open(c, host, header, datagram, out);
    }
}

/* The packet was authentic and whole: what that means. */
static void accepted(tern_connection *c, const tern_host *host, const tern_header *header, const tern_opened *opened,
                     bool eliciting, bool moves)
{
    uint64_t largest = c->acks.largest;
    bool newest = largest == UINT64_MAX || opened->pn > largest;
    bool elsewhere = !tern_addr_equal(&host->from->remote, &c->path.remote);
    c->packets_received++;
    /*= CONN-010 */
    if (header->type == TERN_PACKET_ACK) c->address_validated = true;
    bool confirms = header->type == TERN_PACKET_DATA && (!c->is_client || tern_early_confirms(c, host));
    if (confirms) tern_connection_confirm(c, host);
    tern_ack_tracker_add(&c->acks, host->pool, host->now, opened->pn, eliciting, !c->confirmed,
                         host->handshake->params.max_ack_delay_ms * TERN_MS);
    tern_ack_tracker_marked(&c->acks, host->now, host->mark);
    tern_connection_heard(c, host);
    /*= CONN-040 */
    if (moves && newest && elsewhere && tern_connection_is_open(c)) tern_paths_moved(c, host, header);
    if (moves && newest) c->heard_on = header->to;
}

static int take_opened(tern_connection *c, const tern_host *host, const tern_header *header, const tern_opened *opened)
{
    bool eliciting = false, moves = false;
    /*= WIRE-013 */
    if (tern_ack_tracker_is_duplicate(&c->acks, host->pool, opened->pn)) return TERN_DROP_DUPLICATE;
    int result = tern_connection_on_frames(c, host, header->type, opened->payload, &eliciting, &moves);
    /*= REC-002 XFER-023 */
    if (result == TERN_E_NO_MEMORY) return TERN_DROP_NO_MEMORY;
    /*= HS-031 */
    if (result == TERN_FRAMES_EARLY) return TERN_DROP_EARLY_DATA;
    /*= HS-093 */
    if (result != TERN_OK) {
        tern_connection_close(c, host, (tern_error)result, tern_connection_why(c, host, (tern_error)result));
        return TERN_DROP_MALFORMED;
    }
    accepted(c, host, header, opened, eliciting, moves);
    return TERN_DROP_NONE;
}

/* Whether a packet may come from another address than the connection's. */
static bool may_move(const tern_connection *c, const tern_header *header)
{
    return !c->is_client && c->proven && header->type == TERN_PACKET_DATA;
}

int tern_connection_recv(tern_connection *c, const tern_host *host, const tern_path *path, const tern_header *header,
                         tern_buf datagram)
{
    tern_opened opened;
    bool elsewhere = !tern_addr_equal(&path->remote, &c->path.remote);
    /*= CONN-040 CONN-027 */
    if (elsewhere && (!may_move(c, header) || c->life == TERN_LIFE_CLOSING)) return TERN_DROP_PATH;
    c->bytes_received += datagram.n;
    if (!elsewhere) c->path_received += datagram.n;
    if (c->life == TERN_LIFE_CLOSING) tern_connection_closing_heard(c);
    if (!tern_connection_is_open(c)) return TERN_DROP_CLOSED;
    if (!takes(c, header->type)) return TERN_DROP_UNEXPECTED;
    int drop = open_packet(c, host, header, datagram, &opened);
    if (drop == TERN_DROP_NONE) drop = take_opened(c, host, header, &opened);
    if (drop == TERN_DROP_AEAD) drop = tern_phases_failed(c, host);
    tern_connection_arm(c, host);
    return drop;
}
