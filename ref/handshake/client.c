/* SPDX-License-Identifier: MIT */
/* The client's side of the handshake. */
#include "handshake/cookie.h"
#include "handshake/steps.h"
#include "wire/version.h"

#include <string.h>

_Static_assert(TERN_CLIENT_HELLO_MAX + TERN_TLV_HEADER + 4 + 1 + 4 + 16 + 4 + 16 <= TERN_DATAGRAM_MIN,
               "CLIENT_HELLO, its frame, the header of a SYN and the tag fit 1200 bytes");

bool tern_handshake_offers(const tern_handshake_config *config, uint16_t suite)
{
    for (size_t i = 0; i < config->suites_n; i++) {
        if (config->suites[i] == suite) return true;
    }
    return false;
}

/*= HS-042 */
static void fill_binder(const tern_handshake *h, const tern_writer *w, size_t start)
{
    uint8_t hash[TERN_SHA256_SIZE];
    if (!tern_writer_ok(w)) return;
    tern_sha256_of(tern_bytes_of(w->start + start, w->n - start - TERN_BINDER_PARAM), hash);
    tern_binder_value(h->secrets.early, hash, w->start + w->n - TERN_BINDER_SIZE);
}

#define GREASE_MAX 8 /* bytes of the parameter */

/* The suites to offer, and one that nobody knows anywhere among them. */
static void write_suites(const tern_handshake_config *config, const uint8_t chance[3], tern_writer *w)
{
    size_t place = chance[2] % (config->suites_n + 1);
    for (size_t i = 0; i <= config->suites_n; i++) {
        /*= HS-009 */
        if (i == place) tern_write_u16(w, tern_suite_grease((uint16_t)(chance[0] << 8 | chance[1])));
        /*= HS-003 */
        if (i < config->suites_n) tern_write_u16(w, (uint16_t)config->suites[i]);
    }
}

/* A parameter that nobody knows. */
static tern_tlv grease_of(const uint8_t chance[2 + GREASE_MAX])
{
    /*= HS-009 */
    return (tern_tlv){ (uint16_t)(0xba00 | chance[0]), tern_bytes_of(chance + 2, chance[1] % (GREASE_MAX + 1)) };
}

/* CLIENT_HELLO, with which the transcript begins. What it is greased with comes from its random bytes, so that it is
 * the same when it is said again. */
static void say_hello(tern_handshake *h, const tern_handshake_config *config, tern_bytes cookie, tern_writer *w)
{
    tern_client_hello hello = { .params = config->params, .grease = grease_of(h->client_random + 3), .cookie = cookie };
    uint8_t suites[(sizeof config->suites / sizeof config->suites[0] + 1) * 2];
    tern_writer suites_w = tern_writer_of((tern_buf){ suites, sizeof suites });
    size_t start = w->n;
    const tern_kept_ticket *ticket = config->ticket;

    memcpy(hello.random, h->client_random, sizeof hello.random);
    tern_x25519_public(h->private_share, hello.share);
    write_suites(config, h->client_random, &suites_w);
    hello.suites = tern_written(&suites_w);
    if (config->name.kind == TERN_NAME_DNS && config->name.value.n <= TERN_SERVER_NAME_MAX)
        hello.name = config->name.value;
    h->early = config->early && ticket != NULL && ticket->max_early > 0;
    hello.resume.early = h->early;
    if (ticket != NULL) hello.resume.ticket = tern_bytes_of(ticket->bytes, ticket->n);
    tern_client_hello_emit(w, &hello);
    tern_secrets_start(&h->secrets, ticket != NULL ? ticket->psk : NULL);
    if (ticket != NULL) fill_binder(h, w, start);
    /*= HS-001 */
    tern_assert(tern_writer_ok(w) && w->n - start <= TERN_CLIENT_HELLO_MAX);
    tern_sha256_init(&h->transcript);
    tern_sha256_update(&h->transcript, tern_bytes_of(w->start + start, w->n - start));
    if (h->early) tern_transcript_early(h);
}

void tern_handshake_client_start(tern_handshake *h, const tern_handshake_config *config, tern_drbg *drbg,
                                 const tern_cid *first_sid, const tern_cid *cid, tern_writer *w)
{
    *h = (tern_handshake){ .first_sid = *first_sid, .cid = *cid };
    tern_drbg_bytes(drbg, (tern_buf){ h->private_share, sizeof h->private_share });
    tern_drbg_bytes(drbg, (tern_buf){ h->client_random, sizeof h->client_random });
    say_hello(h, config, (tern_bytes){ NULL, 0 }, w);
    tern_handshake_set_state(h, TERN_HS_CLIENT_WAIT_HELLO);
}

void tern_handshake_client_retry(tern_handshake *h, const tern_handshake_config *config, const tern_cid *first_sid,
                                 tern_bytes cookie, tern_writer *w)
{
    tern_assert(h->state == TERN_HS_CLIENT_WAIT_HELLO);
    h->first_sid = *first_sid;
    /*= CONN-062 */
    say_hello(h, config, cookie, w);
}

static bool ticket_is_for(const tern_handshake_config *config, uint16_t suite)
{
    return config->ticket != NULL && (uint16_t)config->ticket->suite == suite;
}

tern_error tern_handshake_client_hello(tern_handshake *h, const tern_handshake_config *config, const tern_cid *sid,
                                       const tern_hello *hello)
{
    if (h->state != TERN_HS_CLIENT_WAIT_HELLO) return TERN_UNEXPECTED_MESSAGE;
    /*= HS-004 */
    if (!tern_handshake_offers(config, hello->suite)) return TERN_ILLEGAL_PARAMETER;
    /*= HS-043 */
    bool resumed = hello->resumed == 1;
    if (hello->resumed > 1 || (resumed && !ticket_is_for(config, hello->suite))) return TERN_ILLEGAL_PARAMETER;
    h->suite = (tern_suite)hello->suite;
    h->sid = *sid;
    h->hello = *hello;
    if (!resumed) tern_secrets_start(&h->secrets, NULL);
    tern_transcript_hello(h);
    bool agreed = tern_transcript_agree(h, hello->share);
    tern_handshake_state next = resumed ? TERN_HS_CLIENT_WAIT_RESUMED : TERN_HS_CLIENT_WAIT_PARAMETERS;
    tern_handshake_set_state(h, agreed ? next : TERN_HS_FAILED);
    /* Who has the ticket's secret is who showed this key when it was given. */
    if (resumed) memcpy(h->fingerprint, config->ticket->fingerprint, sizeof h->fingerprint);
    h->key_shown = resumed;
    h->status_good = resumed && config->ticket->status_good;
    /*= HS-046 */
    h->until = resumed ? config->ticket->until : 0;
    return agreed ? TERN_OK : TERN_ILLEGAL_PARAMETER;
}

tern_error tern_client_take_parameters(tern_handshake *h, const tern_step *step)
{
    tern_bytes cookie;
    bool taken = false;
    tern_error error = tern_params_parse(step->tlv.value, &h->peer_params);
    if (error == TERN_OK) error = tern_cookie_param_parse(step->tlv.value, &cookie);
    if (error == TERN_OK) error = tern_early_param_parse(step->tlv.value, &taken);
    if (error != TERN_OK) return error;
    /*= CONN-063 */
    if (cookie.n > 0) return TERN_PARAMETER_ERROR; /* a client's to send */
    /*= HS-051 */
    if (taken && (!h->early || h->hello.resumed == 0)) return TERN_ILLEGAL_PARAMETER;
    h->early = taken;
    return TERN_OK;
}

tern_error tern_client_take_request(tern_handshake *h, const tern_step *step)
{
    if (h->asked) return TERN_UNEXPECTED_MESSAGE;
    h->asked = true;
    return step->tlv.value.n == 0 ? TERN_OK : TERN_DECODE_ERROR;
}

tern_error tern_client_take_finished(tern_handshake *h, const tern_step *step)
{
    return tern_transcript_check_finished(h, step, h->secrets.server_handshake);
}

tern_error tern_client_finish(tern_handshake *h, const tern_step *step)
{
    uint8_t finished[32];
    tern_transcript_application(h);
    /*= HS-060 HS-061 HS-062 */
    if (h->asked && step->config->identity != NULL && !tern_prove(h, step->config, step->w)) return TERN_INTERNAL_ERROR;
    tern_transcript_finished(h, h->secrets.client_handshake, finished);
    tern_transcript_emit(h, step->w, TERN_HS_FINISHED, tern_bytes_of(finished, sizeof finished));
    tern_transcript_resumption(h);
    return tern_writer_ok(step->w) ? TERN_OK : TERN_INTERNAL_ERROR;
}
