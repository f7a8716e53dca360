/* SPDX-License-Identifier: MIT */
/* What the relay tells its operator on stderr: who comes and goes, and counters. */
#ifndef TERN_RELAY_REPORT_H
#define TERN_RELAY_REPORT_H

#include "posix/socket.h"
#include "transfers.h"

/* Of a dialect's client. */
void tern_report_guest(const char *dialect, const tern_event *event);
void tern_report_dialect(const char *name, const tern_node *server);
void tern_report_event(const tern_event *event);
/* Lines that begin with `stats `. */
void tern_report_stats(const tern_node *relay, const tern_transfer_counts *files);
void tern_report_socket(const tern_socket *socket);

#endif
