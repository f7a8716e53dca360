/* SPDX-License-Identifier: MIT */
/* Who issued the leaf of a chain (spec: handshake 9; RFC 5280 section 6). */
#ifndef TERN_CRYPTO_ISSUER_H
#define TERN_CRYPTO_ISSUER_H

#include "crypto/chain.h"
#include "crypto/issuer_key.h"

/* The key of the authority that issued the leaf of a chain that tern_chain_verify has found good; report is what it
 * told. It is an anchor that bears the name and has signed the leaf, or the second certificate, which was verified with
 * it, and nobody else: who made the chain cannot make himself the issuer. false when there is none, as when the leaf is
 * itself an anchor. */
TERN_MUST_USE bool tern_chain_issuer(const tern_chain *chain, const tern_anchors *anchors,
                                     const tern_chain_report *report, tern_issuer_key *key);

/* The same for one's own chain, by names alone: the second certificate, when the leaf names it as its issuer. */
TERN_MUST_USE bool tern_chain_named_issuer(const tern_chain *chain, tern_issuer_key *key);

/* Which of the anchors vouches for a chain that was found good; anchors->n when that cannot be told, as with an RSA key
 * of more than 4096 bits. Costs a signature for each anchor that has the name. */
TERN_MUST_USE size_t tern_chain_anchor(const tern_chain *chain, const tern_anchors *anchors,
                                       const tern_chain_report *report);

#endif
