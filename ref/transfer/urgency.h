/* SPDX-License-Identifier: MIT */
/* Urgency (spec: transfer 3; RFC 9218 section 4.1): 0 is the most urgent; what is less urgent waits until nothing more
 * urgent can leave. */
#ifndef TERN_TRANSFER_URGENCY_H
#define TERN_TRANSFER_URGENCY_H

#define TERN_URGENCIES         8
#define TERN_URGENCY_DATAGRAMS 1
#define TERN_URGENCY_MESSAGES  2 /* of the message space: rooms */
#define TERN_URGENCY_DEFAULT   3

#endif
