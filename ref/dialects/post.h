/* SPDX-License-Identifier: MIT */
/* A dialect's node's way out and its events: datagrams that wait to be sent, and what the application is to know. Both
 * are bounded; what has no room is not sent, and counted (spec: dialects 1). */
#ifndef TERN_DIALECTS_POST_H
#define TERN_DIALECTS_POST_H

#include "base/fifo.h"
#include "tern.h"

typedef struct {
    tern_fifo out, news;
    size_t out_at, news_at; /* their memory, from this struct */
    size_t read;            /* of the last MESSAGE's text, which is the front of news */
    bool told;              /* the front of news was polled */
    tern_stats stats;
} tern_post;

/* Bytes of the area behind, for so much waiting to be sent and so many events with so much text. */
size_t tern_post_area(size_t out_bytes, size_t news_bytes);
void tern_post_init(tern_post *p, size_t area_at, size_t out_bytes, size_t news_bytes);

/* A datagram of n bytes for this path, to be written there; NULL when there is no room. */
TERN_MUST_USE uint8_t *tern_post_datagram(tern_post *p, const tern_path *path, size_t n);
/* Likewise, copied. false: there is no room. */
bool tern_post_send(tern_post *p, const tern_path *path, tern_bytes bytes);
/* Whether so many datagrams of n bytes each have room. */
bool tern_post_fits(const tern_post *p, size_t datagrams, size_t n);
tern_batch tern_post_take(tern_post *p, tern_buf out);

/* An event, with the text of a MESSAGE. false: there is no room. */
bool tern_post_tell(tern_post *p, const tern_event *event, tern_bytes text);
/* Whether so much text, and then still spare events without any, have room. */
bool tern_post_has_room(const tern_post *p, size_t text_n, size_t spare);
bool tern_post_poll(tern_post *p, tern_event *event);
size_t tern_post_read(tern_post *p, tern_buf out);

#endif
