/* SPDX-License-Identifier: MIT */
/* Connection ids: drawn, told, retired. */
#include "connection/ids.h"

#include "crypto/ct.h"
#include "crypto/hkdf.h"

#include <string.h>

void tern_ids_init(tern_ids *ids, const tern_cid *own, const tern_cid *peer)
{
    memset(ids, 0, sizeof *ids);
    ids->own[0] = (tern_own_id){ .id = *own, .used = true, .told = true };
    ids->next_sequence = 1;
    tern_ids_meet(ids, peer);
}

void tern_ids_meet(tern_ids *ids, const tern_cid *peer)
{
    ids->peer[0] = (tern_peer_id){ .id = *peer, .used = true };
}

static void draw(tern_ids *ids, tern_own_id *own, tern_drbg *drbg)
{
    *own = (tern_own_id){ .sequence = ids->next_sequence++, .used = true, .owed = true };
    tern_drbg_bytes(drbg, (tern_buf){ own->id.b, sizeof own->id.b });
}

void tern_ids_start(tern_ids *ids, tern_drbg *drbg, bool tell_first)
{
    /*= CONN-030 */
    for (size_t i = 1; i < TERN_IDS_MAX; i++) draw(ids, &ids->own[i], drbg);
    ids->own[0].owed = tell_first;
    ids->started = true;
}

bool tern_ids_is_own(const tern_ids *ids, const tern_cid *id)
{
    for (size_t i = 0; i < TERN_IDS_MAX; i++)
        if (ids->own[i].used && tern_cid_equal(&ids->own[i].id, id)) return true;
    return false;
}

/* Its index among those that are being retired; retiring when it is none. */
static uint8_t retiring_at(const tern_ids *ids, uint32_t sequence)
{
    uint8_t i = 0;
    while (i < ids->retiring && ids->retire[i] != sequence) i++;
    return i;
}

/* Notes that a sequence has to be retired, once; false when too many are. */
static bool retire(tern_ids *ids, uint32_t sequence)
{
    uint8_t i = retiring_at(ids, sequence);
    if (i < ids->retiring) return true;
    /*= CONN-033 */
    if (i == TERN_RETIRING_MAX) return false;
    ids->retire[i] = sequence;
    ids->retire_owed |= (uint8_t)(1u << i);
    ids->retiring++;
    return true;
}

/* One that is known already. */
static int told_again(tern_peer_id *known, const tern_frame_new_connection_id *f)
{
    bool same_id = tern_cid_equal(&known->id, &f->id);
    /*= CONN-031 */
    if (known->sequence != f->sequence || !same_id) return TERN_PROTOCOL_VIOLATION;
    if (known->has_token && memcmp(known->token, f->token, TERN_TOKEN_SIZE) != 0) return TERN_PROTOCOL_VIOLATION;
    memcpy(known->token, f->token, TERN_TOKEN_SIZE);
    known->has_token = true;
    return TERN_OK;
}

static tern_peer_id *find_peer(tern_ids *ids, const tern_frame_new_connection_id *f)
{
    for (size_t i = 0; i < TERN_IDS_MAX; i++) {
        tern_peer_id *p = &ids->peer[i];
        if (p->used && (p->sequence == f->sequence || tern_cid_equal(&p->id, &f->id))) return p;
    }
    return NULL;
}

/* Takes those below a sequence away; false when too many are being retired. */
static bool retire_below(tern_ids *ids, uint32_t sequence)
{
    for (size_t i = 0; i < TERN_IDS_MAX; i++) {
        tern_peer_id *p = &ids->peer[i];
        if (!p->used || p->sequence >= sequence) continue;
        if (!retire(ids, p->sequence)) return false;
        p->used = false;
    }
    return true;
}

/* The lowest sequence that is held. */
static uint8_t lowest(const tern_ids *ids)
{
    uint8_t best = TERN_IDS_MAX;
    for (uint8_t i = 0; i < TERN_IDS_MAX; i++)
        if (ids->peer[i].used && (best == TERN_IDS_MAX || ids->peer[i].sequence < ids->peer[best].sequence)) best = i;
    return best;
}

/* Sequences are used in their order, so one below all that are held was retired already, or must be. */
static bool is_over(const tern_ids *ids, uint32_t sequence)
{
    uint8_t first = lowest(ids);
    if (sequence < ids->retire_prior_to) return true;
    return first < TERN_IDS_MAX && sequence < ids->peer[first].sequence;
}

static int add_peer(tern_ids *ids, const tern_frame_new_connection_id *f)
{
    for (size_t i = 0; i < TERN_IDS_MAX; i++) {
        tern_peer_id *p = &ids->peer[i];
        if (p->used) continue;
        *p = (tern_peer_id){ .id = f->id, .sequence = f->sequence, .used = true, .has_token = true };
        memcpy(p->token, f->token, TERN_TOKEN_SIZE);
        if (!ids->peer[ids->current].used) ids->current = lowest(ids);
        return TERN_OK;
    }
    /*= CONN-030 */
    return TERN_CONNECTION_ID_LIMIT_ERROR;
}

int tern_ids_on_new(tern_ids *ids, const tern_frame_new_connection_id *f)
{
    tern_peer_id *known = find_peer(ids, f);
    if (known != NULL) {
        int result = told_again(known, f);
        if (result != TERN_OK) return result;
    }
    if (f->retire_prior_to > ids->retire_prior_to) {
        /*= CONN-032 */
        ids->retire_prior_to = f->retire_prior_to;
        if (!retire_below(ids, f->retire_prior_to)) return TERN_CONNECTION_ID_LIMIT_ERROR;
        if (!ids->peer[ids->current].used && lowest(ids) < TERN_IDS_MAX) ids->current = lowest(ids);
    }
    if (known != NULL) return TERN_OK;
    if (is_over(ids, f->sequence)) return retire(ids, f->sequence) ? TERN_OK : TERN_CONNECTION_ID_LIMIT_ERROR;
    return add_peer(ids, f);
}

int tern_ids_on_retire(tern_ids *ids, tern_drbg *drbg, uint32_t sequence)
{
    /*= CONN-034 */
    if (sequence >= ids->next_sequence) return TERN_PROTOCOL_VIOLATION;
    for (size_t i = 0; i < TERN_IDS_MAX; i++) {
        tern_own_id *own = &ids->own[i];
        if (!own->used || own->sequence != sequence) continue;
        /*= CONN-034 */
        if (!own->told) return TERN_PROTOCOL_VIOLATION;
        if (ids->next_sequence == UINT32_MAX) return TERN_CONNECTION_ID_LIMIT_ERROR;
        draw(ids, own, drbg);
        return TERN_OK;
    }
    return TERN_OK; /* told twice */
}

bool tern_ids_owed(const tern_ids *ids)
{
    for (size_t i = 0; ids->started && i < TERN_IDS_MAX; i++)
        if (ids->own[i].owed) return true;
    return ids->retire_owed != 0;
}

tern_own_id *tern_ids_to_tell(tern_ids *ids)
{
    for (size_t i = 0; ids->started && i < TERN_IDS_MAX; i++) {
        tern_own_id *own = &ids->own[i];
        if (!own->owed) continue;
        own->owed = false;
        own->told = true;
        return own;
    }
    return NULL;
}

bool tern_ids_to_retire(tern_ids *ids, uint32_t *sequence)
{
    for (uint8_t i = 0; i < ids->retiring; i++) {
        if ((ids->retire_owed >> i & 1) == 0) continue;
        ids->retire_owed &= (uint8_t) ~(1u << i);
        *sequence = ids->retire[i];
        return true;
    }
    return false;
}

void tern_ids_told(tern_ids *ids, uint32_t sequence, bool acked)
{
    if (acked) return;
    for (size_t i = 0; i < TERN_IDS_MAX; i++)
        if (ids->own[i].used && ids->own[i].sequence == sequence) ids->own[i].owed = true;
}

void tern_ids_retired(tern_ids *ids, uint32_t sequence, bool acked)
{
    uint8_t i = retiring_at(ids, sequence);
    if (i == ids->retiring) return; /* an earlier frame was acknowledged, and that was enough */
    if (!acked) {
        /*= REC-019 */
        ids->retire_owed |= (uint8_t)(1u << i);
        return;
    }
    uint8_t last = --ids->retiring;
    uint8_t last_owed = ids->retire_owed >> last & 1;
    ids->retire[i] = ids->retire[last];
    ids->retire_owed &= (uint8_t) ~(1u << last | 1u << i);
    if (i < last) ids->retire_owed |= (uint8_t)(last_owed << i);
}

const tern_cid *tern_ids_current(const tern_ids *ids)
{
    return &ids->peer[ids->current].id;
}

bool tern_ids_switch(tern_ids *ids)
{
    tern_peer_id *old = &ids->peer[ids->current];
    if (ids->retiring == TERN_RETIRING_MAX) return false;
    old->used = false;
    uint8_t next = lowest(ids);
    if (next == TERN_IDS_MAX) {
        old->used = true;
        return false;
    }
    (void)retire(ids, old->sequence);
    ids->current = next;
    return true;
}

bool tern_ids_is_reset(const tern_ids *ids, const tern_cid *id, const uint8_t token[TERN_TOKEN_SIZE])
{
    const tern_peer_id *p = &ids->peer[ids->current]; /* of one that was never used nobody can know (RFC 9000 10.3.1) */
    /*= CONN-051 */
    return p->used && p->has_token && tern_cid_equal(&p->id, id) && tern_ct_equal(p->token, token, TERN_TOKEN_SIZE);
}

/*= CONN-050 */
void tern_reset_token(const uint8_t secret[32], const tern_cid *id, uint8_t token[TERN_TOKEN_SIZE])
{
    tern_hkdf_expand_label(secret, "reset", tern_bytes_of(id->b, sizeof id->b), (tern_buf){ token, TERN_TOKEN_SIZE });
}
