/* SPDX-License-Identifier: MIT */
#include "dialects/tls_chat/words.h"

#include <string.h>

#include "dialects/lines.h"
#include "wire/room_tlv.h"

static const uint8_t name_is[] = { 'N', 'A', 'M', 'E', ':', ' ' };
static const uint8_t client_is[] = { 'C', 'L', 'I', 'E', 'N', 'T', ':', ' ' };

static bool begins_with(tern_bytes text, const uint8_t *start, size_t n)
{
    return text.n >= n && memcmp(text.p, start, n) == 0;
}

void tern_tlsc_write_name(tern_writer *w, tern_bytes name)
{
    tern_write_bytes(w, tern_bytes_of(name_is, sizeof name_is));
    tern_write_bytes(w, name);
}

/*= TCH-020 */
bool tern_tlsc_read_name(tern_bytes text, tern_bytes *name)
{
    if (!begins_with(text, name_is, sizeof name_is)) return false;
    *name = tern_bytes_of(text.p + sizeof name_is, text.n - sizeof name_is);
    return tern_room_name_ok(*name);
}

void tern_tlsc_write_welcome(tern_writer *w, const tern_addr *addr)
{
    tern_write_bytes(w, tern_bytes_of(client_is, sizeof client_is));
    tern_line_write_ip(w, addr);
}

bool tern_tlsc_is_welcome(tern_bytes text)
{
    return begins_with(text, client_is, sizeof client_is);
}

static void write_text(tern_writer *w, const char *text)
{
    while (*text != '\0') tern_write_u8(w, (uint8_t)*text++);
}

static void write_who(tern_writer *w, const tern_member *who)
{
    write_text(w, who->nick);
    tern_write_u8(w, '@');
    tern_line_write_ip(w, &who->addr);
}

static void write_number(tern_writer *w, uint32_t v)
{
    if (v >= 10) write_number(w, v / 10);
    tern_write_u8(w, (uint8_t)('0' + v % 10));
}

void tern_tlsc_write_event(tern_writer *w, const tern_event *event, uint32_t clients, tern_bytes body)
{
    switch ((int)event->type) {
    case TERN_EVENT_MESSAGE:
        write_text(w, "\n#[");
        write_who(w, &event->u.message.sender);
        write_text(w, "]>> ");
        tern_line_write_plain(w, body); /* a line break in it could forge another's */
        break;
    case TERN_EVENT_ARRIVED:
        write_text(w, "\n(Connected: New client (");
        write_number(w, clients);
        write_text(w, ") from ");
        write_who(w, &event->u.presence.who);
        write_text(w, ")");
        break;
    case TERN_EVENT_LEFT:
        write_text(w, "\n(Hung up: Client from ");
        write_who(w, &event->u.presence.who);
        write_text(w, ")");
        break;
    default: break;
    }
}
