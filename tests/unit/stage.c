/* SPDX-License-Identifier: MIT */
/* Handshakes of every kind (see stage.h). */
#include "stage.h"

#include "unit/crypto/support.h"

#define PART 900 /* bytes of a CRYPTO frame: its packet fits 1200 */

/* When the stapled responses hold. */
static uint64_t time_of_status(void)
{
    tern_ocsp_response response;
    tern_ocsp_single single;
    assert_int_equal(tern_ocsp_read(FIXTURE("ocsp/of_chain.der"), &response), TERN_OCSP_GOOD);
    assert_true(tern_ocsp_single_next(&response.singles, &single));
    return single.times.this_update + 60;
}

static void use_chain(stage *s)
{
    pair *p = s->p;
    tern_handshake_config *client = &p->end[PAIR_TO_CLIENT]->handshake;
    tern_buf room = { s->chain_storage, sizeof s->chain_storage };
    assert_int_equal(tern_identity_from_pem(&p->identity, FIXTURE("leaf_key.pem"), FIXTURE("ocsp/chain.pem"), room),
                     TERN_IDENTITY_OK);
    room = (tern_buf){ s->anchor_storage, sizeof s->anchor_storage };
    assert_int_equal(tern_anchors_from_pem(&s->anchors, FIXTURE("ocsp/root.pem"), room), TERN_OK);
    client->trust = TERN_TRUST_CA;
    client->anchors = &s->anchors;
    client->name = (tern_name){ TERN_NAME_DNS, LITERAL("relay.example") };
    p->end[PAIR_TO_RELAY]->handshake.status = fixture_view("ocsp/of_chain.der", s->status, sizeof s->status);
    for (int i = 0; i < 2; i++) p->end[i]->config.unix_seconds_at_0 = time_of_status();
}

static void ask_client(stage *s, bool for_chain)
{
    tern_handshake_config *relay = &s->p->end[PAIR_TO_RELAY]->handshake;
    tern_buf room = { s->client_storage, sizeof s->client_storage };
    if (for_chain)
        assert_int_equal(
            tern_identity_from_pem(&s->client_identity, FIXTURE("leaf_key.pem"), FIXTURE("leaf.pem"), room),
            TERN_IDENTITY_OK);
    else
        tern_identity_generate(&s->client_identity, (const uint8_t[TERN_SEED_SIZE]){ 8 });
    tern_key_fingerprint(&s->client_identity.public_key, s->allowed[0]);
    s->p->end[PAIR_TO_CLIENT]->handshake.identity = &s->client_identity;
    relay->asks_client = true;
    relay->allowed = (const uint8_t(*)[TERN_SHA256_SIZE])s->allowed;
    relay->allowed_n = 1;
}

static void take_off_wire(pair *p)
{
    for (size_t i = 0; i < p->on_wire; i++) free(p->wire[i].bytes);
    p->on_wire = 0;
}

void stage_connect(stage *s)
{
    pair *p = s->p;
    take_off_wire(p);
    tern_slot_give(p->end[PAIR_TO_CLIENT], 0);
    p->end[PAIR_TO_CLIENT]->next_serial = 0; /* a client connects but once */
    assert_int_equal(tern_endpoint_connect(p->end[PAIR_TO_CLIENT], p->now, &p->path[PAIR_TO_CLIENT]), TERN_OK);
}

/* A first connection, whose ticket the next one has. */
static void earn_ticket(stage *s)
{
    pair *p = s->p;
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_TICKET);
    assert_non_null(e);
    assert_true(tern_kept_ticket_parse(tern_bytes_of(e->u.ticket.bytes, e->u.ticket.n), &s->ticket));
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    tern_connection_close(pair_client(p), &host, TERN_NO_ERROR, "");
    tern_slot_touch(p->end[PAIR_TO_CLIENT], 0);
    pair_run(p, p->now + 10 * TERN_SECOND);
    assert_null(pair_relay(p));
    p->events_n[0] = p->events_n[1] = 0;
    p->end[PAIR_TO_CLIENT]->handshake.ticket = &s->ticket;
}

stage *stage_new(unsigned with)
{
    pair_options o = pair_defaults();
    stage *s = calloc(1, sizeof *s);
    assert_non_null(s);
    o.pages = 128;
    o.max_connections = 5;
    o.tickets = (tern_tickets_config){ .lifetime_s = 3600, .max_early = 4000, .window = 64 };
    s->p = pair_new(&o);
    if ((with & STAGE_CHAIN) != 0) use_chain(s);
    if ((with & STAGE_ASKS) != 0) ask_client(s, (with & STAGE_CLIENT_CHAIN) != 0);
    if ((with & STAGE_RESUMED) != 0) earn_ticket(s);
    tern_endpoint_strangers(s->p->end[PAIR_TO_RELAY])->entry.always = (with & STAGE_RETRY) != 0;
    return s;
}

void stage_free(stage *s)
{
    pair_free(s->p);
    free(s->saved[0]);
    free(s->saved[1]);
    free(s);
}

static tern_handshake_page *sender_page(stage *s)
{
    tern_connection *c = s->way == PAIR_TO_RELAY ? pair_client(s->p) : pair_relay(s->p);
    tern_host host = tern_endpoint_host(s->p->end[!s->way], s->p->now);
    return c == NULL ? NULL : tern_hs(c, &host);
}

static tern_packet_type type_of(pair_way way)
{
    return way == PAIR_TO_RELAY ? TERN_PACKET_ACK : TERN_PACKET_SYN_ACK;
}

static bool keep_crypto(stage *s, tern_bytes payload)
{
    tern_reader r = tern_reader_of(payload);
    tern_tlv tlv;
    bool any = false;
    while (tern_tlv_next(&r, &tlv)) {
        tern_frame_crypto f;
        if (tlv.type != TERN_F_CRYPTO) continue;
        assert_int_equal(tern_frame_parse_crypto(tlv.value, &f), TERN_OK);
        size_t at = f.offset - s->from;
        assert_true(f.offset >= s->from && at + f.bytes.n <= sizeof s->said);
        memcpy(s->said + at, f.bytes.p, f.bytes.n);
        if (at + f.bytes.n > s->said_n) s->said_n = at + f.bytes.n;
        any = true;
    }
    return any;
}

/* The wire takes away what has a message of that side in it. */
static int withhold(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    stage *s = p->owner;
    uint8_t copy[TERN_DATAGRAM_MAX];
    tern_header h;
    tern_opened opened;
    (void)n;
    if (way != s->way || bytes[0] >> 4 != type_of(way)) return 1;
    const tern_handshake_page *page = sender_page(s);
    if (page == NULL || !page->have_keys) return 1;
    if (way == PAIR_TO_RELAY) s->from = page->hello_bytes;
    memcpy(copy, bytes, *size);
    assert_int_equal(tern_header_parse(tern_bytes_of(copy, *size), &h), TERN_DROP_NONE);
    assert_int_equal(tern_packet_open(&page->send_keys, &h, (tern_buf){ copy, *size }, UINT64_MAX, &opened),
                     TERN_DROP_NONE);
    return keep_crypto(s, opened.payload) ? 0 : 1;
}

void stage_keep(stage *s)
{
    for (int i = 0; i < 2; i++) {
        const tern_endpoint *ep = s->p->end[i];
        s->saved_n[i] = ((sizeof *ep + 15) & ~(size_t)15) + tern_endpoint_area(&ep->config);
        s->saved[i] = malloc(s->saved_n[i]);
        assert_non_null(s->saved[i]);
        memcpy(s->saved[i], ep, s->saved_n[i]);
    }
    s->saved_at = s->p->now;
}

void stage_again(stage *s)
{
    for (int i = 0; i < 2; i++) memcpy(s->p->end[i], s->saved[i], s->saved_n[i]);
    take_off_wire(s->p);
    s->p->now = s->saved_at;
    s->p->events_n[0] = s->p->events_n[1] = 0;
    memset(s->p->dropped, 0, sizeof s->p->dropped);
}

void stage_hold(stage *s, pair_way way)
{
    pair *p = s->p;
    s->way = way;
    p->fate = withhold;
    p->owner = s;
    stage_connect(s);
    pair_run(p, p->now + 9 * PAIR_DELAY);
    tern_reader r = tern_reader_of(tern_bytes_of(s->said, s->said_n));
    while (r.left > 0) {
        const uint8_t *from = r.p;
        tern_tlv tlv;
        assert_true(s->messages < STAGE_MESSAGES && tern_tlv_next(&r, &tlv));
        s->message[s->messages++] = tern_bytes_of(from, (size_t)(r.p - from));
    }
    assert_true(s->messages > 0);
    stage_keep(s);
    stage_again(s);
}

tern_connection *stage_hearer(stage *s)
{
    return s->way == PAIR_TO_RELAY ? pair_relay(s->p) : pair_client(s->p);
}

bool stage_give_at(stage *s, size_t offset, tern_bytes said)
{
    for (size_t at = 0; at < said.n; at += PART) {
        uint8_t frames[PART + 16];
        tern_writer w = tern_writer_of((tern_buf){ frames, sizeof frames });
        tern_frame_crypto f = { (uint32_t)(s->from + offset + at),
                                tern_bytes_of(said.p + at, said.n - at < PART ? said.n - at : PART) };
        tern_frame_emit_crypto(&w, &f);
        assert_true(tern_writer_ok(&w));
        if (pair_frames(s->p, s->way, type_of(s->way), frames, w.n) != TERN_DROP_NONE) return false;
    }
    return true;
}

bool stage_give(stage *s, tern_bytes said)
{
    return stage_give_at(s, 0, said);
}

void stage_expect_refused(stage *s, tern_bytes said, bool may_wait, const char *done, size_t message, size_t at)
{
    stage_again(s);
    (void)stage_give(s, said);
    const tern_connection *c = stage_hearer(s);
    bool waits = c->life == TERN_LIFE_HANDSHAKE && may_wait;
    bool closed = c->life == TERN_LIFE_CLOSING && c->close_error != TERN_OK && c->close_error != TERN_INTERNAL_ERROR &&
                  c->close_error < TERN_E_FIRST_LOCAL;
    /*= HS-093 */
    if (!c->proven && (waits || closed)) return;
    fail_msg("the %s's message %zu, %s at %zu: state %d, %s", s->way == PAIR_TO_CLIENT ? "relay" : "client", message,
             done, at, c->life, tern_error_name(c->close_error));
}

void stage_expect_taken(stage *s)
{
    stage_again(s);
    assert_true(stage_give(s, tern_bytes_of(s->said, s->said_n)));
    assert_true(stage_hearer(s)->proven);
}

stage *stage_held(unsigned with, pair_way way)
{
    stage *s = stage_new(with);
    stage_hold(s, way);
    stage_expect_taken(s);
    return s;
}
