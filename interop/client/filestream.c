/* SPDX-License-Identifier: MIT */
/* The client's side of a stream with file TLVs (see filestream.h). */
#define _GNU_SOURCE
#include "filestream.h"

#include <string.h>

#include "posix/file_codes.h"
#include "posix/text.h"

void tern_filestream_init(tern_filestream *f, tern_session *session)
{
    memset(f, 0, sizeof *f);
    f->session = session;
}

bool tern_filestream_open(tern_filestream *f)
{
    if (f->open) return true;
    int result = tern_peer_stream_open(tern_session_node(f->session), 0, TERN_BOTH_WAYS, &f->id);
    if (result == TERN_OK) f->open = f->writable = true;
    if (result != TERN_OK && result != TERN_E_BLOCKED && result != TERN_E_CLOSED)
        tern_session_fail(f->session, "cannot open a stream: %s", tern_error_text((tern_error)result));
    return f->open;
}

size_t tern_filestream_write(tern_filestream *f, tern_bytes bytes)
{
    size_t taken = 0;
    int result = tern_peer_stream_write(tern_session_node(f->session), 0, f->id, bytes, &taken);
    if (result != TERN_OK) taken = 0;
    f->writable = taken == bytes.n;
    return taken;
}

void tern_filestream_say(tern_filestream *f, const tern_file_msg *m)
{
    tern_writer w = tern_writer_of((tern_buf){ f->out, sizeof f->out });
    tern_file_msg_emit(&w, m);
    f->out_n = w.n;
    f->out_at = 0;
}

bool tern_filestream_flush(tern_filestream *f)
{
    if (f->out_at < f->out_n && f->writable)
        f->out_at += tern_filestream_write(f, tern_bytes_of(f->out + f->out_at, f->out_n - f->out_at));
    return f->out_at == f->out_n;
}

void tern_filestream_finish(tern_filestream *f)
{
    if (!f->finished) (void)tern_peer_stream_finish(tern_session_node(f->session), 0, f->id);
    f->finished = true;
}

size_t tern_filestream_read(tern_filestream *f, tern_buf out)
{
    size_t n = 0;
    if (!f->open || f->input_ended) return 0;
    if (tern_peer_stream_read(tern_session_node(f->session), 0, f->id, out, &n, &f->input_ended) != TERN_OK) return 0;
    return n;
}

bool tern_filestream_hear(tern_filestream *f, tern_file_msg *m)
{
    while (!f->session->ending) {
        size_t n = tern_filestream_read(f, tern_tlv_input_room(&f->in));
        tern_tlv_got got = n > 0 ? tern_tlv_input_take(&f->in, n, m) : TERN_TLV_MORE;
        if (got == TERN_TLV_WHOLE) return true;
        if (got == TERN_TLV_BAD) tern_session_fail(f->session, "the relay's answer cannot be understood");
        if (n == 0 && f->input_ended) tern_session_fail(f->session, "the relay's answer ended too early");
        if (n == 0) return false;
    }
    return false;
}

void tern_filestream_refused(tern_filestream *f, const char *what, uint16_t code, tern_bytes text)
{
    char words[TERN_ESCAPED_SIZE(TERN_TEXT_MAX)];
    (void)tern_escape(text, words);
    if (text.n > 0)
        tern_session_fail(f->session, "the relay refused %s: %s", what, words);
    else
        tern_session_fail(f->session, "the relay broke off %s: %s", what, tern_file_code_words((tern_file_code)code));
}
