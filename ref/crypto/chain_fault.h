/* SPDX-License-Identifier: MIT */
/* Inside crypto/chain: which fault a chain has, where BearSSL only says roughly which, or does not look. */
#ifndef TERN_CRYPTO_CHAIN_FAULT_H
#define TERN_CRYPTO_CHAIN_FAULT_H

#include "crypto/chain.h"

/* The fault that BearSSL's reason (BR_ERR_X509_*, not 0) stands for, for which the chain is looked at once more; no
 * signature is verified. Never GOOD. */
TERN_MUST_USE tern_chain_fault tern_chain_diagnose(int reason, const tern_chain *chain, const tern_anchors *anchors,
                                                   uint64_t unix_seconds);
/* What the extensions of a peer's own certificate say that its key is for: GOOD, USAGE, NOT_FOR_RELAY, NOT_FOR_CLIENT.
 */
TERN_MUST_USE tern_chain_fault tern_chain_leaf_usage(tern_bytes extensions, tern_purpose purpose);

#endif
