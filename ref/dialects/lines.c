/* SPDX-License-Identifier: MIT */
#include "dialects/lines.h"

#include "base/io.h"

static void write_text(tern_writer *w, const char *text)
{
    while (*text != '\0') tern_write_u8(w, (uint8_t)*text++);
}

static void write_presence(tern_writer *w, const tern_event *event, const char *what)
{
    write_text(w, "* ");
    write_text(w, event->u.presence.who.nick);
    write_text(w, what);
}

size_t tern_line_of(const tern_event *event, const tern_bytes body[2], tern_buf out)
{
    tern_writer w = tern_writer_of(out);
    switch ((int)event->type) {
    case TERN_EVENT_MESSAGE:
        write_text(&w, event->u.message.sender.nick);
        write_text(&w, "> ");
        for (size_t i = 0; i < 2; i++)
            if (body[i].n > 0) tern_write_bytes(&w, body[i]);
        break;
    case TERN_EVENT_PRESENT:
    case TERN_EVENT_ARRIVED: write_presence(&w, event, " has joined"); break;
    case TERN_EVENT_LEFT: write_presence(&w, event, " has left"); break;
    default: break;
    }
    return tern_writer_ok(&w) ? w.n : 0;
}
