/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What can be learned of an entry from its first process and from those outside that made it
 */

#include <stdbool.h>
#include <sys/types.h>

#include "attribute/container-table.h"

/*
 * Takes from pid, an ancestor outside of the container, what is not known yet: the loginuid (a
 * process inside may set its own while that is unset, so inside is no place to ask), and whether it
 * is the client of an engine that forks and execs. Ask the nearest ancestor first.
 */
void entry_learn_from(struct entry *entry, int proc_fd, pid_t pid);

/*
 * Is it the container's init or an exec? Decided by pid 1 of a pid namespace as soon as that shows,
 * otherwise when the entry's first process executes its program: then by whether the container has
 * an init that lives.
 */
void entry_settle(struct entry *entry, int proc_fd, bool has_executed);

/* Reads the container's mounts as pid sees them; what was read before stays if that fails. */
void entry_read_mounts(struct entry *entry, int proc_fd, pid_t pid);

/*
 * The entry of a child that a scan met under parent: parent's own, or a new one of unknown kind
 * where the child may be an orphan of another entry (it has a session of its own under the
 * container's init). The reference is the caller's; NULL without memory.
 */
struct entry *entry_of_child(struct entry *parent, int proc_fd, pid_t pid);

/* What its first process executed first; bytes NULL: not known, or only a stage of the runtime's.
 * Borrowed from entry. */
struct arguments entry_program(const struct entry *entry);

/* The human of a fork and exec engine's entry, or confidence none. login stays NULL; pointers are
 * borrowed from entry. */
void entry_launcher(const struct entry *entry, struct touch_launcher *ret);
