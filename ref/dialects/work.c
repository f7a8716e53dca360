/* SPDX-License-Identifier: MIT */
#include "dialects/work.h"

#include <string.h>

#include "base/bounds.h"
#include "crypto/oaep.h"
#include "dialects/blocks.h"
#include "wire/packet.h"

#define PAUSE      TERN_MS                /* between one block and the next */
#define SEAL_AHEAD (20 * TERN_MS)         /* of the core's half, that may be taken at once */
#define SEAL_2048  (600 * TERN_MS / 1000) /* of one block; with the square of the length */

static size_t job_size(const tern_dialect_rules *rules, const tern_dialect_config *config)
{
    return rules->job_size != NULL ? tern_aligned(rules->job_size(config)) : 0;
}

size_t tern_dialect_jobs_size(const tern_dialect_rules *rules, const tern_dialect_config *config)
{
    return TERN_DIALECT_JOBS * job_size(rules, config);
}

void tern_dialect_jobs_init(tern_dialect_server *s, size_t at)
{
    s->jobs_at = at;
    s->job_at = TERN_TIME_NEVER;
}

static tern_dialect_job *job_at(const tern_dialect_server *s, uint32_t i)
{
    return (tern_dialect_job *)(uintptr_t)&s->job[(s->job_first + i) % TERN_DIALECT_JOBS];
}

static uint8_t *bytes_of(tern_dialect_server *s, const tern_dialect_job *job)
{
    return (uint8_t *)s + s->jobs_at + (size_t)(job - s->job) * job_size(s->rules, &s->config);
}

bool tern_dialect_job_add(tern_dialect_server *s, const tern_dialect_job *job, tern_bytes sealed)
{
    if (s->jobs == TERN_DIALECT_JOBS || sealed.n > job_size(s->rules, &s->config)) return false;
    tern_dialect_job *place = job_at(s, s->jobs);
    if (s->jobs++ == 0) s->job_at = s->now;
    *place = *job;
    place->n = sealed.n;
    place->at = place->text_n = 0;
    memcpy(bytes_of(s, place), sealed.p, sealed.n);
    return true;
}

bool tern_dialect_job_waits(const tern_dialect_server *s, const tern_said_mark *mark)
{
    for (uint32_t i = 0; i < s->jobs; i++)
        if (job_at(s, i)->mark.hash == mark->hash) return true;
    return false;
}

bool tern_dialect_job_is_of(const tern_dialect_server *s, const tern_addr *addr)
{
    for (uint32_t i = 0; i < s->jobs; i++)
        if (tern_addr_equal(&job_at(s, i)->path.remote, addr)) return true;
    return false;
}

static void end_job(tern_dialect_server *s, const tern_dialect_job *job, tern_drop drop)
{
    if (drop != TERN_DROP_NONE) s->post.stats.drops[drop]++;
    tern_assert(job == job_at(s, 0));
    s->job_first = (s->job_first + 1) % TERN_DIALECT_JOBS;
    s->jobs--;
}

/* Opens one block of the first in the queue. */
/*= DIA-011 */
static void open_block(tern_dialect_server *s)
{
    tern_dialect_job *job = job_at(s, 0);
    uint8_t *bytes = bytes_of(s, job);
    size_t n;
    if (!tern_oaep_open(&s->key, bytes + job->at, &n)) {
        end_job(s, job, TERN_DROP_AEAD);
        return;
    }
    memmove(bytes + job->text_n, bytes + job->at, n);
    job->text_n += n;
    job->at += s->key.public_key.n;
    if (job->at < job->n) return;
    end_job(s, job, s->rules->opened(s, job, tern_bytes_of(bytes, job->text_n)));
}

/*= DIA-011 */
bool tern_dialect_may_seal(tern_dialect_server *s, const tern_rsa_public *key, size_t text_n)
{
    uint64_t blocks = tern_blocks_size(key, text_n) / key->n;
    uint64_t cost = blocks * SEAL_2048 * key->n * key->n / (TERN_RSA_BYTES_MIN * TERN_RSA_BYTES_MIN);
    s->seal_waits = s->seal_until > s->now + SEAL_AHEAD;
    if (s->seal_waits) return false;
    s->seal_until = (s->seal_until > s->now ? s->seal_until : s->now) + 2 * cost;
    return true;
}

void tern_dialect_work(tern_dialect_server *s)
{
    if (s->jobs > 0 && s->now >= s->job_at) {
        open_block(s);
        s->job_at = s->jobs > 0 ? s->now + PAUSE : TERN_TIME_NEVER;
    }
    if (s->now + SEAL_AHEAD >= s->seal_until) s->seal_waits = false;
}

tern_time tern_dialect_work_next(const tern_dialect_server *s)
{
    tern_time seal = s->seal_waits ? s->seal_until - SEAL_AHEAD : TERN_TIME_NEVER;
    return seal < s->job_at ? seal : s->job_at;
}
