/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What an engine's own files say of a container
 *
 * Read while the container lives, because `rm` deletes them. Plain record, owned by whoever holds
 * it; absent knowledge is NULL, 0 or TRISTATE_UNKNOWN, never a guess.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/touch.h"
#include "runtime/posture.h"

/* What else an engine lists is left out: its files are outsiders' where engines are rootless. */
#define CONTAINER_MOUNTS_MAX 512

struct container_mount {
	char *source;      /* path on the host */
	char *destination; /* path in the container */
	bool writable;
	bool recursive;
};

/* By what an engine starts a container, or something in it, without being asked. */
struct container_life {
	char *restart_policy; /* "no", "always", "unless-stopped", "on-failure"; NULL: not known */
	int64_t restarts;     /* by that policy, so far */
	bool restarting;      /* by that policy, now */
	int64_t finished_msec; /* when it ended last; 0: never, or not known */
	char *health_check;   /* NUL-separated command; NULL: none, or not known */
	size_t health_check_len;
};

/* A file is as it was while these are the same. */
struct file_stamp {
	uint64_t inode;
	int64_t changed_nsec; /* 0: not known, or too young to tell a later change */
};

struct container_info {
	char *id;
	char *runtime;  /* CONTRACT's names: docker, podman, ... */
	char *outer_id; /* outermost container, when nested */
	char *pod_uid;
	char *pod_name, *pod_namespace;
	char *name;     /* without Docker's leading slash */
	char *image;    /* as the user gave it */
	char *image_id; /* sha256:... */
	char *image_digest;
	char *command; /* NUL-separated argv */
	size_t command_len;
	char *created_by; /* NUL-separated argv of the creating client, where the engine tells */
	size_t created_by_len;
	int64_t created_msec; /* 0: unknown */
	pid_t init_pid;       /* 0: unknown */
	enum tristate privileged;
	uid_t of_user;         /* whose rootless engine's it is; 0: root's */
	enum tristate running; /* by its engine's word, when that was read; not yet, at its start */
	char *labels;                   /* JSON object text */
	struct container_mount *mounts; /* each destination once */
	size_t n_mounts;
	char *process_label;  /* SELinux context of its processes */
	char *rootfs;         /* host path of the container's root where the engine says it */
	bool has_root_device; /* what is mounted there on the host, when this was read */
	uint32_t root_major, root_minor;
	struct posture_value posture[POSTURE_COUNT];
	struct container_life life;
	char *named_by;                /* the file that gave the name, as the host names it */
	struct file_stamp named_stamp; /* its state when it was read */
	char *source; /* the file or files that said so, comma-separated, for `show` */
};

/* A record of which no more is known. -ENOMEM. */
int container_info_new(const char *id, const char *runtime, struct container_info **ret);
void container_info_free(struct container_info *info);
DEFINE_CLEANUP(struct container_info *, container_info_free)

/* Deep copy. -ENOMEM. */
int container_info_copy(const struct container_info *info, struct container_info **ret);

/*
 * Adds a mount; a destination that is known stays as it is, and what is over the limit is left out.
 * 0 or -ENOMEM.
 */
int container_info_add_mount(struct container_info *info, const struct container_mount *mount);

/*
 * Takes from fresh, a later record of the same container, its name and what info lacks (what the
 * kernel had told stays). True where something is new.
 */
bool container_info_take_over(struct container_info *info, struct container_info *fresh);

/* Adds a file to info->source. 0 or -ENOMEM. */
int container_info_add_source(struct container_info *info, const char *path);
