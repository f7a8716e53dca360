/* SPDX-License-Identifier: MIT */
/* How a dialect's server is made. Its block: the struct, the dialect's own part, the clients, scratch, the post's area.
 */
#include "dialects/config.h"
#include "dialects/work.h"

#include <string.h>

#include "base/bounds.h"
#include "crypto/ct.h"

#define OUT_A_CLIENT     8192 /* bytes that wait to be sent, for each client there may be; and 256 KiB more */
#define OUT_LEAST        (256u << 10)
#define ANSWERS_A_SECOND 100 /* half of them to one host */

typedef struct {
    size_t own, clients, stride, scratch, jobs, area, total;
    size_t out_bytes, news_bytes;
} layout;

static layout lay_out(const tern_dialect_config *config)
{
    const tern_dialect_rules *rules = tern_dialect_rules_of(config->dialect);
    layout l;
    l.own = tern_aligned(sizeof(tern_dialect_server));
    l.clients = l.own + tern_aligned(rules->own_size(config));
    l.stride = tern_aligned(sizeof(tern_dialect_guest) + rules->client_size(config));
    l.scratch = l.clients + config->max_clients * l.stride;
    l.jobs = l.scratch + tern_aligned(rules->scratch_size(config));
    l.area = l.jobs + tern_dialect_jobs_size(rules, config);
    l.out_bytes = OUT_LEAST + (size_t)config->max_clients * OUT_A_CLIENT;
    l.news_bytes = 8 * tern_fifo_cost(sizeof(tern_event) + config->max_message) +
                   4 * (size_t)config->max_clients * tern_fifo_cost(sizeof(tern_event));
    l.total = l.area + tern_post_area(l.out_bytes, l.news_bytes);
    return l;
}

static const char *check(const tern_dialect_config *config)
{
    if (tern_dialect_rules_of(config->dialect) == NULL) return "there is no such dialect";
    if (config->max_clients < 1 || config->max_clients > 1024) return "max_clients must be 1 to 1024";
    return tern_dialect_config_check(config);
}

size_t tern_dialect_server_footprint(const tern_dialect_config *config)
{
    return check(config) == NULL ? lay_out(config).total : 0;
}

int tern_dialect_server_init(void *memory, const tern_dialect_config *config, tern_time now, tern_node **node,
                             const char **why)
{
    tern_dialect_server *s = memory;
    *node = NULL;
    *why = check(config);
    if (*why != NULL) return TERN_E_BAD_INPUT;
    layout l = lay_out(config);
    memset(s, 0, l.area);
    s->node.verbs = &tern_dialect_server_verbs;
    s->rules = tern_dialect_rules_of(config->dialect);
    s->config = tern_dialect_config_kept(config);
    s->now = now;
    s->own_at = l.own;
    s->clients_at = l.clients;
    s->client_stride = l.stride;
    s->scratch_at = l.scratch;
    tern_dialect_jobs_init(s, l.jobs);
    tern_drbg_init(&s->drbg, config->seed, tern_bytes_of("tern dialect server", 19));
    tern_drbg_bytes(&s->drbg, (tern_buf){ s->secret, sizeof s->secret });
    tern_budget_init(&s->budget, config->rsa_ms_per_second, now);
    tern_budget_init(&s->answers, ANSWERS_A_SECOND, now);
    tern_post_init(&s->post, l.area - offsetof(tern_dialect_server, post), l.out_bytes, l.news_bytes);
    *why = tern_dialect_key_read(&s->key, config->key_pem);
    if (*why == NULL && s->rules->init != NULL) *why = s->rules->init(s, config);
    if (*why != NULL) {
        tern_wipe(s, l.area);
        return TERN_E_BAD_INPUT;
    }
    *node = &s->node;
    return TERN_OK;
}
