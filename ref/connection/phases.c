/* SPDX-License-Identifier: MIT */
/* Key update (spec: handshake 6; RFC 9001 section 6). Both directions go from phase to phase together: whoever begins
 * sends in the next one, and the other follows when it opens such a packet. The keys of the phase before wait in a
 * page for packets that are late; without a page those are lost, and sent again. */
#include "connection/internal.h"

typedef struct {
    tern_aead aead;
    uint64_t largest; /* number that was opened with them */
} tern_old_keys;

/* What one key may do, and a connection with all its keys, before it ends (RFC 9001 section 6.6). */
typedef struct {
    tern_suite suite;
    uint64_t seal, fail;
} tern_aead_limit;

static const tern_aead_limit limits[] = {
    { TERN_SUITE_AES_256_GCM, UINT64_C(1) << 23, UINT64_C(1) << 52 },
    { TERN_SUITE_CHACHA20_POLY1305, UINT64_C(1) << 32, UINT64_C(1) << 36 },
    { TERN_SUITE_PLAINTEXT, UINT64_C(1) << 32, UINT64_C(1) << 36 },
};

static const tern_aead_limit *limit_of(const tern_connection *c)
{
    size_t i = 0;
    while (i < sizeof limits / sizeof limits[0] - 1 && limits[i].suite != c->suite) i++;
    return &limits[i];
}

static tern_old_keys *old_keys(const tern_connection *c, const tern_host *host)
{
    return c->phases.old_page == 0 ? NULL : tern_pool_at(host->pool, c->phases.old_page);
}

static uint64_t sealed(const tern_connection *c)
{
    uint64_t next = c->recovery.sent.next_pn, from = c->phases.send_from;
    return next > from ? next - from : 0;
}

void tern_phases_init(tern_phases *p, const uint8_t send[TERN_SECRET_SIZE], const uint8_t recv[TERN_SECRET_SIZE])
{
    *p = (tern_phases){ .send_from = UINT64_MAX };
    tern_secret_next(send, p->send_secret);
    tern_secret_next(recv, p->recv_secret);
}

void tern_phases_begin(tern_connection *c)
{
    if (c->phases.send_from == UINT64_MAX) c->phases.send_from = c->recovery.sent.next_pn;
}

uint8_t tern_phases_flag(const tern_phases *p)
{
    return (uint8_t)((p->updates + p->pending) & 1);
}

/*= HS-086 */
void tern_phases_forget(tern_connection *c, tern_pool *pool)
{
    if (c->phases.old_page == 0) return;
    tern_wipe(tern_pool_at(pool, c->phases.old_page), sizeof(tern_old_keys));
    tern_pool_give(pool, c->phases.old_page);
    c->phases.old_page = 0;
}

/*= HS-080 HS-086 */
static void send_in_next(tern_connection *c)
{
    tern_phases *p = &c->phases;
    tern_phase_keys(&c->send_keys.aead, c->suite, p->send_secret);
    tern_secret_next(p->send_secret, p->send_secret);
    p->send_from = c->recovery.sent.next_pn;
    p->state = TERN_PHASE_UNACKED;
}

void tern_phases_before_data(tern_connection *c, const tern_host *host)
{
    tern_phases *p = &c->phases;
    uint32_t most = host->limits->key_update_packets;
    if (most == 0) most = TERN_KEY_UPDATE_DEFAULT;
    /*= HS-082 */
    if (!c->confirmed || sealed(c) < most) return;
    /*= HS-081 */
    if (p->state == TERN_PHASE_READY) {
        send_in_next(c);
        p->pending = true;
    } else if (p->state <= TERN_PHASE_UNACKED && c->recovery.eliciting_in_flight == 0) {
        c->keep_alive_owed = true; /* who sends nothing but acknowledgements gets none */
    }
}

bool tern_phases_spent(const tern_connection *c)
{
    /*= HS-014 */
    return sealed(c) >= limit_of(c)->seal - TERN_SEAL_SPARE;
}

tern_error tern_phases_on_ack(tern_connection *c, const tern_host *host, uint64_t largest)
{
    tern_phases *p = &c->phases;
    if (largest < p->send_from) return TERN_OK;
    /*= HS-085 */
    if (p->behind) return TERN_KEY_UPDATE_ERROR;
    if (p->state > TERN_PHASE_UNACKED) return TERN_OK;
    if (p->state == TERN_PHASE_FIRST) {
        p->state = TERN_PHASE_READY;
    } else if (c->timers.at[TERN_TIMER_KEYS] != TERN_TIME_NEVER) {
        p->state = TERN_PHASE_ACKED;
    } else {
        p->state = TERN_PHASE_RESTING;
        tern_timers_set(&c->timers, TERN_TIMER_KEYS, host->now + tern_connection_three_pto_ns(c));
    }
    return TERN_OK;
}

void tern_phases_expired(tern_connection *c, const tern_host *host)
{
    tern_phases *p = &c->phases;
    tern_phases_forget(c, host->pool);
    /*= HS-081 */
    if (p->state == TERN_PHASE_RESTING) {
        p->state = TERN_PHASE_READY;
    } else if (p->state == TERN_PHASE_ACKED) {
        p->state = TERN_PHASE_RESTING;
        tern_timers_set(&c->timers, TERN_TIMER_KEYS, host->now + tern_connection_three_pto_ns(c));
    }
}

int tern_phases_failed(tern_connection *c, const tern_host *host)
{
    /*= HS-087 */
    if (++c->phases.failed >= limit_of(c)->fail)
        tern_connection_close(c, host, TERN_AEAD_LIMIT_REACHED, tern_error_text(TERN_AEAD_LIMIT_REACHED));
    return TERN_DROP_AEAD;
}

/* ---- opening ---- */

typedef enum { OLD, CURRENT, NEXT } phase;

/* Which keys a packet is for, by its phase and number: two phases have the same bit. */
static phase phase_of(const tern_connection *c, unsigned flag, uint64_t pn)
{
    const tern_phases *p = &c->phases;
    if (flag == (p->updates & 1)) return CURRENT;
    return p->old_page != 0 && pn < p->recv_from ? OLD : NEXT;
}

static int contradiction(tern_connection *c, const tern_host *host)
{
    tern_connection_close(c, host, TERN_KEY_UPDATE_ERROR, tern_error_text(TERN_KEY_UPDATE_ERROR));
    return TERN_DROP_MALFORMED;
}

/* phase_of has seen to it that its number lies below all of this phase. */
static bool take_old(const tern_connection *c, const tern_host *host, uint64_t pn)
{
    tern_old_keys *old = old_keys(c, host);
    if (pn > old->largest) old->largest = pn;
    return true;
}

static bool take_current(tern_connection *c, const tern_host *host, uint64_t pn)
{
    const tern_old_keys *old = old_keys(c, host);
    if (pn >= c->phases.recv_from) return true;
    c->phases.recv_from = pn;
    /*= HS-084 */
    return old == NULL || pn > old->largest;
}

/* The peer has updated its keys, or follows. */
static bool take_next(tern_connection *c, const tern_host *host, const tern_aead *next, uint64_t pn)
{
    tern_phases *p = &c->phases;
    /*= HS-081 HS-084 */
    if (!c->confirmed || pn < c->acks.largest || (!p->pending && sealed(c) == 0)) return false;
    tern_phases_forget(c, host->pool);
    p->old_page = tern_pool_take(host->pool, TERN_FOR_RECEIVING);
    if (p->old_page != 0) *old_keys(c, host) = (tern_old_keys){ c->recv_keys.aead, c->acks.largest };
    /*= HS-080 */
    c->recv_keys.aead = *next;
    tern_secret_next(p->recv_secret, p->recv_secret);
    p->recv_from = pn;
    p->updates++;
    /*= HS-083 */
    if (!p->pending) send_in_next(c);
    p->pending = false;
    tern_timers_set(&c->timers, TERN_TIMER_KEYS, host->now + tern_connection_three_pto_ns(c));
    return true;
}

/* The keys that it is for do not open it. It costs the same whatever bits a forger has hit. */
static int none_opens(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                      tern_opened *opened, phase tried)
{
    const tern_old_keys *old = old_keys(c, host);
    tern_aead unused;
    /*= HS-088 */
    if (tried != NEXT) {
        tern_phase_keys(&unused, c->suite, c->phases.recv_secret);
        tern_wipe(&unused, sizeof unused);
    }
    /*= HS-084 */
    if (old != NULL && tern_packet_open_with(&old->aead, header, datagram, opened) != TERN_DROP_AEAD)
        return contradiction(c, host);
    return TERN_DROP_AEAD;
}

int tern_phases_open(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                     tern_opened *out)
{
    tern_aead next;
    const tern_aead *keys = &c->recv_keys.aead;
    unsigned flag = tern_packet_unmask(&c->recv_keys.header, header, datagram, c->acks.largest, &out->pn);
    phase which = phase_of(c, flag & TERN_FLAG_PHASE, out->pn);
    if (which == OLD) keys = &old_keys(c, host)->aead;
    if (which == NEXT) {
        tern_phase_keys(&next, c->suite, c->phases.recv_secret);
        keys = &next;
    }
    int drop = tern_packet_open_with(keys, header, datagram, out);
    bool consistent = true;
    if (drop == TERN_DROP_AEAD)
        drop = none_opens(c, host, header, datagram, out, which);
    else if (drop == TERN_DROP_NONE)
        consistent = which == OLD       ? take_old(c, host, out->pn)
                     : which == CURRENT ? take_current(c, host, out->pn)
                                        : take_next(c, host, &next, out->pn);
    if (which == NEXT) tern_wipe(&next, sizeof next);
    c->phases.behind = which == OLD || c->phases.pending;
    return consistent ? drop : contradiction(c, host);
}
