/* SPDX-License-Identifier: MIT */
/* The terminal of `tern chat` (see screen.h), with libedit in its callback mode. */
#define _GNU_SOURCE
#include "screen.h"

#include <editline/readline.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "chat.h"
#include "posix/say.h"

#define PROMPT       "> "
#define HISTORY_MOST 500

static struct tern_chat *owner;
static bool shown;

static unsigned columns_of_terminal(void)
{
    struct winsize w;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* Rows from the prompt's to where the cursor stands behind the prompt and text. A wide character that does not fit into
 * what is left of a row stands in the next; a control character is shown as ^X. */
static size_t rows_of(const char *text, size_t n)
{
    mbstate_t state = { 0 };
    size_t columns = columns_of_terminal(), rows = 0, at = strlen(PROMPT);
    while (n > 0) {
        wchar_t c;
        size_t taken = mbrtowc(&c, text, n, &state);
        if (taken == 0 || taken > n) break;
        int cells = wcwidth(c);
        size_t width = cells >= 0 ? (size_t)cells : 2;
        if (at + width > columns) {
            rows++;
            at = 0;
        }
        at += width;
        text += taken;
        n -= taken;
    }
    return rows + at / columns;
}

/* Removes what stands from the prompt on, when the cursor is so many rows below it. */
static void erase(size_t rows)
{
    if (rows > 0) (void)printf("\033[%zuA", rows);
    (void)fputs("\r\033[J", stdout);
    (void)fflush(stdout);
}

void tern_screen_hide(void)
{
    if (owner == NULL || !shown) return;
    erase(rows_of(rl_line_buffer, rl_line_buffer != NULL && rl_point > 0 ? (size_t)rl_point : 0));
    shown = false;
}

void tern_screen_show(void)
{
    if (owner == NULL || shown) return;
    (void)fflush(stdout);
    rl_forced_update_display();
    shown = true;
}

void tern_screen_changed(bool resumed)
{
    if (owner == NULL) return;
    if (resumed) { /* others have written to the terminal since, and may have changed how it works */
        if (tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
        shown = false;
        rl_deprep_terminal();
        rl_prep_terminal(1);
    }
    tern_screen_hide();
    rl_resize_terminal();
    tern_screen_show();
}

static void on_line(char *line);

static void install(void)
{
    rl_callback_handler_install(PROMPT, on_line);
    shown = true;
}

/* Gives the terminal back as it was. */
static void give_back(void)
{
    rl_callback_handler_remove();
    tern_say_before = NULL;
    owner = NULL;
}

/* A line was typed; libedit has moved on to the next row. What was typed is taken off the screen, because it will be
 * shown when it comes back from the relay. NULL: the end of input was typed. */
static void on_line(char *line)
{
    struct tern_chat *chat = owner;
    shown = false;
    if (line == NULL) {
        (void)fputs("\r\033[J", stdout);
        (void)fflush(stdout);
        give_back();
        tern_chat_input_ended(chat);
        return;
    }
    erase(rows_of(line, strlen(line)) + 1);
    if (line[0] != '\0') (void)add_history(line);
    install(); /* libedit reads whole lines otherwise */
    tern_chat_typed(chat, line);
    free(line);
}

/* What is typed into a room is not the name of a file. */
static char *complete_nothing(const char *text, int nth)
{
    (void)text;
    (void)nth;
    return NULL;
}

void tern_screen_open(struct tern_chat *chat)
{
    (void)setlocale(LC_ALL, "");
    owner = chat;
    rl_readline_name = "tern";
    rl_completion_entry_function = complete_nothing;
    (void)using_history();
    (void)stifle_history(HISTORY_MOST);
    install();
    tern_say_before = tern_screen_hide;
}

void tern_screen_read(void)
{
    if (owner != NULL) rl_callback_read_char();
}

void tern_screen_close(void)
{
    if (owner == NULL) return;
    tern_screen_hide();
    give_back();
}
