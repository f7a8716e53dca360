/* SPDX-License-Identifier: MIT */
/* The machine has a stack of things that are strings, marks and tuples of one string, and a memo of sixteen. */
#include "dialects/tls_chat/pickle.h"

#include "base/utf8.h"

#define MEMO_MOST  16
#define STEPS_MOST 64
#define STACK_MOST STEPS_MOST /* a step pushes one thing at most */

typedef enum { NOTHING, STRING, MARK, TUPLE } kind;

typedef struct {
    kind kind;
    tern_bytes text; /* of the string, or of the one in the tuple */
} thing;

typedef struct {
    uint64_t number;
    thing what; /* NOTHING: the entry is free */
} memory;

typedef struct {
    tern_reader in;
    tern_buf scratch;
    thing stack[STACK_MOST];
    memory memo[MEMO_MOST];
    size_t depth, memos;
    tern_drop result; /* OK while it goes on */
} machine;

static void fault(machine *m, tern_drop why)
{
    if (m->result == TERN_DROP_NONE) m->result = why;
}

static void push(machine *m, thing t)
{
    tern_assert(m->depth < STACK_MOST);
    m->stack[m->depth++] = t;
}

static void push_text(machine *m, tern_bytes text)
{
    push(m, (thing){ STRING, text });
}

/* ---- strings ---- */

static void push_utf8(machine *m, uint64_t n)
{
    tern_bytes text = tern_read_bytes(&m->in, n <= m->in.left ? (size_t)n : SIZE_MAX);
    if (!tern_reader_ok(&m->in))
        fault(m, TERN_DROP_PICKLE_CUT);
    else if (!tern_utf8_ok(text))
        fault(m, TERN_DROP_PICKLE_MALFORMED);
    else
        push_text(m, text);
}

/* A code point, to scratch. */
static void put(machine *m, tern_writer *w, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        fault(m, TERN_DROP_PICKLE_MALFORMED);
    } else if (c < 0x80) {
        tern_write_u8(w, (uint8_t)c);
    } else if (c < 0x800) {
        tern_write_u8(w, (uint8_t)(0xc0 | c >> 6));
        tern_write_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        tern_write_u8(w, (uint8_t)(0xe0 | c >> 12));
        tern_write_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        tern_write_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        tern_write_u8(w, (uint8_t)(0xf0 | c >> 18));
        tern_write_u8(w, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        tern_write_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        tern_write_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

static void push_written(machine *m, const tern_writer *w)
{
    if (!tern_writer_ok(w)) {
        fault(m, TERN_DROP_PICKLE_MALFORMED);
        return;
    }
    push_text(m, tern_written(w));
    m->scratch = (tern_buf){ m->scratch.p + w->n, m->scratch.n - w->n };
}

/* A string of Python 2: UTF-8, else Latin-1. */
static void push_bytes(machine *m, tern_bytes bytes)
{
    tern_writer w = tern_writer_of(m->scratch);
    if (tern_utf8_ok(bytes)) {
        push_text(m, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.n; i++) put(m, &w, bytes.p[i]);
    push_written(m, &w);
}

static void push_counted(machine *m, uint64_t n)
{
    tern_bytes bytes = tern_read_bytes(&m->in, n <= m->in.left ? (size_t)n : SIZE_MAX);
    if (tern_reader_ok(&m->in))
        push_bytes(m, bytes);
    else
        fault(m, TERN_DROP_PICKLE_CUT);
}

/* Up to a newline, which is passed over. */
static tern_bytes read_line(machine *m)
{
    const uint8_t *start = m->in.p;
    size_t n = 0;
    while (n < m->in.left && start[n] != '\n') n++;
    tern_bytes line = tern_read_bytes(&m->in, n);
    (void)tern_read_u8(&m->in);
    if (!tern_reader_ok(&m->in)) fault(m, TERN_DROP_PICKLE_CUT);
    return line;
}

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* n hexadecimal digits from at on; *c is left as it is when they are not there. */
static bool read_hex(tern_bytes line, size_t at, size_t n, uint32_t *c)
{
    uint32_t v = 0;
    if (at > line.n || n > line.n - at) return false;
    for (size_t i = 0; i < n; i++) {
        int d = digit_of(line.p[at + i]);
        if (d < 0) return false;
        v = v << 4 | (uint32_t)d;
    }
    *c = v;
    return true;
}

/* Protocol 0: Latin-1 with \uXXXX and \UXXXXXXXX ('raw-unicode-escape'). */
static void push_escaped(machine *m)
{
    tern_bytes line = read_line(m);
    tern_writer w = tern_writer_of(m->scratch);
    for (size_t i = 0; i < line.n;) {
        uint32_t c = line.p[i];
        size_t taken = 1;
        if (c == '\\' && i + 1 < line.n && line.p[i + 1] == 'u' && read_hex(line, i + 2, 4, &c)) taken = 6;
        if (c == '\\' && i + 1 < line.n && line.p[i + 1] == 'U' && read_hex(line, i + 2, 8, &c)) taken = 10;
        put(m, &w, c);
        i += taken;
    }
    push_written(m, &w);
}

/* What an escape of one letter stands for; 0 for none. */
static uint8_t escape_of(uint8_t letter)
{
    static const char letters[] = "ntr\\'\"", values[] = "\n\t\r\\'\"";
    for (size_t i = 0; letters[i] != '\0'; i++)
        if ((uint8_t)letters[i] == letter) return (uint8_t)values[i];
    return 0;
}

/* Protocol 0 of Python 2: a quoted literal. Escapes of one letter, \\, quotes and \xNN. */
static void push_quoted(machine *m)
{
    tern_bytes line = read_line(m);
    tern_writer w = tern_writer_of(m->scratch);
    bool quoted = line.n >= 2 && (line.p[0] == '\'' || line.p[0] == '"') && line.p[line.n - 1] == line.p[0];
    if (!quoted) {
        fault(m, TERN_DROP_PICKLE_MALFORMED);
        return;
    }
    for (size_t i = 1; i < line.n - 1; i++) {
        uint32_t c = line.p[i];
        if (c == '\\' && i + 2 < line.n) {
            uint8_t meant = escape_of(line.p[i + 1]);
            if (meant != 0) {
                c = meant;
                i++;
            } else if (line.p[i + 1] == 'x' && read_hex(line, i + 2, 2, &c)) {
                i += 3;
            }
        }
        tern_write_u8(&w, (uint8_t)c);
    }
    if (!tern_writer_ok(&w)) {
        fault(m, TERN_DROP_PICKLE_MALFORMED);
        return;
    }
    tern_bytes bytes = tern_written(&w);
    m->scratch = (tern_buf){ m->scratch.p + w.n, m->scratch.n - w.n };
    push_bytes(m, bytes);
}

/* ---- memo, marks, tuples ---- */

/* The entry of this number, else the first that is free; NULL when there is none. Numbers are the writer's choice. */
static memory *entry_of(machine *m, uint64_t number)
{
    for (size_t i = 0; i < m->memos; i++)
        if (m->memo[i].number == number) return &m->memo[i];
    return m->memos < MEMO_MOST ? &m->memo[m->memos] : NULL;
}

static void remember(machine *m, uint64_t number)
{
    memory *entry = entry_of(m, number);
    if (m->depth == 0 || entry == NULL || m->stack[m->depth - 1].kind == MARK) {
        fault(m, TERN_DROP_PICKLE_MALFORMED);
        return;
    }
    if (entry->what.kind == NOTHING) m->memos++;
    *entry = (memory){ number, m->stack[m->depth - 1] };
}

static void recall(machine *m, uint64_t number)
{
    const memory *entry = entry_of(m, number);
    if (entry == NULL || entry->what.kind == NOTHING)
        fault(m, TERN_DROP_PICKLE_MALFORMED);
    else
        push(m, entry->what);
}

static uint64_t read_decimal(machine *m)
{
    tern_bytes line = read_line(m);
    uint64_t v = 0;
    if (line.n == 0 || line.n > 4) fault(m, TERN_DROP_PICKLE_MALFORMED);
    for (size_t i = 0; i < line.n && i < 4; i++) {
        if (line.p[i] < '0' || line.p[i] > '9') fault(m, TERN_DROP_PICKLE_MALFORMED);
        v = v * 10 + (uint64_t)(line.p[i] - '0');
    }
    return v;
}

static uint64_t read_little(machine *m, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++) v |= (uint64_t)tern_read_u8(&m->in) << (8 * i);
    if (!tern_reader_ok(&m->in)) fault(m, TERN_DROP_PICKLE_CUT);
    return v;
}

/* The top of the stack becomes a tuple of it; a mark below goes when there has to be one. */
static void make_tuple(machine *m, bool marked)
{
    size_t below = marked ? 2 : 1;
    if (m->depth < below || (marked && m->stack[m->depth - 2].kind != MARK)) {
        fault(m, m->depth > 0 && marked ? TERN_DROP_PICKLE_NOT_ONE_STRING : TERN_DROP_PICKLE_MALFORMED);
        return;
    }
    thing t = m->stack[m->depth - 1];
    if (t.kind != STRING) fault(m, TERN_DROP_PICKLE_NOT_ONE_STRING);
    m->depth -= below;
    push(m, (thing){ TUPLE, t.text });
}

static void check_frame(machine *m)
{
    if (read_little(m, 8) > m->in.left) fault(m, TERN_DROP_PICKLE_CUT);
}

/* ---- the machine ---- */

/*= TCH-010 TCH-011 */
static void step(machine *m, uint8_t opcode)
{
    switch (opcode) {
    case 0x95: check_frame(m); break;                       /* FRAME */
    case 'V': push_escaped(m); break;                       /* UNICODE */
    case 'X': push_utf8(m, read_little(m, 4)); break;       /* BINUNICODE */
    case 0x8c: push_utf8(m, read_little(m, 1)); break;      /* SHORT_BINUNICODE */
    case 0x8d: push_utf8(m, read_little(m, 8)); break;      /* BINUNICODE8 */
    case 'S': push_quoted(m); break;                        /* STRING */
    case 'T': push_counted(m, read_little(m, 4)); break;    /* BINSTRING */
    case 'U': push_counted(m, read_little(m, 1)); break;    /* SHORT_BINSTRING */
    case 'p': remember(m, read_decimal(m)); break;          /* PUT */
    case 'q': remember(m, read_little(m, 1)); break;        /* BINPUT */
    case 'r': remember(m, read_little(m, 4)); break;        /* LONG_BINPUT */
    case 0x94: remember(m, m->memos); break;                /* MEMOIZE */
    case 'g': recall(m, read_decimal(m)); break;            /* GET */
    case 'h': recall(m, read_little(m, 1)); break;          /* BINGET */
    case 'j': recall(m, read_little(m, 4)); break;          /* LONG_BINGET */
    case '(': push(m, (thing){ .kind = MARK }); break;      /* MARK */
    case 't': make_tuple(m, true); break;                   /* TUPLE */
    case 0x85: make_tuple(m, false); break;                 /* TUPLE1 */
    case 0x80: fault(m, TERN_DROP_PICKLE_MALFORMED); break; /* PROTO, not at the start */
    default: fault(m, TERN_DROP_PICKLE_OPCODE); break;
    }
}

static void begin(machine *m)
{
    if (m->in.left < 2 || m->in.p[0] != 0x80) return; /* protocols 0 and 1 have no PROTO */
    if (m->in.p[1] > 5) fault(m, TERN_DROP_PICKLE_MALFORMED);
    (void)tern_read_bytes(&m->in, 2);
}

tern_drop tern_pickle_read(tern_bytes pickle, tern_buf scratch, tern_bytes *text)
{
    machine m = { .in = tern_reader_of(pickle), .scratch = scratch, .result = TERN_DROP_NONE };
    begin(&m);
    for (size_t steps = 0; m.result == TERN_DROP_NONE; steps++) {
        uint8_t opcode = tern_read_u8(&m.in);
        if (!tern_reader_ok(&m.in)) return TERN_DROP_PICKLE_CUT;
        if (opcode == '.') break;
        if (steps == STEPS_MOST) return TERN_DROP_PICKLE_LONG;
        step(&m, opcode);
    }
    if (m.result != TERN_DROP_NONE) return m.result;
    if (m.in.left > 0 || m.depth != 1 || m.stack[0].kind != TUPLE) return TERN_DROP_PICKLE_NOT_ONE_STRING;
    *text = m.stack[0].text;
    return TERN_DROP_NONE;
}

/*= TCH-003 */
void tern_pickle_write(tern_writer *w, tern_bytes text)
{
    bool is_short = text.n < 256;
    size_t frame = (is_short ? 2 : 5) + text.n + 4; /* opcode and length, text, MEMOIZE TUPLE1 MEMOIZE STOP */
    tern_write_u8(w, 0x80);
    tern_write_u8(w, 4);
    tern_write_u8(w, 0x95);
    for (size_t i = 0; i < 8; i++) tern_write_u8(w, (uint8_t)((uint64_t)frame >> (8 * i)));
    tern_write_u8(w, is_short ? 0x8c : 'X');
    for (size_t i = 0; i < (is_short ? 1 : 4); i++) tern_write_u8(w, (uint8_t)(text.n >> (8 * i)));
    if (text.n > 0) tern_write_bytes(w, text);
    tern_write_u8(w, 0x94);
    tern_write_u8(w, 0x85);
    tern_write_u8(w, 0x94);
    tern_write_u8(w, '.');
}
