/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where the running dockerds keep their files
 *
 * From their own command lines and configuration files. Only daemons of the host count: one inside
 * a container names paths of that container.
 */

#include "base/json.h"
#include "runtime/state-file.h"

#define DOCKER_DAEMONS_MAX 16

struct docker_daemon {
	pid_t pid;
	uid_t uid; /* 0 unless rootless */
	char *data_root;
	char *exec_root;
	char *config_file;     /* that it was given, or would read */
	char *seccomp_profile; /* absolute; NULL: its own */
};

struct docker_daemons {
	struct docker_daemon list[DOCKER_DAEMONS_MAX];
	size_t n;
};

/*
 * Replaces what daemons holds. root: prefix for the configuration file. 0, -ENOMEM, or the error of
 * reading /proc.
 */
int docker_daemons_scan(
	struct docker_daemons *daemons, int proc_fd, const char *root, struct json *json);
void docker_daemons_done(struct docker_daemons *daemons);

/* Where the dockerd that lives as pid listens, as its arguments and its configuration say. */
struct docker_hosts {
	bool has_network;    /* tcp://, or an address without a scheme */
	bool is_handed_over; /* fd://: by systemd, whatever that listens at */
};

/* 0, -ENOENT (it is no dockerd, or gone), -ENOMEM. */
int docker_hosts_read(
	int proc_fd, pid_t pid, const char *root, struct json *json, struct docker_hosts *ret);
