/* SPDX-License-Identifier: MIT */
#include "dialects/said.h"

#include <string.h>

tern_said_mark tern_said_mark_of(tern_bytes bytes, uint64_t sender)
{
    uint8_t full[TERN_SHA256_SIZE];
    tern_said_mark mark = { .sender = sender };
    tern_sha256_of(bytes, full);
    memcpy(&mark.hash, full, sizeof mark.hash);
    return mark;
}

tern_said_before tern_said_look(const tern_said *s, const tern_said_mark *mark)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (s->mark[i].hash == mark->hash)
            return s->mark[i].sender == mark->sender ? TERN_SAID_BY_THIS_ONE : TERN_SAID_BY_ANOTHER;
    return TERN_SAID_NEVER;
}

void tern_said_remember(tern_said *s, const tern_said_mark *mark)
{
    s->mark[s->next] = *mark;
    s->next = (s->next + 1) % TERN_SAID_MOST;
    if (s->n < TERN_SAID_MOST) s->n++;
}
