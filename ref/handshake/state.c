/* SPDX-License-Identifier: MIT */
/* What is taken where: state x message in one table. */
#include "crypto/ct.h"
#include "handshake/steps.h"

typedef tern_error take(tern_handshake *h, const tern_step *step);

typedef struct {
    tern_handshake_state in;
    tern_handshake_type type;
    take *before, *after; /* the message is part of the transcript; after may be NULL */
    tern_handshake_state next;
} edge;

/* The table is the law (HS-005): a message that stands nowhere for a state is out of turn. */
static const edge edges[] = {
    { TERN_HS_CLIENT_WAIT_PARAMETERS, TERN_HS_PARAMETERS, tern_client_take_parameters, NULL,
      TERN_HS_CLIENT_WAIT_IDENTITY },
    { TERN_HS_CLIENT_WAIT_RESUMED, TERN_HS_PARAMETERS, tern_client_take_parameters, NULL,
      TERN_HS_CLIENT_WAIT_FINISHED },
    { TERN_HS_CLIENT_WAIT_IDENTITY, TERN_HS_CERTIFICATE_REQUEST, tern_client_take_request, NULL,
      TERN_HS_CLIENT_WAIT_IDENTITY },
    { TERN_HS_CLIENT_WAIT_IDENTITY, TERN_HS_CERTIFICATE, tern_peer_take_certificate, NULL, TERN_HS_CLIENT_WAIT_STATUS },
    { TERN_HS_CLIENT_WAIT_STATUS, TERN_HS_STATUS, tern_client_take_status, NULL, TERN_HS_CLIENT_WAIT_SIGNATURE },
    { TERN_HS_CLIENT_WAIT_STATUS, TERN_HS_SIGNATURE, tern_client_take_unstapled, NULL, TERN_HS_CLIENT_WAIT_FINISHED },
    { TERN_HS_CLIENT_WAIT_IDENTITY, TERN_HS_RAW_KEY, tern_peer_take_raw_key, NULL, TERN_HS_CLIENT_WAIT_SIGNATURE },
    { TERN_HS_CLIENT_WAIT_SIGNATURE, TERN_HS_SIGNATURE, tern_peer_take_signature, NULL, TERN_HS_CLIENT_WAIT_FINISHED },
    { TERN_HS_CLIENT_WAIT_FINISHED, TERN_HS_FINISHED, tern_client_take_finished, tern_client_finish, TERN_HS_DONE },
    { TERN_HS_SERVER_WAIT_IDENTITY, TERN_HS_CERTIFICATE, tern_peer_take_certificate, NULL,
      TERN_HS_SERVER_WAIT_SIGNATURE },
    { TERN_HS_SERVER_WAIT_IDENTITY, TERN_HS_RAW_KEY, tern_peer_take_raw_key, NULL, TERN_HS_SERVER_WAIT_SIGNATURE },
    { TERN_HS_SERVER_WAIT_IDENTITY, TERN_HS_FINISHED, tern_server_take_no_identity, NULL, TERN_HS_FAILED },
    { TERN_HS_SERVER_WAIT_SIGNATURE, TERN_HS_SIGNATURE, tern_peer_take_signature, NULL, TERN_HS_SERVER_WAIT_FINISHED },
    { TERN_HS_SERVER_WAIT_FINISHED, TERN_HS_FINISHED, tern_server_take_finished, tern_server_finish, TERN_HS_DONE },
};

void tern_handshake_set_state(tern_handshake *h, tern_handshake_state state)
{
    h->state = state;
}

static const edge *find(tern_handshake_state in, uint16_t type)
{
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        if (edges[i].in == in && edges[i].type == type) return &edges[i];
    }
    return NULL;
}

static tern_error take_one(tern_handshake *h, tern_step *step, tern_bytes message)
{
    /*= HS-005 */
    if (message.n > TERN_FLIGHT_MAX - h->flight_bytes) return TERN_CRYPTO_BUFFER_EXCEEDED;
    h->flight_bytes += (uint32_t)message.n;
    tern_error error = tern_handshake_message_parse(message, &step->tlv);
    if (error != TERN_OK) return error;
    const edge *e = find(h->state, step->tlv.type);
    if (e == NULL) return TERN_UNEXPECTED_MESSAGE;
    error = e->before(h, step);
    if (error != TERN_OK) return error;
    tern_sha256_update(&h->transcript, message);
    if (e->after != NULL) error = e->after(h, step);
    if (error == TERN_OK) tern_handshake_set_state(h, e->next);
    return error;
}

tern_error tern_handshake_recv(tern_handshake *h, const tern_handshake_config *config, uint64_t unix_seconds,
                               tern_bytes message, tern_writer *w)
{
    tern_step step = { .config = config, .unix_seconds = unix_seconds, .w = w };
    tern_error error = take_one(h, &step, message);
    if (error != TERN_OK) tern_handshake_set_state(h, TERN_HS_FAILED);
    return error;
}
