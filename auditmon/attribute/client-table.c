/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/client-table.h"

#include <errno.h>
#include <string.h>

#include "attribute/client-table-internal.h"
#include "attribute/proc.h"

/* A connect is followed by a look at most this often. */
#define LOOK_PAUSE_NSEC (5 * 1000000ull)

/* Records that come later than that may be those before a loss. */
#define LATE_NSEC (500 * 1000000ull)

/* The stamp of a record can be that early: by a tick, which can itself be late. */
#define STAMP_SLACK_NSEC (AUDIT_CLOCK_LATE_TICK_NSEC + CLIENT_SLACK_NSEC)

int client_table_new(const struct client_table_options *options, struct client_table **ret)
{
	_cleanup_(client_table_freep) struct client_table *table = calloc(1, sizeof(*table));
	int r = 0;

	if (!table)
		return -ENOMEM;
	table->options = *options;
	table->audited_nsec = UINT64_MAX;
	table->connects = calloc(options->limit, sizeof(*table->connects));
	table->recent = calloc(options->limit, sizeof(*table->recent));
	if (!table->connects || !table->recent)
		return -ENOMEM;
	if (!options->list)
		r = unix_diag_new(&table->diag);
	if (r < 0)
		return r;
	*ret = TAKE(table);
	return 0;
}

void client_table_free(struct client_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		while (table->buckets[i]) {
			struct connection *connection = table->buckets[i];

			table->buckets[i] = connection->next;
			connection_unref(connection);
		}
	for (size_t i = 0; i < table->n_connects; i++)
		client_unref(table->connects[i].client);
	for (size_t i = 0; i < table->n_recent; i++)
		client_unref(table->recent[i].client);
	for (size_t i = 0; i < table->n_places; i++)
		free(table->places[i].path);
	client_table_forget_daemons(table);
	request_log_done(&table->requests);
	free(table->visible);
	free(table->connects);
	free(table->recent);
	unix_diag_free(table->diag);
	free(table);
}

uint64_t client_table_now(const struct client_table *table)
{
	return table->options.now ? table->options.now(table->options.userdata)
				  : monotonic_now_nsec();
}

static const char *without_var(const char *path)
{
	return strncmp(path, "/var/run/", strlen("/var/run/")) == 0 ? path + strlen("/var") : path;
}

struct engine_place *client_table_place(struct client_table *table, const char *path)
{
	struct engine_place *place;

	path = without_var(path);
	for (size_t i = 0; i < table->n_places; i++)
		if (strcmp(table->places[i].path, path) == 0)
			return &table->places[i];
	if (table->n_places == MAX_PLACES)
		return NULL;
	place = &table->places[table->n_places];
	*place = (struct engine_place){ .path = strdup(path) };
	if (!place->path)
		return NULL;
	table->n_places++;
	return place;
}

static struct client *find_recent(struct client_table *table, const struct client *client)
{
	for (size_t i = table->n_recent; i-- > 0;) {
		struct client *recent = table->recent[i].client;

		if (recent->pid != client->pid || recent->start_nsec != client->start_nsec ||
			recent->auid != client->auid || recent->uid != client->uid)
			continue;
		/* What a record says of a program's arguments may be those of the program before:
		 * the kernel keeps them for a task over an exec (audit_log_proctitle()). */
		if (recent->argv_is_live && !client->argv_is_live && recent->exe && client->exe &&
			strcmp(recent->exe, client->exe) == 0)
			return recent;
		if (recent->argv_len == client->argv_len &&
			(!client->argv || (recent->argv && memcmp(recent->argv, client->argv,
								   client->argv_len) == 0)))
			return recent;
	}
	return NULL;
}

void client_table_note_pid(struct client_table *table, pid_t pid)
{
	table->pids[pid % PID_BITS / 8] |= (uint8_t)(1u << (pid % 8));
}

/* The client of a record: one that is known, or a new one. Borrowed from recent. */
static struct recent *remember(struct client_table *table, const struct client *from)
{
	struct client *client = find_recent(table, from);

	if (client)
		client_ref(client);
	else if (client_new(from, &client) < 0)
		return NULL;
	if (table->n_recent == table->options.limit) {
		client_unref(table->recent[0].client);
		table->n_recent--;
		memmove(table->recent, table->recent + 1, table->n_recent * sizeof(*table->recent));
	}
	client_table_note_pid(table, from->pid);
	table->recent[table->n_recent] = (struct recent){ .client = client };
	return &table->recent[table->n_recent++];
}

static void forget_oldest_connect(struct client_table *table)
{
	/* Whose connection it is that is left can then not be told by what is left. */
	if (table->connects[0].closed_nsec == 0) {
		table->lost_nsec = table->connects[0].time_nsec;
		table->evicted++;
	}
	client_unref(table->connects[0].client);
	table->n_connects--;
	memmove(table->connects, table->connects + 1, table->n_connects * sizeof(*table->connects));
}

static void read_above(const struct client_table *table, struct client *client)
{
	uint64_t born_nsec = client->start_nsec ? client->start_nsec : client->first_nsec;

	client_read_above(client, table->options.proc_fd);
	client_read_callers(client, table->options.proc_fd, born_nsec);
}

void client_table_tell(
	const struct client_table *table, const struct client *client, const char *via)
{
	if (table->options.on_client)
		table->options.on_client(client, via, table->options.userdata);
}

/* Of one file that has two paths, the place that its connections have. */
static const struct engine_place *place_of_path(struct client_table *table, const char *path)
{
	const struct engine_place *place = client_table_place(table, path);
	const char *first = NULL;

	if (place && place->is_there)
		first = client_table_socket_of(
			table, place->inode, place->dev_major, place->dev_minor);

	return first ? client_table_place(table, first) : place;
}

void client_table_connected(struct client_table *table, const struct client *client,
	const char *path, int fd, bool lives, uint64_t time_nsec)
{
	const struct engine_place *place = place_of_path(table, path);
	struct recent *recent = place ? remember(table, client) : NULL;
	uint32_t inode = 0;
	bool is_new;

	if (!recent) {
		client_table_lost(table, time_nsec);
		return;
	}
	is_new = recent->client->first_nsec == 0;
	/* First: it is what is gone soonest, and what the most depends on. */
	if (lives && fd >= 0)
		proc_read_socket(table->options.proc_fd, client->pid, fd, &inode);
	if (lives && recent->client->content_trust == CONTENT_TRUST_UNKNOWN)
		recent->client->content_trust =
			proc_read_content_trust(table->options.proc_fd, client->pid);
	if (is_new)
		recent->client->first_nsec = time_nsec;
	recent->via = place->path;
	recent->time_nsec = time_nsec;
	if (is_new)
		read_above(table, recent->client);
	if (table->n_connects == table->options.limit)
		forget_oldest_connect(table);
	table->connects[table->n_connects++] = (struct connect){
		.client = client_ref(recent->client),
		.via = place->path,
		.client_inode = inode,
		.time_nsec = time_nsec,
		.is_hidden = lives && !proc_shares_network(table->options.proc_fd, client->pid),
	};
	client = recent->client;
	client_table_join(table);
	if (table->look_nsec + LOOK_PAUSE_NSEC <= client_table_now(table))
		client_table_update(table, client_table_now(table));
	if (is_new)
		client_table_tell(table, client, place->path);
}

/* Of those of which no record is kept, or ever was. What is known of their requests stays as it is.
 */
static void tell_of_holder(const struct client_table *table, pid_t pid, uint64_t time_nsec)
{
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (const struct connection *at = table->buckets[i]; at; at = at->next) {
			struct client ended;

			if (!at->client || at->client->pid != pid || at->client->end_nsec != 0 ||
				at->client->start_nsec > time_nsec)
				continue;
			ended = *at->client;
			ended.end_nsec = time_nsec;
			client_table_tell(table, &ended, at->via);
			return;
		}
}

void client_table_ended(struct client_table *table, pid_t pid, uint64_t time_nsec)
{
	if (!(table->pids[pid % PID_BITS / 8] & 1u << (pid % 8)))
		return;
	for (size_t i = table->n_recent; i-- > 0;) {
		struct client *client = table->recent[i].client;

		if (client->pid != pid || client->end_nsec != 0 || client->start_nsec > time_nsec)
			continue;
		client->end_nsec = time_nsec;
		client_table_tell(table, client, table->recent[i].via);
	}
	tell_of_holder(table, pid, time_nsec);
}

static bool is_daemon(const struct client_table *table, pid_t pid)
{
	for (size_t i = 0; i < table->n_daemons; i++)
		if (table->daemons[i] == pid)
			return true;
	return false;
}

void client_table_shut(struct client_table *table, pid_t pid, int fd, uint64_t time_nsec)
{
	struct connection *connection;
	uint32_t inode;

	if (!is_daemon(table, pid) || proc_read_socket(table->options.proc_fd, pid, fd, &inode) < 0)
		return;
	connection = client_table_find(table, inode);
	/* The number of a descriptor that was closed since can be another's by now; but that of one
	 * which had been accepted before was its own then: dockerd does not duplicate them. */
	if (!connection || connection->shut_nsec != 0 ||
		connection->listed_nsec + CLIENT_SLACK_NSEC >= time_nsec)
		return;
	/* A stamp can be a late tick early (clock.c); now it has happened for sure. */
	connection->shut_nsec = client_table_now(table);
}

/* A stamp is never late, but where somebody sets the clock. */
static uint64_t not_after_now(const struct client_table *table, uint64_t time_nsec)
{
	uint64_t now_nsec = client_table_now(table);

	return time_nsec < now_nsec ? time_nsec : now_nsec;
}

void client_table_accepted(
	struct client_table *table, pid_t pid, int fd, uint64_t time_nsec)
{
	struct connection *connection;
	struct requests *requests;
	uint32_t inode = 0;

	if (!is_daemon(table, pid))
		return;
	time_nsec = not_after_now(table, time_nsec);
	proc_read_socket(table->options.proc_fd, pid, fd, &inode);
	requests = request_log_accepted(&table->requests, pid, fd, inode, time_nsec,
		client_table_now(table));
	connection = inode != 0 ? client_table_find(table, inode) : NULL;
	if (!connection)
		return;
	requests_unref(connection->requests);
	connection->requests = requests_ref(requests);
}

/* One that was there before its accepting could be heard of: what is found at the descriptor now
 * was there then if it had been accepted before. */
static struct requests *find_accepted_before(
	struct client_table *table, pid_t pid, int fd, uint64_t time_nsec)
{
	struct connection *connection;
	uint32_t inode;

	if (proc_read_socket(table->options.proc_fd, pid, fd, &inode) < 0)
		return NULL;
	connection = client_table_find(table, inode);
	if (!connection || connection->requests ||
		connection->listed_nsec + CLIENT_SLACK_NSEC >= time_nsec)
		return NULL;
	connection->requests = requests_ref(request_log_found(
		&table->requests, pid, fd, inode, client_table_now(table)));
	return connection->requests;
}

void client_table_read(struct client_table *table, pid_t pid, int fd, uint64_t size, int64_t result,
	uint64_t time_nsec)
{
	struct requests *requests;

	if (!is_daemon(table, pid))
		return;
	time_nsec = not_after_now(table, time_nsec);
	requests = request_log_of_fd(&table->requests, pid, fd);
	if (!requests)
		requests = find_accepted_before(table, pid, fd, time_nsec);
	if (requests)
		requests_note(requests, size, result, time_nsec, client_table_now(table),
			STAMP_SLACK_NSEC);
}

void client_table_heard(struct client_table *table, uint64_t time_nsec)
{
	uint64_t now_nsec = client_table_now(table);

	if (time_nsec + LATE_NSEC < now_nsec)
		table->late_nsec = now_nsec;
	if (time_nsec <= table->heard_nsec)
		return;
	table->heard_nsec = time_nsec;
	if (table->join_nsec == 0 || time_nsec < table->join_nsec)
		return;
	table->join_nsec = 0;
	client_table_join_the_rest(table);
}

void client_table_rely(struct client_table *table, bool on_records)
{
	/* What was lost before may not have been noticed. */
	if (on_records && !table->relies_on_records)
		client_table_untold(table);
	table->relies_on_records = on_records;
}

void client_table_audited(struct client_table *table, uint64_t since_nsec)
{
	table->audited_nsec = since_nsec;
}

void client_table_untold(struct client_table *table)
{
	request_log_forget(&table->requests, client_table_now(table));
}

void client_table_lost(struct client_table *table, uint64_t now_nsec)
{
	if (now_nsec > table->lost_nsec)
		table->lost_nsec = now_nsec;
	client_table_untold(table);
}

struct client_table_counts client_table_counts(const struct client_table *table)
{
	return (struct client_table_counts){
		.connections = table->n_connections,
		.connects = table->n_connects,
		.evicted = table->evicted,
	};
}
