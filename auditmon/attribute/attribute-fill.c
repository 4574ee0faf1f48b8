/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/arguments.h"
#include "attribute/attribute-internal.h"
#include "attribute/entry.h"

#define DOUBT_UNNAMED                                                                          \
	"a request of io_uring without names: the path is one that the file has or had, perhaps " \
	"another than was meant"
#define DOUBT_LOGINUID "loginuid was set inside the container: it names whom the container chose"

static const char *name_of(struct attributor *attributor, uint32_t uid, int64_t now_msec,
	char *buffer)
{
	const char *name = NULL;

	if (uid == AUID_UNSET)
		return NULL;
	if (attributor->users)
		name = users_name(attributor->users, uid, now_msec);
	else if (uid == 0)
		name = "root";
	if (!name)
		return NULL;
	snprintf(buffer, TOUCH_NAME_SIZE, "%s", name);
	return buffer;
}

void attribute_process(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct touch_buffers *buffers,
	struct touch *touch)
{
	touch->time_msec = event->time_msec;
	touch->serial = event->serial;
	touch->node = event->node ? event->node : attributor->node;
	touch->success = event->success;
	touch->error = !event->success && event->exit < 0 && event->exit > -4096 ? (int)-event->exit : 0;
	touch->syscall = event->syscall;
	touch->watch = event->key;
	touch->pid = event->pid;
	touch->ppid = event->ppid;
	touch->comm = event->comm;
	touch->exe = event->exe;
	touch->argv = arguments_to_store(attributor->redact,
		arguments_of_event(attributor, event, answer, &buffers->cmdline),
		&buffers->redacted);
	touch->uid = event->uid;
	touch->user = event->user ? event->user :
				    name_of(attributor, event->uid, now_msec, buffers->user);
	touch->auid = event->auid;
	touch->login = event->login ? event->login :
				      name_of(attributor, event->auid, now_msec, buffers->login);
	touch->session = event->session;
}

void attribute_requester(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct touch_buffers *buffers,
	struct touch *touch)
{
	struct requester *requester = &buffers->requester;
	struct arguments argv;

	if (event->has_syscall || event->n_ring == 0)
		return;
	requester_find(attributor->lineage ? attributor->proc_fd : -1, event, answer, requester);
	argv = (struct arguments){ requester->cmdline, requester->cmdline_len, true };
	touch->comm = requester->comm[0] ? requester->comm : NULL;
	touch->exe = requester->exe;
	touch->argv = arguments_to_store(attributor->redact, argv, &buffers->redacted);
	touch->auid = requester->auid;
	touch->login = name_of(attributor, touch->auid, now_msec, buffers->login);
}

/* What holds a nested container is what the host runs. */
static enum tristate privileged_of(const struct container *container)
{
	return container->outer ? container->outer->info->privileged : container->info->privileged;
}

/* The login itself where the engine forks and executes; else who asked the daemon. */
static void fill_launcher(struct attributor *attributor, struct entry *entry, struct touch *touch)
{
	entry_launcher(entry, &touch->launcher);
	if (touch->launcher.confidence != CONFIDENCE_NONE || !attributor->launchers)
		return;
	/* Its first process may have been too quick for /proc, and not for its record. */
	if (!entry->launcher && touch->pid == entry->pid && touch->argv.bytes &&
		!entry_program(entry).bytes) {
		ancestor_unref(TAKE(entry->program));
		ancestor_new(entry->pid, NULL, touch->argv.bytes, touch->argv.len, &entry->program);
	}
	launchers_settle(attributor->launchers, entry);
	if (entry->launcher)
		launcher_get(entry->launcher, &touch->launcher);
}

void attribute_container(struct attributor *attributor, const struct lineage_answer *answer,
	int64_t now_msec, struct touch_buffers *buffers, struct touch *touch)
{
	const struct container_info *info;

	touch->container.privileged = TRISTATE_UNKNOWN;
	touch->launcher.auid = AUID_UNSET;
	touch->doubt = answer->doubt;
	if (!answer->entry)
		return;
	lineage_check_name(attributor->lineage, answer->entry->container,
		audit_clock_monotonic_nsec(attributor->clock, now_msec));
	info = answer->entry->container->info;
	touch->container = (struct touch_container){
		.id = info->id,
		.name = info->name,
		.runtime = info->runtime,
		.image = info->image,
		.outer_id = info->outer_id,
		.privileged = privileged_of(answer->entry->container),
		.entry = answer->entry->kind,
		.attributed_by = answer->attributed_by,
	};
	/* Who asked for a container that it may or may not have been of is not known. */
	if (answer->doubt)
		touch->container.entry = ENTRY_UNKNOWN;
	else
		fill_launcher(attributor, answer->entry, touch);
	touch->launcher.argv = arguments_to_store(
		attributor->redact, touch->launcher.argv, &buffers->launcher_redacted);
	if (touch->launcher.confidence != CONFIDENCE_NONE)
		touch->launcher.login = name_of(attributor, touch->launcher.auid, now_msec,
			buffers->launcher_login);
	if (answer->entry->auid_known && touch->auid != answer->entry->auid)
		touch->doubt = DOUBT_LOGINUID;
}

void attribute_path(struct attributor *attributor, const struct event *event,
	const struct action_item *item, const struct container *container, int64_t now_msec,
	struct touch_buffers *buffers, struct touch *touch)
{
	bool has_name = path_seen(item->path, item->at_descriptor ? NULL : event->cwd, buffers->seen,
		sizeof(buffers->seen));

	touch->action = item->action;
	touch->path_seen = has_name ? buffers->seen : NULL;
	touch->inode = item->path->has_inode ? item->path->inode : 0;
	touch->dev_major = item->path->dev_major;
	touch->dev_minor = item->path->dev_minor;
	if (!attributor->resolver) {
		touch->path = touch->path_seen;
		touch->path_by = PATH_AS_SEEN;
		return;
	}
	path_resolve(attributor->resolver, container, event, item->path, item->parent,
		touch->path_seen, now_msec, &buffers->host);
	touch->path = buffers->host.path[0] ? buffers->host.path : NULL;
	touch->path_by = buffers->host.by;
}

bool attribute_is_unnamed(const struct event *event, const struct event_path *path)
{
	return event->n_ring > 0 && path->has_inode && path->type != PATH_TYPE_NORMAL &&
	       (!path->name || path->name[0] != '/');
}

void attribute_unnamed(struct attributor *attributor, const struct event *event,
	const struct event_path *path, int64_t now_msec, struct touch *touch)
{
	const struct file_identity identity = { path->inode, path->dev_major, path->dev_minor };

	const char *watched;

	if (!touch->doubt && !path->name)
		touch->doubt = DOUBT_UNNAMED;
	if (touch->path_by != PATH_AS_SEEN || !attributor->watched)
		return;
	watched = watch_paths_find(attributor->watched, &identity, event->time_msec, now_msec);
	if (!watched)
		return;
	touch->path = watched;
	touch->path_by = PATH_BY_NAME;
	if (!touch->doubt)
		touch->doubt = DOUBT_UNNAMED;
}

void attribute_directory(const struct action_item *item, struct touch *touch)
{
	touch->action = item->action;
	touch->path = item->path->name;
	touch->path_by = touch->path ? PATH_BY_NAME : PATH_AS_SEEN;
}
