/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From the name that a process gave to the file of the host
 *
 * Identity before names: a record's (device, inode) is the host's own whatever the container calls
 * the file. Each way to a name (the watched paths, the container's mounts, what its engine says it
 * mounted, a chroot into one of those, the watched trees) yields candidates, and a candidate is the
 * answer only when the file behind it, or for a name that came or went the directory it is in, has
 * the record's identity. What cannot be verified is told as PATH_BY_NAME or PATH_AS_SEEN.
 */

#include <stdbool.h>
#include <stddef.h>

#include "attribute/container-table.h"
#include "attribute/watch-paths.h"
#include "collect/event.h"

#define HOST_PATH_SIZE 8192 /* as PATH_WALK_SIZE */

struct host_path {
	char path[HOST_PATH_SIZE];
	enum path_by by;
	bool container_own_file; /* on the container's own root, or on a file system that only the
				    container has */
};

struct path_resolver;

/* proc: "/proc". watched: borrowed for the resolver's life. 0, -ENOMEM or an error of opening
 * /proc. */
int path_resolver_new(const char *proc, struct watch_paths *watched, struct path_resolver **ret);
void path_resolver_free(struct path_resolver *resolver);
DEFINE_CLEANUP(struct path_resolver *, path_resolver_free)

/*
 * What the process said: a relative name joined with cwd, any other as it is. cwd: NULL where it is
 * not known what a relative name begins at. False where there is no name: the call was about an
 * open descriptor.
 */
bool path_seen(const struct event_path *item, const char *cwd, char *buffer, size_t size);

/*
 * seen: of path_seen(), absolute or not, NULL where there is none. parent: the item of the
 * directory that item is in, NULL: none in the event. container: NULL for a process of the host.
 * now_msec: for the age of cached answers.
 */
void path_resolve(struct path_resolver *resolver, const struct container *container,
	const struct event *event, const struct event_path *item, const struct event_path *parent,
	const char *seen, int64_t now_msec, struct host_path *ret);
