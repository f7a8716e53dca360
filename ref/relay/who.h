/* SPDX-License-Identifier: MIT */
/* One member in three forms: as a room keeps it, as SENDER_INFO carries it, as an application sees it. */
#ifndef TERN_RELAY_WHO_H
#define TERN_RELAY_WHO_H

#include "room/history.h"
#include "tern.h"

void tern_who_to_info(const tern_who *who, tern_sender_info *info);
void tern_who_to_member(const tern_who *who, tern_member *member);
void tern_info_to_member(const tern_sender_info *info, tern_member *member);
void tern_label_to_text(const tern_label *label, char text[TERN_NICK_SIZE]); /* with a terminating zero */

#endif
