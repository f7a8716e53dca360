/* SPDX-License-Identifier: MIT */
/* What the authorities of a chain say of the chain below them, where BearSSL does not look: nameConstraints, and an
 * anchor's own pathLenConstraint (spec: handshake 3; RFC 5280 sections 4.2.1.9 and 4.2.1.10). */
#ifndef TERN_CRYPTO_NAME_LIMITS_H
#define TERN_CRYPTO_NAME_LIMITS_H

#include "crypto/chain.h"

/* Of a chain whose signatures are verified; anchored is the certificate that an anchor vouches for, whose name and key
 * may be the anchor's. Names are those of each subjectAltName and the one that is asked for. GOOD, PATH, CONSTRAINED,
 * CONSTRAINTS, UNREADABLE. */
TERN_MUST_USE tern_chain_fault tern_chain_limits(const tern_chain *chain, const tern_anchors *anchors, size_t anchored,
                                                 const tern_name *asked);

#endif
