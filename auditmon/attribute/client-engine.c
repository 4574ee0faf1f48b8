/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/client-table-internal.h"
#include "attribute/engine-network.h"
#include "attribute/proc.h"

/*
 * The engines' own descriptors
 *
 * The engine's end of a connection belongs to the network namespace of its client
 * (unix_stream_connect() in net/unix/af_unix.c), so the list of ours lacks the connections of every
 * container that has a namespace of its own. The engine's descriptors have them all.
 */

static int compare_inodes(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	return first < second ? -1 : first > second;
}

void client_table_see_inode(struct client_table *table, uint32_t inode)
{
	if (table->n_visible == table->max_visible) {
		size_t max = table->max_visible ? 2 * table->max_visible : 512;
		uint32_t *visible = reallocarray(table->visible, max, sizeof(*visible));

		if (!visible) {
			table->overflown = true;
			return;
		}
		table->visible = visible;
		table->max_visible = max;
	}
	table->visible[table->n_visible++] = inode;
}

struct daemon_search {
	struct client_table *table;
	pid_t pid;
	bool holds;
	uint64_t places; /* at which what it holds listens: a bit each */
};

_Static_assert(MAX_PLACES <= 64, "a bit for each place");

static bool is_listener(uint32_t inode, void *userdata)
{
	struct daemon_search *search = userdata;

	for (size_t i = 0; i < search->table->n_listeners; i++)
		if (search->table->listeners[i] == inode) {
			search->table->listener_is_held[i] = true;
			search->holds = true;
		}
	for (size_t i = 0; i < search->table->n_places; i++)
		if (search->table->places[i].listener == inode)
			search->places |= UINT64_C(1) << i;
	return true;
}

static void add_daemon(struct client_table *table, pid_t pid, uint64_t places)
{
	struct proc_stat stat;

	if (table->n_daemons == MAX_DAEMONS) {
		table->overflown = true;
	} else {
		proc_read_exe(table->options.proc_fd, pid, &table->programs[table->n_daemons]);
		table->starts_nsec[table->n_daemons] =
			proc_read_stat(table->options.proc_fd, pid, &stat) < 0 ? 0 : stat.start_nsec;
		table->daemons[table->n_daemons++] = pid;
	}
	if (engine_has_network(table->options.proc_fd, pid, ""))
		table->elsewhere = ENGINE_ON_THE_NETWORK;
	if (!engine_may_speak_http2(&table->protocols, table->options.proc_fd, pid))
		return;
	for (size_t i = 0; i < table->n_places; i++)
		table->places[i].may_speak_http2 |= (places >> i & 1) != 0;
}

void client_table_forget_daemons(struct client_table *table)
{
	for (size_t i = 0; i < table->n_daemons; i++) {
		free(table->programs[i]);
		table->programs[i] = NULL;
	}
	table->n_daemons = 0;
}

/* Who holds the sockets at which engines listen; systemd may, beside them. */
static void find_daemons(struct client_table *table)
{
	int fd = openat(table->options.proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	client_table_forget_daemons(table);
	/* Their executables may have been moved before. */
	client_table_untold(table);
	table->elsewhere = NULL;
	for (size_t i = 0; i < table->n_places; i++)
		table->places[i].may_speak_http2 = false;
	memset(table->listener_is_held, 0, sizeof(table->listener_is_held));
	for (item = directory ? readdir(directory) : NULL; item; item = readdir(directory)) {
		struct daemon_search search = { .table = table };
		char *end;
		long pid = strtol(item->d_name, &end, 10);

		if (*end != '\0' || pid <= 0)
			continue;
		search.pid = (pid_t)pid;
		proc_each_socket(table->options.proc_fd, search.pid, is_listener, &search);
		if (search.holds)
			add_daemon(table, search.pid, search.places);
	}
	if (directory)
		closedir(directory);
	table->has_network = table->elsewhere || table->others_elsewhere;
	memcpy(table->daemons_of, table->listeners, sizeof(table->daemons_of));
	table->n_daemons_of = table->n_listeners;
}

static bool is_visible(const struct client_table *table, uint32_t inode)
{
	return bsearch(&inode, table->visible, table->n_visible, sizeof(inode), compare_inodes);
}

static bool on_end(uint32_t inode, void *userdata)
{
	struct daemon_search *search = userdata;

	if (!is_visible(search->table, inode) &&
		proc_socket_is_unix(search->table->options.proc_fd, search->pid, inode))
		client_table_add_hidden(search->table, inode);
	return true;
}

void client_table_look_at_engines(struct client_table *table)
{
	qsort(table->listeners, table->n_listeners, sizeof(*table->listeners), compare_inodes);
	qsort(table->visible, table->n_visible, sizeof(*table->visible), compare_inodes);
	if (table->n_listeners != table->n_daemons_of ||
		memcmp(table->listeners, table->daemons_of,
			table->n_listeners * sizeof(*table->listeners)) != 0)
		find_daemons(table);
	for (size_t i = 0; i < table->n_daemons; i++) {
		struct daemon_search search = { .table = table, .pid = table->daemons[i] };

		/* What it held, its connections, went with it. */
		if (proc_each_socket(table->options.proc_fd, search.pid, on_end, &search) < 0)
			table->n_daemons_of = 0;
	}
	for (size_t i = 0; i < table->n_listeners; i++)
		table->overflown = table->overflown || !table->listener_is_held[i];
}

static bool is_listener_of(uint32_t inode, void *userdata)
{
	struct daemon_search *search = userdata;

	for (size_t i = 0; i < search->table->n_listeners; i++)
		search->holds = search->holds || search->table->listeners[i] == inode;
	return !search->holds;
}

bool client_table_is_engine(const struct client_table *table, pid_t pid)
{
	struct daemon_search search = { .table = (struct client_table *)table, .pid = pid };

	proc_each_socket(table->options.proc_fd, pid, is_listener_of, &search);
	return search.holds;
}

bool client_table_is_told(const struct client_table *table)
{
	static const char deleted[] = " (deleted)"; /* proc_pid_exe(5) */

	for (size_t i = 0; i < table->n_daemons; i++) {
		_cleanup_(freep) char *exe = NULL;
		size_t len;

		if (proc_read_exe(table->options.proc_fd, table->daemons[i], &exe) < 0)
			continue;
		len = strlen(exe);
		if ((len >= strlen(deleted) && strcmp(exe + len - strlen(deleted), deleted) == 0) ||
			!table->programs[i] || strcmp(exe, table->programs[i]) != 0)
			return false;
	}
	return true;
}

bool client_table_is_audited(const struct client_table *table, pid_t engine)
{
	for (size_t i = 0; i < table->n_daemons; i++)
		if (table->daemons[i] == engine)
			return table->starts_nsec[i] >= table->audited_nsec;
	return false;
}

bool client_table_has_network(const struct client_table *table)
{
	return table->has_network;
}

void client_table_note_elsewhere(struct client_table *table, const char *where)
{
	table->others_elsewhere = where;
	table->has_network = table->elsewhere || where;
}

const char *client_table_elsewhere(const struct client_table *table)
{
	return table->elsewhere ? table->elsewhere : table->others_elsewhere;
}
