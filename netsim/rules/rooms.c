/* SPDX-License-Identifier: MIT */
/* The rules of a room, as each member sees them (spec: rooms; scenario 5): every event once, in the relay's order, the
 * same for everyone, and every body as it was published. Written without a look at how the relay does it. */
#include "rules/rooms.h"

#include "rules/guests.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_MAX (1u << 24) /* of one room */

static void publish_record(sim_person *p, const sim_published *what)
{
    if ((p->published_n & (p->published_n - 1)) == 0) {
        size_t cap = p->published_n == 0 ? 1 : p->published_n * 2;
        p->published = sim_grow(p->published, cap, sizeof *p->published);
    }
    p->published[p->published_n++] = *what;
}

static uint64_t hash_of(const char *nick)
{
    return sim_name_hash(tern_bytes_of(nick, strlen(nick)));
}

void sim_room_called(sim_run *r, uint32_t who, const char *nick)
{
    snprintf(r->people[who].nick, sizeof r->people[who].nick, "%s", nick);
    r->nicks[who] = hash_of(r->people[who].nick);
}

/* The first node from `from` on that is called so; nodes_n when there is none. hash: of the nickname. */
static uint32_t find_called(const sim_run *r, uint32_t from, const char *nick, uint64_t hash)
{
    uint32_t n = r->scenario->nodes_n;
    while (from < n && (r->nicks[from] != hash || strcmp(r->people[from].nick, nick) != 0)) from++;
    return from;
}

void sim_room_published(sim_run *r, uint32_t who, tern_bytes body)
{
    sim_person *p = &r->people[who];
    const char *room = p->in_room && !p->leaving ? r->logs[p->log].name : p->room;
    publish_record(
        p, &(sim_published){ body.n, sim_fold(body), r->world.now, room, r->guests ? sim_words_new(body) : NULL });
}

static size_t find_log(sim_run *r, uint32_t relay, const char *room)
{
    for (size_t i = 0; i < r->logs_n; i++) {
        const sim_room_log *log = &r->logs[i];
        if (log->relay == relay && log->life == r->lives[relay] && strcmp(log->name, room) == 0) return i;
    }
    r->logs = sim_grow(r->logs, r->logs_n + 1, sizeof *r->logs);
    r->logs[r->logs_n] = (sim_room_log){ .relay = relay, .life = r->lives[relay], .name = room };
    return r->logs_n++;
}

void sim_rooms_free(sim_run *r)
{
    for (size_t i = 0; i < r->logs_n; i++) free(r->logs[i].entries);
    free(r->logs);
}

void sim_room_over(sim_run *r, uint32_t who)
{
    r->people[who].in_room = false;
}

void sim_room_joined(sim_run *r, uint32_t who, const tern_event *e)
{
    sim_person *p = &r->people[who];
    const char *name = r->scenario->nodes[who].name;
    if (p->in_room && !p->leaving) {
        sim_world_fail(&r->world, "%s is welcomed to a room while it is in one", name);
        return;
    }
    p->joined = p->ever.joined = p->in_room = true;
    p->leaving = p->arrived = p->loose = false;
    p->joined_at = r->world.now;
    p->member = e->u.joined.who.id;
    p->next = e->u.joined.next;
    p->presents_left = e->u.joined.count;
    p->members_n = 0;
    p->log = find_log(r, r->scenario->nodes[who].relay, p->room == NULL ? "" : p->room);
    if (p->heard == NULL) p->heard = sim_grow(NULL, r->scenario->nodes_n, sizeof *p->heard);
    memset(p->heard, 0, r->scenario->nodes_n * sizeof *p->heard);
    if (r->guests) sim_guests_forget(r, who);
}

/* What everyone must see alike at this number. */
static void agree(sim_run *r, uint32_t who, uint64_t number, uint64_t fold)
{
    const char *name = r->scenario->nodes[who].name;
    sim_room_log *log = &r->logs[r->people[who].log];
    if (number == 0 || number > EVENTS_MAX) {
        sim_world_fail(&r->world, "%s sees an event with the number %" PRIu64, name, number);
        return;
    }
    if (number >= log->n) {
        size_t n = number < 512 ? 1024 : (size_t)number * 2;
        log->entries = sim_grow(log->entries, n, sizeof *log->entries);
        memset(log->entries + log->n, 0, (n - log->n) * sizeof *log->entries);
        log->n = n;
    }
    sim_log_entry *entry = &log->entries[number];
    if (entry->known && entry->fold != fold)
        sim_world_fail(&r->world, "%s sees another event %" PRIu64 " than others in the room", name, number);
    *entry = (sim_log_entry){ fold, true };
}

/*= SIM-009 */
static bool follows(sim_run *r, uint32_t who, uint64_t number, const char *what)
{
    sim_person *p = &r->people[who];
    const char *name = r->scenario->nodes[who].name;
    if (!p->in_room)
        sim_world_fail(&r->world, "%s sees %s in a room that it is not in", name, what);
    else if (p->presents_left > 0)
        sim_world_fail(&r->world, "%s sees %s before the %" PRIu32 " members who are still to be named", name, what,
                       p->presents_left);
    else if (number != p->next)
        sim_world_fail(&r->world, "%s sees %s number %" PRIu64 " where %" PRIu64 " must follow", name, what, number,
                       p->next);
    p->next = number + 1;
    return !r->world.failed;
}

/* The place at which a member stands, or would. */
static size_t place_of(const sim_person *p, uint32_t id)
{
    size_t low = 0, high = p->members_n;
    if (high == 0 || p->members[high - 1] < id) return high; /* who comes last mostly has the highest number */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->members[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_there(const sim_person *p, uint32_t id)
{
    size_t at = place_of(p, id);
    return at < p->members_n && p->members[at] == id;
}

static void add_member(sim_run *r, uint32_t who, const tern_member *m)
{
    sim_person *p = &r->people[who];
    if (is_there(p, m->id)) {
        sim_world_fail(&r->world, "%s is told twice of member %" PRIu32, r->scenario->nodes[who].name, m->id);
        return;
    }
    if (p->members_n == p->members_cap) {
        p->members_cap = p->members_cap == 0 ? 8 : 2 * p->members_cap;
        p->members = sim_grow(p->members, p->members_cap, sizeof *p->members);
    }
    size_t at = place_of(p, m->id);
    memmove(p->members + at + 1, p->members + at, (p->members_n++ - at) * sizeof *p->members);
    p->members[at] = m->id;
}

static void lose(sim_person *p, uint32_t node, uint8_t why)
{
    p->lost = sim_grow(p->lost, p->lost_n + 1, sizeof *p->lost);
    p->lost[p->lost_n].who = node;
    p->lost[p->lost_n++].why = why;
}

static void remove_member(sim_run *r, uint32_t who, const tern_event *e)
{
    sim_person *p = &r->people[who];
    const tern_member *m = &e->u.presence.who;
    uint64_t hash = hash_of(m->nick);
    size_t at = place_of(p, m->id);
    if (is_there(p, m->id))
        memmove(p->members + at, p->members + at + 1, (--p->members_n - at) * sizeof *p->members);
    else if (!p->loose)
        sim_world_fail(&r->world, "%s is told that member %" PRIu32 " left, who was not there",
                       r->scenario->nodes[who].name, m->id);
    if (m->id == p->member) p->in_room = false;
    for (uint32_t i = 0; (i = find_called(r, i, m->nick, hash)) < r->scenario->nodes_n; i++)
        if (i != who && r->scenario->nodes[i].role != SIM_GUEST) lose(p, i, e->u.presence.why);
    uint32_t guest = r->guests ? sim_world_node_ever_at(&r->world, &m->addr) : UINT32_MAX;
    if (guest != UINT32_MAX && guest != who && r->scenario->nodes[guest].role == SIM_GUEST)
        lose(p, guest, e->u.presence.why);
}

static uint64_t presence_fold(const tern_event *e)
{
    const tern_member *m = &e->u.presence.who;
    uint64_t nick = sim_fold(tern_bytes_of(m->nick, strlen(m->nick)));
    return nick ^ ((uint64_t)e->type << 56 | (uint64_t)e->u.presence.why << 48 | m->id);
}

void sim_room_presence(sim_run *r, uint32_t who, const tern_event *e)
{
    sim_person *p = &r->people[who];
    const tern_member *m = &e->u.presence.who;
    const char *name = r->scenario->nodes[who].name;
    if (e->type == TERN_EVENT_PRESENT) {
        if (!p->in_room || p->presents_left == 0) {
            sim_world_fail(&r->world, "%s is told of more members than there are", name);
            return;
        }
        p->presents_left--;
        add_member(r, who, m);
        return;
    }
    if (!follows(r, who, e->u.presence.number, e->type == TERN_EVENT_ARRIVED ? "an arrival" : "a departure")) return;
    agree(r, who, e->u.presence.number, presence_fold(e));
    if (e->type == TERN_EVENT_LEFT) {
        remove_member(r, who, e);
        return;
    }
    if (!p->arrived && !p->loose && m->id != p->member)
        sim_world_fail(&r->world, "%s sees member %" PRIu32 " arrive before itself", name, m->id);
    p->arrived = p->arrived || m->id == p->member;
    if (!p->loose || !is_there(p, m->id)) add_member(r, who, m);
}

static bool is_room(const char *name, const sim_room_log *log)
{
    return name != NULL && strcmp(name, log->name) == 0;
}

/* What a guest said comes in the order in which its server heard it. */
static bool find_of_guest(sim_run *r, uint32_t who, uint32_t from, uint64_t size, uint64_t fold)
{
    sim_person *p = &r->people[who];
    bool again = false;
    for (size_t i = 0; i < r->people[from].published_n; i++) {
        const sim_published *said = &r->people[from].published[i];
        if (said->size != size || said->fold != fold || !is_room(said->room, &r->logs[p->log])) continue;
        again = true;
        if (!sim_words_first(said->words, who)) continue;
        if (r->world.now - said->at > p->latency) p->latency = r->world.now - said->at;
        return true;
    }
    return again && r->scenario->nodes[from].dialect == TERN_DIALECT_AES_SESSION; /* SES-020 */
}

/* The publication that this is: one of a node of this nickname in this room, behind those already heard. */
static bool find_published(sim_run *r, uint32_t who, const tern_member *m, uint64_t size, uint64_t fold, bool *known)
{
    sim_person *p = &r->people[who];
    const char *nick = m->nick;
    uint64_t hash = hash_of(nick);
    uint32_t guest = r->guests ? sim_world_node_ever_at(&r->world, &m->addr) : UINT32_MAX;
    *known = guest != UINT32_MAX && r->scenario->nodes[guest].role == SIM_GUEST;
    if (*known) return find_of_guest(r, who, guest, size, fold);
    for (uint32_t from = 0; (from = find_called(r, from, nick, hash)) < r->scenario->nodes_n; from++) {
        const sim_person *sender = &r->people[from];
        if (r->scenario->nodes[from].role != SIM_CLIENT || r->scenario->nodes[from].relay != r->logs[p->log].relay)
            continue;
        *known = true;
        for (size_t i = p->heard[from]; i < sender->published_n; i++) {
            const sim_published *said = &sender->published[i];
            if (said->size != size || said->fold != fold || !is_room(said->room, &r->logs[p->log])) continue;
            p->heard[from] = i + 1;
            if (r->world.now - said->at > p->latency) p->latency = r->world.now - said->at;
            return true;
        }
    }
    return false;
}

/*= SIM-009 */
void sim_room_message(sim_run *r, uint32_t who, const tern_event *e, tern_bytes body)
{
    sim_person *p = &r->people[who];
    const char *name = r->scenario->nodes[who].name;
    const tern_member *sender = &e->u.message.sender;
    uint64_t fold = sim_fold(body), number = e->u.message.number,
             now_ms = SIM_UNIX_AT_0 * 1000 + r->world.now / TERN_MS;
    bool known = false;
    if (!follows(r, who, number, "a message")) return;
    if (!p->loose && !is_there(p, sender->id))
        sim_world_fail(&r->world, "%s sees a message of member %" PRIu32 ", who is not there", name, sender->id);
    else if (body.n != e->u.message.size)
        sim_world_fail(&r->world, "%s reads %zu bytes of a message of %" PRIu32, name, body.n, e->u.message.size);
    else if (e->u.message.time_ms > now_ms || e->u.message.time_ms < SIM_UNIX_AT_0 * 1000)
        sim_world_fail(&r->world, "%s sees a message of the time %" PRIu64 " ms, not of this run", name,
                       e->u.message.time_ms);
    else if (!find_published(r, who, sender, body.n, fold, &known))
        sim_world_fail(&r->world,
                       known ? "%s sees message %" PRIu64 " of '%s' with other bytes, of another room, or a second time"
                             : "%s sees message %" PRIu64 " of '%s', whom nobody knows",
                       name, number, sender->nick);
    agree(r, who, number, fold ^ (e->u.message.time_ms << 20) ^ sender->id ^ (uint64_t)TERN_EVENT_MESSAGE << 56);
    p->delivered++;
}

void sim_room_missed(sim_run *r, uint32_t who, const tern_event *e)
{
    sim_person *p = &r->people[who];
    uint64_t last = e->u.missed.last;
    if (last < e->u.missed.first) {
        sim_world_fail(&r->world, "%s misses events that end before they begin", r->scenario->nodes[who].name);
        return;
    }
    if (!follows(r, who, e->u.missed.first, "missed events from")) return;
    p->missed += last - e->u.missed.first + 1;
    p->next = last + 1;
    p->loose = true;
}
