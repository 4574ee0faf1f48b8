/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/client-table.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "attribute/client-table-internal.h"
#include "attribute/proc.h"

/* A connect is followed by a look at most this often. */
#define LOOK_PAUSE_NSEC (5 * 1000000ull)

/* Stamps of records are that much early at most, and the joining of connect and accept that late.
 */
#define SLACK_NSEC (20 * 1000000ull)

/* Longer than an engine takes to accept a connection. */
#define ACCEPT_NSEC (1000 * 1000000ull)

/* What was lost may have been the record of a connect so long ago, and by somebody who is gone. */
#define LOSS_NSEC (60 * 1000000000ull)

int client_table_new(const struct client_table_options *options, struct client_table **ret)
{
	_cleanup_(client_table_freep) struct client_table *table = calloc(1, sizeof(*table));
	int r = 0;

	if (!table)
		return -ENOMEM;
	table->options = *options;
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
	free(table->visible);
	free(table->connects);
	free(table->recent);
	unix_diag_free(table->diag);
	free(table);
}

static const char *without_var(const char *path)
{
	return strncmp(path, "/var/run/", strlen("/var/run/")) == 0 ? path + strlen("/var") : path;
}

/* One place for each path; it stays, as connections and entries name it. */
static struct engine_place *place_of(struct client_table *table, const char *path)
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

/* What is at the sockets' paths now. A file that was there before keeps its connections' place. */
static void read_places(struct client_table *table)
{
	const char *path;

	for (size_t i = 0; (path = engine_sockets_path(table->options.sockets, i)); i++) {
		struct stat st;
		struct engine_place *place;

		if (stat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
			continue;
		place = place_of(table, path);
		if (!place)
			continue;
		place->inode = (uint32_t)st.st_ino;
		place->dev_major = major(st.st_dev);
		place->dev_minor = minor(st.st_dev);
	}
}

/* The place of a socket that is an engine's; NULL: it is none. */
static struct engine_place *place_of_socket(
	struct client_table *table, const struct unix_socket *socket)
{
	for (size_t i = 0; i < table->n_places; i++) {
		const struct engine_place *place = &table->places[i];

		if (place->inode == socket->file_inode && place->inode != 0 &&
			place->dev_major == socket->file_major &&
			place->dev_minor == socket->file_minor)
			return &table->places[i];
	}
	/* Anybody can give a socket of his own any name, in a mount namespace of his own even that
	 * path. */
	if (socket->uid != 0 || socket->name[0] != '/' ||
		(!engine_sockets_has(table->options.sockets, socket->name) &&
			!engine_socket_is_named(socket->name)))
		return NULL;
	return place_of(table, socket->name);
}

static struct connection **bucket_of(struct client_table *table, uint32_t server_inode)
{
	return &table->buckets[server_inode % CONNECTION_BUCKETS];
}

static struct connection *find_connection(struct client_table *table, uint32_t server_inode)
{
	struct connection *connection = *bucket_of(table, server_inode);

	while (connection && connection->server_inode != server_inode)
		connection = connection->next;
	return connection;
}

static struct connection *add_connection(
	struct client_table *table, uint32_t server_inode, const struct engine_place *place)
{
	struct connection *connection =
		table->n_connections < table->options.limit ? calloc(1, sizeof(*connection)) : NULL;
	struct connection **bucket = bucket_of(table, server_inode);

	if (!connection) {
		table->overflown = true;
		table->evicted++;
		return NULL;
	}
	*connection = (struct connection){
		.server_inode = server_inode,
		.via = place->path,
		.first_seen_nsec = table->look_nsec,
		.is_open = true,
		.seen = true,
		.n_references = 1,
		.next = *bucket,
	};
	*bucket = connection;
	table->n_connections++;
	return connection;
}

void client_table_add_hidden(struct client_table *table, uint32_t server_inode)
{
	struct connection *connection = find_connection(table, server_inode);

	if (connection) {
		connection->seen = true;
		return;
	}
	connection =
		table->listens_at ? add_connection(table, server_inode, table->listens_at) : NULL;
	if (connection)
		connection->is_hidden = true;
}

static void on_socket(const struct unix_socket *socket, void *userdata)
{
	struct client_table *table = userdata;
	struct engine_place *place;
	struct connection *connection;

	client_table_see_inode(table, socket->inode);
	place = socket->file_inode != 0 && (socket->listens || socket->is_connected)
			? place_of_socket(table, socket)
			: NULL;
	if (!place)
		return;
	if (socket->listens) {
		table->listens_at = place;
		/* Some are told twice. */
		for (size_t i = 0; i < table->n_listeners; i++)
			if (table->listeners[i] == socket->inode)
				return;
		if (table->n_listeners < ELEMENTS(table->listeners))
			table->listeners[table->n_listeners++] = socket->inode;
		else
			table->overflown = true;
		return;
	}
	connection = find_connection(table, socket->inode);
	/* It came between the list and the look at the engine. */
	if (connection && connection->is_hidden) {
		connection->is_hidden = false;
		connection->client_inode = socket->peer;
	}
	/* The number of one that is closed can come again. */
	if (connection && socket->peer != 0 && connection->client_inode != socket->peer)
		connection = NULL;
	if (!connection) {
		connection = add_connection(table, socket->inode, place);
		if (connection)
			connection->client_inode = socket->peer;
	}
	if (!connection)
		return;
	connection->seen = true;
	if (socket->peer == 0 && connection->closed_nsec == 0)
		connection->closed_nsec = table->look_nsec;
}

/* Those that the list does not have any more are closed. */
static void drop_closed(struct client_table *table)
{
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++) {
		struct connection **link = &table->buckets[i];

		while (*link) {
			struct connection *connection = *link;

			if (connection->seen) {
				connection->seen = false;
				link = &connection->next;
				continue;
			}
			*link = connection->next;
			connection->is_open = false;
			connection_unref(connection);
			table->n_connections--;
		}
	}
}

static void join(struct client_table *table, struct connection *connection, struct connect *connect)
{
	client_unref(connection->client);
	connection->client = client_ref(connect->client);
	connection->opened_nsec = connect->time_nsec;
	client_unref(connect->client);
	table->n_connects--;
	memmove(connect, connect + 1,
		(size_t)(&table->connects[table->n_connects] - connect) * sizeof(*connect));
}

static struct connect *find_connect(struct client_table *table, uint32_t client_inode)
{
	for (size_t i = table->n_connects; i-- > 0;)
		if (table->connects[i].client_inode == client_inode)
			return &table->connects[i];
	return NULL;
}

static void join_by_inode(struct client_table *table)
{
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next) {
			struct connect *connect = NULL;

			if (at->client_inode != 0 && (!at->client || !at->client->recorded))
				connect = find_connect(table, at->client_inode);
			if (connect)
				join(table, at, connect);
		}
}

static bool may_be(const struct connect *connect, const struct connection *connection)
{
	bool is_other = connect->client_inode != 0 && connection->client_inode != 0 &&
			connect->client_inode != connection->client_inode;

	/* The engine is told by its descriptors, not at which of its sockets it was asked. */
	if (connection->is_hidden)
		return connect->closed_nsec == 0 && connect->is_hidden &&
		       connect->time_nsec <= connection->first_seen_nsec + SLACK_NSEC;
	return connect->closed_nsec == 0 && !connect->is_hidden && !is_other &&
	       connect->via == connection->via &&
	       connect->time_nsec <= connection->first_seen_nsec + SLACK_NSEC;
}

/* The first connect that the connection can be of, if all that it can be of are one client's. */
static struct connect *only_one_left(
	struct client_table *table, const struct connection *connection)
{
	struct connect *only = NULL;

	for (size_t i = 0; i < table->n_connects; i++) {
		struct connect *connect = &table->connects[i];

		if (!may_be(connect, connection))
			continue;
		if (only && only->client != connect->client)
			return NULL;
		only = only ? only : connect;
	}
	return only;
}

/*
 * A connect whose client was gone before its descriptor could be read is that of a connection whose
 * other end is closed. Where only one client is left for it, it is that one's.
 */
static size_t join_by_what_is_left(struct client_table *table)
{
	size_t n_unknown = 0;

	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next) {
			struct connect *only;

			if (at->client)
				continue;
			only = at->closed_nsec != 0 || at->is_hidden ? only_one_left(table, at)
								     : NULL;
			n_unknown += !only;
			if (!only)
				continue;
			at->inferred = !at->is_hidden;
			if (at->is_hidden)
				at->via = only->via;
			join(table, at, only);
		}
	return n_unknown;
}

/* Without any connection of which it is not known whose it is, those of the connects are over: an
 * engine accepts at once. */
static void close_connects(struct client_table *table)
{
	for (size_t i = 0; i < table->n_connects; i++)
		if (table->connects[i].closed_nsec == 0 &&
			table->connects[i].time_nsec + ACCEPT_NSEC < table->look_nsec)
			table->connects[i].closed_nsec = table->look_nsec;
}

static int list(struct client_table *table)
{
	if (table->options.list)
		return table->options.list(on_socket, table, table->options.userdata);
	return table->diag ? unix_diag_list(table->diag, on_socket, table) : -EPROTONOSUPPORT;
}

/* Brings the connections up to now. */
static int update(struct client_table *table, uint64_t now_nsec)
{
	int r;

	read_places(table);
	table->look_nsec = now_nsec;
	table->n_listeners = 0;
	table->n_visible = 0;
	table->overflown = false;
	r = list(table);
	if (r == 0)
		client_table_look_at_engines(table);
	/* After half a list it is not known what is closed. */
	if (r < 0) {
		for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
			for (struct connection *at = table->buckets[i]; at; at = at->next)
				at->seen = true;
	}
	drop_closed(table);
	join_by_inode(table);
	if (r == 0 && join_by_what_is_left(table) == 0)
		close_connects(table);
	return r;
}

int client_table_look(struct client_table *table, uint64_t now_nsec, struct picture **ret)
{
	int r = update(table, now_nsec);
	struct picture *picture;

	picture = malloc(sizeof(*picture) + table->n_connections * sizeof(*picture->connections));
	if (!picture)
		return -ENOMEM;
	*picture = (struct picture){
		.time_nsec = now_nsec,
		.complete = r == 0 && !table->overflown,
		.n_references = 1,
	};
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next) {
			at->n_references++;
			picture->connections[picture->n++] = at;
		}
	*ret = picture;
	return 0;
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

/* The client of a record: one that is known, or a new one. Borrowed from recent. */
static struct recent *remember(struct client_table *table, const struct client *from)
{
	struct client *client = find_recent(table, from);

	if (!client) {
		if (client_new(from, &client) < 0)
			return NULL;
		client_read_above(client, table->options.proc_fd);
	} else {
		client_ref(client);
	}
	if (table->n_recent == table->options.limit) {
		client_unref(table->recent[0].client);
		table->n_recent--;
		memmove(table->recent, table->recent + 1, table->n_recent * sizeof(*table->recent));
	}
	table->pids[from->pid % PID_BITS / 8] |= (uint8_t)(1u << (from->pid % 8));
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

void client_table_connected(struct client_table *table, const struct client *client,
	const char *path, int fd, bool lives, uint64_t time_nsec)
{
	const struct engine_place *place = place_of(table, path);
	struct recent *recent = place ? remember(table, client) : NULL;
	uint32_t inode = 0;

	if (!recent) {
		client_table_lost(table, time_nsec);
		return;
	}
	if (lives && recent->client->content_trust == CONTENT_TRUST_UNKNOWN)
		recent->client->content_trust =
			proc_read_content_trust(table->options.proc_fd, client->pid);
	if (recent->client->first_nsec == 0)
		recent->client->first_nsec = time_nsec;
	recent->via = place->path;
	recent->time_nsec = time_nsec;
	if (lives && fd >= 0)
		proc_read_socket(table->options.proc_fd, client->pid, fd, &inode);
	if (table->n_connects == table->options.limit)
		forget_oldest_connect(table);
	table->connects[table->n_connects++] = (struct connect){
		.client = client_ref(recent->client),
		.via = place->path,
		.client_inode = inode,
		.time_nsec = time_nsec,
		.is_hidden = lives && !proc_shares_network(table->options.proc_fd, client->pid),
	};
	join_by_inode(table);
	if (table->look_nsec + LOOK_PAUSE_NSEC <= monotonic_now_nsec())
		update(table, monotonic_now_nsec());
}

void client_table_ended(struct client_table *table, pid_t pid, uint64_t time_nsec)
{
	if (!(table->pids[pid % PID_BITS / 8] & 1u << (pid % 8)))
		return;
	for (size_t i = table->n_recent; i-- > 0;) {
		struct client *client = table->recent[i].client;

		if (client->pid == pid && client->end_nsec == 0 && client->start_nsec <= time_nsec)
			client->end_nsec = time_nsec;
	}
}

void client_table_lost(struct client_table *table, uint64_t now_nsec)
{
	if (now_nsec > table->lost_nsec)
		table->lost_nsec = now_nsec;
}

static bool is_listener(uint32_t inode, void *userdata)
{
	struct client_table *table = userdata;

	for (size_t i = 0; i < table->n_listeners; i++)
		if (table->listeners[i] == inode)
			table->found_listener = true;
	return !table->found_listener;
}

/* An engine that is another's client: dockerd is containerd's. What it asks for it was asked for.
 */
static bool is_engine(struct client_table *table, const struct client *client)
{
	if (client->entry || client->end_nsec != 0)
		return false;
	table->found_listener = false;
	proc_each_socket(table->options.proc_fd, client->pid, is_listener, table);
	return table->found_listener;
}

static struct client_seen *seen_of(struct client_table *table, struct client *client,
	struct client_seen *seen, size_t *n, size_t max)
{
	for (size_t i = 0; i < *n; i++)
		if (seen[i].client == client)
			return &seen[i];
	if (*n == max || is_engine(table, client))
		return NULL;
	seen[*n] = (struct client_seen){ .client = client };
	return &seen[(*n)++];
}

/* When its client's end was closed, as far as that was by the time of the picture; 0: it was not.
 */
static uint64_t closed_at(const struct connection *connection, uint64_t picture_nsec)
{
	const struct client *client = connection->client;
	uint64_t closed_nsec = connection->closed_nsec;

	if (connection->is_hidden && client)
		closed_nsec = client->end_nsec;
	if (closed_nsec == 0 || closed_nsec > picture_nsec)
		return 0;
	/* Its process tells more exactly, if it was the last to hold it. */
	return client && client->end_nsec != 0 && client->end_nsec < closed_nsec ? client->end_nsec
										 : closed_nsec;
}

static void see_end(struct client_seen *seen, uint64_t closed_nsec)
{
	bool is_first = !seen->via;

	if (closed_nsec == 0)
		seen->closed_nsec = 0;
	else if (is_first || (seen->closed_nsec != 0 && closed_nsec > seen->closed_nsec))
		seen->closed_nsec = closed_nsec;
}

static void see(struct client_seen *seen, const char *via, uint64_t opened_nsec)
{
	if (!seen->via ||
		(opened_nsec != 0 && (seen->opened_nsec == 0 || opened_nsec < seen->opened_nsec)))
		seen->opened_nsec = opened_nsec;
	seen->via = seen->via ? seen->via : via;
}

/* Those whose connections the ones can be of which nobody knows whose they are. */
static size_t see_those_left(struct client_table *table, const struct picture *picture,
	const struct connection *unknown, struct client_seen *seen, size_t *n, size_t max)
{
	size_t n_fitting = 0;

	for (size_t i = 0; i < table->n_connects; i++) {
		const struct connect *connect = &table->connects[i];
		struct client_seen *one;

		if (connect->is_hidden != unknown->is_hidden ||
			(!unknown->is_hidden && connect->via != unknown->via) ||
			connect->time_nsec > picture->time_nsec + SLACK_NSEC ||
			(connect->closed_nsec != 0 && connect->closed_nsec < picture->time_nsec))
			continue;
		n_fitting++;
		one = seen_of(table, connect->client, seen, n, max);
		if (!one)
			continue;
		one->inferred = true;
		see_end(one, closed_at(unknown, picture->time_nsec));
		see(one, connect->via, connect->time_nsec);
	}
	return n_fitting;
}

static bool is_lost(const struct client_table *table, uint64_t time_nsec)
{
	return table->lost_nsec != 0 && table->lost_nsec + LOSS_NSEC > time_nsec;
}

size_t client_table_of_picture(struct client_table *table, const struct picture *picture,
	const char *runtime, uint64_t over_before_nsec, struct client_seen *seen, size_t max,
	size_t *ret_unknown)
{
	size_t n = 0;

	*ret_unknown = table->has_network;
	for (size_t i = 0; i < picture->n; i++) {
		const struct connection *connection = picture->connections[i];
		struct client_seen *one;
		uint64_t closed_nsec;

		if (!connection->is_hidden && !engine_socket_serves(connection->via, runtime))
			continue;
		closed_nsec = closed_at(connection, picture->time_nsec);
		if (closed_nsec != 0 && closed_nsec < over_before_nsec)
			continue;
		if (!connection->client) {
			if (see_those_left(table, picture, connection, seen, &n, max) == 0 ||
				closed_nsec == 0 || is_lost(table, connection->first_seen_nsec))
				++*ret_unknown;
			continue;
		}
		if (connection->inferred && is_lost(table, connection->opened_nsec))
			++*ret_unknown;
		one = seen_of(table, connection->client, seen, &n, max);
		if (!one) {
			*ret_unknown += n == max;
			continue;
		}
		one->inferred = one->inferred || connection->inferred;
		one->is_shared = one->is_shared || connection->is_shared;
		see_end(one, closed_nsec);
		see(one, connection->via, connection->opened_nsec);
	}
	return n;
}

size_t client_table_before(struct client_table *table, uint64_t time_nsec, const char *runtime,
	struct client_seen *seen, size_t max)
{
	size_t n = 0;

	for (size_t i = table->n_recent; i-- > 0;) {
		const struct recent *recent = &table->recent[i];
		struct client_seen *one;

		if (recent->time_nsec > time_nsec + SLACK_NSEC ||
			!engine_socket_serves(recent->via, runtime) ||
			(recent->client->end_nsec != 0 &&
				recent->client->end_nsec + LOSS_NSEC < time_nsec))
			continue;
		one = seen_of(table, recent->client, seen, &n, max);
		if (one)
			see(one, recent->via, recent->time_nsec);
	}
	return n;
}

struct client_table_counts client_table_counts(const struct client_table *table)
{
	return (struct client_table_counts){
		.connections = table->n_connections,
		.connects = table->n_connects,
		.evicted = table->evicted,
	};
}
