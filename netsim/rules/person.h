/* SPDX-License-Identifier: MIT */
/* What the world outside knows of a client: what it has published, and what it has been told. It outlives crashes. */
#ifndef TERN_NETSIM_PERSON_H
#define TERN_NETSIM_PERSON_H

#include "script/scenario.h"

typedef struct {
    uint64_t size, fold;
    tern_time at;            /* when the core took it */
    const char *room;        /* NULL: said before any was asked for */
    struct sim_words *words; /* NULL where there are no guests (rules/guests.h) */
} sim_published;

typedef struct {
    uint64_t size;
    tern_time deadline;           /* TERN_TIME_NEVER: none */
    unsigned life, life_of_relay; /* in which it was told (rules/told.h) */
    bool datagram, came;
} sim_told;

typedef struct {
    uint64_t bytes;        /* of bodies that have come */
    tern_time first, last; /* the first was asked for; the last byte came */
    bool any;
} sim_goodput;

typedef struct {
    /* what it did */
    char nick[TERN_NICK_SIZE];
    sim_published *published;
    size_t published_n, transfers;
    sim_told *told; /* to the relay, in messages without order and datagrams */
    size_t told_n;
    const char *room; /* the last it asked for */

    /* what it was told */
    bool connected, joined, closed, refused, has_file_error; /* the first four: since the node started */
    bool resumed, early;                                     /* likewise: with a ticket; and its early data was taken */
    struct {
        bool connected, joined, closed, refused, resumed, early;
    } ever; /* in the whole run: what `never` looks at */
    uint32_t closed_error, refused_code, file_error;
    uint64_t delivered, missed, files, streams;
    uint64_t messages, datagrams; /* of those it told, that came */
    tern_time latency;            /* the longest that a message took, from its sender to here */
    sim_goodput up, down;

    uint8_t ticket[TERN_TICKET_SIZE]; /* the last one, for its next life; n 0: none */
    size_t ticket_n;

    /* its place in the room */
    bool in_room, leaving, arrived; /* arrived: it has seen its own ARRIVED */
    bool loose;                     /* it missed events, so that it cannot know all members */
    tern_time joined_at;            /* when it was told so */
    uint32_t member, presents_left;
    uint64_t next;     /* number of the event that must follow */
    size_t log;        /* index of the room's log */
    uint32_t *members; /* their numbers, the least first */
    size_t members_n, members_cap;
    struct {
        uint32_t who;
        uint8_t why;
    } * lost;
    size_t lost_n;
    size_t *heard; /* for each node: how many of its publications are behind us; once it has joined */
} sim_person;

#endif
