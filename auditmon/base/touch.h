/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The touch: one process did one thing to one path of the host
 *
 * The record that attribute/ fills, detect/ flags, store/ keeps and output/ prints; its JSON form
 * is CONTRACT's "One touch". One audit event yields one touch for each path it changed (a rename
 * has two). It is a plain record: its pointers are borrowed from whoever filled it, until that one
 * says; touch_copy() makes a block that owns everything.
 *
 * Strings are bytes as the kernel gave them, without NUL, not necessarily UTF-8. A NULL string is
 * absent knowledge.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

#define AUID_UNSET UINT32_MAX
#define SESSION_UNSET UINT32_MAX

enum action {
	ACTION_WRITE,
	ACTION_ATTR,
	ACTION_CREATE,
	ACTION_DELETE,
	ACTION_RENAME,
	ACTION_LINK,
	ACTION_READ,
	ACTION_EXEC,
	ACTION_CONNECT,
	ACTION_MOUNT,
	ACTION_DENIED,
	ACTION_COUNT,
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_NOTICE,
	SEVERITY_WARNING,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT,
};

/* Bit numbers of touch.flags, in the order in which they are printed. Stored in databases: only
 * add. */
enum flag {
	FLAG_HOST_WRITE,
	FLAG_DAEMON_SPAWNED,
	FLAG_PRIVILEGED,
	FLAG_HOST_NAMESPACE,
	FLAG_CGROUP_ESCAPE,
	FLAG_ENGINE_SOCKET,
	FLAG_RAW_DEVICE,
	FLAG_TRUST_CHANGE,
	FLAG_SECRET_READ,
	FLAG_LOG_TAMPER,
	FLAG_FAILED,
	FLAG_COUNT,
};
#define FLAG_BIT(flag) (1u << (flag))

/* How touch.path was found. */
enum path_by {
	PATH_AS_SEEN, /* not resolved: path is path_seen */
	PATH_BY_NAME, /* translated through the mounts, not verified: the file was gone or replaced
		       */
	PATH_BY_IDENTITY, /* verified by (device, inode) of the file or of its parent directory */
	PATH_BY_COUNT,
};

enum entry_kind {
	ENTRY_UNKNOWN,
	ENTRY_INIT,
	ENTRY_EXEC,
	ENTRY_COUNT,
};

enum attributed_by {
	ATTRIBUTED_NONE,
	ATTRIBUTED_CGROUP,
	ATTRIBUTED_LINEAGE,
	ATTRIBUTED_SHIM,
	ATTRIBUTED_LABEL,
	ATTRIBUTED_COUNT,
};

enum confidence {
	CONFIDENCE_NONE,
	CONFIDENCE_AMBIGUOUS,
	CONFIDENCE_LIKELY,
	CONFIDENCE_CERTAIN,
	CONFIDENCE_COUNT,
};

/* Was DOCKER_CONTENT_TRUST set in the environment of the client? */
enum content_trust {
	CONTENT_TRUST_UNKNOWN,
	CONTENT_TRUST_OFF,
	CONTENT_TRUST_ON,
	CONTENT_TRUST_COUNT,
};

enum tristate {
	TRISTATE_UNKNOWN = -1,
	TRISTATE_NO = 0,
	TRISTATE_YES = 1,
};

/* NUL-separated arguments, as in /proc/PID/cmdline; bytes is NULL where nothing is known. */
struct arguments {
	const char *bytes;
	size_t len;
	bool complete; /* false: cut short (PROCTITLE ends at 128 bytes) */
};

struct touch_container {
	const char *id; /* NULL: a process of the host, or (touch.doubt says so) unknown */
	const char *name;
	const char *runtime;
	const char *image;
	const char *image_id; /* only read from the store, which has it of the engine */
	const char *outer_id; /* outermost container where it is nested in one; NULL: not nested */
	enum tristate privileged; /* of the outermost, where it is nested */
	enum entry_kind entry;
	enum attributed_by attributed_by;
};

/* The human behind the entry. confidence CONFIDENCE_NONE: nothing known, the JSON object is null.
 */
struct touch_launcher {
	uint32_t auid;
	const char *login;
	pid_t pid; /* 0: unknown */
	const char *exe;
	struct arguments argv;
	const char *via; /* the engine's socket; NULL for engines that fork and exec */
	enum confidence confidence;
	struct arguments evidence; /* NUL-separated sentences */
	enum content_trust content_trust;
	const char *reason;        /* with CONFIDENCE_NONE: why nobody is named; NULL: no container */
};

struct touch {
	int64_t time_msec; /* UTC since the epoch */
	uint64_t serial;
	unsigned item; /* position among the touches of one event, from 0 */
	const char *node;
	const char *path;
	const char *path_seen;
	enum path_by path_by;
	uint64_t inode; /* 0: none in the record */
	uint32_t dev_major, dev_minor;
	enum action action;
	bool success;
	int error; /* errno (positive) of a failed call, else 0 */
	const char *syscall;
	const char *watch;
	pid_t pid, ppid;
	const char *comm;
	const char *exe;
	struct arguments argv;
	const char *ancestors; /* JSON: from the container's entry down to the parent, see
				  attribute/ancestry.h; of an engine's client on the host: from
				  pid 1, see attribute/callers.h; NULL: not known, or of the host */
	uint32_t uid;
	const char *user;
	uint32_t auid; /* AUID_UNSET: null */
	const char *login;
	uint32_t session; /* SESSION_UNSET: null */
	struct touch_container container;
	struct touch_launcher launcher;
	unsigned flags; /* FLAG_BIT() each */
	enum severity severity;
	const char *suppressed; /* name and comment of the rule that keeps its flags quiet; NULL: none */
	/* SHA-256 in hex, of what decides about trust: as last known before, and as it came to rest
	 * afterwards. NULL: not known, or no file. */
	const char *digest_before, *digest_after;
	const char *doubt; /* why the attribution may be incomplete; NULL: no doubt */
};

/* What of a touch is only for its flags. */
struct touch_facts {
	bool own_file;    /* the file is of the container's own root file system, not the host's */
	bool unknown_file; /* some file, which may be the container's own */
	bool entry_unset; /* the container's entry had loginuid unset when it appeared */
	bool host_namespace; /* the container's process is in the host's mount or pid namespace */
	bool cgroup_left;    /* ... in a cgroup outside its container's */
	bool engine_socket;  /* path is a socket by which a container engine is commanded */
	bool block_device;   /* the file is a block device */
	bool reads;	     /* the call lets the process read what is in the file */
	bool own_records;    /* no file: the audit system's own rules or state were changed by the
				touch's process */
	uint32_t of_user;    /* whose rootless engine the container is of; 0: root's */
	const char *pod_uid; /* of the container's pod, borrowed; NULL: none is known */
	const char *labels;  /* the container's, a JSON object, borrowed; NULL: not known */
};

/* Names as CONTRACT prints them; each array has exactly as many entries as its enum. NULL where the
 * JSON has null. */
extern const char *const action_names[ACTION_COUNT];
extern const char *const severity_names[SEVERITY_COUNT];
extern const char *const flag_names[FLAG_COUNT];
extern const char *const path_by_names[PATH_BY_COUNT];
extern const char *const entry_names[ENTRY_COUNT];
extern const char *const attributed_by_names[ATTRIBUTED_COUNT];
extern const char *const confidence_names[CONFIDENCE_COUNT];
extern const char *const content_trust_names[CONTENT_TRUST_COUNT];

/* Index of name in a table of names, or -EINVAL. */
int name_lookup(const char *const *names, size_t n_names, const char *name);

/* One heap block with a touch and all that it points to; free() it. -ENOMEM. */
int touch_copy(const struct touch *touch, struct touch **ret);
