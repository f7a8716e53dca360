/* SPDX-License-Identifier: MIT */
/* What a relay takes, told as seldom as a stateless reset. */
#include "endpoint/version.h"

#include "wire/version.h"

#define CREDIT_NS (10 * TERN_MS) /* a VERSION's worth */

void tern_versions_init(tern_versions *v, tern_time now)
{
    v->n = 0;
    tern_credit_init(&v->credit, TERN_VERSIONS_MAX, CREDIT_NS, now);
}

void tern_versions_owe(tern_versions *v, tern_time now, const tern_path *path, const tern_header *syn)
{
    /*= CONN-066 */
    if (v->n == TERN_VERSIONS_MAX || !tern_credit_take(&v->credit, now)) return;
    v->waiting[v->n++] = (tern_version_owed){ *path, syn->to, syn->from };
}

size_t tern_versions_take(tern_versions *v, const tern_handshake_config *config, tern_drbg *drbg, tern_buf out,
                          tern_path *path)
{
    if (v->n == 0 || out.n < TERN_VERSION_SIZE_MAX) return 0;
    const tern_version_owed *owed = &v->waiting[--v->n];
    tern_writer w = tern_writer_of(out);
    uint64_t chance = tern_drbg_u64(drbg);
    /*= WIRE-073 */
    tern_offer offer = { .version = { ((uint32_t)chance & 0xf0f0f0f0) | 0x0a0a0a0a, TERN_VERSION }, .versions = 2 };
    /*= CONN-065 */
    for (size_t i = 0; i < config->suites_n; i++) offer.suite[offer.suites++] = (uint16_t)config->suites[i];
    offer.suite[offer.suites++] = tern_suite_grease((uint16_t)(chance >> 32));
    *path = owed->path;
    tern_version_emit(&w, &owed->cid, &owed->first_sid, &offer);
    return w.n;
}
