/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/attribute.h"

#include <string.h>
#include <sys/stat.h>

#include "attribute/ancestry.h"
#include "attribute/attribute-internal.h"
#include "attribute/callers.h"
#include "attribute/entry.h"
#include "attribute/nameless.h"
#include "attribute/scope.h"
#include "attribute/title.h"
#include "base/time.h"

#define DOUBT_LOG "from a log: which container this was is not in it"
#define DOUBT_SYSCALL "system call without a known name, taken for a write"
#define DOUBT_RING "opened through io_uring: the kernel does not tell whether only for reading"

/* What a record proves about the watched names themselves. */
static void note_change(struct attributor *attributor, const struct event *event,
	const struct event_path *item, const struct touch *touch)
{
	const struct file_identity identity = { item->inode, item->dev_major, item->dev_minor };

	if (!attributor->watched || !event->success || touch->path_by != PATH_BY_IDENTITY)
		return;
	if (item->type == PATH_TYPE_CREATE && item->has_inode)
		watch_paths_changed(attributor->watched, touch->path, &identity, event->time_msec);
	else if (item->type == PATH_TYPE_DELETE)
		watch_paths_changed(attributor->watched, touch->path, NULL, event->time_msec);
}

/* Processes that come and go below one parent have one chain: the last one is kept as text. */
static const char *chain_text(struct attributor *attributor, struct ancestor *above)
{
	char *chain;

	if (attributor->chain && attributor->chain_of == above)
		return attributor->chain;
	if (ancestor_json(above, attributor->redact, &chain) < 0)
		return NULL;
	attributor_done(attributor);
	attributor->chain_of = ancestor_ref(above);
	attributor->chain = chain;
	return chain;
}

static const char *chain_of(struct attributor *attributor, const struct lineage_answer *answer)
{
	return answer->entry && answer->has_chain ? chain_text(attributor, answer->above) : NULL;
}

/* Who stands above an engine's client on the host; NULL: its parent is gone, or it is all a log. */
static const char *callers_of(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, uint64_t time_nsec)
{
	_cleanup_(ancestor_unrefp) struct ancestor *callers = NULL;
	/* 0 of one that was there before us. */
	uint64_t start_nsec = answer->process ? answer->process->start_nsec : 0;

	if (!attributor->lineage || attributor->proc_fd < 0 ||
		callers_read(attributor->proc_fd, event->ppid, start_nsec ? start_nsec : time_nsec,
			&callers) < 0 ||
		!callers)
		return NULL;
	return chain_text(attributor, callers);
}

/* A process that has ended cannot be looked at, but its container shares what it shares. */
static bool is_in_host_namespace(const struct lineage_answer *answer)
{
	const struct container_info *info =
		answer->entry ? answer->entry->container->info : NULL;

	return answer->left & (LEFT_MOUNTS | LEFT_PIDS) ||
	       (info && (posture_shares_with_host(info, "pid") ||
				posture_shares_with_host(info, "mnt")));
}

static struct touch_facts facts_of(const struct lineage_answer *answer)
{
	const struct entry *entry = answer->entry;

	return (struct touch_facts){
		.entry_unset = entry && entry->auid_known && entry->auid == AUID_UNSET,
		.host_namespace = is_in_host_namespace(answer),
		.cgroup_left = answer->left & LEFT_CGROUP,
		.of_user = entry ? entry->container->info->of_user : 0,
		.labels = entry ? entry->container->info->labels : NULL,
		.pod_uid = entry ? entry->container->info->pod_uid : NULL,
	};
}

/* What was refused is not done, whatever became of the rest of the call. */
static bool is_done(const struct event *event, const struct action_item *item)
{
	return event->success && !event->config_failed && item->action != ACTION_DENIED;
}

/* Denials are told of containers' processes, and of what a rule was to watch. */
static bool is_asked_for(const struct event *event, const struct lineage_answer *answer,
	const struct action_item *first)
{
	return first->action != ACTION_DENIED || event->key || answer->entry || answer->doubt;
}

/* Of an open by a request of io_uring no record has the flags. */
static const char *doubt_of_request(const struct event *event, const struct action_item *first)
{
	bool opens = event->syscall && (strcmp(event->syscall, "io_uring_enter") == 0 ||
					       strncmp(event->syscall, "io_uring:openat", 15) == 0);

	return opens && first->action == ACTION_WRITE ? DOUBT_RING : NULL;
}

/* A runtime mounts dozens of things for each container: no time is spent on their paths. Of its
 * process the first title is remembered all the same. */
static bool is_left_out(const struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, uint64_t time_nsec)
{
	struct touch touch = { .action = ACTION_MOUNT };

	if (event->scope != SCOPE_INSIDE || !attributor->lineage ||
		scope_wants(attributor->watched, event, answer, time_nsec, false, &touch))
		return false;
	title_is_former(answer->process, event, time_nsec, attributor->clock->slack_nsec);
	return true;
}

/* Returns the event's time by the clock of lineage. */
static uint64_t find_process(struct attributor *attributor, const struct event *event,
	struct lineage_answer *ret)
{
	uint64_t time_nsec = audit_clock_monotonic_nsec(attributor->clock, event->time_msec);

	lineage_find(attributor->lineage,
		&(struct lineage_question){
			.pid = event->pid,
			.ppid = event->ppid,
			.time_nsec = time_nsec,
			.slack_nsec = attributor->clock->slack_nsec,
			.label = event->label,
		},
		ret);
	return time_nsec;
}

/* items of a nameless event have no path. */
static void attribute_items(struct attributor *attributor, const struct event *event,
	const struct action_item *items, unsigned n_items, bool known_syscall)
{
	struct touch_buffers buffers = { 0 };
	struct lineage_answer answer = { .doubt = DOUBT_LOG };
	struct touch touch = { 0 };
	struct nameless nameless = { .is_file = true };
	int64_t now_msec = time_now_msec();
	uint64_t time_nsec = 0;
	const char *doubt;
	struct touch_facts facts;

	if (attributor->lineage)
		time_nsec = find_process(attributor, event, &answer);
	if (!is_asked_for(event, &answer, &items[0]))
		return;
	if (is_left_out(attributor, event, &answer, time_nsec))
		return;
	/* First: what its process can tell may be gone in a moment. */
	if (event_is_nameless(event))
		nameless_find(attributor->lineage ? attributor->proc_fd : -1, attributor->watched,
			event, &answer, &nameless);
	attribute_process(attributor, event, &answer, now_msec, &buffers, &touch);
	attribute_requester(attributor, event, &answer, now_msec, &buffers, &touch);
	attribute_container(attributor, &answer, now_msec, &buffers, &touch);
	if (!known_syscall && !touch.doubt)
		touch.doubt = DOUBT_SYSCALL;
	if (!touch.doubt)
		touch.doubt = nameless.doubt ? nameless.doubt : doubt_of_request(event, items);
	touch.ancestors = chain_of(attributor, &answer);
	facts = facts_of(&answer);
	facts.own_records = event->config_by_user;
	/* What io_uring asked for lies below a watched directory at least. */
	facts.unknown_file = !nameless.is_file && event->scope == SCOPE_DESCRIPTOR;
	/* The connector may have shown the mounts to nobody yet: a container that was there before us, or a quick one. */
	if (answer.entry && !answer.entry->container->mounts && answer.process &&
		answer.process->end_nsec == 0 && attributor->proc_fd >= 0)
		entry_read_mounts(answer.entry, attributor->proc_fd, event->pid);

	doubt = touch.doubt;
	for (unsigned i = 0; i < n_items; i++) {
		struct action_item item = items[i];
		const char *engine_socket;

		item.path = item.path ? item.path : &nameless.path;
		touch.success = is_done(event, &item);
		buffers.host.container_own_file = false;
		if (nameless.is_file)
			attribute_path(attributor, event, &item,
				answer.entry ? answer.entry->container : NULL, now_msec, &buffers,
				&touch);
		else
			attribute_directory(&item, &touch);
		/* Found by its process's descriptors: whatever it was called, it was not told. */
		if (item.path == &nameless.path)
			touch.path_seen = NULL;
		touch.doubt = doubt;
		if (attribute_is_unnamed(event, item.path))
			attribute_unnamed(attributor, event, item.path, now_msec, &touch);
		note_change(attributor, event, item.path, &touch);
		touch.watch = event->key;
		if (!scope_wants(attributor->watched, event, &answer, time_nsec, nameless.is_file,
			    &touch))
			continue;
		facts.own_file = buffers.host.container_own_file;
		facts.block_device = S_ISBLK(item.path->mode);
		facts.reads = items[i].reads;
		engine_socket = attribute_engine_socket(attributor, item.path, &touch);
		facts.engine_socket = engine_socket;
		/* Users may crowd their own, and what those make has their loginuid. */
		if (items[i].action == ACTION_CONNECT && touch.success && engine_socket &&
			!engine_sockets_is_users(attributor->sockets, engine_socket))
			attribute_tell_client(attributor, event, &answer, &touch, engine_socket);
		/* After: who it is comes first. */
		if (items[i].action == ACTION_CONNECT && engine_socket && !answer.entry)
			touch.ancestors = callers_of(attributor, event, &answer, time_nsec);
		attributor->on_touch(&touch, &facts, attributor->userdata);
		touch.item++;
	}
	requester_done(&buffers.requester);
	free(buffers.cmdline);
	free(buffers.redacted);
	free(buffers.launcher_redacted);
}

void attributor_done(struct attributor *attributor)
{
	ancestor_unref(attributor->chain_of);
	free(attributor->chain);
	attributor->chain_of = NULL;
	attributor->chain = NULL;
}

/*
 * A call that was refused and failed did nothing but that. One that succeeded did what it did; the
 * refusal (of a capability it could do without, say) stands beside it, and alone where there is no
 * call.
 */
static unsigned add_denial(const struct event *event, const struct event_path *denied,
	struct action_item *items, unsigned n)
{
	if (!event->success && n > 0) {
		for (unsigned i = 0; i < n; i++)
			items[i].action = ACTION_DENIED;
		return n;
	}
	items[n] = (struct action_item){ ACTION_DENIED, denied, NULL };
	return n + 1;
}

/*
 * A process changed the audit configuration: the names in such an event are those that its rule is
 * about, and nobody touched them. What takes something from the record is told, or tries to.
 */
static unsigned config_items(const struct event *event, struct action_item *items)
{
	static const struct event_path nothing = { .type = PATH_TYPE_UNKNOWN };
	bool removed = event->config_op && strcmp(event->config_op, "remove_rule") == 0;

	if (!removed && !event->config_switched_off)
		return 0;
	items[0] = (struct action_item){ removed ? ACTION_DELETE : ACTION_ATTR, &nothing, NULL };
	return 1;
}

void attribute_event(struct attributor *attributor, const struct event *event)
{
	struct action_item items[EVENT_MAX_PATHS + 1];
	struct event_path denied = { .name = event->denied_path, .type = PATH_TYPE_UNKNOWN };
	struct event_path socket = { .name = event->socket_path, .type = PATH_TYPE_UNKNOWN };
	bool known = true;
	unsigned n = 0;

	if (event->engine.operation)
		attribute_tell_engine(attributor, event);
	/* The kernel says so when another file has come under a watched name. */
	if (event->config_op && event->config_path && attributor->watched)
		watch_paths_refresh(attributor->watched, event->config_path, event->time_msec);
	if (event->has_syscall && event->config_by_user)
		n = config_items(event, items);
	else if (event->has_syscall || event->n_ring > 0)
		n = action_items(event, items, &known);
	if (n == 0 && event_is_nameless(event)) {
		items[0] = (struct action_item){ action_of_event(event, &known), NULL, NULL };
		n = 1;
	}
	if (n == 0 && event->socket_path) {
		items[0] = (struct action_item){ ACTION_CONNECT, &socket, NULL };
		n = 1;
	}
	if (event->is_denied)
		n = add_denial(event, &denied, items, n);
	if (n > 0)
		attribute_items(
			attributor, event, items, n, known || items[0].action == ACTION_DENIED);
}
