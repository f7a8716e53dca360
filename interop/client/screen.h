/* SPDX-License-Identifier: MIT */
/* The terminal of `tern chat`: a line that can be edited at the bottom, and what comes in above it. */
#ifndef TERN_CLIENT_SCREEN_H
#define TERN_CLIENT_SCREEN_H

#include <stdbool.h>

struct tern_chat;

/* One a program, because the line editor is. All but open do nothing when it is not open. */
void tern_screen_open(struct tern_chat *chat);
void tern_screen_close(void);
void tern_screen_read(void); /* standard input has something */
/* Takes the prompt away before something is written, and brings it back; either may be called again and again. */
void tern_screen_hide(void);
void tern_screen_show(void);
/* The terminal has another size, or the program runs again after it was stopped. */
void tern_screen_changed(bool resumed);

#endif
