/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attribute/callers.h"
#include "attribute/proc.h"

static void client_free(struct client *client)
{
	entry_unref(client->entry);
	ancestor_unref(client->callers);
	free(client->exe);
	free(client->argv);
	free(client);
}

int client_new(const struct client *from, struct client **ret)
{
	struct client *client = malloc(sizeof(*client));
	size_t len = from->argv_len < CLIENT_MAX_ARGV_LEN ? from->argv_len : CLIENT_MAX_ARGV_LEN;

	if (!client)
		return -ENOMEM;
	*client = *from;
	client->n_references = 1;
	client->entry = entry_ref(from->entry);
	client->callers = ancestor_ref(from->callers);
	client->exe = from->exe ? strdup(from->exe) : NULL;
	client->argv = from->argv ? malloc(len + 1) : NULL;
	if ((from->exe && !client->exe) || (from->argv && !client->argv)) {
		client_free(client);
		return -ENOMEM;
	}
	if (client->argv) {
		memcpy(client->argv, from->argv, len);
		client->argv[len] = '\0';
		client->argv_complete = from->argv_complete && len == from->argv_len;
		client->argv_len = len;
	}
	*ret = client;
	return 0;
}

struct client *client_ref(struct client *client)
{
	if (client)
		client->n_references++;
	return client;
}

void client_unref(struct client *client)
{
	if (client && --client->n_references == 0)
		client_free(client);
}

void client_read_above(struct client *client, int proc_fd)
{
	pid_t pid = client->parent;

	while (pid > 1 && client->n_above < CLIENT_MAX_ABOVE) {
		struct client_above *above = &client->above[client->n_above];
		_cleanup_(freep) char *exe = NULL;
		struct proc_stat stat;
		const char *slash;

		if (proc_read_stat(proc_fd, pid, &stat) < 0)
			return;
		*above = (struct client_above){ .pid = pid, .uid = UINT32_MAX };
		proc_read_uid(proc_fd, pid, &above->uid);
		if (proc_read_exe(proc_fd, pid, &exe) == 0) {
			slash = strrchr(exe, '/');
			snprintf(above->name, sizeof(above->name), "%s", slash ? slash + 1 : exe);
		}
		client->n_above++;
		pid = stat.parent;
	}
}

const struct client_above *client_through(const struct client *client)
{
	static const char *const names[] = { "sudo", "su", "doas", "pkexec", "runuser", "run0" };

	for (unsigned i = 0; i < client->n_above; i++)
		for (size_t j = 0; j < ELEMENTS(names); j++)
			if (strcmp(client->above[i].name, names[j]) == 0)
				return &client->above[i];
	return NULL;
}

void client_read_callers(struct client *client, int proc_fd, uint64_t born_nsec)
{
	/* Of a container's process lineage has the chain. */
	if (client->entry || client->callers)
		return;
	if (callers_read(proc_fd, client->parent, born_nsec, &client->callers) < 0)
		client->callers = NULL;
}

struct arguments client_argv(const struct client *client)
{
	return (struct arguments){ client->argv, client->argv_len, client->argv_complete };
}

void client_note_cpu(
	struct client *client, uint64_t cpu_nsec, uint64_t before_nsec, uint64_t after_nsec)
{
	struct client_rest *rest = &client->rests[client->rest];

	if (rest->since_nsec != 0 && cpu_nsec == client->cpu_nsec) {
		rest->until_nsec = before_nsec;
		return;
	}
	/* One that was read only once is none, and its place is free. */
	if (rest->until_nsec > rest->since_nsec)
		client->rest = (client->rest + 1) % CLIENT_MAX_RESTS;
	client->cpu_nsec = cpu_nsec;
	client->rests[client->rest] = (struct client_rest){ after_nsec, 0 };
}

bool client_rested(const struct client *client, uint64_t since_nsec, uint64_t until_nsec)
{
	for (size_t i = 0; i < CLIENT_MAX_RESTS; i++)
		if (client->rests[i].since_nsec != 0 && client->rests[i].since_nsec <= since_nsec &&
			client->rests[i].until_nsec >= until_nsec)
			return true;
	return false;
}

void connection_unref(struct connection *connection)
{
	if (!connection || --connection->n_references > 0)
		return;
	client_unref(connection->client);
	requests_unref(connection->requests);
	free(connection);
}

struct picture *picture_ref(struct picture *picture)
{
	if (picture)
		picture->n_references++;
	return picture;
}

void picture_unref(struct picture *picture)
{
	if (!picture || --picture->n_references > 0)
		return;
	for (size_t i = 0; i < picture->n; i++)
		connection_unref(picture->connections[i]);
	free(picture);
}
