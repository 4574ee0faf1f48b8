/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A host with a daemon, a shim and a login and, from start_box() on, a container: what happens
 * there is told to a lineage, which knows nothing before scan(). Include after cmocka.h.
 *
 * Of the pids, those below BOX are the host's. Times are milliseconds since the scene began.
 */

#include "attribute/lineage.h"
#include "fake-host.h"

#define HEX16 "0123456789abcdef"
#define ID "c1" HEX16 HEX16 HEX16 "0123456789abcd"
#define INNER_ID "d2" HEX16 HEX16 HEX16 "0123456789abcd"
#define OTHER_ID "e3" HEX16 HEX16 HEX16 "0123456789abcd"
#define CGROUP "/docker/" ID
#define OTHER_CGROUP "/docker/" OTHER_ID
#define ENGINE_CGROUP "/system.slice/docker.service"
#define LOGIN_CGROUP "/user.slice/session-3.scope"

#define INIT 1
#define DAEMON 10
#define SHIM 20
#define LOGIN 30
#define BOX 100 /* the container's first process */

#define LOGIN_AUID 3267

#define HOST_NAMESPACE "mnt:[1]"
#define BOX_NAMESPACE "mnt:[2]"

/* By how much the audit clock may be behind. */
#define SLACK_MSEC 6

struct scene {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
	unsigned n_appeared, n_ended; /* containers, as the lineage told */
	pid_t maker;                  /* of the entry that began last */
};

int scene_setup(void **state);
int scene_teardown(void **state);

#define scene_test(test) cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

/* The lineage knows nothing again, and not more than that many processes from now on. */
void forget_all(struct scene *scene, size_t process_limit);

uint64_t at(uint64_t msec);
void scan(struct scene *scene);

/* It is in /proc, or is there as it is now; without a time it was there before the scene began. */
void live(struct scene *scene, struct fake_process process);
void happen(
	struct scene *scene, enum process_event_type type, pid_t pid, pid_t parent, uint64_t msec);

/* In /proc, and its birth is told: in the container, or in that cgroup and of unknown mounts. */
void born(struct scene *scene, pid_t pid, pid_t parent, uint64_t msec);
void born_in(struct scene *scene, pid_t pid, pid_t parent, const char *cgroup, uint64_t msec);

/* It executes argv, and is in that cgroup and those mounts by then. */
void exec_in(struct scene *scene, pid_t pid, pid_t parent, uint64_t born_msec, const char *cgroup,
	const char *mounts, const char *argv, uint64_t msec);

/* A process that comes and goes before anybody can look. */
void flash(struct scene *scene, pid_t pid, pid_t parent, uint64_t from_msec, uint64_t until_msec);
void die(struct scene *scene, pid_t pid, uint64_t msec);

/* Scans; then the shim's child moves into the container and executes its program, as the init of
 * a pid namespace, until 20. */
void start_box(struct scene *scene);

struct lineage_answer find(struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec);
struct lineage_answer find_slack(
	struct scene *scene, pid_t pid, pid_t ppid, uint64_t msec, uint64_t slack_msec);

const char *container_of(const struct lineage_answer *answer);

void assert_host(struct lineage_answer answer);
void assert_in(struct lineage_answer answer, const char *id, enum attributed_by by);
void assert_doubt(struct lineage_answer answer);
void assert_kind(struct lineage_answer answer, enum entry_kind kind);
