/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "attribute/client-table-internal.h"
#include "attribute/socket-file.h"

/* The clients' processor time is read at most that often: some hundred nanoseconds each. */
#define RESTS_PAUSE_NSEC (1 * 1000000ull)
/* And what is at the sockets' paths, unless something else listens there. */
#define PLACES_PAUSE_NSEC (1000 * 1000000ull)

/* What is at the sockets' paths now. A file that was there before keeps its connections' place. */
static void read_places(struct client_table *table)
{
	const struct mounts *mounts =
		table->options.mounts ? host_mounts_now(table->options.mounts) : NULL;
	const char *path;

	table->places_nsec = client_table_now(table);
	table->places_are_old = false;
	for (size_t i = 0; i < table->n_places; i++)
		table->places[i].is_there = false;
	for (size_t i = 0; (path = engine_sockets_path(table->options.sockets, i)); i++) {
		struct socket_file file;
		struct engine_place *place;

		if (engine_sockets_is_users(table->options.sockets, path) ||
			socket_file_find(mounts, path, &file) < 0)
			continue;
		place = client_table_place(table, file.path);
		if (!place)
			continue;
		place->inode = file.inode;
		place->dev_major = file.dev_major;
		place->dev_minor = file.dev_minor;
		place->is_there = true;
	}
}

const char *client_table_socket_of(
	const struct client_table *table, uint64_t inode, uint32_t dev_major, uint32_t dev_minor)
{
	for (size_t i = 0; i < table->n_places; i++) {
		const struct engine_place *place = &table->places[i];

		if (place->is_there && place->inode == (uint32_t)inode &&
			place->dev_major == dev_major && place->dev_minor == dev_minor)
			return place->path;
	}
	return NULL;
}

/* Once for each such socket: it may be in another mount namespace, and stay what it is. */
static void note_unplaced(struct client_table *table, const struct unix_socket *socket)
{
	if (!socket->listens || socket->inode == table->unplaced ||
		!engine_sockets_has(table->options.sockets, socket->name))
		return;
	table->unplaced = socket->inode;
	table->places_are_old = true;
}

/* The place of a socket that is an engine's; NULL: it is none. */
static struct engine_place *place_of_socket(
	struct client_table *table, const struct unix_socket *socket)
{
	struct engine_place *place;

	for (size_t i = 0; i < table->n_places; i++) {
		place = &table->places[i];
		if (place->inode == socket->file_inode && place->inode != 0 &&
			place->dev_major == socket->file_major &&
			place->dev_minor == socket->file_minor)
			return place;
	}
	note_unplaced(table, socket);
	/* Anybody can give a socket of his own any name, in a mount namespace of his own even that
	 * path. */
	if (socket->uid != 0 || socket->name[0] != '/' ||
		(!engine_sockets_has(table->options.sockets, socket->name) &&
			!engine_socket_is_named(socket->name)))
		return NULL;
	place = client_table_place(table, socket->name);
	/* Who is connected there cannot be kept. */
	table->overflown = table->overflown || !place;
	return place;
}

static struct connection **bucket_of(struct client_table *table, uint32_t server_inode)
{
	return &table->buckets[server_inode % CONNECTION_BUCKETS];
}

struct connection *client_table_find(struct client_table *table, uint32_t server_inode)
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
		.listed_nsec = client_table_now(table),
		.absent_nsec = table->whole_nsec,
		.is_open = true,
		.seen = true,
		.requests = requests_ref(request_log_of_inode(&table->requests, server_inode)),
		.n_references = 1,
		.next = *bucket,
	};
	*bucket = connection;
	table->n_connections++;
	return connection;
}

void client_table_add_hidden(struct client_table *table, uint32_t server_inode)
{
	struct connection *connection = client_table_find(table, server_inode);

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
		place->listener = socket->inode;
		table->has_waiting = table->has_waiting || socket->n_waiting > 0;
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
	connection = client_table_find(table, socket->inode);
	/* It came between the list and the look at the engine. */
	if (connection && connection->is_hidden) {
		connection->is_hidden = false;
		connection->client_inode = socket->peer;
		connection->via = place->path;
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

static int list(struct client_table *table)
{
	if (table->options.list)
		return table->options.list(on_socket, table, table->options.userdata);
	return table->diag ? unix_diag_list(table->diag, on_socket, table) : -EPROTONOSUPPORT;
}

static int read_cpu(struct client_table *table, pid_t pid, uint64_t *ret_nsec)
{
	struct timespec time;
	clockid_t clock;

	if (table->options.cpu)
		return table->options.cpu(pid, ret_nsec, table->options.userdata);
	/* Of all its threads, dead ones included (posix_cpu_clock_get()). */
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
		return -ESRCH;
	*ret_nsec = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	return 0;
}

void client_table_read_rests(struct client_table *table)
{
	uint64_t now_nsec = client_table_now(table);

	if (now_nsec < table->rests_nsec + RESTS_PAUSE_NSEC)
		return;
	table->rests_nsec = now_nsec;
	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next) {
			uint64_t before_nsec = client_table_now(table), cpu_nsec;

			if (!at->client || at->client->end_nsec != 0 ||
				read_cpu(table, at->client->pid, &cpu_nsec) < 0)
				continue;
			client_note_cpu(at->client, cpu_nsec, before_nsec, client_table_now(table));
		}
}

int client_table_update(struct client_table *table, uint64_t now_nsec)
{
	int r;

	if (table->places_nsec == 0 ||
		client_table_now(table) >= table->places_nsec + PLACES_PAUSE_NSEC)
		read_places(table);
	table->look_nsec = now_nsec;
	table->n_listeners = 0;
	table->n_visible = 0;
	table->overflown = false;
	table->has_waiting = false;
	r = list(table);
	if (table->places_are_old) {
		read_places(table);
		r = list(table);
	}
	if (r == 0)
		client_table_look_at_engines(table);
	/* After half a list it is not known what is closed. */
	if (r < 0) {
		for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
			for (struct connection *at = table->buckets[i]; at; at = at->next)
				at->seen = true;
	}
	drop_closed(table);
	client_table_join(table);
	table->join_nsec = 0;
	if (r == 0 && !table->overflown)
		client_table_join_the_rest(table);
	if (r == 0 && !table->overflown)
		table->whole_nsec = now_nsec;
	client_table_read_rests(table);
	return r;
}

int client_table_look(struct client_table *table, uint64_t now_nsec, struct picture **ret)
{
	int r = client_table_update(table, now_nsec);
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
