/* SPDX-License-Identifier: MIT */
/* Addresses: HOST:PORT as people write it, tern_addr as nodes know it, sockaddr as the kernel does. */
#ifndef TERN_POSIX_ADDRESS_H
#define TERN_POSIX_ADDRESS_H

#include <sys/socket.h>

#include "posix/why.h"
#include "tern.h"

#define TERN_HOST_SIZE 256

typedef struct {
    char host[TERN_HOST_SIZE]; /* a name, or an address without brackets */
    uint16_t port;
    bool literal; /* host is an address */
} tern_hostport;

typedef struct {
    char text[TERN_HOST_SIZE + 10];
} tern_hostport_text;

/* Reads HOST, HOST:PORT, [V6] or [V6]:PORT; without a port it is 8376. Names are made lower case. */
bool tern_hostport_parse(const char *text, tern_hostport *out, tern_why *why);
/* The one way to write it: host:port or [v6]:port. */
tern_hostport_text tern_hostport_format(const tern_hostport *hp);
/* The addresses of the host, at most cap of them; *n is at least 1 on success. */
bool tern_hostport_resolve(const tern_hostport *hp, tern_addr *out, size_t cap, size_t *n, tern_why *why);

tern_hostport_text
tern_addr_format(const tern_addr *addr);      /* 192.0.2.1:8376, [2001:db8::1]:8376, [fe80::1%eth0]:8376 */
bool tern_addr_is_any(const tern_addr *addr); /* 0.0.0.0 or :: */
bool tern_addr_same_ip(const tern_addr *a, const tern_addr *b);

socklen_t tern_addr_to_sockaddr(const tern_addr *addr, struct sockaddr_storage *out);
/* family 0 when it is neither IPv4 nor IPv6. */
tern_addr tern_addr_from_sockaddr(const struct sockaddr_storage *from);

#endif
