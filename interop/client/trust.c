/* SPDX-License-Identifier: MIT */
/* Whom a session trusts (see trust.h). */
#define _GNU_SOURCE
#include "trust.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "posix/files.h"
#include "posix/say.h"
#include "posix/text.h"

#define CA_MAX (1u << 20)

bool tern_trust_prepare(tern_session *s, tern_why *why)
{
    const tern_connect_options *o = s->options;
    if (o->ca != NULL) return tern_file_read(o->ca, CA_MAX, &s->ca_pem, NULL, why);
    if (o->pinned) return true;
    if (o->known_relays != NULL) {
        if ((size_t)snprintf(s->known_path, sizeof s->known_path, "%s", o->known_relays) >= sizeof s->known_path)
            return tern_because(why, "the path of the known relays is too long");
    } else if (!tern_known_relays_path(s->known_path, sizeof s->known_path, why)) {
        return false;
    }
    return tern_known_relays_look_up(s->known_path, s->relay.text, &s->known, why);
}

tern_trust tern_trust_of(const tern_session *s)
{
    const tern_connect_options *o = s->options;
    tern_trust trust = { .proof = TERN_PROOF_FIRST_USE };
    if (o->ca != NULL) {
        trust.proof = TERN_PROOF_CA;
        trust.ca_pem = tern_bytes_of(s->ca_pem.p, s->ca_pem.n);
        trust.must_staple = o->must_staple;
        trust.dns_name = o->relay.literal ? NULL : o->relay.host;
    } else if (o->pinned || s->known.found) {
        /*= HS-024 */
        trust.proof = TERN_PROOF_PIN;
        memcpy(trust.pin, o->pinned ? o->pin : s->known.fingerprint, sizeof trust.pin);
    }
    return trust;
}

bool tern_trust_keep(tern_session *s)
{
    tern_why why;
    const uint8_t *fingerprint = s->info.u.connected.fingerprint;
    if (s->info.u.connected.proof != TERN_PROOF_FIRST_USE) return true;
    /*= HS-024 */
    if (!tern_known_relays_add(s->known_path, s->relay.text, fingerprint, &why)) {
        tern_session_fail(s, "%s", why.text);
        return false;
    }
    tern_say("relay %s is new: trusting %s", s->relay.text, tern_fingerprint_format(fingerprint).text);
    return true;
}

void tern_trust_describe(const tern_session *s, char *out, size_t cap)
{
    switch (s->info.u.connected.proof) {
    case TERN_PROOF_CA:
        (void)snprintf(out, cap, "certificate by %s, for %s%s", s->options->ca, s->options->relay.host,
                       s->info.u.connected.status_good ? ", not revoked" : "");
        break;
    case TERN_PROOF_FIRST_USE: (void)snprintf(out, cap, "new, trusted from now on"); break;
    case TERN_PROOF_PIN:
        if (s->options->pinned)
            (void)snprintf(out, cap, "pinned");
        else
            (void)snprintf(out, cap, "known from %s:%u", s->known_path, s->known.line);
        break;
    }
}

static void explain_pin(tern_session *s)
{
    const tern_event *e = &s->closed;
    tern_fingerprint_text shown = { "another" };
    if (e->u.closed.has_fingerprint) shown = tern_fingerprint_format(e->u.closed.fingerprint);
    if (s->options->pinned) {
        tern_session_fail(s, "the relay at %s is not the pinned one: it has %s, --pin says %s", s->relay.text,
                          shown.text, tern_fingerprint_format(s->options->pin).text);
        return;
    }
    tern_session_fail(s,
                      "the key of the relay at %s has changed: it has %s, %s:%u says %s; if that is meant to be, "
                      "remove the line",
                      s->relay.text, shown.text, s->known_path, s->known.line,
                      tern_fingerprint_format(s->known.fingerprint).text);
}

/* A certificate that did not satisfy --ca. */
static bool is_about_certificate(uint32_t error)
{
    return error == TERN_UNKNOWN_CA || error == TERN_BAD_CERTIFICATE || error == TERN_CERTIFICATE_EXPIRED ||
           error == TERN_CERTIFICATE_NAME || error == TERN_UNSUPPORTED_CERTIFICATE ||
           error == TERN_CERTIFICATE_REVOKED || error == TERN_BAD_STATUS;
}

/* The reason is our own node's words, which need no escaping; of a status they are only half of it. */
static void explain_certificate(tern_session *s)
{
    const tern_event *e = &s->closed;
    uint32_t error = e->u.closed.error;
    const char *words = tern_error_text((tern_error)error), *why = e->u.closed.reason;
    bool of_status = error == TERN_BAD_STATUS || error == TERN_CERTIFICATE_REVOKED, same = strcmp(words, why) == 0;
    if (of_status || same)
        tern_session_fail(s, "the relay at %s is not proven by %s: it has %s%s%s", s->relay.text, s->options->ca, words,
                          same ? "" : ": ", same ? "" : why);
    else if (error == TERN_UNKNOWN_CA && e->u.closed.has_fingerprint)
        tern_session_fail(s, "the relay at %s is not proven by %s: %s; use --pin %s if its keeper confirms that key",
                          s->relay.text, s->options->ca, why, tern_fingerprint_format(e->u.closed.fingerprint).text);
    else
        tern_session_fail(s, "the relay at %s is not proven by %s: %s", s->relay.text, s->options->ca, why);
}

static void explain_closed(tern_session *s)
{
    char reason[TERN_ESCAPED_SIZE(TERN_REASON_SIZE)];
    const tern_event *e = &s->closed;
    /*= WIRE-025 */
    (void)tern_escape(tern_bytes_of(e->u.closed.reason, strlen(e->u.closed.reason)), reason);
    const char *words = tern_error_text((tern_error)e->u.closed.error);
    if (strcmp(reason, words) == 0) reason[0] = '\0'; /* it is said already */
    const char *colon = reason[0] != '\0' ? ": " : "";
    if (e->u.closed.by_peer)
        tern_session_fail(s, "the relay at %s closed the connection: %s%s%s", s->relay.text, words, colon, reason);
    else
        tern_session_fail(s, "the connection to %s has ended: %s%s%s", s->relay.text, words, colon, reason);
}

static void explain_denied(tern_session *s)
{
    char reason[TERN_ESCAPED_SIZE(TERN_REASON_SIZE)];
    const tern_event *e = &s->closed;
    (void)tern_escape(tern_bytes_of(e->u.closed.reason, strlen(e->u.closed.reason)), reason);
    bool more = reason[0] != '\0' && strcmp(reason, tern_error_text(TERN_ACCESS_DENIED)) != 0;
    tern_session_fail(s, "the relay at %s does not let the key in %s come in: %s%s%s", s->relay.text, s->options->key,
                      tern_fingerprint_format(s->own).text, more ? ": " : "", more ? reason : "");
}

/* "AES-256-GCM, ChaCha20-Poly1305" */
static void list_suites(const tern_event *e, char *out, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < e->u.closed.suites_n && at < n; i++)
        at +=
            (size_t)snprintf(out + at, n - at, "%s%s", i > 0 ? ", " : "", tern_words_suite(e->u.closed.suites[i]).text);
}

static void list_versions(const tern_event *e, char *out, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < e->u.closed.versions_n && at < n; i++)
        at += (size_t)snprintf(out + at, n - at, "%s0x%08" PRIx32, i > 0 ? ", " : "", e->u.closed.versions[i]);
}

/* A relay's list may be empty, or have nothing that is known here. */
static const char *or_nothing(const char *list)
{
    return list[0] != '\0' ? list : "nothing that it names";
}

/* The relay said what it takes, and it is nothing of ours. */
static void explain_refusal(tern_session *s)
{
    char takes[TERN_TOLD_MAX * sizeof(tern_words)];
    if (s->closed.u.closed.error == TERN_E_NO_VERSION) {
        list_versions(&s->closed, takes, sizeof takes);
        tern_session_fail(s, "the relay at %s speaks other versions of Tern: %s", s->relay.text, or_nothing(takes));
        return;
    }
    list_suites(&s->closed, takes, sizeof takes);
    if (s->options->plaintext)
        tern_session_fail(s, "the relay at %s does not allow --plaintext: it takes %s", s->relay.text,
                          or_nothing(takes));
    else
        tern_session_fail(s, "no suite in common with the relay at %s: it takes %s", s->relay.text, or_nothing(takes));
}

void tern_trust_explain(tern_session *s)
{
    uint32_t error = s->closed.u.closed.error;
    const char *relay = s->relay.text;
    if (error == TERN_E_HANDSHAKE_TIMEOUT)
        tern_session_fail(s, "no answer from %s: is the relay running, and is that its port?", relay);
    else if (s->closed.u.closed.versions_n > 0)
        explain_refusal(s);
    else if (error == TERN_E_IDLE_TIMEOUT)
        tern_session_fail(s, "the relay at %s has fallen silent", relay);
    else if (error == TERN_PIN_MISMATCH && !s->closed.u.closed.by_peer)
        explain_pin(s);
    else if (error == TERN_CERTIFICATE_REQUIRED && s->closed.u.closed.by_peer)
        tern_session_fail(s, "the relay at %s only takes clients with a key: say which with --key FILE", relay);
    else if (error == TERN_ACCESS_DENIED && s->closed.u.closed.by_peer && s->options->key != NULL)
        explain_denied(s);
    else if (error == TERN_CERTIFICATE_NAME && !s->closed.u.closed.by_peer)
        tern_session_fail(s,
                          "the relay at %s has a certificate for another name than '%s'; call it by one that its "
                          "subjectAltName has",
                          relay, s->options->relay.host);
    else if (is_about_certificate(error) && !s->closed.u.closed.by_peer && s->options->ca != NULL)
        explain_certificate(s);
    else
        explain_closed(s);
}
