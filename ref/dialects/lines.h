/* SPDX-License-Identifier: MIT */
/* What happens in a room as a line of text, for dialects that have no form of their own for it (spec: dialects 1). */
#ifndef TERN_DIALECTS_LINES_H
#define TERN_DIALECTS_LINES_H

#include "base/io.h"
#include "tern.h"

#define TERN_LINE_EXTRA (TERN_NICK_SIZE + 16) /* bytes around a text, at most */

/* "ada> text", "* ada joined", "* ada left"; its length, 0 for an event that has no line, or no room. */
size_t tern_line_of(const tern_event *event, tern_bytes body, tern_buf out);

/* Writes a text as a person may see it: no control characters, and nothing that is not UTF-8; spaces and '?' stand
 * instead. */
void tern_line_write_plain(tern_writer *w, tern_bytes text);
/* Without its port and brackets. */
void tern_line_write_ip(tern_writer *w, const tern_addr *addr);
/* An address as a name: 192.0.2.1:5007 or [2001:db8:0:0:0:0:0:1]:5007. */
void tern_line_address(const tern_addr *addr, char nick[TERN_NICK_SIZE]);

#endif
