/* SPDX-License-Identifier: MIT */
/* What a packet carried is acknowledged, or has to be sent again: told to the owner of each part (REC-019). */
#include "connection/internal.h"

_Static_assert((int)TERN_TOLD_FIN == TERN_RANGE_FIN && (int)TERN_TOLD_MAX_STREAM_DATA == TERN_RANGE_MAX_STREAM_DATA &&
                   (int)TERN_TOLD_RESET == TERN_RANGE_RESET && (int)TERN_TOLD_STOP == TERN_RANGE_STOP,
               "one set of bits under two names");

static void settle_crypto(const tern_settle_owner *o, tern_range range, bool acked)
{
    tern_crypto_page *crypto = tern_crypto(o->c, o->host);
    if (crypto == NULL) return; /* confirmed: nobody wants it any more */
    if (acked)
        tern_send_buffer_acked(&crypto->out, o->host->pool, range);
    else
        tern_send_buffer_lost(&crypto->out, o->host->pool, range);
}

static void settle_messages(tern_connection *c, const tern_host *host, tern_range range, bool acked)
{
    tern_messages_settled(&c->messages, host->pool, range, acked);
    if (!acked || !c->messages_blocked) return;
    if (tern_messages_waiting(&c->messages) <= host->limits->message_keep / 2) c->messages_freed = true;
}

static void settle_id(tern_ids *ids, const tern_sent_range *r, bool acked)
{
    if (r->flags == TERN_RANGE_NEW_ID)
        tern_ids_told(ids, (uint32_t)r->offset, acked);
    else
        tern_ids_retired(ids, (uint32_t)r->offset, acked);
}

void tern_connection_unordered_freed(tern_connection *c, const tern_host *host)
{
    tern_unordered_out *u = &c->unordered_out;
    if (u->blocked && tern_unordered_waiting(u, host->pool) <= host->limits->message_keep / 2) u->freed = true;
}

static void settle_unordered(tern_connection *c, const tern_host *host, tern_range range, bool acked)
{
    tern_unordered_settled(&c->unordered_out, host->pool, range, acked);
    tern_connection_unordered_freed(c, host);
}

/*= REC-019 */
static void settle_carried(tern_connection *c, uint16_t carried)
{
    if (carried & TERN_CARRIED_SYN) c->syn_owed = c->life == TERN_LIFE_HANDSHAKE && c->handshake_page != 0;
    if (carried & TERN_CARRIED_ACK_FREQUENCY) c->frequency.lost = true;
    if (carried & TERN_CARRIED_MAX_MESSAGES) tern_messages_limit_lost(&c->messages);
    if (carried & TERN_CARRIED_MAX_UNORDERED) tern_recv_credit_lost(&c->unordered_in.credit);
    tern_streams_limit_lost(&c->streams, (carried & TERN_CARRIED_MAX_DATA) != 0,
                            (carried & TERN_CARRIED_MAX_STREAMS) != 0, (carried & TERN_CARRIED_MAX_STREAMS_UNI) != 0);
}

void tern_connection_settle_end(tern_settle_owner *o)
{
    if (o->run.from == o->run.to) return;
    tern_streams_settled(&o->c->streams, o->host->pool, o->stream, o->run, 0, true);
    o->run.from = o->run.to;
}

static void settle_stream(tern_settle_owner *o, const tern_sent_range *r, tern_range range, bool acked)
{
    bool bytes_arrived = acked && r->flags == 0;
    if (bytes_arrived && o->run.from < o->run.to && o->stream == r->channel && o->run.to == range.from) {
        o->run.to = range.to;
        return;
    }
    tern_connection_settle_end(o);
    o->stream = r->channel;
    if (bytes_arrived)
        o->run = range;
    else
        tern_streams_settled(&o->c->streams, o->host->pool, r->channel, range, r->flags, acked);
}

void tern_connection_settled(void *owner, const tern_sent_packet *packet, bool acked)
{
    tern_settle_owner *o = owner;
    tern_connection *c = o->c;
    for (size_t i = 0; i < packet->ranges; i++) {
        const tern_sent_range *r = &packet->range[i];
        tern_range range = { r->offset, r->offset + r->length };
        switch (r->channel) {
        case TERN_CHANNEL_CRYPTO: settle_crypto(o, range, acked); break;
        case TERN_CHANNEL_IDS: settle_id(&c->ids, r, acked); break;
        case TERN_CHANNEL_MESSAGES: settle_messages(c, o->host, range, acked); break;
        case TERN_CHANNEL_UNORDERED: settle_unordered(c, o->host, range, acked); break;
        default: settle_stream(o, r, range, acked); break;
        }
    }
    if (acked && packet->largest_acked != UINT64_MAX)
        tern_ack_tracker_acknowledged(&c->acks, o->host->pool, packet->largest_acked);
    /* A probe for content asks without a loss; one of a size is lost as a rule. */
    if (packet->state == TERN_SENT_LOST && !packet->pmtu_probe) {
        c->packets_lost++;
        c->bytes_lost += packet->bytes;
    }
    if (packet->carried & TERN_CARRIED_NEW_TICKET) tern_tickets_settled(c, o->host->pool, acked);
    if (!acked) settle_carried(c, packet->carried);
}
