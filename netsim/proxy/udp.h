/* SPDX-License-Identifier: MIT */
/* The only sockets of the simulator: UDP, datagram by datagram, with the marks of ECN; and the clock that goes with
 * them. */
#ifndef TERN_NETSIM_UDP_H
#define TERN_NETSIM_UDP_H

#include "tern.h"

#include <poll.h>
#include <sys/socket.h>

typedef struct {
    struct sockaddr_storage at;
    socklen_t n;
} sim_udp_addr;

typedef struct {
    char text[80];
} sim_udp_text;

/* Reads HOST:PORT or [V6]:PORT. NULL, or why not: static words, or those of the resolver. */
const char *sim_udp_parse(const char *text, sim_udp_addr *out);
sim_udp_text sim_udp_print(const sim_udp_addr *addr);
bool sim_udp_same(const sim_udp_addr *a, const sim_udp_addr *b);

/* A socket at local, whose port may be 0 and is filled in; or one that speaks with remote alone. -1: errno says why. */
int sim_udp_listen(sim_udp_addr *local);
int sim_udp_connect(const sim_udp_addr *remote);
void sim_udp_close(int fd);

typedef enum { SIM_UDP_GOT, SIM_UDP_NOTHING, SIM_UDP_REFUSED } sim_udp_result; /* REFUSED: nobody listens there */
/* One datagram that waits: room->n is then its size. */
sim_udp_result sim_udp_receive(int fd, sim_udp_addr *from, tern_buf *room, tern_ecn *ecn);
/* to NULL: to whom the socket is connected. false: the kernel did not take it; it is lost. */
bool sim_udp_send(int fd, const sim_udp_addr *to, tern_bytes datagram, tern_ecn ecn);

tern_time sim_udp_now(void);
/* Waits until a socket can be read, a signal comes, or so long. */
void sim_udp_wait(struct pollfd *fds, nfds_t n, tern_time how_long);
/* From now on SIGINT and SIGTERM come only during sim_udp_wait, and set the flag. */
void sim_udp_stop_on_signals(void);
bool sim_udp_stopped(void);

#endif
