/* SPDX-License-Identifier: MIT */
#include "dialects/aes_session/codec.h"

#include <string.h>

bool tern_aess_read_id(tern_bytes *text, tern_aess_id *id)
{
    if (text->n < sizeof id->b) return false;
    memcpy(id->b, text->p, sizeof id->b);
    *text = tern_bytes_of(text->p + sizeof id->b, text->n - sizeof id->b);
    return true;
}

bool tern_aess_read_hello(tern_bytes text, tern_aess_id *cid, tern_bytes *pem)
{
    *pem = text;
    return tern_aess_read_id(pem, cid) && pem->n > 0;
}

bool tern_aess_read_session(tern_bytes text, tern_aess_session *session)
{
    tern_reader r = tern_reader_of(text);
    tern_read_copy(&r, session->cid.b, sizeof session->cid.b);
    tern_read_copy(&r, session->sid.b, sizeof session->sid.b);
    tern_read_copy(&r, session->key, sizeof session->key);
    session->algorithm = tern_read_u8(&r);
    return tern_reader_done(&r) && (session->algorithm == TERN_AESS_GCM || session->algorithm == TERN_AESS_CTR);
}

void tern_aess_write_session(const tern_aess_session *session, tern_writer *w)
{
    tern_write_bytes(w, tern_bytes_of(session->cid.b, sizeof session->cid.b));
    tern_write_bytes(w, tern_bytes_of(session->sid.b, sizeof session->sid.b));
    tern_write_bytes(w, tern_bytes_of(session->key, sizeof session->key));
    tern_write_u8(w, session->algorithm);
}

bool tern_aess_is_ok(tern_bytes text)
{
    return text.n == 2 && text.p[0] == 'O' && text.p[1] == 'K';
}

size_t tern_aess_write_error(tern_aess_error code, tern_buf out)
{
    static const char *const words[] = {
        [TERN_AESS_BAD_KEY] = "not a usable key",
        [TERN_AESS_BAD_SESSION] = "handshake again",
        [TERN_AESS_BAD_DECRYPTION] = "cannot decrypt",
        [TERN_AESS_BUSY] = "busy",
    };
    size_t n = 0;
    for (const char *p = words[code]; n + 2 < out.n && *p != '\0'; p++, n++) out.p[n + 2] = (uint8_t)*p;
    if (out.n < 2) return 0;
    out.p[0] = TERN_AESS_ERROR;
    out.p[1] = (uint8_t)code;
    return n + 2;
}

static size_t nonce_size(const tern_aess_session *session)
{
    return session->algorithm == TERN_AESS_GCM ? TERN_AES128_NONCE : TERN_AES128_COUNTER;
}

void tern_aess_seal(const tern_aess_session *session, tern_drbg *drbg, tern_bytes head, tern_bytes text, tern_writer *w)
{
    uint8_t nonce[TERN_AES128_COUNTER] = { 0 };
    size_t n = nonce_size(session);
    /*= SES-005 */
    /* A counter block: 12 random bytes, and four that count from 0, so that no two texts share one. */
    tern_drbg_bytes(drbg, (tern_buf){ nonce, TERN_AES128_NONCE });
    tern_write_bytes(w, tern_bytes_of(nonce, n));
    size_t at = w->n;
    if (head.n > 0) tern_write_bytes(w, head);
    if (text.n > 0) tern_write_bytes(w, text);
    size_t plain = w->n - at;
    if (session->algorithm == TERN_AESS_GCM) tern_write_zeros(w, TERN_AES128_TAG);
    if (!tern_writer_ok(w)) return;
    if (session->algorithm == TERN_AESS_GCM)
        tern_aes128_gcm_seal(session->key, nonce, w->start + at, plain);
    else
        tern_aes128_ctr(session->key, nonce, w->start + at, plain);
}

bool tern_aess_open(const tern_aess_session *session, tern_buf *sealed, uint64_t *mark)
{
    size_t nonce = nonce_size(session);
    if (sealed->n < nonce) return false;
    const uint8_t *iv = sealed->p;
    memcpy(mark, iv, sizeof *mark);
    *sealed = (tern_buf){ sealed->p + nonce, sealed->n - nonce };
    if (session->algorithm == TERN_AESS_CTR) {
        tern_aes128_ctr(session->key, iv, sealed->p, sealed->n);
        return true;
    }
    if (!tern_aes128_gcm_open(session->key, iv, sealed->p, sealed->n)) return false;
    sealed->n -= TERN_AES128_TAG;
    return true;
}
