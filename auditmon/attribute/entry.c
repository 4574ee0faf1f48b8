/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/entry.h"

#include <errno.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/proc.h"
#include "base/mounts.h"

#define MAX_CLIENT_ARGV_LEN 4096

/* Engines whose containers are descendants of the command that a human gave. All others have a
 * daemon between, whose loginuid is not the human's. */
static const struct {
	const char *runtime;
	const char *client; /* base name of the executable */
} fork_exec_engines[] = {
	{ "podman", "podman" },
	{ "buildah", "buildah" },
};

static const char *client_of(const char *runtime)
{
	for (size_t i = 0; i < ELEMENTS(fork_exec_engines); i++)
		if (strcmp(fork_exec_engines[i].runtime, runtime) == 0)
			return fork_exec_engines[i].client;
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* `podman system service`, the API server, and `podman container cleanup`, by which conmon restarts
 * a container: the engine's own doing. */
static bool is_engine(const char *argv, size_t len)
{
	const char *before = "";
	bool after_system = false;

	for (const char *argument = argv; argument < argv + len; argument += strlen(argument) + 1) {
		if ((after_system && strcmp(argument, "service") == 0) ||
			(strcmp(before, "container") == 0 && strcmp(argument, "cleanup") == 0))
			return true;
		after_system = after_system || strcmp(argument, "system") == 0;
		before = argument;
	}
	return false;
}

static void keep_client(struct entry *entry, pid_t pid, char *exe, char *argv, size_t argv_len)
{
	entry->client_pid = pid;
	entry->client_exe = exe;
	entry->client_argv = argv;
	entry->client_argv_len = argv_len;
	/* The user decides how long it is, and it is kept as long as the container lives. */
	if (argv_len > MAX_CLIENT_ARGV_LEN) {
		char *shorter = realloc(argv, MAX_CLIENT_ARGV_LEN + 1);

		entry->client_argv = shorter ? shorter : argv;
		entry->client_argv[MAX_CLIENT_ARGV_LEN] = '\0';
		entry->client_argv_len = MAX_CLIENT_ARGV_LEN;
	}
}

void entry_learn_from(struct entry *entry, int proc_fd, pid_t pid)
{
	const char *client = client_of(entry->container->info->runtime);
	_cleanup_(freep) char *exe = NULL, *argv = NULL;
	size_t argv_len;

	if (!entry->auid_known)
		entry->auid_known = proc_read_loginuid(proc_fd, pid, &entry->auid) == 0;
	if (!client || proc_read_exe(proc_fd, pid, &exe) < 0 ||
		strcmp(base_name(exe), client) != 0 ||
		proc_read_cmdline(proc_fd, pid, &argv, &argv_len) < 0)
		return;
	if (is_engine(argv, argv_len))
		entry->made_by_engine = true;
	else if (entry->client_pid == 0)
		keep_client(entry, pid, TAKE(exe), TAKE(argv), argv_len);
}

/* runc's stages run inside the container's cgroup before the user's program does. */
static bool is_stage(const char *argv, size_t len)
{
	size_t first = strnlen(argv, len);

	return first + strlen("init") < len &&
	       strncmp(argv + first + 1, "init", len - first - 1) == 0 &&
	       (strcmp(base_name(argv), "runc") == 0 || strcmp(argv, "/proc/self/exe") == 0);
}

static void settle_as(struct entry *entry, enum entry_kind kind)
{
	entry->kind = kind;
	entry->kind_is_final = true;
	if (kind != ENTRY_INIT)
		return;
	entry->is_first_init = !entry->container->had_init;
	entry->container->had_init = true;
	entry->container->init = entry;
}

/* Of its end the connector tells after the parent has heard of it (do_exit() in kernel/exit.c): on a
 * busy machine its successor may be there before. */
static bool has_live_init(const struct container *container, int proc_fd)
{
	struct proc_stat stat;
	int r;

	if (!container->init || !container->init->alive)
		return false;
	r = proc_read_stat(proc_fd, container->init->pid, &stat);
	return r < 0 ? r != -ENOENT && r != -ESRCH : !stat.exiting;
}

/* One that is at its end has no command line any more. Where there is no first process yet, what
 * is over so soon and was not it was a stage on the way to it. Of an exec only the last one is in
 * the container's cgroup (runc 1.1, setnsProcess.start()), and that becomes the program. */
static bool may_be_stage(const struct entry *entry, int proc_fd)
{
	_cleanup_(freep) char *argv = NULL;
	size_t len;

	if (proc_read_cmdline(proc_fd, entry->pid, &argv, &len) < 0 || len == 0)
		return !entry->is_exec && !has_live_init(entry->container, proc_fd);
	return is_stage(argv, len);
}

static bool may_be_init(const struct entry *entry, int proc_fd)
{
	const struct container *container = entry->container;

	if (container->init != entry && has_live_init(container, proc_fd))
		return false;
	return container->seen_from_start || container->info->init_pid == 0 ||
	       container->info->init_pid == entry->pid;
}

void entry_settle(struct entry *entry, int proc_fd, bool has_executed)
{
	const struct container *container = entry->container;
	pid_t inner_pid;
	unsigned depth;

	entry->is_in = entry->is_in || (has_executed && !may_be_stage(entry, proc_fd));
	if (entry->kind_is_final)
		return;
	/* The container's own first process may be about to end. */
	if (entry->is_exec) {
		settle_as(entry, ENTRY_EXEC);
		return;
	}
	if (proc_read_inner_pid(proc_fd, entry->pid, &inner_pid, &depth) == 0 && depth > 1 &&
		inner_pid == 1) {
		/* pid 1 of some namespace: whoever is in the cgroup can be that, but a container
		 * has one init. */
		settle_as(entry, may_be_init(entry, proc_fd) ? ENTRY_INIT : ENTRY_UNKNOWN);
		return;
	}
	if (!entry->is_in)
		return;
	if (has_live_init(container, proc_fd))
		settle_as(entry, ENTRY_EXEC);
	else if (container->seen_from_start || container->info->init_pid == entry->pid)
		settle_as(entry, ENTRY_INIT);
	else
		settle_as(entry, container->info->init_pid ? ENTRY_EXEC : ENTRY_UNKNOWN);
}

/* Once: later its processes may have mounted anything there. */
static void keep_root(struct container *container, const struct mounts *mounts)
{
	const char *rest;
	const struct mount *root = mounts_covering(mounts, "/", &rest);

	container->has_overlay_root =
		root && (strcmp(root->type, "overlay") == 0 ||
				strcmp(root->type, "fuse.fuse-overlayfs") == 0);
	container->root_major = root ? root->dev_major : 0;
	container->root_minor = root ? root->dev_minor : 0;
}

void entry_read_mounts(struct entry *entry, int proc_fd, pid_t pid)
{
	_cleanup_(freep) char *text = NULL;
	struct mounts *mounts;

	if (proc_read_mountinfo(proc_fd, pid, &text) < 0 || mounts_parse(text, &mounts) < 0)
		return;
	if (mounts->n == 0) {
		mounts_free(mounts);
		return;
	}
	if (!entry->container->mounts)
		keep_root(entry->container, mounts);
	mounts_free(entry->container->mounts);
	entry->container->mounts = mounts;
}

struct entry *entry_of_child(struct entry *parent, int proc_fd, pid_t pid)
{
	struct proc_stat child_stat, init_stat;
	struct entry *entry;

	if (parent->kind != ENTRY_INIT || proc_read_stat(proc_fd, pid, &child_stat) < 0 ||
		proc_read_stat(proc_fd, parent->pid, &init_stat) < 0 ||
		child_stat.parent != parent->pid || child_stat.session == init_stat.session)
		return entry_ref(parent);
	if (entry_new(parent->container, pid, &entry) < 0)
		return NULL;
	entry->kind_is_final = true;
	entry->is_in = true;
	return entry;
}

struct arguments entry_program(const struct entry *entry)
{
	struct arguments argv = ancestor_argv(entry->program);

	if (argv.len == 0 || is_stage(argv.bytes, argv.len))
		return (struct arguments){ 0 };
	return argv;
}

void entry_launcher(const struct entry *entry, struct touch_launcher *ret)
{
	static const char evidence[] =
		"loginuid of the engine's own process, a descendant of the login";

	*ret = (struct touch_launcher){ .auid = AUID_UNSET };
	if (!client_of(entry->container->info->runtime) || !entry->auid_known ||
		entry->auid == AUID_UNSET)
		return;
	/* Then the loginuid is that of who started the engine, not of who asked it. */
	if (entry->made_by_engine)
		return;
	ret->auid = entry->auid;
	ret->pid = entry->client_pid;
	ret->exe = entry->client_exe;
	if (entry->client_argv)
		ret->argv = (struct arguments){ entry->client_argv, entry->client_argv_len,
			entry->client_argv_len < MAX_CLIENT_ARGV_LEN };
	/* Without the client in sight it may have been a service all the same. */
	ret->confidence = entry->client_pid != 0 ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
	ret->evidence = (struct arguments){ evidence, sizeof(evidence) - 1, true };
}
