/* SPDX-License-Identifier: MIT */
/* RETRY and its cookie: a proof of address that the relay keeps nothing for (spec: connection 5, wire 5). */
#ifndef TERN_HANDSHAKE_COOKIE_H
#define TERN_HANDSHAKE_COOKIE_H

#include "base/error.h"
#include "handshake/keys.h"
#include "wire/tlv.h"

#define TERN_COOKIE_SIZE        (8 + 16)           /* the relay's own: a time and a MAC */
#define TERN_COOKIE_MAX         128                /* the most that a client carries (WIRE-070) */
#define TERN_COOKIE_LIFETIME_NS (10 * TERN_SECOND) /* as long as a handshake may take */
#define TERN_COOKIE_SECRET_NS   (60 * TERN_SECOND) /* so long one secret makes cookies */
#define TERN_RETRY_SIZE         (1 + 4 + 2 * TERN_CID_SIZE + TERN_COOKIE_SIZE + TERN_TAG_SIZE)

/* The secret that makes cookies and the one before it, which made those that are still good. */
typedef struct {
    uint8_t secret[TERN_SECRET_SIZE], before[TERN_SECRET_SIZE];
    tern_time since; /* secret makes cookies from then on */
} tern_cookies;

/* What a cookie speaks of: whose SYN, and what may not change in it. */
typedef struct {
    const tern_addr *remote;
    const tern_cid *cid;
    uint8_t hello_hash[TERN_SHA256_SIZE]; /* of tern_cookie_hello_hash */
} tern_cookie_subject;

/* The parameter COOKIE: TERN_OK, with an empty view when there is none; TERN_PARAMETER_ERROR (WIRE-030). */
TERN_MUST_USE tern_error tern_cookie_param_parse(tern_bytes params, tern_bytes *cookie);
void tern_cookie_param_emit(tern_writer *w, tern_bytes cookie);
/* The hash of a CLIENT_HELLO, one whole and well-formed message, without what a RETRY changes in it (CONN-061). */
void tern_cookie_hello_hash(tern_bytes message, uint8_t hash[TERN_SHA256_SIZE]);

void tern_cookies_init(tern_cookies *c, const uint8_t secret[TERN_SECRET_SIZE], tern_time now);
/* A cookie, and the id that the next SYN is to be sent to with it. */
void tern_cookie_make(tern_cookies *c, tern_time now, const tern_cookie_subject *subject,
                      uint8_t cookie[TERN_COOKIE_SIZE], tern_cid *sid);
/* Whether the cookie is one of ours, for this subject and this id, and not too old. */
TERN_MUST_USE bool tern_cookie_is_good(tern_cookies *c, tern_time now, const tern_cookie_subject *subject,
                                       tern_bytes cookie, const tern_cid *sid);

/* Writes a whole RETRY to cid, which answers a SYN that was sent to first_sid. */
void tern_retry_emit(tern_writer *w, const tern_cid *cid, const tern_cid *first_sid, const tern_cid *sid,
                     tern_bytes cookie);
/* A RETRY whose header was parsed: TERN_DROP_NONE and the cookie, within the datagram; SHORT, RESERVED, or AEAD when it
 * does not answer a SYN to first_sid. */
TERN_MUST_USE int tern_retry_open(const tern_cid *first_sid, const tern_header *header, tern_bytes datagram,
                                  tern_bytes *cookie);

#endif
