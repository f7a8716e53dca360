/* SPDX-License-Identifier: MIT */
/* What a server keeps over a restart (spec: dialects/rsa-fragment 2, tlv-multicast 2): whom it knows, and what was
 * said. */
#ifndef TERN_DIALECTS_STATE_H
#define TERN_DIALECTS_STATE_H

#include "dialects/said.h"
#include "dialects/server.h"

/* Of a dialect whose clients are known by their keys. */
struct tern_dialect_lasting {
    tern_rsa_public *(*key)(tern_dialect_guest *c); /* n 0: it has told none */
    tern_said *(*said)(tern_dialect_server *s);
};

#endif
