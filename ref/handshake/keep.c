/* SPDX-License-Identifier: MIT */
/* Tickets as strings. */
#include "handshake/keep.h"

#define FORMAT 2

void tern_kept_ticket_emit(tern_writer *w, const tern_kept_ticket *ticket)
{
    tern_write_u8(w, FORMAT);
    tern_write_u16(w, (uint16_t)ticket->suite);
    tern_write_bytes(w, tern_bytes_of(ticket->psk, sizeof ticket->psk));
    tern_write_bytes(w, tern_bytes_of(ticket->fingerprint, sizeof ticket->fingerprint));
    tern_write_bytes(w, tern_bytes_of(ticket->trust, sizeof ticket->trust));
    tern_write_u64(w, ticket->until);
    tern_write_u8(w, ticket->status_good);
    tern_write_u64(w, ticket->received);
    tern_write_u32(w, ticket->lifetime_s);
    tern_write_u32(w, ticket->max_early);
    tern_write_u16(w, (uint16_t)ticket->n);
    tern_write_bytes(w, tern_bytes_of(ticket->bytes, ticket->n));
    tern_params_emit(w, &ticket->params);
}

bool tern_kept_ticket_parse(tern_bytes string, tern_kept_ticket *out)
{
    tern_reader r = tern_reader_of(string);
    bool known = tern_read_u8(&r) == FORMAT;
    out->suite = (tern_suite)tern_read_u16(&r);
    tern_read_copy(&r, out->psk, sizeof out->psk);
    tern_read_copy(&r, out->fingerprint, sizeof out->fingerprint);
    tern_read_copy(&r, out->trust, sizeof out->trust);
    out->until = tern_read_u64(&r);
    out->status_good = tern_read_u8(&r) != 0;
    out->received = tern_read_u64(&r);
    out->lifetime_s = tern_read_u32(&r);
    out->max_early = tern_read_u32(&r);
    out->n = tern_read_u16(&r);
    if (!known || out->n == 0 || out->n > sizeof out->bytes) return false;
    tern_read_copy(&r, out->bytes, out->n);
    tern_bytes params = tern_read_rest(&r);
    return tern_reader_done(&r) && tern_params_parse(params, &out->params) == TERN_OK;
}
