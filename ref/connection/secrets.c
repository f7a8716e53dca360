/* SPDX-License-Identifier: MIT */
/* What a key log is told (spec: handshake, Key log): out of the handshake's page, which forgets what it was not asked
 * for by the time the handshake is confirmed. */
#include "connection/internal.h"

#include <stddef.h>

/* Labels of the NSS key log, in the order of the schedule. */
static const struct {
    const char *label;
    size_t at; /* in tern_secrets */
    enum { OF_EARLY, OF_HANDSHAKE, OF_DATA } of;
} secrets[] = {
    { "CLIENT_EARLY_TRAFFIC_SECRET", offsetof(tern_secrets, client_early), OF_EARLY },
    { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", offsetof(tern_secrets, client_handshake), OF_HANDSHAKE },
    { "SERVER_HANDSHAKE_TRAFFIC_SECRET", offsetof(tern_secrets, server_handshake), OF_HANDSHAKE },
    { "CLIENT_TRAFFIC_SECRET_0", offsetof(tern_secrets, client_application), OF_DATA },
    { "SERVER_TRAFFIC_SECRET_0", offsetof(tern_secrets, server_application), OF_DATA },
};

/* Whether there are keys made of it. */
static bool is_there(const tern_connection *c, const tern_handshake_page *page, size_t which)
{
    switch (secrets[which].of) {
    case OF_EARLY: return page->handshake.early;
    case OF_HANDSHAKE: return page->have_keys;
    case OF_DATA: return c->have_data_keys;
    }
    return false;
}

bool tern_connection_poll_secret(const tern_connection *c, tern_pool *pool, tern_news *news)
{
    if (c->handshake_page == 0) return false;
    tern_handshake_page *page = tern_pool_at(pool, c->handshake_page);
    /*= HS-090 */
    if (!page->key_log) return false;
    if (page->secrets_told == 0 && page->have_keys && !page->handshake.early)
        page->secrets_told++; /* nothing is early */
    size_t next = page->secrets_told;
    if (next == sizeof secrets / sizeof secrets[0] || !is_there(c, page, next)) return false;
    page->secrets_told++;
    *news = (tern_news){ .kind = TERN_NEWS_SECRET,
                         .label = secrets[next].label,
                         .client_random = page->handshake.client_random,
                         .secret = (const uint8_t *)&page->handshake.secrets + secrets[next].at };
    return true;
}
