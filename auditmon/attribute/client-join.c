/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "attribute/client-table-internal.h"

/* Longer than an engine takes to accept a connection. */
#define ACCEPT_NSEC (1000 * 1000000ull)

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

void client_table_join(struct client_table *table)
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

bool client_table_may_be(const struct connect *connect, const struct connection *connection)
{
	bool is_other = connect->client_inode != 0 && connection->client_inode != 0 &&
			connect->client_inode != connection->client_inode;

	if (connect->last_nsec != 0 && connection->first_seen_nsec > connect->last_nsec)
		return false;
	/* The engine is told by its descriptors, not at which of its sockets it was asked. */
	if (connection->is_hidden)
		return connect->is_hidden &&
		       connect->time_nsec <= connection->first_seen_nsec + CLIENT_SLACK_NSEC;
	return !connect->is_hidden && !is_other && connect->via == connection->via &&
	       connect->time_nsec <= connection->first_seen_nsec + CLIENT_SLACK_NSEC;
}

/* The first connect that the connection can be of, if all that it can be of are one client's. */
static struct connect *only_one_left(
	struct client_table *table, const struct connection *connection)
{
	struct connect *only = NULL;

	for (size_t i = 0; i < table->n_connects; i++) {
		struct connect *connect = &table->connects[i];

		if (connect->closed_nsec != 0 || !client_table_may_be(connect, connection))
			continue;
		if (only && only->client != connect->client)
			return NULL;
		only = only ? only : connect;
	}
	return only;
}

/*
 * A connect whose client was gone before its descriptor could be read is that of a connection whose
 * other end is closed. Where only one client is left for it, it is that one's: once the records of
 * all who can have connected by then have been told.
 */
static size_t join_by_what_is_left(struct client_table *table)
{
	size_t n_unknown = 0;

	for (size_t i = 0; i < CONNECTION_BUCKETS; i++)
		for (struct connection *at = table->buckets[i]; at; at = at->next) {
			struct connect *only;

			if (at->client)
				continue;
			if (at->listed_nsec + CLIENT_SLACK_NSEC > table->heard_nsec) {
				table->join_nsec = at->listed_nsec + CLIENT_SLACK_NSEC;
				n_unknown++;
				continue;
			}
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

void client_table_join_the_rest(struct client_table *table)
{
	bool is_all = !table->has_waiting;

	for (size_t i = 0; is_all && i < table->n_connects; i++)
		if (table->connects[i].last_nsec == 0 &&
			table->connects[i].time_nsec + ACCEPT_NSEC < table->look_nsec)
			table->connects[i].last_nsec = table->look_nsec;
	if (join_by_what_is_left(table) == 0 && is_all)
		close_connects(table);
}
