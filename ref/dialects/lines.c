/* SPDX-License-Identifier: MIT */
#include "dialects/lines.h"

#include <string.h>

#include "base/utf8.h"

static void write_text(tern_writer *w, const char *text)
{
    while (*text != '\0') tern_write_u8(w, (uint8_t)*text++);
}

void tern_line_write_plain(tern_writer *w, tern_bytes text)
{
    while (text.n > 0) {
        tern_reader r = tern_reader_of(text);
        uint32_t c = tern_utf8_next(&r);
        size_t n = tern_reader_ok(&r) ? text.n - r.left : 1;
        if (!tern_reader_ok(&r))
            tern_write_u8(w, '?');
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            tern_write_u8(w, ' ');
        else
            tern_write_bytes(w, tern_bytes_of(text.p, n));
        text = tern_bytes_of(text.p + n, text.n - n);
    }
}

static void write_presence(tern_writer *w, const tern_event *event, const char *what)
{
    write_text(w, "* ");
    write_text(w, event->u.presence.who.nick);
    write_text(w, what);
}

/*= DIA-030 */
size_t tern_line_of(const tern_event *event, tern_bytes body, tern_buf out)
{
    tern_writer w = tern_writer_of(out);
    switch ((int)event->type) {
    case TERN_EVENT_MESSAGE:
        write_text(&w, event->u.message.sender.nick);
        write_text(&w, "> ");
        tern_line_write_plain(&w, body);
        break;
    case TERN_EVENT_PRESENT: write_presence(&w, event, " is here"); break;
    case TERN_EVENT_ARRIVED: write_presence(&w, event, " joined"); break;
    case TERN_EVENT_LEFT: write_presence(&w, event, " left"); break;
    default: break;
    }
    return tern_writer_ok(&w) ? w.n : 0;
}

static size_t write_number(char *out, unsigned v, unsigned base)
{
    char digits[8];
    size_t n = 0, at = 0;
    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v > 0);
    while (n > 0) out[at++] = digits[--n];
    return at;
}

/* The address without its port; IPv6 in full. */
static size_t write_ip(const tern_addr *addr, char *out)
{
    size_t at = 0;
    bool six = addr->family == 6;
    for (size_t i = 0; i < (six ? 8 : 4); i++) {
        if (i > 0) out[at++] = six ? ':' : '.';
        unsigned v = six ? (unsigned)addr->ip[2 * i] << 8 | addr->ip[2 * i + 1] : addr->ip[i];
        at += write_number(out + at, v, six ? 16 : 10);
    }
    return at;
}

void tern_line_write_ip(tern_writer *w, const tern_addr *addr)
{
    char text[TERN_NICK_SIZE];
    size_t n = write_ip(addr, text);
    tern_write_bytes(w, tern_bytes_of(text, n));
}

void tern_line_address(const tern_addr *addr, char nick[TERN_NICK_SIZE])
{
    size_t at = 0;
    bool six = addr->family == 6;
    memset(nick, 0, TERN_NICK_SIZE);
    if (six) nick[at++] = '[';
    at += write_ip(addr, nick + at);
    if (six) nick[at++] = ']';
    nick[at++] = ':';
    (void)write_number(nick + at, addr->port, 10);
}
