/* SPDX-License-Identifier: MIT */
/* Between a dialect's server and a relay (spec: dialects): who of the one is which guest of the other, and what goes
 * over from each side. */
#include <string.h>

#include "relay/text.h"
#include "tern.h"

#define NUMBERS_MOST 9 /* behind a name that is taken: the last is -9 */

typedef struct {
    tern_peer client; /* 0: nobody */
    tern_guest guest;
} pair;

struct tern_bridge {
    char room[TERN_NICK_SIZE];
    uint32_t max_clients, clients;
    uint32_t first; /* whose turn it is to be told first */
    pair pairs[];   /* max_clients */
};

size_t tern_bridge_footprint(const tern_bridge_config *config)
{
    return sizeof(tern_bridge) + config->max_clients * sizeof(pair);
}

tern_bridge *tern_bridge_init(void *memory, const tern_bridge_config *config)
{
    tern_bridge *b = memory;
    tern_bytes room = tern_text_bytes(config->room, TERN_NICK_SIZE);
    if (!tern_room_name_ok(room)) return NULL;
    memset(b, 0, tern_bridge_footprint(config));
    b->max_clients = config->max_clients;
    memcpy(b->room, room.p, room.n);
    return b;
}

static pair *find(tern_bridge *b, tern_peer client)
{
    for (uint32_t i = 0; i < b->max_clients; i++)
        if (b->pairs[i].client == client) return &b->pairs[i];
    return NULL;
}

/* nick, with a number behind it, cut so that both fit; n 1 is the name itself. */
static void numbered(char out[TERN_NICK_SIZE], const char *nick, unsigned n)
{
    size_t length = 0;
    memset(out, 0, TERN_NICK_SIZE);
    while (length < TERN_NICK_SIZE - 1 && nick[length] != '\0') length++;
    if (n > 1 && length > TERN_NICK_SIZE - 3) length = TERN_NICK_SIZE - 3;
    while (n > 1 && length > 0 && ((uint8_t)nick[length] & 0xc0) == 0x80) length--; /* no character is cut */
    memcpy(out, nick, length);
    if (n > 1) out[length] = '-', out[length + 1] = (char)('0' + n);
}

static int join(const tern_bridge *b, tern_node *relay, tern_time now, const tern_member *who, tern_guest *guest,
                tern_refused *why)
{
    char nick[TERN_NICK_SIZE];
    tern_guest_join ask = { .room = b->room, .nick = nick, .addr = who->addr };
    int result = TERN_E_BAD_INPUT;
    *why = TERN_REFUSED_NICK_TAKEN;
    for (unsigned n = 1; n <= NUMBERS_MOST && result == TERN_E_BAD_INPUT && *why == TERN_REFUSED_NICK_TAKEN; n++) {
        numbered(nick, who->nick, n);
        result = tern_relay_guest_join(relay, now, &ask, guest, why);
    }
    if (result == TERN_E_BLOCKED) *why = TERN_REFUSED_ROOM_FULL;
    return result;
}

/* Who is there already. What does not fit its queue now is not told: it is presence, not words. */
static void welcome(tern_node *relay, tern_node *server, tern_time now, const pair *p)
{
    tern_event event = { .type = TERN_EVENT_PRESENT };
    uint32_t place = 0;
    while (tern_relay_guest_present(relay, p->guest, &place, &event.u.presence.who))
        (void)tern_dialect_tell(server, now, p->client, &event, tern_bytes_of(NULL, 0));
}

static void on_arrived(tern_bridge *b, tern_node *relay, tern_node *server, tern_time now, tern_event *event)
{
    pair *p = find(b, 0);
    tern_refused why = TERN_REFUSED_ROOM_FULL;
    if (p != NULL && join(b, relay, now, &event->u.presence.who, &p->guest, &why) == TERN_OK) {
        p->client = event->peer;
        b->clients++;
        welcome(relay, server, now, p);
        return;
    }
    tern_dialect_send_away(server, now, event->peer);
    event->type = TERN_EVENT_REFUSED;
    event->u.refused.code = (uint16_t)why;
}

/* The text goes to the room in one piece, as it came. */
static void on_message(tern_node *relay, tern_node *server, tern_time now, const pair *p, const tern_event *event)
{
    uint8_t text[TERN_DIALECT_TEXT_MAX];
    size_t n = tern_dialect_read(server, (tern_buf){ text, sizeof text });
    tern_assert(n == event->u.message.size);
    (void)event;
    (void)tern_relay_guest_publish(relay, now, p->guest, tern_bytes_of(text, n));
}

static void carry(tern_bridge *b, tern_node *relay, tern_node *server, tern_time now, tern_event *event)
{
    pair *p = find(b, event->peer);
    if (event->type == TERN_EVENT_ARRIVED) {
        on_arrived(b, relay, server, now, event);
        return;
    }
    if (p == NULL) return; /* one who was sent away */
    if (event->type == TERN_EVENT_MESSAGE) on_message(relay, server, now, p, event);
    if (event->type != TERN_EVENT_LEFT) return;
    tern_relay_guest_leave(relay, now, p->guest, (tern_left_why)event->u.presence.why);
    *p = (pair){ 0 };
    b->clients--;
}

/* What a guest does itself it is not told. */
static bool is_own(const tern_event *event, tern_guest guest)
{
    if (event->type == TERN_EVENT_MESSAGE) return event->u.message.sender.id == guest.id;
    return event->type != TERN_EVENT_MISSED && event->u.presence.who.id == guest.id;
}

/* The text of an event in one piece; one that is longer than dialects carry is empty, and nobody is told. */
static tern_bytes join_text(const tern_bytes body[2], uint8_t text[TERN_DIALECT_TEXT_MAX])
{
    size_t n = body[0].n + body[1].n;
    if (n > TERN_DIALECT_TEXT_MAX) return tern_bytes_of(NULL, 0);
    if (body[0].n > 0) memcpy(text, body[0].p, body[0].n);
    if (body[1].n > 0) memcpy(text + body[0].n, body[1].p, body[1].n);
    return tern_bytes_of(text, n);
}

static void feed(tern_node *relay, tern_node *server, tern_time now, const pair *p)
{
    uint8_t room[TERN_DIALECT_TEXT_MAX];
    tern_event event;
    tern_bytes body[2];
    while (tern_relay_guest_next(relay, p->guest, &event, body)) {
        tern_bytes text = join_text(body, room);
        bool for_it = !is_own(&event, p->guest) && (event.type != TERN_EVENT_MESSAGE || text.n > 0);
        if (for_it && tern_dialect_tell(server, now, p->client, &event, text) == TERN_E_BLOCKED) return;
        tern_relay_guest_took(relay, p->guest);
    }
}

static uint32_t after(const tern_bridge *b, uint32_t place)
{
    return place + 1 < b->max_clients ? place + 1 : 0;
}

bool tern_bridge_poll(tern_bridge *b, tern_node *relay, tern_node *server, tern_time now, tern_event *event)
{
    if (tern_node_poll(server, event)) {
        carry(b, relay, server, now, event);
        return true;
    }
    for (uint32_t i = 0, at = b->first; i < b->max_clients && b->clients > 0; i++, at = after(b, at))
        if (b->pairs[at].client != 0) feed(relay, server, now, &b->pairs[at]);
    /* What a server may do at once is not always one and the same client's. */
    if (b->clients > 0) b->first = after(b, b->first);
    if (!tern_node_poll(server, event)) return false; /* feeding may have ended a client */
    carry(b, relay, server, now, event);
    return true;
}
