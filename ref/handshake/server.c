/* SPDX-License-Identifier: MIT */
/* The relay's side of the handshake. */
#include <string.h>

#include "crypto/ct.h"
#include "handshake/steps.h"

/* HS-002: the first of our own order that the client offers; false when there is none. */
static bool pick_suite(const tern_handshake_config *config, const tern_client_hello *hello, tern_suite *suite)
{
    /*= HS-002 HS-003 */
    for (size_t i = 0; i < config->suites_n; i++) {
        *suite = config->suites[i];
        if (tern_client_hello_offers(hello, (uint16_t)*suite)) return true;
    }
    return false;
}

bool tern_handshake_has_suite(const tern_handshake_config *config, const tern_client_hello *hello)
{
    tern_suite suite;
    return pick_suite(config, hello, &suite);
}

tern_error tern_server_read_hello(const tern_handshake_config *config, tern_bytes message, tern_client_hello *hello,
                                  tern_suite *suite)
{
    tern_tlv tlv;
    tern_error error = tern_handshake_message_parse(message, &tlv);
    if (error != TERN_OK) return error;
    if (tlv.type != TERN_HS_CLIENT_HELLO) return TERN_UNEXPECTED_MESSAGE;
    error = tern_client_hello_parse(tlv.value, hello);
    if (error != TERN_OK) return error;
    return pick_suite(config, hello, suite) ? TERN_OK : TERN_HANDSHAKE_FAILURE;
}

tern_error tern_handshake_server_start(tern_handshake *h, const tern_handshake_config *config, tern_drbg *drbg,
                                       const tern_resumed *resumed, tern_bytes client_hello, const tern_cid *first_sid,
                                       const tern_cid *cid, const tern_cid *sid)
{
    tern_client_hello hello;
    *h = (tern_handshake){ .first_sid = *first_sid, .cid = *cid, .sid = *sid };
    tern_handshake_set_state(h, TERN_HS_SERVER_START);
    /*= HS-001 */
    tern_error error = tern_server_read_hello(config, client_hello, &hello, &h->suite);
    if (error != TERN_OK) goto refused;

    h->peer_params = hello.params;
    memcpy(h->client_random, hello.random, sizeof h->client_random);
    h->hello.suite = (uint16_t)h->suite;
    h->hello.resumed = resumed != NULL;
    h->early = resumed != NULL && resumed->max_early > 0;
    /*= HS-047 */
    h->key_shown = resumed != NULL && config->asks_client;
    if (h->key_shown) memcpy(h->fingerprint, resumed->client, sizeof h->fingerprint);
    tern_secrets_start(&h->secrets, resumed != NULL ? resumed->psk : NULL);
    tern_drbg_bytes(drbg, (tern_buf){ h->private_share, sizeof h->private_share });
    tern_drbg_bytes(drbg, (tern_buf){ h->hello.random, sizeof h->hello.random });
    tern_x25519_public(h->private_share, h->hello.share);
    tern_sha256_init(&h->transcript);
    tern_sha256_update(&h->transcript, client_hello);
    if (h->early) tern_transcript_early(h);
    tern_transcript_hello(h);
    if (tern_transcript_agree(h, hello.share)) return TERN_OK;
    error = TERN_ILLEGAL_PARAMETER;

refused:
    tern_wipe(h, sizeof *h);
    tern_handshake_set_state(h, TERN_HS_FAILED);
    return error;
}

tern_error tern_handshake_server_flight(tern_handshake *h, const tern_handshake_config *config, tern_writer *w)
{
    uint8_t finished[32];
    size_t start = w->n;
    tern_assert(h->state == TERN_HS_SERVER_START);
    tern_parameters_emit(w, &config->params, h->early);
    if (!tern_writer_ok(w)) return TERN_INTERNAL_ERROR;
    tern_sha256_update(&h->transcript, tern_bytes_of(w->start + start, w->n - start));
    bool asks = config->asks_client && h->hello.resumed == 0;
    /*= HS-060 HS-047 */
    if (asks) tern_transcript_emit(h, w, TERN_HS_CERTIFICATE_REQUEST, tern_bytes_of(NULL, 0));
    /*= HS-043 */
    if (h->hello.resumed == 0 && !tern_prove(h, config, w)) return TERN_INTERNAL_ERROR;
    /*= HS-021 */
    tern_transcript_finished(h, h->secrets.server_handshake, finished);
    tern_transcript_emit(h, w, TERN_HS_FINISHED, tern_bytes_of(finished, sizeof finished));
    if (!tern_writer_ok(w) || w->n - start > TERN_FLIGHT_MAX) return TERN_INTERNAL_ERROR;

    tern_transcript_application(h);
    tern_handshake_set_state(h, asks ? TERN_HS_SERVER_WAIT_IDENTITY : TERN_HS_SERVER_WAIT_FINISHED);
    return TERN_OK;
}

tern_error tern_server_take_no_identity(tern_handshake *h, const tern_step *step)
{
    (void)h, (void)step;
    /*= HS-062 */
    return TERN_CERTIFICATE_REQUIRED;
}

tern_error tern_server_take_finished(tern_handshake *h, const tern_step *step)
{
    return tern_transcript_check_finished(h, step, h->secrets.client_handshake);
}

tern_error tern_server_finish(tern_handshake *h, const tern_step *step)
{
    (void)step;
    tern_transcript_resumption(h);
    return TERN_OK;
}
