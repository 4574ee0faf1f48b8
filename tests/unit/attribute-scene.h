/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An event of the process INSIDE, and what is made of it: from a log or, after be_live(), with the
 * host behind it. At TIME_MSEC the machine has run for 1000 s. Include after cmocka.h.
 */

#include "attribute/attribute.h"
#include "fake-host.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CGROUP "/docker/" ID
#define PODMAN_CGROUP "/machine.slice/libpod-" ID ".scope"

#define SHIM 20
#define LOGIN 30
#define INSIDE 100
#define MAX_TOUCHES 8

#define TIME_MSEC INT64_C(4102444800000) /* after whatever the tests make has been born */
#define MONO_NSEC (1000 * FAKE_SEC)

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
	struct watch_paths *watched;
	struct path_resolver *resolver;
	struct audit_clock clock;
	struct attributor attributor;
	struct event event;

	struct touch *touches[MAX_TOUCHES];
	bool own[MAX_TOUCHES], entry_unset[MAX_TOUCHES], host_namespace[MAX_TOUCHES];
	unsigned n;
};

int scene_setup(void **state);
int scene_teardown(void **state);

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

/* An item of the event, with an identity of its own. */
struct event_path *add(struct scene *scene, const char *name, enum path_type type);

/* The event's first touch, which is borrowed until the next call; all are in scene. NULL: none. */
const struct touch *attribute(struct scene *scene);

/* With the host behind it, on which INSIDE runs. */
void be_live(struct scene *scene, const char *cgroup);
void live(struct scene *scene, struct fake_process process);
void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec);
