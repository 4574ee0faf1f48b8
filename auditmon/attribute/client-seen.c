/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "attribute/client-table-internal.h"
#include "attribute/proc.h"

/* What was lost may have been the record of a connect so long ago, and by somebody who is gone. */
#define LOSS_NSEC (60 * 1000000000ull)

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

/* What the engine had read of what can be the entry's request. */
static void see_read(struct client_seen *seen, const struct connection *connection,
	const struct clients_when *when)
{
	uint64_t read_nsec = requests_read_by(connection->requests, when->until_nsec);
	bool is_early = when->by_nsec == 0 || read_nsec <= when->by_nsec;

	seen->reads_known = (!seen->via || seen->reads_known) && read_nsec != 0;
	if (read_nsec > seen->read_nsec)
		seen->read_nsec = read_nsec;
	seen->is_read_in_time = seen->is_read_in_time ||
				(is_early && read_nsec + when->slack_nsec >= when->after_nsec);
	seen->is_read_when_made = seen->is_read_when_made ||
				  (is_early && read_nsec + when->slack_nsec >= when->made_nsec);
}

/* Can it have carried the request to make the container? */
static bool may_have_made(const struct connection *connection, const struct clients_when *when)
{
	return when->after_nsec == 0 || when->made_nsec <= when->after_nsec + when->slack_nsec ||
	       requests_cover(connection->requests, when->after_nsec + when->slack_nsec,
		       when->made_nsec - when->slack_nsec);
}

static void see_who_made(const struct picture *picture, const struct clients_when *when,
	struct client_seen *seen, size_t n)
{
	for (size_t i = 0; i < picture->n; i++)
		for (size_t j = 0; picture->connections[i]->client && j < n; j++)
			if (seen[j].client == picture->connections[i]->client &&
				may_have_made(picture->connections[i], when))
				seen[j].may_have_made = true;
}

/* Was it held by another process when that was taken? The client that had opened it had ended. A
 * child of its own that holds it still has been found by then. */
static bool was_handed_on(const struct connection *connection, const struct client *client,
	const struct picture *picture)
{
	return client->end_nsec != 0 && client->end_nsec < picture->time_nsec &&
	       !connection->is_hidden && closed_at(connection, picture->time_nsec) == 0 &&
	       !connection->is_kept;
}

/* Those whose connections the ones can be of which nobody knows whose they are. */
static size_t see_those_left(struct client_table *table, const struct picture *picture,
	const struct connection *unknown, const struct clients_when *when, struct client_seen *seen,
	size_t *n, size_t max)
{
	size_t n_fitting = 0;

	for (size_t i = 0; i < table->n_connects; i++) {
		const struct connect *connect = &table->connects[i];
		struct client_seen *one;

		if (!client_table_may_be(connect, unknown) ||
			(connect->closed_nsec != 0 && connect->closed_nsec < picture->time_nsec))
			continue;
		n_fitting++;
		one = seen_of(table, connect->client, seen, n, max);
		if (!one)
			continue;
		one->inferred = true;
		one->is_shared = one->is_shared || was_handed_on(unknown, connect->client, picture);
		see_read(one, unknown, when);
		one->may_have_made = one->may_have_made || may_have_made(unknown, when);
		see_end(one, closed_at(unknown, picture->time_nsec));
		see(one, connect->via, connect->time_nsec);
	}
	return n_fitting;
}

static bool is_lost(const struct client_table *table, uint64_t time_nsec)
{
	return table->lost_nsec != 0 && table->lost_nsec + LOSS_NSEC > time_nsec;
}

/* May a record of what an engine read be missing, and is that perhaps not known yet? */
static bool may_lack_reads(const struct client_table *table, uint64_t time_nsec)
{
	return !table->relies_on_records || is_lost(table, time_nsec) ||
	       (table->late_nsec != 0 && table->late_nsec + LOSS_NSEC > time_nsec);
}

/* Can a request for a container of that runtime have come there by HTTP/2? via NULL: at any. */
static bool may_come_by_http2(
	const struct client_table *table, const char *via, const char *runtime)
{
	for (size_t i = 0; i < table->n_places; i++)
		if (table->places[i].may_speak_http2 && (!via || table->places[i].path == via))
			return true;
	return engine_socket_outlived(via ? via : "", runtime);
}

static void note_unheard(const struct connection *connection, struct clients_left_out *left_out)
{
	const struct client *client = connection->client;
	bool is_sure = client && !client->entry && !client->doubt && !connection->inferred &&
		       !connection->is_shared;
	uint32_t auid = is_sure ? client->auid : AUID_UNSET;

	if (left_out->n_unheard++ == 0)
		left_out->unheard_auid = auid;
	else if (left_out->unheard_auid != auid)
		left_out->unheard_auid = AUID_UNSET;
}

/*
 * Is it proven that the connection did not carry the request? Then it is counted. Of HTTP/2 the
 * engine's reads prove nothing: a client chooses their sizes (Framer.ReadFrame() in
 * golang.org/x/net/http2), and that of an HTTP/1 server at rest, too.
 */
static bool is_left_out(const struct client_table *table, const struct connection *connection,
	const struct picture *picture, const char *runtime, const struct clients_when *when,
	struct clients_left_out *left_out)
{
	const char *via = connection->is_hidden ? NULL : connection->via;

	if (when->since_nsec != 0 && !may_lack_reads(table, picture->time_nsec) &&
		!may_come_by_http2(table, via, runtime) &&
		requests_rested(connection->requests, when->since_nsec, when->until_nsec)) {
		if (!client_table_is_audited(table, connection->requests->engine))
			note_unheard(connection, left_out);
		return ++left_out->n_rested;
	}
	if (connection->shut_nsec != 0 && connection->shut_nsec < picture->time_nsec)
		return ++left_out->n_shut;
	/* Both have to say so: the descriptor that a record names can be another connection's by
	 * the time that it is looked at, and a list can lack one while others close. */
	if (when->by_nsec != 0 && connection->absent_nsec > when->by_nsec &&
		connection->opened_nsec > when->by_nsec && !connection->inferred &&
		!connection->is_hidden)
		return ++left_out->n_late;
	return false;
}

/* One of which nobody knows whose it is: whose it can be. False where that may not be all. */
static bool see_unknown(struct client_table *table, const struct picture *picture,
	const struct connection *connection, const struct clients_when *when,
	struct client_seen *seen, size_t *n, size_t max)
{
	bool is_one = see_those_left(table, picture, connection, when, seen, n, max) > 0;

	/* One that is open still has a client that could be found; one that is over by now had
	 * gone before it was looked for, as those did. */
	if (connection->closed_nsec == 0 && connection->is_open)
		return false;
	return is_one && !is_lost(table, connection->first_seen_nsec);
}

/* It was there too late, or had been closed too early, to be likely to have carried the request. */
static bool is_out_of_time(const struct connection *connection, const struct clients_when *when)
{
	return (when->by_nsec != 0 && connection->absent_nsec > when->by_nsec) ||
	       (connection->closed_nsec != 0 && connection->closed_nsec < when->after_nsec);
}

/* Can another login have opened what was found at its client? */
static bool may_be_got(const struct client_table *table, const struct connection *connection,
	const struct picture *picture)
{
	const struct client *client = connection->client;

	for (size_t i = 0; !client->recorded && i < table->n_connects; i++) {
		const struct connect *connect = &table->connects[i];

		if (client_table_may_be(connect, connection) &&
			(connect->closed_nsec == 0 || connect->closed_nsec >= picture->time_nsec) &&
			(connect->client->auid != client->auid ||
				connect->client->entry != client->entry))
			return true;
	}
	return false;
}

size_t client_table_of_picture(struct client_table *table, const struct picture *picture,
	const char *runtime, const struct clients_when *when, struct client_seen *seen, size_t max,
	size_t *ret_unknown, struct clients_left_out *ret_left_out)
{
	size_t n = 0;

	*ret_left_out = (struct clients_left_out){ 0 };
	*ret_unknown = table->has_network;
	for (size_t i = 0; i < picture->n; i++) {
		const struct connection *connection = picture->connections[i];
		struct client_seen *one;
		bool is_unknown;

		if ((!connection->is_hidden && !engine_socket_serves(connection->via, runtime)) ||
			is_left_out(table, connection, picture, runtime, when, ret_left_out))
			continue;
		if (!connection->client) {
			is_unknown = !see_unknown(table, picture, connection, when, seen, &n, max);
			*ret_unknown += is_unknown;
			ret_left_out->n_unknown_unlikely +=
				is_unknown && is_out_of_time(connection, when);
			continue;
		}
		if (connection->inferred && is_lost(table, connection->opened_nsec))
			++*ret_unknown;
		one = seen_of(table, connection->client, seen, &n, max);
		if (!one) {
			*ret_unknown += n == max;
			continue;
		}
		see_read(one, connection, when);
		one->inferred = one->inferred || connection->inferred;
		one->is_shared = one->is_shared || connection->is_shared ||
				 was_handed_on(connection, connection->client, picture) ||
				 may_be_got(table, connection, picture);
		see_end(one, closed_at(connection, picture->time_nsec));
		see(one, connection->via, connection->opened_nsec);
	}
	see_who_made(picture, when, seen, n);
	return n;
}

/* Did it connect before time_nsec, and may have been there not long before? */
static bool is_of_late(const struct recent *recent, uint64_t time_nsec, const char *runtime)
{
	return recent->time_nsec <= time_nsec + CLIENT_SLACK_NSEC &&
	       engine_socket_serves(recent->via, runtime) &&
	       (recent->client->end_nsec == 0 || recent->client->end_nsec + LOSS_NSEC >= time_nsec);
}

bool client_table_has_passed(
	struct client_table *table, uint64_t time_nsec, const char *runtime, uint32_t auid)
{
	for (size_t i = table->n_recent; i-- > 0;) {
		const struct recent *recent = &table->recent[i];
		bool is_of_login = !recent->client->entry && recent->client->auid == auid;

		if (may_come_by_http2(table, recent->via, runtime) && !is_of_login &&
			is_of_late(recent, time_nsec, runtime) && !is_engine(table, recent->client))
			return true;
	}
	return false;
}

size_t client_table_before(struct client_table *table, uint64_t time_nsec, const char *runtime,
	struct client_seen *seen, size_t max)
{
	size_t n = 0;

	for (size_t i = table->n_recent; i-- > 0;) {
		const struct recent *recent = &table->recent[i];
		struct client_seen *one;

		if (!is_of_late(recent, time_nsec, runtime))
			continue;
		one = seen_of(table, recent->client, seen, &n, max);
		if (one)
			see(one, recent->via, recent->time_nsec);
	}
	return n;
}
