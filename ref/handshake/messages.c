/* SPDX-License-Identifier: MIT */
/* The codec of handshake messages. */
#include "handshake/messages.h"

#include "handshake/cookie.h"

static tern_error whole(const tern_reader *r)
{
    return tern_reader_done(r) ? TERN_OK : TERN_DECODE_ERROR;
}

tern_error tern_handshake_message_parse(tern_bytes message, tern_tlv *out)
{
    tern_reader r = tern_reader_of(message);
    if (!tern_tlv_next(&r, out)) return TERN_DECODE_ERROR;
    return whole(&r);
}

tern_error tern_client_hello_parse(tern_bytes value, tern_client_hello *out)
{
    tern_reader r = tern_reader_of(value);
    tern_read_copy(&r, out->random, sizeof out->random);
    tern_read_copy(&r, out->share, sizeof out->share);
    size_t suites_n = tern_read_u8(&r);
    out->suites = tern_read_bytes(&r, 2 * suites_n);
    out->name = tern_read_short_string(&r);
    tern_bytes params = tern_read_rest(&r);
    if (!tern_reader_done(&r)) return TERN_DECODE_ERROR;
    out->grease = (tern_tlv){ 0 };
    tern_error error = tern_params_parse(params, &out->params);
    if (error == TERN_OK) error = tern_cookie_param_parse(params, &out->cookie);
    return error != TERN_OK ? error : tern_resume_params_parse(params, &out->resume);
}

bool tern_client_hello_offers(const tern_client_hello *hello, uint16_t suite)
{
    tern_reader r = tern_reader_of(hello->suites);
    while (r.left > 0) {
        if (tern_read_u16(&r) == suite) return true;
    }
    return false;
}

tern_error tern_certificate_parse(tern_bytes value, tern_chain *out)
{
    tern_reader r = tern_reader_of(value);
    out->n = 0;
    do {
        size_t n = tern_read_u16(&r);
        tern_bytes der = tern_read_bytes(&r, n);
        if (der.n == 0) return TERN_DECODE_ERROR;
        if (out->n == TERN_CHAIN_MAX) return TERN_BAD_CERTIFICATE;
        out->certificate[out->n++] = der;
    } while (r.left > 0);
    return whole(&r);
}

tern_error tern_raw_key_parse(tern_bytes value, tern_public_key *key)
{
    uint8_t point[TERN_P256_PUBLIC_SIZE];
    tern_reader r = tern_reader_of(value);
    tern_read_copy(&r, point, sizeof point);
    tern_public_key_p256(key, point);
    return point[0] == 0x04 ? whole(&r) : TERN_DECODE_ERROR; /* 0x04: uncompressed */
}

tern_error tern_finished_parse(tern_bytes value, uint8_t finished[32])
{
    tern_reader r = tern_reader_of(value);
    tern_read_copy(&r, finished, 32);
    return whole(&r);
}

static void emit_tlv(tern_writer *w, const tern_tlv *tlv)
{
    size_t place = tern_tlv_open(w, tlv->type);
    tern_write_bytes(w, tlv->value);
    tern_tlv_close(w, place);
}

void tern_client_hello_emit(tern_writer *w, const tern_client_hello *hello)
{
    tern_assert(hello->suites.n % 2 == 0 && hello->suites.n / 2 <= UINT8_MAX);
    size_t place = tern_tlv_open(w, TERN_HS_CLIENT_HELLO);
    tern_write_bytes(w, tern_bytes_of(hello->random, sizeof hello->random));
    tern_write_bytes(w, tern_bytes_of(hello->share, sizeof hello->share));
    tern_write_u8(w, (uint8_t)(hello->suites.n / 2));
    tern_write_bytes(w, hello->suites);
    tern_write_short_string(w, hello->name);
    tern_params_emit(w, &hello->params);
    if (hello->grease.type != 0) emit_tlv(w, &hello->grease);
    if (hello->cookie.n > 0) tern_cookie_param_emit(w, hello->cookie);
    if (hello->resume.ticket.n > 0) tern_resume_params_emit(w, &hello->resume);
    tern_tlv_close(w, place);
}

void tern_parameters_emit(tern_writer *w, const tern_params *params, bool early)
{
    size_t place = tern_tlv_open(w, TERN_HS_PARAMETERS);
    tern_params_emit(w, params);
    if (early) tern_early_param_emit(w);
    tern_tlv_close(w, place);
}

void tern_certificate_emit(tern_writer *w, const tern_chain *chain)
{
    size_t place = tern_tlv_open(w, TERN_HS_CERTIFICATE);
    for (size_t i = 0; i < chain->n; i++) {
        tern_bytes der = chain->certificate[i];
        if (der.n > UINT16_MAX) tern_writer_fail(w);
        tern_write_u16(w, (uint16_t)der.n);
        tern_write_bytes(w, der);
    }
    tern_tlv_close(w, place);
}

void tern_handshake_message_emit(tern_writer *w, tern_handshake_type type, tern_bytes value)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    tern_write_bytes(w, value);
    tern_tlv_close(w, place);
}
