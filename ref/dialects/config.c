/* SPDX-License-Identifier: MIT */
#include "dialects/config.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/identity.h"

void tern_dialect_config_default(tern_dialect_config *config, tern_dialect dialect)
{
    *config = (tern_dialect_config){ .dialect = dialect,
                                     .max_clients = 64,
                                     .max_message = 4096,
                                     .fragment_timeout_ms = 5000,
                                     .client_timeout_ms = 300000,
                                     .rsa_ms_per_second = 300 };
    if (dialect == TERN_DIALECT_TLV_MULTICAST) config->client_timeout_ms = 60000; /* it has a keep-alive */
    if (dialect == TERN_DIALECT_TLS_CHAT) config->client_timeout_ms = UINT32_MAX; /* TCP tells who is gone */
}

const char *tern_dialect_config_check(const tern_dialect_config *config)
{
    if (config->max_message < 64 || config->max_message > TERN_DIALECT_TEXT_MAX)
        return "max_message must be 64 to 16384";
    if (config->fragment_timeout_ms < 1 || config->client_timeout_ms < 1) return "a timeout must be at least 1 ms";
    if (config->rsa_ms_per_second < 1 || config->rsa_ms_per_second > 1000) return "rsa_ms_per_second must be 1 to 1000";
    return NULL;
}

tern_dialect_config tern_dialect_config_kept(const tern_dialect_config *config)
{
    tern_dialect_config kept = *config;
    tern_wipe(kept.seed, sizeof kept.seed);
    kept.key_pem = kept.cert_pem = tern_bytes_of(NULL, 0);
    kept.nick = kept.server_name = NULL;
    kept.pin = NULL;
    return kept;
}

const char *tern_dialect_key_read(tern_rsa_private *key, tern_bytes pem)
{
    tern_identity identity;
    tern_identity_result result = tern_identity_key_from_pem(&identity, pem);
    const char *why = NULL;
    if (result != TERN_IDENTITY_OK)
        why = tern_identity_text(result);
    else if (identity.private_key.kind != TERN_KEY_RSA)
        why = "a dialect needs an RSA key";
    else
        *key = identity.private_key.u.rsa;
    tern_wipe(&identity, sizeof identity);
    return why;
}
