/* SPDX-License-Identifier: MIT */
#include "rules/nonces.h"

#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct sim_secret {
    struct sim_secret *next;
    uint8_t secret[TERN_SHA256_SIZE], random[32]; /* of the client that it is for */
} told_secret;

/*= SIM-027 */
void sim_secrets_check(sim_run *r, sim_secrets *all, const tern_event *secret)
{
    const uint8_t *bytes = secret->u.secret.secret, *random = secret->u.secret.client_random;
    told_secret **bucket = &all->buckets[(bytes[0] | (size_t)bytes[1] << 8) % SIM_SECRET_BUCKETS], *t = *bucket;
    while (t != NULL && memcmp(t->secret, bytes, sizeof t->secret) != 0) t = t->next;
    if (t == NULL) {
        t = sim_grow(NULL, 1, sizeof *t);
        t->next = *bucket;
        memcpy(t->secret, bytes, sizeof t->secret);
        memcpy(t->random, random, sizeof t->random);
        *bucket = t;
    } else if (memcmp(t->random, random, sizeof t->random) != 0) {
        sim_world_fail(&r->world, "two connections have the same %s", secret->u.secret.label);
    }
}

void sim_secrets_free(sim_secrets *all)
{
    for (size_t i = 0; i < SIM_SECRET_BUCKETS; i++) {
        for (told_secret *t = all->buckets[i], *next; t != NULL; t = next) {
            next = t->next;
            free(t);
        }
    }
}

static sim_used_key *used_key(sim_numbers *own, tern_packet_type type, uint64_t key)
{
    for (size_t i = own->n; i > 0; i--)
        if (own->keys[i - 1].type == type && own->keys[i - 1].key == key) return &own->keys[i - 1];
    own->keys = sim_grow(own->keys, own->n + 1, sizeof *own->keys);
    own->keys[own->n] = (sim_used_key){ type, key, 0 };
    return &own->keys[own->n++];
}

/*= SIM-027 */
void sim_numbers_check(sim_run *r, const sim_sight *s, const sim_opened *o, sim_numbers *own)
{
    sim_used_key *k = used_key(own, o->header.type, o->key);
    if (o->pn < k->next_pn)
        sim_world_fail(&r->world, "%s uses packet number %" PRIu64 " of a key behind %" PRIu64,
                       r->world.nodes[s->node].name, o->pn, k->next_pn - 1);
    k->next_pn = o->pn + 1;
}

void sim_numbers_free(sim_numbers *own)
{
    free(own->keys);
}
