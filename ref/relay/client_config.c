/* SPDX-License-Identifier: MIT */
/* How a client is made. Its block: this struct, the name asked for, the anchors' bytes, its own
 * certificates, the endpoint's area. */
#include "base/bounds.h"
#include "crypto/ct.h"
#include "relay/client.h"
#include "relay/limits.h"
#include "relay/text.h"

#include <string.h>

#define DEFAULT_PAGES 8192

_Static_assert((int)TERN_TRUST_CA == TERN_PROOF_CA && (int)TERN_TRUST_PIN == TERN_PROOF_PIN &&
                   (int)TERN_TRUST_FIRST_USE == TERN_PROOF_FIRST_USE,
               "one numbering of proofs");

typedef struct {
    size_t name, anchors, certificates, endpoint, total; /* offsets */
    tern_endpoint_config endpoint_config;
} layout;

void tern_client_config_default(tern_client_config *config)
{
    *config = (tern_client_config){ .transport = tern_transport_default(DEFAULT_PAGES) };
}

static tern_limits limits_of(const tern_client_config *config)
{
    return tern_limits_of(&config->transport, TERN_ROOM_HEADER_MAX, 1); /* what RELAYED puts before a body */
}

/* The name or address that must stand in the certificate; empty when none is asked for. */
static tern_name name_of(const tern_client_config *config)
{
    const tern_addr *remote = &config->path.remote;
    tern_name name = { .kind = TERN_NAME_ANY };
    if (config->trust.proof != TERN_PROOF_CA) return name;
    if (config->trust.dns_name != NULL) {
        name.kind = TERN_NAME_DNS;
        name.value = tern_text_bytes(config->trust.dns_name, TERN_SERVER_NAME_MAX + 1);
    } else {
        name.kind = TERN_NAME_IP;
        name.value = tern_bytes_of(remote->ip, remote->family == 6 ? 16 : 4);
    }
    return name;
}

static size_t anchor_bytes(const tern_client_config *config)
{
    return config->trust.proof == TERN_PROOF_CA ? 2 * config->trust.ca_pem.n : 0;
}

static layout lay_out(const tern_client_config *config)
{
    layout l = { 0 };
    l.endpoint_config = (tern_endpoint_config){
        .is_client = true,
        .max_connections = 1,
        .pages = config->transport.pages,
        .retry_above = 1, /* nobody's SYN is taken */
        .max_per_origin = 1,
        .unix_seconds_at_0 = config->unix_seconds_at_0,
        .limits = limits_of(config),
    };
    l.name = tern_place_aligned(sizeof(tern_client));
    l.anchors = l.name + tern_place_aligned(TERN_SERVER_NAME_MAX);
    l.certificates = l.anchors + tern_place_aligned(anchor_bytes(config));
    l.endpoint = l.certificates + tern_place_aligned(config->cert_pem.n);
    l.total = l.endpoint + tern_endpoint_area(&l.endpoint_config);
    return l;
}

static bool config_ok(const tern_client_config *config)
{
    if (config->trust.proof < TERN_PROOF_CA || config->trust.proof > TERN_PROOF_FIRST_USE) return false;
    if (config->trust.must_staple && config->trust.proof != TERN_PROOF_CA) return false; /* nobody would look */
    if (config->path.remote.family != 4 && config->path.remote.family != 6) return false;
    tern_name name = name_of(config);
    if (name.kind == TERN_NAME_DNS && (name.value.n == 0 || name.value.n > TERN_SERVER_NAME_MAX)) return false;
    tern_limits limits = limits_of(config);
    return tern_limits_check(&limits, &config->transport) == NULL;
}

size_t tern_client_footprint(const tern_client_config *config)
{
    return config_ok(config) ? lay_out(config).total : 0;
}

static tern_error read_anchors(tern_client *client, const tern_client_config *config, const layout *l)
{
    if (config->trust.proof != TERN_PROOF_CA) return TERN_OK;
    return tern_kept_anchors_read(client, &client->authorities, config->trust.ca_pem, l->anchors,
                                  l->certificates - l->anchors);
}

/* What vouches for the relay's key beside itself, and who we are, as one number. */
static void identify_trust(tern_handshake_config *h, const tern_client_config *config, const tern_name *name,
                           const tern_identity *own)
{
    tern_sha256 hash;
    uint8_t fingerprint[TERN_SHA256_SIZE] = { 0 };
    uint8_t head[3] = { (uint8_t)name->kind, (uint8_t)name->value.n, config->trust.must_staple };
    const bool by_authority = config->trust.proof == TERN_PROOF_CA;
    tern_sha256_init(&hash);
    /*= HS-045 */
    if (own != NULL) tern_key_fingerprint(&own->public_key, fingerprint);
    tern_sha256_update(&hash, tern_bytes_of(fingerprint, sizeof fingerprint));
    /*= HS-078 */
    tern_sha256_update(&hash, tern_bytes_of(head, by_authority ? sizeof head : 0));
    tern_sha256_update(&hash, name->value);
    if (by_authority) tern_sha256_update(&hash, config->trust.ca_pem);
    tern_sha256_final(&hash, h->trust_id);
}

static bool trust_holds(const tern_handshake_config *h, const tern_kept_ticket *ticket)
{
    /*= HS-045 */
    if (memcmp(h->trust_id, ticket->trust, sizeof h->trust_id) != 0) return false;
    return h->trust != TERN_TRUST_PIN || memcmp(h->pin, ticket->fingerprint, sizeof h->pin) == 0;
}

/* Whether the ticket that was lent can be offered now. */
static bool ticket_is_good(const tern_handshake_config *h, const tern_kept_ticket *ticket, uint64_t unix_seconds)
{
    uint64_t lifetime = tern_smaller(ticket->lifetime_s, TERN_TICKET_LIFETIME_MAX);
    /*= HS-045 */
    if (ticket->received > unix_seconds || unix_seconds - ticket->received >= lifetime) return false;
    return trust_holds(h, ticket) && tern_handshake_offers(h, (uint16_t)ticket->suite);
}

static void take_ticket(tern_client *client, const tern_client_config *config)
{
    uint64_t unix_seconds = config->unix_seconds_at_0 + client->now / TERN_SECOND;
    client->has_ticket = tern_kept_ticket_parse(config->ticket, &client->ticket) &&
                         ticket_is_good(&client->endpoint.handshake, &client->ticket, unix_seconds);
    if (!client->has_ticket) tern_wipe(&client->ticket, sizeof client->ticket);
}

static tern_error read_own(tern_client *client, const tern_client_config *config, const layout *l)
{
    client->has_own = config->key_pem.n > 0;
    if (!client->has_own) return config->cert_pem.n == 0 ? TERN_OK : TERN_E_BAD_INPUT;
    const char *why = tern_kept_identity_read(client, &client->own, config->key_pem, config->cert_pem, l->certificates,
                                              l->endpoint - l->certificates);
    return why == NULL ? TERN_OK : TERN_E_BAD_INPUT;
}

static void set_handshake(tern_client *client, const tern_client_config *config, const layout *l)
{
    tern_handshake_config *h = &client->endpoint.handshake;
    tern_name name = name_of(config);
    *h = (tern_handshake_config){
        .is_client = true,
        .params = tern_limits_params(&client->endpoint.config.limits),
        .key_log = config->key_log,
        .trust = (tern_trust_mode)config->trust.proof,
        .must_staple = config->trust.must_staple,
        .name.kind = name.kind,
    };
    memcpy(h->pin, config->trust.pin, sizeof h->pin);
    client->name = (tern_place){ l->name, name.value.n };
    if (name.value.n > 0) memcpy((uint8_t *)client + l->name, name.value.p, name.value.n);
    /*= HS-003 */
    if (config->plaintext) {
        h->suites[h->suites_n++] = TERN_SUITE_PLAINTEXT;
    } else {
        h->suites[h->suites_n++] = TERN_SUITE_AES_256_GCM;
        h->suites[h->suites_n++] = TERN_SUITE_CHACHA20_POLY1305;
    }
    h->early = config->early;
    identify_trust(h, config, &name, client->has_own ? &client->own.identity : NULL);
    take_ticket(client, config);
}

/* What the relay takes is known when it is proven. Until then, messages that every relay takes may be queued, so that a
 * JOIN travels with the end of the handshake. */
static void allow_early_messages(tern_client *client)
{
    tern_connection *c = tern_endpoint_find(&client->endpoint, TERN_CLIENT_PEER);
    if (!c->early) tern_messages_peer_params(&c->messages, TERN_LEAST_MAX_MESSAGE, 0);
}

int tern_client_init(void *memory, const tern_client_config *config, tern_time now, tern_node **node)
{
    tern_client *client = memory;
    *node = NULL;
    if (!config_ok(config)) return TERN_E_BAD_INPUT;

    layout l = lay_out(config);
    memset(client, 0, sizeof *client);
    client->now = now;
    if (read_anchors(client, config, &l) != TERN_OK || read_own(client, config, &l) != TERN_OK) return TERN_E_BAD_INPUT;
    tern_endpoint_init(&client->endpoint, l.endpoint, &l.endpoint_config, config->seed);
    client->endpoint.node.verbs = &tern_client_verbs;
    set_handshake(client, config, &l);
    (void)tern_client_of(&client->endpoint.node);
    int result = tern_endpoint_connect(&client->endpoint, now, &config->path);
    if (result != TERN_OK) return result;
    allow_early_messages(client);
    *node = &client->endpoint.node;
    return TERN_OK;
}
