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

/* Columns that text takes on the terminal. */
static size_t width_of(const char *text, size_t n)
{
    mbstate_t state = { 0 };
    size_t width = 0;
    while (n > 0) {
        wchar_t c;
        size_t taken = mbrtowc(&c, text, n, &state);
        if (taken == 0 || taken > n) break;
        int columns = wcwidth(c);
        width += columns > 0 ? (size_t)columns : 0;
        text += taken;
        n -= taken;
    }
    return width;
}

/* Removes what stands from the prompt on, when the cursor is behind columns of it. */
static void erase(size_t columns)
{
    size_t rows = columns / columns_of_terminal();
    if (rows > 0) (void)printf("\033[%zuA", rows);
    (void)fputs("\r\033[J", stdout);
    (void)fflush(stdout);
}

void tern_screen_hide(void)
{
    if (owner == NULL || !shown) return;
    size_t at = rl_line_buffer != NULL && rl_point > 0 ? width_of(rl_line_buffer, (size_t)rl_point) : 0;
    erase(strlen(PROMPT) + at);
    shown = false;
}

void tern_screen_show(void)
{
    if (owner == NULL || shown) return;
    (void)fflush(stdout);
    rl_forced_update_display();
    shown = true;
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
    size_t rows = (strlen(PROMPT) + width_of(line, strlen(line))) / columns_of_terminal() + 1;
    (void)printf("\033[%zuA\r\033[J", rows);
    (void)fflush(stdout);
    if (line[0] != '\0') (void)add_history(line);
    install(); /* libedit reads whole lines otherwise */
    tern_chat_typed(chat, line);
    free(line);
}

void tern_screen_open(struct tern_chat *chat)
{
    (void)setlocale(LC_ALL, "");
    owner = chat;
    rl_readline_name = "tern";
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
