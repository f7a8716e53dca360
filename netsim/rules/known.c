/* SPDX-License-Identifier: MIT */
/* Two files of one name hold the beginning of the same bytes, so that a name is enough to compare by. */
#include "rules/known.h"

#include "world/queue.h"

#include <stdio.h>
#include <string.h>

uint64_t sim_name_key(const sim_run *r, tern_bytes name)
{
    return sim_prf_u64(&r->world.prf, sim_name_hash(name), 0, SIM_DRAW_CONTENT);
}

const sim_known_file *sim_known_file_find(const sim_run *r, uint32_t relay, tern_bytes name)
{
    static const char prefix[] = "received_";
    for (size_t i = 0; i < r->known_n; i++) {
        const char *have = r->known[i].name;
        if (r->known[i].relay == relay && strlen(have) == name.n && memcmp(have, name.p, name.n) == 0)
            return &r->known[i];
    }
    if (name.n < sizeof prefix || memcmp(name.p, prefix, sizeof prefix - 1) != 0) return NULL;
    return sim_known_file_find(r, relay, tern_bytes_of(name.p + sizeof prefix - 1, name.n - (sizeof prefix - 1)));
}

/* Of two files of one name the last one's size counts. */
uint64_t sim_known_file_add(sim_run *r, uint32_t relay, const char *name, uint64_t size)
{
    tern_bytes bytes = tern_bytes_of(name, strlen(name));
    size_t at = 0;
    while (at < r->known_n && (r->known[at].relay != relay || strcmp(r->known[at].name, name) != 0)) at++;
    if (at == r->known_n) {
        r->known = sim_grow(r->known, ++r->known_n, sizeof *r->known);
        r->known[at].relay = relay;
        snprintf(r->known[at].name, sizeof r->known[at].name, "%s", name);
    }
    r->known[at].key = sim_name_key(r, bytes);
    r->known[at].size = size;
    return r->known[at].key;
}
