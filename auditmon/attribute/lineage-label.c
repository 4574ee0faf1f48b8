/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/entry.h"
#include "attribute/lineage-internal.h"
#include "attribute/proc.h"

/*
 * user:role:type:s0:c1,c2 with a type of containers and categories of its own, which the engine
 * gave to this container alone (container-selinux). Without categories, as under spc_t, it is no
 * container's in particular.
 */
static bool is_containers(const char *label)
{
	const char *type = label, *level, *categories;

	for (int i = 0; i < 2; i++) {
		type = strchr(type, ':');
		if (!type)
			return false;
		type++;
	}
	level = strchr(type, ':');
	categories = level ? strchr(level + 1, ':') : NULL;
	return categories && strncmp(categories, ":c", 2) == 0 && strchr(categories, ',') &&
	       (strncmp(type, "container_", strlen("container_")) == 0 ||
		       strncmp(type, "svirt_lxc_", strlen("svirt_lxc_")) == 0);
}

bool lineage_enter_by_label(struct lineage *lineage, struct process *process)
{
	_cleanup_(freep) char *label = NULL;
	struct container *container;
	struct proc_stat stat;
	struct entry *entry;
	bool several;

	if (proc_read_label(lineage->proc_fd, process->pid, &label) < 0 || !is_containers(label) ||
		proc_read_stat(lineage->proc_fd, process->pid, &stat) < 0 ||
		!lineage_same_start(process->start_nsec, stat.start_nsec))
		return false;
	container = container_table_find_label(lineage->containers, label, &several);
	if (!container || entry_new(container, process->pid, &entry) < 0) {
		process->doubt = DOUBT_LABEL;
		return false;
	}
	/* By which way it came nobody knows any more. */
	entry->kind_is_final = true;
	entry->is_in = true;
	lineage_assign(process, entry, ATTRIBUTED_LABEL);
	process->doubt = NULL;
	lineage_remember_program(lineage, process);
	return true;
}

struct entry *lineage_entry_of_label(struct lineage *lineage, const char *label, bool *ret_several)
{
	struct container *container;
	struct entry *entry;

	*ret_several = false;
	if (!is_containers(label))
		return NULL;
	container = container_table_find_label(lineage->containers, label, ret_several);
	if (!container || entry_new(container, 0, &entry) < 0)
		return NULL;
	entry->kind_is_final = true;
	entry->alive = false;
	entry_unref(lineage->label_entry);
	lineage->label_entry = entry;
	return entry;
}
