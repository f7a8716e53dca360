/* SPDX-License-Identifier: MIT */
#include "dialects/dialects.h"

static const tern_dialect_rules *const servers[] = {
    &tern_rsa_fragment_rules,
    &tern_tlv_multicast_rules,
    &tern_aes_session_rules,
    &tern_tls_chat_rules,
};

static const tern_dialect_client_rules *const clients[] = {
    &tern_rsa_fragment_client_rules,
    &tern_tlv_multicast_client_rules,
    &tern_aes_session_client_rules,
    &tern_tls_chat_client_rules,
};

const tern_dialect_facts *tern_dialect_at(size_t place)
{
    return place < sizeof servers / sizeof servers[0] ? &servers[place]->facts : NULL;
}

static bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) a++, b++;
    return *a == *b;
}

const tern_dialect_facts *tern_dialect_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
        if (same_text(name, servers[i]->facts.name)) return &servers[i]->facts;
    return NULL;
}

const tern_dialect_rules *tern_dialect_rules_of(tern_dialect dialect)
{
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
        if (servers[i]->facts.dialect == dialect) return servers[i];
    return NULL;
}

const tern_dialect_client_rules *tern_dialect_client_rules_of(tern_dialect dialect)
{
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
        if (clients[i]->dialect == dialect) return clients[i];
    return NULL;
}

/* A server and a client begin alike: with their node, whose verbs tell them apart. */
static tern_post *post_of(const tern_node *node)
{
    if (node->verbs == &tern_dialect_server_verbs) return &((tern_dialect_server *)(uintptr_t)node)->post;
    tern_assert(node->verbs == &tern_dialect_client_verbs);
    return &((tern_dialect_client *)(uintptr_t)node)->post;
}

size_t tern_dialect_read(tern_node *node, tern_buf out)
{
    return tern_post_read(post_of(node), out);
}

void tern_dialect_stats(const tern_node *node, tern_stats *stats)
{
    *stats = post_of(node)->stats;
    if (node->verbs == &tern_dialect_server_verbs) stats->connections = ((const tern_dialect_server *)node)->clients;
}
