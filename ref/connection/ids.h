/* SPDX-License-Identifier: MIT */
/* The connection ids of both sides (spec: connection 2; RFC 9000 section 5.1): which of ours the peer may send to,
 * which of the peer's we may. Lists of fixed size; no flood makes them longer. */
#ifndef TERN_CONNECTION_IDS_H
#define TERN_CONNECTION_IDS_H

#include "crypto/drbg.h"
#include "wire/frame.h"

#define TERN_IDS_MAX      3 /* of one side, at once (CONN-030) */
#define TERN_RETIRING_MAX 8 /* of the peer's, whose RETIRE_CONNECTION_ID is not acknowledged (CONN-033) */

_Static_assert(TERN_RETIRING_MAX <= 8, "a bit for each");

typedef struct {
    tern_cid id;
    uint32_t sequence;
    bool used;
    bool owed; /* the peer is to be told, or told again */
    bool told; /* it left at least once */
} tern_own_id;

typedef struct {
    tern_cid id;
    uint8_t token[TERN_TOKEN_SIZE];
    uint32_t sequence;
    bool used, has_token;
} tern_peer_id;

typedef struct {
    tern_own_id own[TERN_IDS_MAX];
    tern_peer_id peer[TERN_IDS_MAX];
    uint32_t next_sequence;             /* of ours */
    uint32_t retire_prior_to;           /* the peer's highest */
    uint32_t retire[TERN_RETIRING_MAX]; /* sequences that are being retired */
    uint8_t retiring;                   /* how many */
    uint8_t retire_owed;                /* a bit for each: the frame has to leave (again) */
    uint8_t current;                    /* index of the one we send to */
    bool started;                       /* the peer is proven: more ids than the first are told and taken */
} tern_ids;

/* The first id of ours, which the handshake tells, and the one to send to until it tells the peer's. */
void tern_ids_init(tern_ids *ids, const tern_cid *own, const tern_cid *peer);
/* The handshake told the peer's first id. */
void tern_ids_meet(tern_ids *ids, const tern_cid *peer);
/* The peer is proven: spare ids of ours are drawn and owed. tell_first: a token for the first is, too. */
void tern_ids_start(tern_ids *ids, tern_drbg *drbg, bool tell_first);
bool tern_ids_is_own(const tern_ids *ids, const tern_cid *id);
/* Frames of the peer's: TERN_OK or the error to close with. */
int tern_ids_on_new(tern_ids *ids, const tern_frame_new_connection_id *f);
int tern_ids_on_retire(tern_ids *ids, tern_drbg *drbg, uint32_t sequence);
/* Frames of ours: whether there is one; the next id to tell, NULL for none; the next to retire, false for none. */
bool tern_ids_owed(const tern_ids *ids);
tern_own_id *tern_ids_to_tell(tern_ids *ids);
bool tern_ids_to_retire(tern_ids *ids, uint32_t *sequence);
/* What became of them. */
void tern_ids_told(tern_ids *ids, uint32_t sequence, bool acked);
void tern_ids_retired(tern_ids *ids, uint32_t sequence, bool acked);
/* The id to send to. */
const tern_cid *tern_ids_current(const tern_ids *ids);
/* Sends to another of the peer's ids from now on, and retires the one before; false when there is no spare one. */
bool tern_ids_switch(tern_ids *ids);
/* CONN-050: whether the token is that of an id in use. */
bool tern_ids_is_reset(const tern_ids *ids, const tern_cid *id, const uint8_t token[TERN_TOKEN_SIZE]);
/* The token of an id of ours. */
void tern_reset_token(const uint8_t secret[32], const tern_cid *id, uint8_t token[TERN_TOKEN_SIZE]);

#endif
