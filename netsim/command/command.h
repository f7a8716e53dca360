/* SPDX-License-Identifier: MIT */
/* The subcommands of tern-sim: each takes its own arguments (the first is its name) and gives the exit status. */
#ifndef TERN_NETSIM_COMMAND_H
#define TERN_NETSIM_COMMAND_H

int sim_command_run(int argc, char **argv);
int sim_command_proxy(int argc, char **argv);
int sim_command_sweep(int argc, char **argv);
int sim_command_verify(int argc, char **argv);
int sim_command_diff(int argc, char **argv);
int sim_command_shrink(int argc, char **argv);
int sim_command_blame(int argc, char **argv);
int sim_command_fmt(int argc, char **argv);

#endif
