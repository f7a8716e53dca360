/* SPDX-License-Identifier: MIT */
/* What secrets decide (spec: handshake, Constant time). Secrets are marked as undefined memory, as ctgrind does, and
 * valgrind's memcheck then reports each branch and each address that depends on one. What becomes public is marked
 * defined at the places named `public_...` here, each with its reason, and in declassified.supp where it lies within
 * BearSSL. Runs under valgrind alone: taint all; taint leak, whose comparison must be reported; or taint oaep, which
 * counts what is reported. */
#include <bearssl.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "connection/ids.h"
#include "crypto/ct.h"
#include "crypto/p256.h"
#include "crypto/x25519.h"
#include "handshake/cookie.h"
#include "handshake/steps.h"
#include "handshake/ticket.h"

static void secret(const void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void declassify(const void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

/* ---- what becomes public ---- */

/* A ciphertext, a tag, a share, a signature, a FINISHED leave in packets. */
static void public_because_it_is_sent(const void *p, size_t n)
{
    declassify(p, n);
}

bool __real_tern_ct_equal(const void *a, const void *b, size_t n);
bool __wrap_tern_ct_equal(const void *a, const void *b, size_t n);

/* Whether a tag, a FINISHED, a binder, a ticket or a cookie is right: its sender sees it by what follows. */
bool __wrap_tern_ct_equal(const void *a, const void *b, size_t n)
{
    bool equal = __real_tern_ct_equal(a, b, n);
    declassify(&equal, sizeof equal);
    return equal;
}

bool __real_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE]);
bool __wrap_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE]);
static size_t ticket_secret_at, ticket_secret_n;

/* A ticket's format, suite and times, once it is authentic: nobody but its own relay wrote them; its PSK stays secret.
 */
bool __wrap_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    bool opened = __real_tern_aead_open(a, pn, aad, data, n, tag);
    if (opened && ticket_secret_n > 0) {
        declassify(data, n);
        secret(data + ticket_secret_at, ticket_secret_n);
    }
    return opened;
}

/* ---- what is tried ---- */

static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
static int wrong;

static void check(bool holds, const char *what)
{
    if (holds) return;
    printf("taint: %s\n", what);
    wrong = 1;
}

/*= HS-089 */
static void sealing_and_opening(tern_suite suite)
{
    uint8_t key[TERN_AEAD_KEY_SIZE] = { 1 }, iv[TERN_AEAD_IV_SIZE] = { 2 }, data[300] = { 3 }, tag[TERN_AEAD_TAG_SIZE];
    const uint8_t aad[13] = { 4 };
    tern_aead aead;
    secret(key, sizeof key);
    secret(iv, sizeof iv);
    secret(data, sizeof data);
    tern_aead_init(&aead, suite, key, iv);
    tern_aead_seal(&aead, 77, tern_bytes_of(aad, sizeof aad), data, sizeof data, tag);
    public_because_it_is_sent(data, sizeof data);
    public_because_it_is_sent(tag, sizeof tag);
    check(tern_aead_open(&aead, 77, tern_bytes_of(aad, sizeof aad), data, sizeof data, tag), "a packet opens");
    public_because_it_is_sent(data, sizeof data); /* it will be: it is sealed again */
    tag[3] ^= 1;
    check(!tern_aead_open(&aead, 77, tern_bytes_of(aad, sizeof aad), data, sizeof data, tag), "a wrong tag is seen");
}

static void header_masks(tern_suite suite)
{
    uint8_t key[TERN_HEADER_KEY_SIZE] = { 5 }, mask[TERN_HEADER_MASK_SIZE];
    const uint8_t sample[TERN_HEADER_SAMPLE_SIZE] = { 6 };
    tern_header_key header;
    secret(key, sizeof key);
    tern_header_key_init(&header, suite, key);
    tern_header_mask(&header, sample, mask);
    public_because_it_is_sent(mask, sizeof mask);
}

static void the_key_schedule_and_finished(void)
{
    static const tern_suite suite = TERN_SUITE_AES_256_GCM;
    uint8_t shared[32] = { 7 }, psk[TERN_SECRET_SIZE] = { 8 }, next[TERN_SECRET_SIZE], value[32];
    const uint8_t hash[32] = { 9 };
    tern_handshake h = { .suite = suite };
    tern_packet_keys keys;
    secret(shared, sizeof shared);
    secret(psk, sizeof psk);
    tern_secrets_start(&h.secrets, psk);
    tern_secrets_handshake(&h.secrets, shared, hash);
    tern_secrets_application(&h.secrets, hash);
    tern_packet_keys_derive(&keys, suite, h.secrets.client_application);
    tern_secret_next(h.secrets.client_application, next);
    tern_phase_keys(&keys.aead, suite, next);

    tern_sha256_init(&h.transcript);
    tern_transcript_finished(&h, h.secrets.server_handshake, value);
    public_because_it_is_sent(value, sizeof value);
    tern_step step = { .tlv = { .type = TERN_HS_FINISHED, .value = tern_bytes_of(value, sizeof value) } };
    check(tern_transcript_check_finished(&h, &step, h.secrets.server_handshake) == TERN_OK, "FINISHED is right");
    value[31] ^= 1;
    check(tern_transcript_check_finished(&h, &step, h.secrets.server_handshake) != TERN_OK, "or wrong");
}

static void private_keys(void)
{
    uint8_t scalar[TERN_X25519_SIZE] = { 10, 11, 12 }, share[TERN_X25519_SIZE], shared[TERN_X25519_SIZE];
    uint8_t key[TERN_P256_PRIVATE_SIZE] = { 13, 14, 15 }, signature[TERN_P256_SIGNATURE_MAX];
    const uint8_t peer[TERN_X25519_SIZE] = { 9 };
    secret(scalar, sizeof scalar);
    secret(key, sizeof key);
    tern_x25519_public(scalar, share);
    public_because_it_is_sent(share, sizeof share);
    check(tern_x25519_shared(scalar, peer, shared), "two shares agree");
    check(tern_p256_sign(key, tern_bytes_of(share, sizeof share), signature) > 0, "a key signs");
}

static void tickets(void)
{
    static uint64_t room[64];
    tern_tickets *t = (void *)room;
    const tern_tickets_config config = { .lifetime_s = 1000, .window = 64 };
    uint8_t sealed[TERN_TICKET_MAX], psk[TERN_SECRET_SIZE] = { 16 };
    tern_writer w = tern_writer_of((tern_buf){ sealed, sizeof sealed });
    tern_drbg drbg;
    tern_ticket ticket;
    check(tern_tickets_footprint(&config) <= sizeof room, "there is room");
    tern_drbg_init(&drbg, (const uint8_t[TERN_SEED_SIZE]){ 17 }, tern_bytes_of(NULL, 0));
    tern_tickets_init(t, &config, &drbg);
    secret(t->secret, sizeof t->secret);
    secret(psk, sizeof psk);
    tern_ticket_give(t, &drbg, 5000, TERN_SUITE_AES_256_GCM, psk, NULL, &w);
    public_because_it_is_sent(sealed, w.n);
    ticket_secret_at = 1 + 2; /* behind format and suite */
    ticket_secret_n = TERN_SECRET_SIZE;
    check(tern_ticket_open(t, 5001, tern_written(&w), &ticket), "a ticket opens");
    sealed[w.n - 1] ^= 1;
    check(!tern_ticket_open(t, 5001, tern_written(&w), &ticket), "a changed one does not");
    ticket_secret_n = 0;
}

static void cookies(void)
{
    uint8_t seed[TERN_SECRET_SIZE] = { 18 }, cookie[TERN_COOKIE_SIZE];
    const tern_addr remote = { .family = 4, .port = 9 };
    const tern_cid cid = { { 19 } };
    const tern_cookie_subject subject = { .remote = &remote, .cid = &cid };
    tern_cookies c;
    tern_cid sid;
    secret(seed, sizeof seed);
    tern_cookies_init(&c, seed, TERN_SECOND);
    tern_cookie_make(&c, TERN_SECOND, &subject, cookie, &sid);
    public_because_it_is_sent(cookie, sizeof cookie);
    public_because_it_is_sent(&sid, sizeof sid);
    check(tern_cookie_is_good(&c, TERN_SECOND, &subject, tern_bytes_of(cookie, sizeof cookie), &sid),
          "a cookie is good");
    cookie[20] ^= 1;
    check(!tern_cookie_is_good(&c, TERN_SECOND, &subject, tern_bytes_of(cookie, sizeof cookie), &sid), "or not");
}

/* HS-042: the client fills BINDER in, the relay compares it. */
static void binders(void)
{
    static uint64_t room[64];
    tern_tickets *t = (void *)room;
    const tern_tickets_config given = { .lifetime_s = 1000, .window = 64 };
    tern_handshake_config config = { .suites = { TERN_SUITE_AES_256_GCM }, .suites_n = 1 };
    tern_kept_ticket kept = { .suite = TERN_SUITE_AES_256_GCM, .psk = { 22 } };
    tern_writer ticket = tern_writer_of((tern_buf){ kept.bytes, sizeof kept.bytes });
    uint8_t hello[TERN_CLIENT_HELLO_MAX];
    tern_writer w = tern_writer_of((tern_buf){ hello, sizeof hello });
    const tern_cid sid = { { 23 } }, cid = { { 24 } };
    tern_handshake client;
    tern_resumed worth;
    tern_drbg drbg;
    bool resumed;
    tern_drbg_init(&drbg, (const uint8_t[TERN_SEED_SIZE]){ 25 }, tern_bytes_of(NULL, 0));
    tern_tickets_init(t, &given, &drbg);
    secret(t->secret, sizeof t->secret);
    secret(kept.psk, sizeof kept.psk);
    tern_ticket_give(t, &drbg, 5000, kept.suite, kept.psk, NULL, &ticket);
    kept.n = ticket.n;
    public_because_it_is_sent(kept.bytes, kept.n);
    config.is_client = true;
    config.params = tern_params_absent();
    config.ticket = &kept;
    tern_handshake_client_start(&client, &config, &drbg, &sid, &cid, &w);
    public_because_it_is_sent(hello, w.n);
    config.is_client = false;
    ticket_secret_at = 1 + 2;
    ticket_secret_n = TERN_SECRET_SIZE;
    int drop = tern_ticket_examine(t, &config, 5001, tern_written(&w), &resumed, &worth);
    check(drop == TERN_DROP_NONE && resumed, "a binder is right");
    hello[w.n - 1] ^= 1;
    drop = tern_ticket_examine(t, &config, 5001, tern_written(&w), &resumed, &worth);
    check(drop == TERN_DROP_HELLO && !resumed, "or wrong");
    ticket_secret_n = 0;
}

/* CONN-051: until the relay has lost the connection nobody but the two ends knows the token. */
static void reset_tokens(void)
{
    uint8_t key[TERN_SECRET_SIZE] = { 26 }, token[TERN_TOKEN_SIZE];
    const tern_cid own = { { 27 } }, sid = { { 28 } };
    tern_ids ids;
    tern_drbg drbg;
    tern_drbg_init(&drbg, (const uint8_t[TERN_SEED_SIZE]){ 30 }, tern_bytes_of(NULL, 0));
    secret(key, sizeof key);
    tern_ids_init(&ids, &own, &sid);
    tern_ids_start(&ids, &drbg, false);
    tern_frame_new_connection_id f = { .id = sid };
    tern_reset_token(key, &sid, f.token);
    check(tern_ids_on_new(&ids, &f) == TERN_OK, "a token is told");
    tern_reset_token(key, &sid, token);
    public_because_it_is_sent(token, sizeof token);
    check(tern_ids_is_reset(&ids, &sid, token), "a token is right");
    token[15] ^= 1;
    check(!tern_ids_is_reset(&ids, &sid, token), "or wrong");
}

/* HS-023: which key a user expects is his own affair. */
static void pins(void)
{
    tern_handshake_config config = { .is_client = true, .trust = TERN_TRUST_PIN };
    const tern_step step = { .config = &config };
    tern_handshake h = { .suite = TERN_SUITE_AES_256_GCM };
    tern_identity identity;
    tern_identity_generate(&identity, (const uint8_t[32]){ 29 });
    for (int right = 1; right >= 0; right--) {
        tern_key_fingerprint(&identity.public_key, config.pin);
        config.pin[31] ^= (uint8_t)!right;
        secret(config.pin, sizeof config.pin);
        tern_error error = tern_identity_check_raw_key(&h, &step, &identity.public_key);
        check(error == (right ? TERN_OK : TERN_PIN_MISMATCH), "a pin is right, or wrong");
    }
}

/* The control: a comparison that stops at the first difference. Its report shows that this test can fail. */
static int leak(void)
{
    volatile size_t n = 16;
    uint8_t due[16] = { 20 }, got[16] = { 21 };
    secret(due, sizeof due);
    if (memcmp(due, got, n) == 0) puts("taint: equal");
    return 0;
}

/* ---- OAEP: the one branch that its padding decides is whether it is good (Manger 2001) ---- */

/* BearSSL's own, behind both of its br_rsa_..._oaep_decrypt, and the inverse of its masks. */
uint32_t br_rsa_oaep_unpad(const br_hash_class *dig, const void *label, size_t label_len, void *data, size_t *len);
void br_mgf1_xor(void *data, size_t len, const br_hash_class *dig, const void *seed, size_t seed_len);

#define OAEP_BLOCK 256

/* A block as it stands behind the RSA operation: 0, the masked seed, the masked hash of no label, zeros, 1 and a text;
 * changed where wrong says. */
static void padded(uint8_t block[OAEP_BLOCK], size_t wrong_at, uint8_t change)
{
    enum { HASH = 32, DB = OAEP_BLOCK - 1 - HASH };
    br_sha256_context empty;
    uint8_t *seed = block + 1, *db = block + 1 + HASH;
    memset(block, 0, OAEP_BLOCK);
    memset(seed, 7, HASH);
    br_sha256_init(&empty);
    br_sha256_out(&empty, db);
    db[DB - 5] = 1;
    memcpy(db + DB - 4, "text", 4);
    block[wrong_at] ^= change;
    br_mgf1_xor(db, DB, &br_sha256_vtable, seed, HASH);
    br_mgf1_xor(seed, HASH, &br_sha256_vtable, db, DB);
}

/* How often memcheck reports something while a block is taken apart. */
static unsigned reports_of(size_t wrong_at, uint8_t change, bool *good)
{
    uint8_t block[OAEP_BLOCK];
    size_t n = sizeof block;
    padded(block, wrong_at, change);
    secret(block, sizeof block);
    unsigned before = VALGRIND_COUNT_ERRORS;
    uint32_t result = br_rsa_oaep_unpad(&br_sha256_vtable, NULL, 0, block, &n);
    unsigned reports = VALGRIND_COUNT_ERRORS - before;
    declassify(&result, sizeof result);
    *good = result == 1;
    return reports;
}

/* Whichever part is wrong, the first byte, the hash, the zeros or the end of the zeros: the verdict is all that is
 * branched on, once, behind everything else. */
/*= HS-089 */
static int oaep(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t change;
    } faults[] = { { "a first byte", 0, 1 },       { "a hash", 33, 1 },          { "the end of a hash", 64, 0x80 },
                   { "a zero", 100, 2 },           { "a last zero", 250, 0x80 }, { "the one", 251, 1 },
                   { "what stands there", 251, 3 } };
    bool good;
    (void)reports_of(0, 0, &good);
    check(good, "a block that is right is good");
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        unsigned reports = reports_of(faults[i].at, faults[i].change, &good);
        if (!good && reports == 1) continue;
        printf("taint: %s is wrong: %s, %u reports\n", faults[i].what, good ? "good" : "not good", reports);
        wrong = 1;
    }
    unsigned before = VALGRIND_COUNT_ERRORS;
    (void)leak();
    check(VALGRIND_COUNT_ERRORS > before, "a leak is counted");
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc != 2 || RUNNING_ON_VALGRIND == 0) {
        fputs("usage: valgrind taint all|leak|oaep\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "leak") == 0) return leak();
    if (strcmp(argv[1], "oaep") == 0) return oaep();
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        sealing_and_opening(suites[i]);
        header_masks(suites[i]);
    }
    the_key_schedule_and_finished();
    private_keys();
    tickets();
    cookies();
    binders();
    reset_tokens();
    pins();
    return wrong;
}
