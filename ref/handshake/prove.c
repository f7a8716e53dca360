/* SPDX-License-Identifier: MIT */
/* Who a side says it is, and that it can sign for that: shown by one side, taken by the other (spec: handshake 3 and 7;
 * RFC 8446 section 4.4). Both sides do it alike; only what is signed names the signer. */
#include "crypto/ct.h"
#include "handshake/steps.h"

static void show(tern_handshake *h, tern_writer *w, const tern_handshake_config *config)
{
    const tern_identity *identity = config->identity;
    size_t start = w->n;
    if (identity->chain.n > 0)
        tern_certificate_emit(w, &identity->chain);
    else
        tern_handshake_message_emit(w, TERN_HS_RAW_KEY,
                                    tern_bytes_of(identity->public_key.u.p256, sizeof identity->public_key.u.p256));
    /*= HS-070 */
    if (identity->chain.n > 0 && config->status.n > 0) tern_handshake_message_emit(w, TERN_HS_STATUS, config->status);
    if (tern_writer_ok(w)) tern_sha256_update(&h->transcript, tern_bytes_of(w->start + start, w->n - start));
}

bool tern_prove(tern_handshake *h, const tern_handshake_config *config, tern_writer *w)
{
    uint8_t covered[TERN_SIGNED_MAX], signature[TERN_SIGNATURE_MAX];
    show(h, w, config);
    if (!tern_writer_ok(w)) return false;
    size_t covered_n = tern_transcript_signed(h, config->is_client, covered);
    /*= HS-020 HS-061 */
    size_t n = tern_key_sign(&config->identity->private_key, tern_bytes_of(covered, covered_n), signature);
    tern_transcript_emit(h, w, TERN_HS_SIGNATURE, tern_bytes_of(signature, n));
    return n > 0 && tern_writer_ok(w);
}

tern_error tern_peer_take_certificate(tern_handshake *h, const tern_step *step)
{
    tern_chain chain;
    tern_error error = tern_certificate_parse(step->tlv.value, &chain);
    if (error == TERN_BAD_CERTIFICATE) h->why = tern_chain_text(TERN_CHAIN_TOO_MANY);
    return error != TERN_OK ? error : tern_identity_check_chain(h, step, &chain);
}

tern_error tern_peer_take_raw_key(tern_handshake *h, const tern_step *step)
{
    tern_public_key key;
    tern_error error = tern_raw_key_parse(step->tlv.value, &key);
    return error != TERN_OK ? error : tern_identity_check_raw_key(h, step, &key);
}

tern_error tern_peer_take_signature(tern_handshake *h, const tern_step *step)
{
    uint8_t covered[TERN_SIGNED_MAX];
    size_t n = tern_transcript_signed(h, !step->config->is_client, covered);
    /*= HS-020 HS-061 */
    if (!tern_key_verify(&h->peer_key, tern_bytes_of(covered, n), step->tlv.value)) return TERN_DECRYPT_ERROR;
    if (step->config->is_client) return TERN_OK;
    /*= HS-063 */
    return tern_client_admit(h, step->config);
}
