/* SPDX-License-Identifier: MIT */
/* Cookies: HMAC over what they speak of; RETRY: a tag by keys of the first sid, as RFC 9001 section 5.8 has it. */
#include "handshake/cookie.h"

#include "crypto/ct.h"
#include "handshake/messages.h"

#include <string.h>

#define MAC_SIZE     (TERN_COOKIE_SIZE - 8) /* behind the time */
#define ADDRESS_SIZE (1 + 16 + 2 + 4)

/* Parameters in which the CLIENT_HELLO that answers a RETRY may differ from the one before (as RFC 8446 section 4.1.2).
 */
static bool changes(uint16_t parameter)
{
    return parameter == TERN_PARAM_COOKIE || parameter == TERN_PARAM_TICKET || parameter == TERN_PARAM_BINDER;
}

_Static_assert(MAC_SIZE + TERN_CID_SIZE <= TERN_SHA256_SIZE, "one MAC gives the cookie's proof and the id");
_Static_assert(TERN_COOKIE_LIFETIME_NS <= TERN_COOKIE_SECRET_NS, "two secrets cover all cookies that are good");

void tern_cookies_init(tern_cookies *c, const uint8_t secret[TERN_SECRET_SIZE], tern_time now)
{
    memcpy(c->secret, secret, sizeof c->secret);
    memset(c->before, 0, sizeof c->before);
    c->since = now;
}

tern_error tern_cookie_param_parse(tern_bytes params, tern_bytes *cookie)
{
    tern_reader r = tern_reader_of(params);
    tern_tlv tlv;
    *cookie = (tern_bytes){ NULL, 0 };
    while (tern_tlv_next(&r, &tlv)) {
        if (tlv.type != TERN_PARAM_COOKIE) continue;
        /*= WIRE-030 */
        if (cookie->n > 0 || tlv.value.n == 0 || tlv.value.n > TERN_COOKIE_MAX) return TERN_PARAMETER_ERROR;
        *cookie = tlv.value;
    }
    return TERN_OK;
}

void tern_cookie_param_emit(tern_writer *w, tern_bytes cookie)
{
    size_t place = tern_tlv_open(w, TERN_PARAM_COOKIE);
    tern_write_bytes(w, cookie);
    tern_tlv_close(w, place);
}

/*= CONN-061 */
void tern_cookie_hello_hash(tern_bytes message, uint8_t hash[TERN_SHA256_SIZE])
{
    tern_reader r = tern_reader_of(message);
    tern_tlv tlv;
    tern_sha256 h;
    tern_sha256_init(&h);
    (void)tern_read_bytes(&r, TERN_TLV_HEADER);
    (void)tern_read_bytes(&r, TERN_RANDOM_SIZE + TERN_SHARE_SIZE);
    (void)tern_read_bytes(&r, 2u * tern_read_u8(&r));
    (void)tern_read_short_string(&r);
    tern_sha256_update(&h, tern_bytes_of(message.p + TERN_TLV_HEADER, message.n - r.left - TERN_TLV_HEADER));
    for (const uint8_t *at = r.p; tern_tlv_next(&r, &tlv); at = r.p)
        if (!changes(tlv.type)) tern_sha256_update(&h, tern_bytes_of(at, (size_t)(r.p - at)));
    tern_sha256_final(&h, hash);
}

static void next_secret(tern_cookies *c)
{
    memcpy(c->before, c->secret, sizeof c->before);
    tern_hkdf_expand_label(c->before, "cookie", tern_bytes_of(NULL, 0), (tern_buf){ c->secret, sizeof c->secret });
}

/* After a pause of many periods the secret before is one that never made a cookie. */
static void rotate(tern_cookies *c, tern_time now)
{
    uint64_t periods = (now - c->since) / TERN_COOKIE_SECRET_NS;
    /*= CONN-061 */
    for (uint64_t i = 0; i < periods && i < 2; i++) next_secret(c);
    c->since += periods * TERN_COOKIE_SECRET_NS;
}

/* Address, id, hello and time under the secret of that time: 16 bytes of proof and the id that goes with it. */
static void authenticate(const tern_cookies *c, uint64_t made_at, const tern_cookie_subject *subject,
                         uint8_t out[TERN_SHA256_SIZE])
{
    uint8_t head[8 + ADDRESS_SIZE];
    tern_writer w = tern_writer_of((tern_buf){ head, sizeof head });
    tern_write_u64(&w, made_at);
    tern_write_u8(&w, subject->remote->family);
    tern_write_bytes(&w, tern_bytes_of(subject->remote->ip, sizeof subject->remote->ip));
    tern_write_u16(&w, subject->remote->port);
    tern_write_u32(&w, subject->remote->zone);
    const tern_bytes parts[] = { tern_written(&w),
                                 { subject->cid->b, TERN_CID_SIZE },
                                 { subject->hello_hash, sizeof subject->hello_hash } };
    const uint8_t *secret = made_at >= c->since ? c->secret : c->before;
    /*= CONN-061 */
    tern_hmac_sha256(tern_bytes_of(secret, TERN_SECRET_SIZE), parts, 3, out);
}

void tern_cookie_make(tern_cookies *c, tern_time now, const tern_cookie_subject *subject,
                      uint8_t cookie[TERN_COOKIE_SIZE], tern_cid *sid)
{
    uint8_t proof[TERN_SHA256_SIZE];
    tern_writer w = tern_writer_of((tern_buf){ cookie, TERN_COOKIE_SIZE });
    rotate(c, now);
    authenticate(c, now, subject, proof);
    tern_write_u64(&w, now);
    tern_write_bytes(&w, tern_bytes_of(proof, MAC_SIZE));
    memcpy(sid->b, proof + MAC_SIZE, sizeof sid->b);
}

bool tern_cookie_is_good(tern_cookies *c, tern_time now, const tern_cookie_subject *subject, tern_bytes cookie,
                         const tern_cid *sid)
{
    uint8_t proof[TERN_SHA256_SIZE];
    tern_reader r = tern_reader_of(cookie);
    uint64_t made_at = tern_read_u64(&r);
    tern_bytes mac = tern_read_bytes(&r, MAC_SIZE);
    if (!tern_reader_done(&r)) return false;
    rotate(c, now);
    /*= CONN-061 */
    if (made_at > now || now - made_at > TERN_COOKIE_LIFETIME_NS) return false;
    authenticate(c, made_at, subject, proof);
    bool ours = tern_ct_equal(mac.p, proof, MAC_SIZE);
    bool its = tern_ct_equal(sid->b, proof + MAC_SIZE, sizeof sid->b);
    return ours && its;
}

/* WIRE-071: the tag over what stands before it. */
static void make_tag(const tern_cid *first_sid, tern_bytes retry, uint8_t tag[TERN_TAG_SIZE])
{
    tern_packet_keys keys;
    tern_packet_keys_retry(&keys, first_sid);
    tern_aead_seal(&keys.aead, 0, retry, NULL, 0, tag);
}

void tern_retry_emit(tern_writer *w, const tern_cid *cid, const tern_cid *first_sid, const tern_cid *sid,
                     tern_bytes cookie)
{
    uint8_t tag[TERN_TAG_SIZE];
    size_t start = w->n;
    const tern_header h = { .type = TERN_PACKET_RETRY, .version = TERN_VERSION, .to = *cid, .from = *sid };
    tern_header_emit(w, &h, 0);
    tern_write_bytes(w, cookie);
    /*= WIRE-071 */
    if (tern_writer_ok(w)) make_tag(first_sid, tern_bytes_of(w->start + start, w->n - start), tag);
    tern_write_bytes(w, tern_bytes_of(tag, sizeof tag));
}

int tern_retry_open(const tern_cid *first_sid, const tern_header *header, tern_bytes datagram, tern_bytes *cookie)
{
    uint8_t due[TERN_TAG_SIZE];
    size_t n = datagram.n - header->pn_offset - TERN_TAG_SIZE;
    /*= WIRE-070 */
    if (n > TERN_COOKIE_MAX) return TERN_DROP_SHORT;
    make_tag(first_sid, tern_bytes_of(datagram.p, datagram.n - TERN_TAG_SIZE), due);
    /*= WIRE-071 */
    if (!tern_ct_equal(due, datagram.p + datagram.n - TERN_TAG_SIZE, sizeof due)) return TERN_DROP_AEAD;
    if ((header->first & 15) != 0) return TERN_DROP_RESERVED;
    *cookie = tern_bytes_of(datagram.p + header->pn_offset, n);
    return TERN_DROP_NONE;
}
