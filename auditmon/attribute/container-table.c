/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/container-table.h"

#include <errno.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/client.h"
#include "attribute/launcher.h"
#include "base/mounts.h"

#define N_BUCKETS 1024
#define N_FORMER CONTAINER_TABLE_REMEMBERS

struct container_table {
	struct container *buckets[N_BUCKETS];
	size_t n_containers, capacity;
	uint64_t n_refused;
	struct {
		uint64_t hash; /* of the id; each in its place; 0: none */
		uid_t owner;
	} former[N_FORMER];
};

int container_table_new(size_t capacity, struct container_table **ret)
{
	struct container_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->capacity = capacity;
	*ret = table;
	return 0;
}

void container_table_free(struct container_table *table)
{
	/* The processes are freed first, and with the last reference each container leaves by
	 * itself. */
	free(table);
}

static uint64_t hash_of(const char *id)
{
	uint64_t hash = 14695981039346656037u;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 1099511628211u;
	return hash;
}

static struct container **bucket_of(struct container_table *table, const char *id)
{
	return &table->buckets[hash_of(id) % N_BUCKETS];
}

struct container *container_table_find(
	struct container_table *table, const char *runtime, const char *id)
{
	struct container *container = *bucket_of(table, id);
	/* A path that names no engine is the same container whose engine its files have named. */
	bool any_runtime = strcmp(runtime, "unknown") == 0;

	while (container &&
		(strcmp(container->info->id, id) != 0 ||
			(!any_runtime && strcmp(container->info->runtime, runtime) != 0)))
		container = container->next;
	return container;
}

struct container *container_table_find_label(
	const struct container_table *table, const char *label, bool *ret_several)
{
	struct container *found = NULL;

	*ret_several = false;
	for (size_t i = 0; i < N_BUCKETS; i++)
		for (struct container *at = table->buckets[i]; at; at = at->next) {
			if (at->n_alive == 0 || !at->info->process_label ||
				strcmp(at->info->process_label, label) != 0)
				continue;
			*ret_several = *ret_several || found;
			found = at;
		}
	return *ret_several ? NULL : found;
}

int container_table_add(
	struct container_table *table, struct container_info *info, struct container **ret)
{
	struct container **bucket = bucket_of(table, info->id);
	bool full = table->n_containers >= table->capacity;
	struct container *container = full ? NULL : calloc(1, sizeof(*container));

	if (!container) {
		table->n_refused += full;
		container_info_free(info);
		return full ? -ENOSPC : -ENOMEM;
	}
	container->info = info;
	container->restarts = -1;
	container->table = table;
	container->n_references = 1;
	container->next = *bucket;
	*bucket = container;
	table->n_containers++;
	*ret = container;
	return 0;
}

struct container *container_ref(struct container *container)
{
	container->n_references++;
	return container;
}

void container_unref(struct container *container)
{
	struct container **link;

	if (!container || --container->n_references > 0)
		return;
	link = bucket_of(container->table, container->info->id);
	while (*link != container)
		link = &(*link)->next;
	*link = container->next;
	container->table->n_containers--;
	if (!container->info->outer_id) {
		uint64_t hash = hash_of(container->info->id);

		container->table->former[hash % N_FORMER].hash = hash;
		container->table->former[hash % N_FORMER].owner = container->owner;
	}
	container_info_free(container->info);
	container_unref(container->outer);
	free(container->cgroup_home);
	mounts_free(container->mounts);
	free(container);
}

size_t container_table_count(const struct container_table *table)
{
	return table->n_containers;
}

void container_table_remember(struct container_table *table, const char *id, uid_t owner)
{
	uint64_t hash = hash_of(id);

	if (table->former[hash % N_FORMER].hash != 0)
		return;
	table->former[hash % N_FORMER].hash = hash;
	table->former[hash % N_FORMER].owner = owner;
}

bool container_table_had(const struct container_table *table, const char *id, uid_t *ret_owner)
{
	uint64_t hash = hash_of(id);

	if (table->former[hash % N_FORMER].hash != hash)
		return false;
	*ret_owner = table->former[hash % N_FORMER].owner;
	return true;
}

uint64_t container_table_refused(const struct container_table *table)
{
	return table->n_refused;
}

int entry_new(struct container *container, pid_t pid, struct entry **ret)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->container = container_ref(container);
	entry->pid = pid;
	entry->alive = true;
	entry->auid = AUID_UNSET;
	entry->restarts_before = -1;
	entry->n_references = 1;
	*ret = entry;
	return 0;
}

struct entry *entry_ref(struct entry *entry)
{
	if (entry)
		entry->n_references++;
	return entry;
}

void entry_unref(struct entry *entry)
{
	if (!entry || --entry->n_references > 0)
		return;
	if (entry->container->init == entry)
		entry->container->init = NULL;
	container_unref(entry->container);
	free(entry->client_exe);
	free(entry->client_argv);
	picture_unref(entry->picture);
	ancestor_unref(entry->program);
	launcher_free(entry->launcher);
	free(entry);
}
