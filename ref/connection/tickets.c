/* SPDX-License-Identifier: MIT */
/* NEW_TICKET: made by a relay once the client is proven, taken by a client (spec: handshake 5). */
#include "connection/internal.h"

#include <string.h>

static tern_ticket_page *page_of(const tern_connection *c, tern_pool *pool)
{
    return c->ticket_page == 0 ? NULL : tern_pool_at(pool, c->ticket_page);
}

/*= HS-040 */
static void make(const tern_connection *c, const tern_host *host, tern_ticket_page *page)
{
    uint8_t bytes[TERN_TICKET_MAX], psk[TERN_SECRET_SIZE];
    tern_frame_new_ticket f = { .lifetime_s = host->tickets->config.lifetime_s,
                                .max_early = host->tickets->config.max_early };
    tern_writer ticket = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_writer frame = tern_writer_of((tern_buf){ page->bytes, sizeof page->bytes });
    tern_drbg_bytes(host->drbg, (tern_buf){ f.nonce, sizeof f.nonce });
    tern_ticket_psk(tern_hs(c, host)->handshake.secrets.resumption, tern_bytes_of(f.nonce, sizeof f.nonce), psk);
    /*= HS-047 */
    const uint8_t *client = host->handshake->asks_client ? c->fingerprint : NULL;
    tern_ticket_give(host->tickets, host->drbg, host->unix_seconds, c->suite, psk, client, &ticket);
    f.ticket = tern_written(&ticket);
    tern_frame_emit_new_ticket(&frame, &f);
    page->n = frame.n;
    page->owed = tern_writer_ok(&frame);
    tern_wipe(psk, sizeof psk);
}

void tern_tickets_start(tern_connection *c, const tern_host *host)
{
    const uint8_t *resumption = tern_hs(c, host)->handshake.secrets.resumption;
    tern_assert(resumption != NULL); /* the handshake's page is there until it is confirmed */
    if (host->taken != NULL) {
        memcpy(host->taken->resumption, resumption, sizeof host->taken->resumption);
        host->taken->until = tern_hs(c, host)->handshake.until;
    }
    /*= HS-047 HS-079 */
    if (host->tickets == NULL || host->handshake->revoked || c->by_authority != 0) return;
    c->ticket_page = tern_pool_take(host->pool, TERN_FOR_RECEIVING);
    if (c->ticket_page != 0) make(c, host, page_of(c, host->pool));
}

/* No longer than what the relay was judged by. */
static uint32_t lives(const tern_taken_ticket *taken, uint64_t unix_seconds, uint32_t lifetime_s)
{
    /*= HS-046 */
    if (taken->until == 0) return lifetime_s;
    uint64_t left = taken->until > unix_seconds ? taken->until - unix_seconds : 0;
    return left < lifetime_s ? (uint32_t)left : lifetime_s;
}

int tern_tickets_on_new(const tern_connection *c, const tern_host *host, const tern_frame_new_ticket *f)
{
    tern_taken_ticket *taken = host->taken;
    /*= HS-040 */
    if (taken == NULL) return TERN_PROTOCOL_VIOLATION;
    if (taken->n > 0) return TERN_OK; /* the same one, sent again */
    tern_kept_ticket kept = { .suite = c->suite,
                              .received = host->unix_seconds,
                              .until = taken->until,
                              .status_good = c->status_good,
                              .max_early = f->max_early,
                              .params = c->peer_params,
                              .n = f->ticket.n };
    tern_writer w = tern_writer_of((tern_buf){ taken->bytes, sizeof taken->bytes });
    tern_ticket_psk(taken->resumption, tern_bytes_of(f->nonce, sizeof f->nonce), kept.psk);
    /*= HS-013 */
    tern_wipe(taken->resumption, sizeof taken->resumption); /* no other ticket is taken */
    kept.lifetime_s = lives(taken, host->unix_seconds, f->lifetime_s);
    memcpy(kept.fingerprint, c->fingerprint, sizeof kept.fingerprint);
    memcpy(kept.trust, host->handshake->trust_id, sizeof kept.trust);
    memcpy(kept.bytes, f->ticket.p, f->ticket.n);
    tern_kept_ticket_emit(&w, &kept);
    taken->n = w.n;
    taken->untold = tern_writer_ok(&w) && kept.lifetime_s > 0;
    tern_wipe(&kept, sizeof kept);
    return TERN_OK;
}

bool tern_tickets_owed(const tern_connection *c, tern_pool *pool)
{
    const tern_ticket_page *page = page_of(c, pool);
    return page != NULL && page->owed;
}

void tern_out_ticket(tern_out *o)
{
    tern_ticket_page *page = page_of(o->c, o->host->pool);
    if (page == NULL || !page->owed || tern_writer_left(o->w) < page->n) return;
    tern_write_bytes(o->w, tern_bytes_of(page->bytes, page->n));
    page->owed = false;
    o->record->carried |= TERN_CARRIED_NEW_TICKET;
    o->record->eliciting = true;
}

void tern_tickets_settled(tern_connection *c, tern_pool *pool, bool acked)
{
    tern_ticket_page *page = page_of(c, pool);
    if (page == NULL) return;
    page->owed = true;
    if (acked) tern_tickets_free(c, pool);
}

void tern_tickets_free(tern_connection *c, tern_pool *pool)
{
    tern_ticket_page *page = page_of(c, pool);
    if (page == NULL) return;
    tern_wipe(page, sizeof *page);
    tern_pool_give(pool, c->ticket_page);
    c->ticket_page = 0;
}
