/* SPDX-License-Identifier: MIT */
/* What a key log is told (spec: handshake, Key log): out of the handshake's page, which forgets what it was not asked
 * for by the time the handshake is confirmed. */
#include "connection/internal.h"

#include <stddef.h>

/* Labels of the NSS key log, in the order of the schedule. */
static const struct {
    const char *label;
    size_t at;    /* in tern_secrets */
    bool of_data; /* there once DATA can be opened, else with the keys of SYN_ACK and ACK */
} secrets[] = {
    { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", offsetof(tern_secrets, client_handshake), false },
    { "SERVER_HANDSHAKE_TRAFFIC_SECRET", offsetof(tern_secrets, server_handshake), false },
    { "CLIENT_TRAFFIC_SECRET_0", offsetof(tern_secrets, client_application), true },
    { "SERVER_TRAFFIC_SECRET_0", offsetof(tern_secrets, server_application), true },
};

bool tern_connection_poll_secret(const tern_connection *c, tern_pool *pool, tern_news *news)
{
    if (c->handshake_page == 0) return false;
    tern_handshake_page *page = tern_pool_at(pool, c->handshake_page);
    /*= HS-090 */
    if (!page->key_log || page->secrets_told == sizeof secrets / sizeof secrets[0]) return false;
    size_t next = page->secrets_told;
    if (!(secrets[next].of_data ? c->have_data_keys : page->have_keys)) return false;
    page->secrets_told++;
    *news = (tern_news){ .kind = TERN_NEWS_SECRET,
                         .label = secrets[next].label,
                         .client_random = page->handshake.client_random,
                         .secret = (const uint8_t *)&page->handshake.secrets + secrets[next].at };
    return true;
}
