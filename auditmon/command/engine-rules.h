/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The rules that the daemon needs for itself: who connects to a container engine's socket
 *
 * A container that an engine's daemon made has no loginuid; the human behind it is known only as a
 * client of the engine. So these rules are there whatever the rule files say. They are ordinary
 * rules of the wanted set: a socket that does not exist yet is watched as soon as it does.
 */

#include "base/mounts.h"
#include "runtime/engine-socket.h"
#include "watch/rule.h"

/* Adds what set does not have yet; what this kernel's architecture cannot have is left out. 0 or
 * -ENOMEM. */
int engine_rules_add(const struct engine_sockets *sockets, struct rule_set *set);

/*
 * The same of what Docker's daemon itself does that tells who asked: its accept4(2) and read(2) of
 * requests (key `engine-request`, client-request.h), and its shutdown(2) of a connection that it
 * had taken over (key `engine-shutdown`, client_table_shut()). For the dockerds that are installed
 * or run now (docker-program.h). proc_fd: of /proc. mounts: our own, NULL: not known. 0 or -ENOMEM.
 */
#define ENGINE_RULES_KEY_SHUTDOWN "engine-shutdown"
#define ENGINE_RULES_KEY_REQUEST "engine-request"
int engine_rules_add_dockerd(int proc_fd, const struct mounts *mounts, struct rule_set *set);

/*
 * The same of what root's running dockerds were told to trust: their configuration file and their
 * seccomp profile, wherever those are (key `trust`). proc_fd: of /proc. 0 or -ENOMEM.
 */
int engine_rules_add_trust(int proc_fd, struct rule_set *set);
