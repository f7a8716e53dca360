/* SPDX-License-Identifier: MIT */
/* Bytes on a stream, one direction each: a source writes a message, a body and a message; a sink takes them apart
 * (spec: rooms 2). Both ends of the simulator's files and streams are made of these. */
#ifndef TERN_NETSIM_FLOW_H
#define TERN_NETSIM_FLOW_H

#include "world/world.h"

typedef struct {
    tern_node *node;
    tern_peer peer;
    uint32_t id;
} sim_stream;

#define SIM_CHUNK 4096

/* What stands behind the body: nothing, FILE_DONE with zeros, FILE_DONE with the body's hash. */
typedef enum { SIM_TAIL_NONE, SIM_TAIL_ZEROS, SIM_TAIL_HASH } sim_tail;

typedef struct {
    const uint8_t *memory; /* the body; NULL: pseudo-random content of key */
    uint64_t key, size, at;
    sim_tail tail;
    tern_sha256 hash;
    uint8_t text[TERN_FILE_MSG_MAX]; /* the message before the body, then the one behind it */
    size_t text_n, text_at;
    bool begun, in_tail, blocked, finished, failed;
    uint8_t chunk[SIM_CHUNK]; /* of pseudo-random content, made but not yet taken: the bytes before chunk_end */
    uint64_t chunk_end;
} sim_source;

/* A source that sends head, size bytes of body, and the tail. */
void sim_source_init(sim_source *s, const tern_file_msg *head, uint64_t size, sim_tail tail);
/* Writes what the node takes, up to FIN. */
void sim_source_go(sim_source *s, const sim_stream *stream);

typedef struct {
    void *context;
    /* A whole message; false ends the reading as malformed. */
    bool (*on_message)(void *context, const tern_file_msg *m);
    void (*on_body)(void *context, uint64_t offset, tern_bytes bytes);
    uint8_t text[TERN_FILE_MSG_MAX];
    size_t text_n;
    uint64_t body, body_at; /* size of the body that is being read, and how far */
    uint64_t total;         /* bytes of bodies read */
    bool fin, failed;
} sim_sink;

/* An event of a stream, into digest and trace. */
void sim_note_stream(sim_world *w, uint32_t node, const tern_event *e);

/* Reads what has come. After FIN fin is set; failed when it cannot be read or ends too early. */
void sim_sink_go(sim_sink *s, const sim_stream *stream);

#endif
