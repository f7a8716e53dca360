/* SPDX-License-Identifier: MIT */
/* How a relay is made. Its block: this struct, the certificates, the clients' fingerprints and authorities, the status,
 * the seats, the rooms, the endpoint's area. */
#include "base/bounds.h"
#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "relay/fanout.h"
#include "relay/limits.h"
#include "relay/text.h"

#include <string.h>

#define DEFAULT_CONNECTIONS     256
#define DEFAULT_ROOMS           16
#define DEFAULT_MEMBERS         256
#define DEFAULT_HISTORY_BYTES   (4u << 20)
#define DEFAULT_PAGES           16384
#define DEFAULT_TICKET_LIFETIME 86400
#define DEFAULT_MAX_EARLY       16384
#define DEFAULT_EARLY_TICKETS   65536
#define MESSAGE_KEEP            (UINT64_C(256) << 10) /* bytes: more than that waits in the history */
#define MOST                    65535                 /* of connections, rooms, members */

/*= CONN-025 */
_Static_assert(TERN_SLOT_MAX + TERN_ROUTES_A_SLOT * sizeof(tern_route) + sizeof(tern_origin) +
                       2 * sizeof(tern_queue_link) + sizeof(tern_heap_entry) + sizeof(tern_relay_seat) +
                       sizeof(tern_room_member) <=
                   TERN_IDLE_PEER_MAX,
               "an idle peer is one page");

typedef struct {
    size_t certificates, allowed, authorities, status, seats, rooms, endpoint, total; /* offsets */
    tern_rooms_config rooms_config;
    tern_endpoint_config endpoint_config;
} layout;

void tern_relay_config_default(tern_relay_config *config)
{
    *config = (tern_relay_config){
        .transport = tern_transport_default(DEFAULT_PAGES),
        .max_connections = DEFAULT_CONNECTIONS,
        .max_rooms = DEFAULT_ROOMS,
        .max_members = DEFAULT_MEMBERS,
        .history_bytes = DEFAULT_HISTORY_BYTES,
        .ticket_lifetime_s = DEFAULT_TICKET_LIFETIME,
        .max_early = DEFAULT_MAX_EARLY,
        .early_tickets = DEFAULT_EARLY_TICKETS,
    };
}

/* What may wait for one member: no more than leaves half the pages to others when all members are slow, and no less
 * than the answer to a JOIN, which must fit an empty queue. */
static uint64_t message_keep_of(const tern_relay_config *config)
{
    uint64_t members = tern_smaller(config->max_members, (uint64_t)config->max_connections + config->max_guests);
    uint64_t share = (uint64_t)config->transport.pages * TERN_PAGE_SIZE / 2 / config->max_connections;
    uint64_t keep = tern_smaller(tern_smaller(MESSAGE_KEEP, config->transport.send_keep), share);
    return tern_larger(keep, tern_fanout_welcome_bytes((uint32_t)members));
}

static tern_limits limits_of(const tern_relay_config *config)
{
    tern_limits limits = tern_limits_of(&config->transport, TERN_TLV_HEADER,
                                        config->max_connections); /* PUBLISH's, whose value is empty */
    limits.message_keep = message_keep_of(config);
    return limits;
}

/*= CONN-069 */
static uint32_t per_origin_of(const tern_relay_config *config)
{
    return config->max_per_address > 0 ? config->max_per_address
                                       : config->max_connections - config->max_connections / 4;
}

/*= HS-060 */
static bool asks_client(const tern_relay_config *config)
{
    return config->require_client_key || config->client_ca_pem.n > 0;
}

static layout lay_out(const tern_relay_config *config)
{
    layout l = { 0 };
    l.rooms_config = (tern_rooms_config){
        .max_rooms = config->rooms != NULL ? (uint32_t)config->rooms_n : config->max_rooms,
        .max_members = config->max_members,
        .seats = config->max_connections + config->max_guests,
        .history_bytes = config->history_bytes,
        .fixed = config->rooms != NULL,
    };
    l.endpoint_config = (tern_endpoint_config){
        .max_connections = config->max_connections,
        .pages = config->transport.pages,
        .unix_seconds_at_0 = config->unix_seconds_at_0,
        .limits = limits_of(config),
        .always_retry = config->always_retry,
        .retry_above = config->retry_above,
        .max_per_origin = per_origin_of(config),
        .tickets = { .lifetime_s = config->ticket_lifetime_s,
                     .max_early = config->max_early,
                     .window = config->early_tickets },
    };
    l.certificates = tern_place_aligned(sizeof(tern_relay));
    l.allowed = l.certificates + tern_place_aligned(config->cert_pem.n);
    l.authorities = l.allowed + (config->require_client_key ? TERN_CLIENT_KEYS_MAX * TERN_FINGERPRINT_SIZE : 0);
    l.status = l.authorities + (config->client_ca_pem.n > 0 ? 2 * TERN_AUTHORITIES_BYTES : 0);
    l.seats = l.status + (config->cert_pem.n > 0 ? tern_place_aligned(TERN_OCSP_MAX) : 0);
    l.rooms = l.seats + tern_place_aligned(config->max_connections * sizeof(tern_relay_seat));
    l.endpoint = l.rooms + tern_rooms_footprint(&l.rooms_config);
    l.total = l.endpoint + tern_endpoint_area(&l.endpoint_config);
    return l;
}

static const char *check_rooms(const tern_relay_config *config)
{
    if (config->rooms == NULL) return NULL;
    if (config->rooms_n > MOST) return "at most 65535 rooms";
    for (size_t i = 0; i < config->rooms_n; i++) {
        tern_bytes name = tern_text_bytes(config->rooms[i], TERN_NICK_SIZE);
        /*= ROOM-002 */
        if (!tern_room_name_ok(name))
            return "the name of a room is 1 to 64 bytes of UTF-8 without control characters, and not blank";
    }
    return NULL;
}

/* NULL, or what is out of range. */
static const char *check(const tern_relay_config *config)
{
    if (config->max_connections < 1 || config->max_connections > MOST) return "max_connections must be 1 to 65535";
    if (config->max_per_address > MOST) return "max_per_address must be at most 65535";
    if (config->max_rooms < 1 || config->max_rooms > MOST) return "max_rooms must be 1 to 65535";
    if (config->max_guests > MOST) return "max_guests must be at most 65535";
    if (config->max_members < 1 || config->max_members > MOST) return "max_members must be 1 to 65535";
    if (config->retry_above > TERN_RETRY_ABOVE_MAX) return "retry_above must be at most 1000000";
    if (config->client_keys_n > (config->require_client_key ? TERN_CLIENT_KEYS_MAX : 0))
        return "at most 4096 keys of clients, and none unless they are required";
    tern_limits limits = limits_of(config);
    const char *wrong = tern_limits_check(&limits, &config->transport);
    if (wrong != NULL) return wrong;
    if (config->early_tickets < 64 || config->early_tickets > 1u << 24) return "early_tickets must be 64 to 2^24";
    if (config->ticket_lifetime_s > TERN_TICKET_LIFETIME_MAX) return "ticket_lifetime_s must be at most 604800";
    if (config->history_bytes / 2 < config->transport.max_message)
        return "history_bytes must be at least twice max_message";
    return check_rooms(config);
}

size_t tern_relay_footprint(const tern_relay_config *config)
{
    return check(config) == NULL ? lay_out(config).total : 0;
}

/* The secret that was configured, or one that follows from the relay's key. */
static void set_secret(uint8_t secret[32], const uint8_t configured[32], const tern_relay *relay, const char *purpose)
{
    memcpy(secret, configured, 32);
    if (!tern_relay_is_no_secret(configured)) return;
    tern_identity_derive(&relay->own.identity, tern_text_bytes(purpose, 32), secret);
}

/* One that was configured is shared with whoever else has it; else it is this run's alone. */
static void set_ticket_secret(tern_tickets *tickets, const tern_relay_config *config)
{
    uint8_t own[TERN_SECRET_SIZE];
    tern_drbg drbg;
    if (!tern_relay_is_no_secret(config->ticket_secret)) {
        tern_tickets_set_secret(tickets, config->ticket_secret, true);
        return;
    }
    /*= HS-048 */
    tern_drbg_init(&drbg, config->seed, tern_text_bytes("tern tickets", 32));
    tern_drbg_bytes(&drbg, (tern_buf){ own, sizeof own });
    tern_tickets_set_secret(tickets, own, false);
    tern_wipe(&drbg, sizeof drbg);
    tern_wipe(own, sizeof own);
}

static void set_secrets(tern_relay *relay, const tern_relay_config *config)
{
    tern_tickets *tickets = tern_endpoint_tickets(&relay->endpoint);
    /*= CONN-050 */
    set_secret(relay->endpoint.reset_secret, config->reset_secret, relay, "tern stateless reset");
    set_ticket_secret(tickets, config);
}

static void set_handshake(tern_relay *relay, const tern_relay_config *config)
{
    tern_handshake_config *h = &relay->endpoint.handshake;
    *h = (tern_handshake_config){ .params = tern_limits_params(&relay->endpoint.config.limits),
                                  .asks_client = asks_client(config),
                                  .key_log = config->key_log };
    h->suites[h->suites_n++] = TERN_SUITE_AES_256_GCM;
    h->suites[h->suites_n++] = TERN_SUITE_CHACHA20_POLY1305;
    /*= HS-003 */
    if (config->plaintext) h->suites[h->suites_n++] = TERN_SUITE_PLAINTEXT;
    tern_relay_attach(relay);
    tern_relay_allow(relay, config->client_keys, config->client_keys_n);
}

/* NULL, or what is wrong with the rooms. */
static const char *make_rooms(tern_relay *relay, const tern_relay_config *config, const layout *l)
{
    tern_rooms *rooms = tern_relay_rooms(relay);
    tern_rooms_init(rooms, &l->rooms_config);
    if (config->rooms == NULL) return NULL;
    for (size_t i = 0; i < config->rooms_n; i++) {
        tern_bytes name = tern_text_bytes(config->rooms[i], TERN_NICK_SIZE);
        if (!tern_rooms_add(rooms, name)) return "the same room is named twice";
        /*= ROOM-030 */
        if (config->tern_only != NULL && config->tern_only[i]) tern_rooms_refuse_guests(rooms, name);
    }
    return NULL;
}

/* What was asked for, or what costs as much as TERN_RETRY_ABOVE signatures on P-256. */
static uint32_t retry_above_of(const tern_relay_config *config, const tern_identity *identity)
{
    /*= CONN-064 */
    return config->retry_above > 0 ? config->retry_above : TERN_RETRY_ABOVE / tern_key_cost(&identity->public_key);
}

/* NULL, or what is wrong with them. */
static const char *make_authorities(tern_relay *relay, const tern_relay_config *config, size_t at)
{
    relay->authorities_at = at;
    relay->authorities_n = TERN_AUTHORITIES_BYTES;
    return tern_relay_authorities_read(relay, config->client_ca_pem) == TERN_OK
               ? NULL
               : tern_client_ca_check(config->client_ca_pem);
}

int tern_relay_init(void *memory, const tern_relay_config *config, tern_time now, tern_node **node, const char **why)
{
    tern_relay *relay = memory;
    *node = NULL;
    *why = check(config);
    if (*why != NULL) return TERN_E_BAD_INPUT;

    layout l = lay_out(config);
    memset(relay, 0, sizeof *relay);
    relay->now = now;
    relay->status.at = l.status;
    relay->max_guests = config->max_guests;
    relay->seats_at = l.seats;
    relay->rooms_at = l.rooms;
    relay->allowed_at = l.allowed;
    relay->allowed_max = config->require_client_key ? TERN_CLIENT_KEYS_MAX : 0;
    *why = tern_kept_identity_read(relay, &relay->own, config->key_pem, config->cert_pem, l.certificates,
                                   l.allowed - l.certificates);
    if (*why == NULL && config->client_ca_pem.n > 0) *why = make_authorities(relay, config, l.authorities);
    if (*why == NULL) *why = make_rooms(relay, config, &l);
    if (*why != NULL) {
        tern_wipe(relay, sizeof *relay);
        return TERN_E_BAD_INPUT;
    }
    for (uint32_t i = 0; i < config->max_connections; i++) *tern_relay_seat_at(relay, i) = (tern_relay_seat){ 0 };
    l.endpoint_config.retry_above = retry_above_of(config, &relay->own.identity);
    tern_endpoint_init(&relay->endpoint, l.endpoint, &l.endpoint_config, config->seed);
    relay->endpoint.node.verbs = &tern_relay_verbs;
    set_handshake(relay, config);
    set_secrets(relay, config);
    *node = &relay->endpoint.node;
    return TERN_OK;
}
