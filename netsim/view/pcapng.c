/* SPDX-License-Identifier: MIT */
/* A datagram is captured when it is sent and written when its fate is known, behind those that were sent before it: so
 * the capture is in the order of time and each packet carries its comments. Little end first on every machine. */
#include "view/pcapng.h"

#include "world/queue.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6, SECRETS = 10 };
enum { OPT_END = 0, OPT_COMMENT = 1, SECTION_PROGRAM = 4, INTERFACE_NAME = 2, INTERFACE_UNITS = 9 };

#define LINKTYPE_RAW  101        /* begins with an IP header */
#define TLS_KEY_LOG   0x544c534b /* whose form and labels ours has */
#define NANOSECONDS   9
#define HEADERS       28    /* IPv4 and UDP */
#define DATAGRAM_MOST 65507 /* what IPv4 carries */
#define PROTOCOL_UDP  17
#define HOPS          64

typedef struct sim_captured {
    struct sim_captured *next, *behind; /* in the file; on the link */
    tern_time at;
    uint64_t number; /* on its link */
    uint32_t link;   /* SIM_NO_LINK: not on one */
    uint32_t interface;
    unsigned copies; /* still under way */
    size_t n, comments_n;
    char *comments; /* each ends with a 0 */
    uint8_t bytes[];
} captured;

/* ---- blocks ---- */

static void put(sim_pcapng *p, const void *bytes, size_t n)
{
    if (p->block_cap - p->block_n < n) {
        p->block_cap = 2 * (p->block_n + n);
        p->block = sim_grow(p->block, p->block_cap, 1);
    }
    if (n > 0) memcpy(p->block + p->block_n, bytes, n);
    p->block_n += n;
}

static void put_number(sim_pcapng *p, uint64_t v, size_t size)
{
    uint8_t b[8];
    for (size_t i = 0; i < size; i++) b[i] = (uint8_t)(v >> (8 * i));
    put(p, b, size);
}

static void pad(sim_pcapng *p)
{
    put(p, "\0\0\0", -p->block_n & 3);
}

static void option(sim_pcapng *p, unsigned code, const void *value, size_t n)
{
    put_number(p, code, 2);
    put_number(p, n, 2);
    put(p, value, n);
    pad(p);
}

static void begin_block(sim_pcapng *p, uint32_t type)
{
    p->block_n = 0;
    put_number(p, type, 4);
    put_number(p, 0, 4); /* its length, when that is known */
}

static void end_block(sim_pcapng *p)
{
    pad(p);
    size_t n = p->block_n + 4;
    put_number(p, n, 4);
    memcpy(p->block + 4, p->block + p->block_n - 4, 4);
    (void)fwrite(p->block, 1, n, p->out);
}

static void write_interface(sim_pcapng *p, const char *name)
{
    static const uint8_t units = NANOSECONDS;
    begin_block(p, INTERFACE);
    put_number(p, LINKTYPE_RAW, 2);
    put_number(p, 0, 2);
    put_number(p, 0, 4); /* packets are never cut */
    option(p, INTERFACE_NAME, name, strlen(name));
    option(p, INTERFACE_UNITS, &units, 1);
    option(p, OPT_END, NULL, 0);
    end_block(p);
}

static void write_beginning(sim_pcapng *p)
{
    static const char program[] = "tern-sim " TERN_VERSION_STRING;
    const sim_world *w = &p->run->world;
    p->begun = true;
    begin_block(p, SECTION);
    put_number(p, 0x1a2b3c4d, 4);
    put_number(p, 1, 2);
    put_number(p, 0, 2);
    put_number(p, UINT64_MAX, 8); /* how long it is: not known */
    option(p, OPT_COMMENT, p->about, strlen(p->about));
    option(p, SECTION_PROGRAM, program, sizeof program - 1);
    option(p, OPT_END, NULL, 0);
    end_block(p);
    for (uint32_t i = 0; i < w->links_n; i++) write_interface(p, w->links[i].name);
    for (uint32_t i = 0; i < w->nodes_n; i++) write_interface(p, w->nodes[i].name);
}

static void write_packet(sim_pcapng *p, const captured *c)
{
    uint64_t at = SIM_UNIX_AT_0 * TERN_SECOND + c->at;
    begin_block(p, PACKET);
    put_number(p, c->interface, 4);
    put_number(p, at >> 32, 4);
    put_number(p, at, 4);
    put_number(p, c->n, 4);
    put_number(p, c->n, 4);
    put(p, c->bytes, c->n);
    pad(p);
    for (size_t i = 0; i < c->comments_n; i += strlen(c->comments + i) + 1)
        option(p, OPT_COMMENT, c->comments + i, strlen(c->comments + i));
    option(p, OPT_END, NULL, 0);
    end_block(p);
}

/* ---- datagrams ---- */

__attribute__((format(printf, 2, 3))) static void comment(captured *c, const char *format, ...)
{
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t n = strlen(text) + 1;
    c->comments = sim_grow(c->comments, c->comments_n + n, 1);
    memcpy(c->comments + c->comments_n, text, n);
    c->comments_n += n;
}

static void put_big(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* IPv4 and UDP before n bytes (RFC 791, RFC 768), the latter without a checksum. */
static void make_headers(uint8_t *h, const tern_addr *from, const tern_addr *to, unsigned n, tern_ecn ecn)
{
    memset(h, 0, HEADERS);
    h[0] = 0x45;
    h[1] = (uint8_t)ecn;
    put_big(h + 2, HEADERS + n);
    h[8] = HOPS;
    h[9] = PROTOCOL_UDP;
    memcpy(h + 12, from->ip, 4);
    memcpy(h + 16, to->ip, 4);
    uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2) sum += (uint32_t)h[i] << 8 | h[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put_big(h + 10, ~sum & 0xffff);
    put_big(h + 20, from->port);
    put_big(h + 22, to->port);
    put_big(h + 24, 8 + n);
}

static captured *capture(sim_pcapng *p, const sim_sight *s, const tern_addr *from, const tern_addr *to)
{
    size_t n = s->datagram.n < DATAGRAM_MOST ? s->datagram.n : DATAGRAM_MOST;
    captured *c = sim_grow(NULL, 1, sizeof *c + HEADERS + n);
    *c = (captured){ .at = p->run->world.now, .number = s->number, .link = s->link, .n = HEADERS + n };
    c->interface = s->link != SIM_NO_LINK ? s->link : p->run->world.links_n + s->node;
    make_headers(c->bytes, from, to, (unsigned)n, s->ecn);
    if (n > 0) memcpy(c->bytes + HEADERS, s->datagram.p, n);
    if (!p->begun) write_beginning(p);
    c->comments = p->secrets;
    c->comments_n = p->secrets_n;
    p->secrets = NULL;
    p->secrets_n = 0;
    if (p->last == NULL)
        p->first = c;
    else
        p->last->next = c;
    p->last = c;
    return c;
}

static void write_finished(sim_pcapng *p)
{
    while (p->first != NULL && p->first->copies == 0) {
        captured *c = p->first;
        write_packet(p, c);
        p->first = c->next;
        free(c->comments);
        free(c);
    }
    if (p->first == NULL) p->last = NULL;
}

/* Where the pointer to it stands that is on its way on this link; its target is NULL when there is none. */
static captured **find(sim_pcapng *p, const sim_sight *s)
{
    captured **at = &p->of_link[s->link];
    while (*at != NULL && (*at)->number != s->number) at = &(*at)->behind;
    return at;
}

static void sent(sim_pcapng *p, const sim_sight *s)
{
    const sim_passage *way = s->passage;
    captured *c = capture(p, s, &p->run->world.nodes[s->node].addr, s->remote);
    c->copies = way->copies;
    if (way->fate != SIM_FATE_SENT) comment(c, "drop: %s", sim_fate_name(way->fate));
    if (way->corrupt) comment(c, "damaged");
    if (way->copies > 1) comment(c, "duplicated");
    if (c->copies > 0) *find(p, s) = c; /* the last: no number comes twice */
}

/* Something is known of one that is under way. */
static void arrived(sim_pcapng *p, const sim_sight *s)
{
    captured **at = s->link == SIM_NO_LINK ? &p->injected : find(p, s), *c = *at;
    if (c == NULL) return;
    const char *node = p->run->world.nodes[s->node].name;
    if (s->what == SIM_NOTE_MARKED) {
        comment(c, "marked: CE");
        return;
    }
    if (s->what == SIM_NOTE_REFUSED) comment(c, "refused by %s: %s", node, tern_drop_name((tern_drop)s->detail));
    if (s->what == SIM_NOTE_NO_NODE) comment(c, "nobody is there: %s", node);
    if (s->what == SIM_NOTE_SHED) comment(c, "drop: %s", sim_fate_name(SIM_FATE_CODEL));
    c->copies = s->what == SIM_NOTE_SHED ? 0 : c->copies - 1;
    if (c->copies == 0) *at = c->behind;
}

/*= SIM-030 */
void sim_pcapng_see(sim_pcapng *p, const sim_sight *s)
{
    const tern_addr *own = &p->run->world.nodes[s->node].addr;
    switch (s->what) {
    case SIM_NOTE_FATE: sent(p, s); break;
    case SIM_NOTE_INJECTED:
        p->injected = capture(p, s, s->remote, own);
        p->injected->copies = 1;
        comment(p->injected, "injected");
        break;
    case SIM_NOTE_NO_LINK: comment(capture(p, s, own, s->remote), "drop: no link"); break;
    default: arrived(p, s); break;
    }
    write_finished(p);
}

/*= SIM-031 */
void sim_pcapng_secret(sim_pcapng *p, const char *line)
{
    size_t n = strlen(line);
    if (!p->begun) write_beginning(p);
    begin_block(p, SECRETS);
    put_number(p, TLS_KEY_LOG, 4);
    put_number(p, n + 1, 4);
    put(p, line, n);
    put(p, "\n", 1);
    end_block(p);
    p->secrets = sim_grow(p->secrets, p->secrets_n + n + 1, 1);
    memcpy(p->secrets + p->secrets_n, line, n + 1);
    p->secrets_n += n + 1;
}

void sim_pcapng_init(sim_pcapng *p, const sim_run *run, FILE *out, const char *about)
{
    *p = (sim_pcapng){ .out = out, .run = run, .about = about };
    p->of_link = sim_grow(NULL, run->world.links_n + 1, sizeof(captured *));
    for (uint32_t i = 0; i < run->world.links_n; i++) p->of_link[i] = NULL;
}

void sim_pcapng_end(sim_pcapng *p)
{
    if (!p->begun) write_beginning(p);
    for (captured *c = p->first; c != NULL; c = c->next) {
        if (c->copies > 0) comment(c, "under way when the run ended");
        c->copies = 0;
    }
    write_finished(p);
    free(p->of_link);
    free(p->secrets);
    free(p->block);
}
