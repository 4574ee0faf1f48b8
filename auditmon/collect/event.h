/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One audit event, decoded
 *
 * What collect/ hands to attribute/: the records of one serial number, in the process's own words.
 * Everything is borrowed from the decoder until it is fed again. A NULL string and a false has_
 * field are things that the records did not say.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/touch.h"
#include "watch/companion.h"

#define EVENT_MAX_PATHS 32

enum path_type {
	PATH_TYPE_NORMAL,
	PATH_TYPE_PARENT,
	PATH_TYPE_CREATE,
	PATH_TYPE_DELETE,
	PATH_TYPE_UNKNOWN, /* a name that the call did not get to */
};

struct event_path {
	const char *name; /* as the process gave it; NULL: none in the record */
	bool has_inode;
	uint64_t inode;
	uint32_t dev_major, dev_minor; /* of the file system, as in /proc/PID/mountinfo */
	mode_t mode;
	enum path_type type;
};

/* A container engine's word of what it was asked for, and by whom: see collect/engine-record.h. The
 * event's pid and uid are the sender's. */
struct event_engine {
	const char *operation; /* "start", "exec"; NULL: no such record */
	const char *name, *id; /* of the container; NULL: not told */
	pid_t pid;             /* of its first process; 0: not told */
	uint32_t auid;
	bool failed;
};

struct event {
	int64_t time_msec;
	uint64_t serial;
	const char *node; /* NULL: the log names none */

	bool has_syscall;
	uint32_t arch; /* AUDIT_ARCH_... */
	int syscall_number;
	const char *syscall; /* NULL: a number that libaudit and we have no name for */
	bool success;
	int64_t exit;
	uint64_t arguments[4];
	uint64_t open_flags; /* of openat2, whose flags are not among the arguments */
	bool has_open_flags;

	/*
	 * Requests of io_uring (URINGOP), beside the system call that they ran in or without one: then
	 * pid, ppid and uid are all that the kernel tells of the process. success and exit are theirs.
	 */
	unsigned n_ring;
	const char *ring_operation; /* see collect/ring.h; NULL: none, or several that differ */

	pid_t pid, ppid;
	uint32_t uid, auid, session;
	const char *user, *login; /* only where the log was written enriched */
	const char *comm, *exe;
	const char *key; /* several are joined by ','; as they were written, without the scope */
	enum rule_scope scope;
	const char *scope_directory; /* of SCOPE_BELOW; NULL: of another */
	const char *label; /* the process's security context (subj=); NULL: not told */
	const char *cwd;
	struct arguments argv;
	const char *socket_path; /* AF_UNIX address of a connect */

	struct event_path paths[EVENT_MAX_PATHS];
	unsigned n_paths;

	/* A security module or seccomp refused something; not what they only logged. Beside a
	 * system call that succeeded all the same, or without one. */
	bool is_denied;
	const char *denied_path; /* as its record names it, from the root; NULL: not at all */

	/* A change of the audit configuration: by itself, and once more with the system call that
	 * made it. */
	const char *config_op,
		*config_path;     /* path: of a rule that the kernel re-pointed or removed */
	bool config_by_user;      /* a process asked for it */
	bool config_failed;       /* ... and did not get it */
	bool config_switched_off; /* auditing as a whole */

	struct event_engine engine;
};
