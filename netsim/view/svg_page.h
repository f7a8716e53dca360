/* SPDX-License-Identifier: MIT */
/* The paper of a picture: panels with axes, lines and words, in tenths of a pixel. */
#ifndef TERN_NETSIM_SVG_PAGE_H
#define TERN_NETSIM_SVG_PAGE_H

#include "tern.h"

#include <stdio.h>

#define SIM_PAGE_WIDTH 1000
#define SIM_PANEL_LEFT 90
#define SIM_PANEL_WIDE 880
#define SIM_PANEL_HIGH 200

typedef enum { SIM_AXIS_BITS, SIM_AXIS_BYTES, SIM_AXIS_TIME } sim_axis;

/* Values from 0 to most over times from 0 to end; top: pixels from the page's. Both at least 1. */
typedef struct {
    FILE *out;
    int top;
    tern_time end;
    uint64_t most;
    sim_axis axis;
} sim_panel;

typedef struct {
    char text[40];
} sim_page_text;

void sim_page_begin(FILE *out, int height, const char *title);
void sim_page_end(FILE *out);
void sim_page_words(FILE *out, int x, int y, const char *style, const char *text); /* style: further attributes */

void sim_panel_begin(const sim_panel *p, const char *title);
int sim_panel_x(const sim_panel *p, tern_time at); /* tenths of a pixel */
int sim_panel_y(const sim_panel *p, uint64_t value);
/* The i-th entry of the legend. */
void sim_panel_legend(const sim_panel *p, int i, const char *colour, const char *text);
const char *sim_page_colour(size_t i);
sim_page_text sim_page_time(tern_time t); /* 1.25 s, 20 ms */

#endif
