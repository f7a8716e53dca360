/* SPDX-License-Identifier: MIT */
/* Tickets of a relay: sealed under keys that follow from one secret and the time (spec: handshake 5). */
#include "handshake/ticket.h"

#include <string.h>

#include "crypto/ct.h"
#include "handshake/steps.h"

#define FORMAT       2
#define CONTENT_SIZE (1 + 2 + TERN_SECRET_SIZE + 8 + 4 + 4 + 8 + 8 + 1 + TERN_SHA256_SIZE)
#define SEALED_SIZE  (4 + TERN_AEAD_IV_SIZE + CONTENT_SIZE + TERN_AEAD_TAG_SIZE)
#define HEAD_SIZE    (4 + TERN_AEAD_IV_SIZE)
#define BITS         64

_Static_assert(SEALED_SIZE <= TERN_TICKET_MAX, "a ticket fits its frame");

static uint32_t words_of(const tern_tickets_config *config)
{
    return config->window / BITS + (config->window % BITS > 0);
}

size_t tern_tickets_footprint(const tern_tickets_config *config)
{
    return sizeof(tern_tickets) + words_of(config) * sizeof(uint64_t);
}

void tern_tickets_init(tern_tickets *t, const tern_tickets_config *config, tern_drbg *drbg)
{
    memset(t, 0, tern_tickets_footprint(config));
    t->config = *config;
    t->boot = tern_drbg_u64(drbg);
}

void tern_tickets_set_secret(tern_tickets *t, const uint8_t secret[TERN_SECRET_SIZE], bool shared)
{
    memcpy(t->secret, secret, sizeof t->secret);
    t->shared = shared;
    t->begun = t->has_before = false;
    tern_wipe(t->key, sizeof t->key);
    tern_wipe(t->before, sizeof t->before);
}

/* Which key seals at this time: one for each lifetime, so that a ticket outlives its key by less than another one. */
static uint32_t key_number(const tern_tickets *t, uint64_t unix_seconds)
{
    return (uint32_t)(unix_seconds / t->config.lifetime_s);
}

/* What the key of a period is made of. */
static void derive(const tern_tickets *t, uint32_t number, uint8_t key[TERN_SECRET_SIZE])
{
    uint8_t context[4];
    tern_writer w = tern_writer_of((tern_buf){ context, sizeof context });
    tern_write_u32(&w, number);
    tern_hkdf_expand_label(t->secret, "ticket", tern_written(&w), (tern_buf){ key, TERN_SECRET_SIZE });
}

/* The next period's secret takes the place of this one's: what was sealed with keys of before opens no more. */
static void forget_secret(tern_tickets *t)
{
    uint8_t next[TERN_SECRET_SIZE];
    /*= HS-048 */
    tern_hkdf_expand_label(t->secret, "ticket ku", (tern_bytes){ NULL, 0 }, (tern_buf){ next, sizeof next });
    memcpy(t->secret, next, sizeof next);
    tern_wipe(next, sizeof next);
}

/* Goes on to the period of this time. A clock that is put back changes nothing. */
static void turn(tern_tickets *t, uint64_t unix_seconds)
{
    uint32_t number = key_number(t, unix_seconds);
    if (t->begun && number <= t->period) return;
    /*= HS-044 */
    t->has_before = t->shared || (t->begun && number == t->period + 1);
    if (t->shared)
        derive(t, number - 1, t->before);
    else if (t->has_before)
        memcpy(t->before, t->key, sizeof t->before);
    else
        tern_wipe(t->before, sizeof t->before);
    derive(t, number, t->key);
    t->period = number;
    t->begun = true;
    if (!t->shared) forget_secret(t);
}

/* The key in use, or the one before: an older one has sealed no ticket that still lives. NULL: there is none. */
static const uint8_t *key_of(const tern_tickets *t, uint32_t number)
{
    /*= HS-044 */
    if (number == t->period) return t->key;
    return t->has_before && number + 1 == t->period ? t->before : NULL;
}

static void write_content(tern_writer *w, const tern_ticket *ticket)
{
    tern_write_u8(w, FORMAT);
    tern_write_u16(w, (uint16_t)ticket->suite);
    tern_write_bytes(w, tern_bytes_of(ticket->psk, sizeof ticket->psk));
    tern_write_u64(w, ticket->issued);
    tern_write_u32(w, ticket->lifetime_s);
    tern_write_u32(w, ticket->max_early);
    tern_write_u64(w, ticket->boot);
    tern_write_u64(w, ticket->serial);
    tern_write_u8(w, ticket->has_client);
    tern_write_bytes(w, tern_bytes_of(ticket->client, sizeof ticket->client));
}

static bool read_content(tern_bytes content, tern_ticket *out)
{
    tern_reader r = tern_reader_of(content);
    bool known = tern_read_u8(&r) == FORMAT;
    out->suite = (tern_suite)tern_read_u16(&r);
    tern_read_copy(&r, out->psk, sizeof out->psk);
    out->issued = tern_read_u64(&r);
    out->lifetime_s = tern_read_u32(&r);
    out->max_early = tern_read_u32(&r);
    out->boot = tern_read_u64(&r);
    out->serial = tern_read_u64(&r);
    out->has_client = tern_read_u8(&r) != 0;
    tern_read_copy(&r, out->client, sizeof out->client);
    return known && tern_reader_done(&r);
}

/* The bit of a serial, and the word that it stands in. */
static uint64_t *word_of(tern_tickets *t, uint64_t serial, uint64_t *bit)
{
    uint64_t at = serial % ((uint64_t)words_of(&t->config) * BITS);
    *bit = UINT64_C(1) << at % BITS;
    return &t->live[at / BITS];
}

/* A new one takes the place of the oldest that could still be redeemed. */
static void mark_given(tern_tickets *t, uint64_t serial)
{
    uint64_t bit;
    if (words_of(&t->config) == 0) return;
    uint64_t *word = word_of(t, serial, &bit);
    *word |= bit;
}

void tern_ticket_give(tern_tickets *t, tern_drbg *drbg, uint64_t unix_seconds, tern_suite suite,
                      const uint8_t psk[TERN_SECRET_SIZE], const uint8_t *client, tern_writer *w)
{
    uint8_t bytes[SEALED_SIZE];
    tern_aead aead;
    tern_ticket ticket = { .suite = suite,
                           .issued = unix_seconds,
                           .lifetime_s = t->config.lifetime_s,
                           .max_early = t->config.max_early,
                           .boot = t->boot,
                           .serial = t->next++,
                           .has_client = client != NULL };
    tern_writer sealed = tern_writer_of((tern_buf){ bytes, sizeof bytes - TERN_AEAD_TAG_SIZE });
    turn(t, unix_seconds);
    memcpy(ticket.psk, psk, sizeof ticket.psk);
    if (client != NULL) memcpy(ticket.client, client, sizeof ticket.client);
    tern_write_u32(&sealed, t->period);
    tern_write_bytes(&sealed, tern_bytes_of(NULL, TERN_AEAD_IV_SIZE));
    tern_drbg_bytes(drbg, (tern_buf){ bytes + 4, TERN_AEAD_IV_SIZE });
    write_content(&sealed, &ticket);
    tern_assert(tern_writer_ok(&sealed) && sealed.n == sizeof bytes - TERN_AEAD_TAG_SIZE);
    tern_aead_init(&aead, TERN_SUITE_AES_256_GCM, t->key, bytes + 4);
    tern_aead_seal(&aead, 0, tern_bytes_of(bytes, HEAD_SIZE), bytes + HEAD_SIZE, CONTENT_SIZE,
                   bytes + HEAD_SIZE + CONTENT_SIZE);
    tern_write_bytes(w, tern_bytes_of(bytes, sizeof bytes));
    mark_given(t, ticket.serial);
    tern_wipe(&ticket, sizeof ticket);
    tern_wipe(&aead, sizeof aead);
}

static bool is_alive(const tern_ticket *ticket, uint64_t unix_seconds)
{
    return ticket->issued <= unix_seconds && unix_seconds - ticket->issued <= ticket->lifetime_s;
}

bool tern_ticket_open(tern_tickets *t, uint64_t unix_seconds, tern_bytes sealed, tern_ticket *out)
{
    uint8_t bytes[SEALED_SIZE];
    tern_aead aead;
    if (t->config.lifetime_s == 0 || sealed.n != sizeof bytes) return false;
    memcpy(bytes, sealed.p, sizeof bytes);
    turn(t, unix_seconds);
    const uint8_t *key = key_of(t, tern_get_u32(bytes));
    if (key == NULL) return false;
    tern_aead_init(&aead, TERN_SUITE_AES_256_GCM, key, bytes + 4);
    bool good = tern_aead_open(&aead, 0, tern_bytes_of(bytes, HEAD_SIZE), bytes + HEAD_SIZE, CONTENT_SIZE,
                               bytes + HEAD_SIZE + CONTENT_SIZE) &&
                read_content(tern_bytes_of(bytes + HEAD_SIZE, CONTENT_SIZE), out) && is_alive(out, unix_seconds);
    tern_wipe(bytes, sizeof bytes);
    tern_wipe(&aead, sizeof aead);
    return good;
}

/* HS-042: whether who wrote this CLIENT_HELLO knows the ticket's secret. */
static bool binder_is_right(const tern_ticket *ticket, tern_bytes client_hello, tern_bytes binder)
{
    tern_secrets s;
    uint8_t hash[TERN_SHA256_SIZE], due[TERN_BINDER_SIZE];
    tern_sha256_of(tern_bytes_of(client_hello.p, client_hello.n - TERN_BINDER_PARAM), hash);
    tern_secrets_start(&s, ticket->psk);
    tern_binder_value(s.early, hash, due);
    /*= HS-042 */
    bool right = tern_ct_equal(binder.p, due, sizeof due);
    tern_wipe(&s, sizeof s);
    tern_wipe(due, sizeof due);
    return right;
}

tern_redeemed tern_ticket_redeem(tern_tickets *t, const tern_ticket *ticket)
{
    uint64_t bit, window = (uint64_t)words_of(&t->config) * BITS;
    /*= HS-053 */
    if (ticket->boot != t->boot || ticket->serial >= t->next || t->next - ticket->serial > window)
        return TERN_REDEEMED_UNKNOWN;
    uint64_t *word = word_of(t, ticket->serial, &bit);
    bool live = (*word & bit) != 0;
    *word &= ~bit;
    return live ? TERN_REDEEMED_NOW : TERN_REDEEMED_BEFORE;
}

/* How much early data is taken with the ticket. A tern_drop: it may have been taken already, with another SYN. */
static int early_of(tern_tickets *t, const tern_ticket *ticket, bool asked, uint32_t *max_early)
{
    tern_redeemed redeemed = tern_ticket_redeem(t, ticket);
    *max_early = 0;
    /*= HS-053 */
    if (asked && redeemed == TERN_REDEEMED_BEFORE) return TERN_DROP_REPLAY;
    if (asked && redeemed == TERN_REDEEMED_NOW) *max_early = ticket->max_early;
    return TERN_DROP_NONE;
}

/* Where clients have to prove a key: whether the one that got the ticket did, and is let in still. */
static bool is_let_in(const tern_handshake_config *config, const tern_ticket *ticket)
{
    /*= HS-047 */
    return !config->asks_client || (ticket->has_client && tern_handshake_allows(config, ticket->client));
}

int tern_ticket_examine(tern_tickets *t, const tern_handshake_config *config, uint64_t unix_seconds,
                        tern_bytes client_hello, bool *resumed, tern_resumed *out)
{
    tern_client_hello hello;
    tern_ticket ticket;
    tern_suite suite;
    *resumed = false;
    tern_error error = tern_server_read_hello(config, client_hello, &hello, &suite);
    if (error != TERN_OK) return TERN_DROP_HELLO;
    /*= HS-044 HS-079 */
    if (t == NULL || config->revoked || !tern_ticket_open(t, unix_seconds, hello.resume.ticket, &ticket))
        return TERN_DROP_NONE;
    /*= HS-042 */
    int drop = binder_is_right(&ticket, client_hello, hello.resume.binder) ? TERN_DROP_NONE : TERN_DROP_HELLO;
    /*= HS-043 */
    *resumed = drop == TERN_DROP_NONE && ticket.suite == suite && is_let_in(config, &ticket);
    if (*resumed) drop = early_of(t, &ticket, hello.resume.early, &out->max_early);
    memcpy(out->psk, ticket.psk, sizeof out->psk);
    memcpy(out->client, ticket.client, sizeof out->client);
    tern_wipe(&ticket, sizeof ticket);
    return drop;
}
