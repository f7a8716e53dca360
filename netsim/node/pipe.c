/* SPDX-License-Identifier: MIT */
/* Go-back-N: who receives takes what comes next and acknowledges it; who sends begins again behind what is acknowledged
 * when nothing has been for long. */
#include "node/pipe.h"

#include <stdlib.h>
#include <string.h>

#define PIECE     1200
#define WINDOW    65536
#define RTO_FIRST (300 * TERN_MS)
#define TRIES     9 /* with doubled pauses: over two minutes */
#define HEAD      21

enum { FLAG_END = 1, FLAG_RESET = 2 };

typedef struct sim_pipe {
    struct sim_pipe *next;
    tern_addr remote;
    uint32_t id;
    uint8_t *out; /* from acked to end */
    size_t cap;
    uint64_t acked, sent, end; /* of all that was ever written */
    uint64_t received;
    bool ends;             /* ours: behind the last byte */
    bool ended, over;      /* theirs; over: nothing more happens */
    bool owes_ack, resets; /* has to answer */
    unsigned tries;
    tern_time retry_at;
} pipe;

typedef struct {
    uint32_t id;
    uint32_t at, ack;
    uint8_t flags;
    tern_bytes bytes;
} segment;

static uint64_t sum_of(const uint8_t *bytes, size_t n)
{
    return sim_fold(tern_bytes_of(bytes, n));
}

/* id at ack flags, the sum of all else, bytes. */
static size_t write_segment(const segment *s, tern_buf out)
{
    const uint32_t numbers[] = { s->id, s->at, s->ack };
    uint8_t *p = out.p;
    for (int i = 0; i < 12; i++) p[i] = (uint8_t)(numbers[i / 4] >> (24 - 8 * (i % 4)));
    p[12] = s->flags;
    memset(p + 13, 0, 8);
    if (s->bytes.n > 0) memcpy(p + HEAD, s->bytes.p, s->bytes.n);
    uint64_t sum = sum_of(p, HEAD + s->bytes.n);
    for (int i = 0; i < 8; i++) p[13 + i] = (uint8_t)(sum >> (8 * i));
    return HEAD + s->bytes.n;
}

static bool read_segment(tern_bytes bytes, segment *s)
{
    uint8_t copy[HEAD + PIECE];
    uint32_t numbers[3] = { 0, 0, 0 };
    uint64_t sum = 0;
    if (bytes.n < HEAD || bytes.n > sizeof copy) return false;
    memcpy(copy, bytes.p, bytes.n);
    for (int i = 0; i < 8; i++) sum |= (uint64_t)copy[13 + i] << (8 * i);
    memset(copy + 13, 0, 8);
    for (int i = 0; i < 12; i++) numbers[i / 4] = numbers[i / 4] << 8 | copy[i];
    *s = (segment){ numbers[0], numbers[1], numbers[2], copy[12], tern_bytes_of(bytes.p + HEAD, bytes.n - HEAD) };
    return sum == sum_of(copy, bytes.n);
}

/* ---- who there is */

static pipe *find(sim_pipes *all, const tern_addr *remote)
{
    pipe *p = all->first;
    while (p != NULL && !sim_addr_same(&p->remote, remote)) p = p->next;
    return p;
}

static pipe *add(sim_pipes *all, const tern_addr *remote, uint32_t id)
{
    pipe *p = sim_grow(NULL, 1, sizeof *p);
    *p = (pipe){ .next = all->first, .remote = *remote, .id = id, .retry_at = TERN_TIME_NEVER };
    return all->first = p;
}

static void drop(sim_pipes *all, pipe *gone)
{
    pipe **at = &all->first;
    while (*at != gone) at = &(*at)->next;
    *at = gone->next;
    free(gone->out);
    free(gone);
}

void sim_pipes_free(sim_pipes *all)
{
    while (all->first != NULL) drop(all, all->first);
}

/* To the node: bytes, or none for the end. */
static void tell(sim_pipes *all, tern_time now, const tern_path *path, tern_bytes bytes)
{
    uint8_t copy[PIECE];
    if (bytes.n > 0) memcpy(copy, bytes.p, bytes.n);
    (void)tern_node_recv(all->node, now, path, (tern_buf){ copy, bytes.n }, TERN_ECN_NOT_ECT);
}

/* It has broken off: the node is told so. */
static void break_off(sim_pipes *all, tern_time now, pipe *p)
{
    tern_path path = { .remote = p->remote };
    bool told = p->over;
    p->over = true;
    p->sent = p->acked = p->end;
    p->retry_at = TERN_TIME_NEVER;
    if (!told && !p->ended) tell(all, now, &path, tern_bytes_of(NULL, 0));
}

/* ---- what comes */

static void take_ack(pipe *p, tern_time now, uint32_t ack)
{
    uint32_t more = ack - (uint32_t)p->acked;
    if (more == 0 || more > p->end + p->ends - p->acked) return;
    size_t bytes = p->acked + more > p->end ? (size_t)(p->end - p->acked) : more;
    if (bytes > 0) memmove(p->out, p->out + bytes, (size_t)(p->end - p->acked) - bytes);
    p->acked += more;
    if (p->sent < p->acked) p->sent = p->acked;
    p->tries = 0;
    p->retry_at = p->acked == p->end + p->ends ? TERN_TIME_NEVER : now + RTO_FIRST;
}

static void take_bytes(sim_pipes *all, pipe *p, tern_time now, const tern_path *path, const segment *s)
{
    p->owes_ack = p->owes_ack || s->bytes.n > 0 || (s->flags & FLAG_END) != 0;
    if (s->at != (uint32_t)p->received || p->ended) return;
    p->received += s->bytes.n + ((s->flags & FLAG_END) != 0);
    if (s->bytes.n > 0) tell(all, now, path, s->bytes);
    p->ended = (s->flags & FLAG_END) != 0;
    if (p->ended) tell(all, now, path, tern_bytes_of(NULL, 0));
}

/*= SIM-042 */
void sim_pipes_recv(sim_pipes *all, tern_time now, const tern_path *path, tern_bytes bytes)
{
    segment s;
    pipe *p = find(all, &path->remote);
    if (!read_segment(bytes, &s)) return;
    if (p != NULL && p->id != s.id) {
        if (all->begins || s.at != 0) return; /* of a connection that was before */
        break_off(all, now, p);
        drop(all, p);
        p = NULL;
    }
    if (p == NULL && (all->begins || (s.flags & FLAG_RESET) != 0)) return;
    if (p == NULL) {
        p = add(all, &path->remote, s.id);
        p->resets = p->over = s.at != 0 || s.bytes.n == 0; /* nobody knows of this one */
    }
    if ((s.flags & FLAG_RESET) != 0) break_off(all, now, p);
    if (p->over) p->resets = (s.flags & FLAG_RESET) == 0;
    if (p->over) return;
    take_ack(p, now, s.ack);
    take_bytes(all, p, now, path, &s);
}

/* ---- what goes */

static void write_to(sim_pipes *all, const tern_addr *remote, tern_bytes bytes)
{
    pipe *p = find(all, remote);
    if (p == NULL && !all->begins) return; /* its client has gone */
    if (p == NULL) p = add(all, remote, all->id);
    if (p->over || p->ends) return;
    size_t kept = (size_t)(p->end - p->acked);
    p->ends = bytes.n == 0;
    if (kept + bytes.n > p->cap) {
        p->cap = 2 * (kept + bytes.n);
        p->out = sim_grow(p->out, p->cap, 1);
    }
    if (bytes.n > 0) memcpy(p->out + kept, bytes.p, bytes.n);
    p->end += bytes.n;
}

static void take_over(sim_pipes *all, tern_time now)
{
    static uint8_t bytes[SIM_OUT_SIZE];
    tern_batch b;
    while ((b = tern_node_send(all->node, now, (tern_buf){ bytes, sizeof bytes })).count > 0)
        write_to(all, &b.path.remote, tern_bytes_of(bytes, b.total));
}

/* The next segment; false when there is none. */
static bool next_segment(pipe *p, tern_time now, segment *s)
{
    uint64_t window = p->acked == 0 ? PIECE : WINDOW; /* what comes behind the first was preceded by it */
    uint64_t last = p->acked + window < p->end ? p->acked + window : p->end;
    *s = (segment){ .id = p->id, .at = (uint32_t)p->sent, .ack = (uint32_t)p->received };
    if (p->resets) {
        s->flags = FLAG_RESET;
        p->resets = false;
        return true;
    }
    if (p->over) return false;
    size_t n = p->sent < last ? (size_t)(last - p->sent) : 0;
    if (n > PIECE) n = PIECE;
    if (n > 0) s->bytes = tern_bytes_of(p->out + (p->sent - p->acked), n);
    bool end = p->ends && p->sent + n == p->end;
    if (n == 0 && !end && !p->owes_ack) return false;
    s->flags = end ? FLAG_END : 0;
    p->sent += n + end;
    p->owes_ack = false;
    if ((n > 0 || end) && p->retry_at == TERN_TIME_NEVER) p->retry_at = now + (RTO_FIRST << p->tries);
    return true;
}

tern_batch sim_pipes_send(sim_pipes *all, tern_time now, tern_buf out)
{
    tern_batch b = { .ecn = TERN_ECN_NOT_ECT };
    segment s;
    take_over(all, now);
    for (pipe *p = all->first; p != NULL; p = p->next) {
        if (!next_segment(p, now, &s)) continue;
        b.path.remote = p->remote;
        b.total = b.segment = write_segment(&s, out);
        b.count = 1;
        return b;
    }
    return b;
}

/* ---- time */

tern_time sim_pipes_next_timeout(const sim_pipes *all)
{
    tern_time next = tern_node_next_timeout(all->node);
    for (const pipe *p = all->first; p != NULL; p = p->next)
        if (p->retry_at < next) next = p->retry_at;
    return next;
}

void sim_pipes_on_timeout(sim_pipes *all, tern_time now)
{
    if (tern_node_next_timeout(all->node) <= now) tern_node_on_timeout(all->node, now);
    for (pipe *p = all->first; p != NULL; p = p->next) {
        if (p->retry_at > now) continue;
        p->retry_at = TERN_TIME_NEVER;
        p->sent = p->acked;
        if (p->tries++ == TRIES) break_off(all, now, p);
    }
}
