/* SPDX-License-Identifier: MIT */
/* The subcommands of tern: each takes its own arguments (the first is its name) and gives the exit status. */
#ifndef TERN_CLIENT_COMMANDS_H
#define TERN_CLIENT_COMMANDS_H

int tern_chat_main(int argc, char **argv);
int tern_put_main(int argc, char **argv);
int tern_get_main(int argc, char **argv);
int tern_ping_main(int argc, char **argv);
int tern_certs_main(int argc, char **argv);
int tern_key_main(int argc, char **argv);
int tern_dialect_main(int argc, char **argv);

#endif
