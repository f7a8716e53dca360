/* SPDX-License-Identifier: MIT */
/* tls-chat: a Python pickle of a tuple of one string, and nothing else (spec: dialects/tls-chat 2). A pickle is a
 * program: this reader knows the opcodes that such a tuple can contain, and builds nothing. */
#ifndef TERN_DIALECTS_TLS_CHAT_PICKLE_H
#define TERN_DIALECTS_TLS_CHAT_PICKLE_H

#include "base/io.h"

#define TERN_PICKLE_OVERHEAD 32 /* bytes around the text of what is written, at most */

typedef enum {
    TERN_PICKLE_OK,
    TERN_PICKLE_OPCODE,         /* one that could build or call something, or that we do not know */
    TERN_PICKLE_MALFORMED,      /* not a program of this machine: a stack that is empty, a memo that is not there */
    TERN_PICKLE_CUT,            /* it ends before its end */
    TERN_PICKLE_NOT_ONE_STRING, /* its result is something else, or it goes on behind it */
    TERN_PICKLE_LONG            /* more steps than any that is meant well takes */
} tern_pickle_result;

/* The string of the tuple, as UTF-8. It is a view of pickle, except for those with escapes (protocol 0), and strings of
 * Python 2 that are no UTF-8 and are read as Latin-1, which are written to scratch: twice the pickle's length is
 * enough. */
TERN_MUST_USE tern_pickle_result tern_pickle_read(tern_bytes pickle, tern_buf scratch, tern_bytes *text);
/* What pickle.dumps((text,), 4) writes. */
void tern_pickle_write(tern_writer *w, tern_bytes text);

#endif
