/* SPDX-License-Identifier: MIT */
/* The blob: "TDS1", the dialect, how many clients; of each whether it was a member, its address, how long it was
 * silent, its key; how many ciphertexts are remembered, and their hashes, the oldest first; SHA-256 of all that. It is
 * read whole before anything of it is taken. */
#include "dialects/state.h"

#include <string.h>

#include "base/io.h"
#include "crypto/ct.h"

#define MAGIC       UINT32_C(0x54445331)
#define HEAD        (4 + 1 + 2)
#define CLIENT_HEAD (1 + 1 + 16 + 2 + 8 + 4 + 2)

static tern_dialect_server *lasting_server(const tern_node *node)
{
    tern_dialect_server *s = (tern_dialect_server *)(uintptr_t)node;
    tern_assert(node->verbs == &tern_dialect_server_verbs);
    return s->rules->lasting != NULL ? s : NULL;
}

size_t tern_dialect_state_size(const tern_node *server)
{
    const tern_dialect_server *s = lasting_server(server);
    if (s == NULL) return 0;
    return HEAD + s->config.max_clients * (size_t)(CLIENT_HEAD + TERN_RSA_BYTES_MAX) + 2 +
           TERN_SAID_MOST * sizeof(uint64_t) + TERN_SHA256_SIZE;
}

/* ---- out ---- */

static void write_client(tern_writer *w, const tern_dialect_server *s, const tern_dialect_guest *c,
                         const tern_rsa_public *key)
{
    const tern_addr *addr = &c->path.remote;
    tern_write_u8(w, c->member);
    tern_write_u8(w, addr->family);
    tern_write_bytes(w, tern_bytes_of(addr->ip, sizeof addr->ip));
    tern_write_u16(w, addr->port);
    tern_write_u64(w, s->now - c->heard);
    tern_write_u32(w, key->exponent);
    tern_write_u16(w, (uint16_t)key->n);
    tern_write_bytes(w, tern_bytes_of(key->modulus, key->n));
}

static uint16_t write_clients(tern_writer *w, const tern_dialect_server *s)
{
    uint16_t n = 0;
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        const tern_rsa_public *key = s->rules->lasting->key(c);
        if (c->peer == 0 || key->n == 0) continue;
        write_client(w, s, c, key);
        n++;
    }
    return n;
}

static void write_said(tern_writer *w, const tern_said *said)
{
    uint32_t oldest = said->n < TERN_SAID_MOST ? 0 : said->next;
    tern_write_u16(w, (uint16_t)said->n);
    for (uint32_t i = 0; i < said->n; i++) tern_write_u64(w, said->mark[(oldest + i) % TERN_SAID_MOST].hash);
}

size_t tern_dialect_state_export(tern_node *server, tern_time now, tern_buf out)
{
    tern_dialect_server *s = lasting_server(server);
    uint8_t sum[TERN_SHA256_SIZE];
    tern_writer w = tern_writer_of(out);
    if (s == NULL) return 0;
    s->now = now;
    tern_write_u32(&w, MAGIC);
    tern_write_u8(&w, (uint8_t)s->rules->facts.dialect);
    size_t count = w.n;
    tern_write_u16(&w, 0);
    uint16_t n = write_clients(&w, s);
    write_said(&w, s->rules->lasting->said(s));
    if (!tern_writer_ok(&w)) return 0;
    tern_write_u16_at(&w, count, n);
    tern_sha256_of(tern_written(&w), sum);
    tern_write_bytes(&w, tern_bytes_of(sum, sizeof sum));
    return tern_writer_ok(&w) ? w.n : 0;
}

/* ---- in ---- */

typedef struct {
    bool member;
    tern_addr addr;
    uint64_t silent_ns;
    tern_rsa_public key;
} record;

static bool read_client(tern_reader *r, record *c)
{
    uint8_t exponent[4];
    c->member = tern_read_u8(r) == 1;
    c->addr = (tern_addr){ .family = tern_read_u8(r) };
    tern_read_copy(r, c->addr.ip, sizeof c->addr.ip);
    c->addr.port = tern_read_u16(r);
    c->silent_ns = tern_read_u64(r);
    tern_read_copy(r, exponent, sizeof exponent);
    tern_bytes modulus = tern_read_bytes(r, tern_read_u16(r)), e = tern_bytes_of(exponent, sizeof exponent);
    while (e.n > 1 && e.p[0] == 0) e = tern_bytes_of(e.p + 1, e.n - 1);
    return tern_reader_ok(r) && (c->addr.family == 4 || c->addr.family == 6) &&
           tern_rsa_public_read(&c->key, modulus, e);
}

/* One who would have been forgotten while nobody served it is. */
static void admit(tern_dialect_server *s, const record *known, uint64_t away_ns, const tern_addr *local)
{
    uint64_t most = s->config.client_timeout_ms * TERN_MS;
    tern_path path = { .local = *local, .remote = known->addr };
    if (known->silent_ns >= most || away_ns >= most - known->silent_ns) return;
    tern_dialect_guest *c = tern_dialect_meet(s, &path);
    if (c == NULL) return;
    uint64_t silent = known->silent_ns + away_ns;
    c->heard = s->now > silent ? s->now - silent : 0;
    *s->rules->lasting->key(c) = known->key;
    if (known->member) tern_dialect_arrive(s, c, tern_bytes_of(NULL, 0));
}

/* Whether bytes are a blob of this dialect; *body is what stands between head and sum. */
static bool is_ours(const tern_dialect_server *s, tern_bytes state, tern_reader *r)
{
    uint8_t sum[TERN_SHA256_SIZE];
    if (state.n < HEAD + 2 + sizeof sum) return false;
    tern_bytes body = tern_bytes_of(state.p, state.n - sizeof sum);
    tern_sha256_of(body, sum);
    *r = tern_reader_of(body);
    bool named = tern_read_u32(r) == MAGIC && tern_read_u8(r) == (uint8_t)s->rules->facts.dialect;
    return named && tern_ct_equal(sum, body.p + body.n, sizeof sum);
}

/* Reads all of it; takes it when s is not NULL. */
static bool read_all(tern_reader r, tern_dialect_server *s, uint64_t away_ns, const tern_addr *local)
{
    uint32_t clients = tern_read_u16(&r);
    for (uint32_t i = 0; i < clients; i++) {
        record c;
        if (!read_client(&r, &c)) return false;
        if (s != NULL) admit(s, &c, away_ns, local);
    }
    uint32_t marks = tern_read_u16(&r);
    if (marks > TERN_SAID_MOST) return false;
    for (uint32_t i = 0; i < marks; i++) {
        tern_said_mark mark = { .hash = tern_read_u64(&r) }; /* of nobody who is here now */
        if (s != NULL) tern_said_remember(s->rules->lasting->said(s), &mark);
    }
    return tern_reader_done(&r);
}

/*= RSF-016 TLV-016 */
int tern_dialect_state_import(tern_node *server, tern_time now, uint64_t away_ns, const tern_addr *local,
                              tern_bytes state)
{
    tern_dialect_server *s = lasting_server(server);
    tern_reader r;
    if (s == NULL || !is_ours(s, state, &r) || !read_all(r, NULL, 0, NULL)) return TERN_E_BAD_INPUT;
    s->now = now;
    (void)read_all(r, s, away_ns, local);
    return TERN_OK;
}
