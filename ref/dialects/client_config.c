/* SPDX-License-Identifier: MIT */
/* How a dialect's client is made. Its block: the struct, the dialect's own part, scratch, the post's area. */
#include "dialects/client.h"
#include "dialects/config.h"

#include <string.h>

#include "base/bounds.h"
#include "crypto/ct.h"

#define OUT_BYTES  (128u << 10) /* that wait to be sent */
#define TEXTS_MOST 16           /* messages that wait to be polled, of full length */

typedef struct {
    size_t own, scratch, area, total, news_bytes;
} layout;

static layout lay_out(const tern_dialect_config *config)
{
    const tern_dialect_client_rules *rules = tern_dialect_client_rules_of(config->dialect);
    layout l;
    l.own = tern_aligned(sizeof(tern_dialect_client));
    l.scratch = l.own + tern_aligned(rules->own_size(config));
    l.area = l.scratch + tern_aligned(rules->scratch_size(config));
    l.news_bytes = TEXTS_MOST * tern_fifo_cost(sizeof(tern_event) + config->max_message);
    l.total = l.area + tern_post_area(OUT_BYTES, l.news_bytes);
    return l;
}

static const char *check(const tern_dialect_config *config)
{
    if (tern_dialect_client_rules_of(config->dialect) == NULL) return "there is no such dialect";
    return tern_dialect_config_check(config);
}

size_t tern_dialect_client_footprint(const tern_dialect_config *config)
{
    return check(config) == NULL ? lay_out(config).total : 0;
}

int tern_dialect_client_init(void *memory, const tern_dialect_config *config, tern_time now, tern_node **node,
                             const char **why)
{
    tern_dialect_client *c = memory;
    *node = NULL;
    *why = check(config);
    if (*why != NULL) return TERN_E_BAD_INPUT;
    layout l = lay_out(config);
    memset(c, 0, l.area);
    c->node.verbs = &tern_dialect_client_verbs;
    c->rules = tern_dialect_client_rules_of(config->dialect);
    c->config = tern_dialect_config_kept(config);
    c->now = now;
    c->own_at = l.own;
    c->scratch_at = l.scratch;
    c->next_at = TERN_TIME_NEVER;
    c->knows_server = config->pin != NULL;
    if (config->pin != NULL) memcpy(c->server, config->pin, sizeof c->server);
    tern_drbg_init(&c->drbg, config->seed, tern_bytes_of("tern dialect client", 19));
    tern_budget_init(&c->budget, config->rsa_ms_per_second, now);
    tern_post_init(&c->post, l.area - offsetof(tern_dialect_client, post), OUT_BYTES, l.news_bytes);
    if (c->rules->has_key) *why = tern_dialect_key_read(&c->key, config->key_pem);
    if (*why == NULL && c->rules->init != NULL) *why = c->rules->init(c, config);
    if (*why != NULL) {
        tern_wipe(c, l.area);
        return TERN_E_BAD_INPUT;
    }
    tern_dialect_client_becomes(c, TERN_DIALECT_STARTING);
    *node = &c->node;
    return TERN_OK;
}
