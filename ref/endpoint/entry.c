/* SPDX-License-Identifier: MIT */
/* Cookies are asked for of all, of many at once, or of none. */
#include "endpoint/entry.h"

#include <string.h>

void tern_entry_init(tern_entry *e, const uint8_t secret[TERN_SECRET_SIZE], bool always, uint32_t above)
{
    e->always = always;
    e->n = 0;
    tern_assert(above > 0);
    tern_credit_init(&e->calm, above, TERN_SECOND / above, 0);
    tern_cookies_init(&e->cookies, secret, 0);
}

static void owe(tern_entry *e, const tern_path *path, const tern_syn *syn)
{
    if (e->n == TERN_RETRIES_MAX) return; /* its client will ask again */
    tern_retry *r = &e->waiting[e->n++];
    *r = (tern_retry){ .path = *path, .first_sid = syn->header.to, .cid = syn->header.from };
    tern_cookie_hello_hash(syn->message, r->hello_hash);
}

int tern_entry_judge(tern_entry *e, tern_time now, const tern_path *path, const tern_syn *syn, bool crowded,
                     bool *proven)
{
    tern_cookie_subject subject = { .remote = &path->remote, .cid = &syn->header.from };
    *proven = syn->hello.cookie.n > 0;
    if (*proven) {
        tern_cookie_hello_hash(syn->message, subject.hello_hash);
        /*= CONN-061 CONN-063 */
        bool good = tern_cookie_is_good(&e->cookies, now, &subject, syn->hello.cookie, &syn->header.to);
        return good ? TERN_DROP_NONE : TERN_DROP_COOKIE;
    }
    /*= CONN-060 CONN-064 */
    if (!e->always && !crowded && tern_credit_take(&e->calm, now)) return TERN_DROP_NONE;
    owe(e, path, syn);
    return TERN_DROP_RETRY;
}

size_t tern_entry_take(tern_entry *e, tern_time now, tern_buf out, tern_path *path)
{
    uint8_t cookie[TERN_COOKIE_SIZE];
    tern_cid sid;
    if (e->n == 0 || out.n < TERN_RETRY_SIZE) return 0;
    const tern_retry *r = &e->waiting[--e->n];
    tern_cookie_subject subject = { .remote = &r->path.remote, .cid = &r->cid };
    tern_writer w = tern_writer_of(out);
    memcpy(subject.hello_hash, r->hello_hash, sizeof subject.hello_hash);
    *path = r->path;
    /*= CONN-060 CONN-061 */
    tern_cookie_make(&e->cookies, now, &subject, cookie, &sid);
    tern_retry_emit(&w, &r->cid, &r->first_sid, &sid, tern_bytes_of(cookie, sizeof cookie));
    return w.n;
}
