/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A machine: its /proc and its files, and what is read of a container there. Include after
 * cmocka.h.
 */

#include "base/cleanup.h"
#include "place.h"
#include "runtime/runtime.h"

#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define OTHER "00001f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define IMAGE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct machine {
	struct place place;
	char proc[80], root[80];
	struct runtime *runtime;
	struct container_info *info; /* what describe() read last */
};

int machine_setup(void **state);
int machine_teardown(void **state);

#define machine_test(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

/* The path of the machine's file; see place_name(). */
const char *machine_path(const struct machine *machine, const char *name);

void put(const struct machine *machine, const char *name, const char *text);

/* A link that does lead to the machine's file. */
void put_link_within(const struct machine *machine, const char *name, const char *target);

void put_process(const struct machine *machine, pid_t pid, pid_t parent, uid_t uid,
	const char *cgroup, const char *argv, size_t argv_len);

#define PUT_PROCESS(machine, pid, parent, uid, cgroup, argv)                                       \
	put_process(machine, pid, parent, uid, cgroup, argv, sizeof(argv))

/* What a link in the process's directory says. */
void put_process_link(
	const struct machine *machine, pid_t pid, const char *name, const char *target);

/* Of the process pid in that cgroup; borrowed until the next call. */
const struct container_info *describe(struct machine *machine, const char *cgroup, pid_t pid);

const struct container_mount *mount_at(const struct container_info *info, const char *destination);
