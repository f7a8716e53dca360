/* SPDX-License-Identifier: MIT */
/* tern put: gives the relay a file (spec: rooms 2). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "filestream.h"
#include "posix/hash.h"
#include "posix/say.h"
#include "posix/text.h"
#include "progress.h"

typedef struct {
    tern_connect_options connect;
    const char *path, *as;
} put_options;

typedef struct {
    tern_session session;
    tern_filestream stream;
    const char *path, *name;
    int fd;
    uint64_t size, read, sent; /* bytes of the file */
    bool said_done, stopped;
    tern_file_hash hash;
    uint8_t sha256[TERN_SHA256_SIZE];
    tern_progress progress;
    tern_time begun;
    size_t piece_n, piece_at;
    uint8_t piece[65536];
} put;

/* ---- the file */

static void break_off(put *p, const char *what)
{
    (void)tern_peer_stream_reset(tern_session_node(&p->session), 0, p->stream.id, 0);
    tern_session_fail(&p->session, "%s %s", p->path, what);
}

/* Reads the next piece. What was announced is what must be there. */
static bool read_piece(put *p)
{
    uint64_t left = p->size - p->read;
    size_t want = left < sizeof p->piece ? (size_t)left : sizeof p->piece;
    ssize_t n = read(p->fd, p->piece, want);
    if (n < 0 && errno == EINTR) n = read(p->fd, p->piece, want);
    if (n < 0) {
        tern_session_fail(&p->session, "cannot read %s: %s", p->path, strerror(errno));
        return false;
    }
    if (n == 0) {
        break_off(p, "became shorter while it was sent");
        return false;
    }
    tern_file_hash_update(&p->hash, tern_bytes_of(p->piece, (size_t)n));
    p->read += (uint64_t)n;
    p->piece_n = (size_t)n;
    p->piece_at = 0;
    return true;
}

/* Some files, such as those of /proc, never tell their size: what counts is whether there is more. */
static bool has_grown(put *p)
{
    uint8_t more;
    return read(p->fd, &more, 1) > 0;
}

/* ---- the stream */

static void say_done(put *p)
{
    tern_file_msg m = { .type = TERN_FILE_DONE };
    if (has_grown(p)) {
        break_off(p, "became longer while it was sent");
        return;
    }
    tern_file_hash_end(&p->hash, p->sha256);
    memcpy(m.sha256, p->sha256, sizeof m.sha256);
    tern_filestream_say(&p->stream, &m);
    p->said_done = true;
}

static void send_on(put *p)
{
    while (p->stream.writable && !p->stopped && !p->session.ending && tern_filestream_flush(&p->stream)) {
        if (p->said_done) {
            tern_filestream_finish(&p->stream);
            return;
        }
        if (p->piece_at < p->piece_n) {
            size_t taken =
                tern_filestream_write(&p->stream, tern_bytes_of(p->piece + p->piece_at, p->piece_n - p->piece_at));
            p->piece_at += taken;
            p->sent += taken;
        } else if (p->read < p->size) {
            if (!read_piece(p)) return;
        } else {
            say_done(p);
        }
    }
}

static void report(put *p)
{
    char hex[2 * TERN_SHA256_SIZE + 1];
    tern_time spent = tern_session_now(&p->session) - p->begun;
    tern_hex(tern_bytes_of(p->sha256, sizeof p->sha256), hex);
    tern_progress_end(&p->progress);
    (void)printf("%s  %s  %s  %s  sha256 %s\n", p->name, tern_words_size(p->size).text, tern_words_time(spent).text,
                 tern_words_rate(p->size, spent).text, hex);
    tern_session_end(&p->session, 0);
}

static void hear_answer(put *p)
{
    char what[TERN_FILE_NAME_MAX + 3];
    tern_file_msg m;
    if (!tern_filestream_hear(&p->stream, &m)) return;
    (void)snprintf(what, sizeof what, "'%s'", p->name);
    tern_progress_end(&p->progress);
    if (m.type == TERN_FILE_ERROR)
        tern_filestream_refused(&p->stream, what, m.code, m.text);
    else if (m.type != TERN_FILE_DONE || !p->said_done)
        tern_session_fail(&p->session, "the relay's answer cannot be understood");
    /*= ROOM-022 */
    else if (memcmp(m.sha256, p->sha256, sizeof m.sha256) != 0)
        tern_session_fail(&p->session, "the relay stored something else than %s: its SHA-256 differs", p->path);
    else
        report(p);
}

/* ---- the session's calls */

static void on_event(void *app, const tern_event *event)
{
    put *p = app;
    if (!p->stream.open || event->u.stream.id != p->stream.id) return;
    if (event->type == TERN_EVENT_STREAM_WRITABLE) p->stream.writable = true;
    if (event->type == TERN_EVENT_STREAM_STOPPED) p->stopped = true; /* its reason follows */
    if (event->type == TERN_EVENT_STREAM_RESET) {
        tern_progress_end(&p->progress);
        tern_filestream_refused(&p->stream, p->path, event->u.stream.code, tern_bytes_of(NULL, 0));
    }
}

static void on_round(void *app)
{
    put *p = app;
    if (!p->stream.open) {
        if (!tern_filestream_open(&p->stream)) return;
        tern_file_msg m = { .type = TERN_FILE_PUT, .size = p->size, .name = tern_bytes_of(p->name, strlen(p->name)) };
        tern_filestream_say(&p->stream, &m);
        p->begun = tern_session_now(&p->session);
        tern_progress_begin(&p->progress, p->name, p->begun);
    }
    send_on(p);
    hear_answer(p);
    if (p->session.ending) return;
    tern_session_wake(&p->session, tern_progress_draw(&p->progress, p->sent, p->size, tern_session_now(&p->session)));
}

static void begin_file(put *p)
{
    p->read = p->sent = 0;
    p->piece_n = p->piece_at = 0;
    p->said_done = p->stopped = false;
    tern_file_hash_begin(&p->hash);
    tern_filestream_init(&p->stream, &p->session);
}

static bool again(void *app)
{
    put *p = app;
    tern_file_hash_drop(&p->hash);
    begin_file(p);
    return lseek(p->fd, 0, SEEK_SET) == 0;
}

static bool open_file(put *p)
{
    struct stat st;
    p->fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (p->fd < 0 || fstat(p->fd, &st) != 0) {
        tern_say("cannot read %s: %s", p->path, strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        tern_say("cannot send %s: it is %s", p->path, S_ISDIR(st.st_mode) ? "a folder" : "no plain file");
        return false;
    }
    p->size = (uint64_t)st.st_size;
    return true;
}

static int run(const put_options *o, const char *name)
{
    static const tern_session_app app = { .event = on_event, .round = on_round, .again = again };
    put *p = calloc(1, sizeof *p);
    if (p == NULL) {
        tern_say("out of memory");
        return 1;
    }
    p->path = o->path;
    p->name = name;
    begin_file(p);
    int status = 1;
    if (open_file(p)) {
        status = tern_session_run(&p->session, &o->connect, &app, p);
        tern_progress_end(&p->progress);
    }
    if (p->fd >= 0) (void)close(p->fd);
    tern_file_hash_drop(&p->hash);
    free(p);
    return status;
}

/* ---- arguments */

static const struct argp_option options[] = {
    { "as", 'a', "NAME", 0, "the name under which the relay keeps it (default: the file's own)", 0 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    put_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->connect; break;
    case 'a': o->as = arg; break;
    case ARGP_KEY_ARG:
        if (!o->connect.has_relay)
            tern_connect_relay(state, &o->connect, arg);
        else if (o->path == NULL)
            o->path = arg;
        else
            argp_error(state, "'%s' is too much: one file at a time", arg);
        break;
    case ARGP_KEY_END:
        if (o->connect.has_relay && o->path == NULL) argp_error(state, "which file? FILE is missing");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_put_main(int argc, char **argv)
{
    static const struct argp_child children[] = TERN_CONNECT_CHILDREN;
    static const struct argp argp = {
        options,
        parse,
        "HOST:PORT FILE",
        "Gives the relay a file.\vIt is stored as received_NAME once its SHA-256 was found right, and never in part. "
        "Prints name, size, "
        "time, rate and SHA-256.",
        children,
        NULL,
        NULL,
    };
    put_options o;
    memset(&o, 0, sizeof o);
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    char *copy = strdup(o.path);
    if (copy == NULL) return 1;
    const char *name = o.as != NULL ? o.as : basename(copy);
    int status = 1;
    if (tern_file_name_ok(tern_bytes_of(name, strlen(name)))) {
        status = run(&o, name);
    } else {
        char shown[1024];
        (void)tern_escape(tern_bytes_of(name, strnlen(name, 250)), shown);
        tern_say("no file may be called '%s' on a relay (" TERN_FILE_NAME_RULE "); choose with --as NAME", shown);
    }
    free(copy);
    return status;
}
