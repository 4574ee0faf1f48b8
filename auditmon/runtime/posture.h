/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Posture: how far a container is held apart from its host
 *
 * Each fact has a value and the source that said so, and is absent where nobody did. What an engine
 * was asked for is in the OCI spec that it wrote; what is in force the kernel says, of the
 * container's first process once that runs the user's program: then the kernel's word replaces the
 * engine's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum posture_fact {
	POSTURE_CAPABILITIES,   /* array of those beyond Docker's default set */
	POSTURE_SECCOMP,        /* "disabled", "strict", "filter" */
	POSTURE_LABEL,          /* AppArmor profile or SELinux context */
	POSTURE_USER_NAMESPACE, /* "host", or array of [inside, outside, count] */
	POSTURE_NO_NEW_PRIVILEGES,
	POSTURE_READ_ONLY_ROOT,
	POSTURE_HOST_NAMESPACES, /* array of the kinds that are shared with the host */
	POSTURE_ENGINE_SOCKETS,  /* array of the host's paths that are reachable through a mount */
	POSTURE_HOST_PATHS,      /* array of {source (the host's name), destination, writable} */
	POSTURE_COUNT,
};
extern const char *const posture_names[POSTURE_COUNT];

struct posture_value {
	char *json;   /* NULL: not known */
	char *source; /* file that said so */
};

struct container_info;
struct json;
struct mounts;

/* Takes over json (heap text of a JSON value; NULL changes nothing), copies source. 0 or -ENOMEM.
 */
int posture_set(
	struct container_info *info, enum posture_fact fact, char *json, const char *source);

/* {"name":{"value":...,"source":"..."},...} of the facts that are known; heap text, NULL without
 * any. 0 or -ENOMEM. */
int posture_json(const struct container_info *info, char **ret);

/* Is that kind of namespace ("pid", "mnt", ...) known to be the host's? */
bool posture_shares_with_host(const struct container_info *info, const char *kind);

/* From an OCI spec (config.json of the runtime-spec) that json has loaded. 0 or -ENOMEM. */
int posture_take_spec(struct json *json, const char *source, struct container_info *info);

/*
 * From the kernel, of a process of the container that has executed its program. What cannot be read
 * stays as it was. 1: something was learned, 0: nothing, -ENOMEM.
 */
int posture_take_process(int proc_fd, pid_t pid, struct container_info *info);

/* The part of that which its mounts tell. 0 or -ENOMEM. */
int posture_take_mounts(int proc_fd, pid_t pid, struct container_info *info);

/* The parts of that, of mounts that are known: as below. host: auditmon's own. */
int posture_root_of(const struct mounts *mounts, char **ret);
int posture_host_paths(const struct mounts *mounts, const struct mounts *host, char **ret);

/* The parts of the rest, of text: heap JSON in *ret, NULL where the text does not say. 0 or
 * -ENOMEM. */
int posture_parse_capabilities(const char *status, char **ret);
int posture_parse_seccomp(const char *status, char **ret);
int posture_parse_no_new_privileges(const char *status, char **ret);
int posture_parse_uid_map(const char *uid_map, char **ret);

/* From the mounts that are known already: which engines' sockets (below root on this host, whose
 * own mounts are given, NULL: not known) do they open up? 0 or -ENOMEM. */
int posture_find_sockets(
	const char *root, const struct mounts *mounts, struct container_info *info);
