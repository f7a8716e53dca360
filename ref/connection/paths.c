/* SPDX-License-Identifier: MIT */
/* Moving to another path and back, and what has to be shown before one is trusted. A connection has one path at any
 * time, by value; nothing points at one. */
#include "connection/paths.h"

#include "connection/internal.h"

#include <string.h>

#define TRIES_MAX 3 /* challenges on a path, a PTO apart */

static tern_paths_page *page_of(const tern_connection *c, const tern_host *host)
{
    return c->paths_page == 0 ? NULL : tern_pool_at(host->pool, c->paths_page);
}

/* The page, taken when there is none; NULL when memory ran out. */
static tern_paths_page *need_page(tern_connection *c, const tern_host *host)
{
    if (c->paths_page == 0) {
        c->paths_page = tern_pool_take(host->pool, TERN_FOR_RECEIVING);
        if (c->paths_page != 0) memset(tern_pool_at(host->pool, c->paths_page), 0, sizeof(tern_paths_page));
    }
    return page_of(c, host);
}

void tern_paths_free(tern_connection *c, tern_pool *pool)
{
    tern_pool_give(pool, c->paths_page);
    c->paths_page = 0;
}

static bool is_quiet(const tern_paths_page *p)
{
    for (size_t i = 0; i < TERN_RESPONSES_MAX; i++)
        if (p->response[i].owed) return false;
    return !p->current.waiting && !p->old.waiting;
}

static void settle(tern_connection *c, const tern_host *host, const tern_paths_page *p)
{
    if (!p->current.waiting) tern_timers_stop(&c->timers, TERN_TIMER_PATH);
    if (is_quiet(p)) tern_paths_free(c, host->pool);
}

static tern_response *place_for(tern_paths_page *p, const tern_path *path)
{
    tern_response *place = NULL;
    for (size_t i = 0; i < TERN_RESPONSES_MAX; i++) {
        tern_response *r = &p->response[i];
        if (r->owed && tern_addr_equal(&r->path.remote, &path->remote)) return r;
        if (!r->owed) place = r;
    }
    return place;
}

int tern_paths_on_challenge(tern_connection *c, const tern_host *host, const tern_frame_path *f)
{
    tern_paths_page *p = need_page(c, host);
    /*= CONN-043 */
    tern_response *r = p == NULL ? NULL : place_for(p, host->from);
    if (r == NULL) return TERN_OK;
    *r = (tern_response){ .owed = true, .bytes = (uint16_t)host->datagram_bytes, .path = *host->from };
    memcpy(r->data, f->data, sizeof r->data);
    /*= CONN-044 */
    if (c->is_client) c->keep_alive_owed = true;
    return TERN_OK;
}

int tern_paths_on_response(tern_connection *c, const tern_host *host, const tern_frame_path *f)
{
    tern_paths_page *p = page_of(c, host);
    if (p == NULL) return TERN_OK;
    if (p->old.waiting && memcmp(p->old.data, f->data, sizeof f->data) == 0) p->old = (tern_challenge){ 0 };
    /*= CONN-041 */
    if (p->current.waiting && memcmp(p->current.data, f->data, sizeof f->data) == 0) {
        c->address_validated = true;
        p->current = p->old = (tern_challenge){ 0 };
        p->have_previous = false;
    }
    settle(c, host, p);
    return TERN_OK;
}

static void challenge(tern_challenge *x, const tern_host *host)
{
    x->waiting = x->owed = true;
    tern_drbg_bytes(host->drbg, (tern_buf){ x->data, sizeof x->data });
}

static void arm_path(tern_connection *c, const tern_host *host)
{
    uint64_t pto = tern_recovery_pto_ns(&c->recovery, tern_connection_peer_ack_delay_ns(c));
    tern_timers_set(&c->timers, TERN_TIMER_PATH, host->now + pto);
}

static bool same_host(const tern_addr *a, const tern_addr *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

static bool same_path(const tern_path *a, const tern_path *b)
{
    return tern_addr_equal(&a->remote, &b->remote) && tern_addr_equal(&a->local, &b->local);
}

/* The path is another one from now on; what was learnt of the old one holds only as long as just a port changed. */
static void use(tern_connection *c, const tern_host *host, const tern_path *path)
{
    bool known = same_host(&c->path.remote, &path->remote) && same_host(&c->path.local, &path->local);
    c->path = *path;
    c->path_received = c->path_sent = 0;
    /*= CONN-045 */
    if (!known) tern_recovery_new_path(&c->recovery, tern_connection_max_datagram(c, host));
}

/* Keeps the path in use as the one to go back to, when it is known to work. */
static void remember(tern_connection *c, tern_paths_page *p)
{
    if (p->current.waiting) return;
    p->previous = c->path;
    p->have_previous = true;
}

static void go_back(tern_connection *c, const tern_host *host, tern_paths_page *p)
{
    tern_path previous = p->previous;
    p->current = p->old = (tern_challenge){ 0 };
    p->have_previous = false;
    use(c, host, &previous);
    c->address_validated = true;
    settle(c, host, p);
}

/* Uses a new path and asks whether it works; the old one too, in case it was somebody else who moved us (RFC 9000
 * section 9.3.3). */
static void go_on(tern_connection *c, const tern_host *host, tern_paths_page *p, const tern_path *path)
{
    remember(c, p);
    use(c, host, path);
    p->tries = 0;
    /*= CONN-041 */
    challenge(&p->current, host);
    if (!c->is_client && p->have_previous && !p->old.waiting) challenge(&p->old, host);
    arm_path(c, host);
}

void tern_paths_moved(tern_connection *c, const tern_host *host, const tern_header *header)
{
    tern_paths_page *p = need_page(c, host);
    if (p == NULL) return; /* the next packet moves it */
    if (p->have_previous && tern_addr_equal(&p->previous.remote, &host->from->remote)) {
        go_back(c, host, p);
        return;
    }
    go_on(c, host, p, host->from);
    /*= CONN-042 */
    c->address_validated = false;
    c->path_received = host->datagram_bytes;
    /*= CONN-046 */
    if (!tern_cid_equal(&header->to, &c->heard_on)) (void)tern_ids_switch(&c->ids);
}

void tern_paths_expired(tern_connection *c, const tern_host *host)
{
    tern_paths_page *p = page_of(c, host);
    if (p == NULL || !p->current.waiting) return;
    if (++p->tries < TRIES_MAX) {
        p->current.owed = true;
        arm_path(c, host);
    } else if (p->have_previous) {
        /*= CONN-041 */
        go_back(c, host, p);
    }
}

int tern_connection_migrate(tern_connection *c, const tern_host *host, const tern_path *path)
{
    if (!tern_connection_is_open(c)) return TERN_E_CLOSED;
    if (!tern_addr_equal(&path->remote, &c->path.remote)) return TERN_E_BAD_INPUT;
    /*= CONN-040 */
    tern_paths_page *p = c->confirmed ? need_page(c, host) : NULL;
    if (p == NULL) return TERN_E_BLOCKED;
    /*= CONN-046 */
    if (!tern_ids_switch(&c->ids)) {
        settle(c, host, p);
        return TERN_E_BLOCKED;
    }
    go_on(c, host, p, path);
    c->keep_alive_owed = true; /* a challenge alone does not move the relay */
    return TERN_OK;
}

/* A packet with one frame of a path, as large as may be up to most; the size, 0 when it could not be made. */
static size_t send_on(tern_connection *c, const tern_host *host, tern_buf out, tern_frame_type type,
                      const uint8_t data[TERN_CHALLENGE_SIZE], const tern_path *path)
{
    bool elsewhere = !same_path(path, &c->path);
    tern_frame_path f;
    memcpy(f.data, data, sizeof f.data);
    size_t n = tern_connection_send_frame(c, host, out, type, &f, elsewhere);
    if (!elsewhere) c->path_sent += n;
    return n;
}

/* One response that is owed. It has the size of what it answers, and counts among what an address gets before it is
 * proven, so nobody is flooded by it. */
static size_t send_response(tern_connection *c, const tern_host *host, tern_paths_page *p, tern_buf out,
                            tern_path *path)
{
    for (size_t i = 0; i < TERN_RESPONSES_MAX; i++) {
        tern_response *r = &p->response[i];
        if (!r->owed) continue;
        bool in_use = tern_addr_equal(&r->path.remote, &c->path.remote);
        size_t most = in_use ? tern_connection_allowance(c, out.n) : out.n;
        r->owed = false;
        if (most == 0) continue;
        *path = r->path;
        /*= CONN-042 CONN-043 */
        return send_on(c, host, (tern_buf){ out.p, most < r->bytes ? most : r->bytes }, TERN_F_PATH_RESPONSE, r->data,
                       path);
    }
    return 0;
}

static size_t send_challenge(tern_connection *c, const tern_host *host, tern_paths_page *p, tern_buf out,
                             tern_path *path)
{
    size_t most = tern_connection_allowance(c, out.n);
    if (p->current.owed && most > 0) {
        p->current.owed = false;
        *path = c->path;
        return send_on(c, host, (tern_buf){ out.p, most }, TERN_F_PATH_CHALLENGE, p->current.data, path);
    }
    if (!p->old.owed) return 0;
    p->old.owed = false;
    p->old.waiting = false; /* whoever is there answers with a packet that moves us back */
    *path = p->previous;
    return send_on(c, host, out, TERN_F_PATH_CHALLENGE, p->old.data, path);
}

size_t tern_connection_send_aside(tern_connection *c, const tern_host *host, tern_buf out, tern_path *path)
{
    tern_paths_page *p = page_of(c, host);
    if (p == NULL || !tern_connection_is_open(c)) return 0;
    if (out.n > TERN_DATAGRAM_MIN) out.n = TERN_DATAGRAM_MIN;
    size_t n = send_response(c, host, p, out, path);
    if (n == 0) n = send_challenge(c, host, p, out, path);
    settle(c, host, p);
    return n;
}
