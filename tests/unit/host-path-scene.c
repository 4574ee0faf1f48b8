/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "attribute/proc.h"
#include "host-path-scene.h"

static bool may_mount;

int own_mounts(void **state)
{
	may_mount =
		unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (!may_mount)
		fprintf(stderr, "no mount namespace (%s): what needs mounts is skipped\n",
			strerror(errno));
	return 0;
}

void need_mounts(void)
{
	if (!may_mount)
		skip();
}

const char *path_of(const struct host *host, const char *name)
{
	return place_name(&host->place, name);
}

void watch(struct host *host, const char *name, bool tree)
{
	const struct watch_path list[] = { { path_of(host, name), "k", tree } };

	assert_int_equal(watch_paths_set(host->watched, list, 1, NOW - 1000), 0);
}

int host_setup(void **state)
{
	struct host *host = calloc(1, sizeof(*host));

	*state = host;
	if (!host || place_init(&host->place) < 0)
		return -1;
	if (may_mount && mount("host", host->place.path, "tmpfs", 0, "size=1m") < 0)
		return -1;
	host->event = (struct event){
		.has_syscall = true, .success = true, .time_msec = NOW, .key = "k", .cwd = "/"
	};
	host->info = (struct container_info){ .id = (char *)"c1", .runtime = (char *)"docker" };
	host->container.info = &host->info;
	host->container.owner = RUNTIME_NO_OWNER;
	if (watch_paths_new(&host->watched) < 0)
		return -1;
	place_text(&host->place, "etc/passwd", "root");
	place_text(&host->place, "etc/ssh/key", "secret");
	place_text(&host->place, "srv/data/file", "data");
	return path_resolver_new("/proc", host->watched, &host->resolver);
}

int host_teardown(void **state)
{
	struct host *host = *state;

	if (host->pid != 0) {
		kill(host->pid, SIGKILL);
		waitpid(host->pid, NULL, 0);
	}
	mounts_free(host->container.mounts);
	path_resolver_free(host->resolver);
	watch_paths_free(host->watched);
	if (may_mount && umount2(host->place.path, MNT_DETACH) < 0)
		return -1;
	place_done(&host->place);
	free(host);
	return 0;
}

static void bind_or_exit(const char *source, const char *destination)
{
	if (mount(source, destination, NULL, MS_BIND, NULL) < 0)
		_exit(3);
}

/* With its root at "root". */
static void live_in_container(
	const struct host *host, const struct binding *bindings, size_t n, int ready)
{
	char root[512], destination[512];

	strcpy(root, path_of(host, "root"));
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mkdir(root, 0755) < 0 || mount("root", root, "tmpfs", 0, "size=1m") < 0)
		_exit(2);
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		snprintf(destination, sizeof(destination), "root%s", bindings[i].destination);
		if (stat(path_of(host, bindings[i].source), &st) < 0)
			_exit(2);
		if (S_ISDIR(st.st_mode))
			place_directory(&host->place, destination);
		else
			place_text(&host->place, destination, "");
		bind_or_exit(path_of(host, bindings[i].source), path_of(host, destination));
	}
	place_text(&host->place, "root/etc/own", "x");
	if (chroot(root) < 0 || chdir("/") < 0 || write(ready, "", 1) != 1)
		_exit(4);
	for (;;)
		pause();
}

void read_mounts_of(struct host *host, pid_t pid)
{
	_cleanup_(closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(proc_read_mountinfo(proc_fd, pid, &text), 0);
	mounts_free(host->container.mounts);
	assert_int_equal(mounts_parse(text, &host->container.mounts), 0);
}

void enter_container(struct host *host, const struct binding *bindings, size_t n)
{
	int ready[2];
	char byte;

	need_mounts();
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	host->pid = fork();
	assert_true(host->pid >= 0);
	if (host->pid == 0)
		live_in_container(host, bindings, n, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	read_mounts_of(host, host->pid);
}

struct event_path *add_identity(
	struct host *host, const char *name, const struct stat *st, enum path_type type)
{
	struct event_path *item = &host->event.paths[host->event.n_paths++];

	*item = (struct event_path){ .name = name, .type = type };
	if (st) {
		item->has_inode = true;
		item->inode = st->st_ino;
		item->dev_major = major(st->st_dev);
		item->dev_minor = minor(st->st_dev);
	}
	return item;
}

struct event_path *add(struct host *host, const char *name, const char *file, enum path_type type)
{
	struct stat st = place_stat(&host->place, file);

	return add_identity(host, name, &st, type);
}

void resolve_in(struct host *host, const struct container *container, const struct event_path *item,
	const struct event_path *parent, const char *cwd)
{
	char seen[HOST_PATH_SIZE];
	bool has_name = path_seen(item, cwd, seen, sizeof(seen));

	path_resolve(host->resolver, container, &host->event, item, parent, has_name ? seen : NULL,
		NOW, &host->answer);
}

void resolve(struct host *host, const struct event_path *item, const struct event_path *parent)
{
	resolve_in(host, NULL, item, parent, host->event.cwd);
}

void resolve_contained(
	struct host *host, const struct event_path *item, const struct event_path *parent)
{
	resolve_in(host, &host->container, item, parent, host->event.cwd);
}

void assert_answer(const struct host *host, enum path_by by, const char *name)
{
	assert_string_equal(host->answer.path, path_of(host, name));
	assert_string_equal(path_by_names[host->answer.by], path_by_names[by]);
}

void assert_as_seen(const struct host *host, const char *path)
{
	assert_string_equal(host->answer.path, path);
	assert_int_equal(host->answer.by, PATH_AS_SEEN);
}
