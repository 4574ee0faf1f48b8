/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The "host" is a file system of its own in a mount namespace of this test, and a container is a
 * process that has gone into yet another namespace, with its root elsewhere and some of the host
 * mounted. So mountinfo, devices and inodes are the kernel's. Without root there are no mounts:
 * what needs them is skipped. Include after cmocka.h.
 */

#include "attribute/host-path.h"
#include "base/mounts.h"
#include "place.h"
#include "runtime/runtime.h"

#define NOW 100000

struct host {
	struct place place;
	struct watch_paths *watched;
	struct path_resolver *resolver;

	pid_t pid; /* of the container's process; 0: none */
	struct container_info info;
	struct container_mount engine_mount;
	struct container container;

	struct event event;
	struct host_path answer;
};

struct binding {
	const char *source, *destination;
};

/* Before all tests: a mount namespace of their own, where that is allowed. */
int own_mounts(void **state);

int host_setup(void **state);
int host_teardown(void **state);

#define host_test(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)

/* Skips the test where nothing can be mounted. */
void need_mounts(void);

/* See place_name(). */
const char *path_of(const struct host *host, const char *name);

void watch(struct host *host, const char *name, bool tree);

/* A container with a tmpfs as its root, and what is bound into it; its mounts are known. */
void enter_container(struct host *host, const struct binding *bindings, size_t n);
void read_mounts_of(struct host *host, pid_t pid);

/* An item of the event, with an identity, or that of a file of the host; by whatever name the
 * process gave. */
struct event_path *add_identity(
	struct host *host, const char *name, const struct stat *st, enum path_type type);
struct event_path *add(struct host *host, const char *name, const char *file, enum path_type type);

/* The answer is in host. Contained: asked for a process of the container. */
void resolve(struct host *host, const struct event_path *item, const struct event_path *parent);
void resolve_contained(
	struct host *host, const struct event_path *item, const struct event_path *parent);
void resolve_in(struct host *host, const struct container *container, const struct event_path *item,
	const struct event_path *parent, const char *cwd);

void assert_answer(const struct host *host, enum path_by by, const char *name);
void assert_as_seen(const struct host *host, const char *path);
