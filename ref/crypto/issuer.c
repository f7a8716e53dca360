/* SPDX-License-Identifier: MIT */
/* Who issued the leaf. */
#include "crypto/issuer.h"

#include "crypto/der.h"

static bool signed_by(const tern_der_certificate *leaf, const tern_anchor *anchor, tern_issuer_key *key)
{
    if (!anchor->is_ca || !tern_der_same(anchor->subject, leaf->issuer)) return false;
    if (!tern_issuer_key_read(anchor->key_info, key)) return false;
    return tern_issuer_key_verify(key, leaf->algorithm, leaf->tbs, leaf->signature);
}

size_t tern_chain_anchor(const tern_chain *chain, const tern_anchors *anchors, const tern_chain_report *report)
{
    tern_der_certificate top;
    tern_issuer_key key;
    if (report->fault != TERN_CHAIN_GOOD) return anchors->n;
    if (!tern_der_certificate_read(chain->certificate[report->anchored], &top)) return anchors->n;
    for (size_t i = 0; i < anchors->n; i++) {
        const tern_anchor *anchor = &anchors->anchor[i];
        bool itself = tern_der_same(anchor->subject, top.subject) && tern_der_same(anchor->key_info, top.key_info);
        if (itself || signed_by(&top, anchor, &key)) return i;
    }
    return anchors->n;
}

bool tern_chain_named_issuer(const tern_chain *chain, tern_issuer_key *key)
{
    tern_der_certificate leaf, second;
    if (chain->n < 2 || !tern_der_certificate_read(chain->certificate[0], &leaf)) return false;
    if (!tern_der_certificate_read(chain->certificate[1], &second)) return false;
    return tern_der_same(second.subject, leaf.issuer) && tern_issuer_key_read(second.key_info, key);
}

bool tern_chain_issuer(const tern_chain *chain, const tern_anchors *anchors, const tern_chain_report *report,
                       tern_issuer_key *key)
{
    tern_der_certificate leaf;
    if (report->fault != TERN_CHAIN_GOOD) return false;
    if (report->anchored > 0) return tern_chain_named_issuer(chain, key);
    if (!tern_der_certificate_read(chain->certificate[0], &leaf)) return false;
    for (size_t i = 0; i < anchors->n; i++)
        if (signed_by(&leaf, &anchors->anchor[i], key)) return true;
    return false;
}
