/* SPDX-License-Identifier: MIT */
/* Members from one form into another. */
#include "relay/who.h"

#include <string.h>

_Static_assert(TERN_LABEL_MAX == TERN_NAME_MAX && TERN_NICK_SIZE == TERN_NAME_MAX + 1,
               "one bound for names (ROOM-002)");

void tern_who_to_info(const tern_who *who, tern_sender_info *info)
{
    memset(info, 0, sizeof *info);
    info->member = who->id;
    info->family = who->addr.family;
    memcpy(info->ip, who->addr.ip, sizeof info->ip);
    info->port = who->addr.port;
    info->nick_n = who->nick.n;
    memcpy(info->nick, who->nick.b, who->nick.n);
}

void tern_who_to_member(const tern_who *who, tern_member *member)
{
    member->id = who->id;
    member->addr = who->addr;
    tern_label_to_text(&who->nick, member->nick);
}

void tern_info_to_member(const tern_sender_info *info, tern_member *member)
{
    memset(member, 0, sizeof *member);
    member->id = info->member;
    member->addr.family = info->family;
    memcpy(member->addr.ip, info->ip, sizeof member->addr.ip);
    member->addr.port = info->port;
    memcpy(member->nick, info->nick, info->nick_n);
}

void tern_label_to_text(const tern_label *label, char text[TERN_NICK_SIZE])
{
    memset(text, 0, TERN_NICK_SIZE);
    memcpy(text, label->b, label->n);
}
