/* SPDX-License-Identifier: MIT */
/* The table of rooms and its members. Behind the table stand the rooms, the members by seat, and a ring for each room's
 * history. */
#include "room/rooms.h"

#include <string.h>

static size_t round_up(size_t n)
{
    return (n + 15) / 16 * 16;
}

static void lay_out(tern_rooms *r, const tern_rooms_config *config)
{
    r->config = *config;
    r->rooms_at = round_up(sizeof *r);
    r->members_at = r->rooms_at + round_up(config->max_rooms * sizeof(tern_room));
    r->rings_at = r->members_at + round_up(config->seats * sizeof(tern_room_member));
    r->ring_stride = round_up(config->history_bytes);
}

static tern_room *room_at(const tern_rooms *r, uint32_t room)
{
    tern_assert(room < r->config.max_rooms);
    return (tern_room *)((uintptr_t)r + r->rooms_at) + room;
}

static tern_room_member *member_at(const tern_rooms *r, uint32_t seat)
{
    tern_assert(seat < r->config.seats);
    return (tern_room_member *)((uintptr_t)r + r->members_at) + seat;
}

static uint8_t *ring_of(const tern_rooms *r, uint32_t room)
{
    return (uint8_t *)((uintptr_t)r + r->rings_at + room * r->ring_stride);
}

static bool label_is(const tern_label *label, tern_bytes name)
{
    return label->n == name.n && memcmp(label->b, name.p, name.n) == 0;
}

static tern_label label_of(tern_bytes name)
{
    tern_label label = { 0 };
    tern_assert(name.n >= 1 && name.n <= TERN_LABEL_MAX);
    label.n = (uint8_t)name.n;
    memcpy(label.b, name.p, name.n);
    return label;
}

/* The room of this name; else one that is not used; NULL when there is neither. */
static tern_room *find(const tern_rooms *r, tern_bytes name)
{
    tern_room *unused = NULL;
    for (uint32_t i = 0; i < r->config.max_rooms; i++) {
        tern_room *room = room_at(r, i);
        if (room->used && label_is(&room->name, name)) return room;
        if (!room->used && unused == NULL) unused = room;
    }
    return unused;
}

static void make(const tern_rooms *r, tern_room *room, tern_bytes name)
{
    *room = (tern_room){ .used = true, .name = label_of(name) };
    tern_history_init(&room->history, r->config.history_bytes);
}

size_t tern_rooms_footprint(const tern_rooms_config *config)
{
    tern_rooms r;
    lay_out(&r, config);
    return r.rings_at + config->max_rooms * r.ring_stride;
}

void tern_rooms_init(tern_rooms *r, const tern_rooms_config *config)
{
    tern_assert(config->history_bytes >= tern_history_cost(0));
    lay_out(r, config);
    for (uint32_t i = 0; i < config->max_rooms; i++) *room_at(r, i) = (tern_room){ 0 };
    for (uint32_t i = 0; i < config->seats; i++) *member_at(r, i) = (tern_room_member){ 0 };
}

bool tern_rooms_add(tern_rooms *r, tern_bytes name)
{
    tern_room *room = find(r, name);
    tern_assert(r->config.fixed);
    if (room == NULL || room->used) return false;
    make(r, room, name);
    return true;
}

void tern_rooms_refuse_guests(tern_rooms *r, tern_bytes name)
{
    tern_room *room = find(r, name);
    if (room != NULL && room->used) room->tern_only = true;
}

bool tern_rooms_takes_guests(const tern_rooms *r, tern_bytes name)
{
    const tern_room *room = find(r, name);
    return room == NULL || !room->used || !room->tern_only;
}

uint32_t tern_rooms_population(const tern_rooms *r, tern_bytes name)
{
    const tern_room *room = find(r, name);
    return room != NULL && room->used ? room->members : 0;
}

static bool nick_is_taken(const tern_rooms *r, const tern_room *room, tern_bytes nick)
{
    for (uint32_t i = room->first; i != 0; i = member_at(r, i - 1)->after)
        if (label_is(&member_at(r, i - 1)->who.nick, nick)) return true;
    return false;
}

tern_admission tern_rooms_ask(const tern_rooms *r, uint32_t seat, tern_bytes name, tern_bytes nick)
{
    /*= ROOM-001 */
    if (member_at(r, seat)->room != 0) return TERN_DENY_ALREADY_MEMBER;
    const tern_room *room = find(r, name);
    /*= ROOM-008 */
    if (r->config.fixed && (room == NULL || !room->used)) return TERN_DENY_NO_ROOM;
    if (room == NULL) return TERN_DENY_TOO_MANY_ROOMS;
    if (!room->used) return TERN_ADMIT;
    /*= ROOM-003 */
    if (nick_is_taken(r, room, nick)) return TERN_DENY_NICK_TAKEN;
    return room->members < r->config.max_members ? TERN_ADMIT : TERN_DENY_ROOM_FULL;
}

/* An id that no member of the room has: the next number, which meets a used one only after four billion. */
static uint32_t draw_id(const tern_rooms *r, tern_room *room)
{
    bool taken;
    do {
        taken = ++room->last_id == 0;
        for (uint32_t i = room->first; i != 0 && !taken; i = member_at(r, i - 1)->after)
            taken = member_at(r, i - 1)->who.id == room->last_id;
    } while (taken);
    return room->last_id;
}

static void link_last(const tern_rooms *r, tern_room *room, uint32_t seat)
{
    member_at(r, seat)->before = room->last;
    if (room->last != 0)
        member_at(r, room->last - 1)->after = seat + 1;
    else
        room->first = seat + 1;
    room->last = seat + 1;
    room->members++;
}

static void unlink_member(const tern_rooms *r, tern_room *room, const tern_room_member *m)
{
    if (m->before != 0)
        member_at(r, m->before - 1)->after = m->after;
    else
        room->first = m->after;
    if (m->after != 0)
        member_at(r, m->after - 1)->before = m->before;
    else
        room->last = m->before;
    room->members--;
}

/* An event without a body always fits. */
static void record_presence(const tern_rooms *r, uint32_t room, tern_record_kind kind, const tern_who *who, uint8_t why,
                            uint64_t time_ms)
{
    tern_record record = { .kind = kind, .why = why, .time_ms = time_ms, .who = *who };
    tern_buf none[2];
    bool fits = tern_history_add(&room_at(r, room)->history, ring_of(r, room), &record, none);
    tern_assert(fits);
    (void)fits;
}

tern_admission tern_rooms_join(tern_rooms *r, uint32_t seat, tern_bytes name, tern_bytes nick, const tern_addr *addr,
                               uint64_t time_ms)
{
    tern_admission answer = tern_rooms_ask(r, seat, name, nick);
    if (answer != TERN_ADMIT) return answer;

    tern_room *room = find(r, name);
    tern_room_member *m = member_at(r, seat);
    if (!room->used) make(r, room, name);
    *m = (tern_room_member){ .room = (uint32_t)(room - room_at(r, 0)) + 1,
                             .who = { .id = draw_id(r, room), .addr = *addr, .nick = label_of(nick) },
                             .cursor = tern_history_end(&room->history) };
    link_last(r, room, seat);
    record_presence(r, m->room - 1, TERN_RECORD_ARRIVED, &m->who, 0, time_ms);
    return TERN_ADMIT;
}

uint64_t tern_rooms_leave(tern_rooms *r, uint32_t seat, uint8_t why, uint64_t time_ms)
{
    tern_room_member *m = member_at(r, seat);
    tern_assert(m->room != 0);
    tern_room *room = room_at(r, m->room - 1);
    uint64_t number = room->history.next;
    unlink_member(r, room, m);
    /*= ROOM-007 */
    record_presence(r, m->room - 1, TERN_RECORD_LEFT, &m->who, why, time_ms);
    if (room->members == 0 && !r->config.fixed) room->used = false;
    *m = (tern_room_member){ 0 };
    return number;
}

bool tern_rooms_publish(tern_rooms *r, uint32_t seat, uint32_t size, uint64_t time_ms, tern_buf body[2])
{
    const tern_room_member *m = member_at(r, seat);
    tern_assert(m->room != 0);
    tern_record record = { .kind = TERN_RECORD_MESSAGE, .size = size, .time_ms = time_ms, .who = m->who };
    return tern_history_add(&room_at(r, m->room - 1)->history, ring_of(r, m->room - 1), &record, body);
}

bool tern_rooms_is_current(const tern_rooms *r, uint32_t seat)
{
    const tern_room_member *m = member_at(r, seat);
    tern_assert(m->room != 0);
    return m->cursor.number == room_at(r, m->room - 1)->history.next;
}

void tern_rooms_step(const tern_rooms *r, uint32_t seat, tern_step *step)
{
    const tern_room_member *m = member_at(r, seat);
    tern_assert(m->room != 0);
    tern_history_step(&room_at(r, m->room - 1)->history, ring_of(r, m->room - 1), m->cursor, step);
}

void tern_rooms_took(tern_rooms *r, uint32_t seat, const tern_step *step)
{
    member_at(r, seat)->cursor = step->then;
}

const tern_room_member *tern_rooms_member(const tern_rooms *r, uint32_t seat)
{
    const tern_room_member *m = member_at(r, seat);
    return m->room != 0 ? m : NULL;
}

const tern_room *tern_rooms_room(const tern_rooms *r, uint32_t room)
{
    return room_at(r, room);
}

uint32_t tern_rooms_first(const tern_rooms *r, uint32_t room)
{
    return room_at(r, room)->first - 1; /* nobody: TERN_SEAT_NONE */
}

uint32_t tern_rooms_after(const tern_rooms *r, uint32_t seat)
{
    return member_at(r, seat)->after - 1;
}
