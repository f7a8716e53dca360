/* SPDX-License-Identifier: MIT */
/* The client's side of a stream with file TLVs (spec: rooms 2): what put, get and ping share. */
#ifndef TERN_CLIENT_FILESTREAM_H
#define TERN_CLIENT_FILESTREAM_H

#include "posix/tlv_input.h"
#include "session.h"

#define TERN_FILE_NAME_RULE "1 to 200 bytes of UTF-8, no slash, backslash or control character, no dot in front"

typedef struct {
    tern_session *session;
    uint32_t id;
    bool open, finished;
    bool writable; /* false: it took less than it was given */
    bool input_ended;
    tern_tlv_input in;
    uint8_t out[TERN_FILE_MSG_MAX];
    size_t out_n, out_at; /* of the TLV that is being sent */
} tern_filestream;

void tern_filestream_init(tern_filestream *f, tern_session *session);
/* Opens it, unless it is open. false: not now; try again in the next round. */
bool tern_filestream_open(tern_filestream *f);
void tern_filestream_say(tern_filestream *f, const tern_file_msg *m); /* the last one must be sent */
/* Sends what is left of the TLV. true when nothing is. */
bool tern_filestream_flush(tern_filestream *f);
size_t tern_filestream_write(tern_filestream *f, tern_bytes bytes); /* how many it took */
void tern_filestream_finish(tern_filestream *f);
/* Reads on in the next TLV of the relay. false: not yet, or it failed and the session ends. */
bool tern_filestream_hear(tern_filestream *f, tern_file_msg *m);
size_t tern_filestream_read(tern_filestream *f, tern_buf out);
/* FILE_ERROR, RESET or an early end: one line that says what the relay would not do; the session ends. */
void tern_filestream_refused(tern_filestream *f, const char *what, uint16_t code, tern_bytes text);

#endif
