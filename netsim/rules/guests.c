/* SPDX-License-Identifier: MIT */
/* Each system shows in its own form who said what (spec: dialects). Written without a look at how the relay makes it.
 */
#include "rules/guests.h"

#include <stdlib.h>
#include <string.h>

sim_words *sim_words_new(tern_bytes text)
{
    sim_words *w = sim_grow(NULL, 1, sizeof *w + text.n);
    memset(w->heard, 0, sizeof w->heard);
    w->n = text.n;
    if (text.n > 0) memcpy(w->text, text.p, text.n);
    return w;
}

bool sim_words_first(sim_words *w, uint32_t node)
{
    uint8_t bit = (uint8_t)(1u << node % 8);
    bool first = (w->heard[node / 8] & bit) == 0;
    w->heard[node / 8] |= bit;
    return first;
}

void sim_guests_letters(tern_buf text)
{
    for (size_t i = 0; i < text.n; i++) text.p[i] = (uint8_t)('a' + text.p[i] % 26);
}

void sim_guests_forget(sim_run *r, uint32_t who)
{
    for (uint32_t i = 0; i < r->scenario->nodes_n; i++)
        for (size_t k = 0; k < r->people[i].published_n; k++)
            if (r->people[i].published[k].words != NULL)
                r->people[i].published[k].words->heard[who / 8] &= (uint8_t) ~(1u << who % 8);
}

/* ---- a line, taken apart ---- */

/* Where a text stands in a line first; the line's length when it does not. */
static size_t find(tern_bytes line, const char *text)
{
    size_t n = strlen(text);
    for (size_t at = 0; n <= line.n && at <= line.n - n; at++)
        if (memcmp(line.p + at, text, n) == 0) return at;
    return line.n;
}

static bool begins(tern_bytes line, const char *text)
{
    return line.n >= strlen(text) && memcmp(line.p, text, strlen(text)) == 0;
}

static bool ends(tern_bytes line, const char *text)
{
    size_t n = strlen(text);
    return line.n >= n && memcmp(line.p + line.n - n, text, n) == 0;
}

static bool is_presence(tern_dialect dialect, tern_bytes line)
{
    if (dialect == TERN_DIALECT_TLV_MULTICAST) return false; /* it has events of its own */
    if (dialect == TERN_DIALECT_TLS_CHAT) return begins(line, "(Connected: ") || begins(line, "(Hung up: ");
    return begins(line, "* ") && (ends(line, " joined") || ends(line, " left") || ends(line, " is here"));
}

typedef struct {
    tern_bytes nick, text;
} said;

static bool take_apart(tern_dialect dialect, const tern_event *e, tern_bytes line, said *s)
{
    const char *between = dialect == TERN_DIALECT_TLS_CHAT ? "]>> " : "> ";
    size_t at = find(line, between), begin = 0;
    if (dialect == TERN_DIALECT_TLV_MULTICAST) {
        *s = (said){ tern_bytes_of(e->u.message.sender.nick, strlen(e->u.message.sender.nick)), line };
        return true;
    }
    if (dialect == TERN_DIALECT_TLS_CHAT) begin = 2;
    if (at == line.n || at < begin || (begin > 0 && !begins(line, "#["))) return false;
    s->text = tern_bytes_of(line.p + at + strlen(between), line.n - at - strlen(between));
    s->nick = tern_bytes_of(line.p + begin, at - begin);
    while (begin > 0 && s->nick.n > 0 && s->nick.p[s->nick.n - 1] != '@') s->nick.n--; /* the address behind it */
    if (begin > 0 && s->nick.n > 0) s->nick.n--;
    return true;
}

/* ---- whose it is ---- */

static bool is_address(const tern_addr *a, tern_bytes nick)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%d.%d.%d.%d:%d", a->ip[0], a->ip[1], a->ip[2], a->ip[3], a->port);
    return (size_t)n == nick.n && memcmp(text, nick.p, nick.n) == 0;
}

/* By its nickname, or by an address that it has or has had. */
static bool is_called(const sim_run *r, uint32_t node, tern_bytes nick)
{
    const sim_world_node *n = &r->world.nodes[node];
    const char *name = r->people[node].nick;
    if (strlen(name) == nick.n && memcmp(name, nick.p, nick.n) == 0) return true;
    for (unsigned port = 0; port <= n->rebound; port++)
        for (unsigned ip = 0; ip <= n->addr.ip[1]; ip++) {
            tern_addr a = n->inside;
            a.port = (uint16_t)(a.port + port);
            a.ip[1] = (uint8_t)ip;
            if (is_address(&a, nick)) return true;
        }
    return false;
}

/* A tlv-multicast client is shown a long text in pieces; the last one makes it heard. */
static bool fits(const sim_words *w, tern_bytes text, bool pieces, bool *whole)
{
    *whole = w->n == text.n && memcmp(w->text, text.p, text.n) == 0;
    if (*whole || !pieces || text.n == 0 || text.n > w->n) return *whole;
    for (size_t at = 0; at <= w->n - text.n; at++) {
        if (memcmp(w->text + at, text.p, text.n) != 0) continue;
        *whole = at + text.n == w->n;
        return true;
    }
    return false;
}

/* Whether a node said this in the room, and not what was heard already; what is whole counts. */
static bool said_by(sim_run *r, uint32_t who, uint32_t from, tern_bytes text)
{
    const sim_node_spec *listener = &r->scenario->nodes[who], *sender = &r->scenario->nodes[from];
    sim_person *p = &r->people[who];
    bool pieces = listener->dialect == TERN_DIALECT_TLV_MULTICAST, whole, again = false;
    for (size_t i = 0; i < r->people[from].published_n; i++) {
        const sim_published *o = &r->people[from].published[i];
        if (o->room == NULL || strcmp(o->room, listener->room) != 0 || !fits(o->words, text, pieces, &whole)) continue;
        if (!whole) return true;
        again = true;
        if (!sim_words_first(o->words, who)) continue;
        if (r->world.now - o->at > p->latency) p->latency = r->world.now - o->at;
        p->delivered++;
        return true;
    }
    /* In a new session its client says its last text again (SES-020). */
    return again && sender->role == SIM_GUEST && sender->dialect == TERN_DIALECT_AES_SESSION;
}

/*= SIM-041 */
void sim_guests_heard(sim_run *r, uint32_t who, const tern_event *e, tern_bytes line)
{
    const sim_node_spec *listener = &r->scenario->nodes[who];
    said s;
    bool known = false;
    if (is_presence(listener->dialect, line)) return;
    if (!take_apart(listener->dialect, e, line, &s)) {
        sim_world_fail(&r->world, "%s is shown a line that has no form: %.*s", listener->name, (int)line.n, line.p);
        return;
    }
    for (uint32_t i = 0; i < r->scenario->nodes_n; i++) {
        const sim_node_spec *sender = &r->scenario->nodes[i];
        if (!(sender->role & SIM_PERSON) || sender->relay != listener->relay || i == who || !is_called(r, i, s.nick))
            continue;
        known = true;
        if (said_by(r, who, i, s.text)) return;
    }
    sim_world_fail(&r->world,
                   known ? "%s is shown what nobody said in its room, or a second time: %.*s"
                         : "%s is shown a line of somebody whom nobody knows: %.*s",
                   listener->name, (int)line.n, line.p);
}
