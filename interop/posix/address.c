/* SPDX-License-Identifier: MIT */
/* Addresses (see address.h). */
#define _GNU_SOURCE
#include "posix/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    if (*text == '\0' || strlen(text) > 5) return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (unsigned)(*text - '0');
    }
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool is_ipv6(const char *host)
{
    char address[TERN_HOST_SIZE];
    struct in6_addr ignored;
    (void)snprintf(address, sizeof address, "%.*s", (int)strcspn(host, "%"), host);
    return inet_pton(AF_INET6, address, &ignored) == 1;
}

static bool is_ipv4(const char *host)
{
    struct in_addr ignored;
    return inet_pton(AF_INET, host, &ignored) == 1;
}

/* Splits text: where the host stands, and the port's text, NULL when there is none. */
static bool split(const char *text, const char **host, size_t *host_n, const char **port)
{
    *port = NULL;
    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':')) return false;
        *host = text + 1;
        *host_n = (size_t)(end - text - 1);
        if (end[1] == ':') *port = end + 2;
        return true;
    }
    const char *colon = strrchr(text, ':');
    *host = text;
    *host_n = strlen(text);
    if (colon == NULL || is_ipv6(text)) return true;
    *host_n = (size_t)(colon - text);
    *port = colon + 1;
    return true;
}

static bool is_host_name(const char *host)
{
    for (; *host != '\0'; host++)
        if (!isalnum((unsigned char)*host) && strchr("-._", *host) == NULL) return false;
    return true;
}

bool tern_hostport_parse(const char *text, tern_hostport *out, tern_why *why)
{
    const char *host, *port;
    size_t n;
    memset(out, 0, sizeof *out);
    out->port = TERN_DEFAULT_PORT;
    bool bracketed = text[0] == '[';
    if (!split(text, &host, &n, &port) || n >= sizeof out->host)
        return tern_because(why, "'%.300s' is not HOST:PORT or [IPV6]:PORT", text);
    if (n == 0) return tern_because(why, "'%.300s' has no host in front of the port", text);
    memcpy(out->host, host, n);
    if (port != NULL && !parse_port(port, &out->port))
        return tern_because(why, "'%.300s' is no port in '%.300s': it is a number from 0 to 65535", port, text);
    if (is_ipv6(out->host)) {
        out->literal = true;
        return true;
    }
    if (bracketed) return tern_because(why, "'%.300s' is no IPv6 address in '%.300s'", out->host, text);
    if (strchr(out->host, ':') != NULL)
        return tern_because(why, "'%.300s' is no address: an IPv6 address with a port is [ADDRESS]:PORT", text);
    out->literal = is_ipv4(out->host);
    if (!out->literal && !is_host_name(out->host))
        return tern_because(why, "'%.300s' is no host name or address", out->host);
    for (char *c = out->host; *c != '\0'; c++) *c = (char)tolower((unsigned char)*c);
    return true;
}

tern_hostport_text tern_hostport_format(const tern_hostport *hp)
{
    tern_hostport_text t;
    bool v6 = strchr(hp->host, ':') != NULL;
    (void)snprintf(t.text, sizeof t.text, v6 ? "[%s]:%u" : "%s:%u", hp->host, hp->port);
    return t;
}

static bool is_new(const tern_addr *list, size_t n, const tern_addr *addr)
{
    for (size_t i = 0; i < n; i++)
        if (tern_addr_same_ip(&list[i], addr)) return false;
    return true;
}

bool tern_hostport_resolve(const tern_hostport *hp, tern_addr *out, size_t cap, size_t *n, tern_why *why)
{
    struct addrinfo hints = { 0 }, *list = NULL;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    if (hp->literal) hints.ai_flags = AI_NUMERICHOST;
    *n = 0;
    int error = getaddrinfo(hp->host, NULL, &hints, &list);
    if (error != 0) {
        const char *words = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return tern_because(why, "cannot find the host '%s': %s", hp->host, words);
    }
    for (struct addrinfo *i = list; i != NULL && *n < cap; i = i->ai_next) {
        struct sockaddr_storage sa = { 0 };
        if (i->ai_addrlen > sizeof sa) continue;
        memcpy(&sa, i->ai_addr, i->ai_addrlen);
        tern_addr addr = tern_addr_from_sockaddr(&sa);
        addr.port = hp->port;
        if (addr.family != 0 && is_new(out, *n, &addr)) out[(*n)++] = addr;
    }
    freeaddrinfo(list);
    if (*n == 0) return tern_because(why, "the host '%s' has no IPv4 or IPv6 address", hp->host);
    return true;
}

tern_hostport_text tern_addr_format(const tern_addr *addr)
{
    tern_hostport_text t;
    char ip[INET6_ADDRSTRLEN] = "?", zone[IF_NAMESIZE] = "";
    (void)inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, ip, sizeof ip);
    if (addr->family == 4) {
        (void)snprintf(t.text, sizeof t.text, "%s:%u", ip, addr->port);
        return t;
    }
    if (addr->zone != 0 && if_indextoname(addr->zone, zone) == NULL)
        (void)snprintf(zone, sizeof zone, "%u", (unsigned)addr->zone);
    (void)snprintf(t.text, sizeof t.text, "[%s%s%s]:%u", ip, zone[0] != '\0' ? "%" : "", zone, addr->port);
    return t;
}

bool tern_addr_is_any(const tern_addr *addr)
{
    static const uint8_t zero[16];
    return memcmp(addr->ip, zero, sizeof zero) == 0;
}

bool tern_addr_same_ip(const tern_addr *a, const tern_addr *b)
{
    return a->family == b->family && a->zone == b->zone && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

socklen_t tern_addr_to_sockaddr(const tern_addr *addr, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (addr->family == 4) {
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(addr->port) };
        memcpy(&in.sin_addr, addr->ip, 4);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(addr->port), .sin6_scope_id = addr->zone };
    memcpy(&in6.sin6_addr, addr->ip, 16);
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

tern_addr tern_addr_from_sockaddr(const struct sockaddr_storage *from)
{
    tern_addr addr = { 0 };
    if (from->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        addr.family = 4;
        addr.port = ntohs(in.sin_port);
        memcpy(addr.ip, &in.sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        addr.family = 6;
        addr.port = ntohs(in6.sin6_port);
        addr.zone = in6.sin6_scope_id;
        memcpy(addr.ip, &in6.sin6_addr, 16);
    }
    return addr;
}
