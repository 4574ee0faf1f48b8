/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/engine-network.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute/proc.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "runtime/docker-daemon.h"

#define MAX_LISTENERS 256
#define STATE_LISTEN 0x0a /* TCP_LISTEN */

/* docs.docker.com/engine/swarm: of managers, and between all nodes. */
#define PORT_OF_MANAGERS 2377
#define PORT_OF_NODES 7946

/* Inodes of the sockets that listen in a process's network namespace. */
struct listeners {
	uint32_t inodes[MAX_LISTENERS];
	size_t n;
	bool is_held;
};

/* "  0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 25133 ..." */
static void take_line(struct listeners *listeners, const char *line)
{
	unsigned port, state;
	uint32_t inode;

	if (sscanf(line,
		    " %*u: %*32[0-9A-F]:%x %*32[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %*u %*u "
		    "%" SCNu32,
		    &port, &state, &inode) != 3 ||
		state != STATE_LISTEN || port == PORT_OF_MANAGERS || port == PORT_OF_NODES)
		return;
	if (listeners->n < MAX_LISTENERS)
		listeners->inodes[listeners->n++] = inode;
}

static void read_listeners(struct listeners *listeners, int proc_fd, pid_t pid, const char *name)
{
	char path[64], line[512];
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%d/net/%s", (int)pid, name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (fgets(line, sizeof(line), file))
		take_line(listeners, line);
	fclose(file);
}

static bool on_inode(uint32_t inode, void *userdata)
{
	struct listeners *listeners = userdata;

	for (size_t i = 0; i < listeners->n; i++)
		listeners->is_held = listeners->is_held || listeners->inodes[i] == inode;
	return !listeners->is_held;
}

static bool listens(int proc_fd, pid_t pid)
{
	struct listeners listeners = { .n = 0 };

	read_listeners(&listeners, proc_fd, pid, "tcp");
	read_listeners(&listeners, proc_fd, pid, "tcp6");
	/* More than can be looked at: it may be one of them. */
	if (listeners.n == MAX_LISTENERS)
		return true;
	proc_each_socket(proc_fd, pid, on_inode, &listeners);
	return listeners.is_held;
}

static bool says_tcp(int proc_fd, pid_t pid)
{
	_cleanup_(freep) char *argv = NULL;
	size_t len;

	return proc_read_cmdline(proc_fd, pid, &argv, &len) == 0 &&
	       memmem(argv, len, "tcp://", strlen("tcp://"));
}

bool engine_has_network(int proc_fd, pid_t pid, const char *root)
{
	_cleanup_(json_freep) struct json *json = NULL;
	struct docker_hosts hosts;

	if (says_tcp(proc_fd, pid))
		return true;
	if (json_new(&json) < 0 || docker_hosts_read(proc_fd, pid, root, json, &hosts) < 0)
		return false;
	return hosts.has_network || (hosts.is_handed_over && listens(proc_fd, pid));
}
