/* SPDX-License-Identifier: MIT */
/* VERSIONs that a relay owes to who has no version or no suite in common with it (spec: connection 5). A few wait, and
 * leave at a bounded rate. */
#ifndef TERN_ENDPOINT_VERSION_H
#define TERN_ENDPOINT_VERSION_H

#include "endpoint/credit.h"
#include "handshake/handshake.h"

#define TERN_VERSIONS_MAX 16 /* that wait; also the burst */

typedef struct {
    tern_path path;
    tern_cid first_sid, cid;
} tern_version_owed;

typedef struct {
    tern_version_owed waiting[TERN_VERSIONS_MAX];
    uint32_t n;
    tern_credit credit; /* how many more may be owed */
} tern_versions;

void tern_versions_init(tern_versions *v, tern_time now);
/* A SYN came that nothing can be made of. Passed over when too many wait or have left. */
void tern_versions_owe(tern_versions *v, tern_time now, const tern_path *path, const tern_header *syn);
/* Writes one that is owed and says where it goes; the size, 0 when there is none. */
size_t tern_versions_take(tern_versions *v, const tern_handshake_config *config, tern_drbg *drbg, tern_buf out,
                          tern_path *path);

#endif
