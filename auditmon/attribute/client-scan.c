/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "attribute/client-table-internal.h"
#include "attribute/proc.h"

/* To look at each descriptor of each process takes milliseconds. */
#define MAX_SEARCHES 4
#define IDENTIFY_PAUSE_NSEC (50 * 1000000ull)

struct scan {
	struct client_table *table;
	struct client *client; /* of the process at hand, once it is needed; owned */
	pid_t pid;
	size_t n_unknown; /* connections whose holders are looked for */
};

/* NULL where it is gone before all could be read. */
static struct client *read_client(struct client_table *table, pid_t pid)
{
	const int proc_fd = table->options.proc_fd;
	_cleanup_(freep) char *exe = NULL, *argv = NULL;
	struct client from = { .pid = pid,
		.auid = AUID_UNSET,
		.session = SESSION_UNSET,
		.argv_complete = true,
		.argv_is_live = true },
		      *client;
	struct proc_stat stat;

	if (proc_read_stat(proc_fd, pid, &stat) < 0 ||
		proc_read_loginuid(proc_fd, pid, &from.auid) < 0 ||
		proc_read_uid(proc_fd, pid, &from.uid) < 0)
		return NULL;
	proc_read_session(proc_fd, pid, &from.session);
	if (proc_read_exe(proc_fd, pid, &exe) == 0)
		from.exe = exe;
	if (proc_read_cmdline(proc_fd, pid, &argv, &from.argv_len) == 0)
		from.argv = argv;
	from.parent = stat.parent;
	from.start_nsec = stat.start_nsec;
	if (table->options.entry_of)
		from.entry = table->options.entry_of(pid, &from.doubt, table->options.userdata);
	if (client_new(&from, &client) < 0)
		return NULL;
	client->content_trust = proc_read_content_trust(proc_fd, pid);
	client_read_above(client, proc_fd);
	client_read_callers(client, proc_fd, client->start_nsec);
	return client;
}

static void take(struct scan *scan, struct connection *connection)
{
	if (connection->client && connection->client->pid == scan->pid)
		return;
	if (!scan->client)
		scan->client = read_client(scan->table, scan->pid);
	if (!scan->client)
		return;
	/* A child of the client's is its own; another login is another human. */
	if (connection->client) {
		if (connection->client->auid == scan->client->auid &&
			connection->client->entry == scan->client->entry)
			connection->is_kept = true;
		else
			connection->is_shared = true;
		return;
	}
	connection->client = client_ref(scan->client);
	client_table_note_pid(scan->table, scan->pid);
	client_table_tell(scan->table, scan->client, connection->via);
}

/* Who opened it has ended, so somebody else holds it. */
static bool is_left(const struct connection *connection)
{
	return connection->client && connection->client->end_nsec != 0 &&
	       connection->closed_nsec == 0 && !connection->is_hidden;
}

static bool on_inode(uint32_t inode, void *userdata)
{
	struct scan *scan = userdata;

	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = scan->table->buckets[i]; at; at = at->next)
			if (at->client_inode == inode &&
				(!at->client || !at->client->recorded || is_left(at)))
				take(scan, at);
	return true;
}

/* What was not found a few times will not be found. */
static bool is_wanted(const struct connection *connection)
{
	bool is_unknown = !connection->client || (is_left(connection) && !connection->is_kept);

	return connection->client_inode != 0 && connection->closed_nsec == 0 && is_unknown &&
	       connection->sought < MAX_SEARCHES;
}

void client_table_identify(struct client_table *table, uint64_t now_nsec)
{
	struct scan scan = { .table = table };
	struct dirent *item;
	DIR *directory;
	int fd;

	if (table->identify_nsec != 0 && table->identify_nsec + IDENTIFY_PAUSE_NSEC > now_nsec)
		return;
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next)
			scan.n_unknown += is_wanted(at);
	if (scan.n_unknown == 0)
		return;
	table->identify_nsec = now_nsec;
	/* Some may have gone meanwhile. */
	client_table_update(table, now_nsec);
	fd = openat(table->options.proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory)
		return;
	for (item = readdir(directory); item; item = readdir(directory)) {
		char *end;
		long pid = strtol(item->d_name, &end, 10);

		if (*end != '\0' || pid <= 0)
			continue;
		scan.pid = (pid_t)pid;
		proc_each_socket(table->options.proc_fd, scan.pid, on_inode, &scan);
		client_unref(scan.client);
		scan.client = NULL;
	}
	closedir(directory);
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next)
			at->sought += is_wanted(at);
}
