/* SPDX-License-Identifier: MIT */
/* Names and lengths of a chain against what its authorities allow. */
#include "crypto/name_limits.h"

#include "crypto/der.h"
#include "crypto/issuer.h"

#define DNS TERN_DER_CONTEXT(2)
#define IP  TERN_DER_CONTEXT(7)

static const uint8_t name_constraints[] = { 0x55, 0x1d, 0x1e }, subject_alt_name[] = { 0x55, 0x1d, 0x11 };

static tern_bytes oid_of(const uint8_t oid[3])
{
    return tern_bytes_of(oid, 3);
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* The same, or something below it; a subtree that begins with a dot is what is below alone. */
static bool dns_within(tern_bytes name, tern_bytes tree)
{
    if (tree.n == 0) return true;
    if (name.n < tree.n) return false;
    size_t above = name.n - tree.n;
    if (above > 0 && tree.p[0] != '.' && name.p[above - 1] != '.') return false;
    for (size_t i = 0; i < tree.n; i++)
        if (lower(name.p[above + i]) != lower(tree.p[i])) return false;
    return true;
}

/* tree: the address and, of the same length, the bits that count. */
static bool ip_within(tern_bytes ip, tern_bytes tree)
{
    if (tree.n != 2 * ip.n) return false;
    for (size_t i = 0; i < ip.n; i++)
        if (((ip.p[i] ^ tree.p[i]) & tree.p[ip.n + i]) != 0) return false;
    return true;
}

static bool within(uint8_t form, tern_bytes name, tern_bytes tree)
{
    return form == DNS ? dns_within(name, tree) : ip_within(name, tree);
}

/* What nameConstraints say: GeneralSubtrees, each list empty when it is not there. */
typedef struct {
    tern_bytes permitted, excluded;
} limits;

/* The base of the next GeneralSubtree. Only names of these forms, with no minimum and no maximum, are known. */
static bool next_tree(tern_bytes *trees, tern_der *base)
{
    tern_bytes tree;
    if (!tern_der_expect(trees, TERN_DER_SEQUENCE, &tree) || !tern_der_next(&tree, base) || tree.n != 0) return false;
    return base->tag == DNS || (base->tag == IP && (base->value.n == 8 || base->value.n == 32));
}

static bool all_known(tern_bytes trees)
{
    tern_der base;
    while (trees.n > 0)
        if (!next_tree(&trees, &base)) return false;
    return true;
}

static bool read_limits(tern_bytes content, limits *l)
{
    tern_bytes parts;
    *l = (limits){ 0 };
    if (!tern_der_expect(&content, TERN_DER_SEQUENCE, &parts) || content.n != 0) return false;
    bool permits = tern_der_expect(&parts, TERN_DER_CONTEXT_CONSTRUCTED(0), &l->permitted);
    bool excludes = tern_der_expect(&parts, TERN_DER_CONTEXT_CONSTRUCTED(1), &l->excluded);
    return (permits || excludes) && parts.n == 0 && all_known(l->permitted) && all_known(l->excluded);
}

/* In none that is excluded, and in one that is permitted, when there is any of its form. */
static bool name_allowed(const limits *l, uint8_t form, tern_bytes name)
{
    tern_bytes trees = l->excluded;
    tern_der base;
    bool asked = false, permitted = false;
    while (trees.n > 0 && next_tree(&trees, &base))
        if (base.tag == form && within(form, name, base.value)) return false;
    trees = l->permitted;
    while (trees.n > 0 && next_tree(&trees, &base)) {
        if (base.tag != form) continue;
        asked = true;
        permitted = permitted || within(form, name, base.value);
    }
    return permitted || !asked;
}

static tern_chain_fault judge_certificate(const limits *l, const tern_der_certificate *certificate)
{
    tern_der_extension e;
    tern_bytes names;
    tern_der name;
    if (!tern_der_extension_find(certificate->extensions, oid_of(subject_alt_name), &e)) return TERN_CHAIN_GOOD;
    if (!tern_der_expect(&e.content, TERN_DER_SEQUENCE, &names) || e.content.n != 0) return TERN_CHAIN_UNREADABLE;
    while (names.n > 0) {
        if (!tern_der_next(&names, &name)) return TERN_CHAIN_UNREADABLE;
        if ((name.tag == DNS || name.tag == IP) && !name_allowed(l, name.tag, name.value))
            return TERN_CHAIN_CONSTRAINED;
    }
    return TERN_CHAIN_GOOD;
}

/* What the extensions of an authority say of the first `below` certificates of the chain, and of the name that is asked
 * for, which may be the common name of the first, or one that its `*` stands for. */
static tern_chain_fault judge(const tern_chain *chain, size_t below, tern_bytes extensions, const tern_name *asked)
{
    tern_der_extension e;
    limits l;
    if (!tern_der_extension_find(extensions, oid_of(name_constraints), &e)) return TERN_CHAIN_GOOD;
    if (!read_limits(e.content, &l)) return TERN_CHAIN_CONSTRAINTS;
    if (asked->kind != TERN_NAME_ANY && !name_allowed(&l, asked->kind == TERN_NAME_DNS ? DNS : IP, asked->value))
        return TERN_CHAIN_CONSTRAINED;
    for (size_t i = 0; i < below; i++) {
        tern_der_certificate parts;
        if (!tern_der_certificate_read(chain->certificate[i], &parts)) return TERN_CHAIN_UNREADABLE;
        tern_chain_fault fault = judge_certificate(&l, &parts);
        if (fault != TERN_CHAIN_GOOD) return fault;
    }
    return TERN_CHAIN_GOOD;
}

/* The anchor's limits are on its certificate, not in the chain. */
static tern_chain_fault judge_anchor(const tern_chain *chain, const tern_anchor *anchor, size_t anchored,
                                     const tern_name *asked)
{
    tern_der_certificate top;
    if (!tern_der_certificate_read(chain->certificate[anchored], &top)) return TERN_CHAIN_UNREADABLE;
    bool itself = tern_der_same(anchor->subject, top.subject) && tern_der_same(anchor->key_info, top.key_info);
    if (itself && anchored == 0) return TERN_CHAIN_GOOD; /* it vouches for itself */
    size_t below = itself ? anchored : anchored + 1;
    tern_constraints c = tern_constraints_read(anchor->extensions);
    if (c.limited && below - 1 > c.below_max) return TERN_CHAIN_PATH;
    return judge(chain, below, anchor->extensions, asked);
}

static bool says_something(const tern_anchor *anchor)
{
    tern_der_extension e;
    return tern_constraints_read(anchor->extensions).limited ||
           tern_der_extension_find(anchor->extensions, oid_of(name_constraints), &e);
}

/*= HS-028 HS-029 */
tern_chain_fault tern_chain_limits(const tern_chain *chain, const tern_anchors *anchors, size_t anchored,
                                   const tern_name *asked)
{
    const tern_chain_report report = { TERN_CHAIN_GOOD, anchored };
    bool limited = false;
    for (size_t i = 1; i <= anchored; i++) {
        tern_der_certificate parts;
        if (!tern_der_certificate_read(chain->certificate[i], &parts)) return TERN_CHAIN_UNREADABLE;
        tern_chain_fault fault = judge(chain, i, parts.extensions, asked);
        if (fault != TERN_CHAIN_GOOD) return fault;
    }
    for (size_t i = 0; i < anchors->n; i++) limited = limited || says_something(&anchors->anchor[i]);
    if (!limited) return TERN_CHAIN_GOOD; /* which spares a signature */
    size_t which = tern_chain_anchor(chain, anchors, &report);
    return which < anchors->n ? judge_anchor(chain, &anchors->anchor[which], anchored, asked) : TERN_CHAIN_CONSTRAINTS;
}
