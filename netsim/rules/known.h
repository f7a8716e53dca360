/* SPDX-License-Identifier: MIT */
/* What files and streams are made of: both ends know it by the name. */
#ifndef TERN_NETSIM_KNOWN_H
#define TERN_NETSIM_KNOWN_H

#include "rules/state.h"

/* Registers what a file of this name will hold; the node that puts it decides its content. */
uint64_t sim_known_file_add(sim_run *r, uint32_t relay, const char *name, uint64_t size);
const sim_known_file *sim_known_file_find(const sim_run *r, uint32_t relay, tern_bytes name);
/* What a stream or a file of this name is made of. A name that begins with SIM_STREAM_MARK is a stream: its bytes are
 * compared as they come and kept by nobody. */
uint64_t sim_name_key(const sim_run *r, tern_bytes name);
#define SIM_STREAM_MARK '~'

#endif
