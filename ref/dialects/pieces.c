/* SPDX-License-Identifier: MIT */
/* Pieces are kept one behind the other as they come, and joined in order. */
#include "dialects/pieces.h"

#include <string.h>

size_t tern_pieces_area(uint32_t max_bytes)
{
    return TERN_PIECES_OPEN * (size_t)max_bytes;
}

void tern_pieces_init(tern_pieces *p, size_t area_at, uint32_t max_bytes, uint64_t timeout_ns)
{
    memset(p, 0, sizeof *p);
    p->bytes_at = area_at;
    p->max_bytes = max_bytes;
    p->timeout_ns = timeout_ns;
}

static uint8_t *bytes_of(tern_pieces *p, const tern_pieces_message *m)
{
    return (uint8_t *)p + p->bytes_at + (size_t)(m - p->message) * p->max_bytes;
}

static tern_pieces_message *find(tern_pieces *p, uint64_t sender, uint32_t id)
{
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++) {
        tern_pieces_message *m = &p->message[i];
        if (m->used && m->sender == sender && m->id == id) return m;
    }
    return NULL;
}

static tern_pieces_message *older(tern_pieces_message *a, tern_pieces_message *b)
{
    return a == NULL || b->heard < a->heard ? b : a;
}

/* A place for a new message: that of the sender's oldest when it has too many, or a free one, or the oldest that it may
 * take. */
static tern_pieces_message *place_for(tern_pieces *p, const tern_piece *piece)
{
    tern_pieces_message *unused = NULL, *own = NULL, *strange = NULL, *known = NULL;
    size_t owns = 0, strangers = 0;
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++) {
        tern_pieces_message *m = &p->message[i];
        bool its = m->used && m->sender == piece->sender;
        if (!m->used) unused = m;
        if (its) own = older(own, m);
        if (m->used && !m->known) strange = older(strange, m);
        if (m->used && m->known) known = older(known, m);
        owns += its;
        strangers += m->used && !m->known;
    }
    /*= DIA-022 */
    if (owns >= TERN_PIECES_EACH) return own;
    /*= RSF-010 */
    if (!piece->known && strangers >= TERN_PIECES_OPEN / 2) return strange;
    if (unused != NULL) return unused;
    return strange != NULL ? strange : known;
}

static tern_pieces_message *begin(tern_pieces *p, const tern_piece *piece)
{
    tern_pieces_message *m = place_for(p, piece);
    memset(m, 0, sizeof *m);
    m->used = true;
    m->sender = piece->sender;
    m->known = piece->known;
    m->id = piece->id;
    m->total = piece->total;
    return m;
}

/*= DIA-021 */
static tern_piece_result again(tern_pieces *p, tern_pieces_message *m, const tern_piece *piece)
{
    const uint8_t *kept = bytes_of(p, m) + m->piece[piece->no].at - 1;
    bool same = m->piece[piece->no].n == piece->payload.n && memcmp(kept, piece->payload.p, piece->payload.n) == 0;
    if (!same) m->used = false;
    return same ? TERN_PIECE_TWICE : TERN_PIECE_DISAGREES;
}

tern_piece_result tern_pieces_take(tern_pieces *p, tern_time now, const tern_piece *piece)
{
    if (piece->total == 0 || piece->total > TERN_PIECES_MOST || piece->no > piece->total || piece->payload.n == 0 ||
        piece->payload.n > p->max_bytes)
        return TERN_PIECE_OUT_OF_RANGE;
    tern_pieces_message *m = find(p, piece->sender, piece->id);
    if (m == NULL) m = begin(p, piece);
    m->from_0 = m->from_0 || piece->no == 0;
    m->from_1 = m->from_1 || piece->no == piece->total;
    /*= DIA-020 */
    bool agrees = m->total == piece->total && !(m->from_0 && m->from_1);
    if (!agrees) m->used = false;
    if (!agrees) return TERN_PIECE_DISAGREES;
    if (m->piece[piece->no].at != 0) return again(p, m, piece);
    if (piece->payload.n > p->max_bytes - m->bytes) {
        m->used = false;
        return TERN_PIECE_OUT_OF_RANGE;
    }
    m->heard = now; /* what is there already says nothing */
    memcpy(bytes_of(p, m) + m->bytes, piece->payload.p, piece->payload.n);
    m->piece[piece->no].at = m->bytes + 1;
    m->piece[piece->no].n = (uint32_t)piece->payload.n;
    m->bytes += (uint32_t)piece->payload.n;
    m->have++;
    return m->have == m->total ? TERN_PIECE_LAST : TERN_PIECE_KEPT;
}

size_t tern_pieces_join(tern_pieces *p, uint64_t sender, uint32_t id, uint8_t *out)
{
    tern_pieces_message *m = find(p, sender, id);
    size_t n = 0;
    if (m == NULL || m->have != m->total) return 0;
    for (size_t i = 0; i <= m->total; i++) {
        if (m->piece[i].at == 0) continue;
        memcpy(out + n, bytes_of(p, m) + m->piece[i].at - 1, m->piece[i].n);
        n += m->piece[i].n;
    }
    m->used = false;
    return n;
}

static bool may_ask(const tern_pieces *p, const tern_pieces_message *m)
{
    return p->ask_ns > 0 && m->used && m->known && !m->asked;
}

tern_time tern_pieces_next(const tern_pieces *p)
{
    tern_time next = TERN_TIME_NEVER;
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++) {
        const tern_pieces_message *m = &p->message[i];
        if (m->used && m->heard + p->timeout_ns < next) next = m->heard + p->timeout_ns;
        if (may_ask(p, m) && m->heard + p->ask_ns < next) next = m->heard + p->ask_ns;
    }
    return next;
}

/*= DIA-023 */
tern_time tern_pieces_sweep(tern_pieces *p, tern_time now)
{
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++) {
        tern_pieces_message *m = &p->message[i];
        if (m->used && now >= m->heard + p->timeout_ns) m->used = false;
    }
    return tern_pieces_next(p);
}

const tern_pieces_message *tern_pieces_ask(tern_pieces *p, tern_time now)
{
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++) {
        tern_pieces_message *m = &p->message[i];
        if (!may_ask(p, m) || now < m->heard + p->ask_ns) continue;
        m->asked = true;
        return m;
    }
    return NULL;
}

void tern_pieces_forget(tern_pieces *p, uint64_t sender)
{
    for (size_t i = 0; i < TERN_PIECES_OPEN; i++)
        if (p->message[i].sender == sender) p->message[i].used = false;
}
