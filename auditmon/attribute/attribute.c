/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/attribute.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "attribute/action.h"
#include "attribute/ancestry.h"
#include "attribute/arguments.h"
#include "attribute/entry.h"
#include "attribute/nameless.h"
#include "attribute/proc.h"
#include "attribute/requester.h"
#include "attribute/scope.h"
#include "attribute/title.h"
#include "base/time.h"

#define NAME_SIZE 64

#define DOUBT_LOG "from a log: which container this was is not in it"
#define DOUBT_SYSCALL "system call without a known name, taken for a write"
#define DOUBT_RING "opened through io_uring: the kernel does not tell whether only for reading"
#define DOUBT_UNNAMED                                                                          \
	"a request of io_uring without names: the path is one that the file has or had, perhaps " \
	"another than was meant"
#define DOUBT_LOGINUID "loginuid was set inside the container: it names whom the container chose"

/* Where the touch's strings stand while on_touch looks at them. */
struct buffers {
	char user[NAME_SIZE], login[NAME_SIZE], launcher_login[NAME_SIZE];
	char seen[HOST_PATH_SIZE];
	char *cmdline;
	char *redacted, *launcher_redacted;
	struct requester requester;
	struct host_path host;
};

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
	snprintf(buffer, NAME_SIZE, "%s", name);
	return buffer;
}

static void fill_process(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct buffers *buffers,
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

/* What the record of a request does not say of its process. */
static void fill_requester(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct buffers *buffers,
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

static void fill_container(struct attributor *attributor, const struct lineage_answer *answer,
	int64_t now_msec, struct buffers *buffers, struct touch *touch)
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

static void fill_path(struct attributor *attributor, const struct event *event,
	const struct action_item *item, const struct container *container, int64_t now_msec,
	struct buffers *buffers, struct touch *touch)
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

/* A request of io_uring that ran in a worker has files without names; of others it is not known
 * which directory a relative name begins at. */
static bool is_unnamed(const struct event *event, const struct event_path *path)
{
	return event->n_ring > 0 && path->has_inode && path->type != PATH_TYPE_NORMAL &&
	       (!path->name || path->name[0] != '/');
}

/* Of a watched file that came or went without a name at least the watched one is known. */
static void fill_unnamed(struct attributor *attributor, const struct event *event,
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

/* The host's own name of a directory, below which something happened; or not even that. */
static void fill_directory(const struct action_item *item, struct touch *touch)
{
	touch->action = item->action;
	touch->path = item->path->name;
	touch->path_by = touch->path ? PATH_BY_NAME : PATH_AS_SEEN;
}

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
static const char *chain_of(struct attributor *attributor, const struct lineage_answer *answer)
{
	char *chain;

	if (!answer->entry || !answer->has_chain)
		return NULL;
	if (attributor->chain && attributor->chain_of == answer->above)
		return attributor->chain;
	if (ancestor_json(answer->above, attributor->redact, &chain) < 0)
		return NULL;
	attributor_done(attributor);
	attributor->chain_of = ancestor_ref(answer->above);
	attributor->chain = chain;
	return chain;
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

/*
 * The path of the engine's socket that a touch is about; NULL: it is about none. A copy that is
 * mounted elsewhere has another path, which the touch keeps.
 */
static const char *engine_socket_of(const struct attributor *attributor,
	const struct event_path *item, const struct touch *touch)
{
	if (touch->path_by != PATH_AS_SEEN && attributor->sockets &&
		engine_sockets_has(attributor->sockets, touch->path))
		return touch->path;
	if (!attributor->clients || !item || !item->has_inode || !S_ISSOCK(item->mode))
		return NULL;
	return client_table_socket_of(
		attributor->clients, item->inode, item->dev_major, item->dev_minor);
}

/* Somebody has connected to an engine, at path: whatever that starts next may be for him. */
static void tell_client(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, const struct touch *touch, const char *path)
{
	const struct process *process = answer->process;
	/* socketcall keeps the descriptor in memory. */
	bool has_fd = event->syscall && strcmp(event->syscall, "connect") == 0 &&
		      event->arguments[0] <= INT_MAX;
	bool lives = process && process->end_nsec == 0 && !answer->doubt;
	struct client client = {
		.pid = event->pid,
		.parent = event->ppid,
		.start_nsec = process ? process->start_nsec : 0,
		.end_nsec = process ? process->end_nsec : 0,
		.auid = event->auid,
		.session = event->session,
		.uid = event->uid,
		.exe = (char *)event->exe,
		.argv = (char *)touch->argv.bytes,
		.argv_len = touch->argv.len,
		.argv_complete = touch->argv.complete,
		.entry = answer->entry,
		.doubt = answer->doubt,
		.recorded = true,
	};
	_cleanup_(freep) char *argv = NULL;
	struct proc_stat stat;
	size_t len;

	if (lives && attributor->proc_fd >= 0 &&
		proc_read_cmdline(attributor->proc_fd, event->pid, &argv, &len) == 0 &&
		proc_read_stat(attributor->proc_fd, event->pid, &stat) == 0 && !stat.exiting &&
		len > 0) {
		struct arguments arguments =
			redact_arguments(attributor->redact, (struct arguments){ argv, len, true });

		client.argv = (char *)arguments.bytes;
		client.argv_len = arguments.len;
		client.argv_complete = arguments.complete;
		client.argv_is_live = true;
	}
	if (attributor->clients)
		client_table_connected(attributor->clients, &client, path,
			has_fd ? (int)event->arguments[0] : -1, lives,
			audit_clock_monotonic_nsec(attributor->clock, event->time_msec));
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
	struct buffers buffers = { 0 };
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
	fill_process(attributor, event, &answer, now_msec, &buffers, &touch);
	fill_requester(attributor, event, &answer, now_msec, &buffers, &touch);
	fill_container(attributor, &answer, now_msec, &buffers, &touch);
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
			fill_path(attributor, event, &item,
				answer.entry ? answer.entry->container : NULL, now_msec, &buffers,
				&touch);
		else
			fill_directory(&item, &touch);
		/* Found by its process's descriptors: whatever it was called, it was not told. */
		if (item.path == &nameless.path)
			touch.path_seen = NULL;
		touch.doubt = doubt;
		if (is_unnamed(event, item.path))
			fill_unnamed(attributor, event, item.path, now_msec, &touch);
		note_change(attributor, event, item.path, &touch);
		touch.watch = event->key;
		if (!scope_wants(attributor->watched, event, &answer, time_nsec, nameless.is_file,
			    &touch))
			continue;
		facts.own_file = buffers.host.container_own_file;
		facts.block_device = S_ISBLK(item.path->mode);
		facts.reads = items[i].reads;
		engine_socket = engine_socket_of(attributor, item.path, &touch);
		facts.engine_socket = engine_socket;
		if (items[i].action == ACTION_CONNECT && touch.success && engine_socket)
			tell_client(attributor, event, &answer, &touch, engine_socket);
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

/* Any process with CAP_AUDIT_WRITE can write such a record: it counts if its sender, who lives and is
 * a process of the host, holds the socket at which an engine listens. */
static void tell_engine(struct attributor *attributor, const struct event *event)
{
	struct lineage_answer answer = { 0 };
	uint64_t time_nsec;

	if (!attributor->lineage || !attributor->clients || !attributor->launchers)
		return;
	time_nsec = audit_clock_monotonic_nsec(attributor->clock, event->time_msec);
	lineage_find(attributor->lineage,
		&(struct lineage_question){
			.pid = event->pid,
			.time_nsec = time_nsec,
			.slack_nsec = attributor->clock->slack_nsec,
		},
		&answer);
	if (answer.process && answer.process->end_nsec == 0 && !answer.entry && !answer.doubt &&
		client_table_is_engine(attributor->clients, event->pid))
		launchers_engine_says(attributor->launchers, &event->engine, time_nsec);
}

void attribute_event(struct attributor *attributor, const struct event *event)
{
	struct action_item items[EVENT_MAX_PATHS + 1];
	struct event_path denied = { .name = event->denied_path, .type = PATH_TYPE_UNKNOWN };
	struct event_path socket = { .name = event->socket_path, .type = PATH_TYPE_UNKNOWN };
	bool known = true;
	unsigned n = 0;

	if (event->engine.operation)
		tell_engine(attributor, event);
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
