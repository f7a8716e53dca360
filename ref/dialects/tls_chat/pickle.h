/* SPDX-License-Identifier: MIT */
/* tls-chat: a Python pickle of a tuple of one string, and nothing else (spec: dialects/tls-chat 2). A pickle is a
 * program: this reader knows the opcodes that such a tuple can contain, and builds nothing. */
#ifndef TERN_DIALECTS_TLS_CHAT_PICKLE_H
#define TERN_DIALECTS_TLS_CHAT_PICKLE_H

#include "base/error.h"
#include "base/io.h"

#define TERN_PICKLE_OVERHEAD 32 /* bytes around the text of what is written, at most */

/* The string of the tuple, as UTF-8. It is a view of pickle, except for those with escapes (protocol 0), and strings of
 * Python 2 that are no UTF-8 and are read as Latin-1, which are written to scratch: twice the pickle's length is
 * enough. TERN_DROP_NONE, or one of TERN_DROP_PICKLE_... */
TERN_MUST_USE tern_drop tern_pickle_read(tern_bytes pickle, tern_buf scratch, tern_bytes *text);
/* What pickle.dumps((text,), 4) writes. */
void tern_pickle_write(tern_writer *w, tern_bytes text);

#endif
