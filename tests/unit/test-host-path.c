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
#include <time.h>

#include "attribute/host-path.h"
#include "attribute/proc.h"
#include "base/mounts.h"
#include "place.h"
#include "runtime/runtime.h"

#define NOW 100000

/*
 * The "host" is a file system of its own in a mount namespace of this test, and a container is a
 * process that has gone into yet another namespace, with its root elsewhere and some of the host
 * mounted. So mountinfo, devices and inodes are the kernel's. Without root there are no mounts:
 * those tests are skipped.
 */
static bool may_mount;

struct host {
	struct place place;
	struct watch_paths *watched;
	struct path_resolver *resolver;

	pid_t pid; /* of the container's process; 0: none */
	struct container_info info;
	struct container_mount engine_mount;
	struct container container;

	struct event event;
	struct host_path answer;
};

static const char *path_of(const struct host *host, const char *name)
{
	return place_name(&host->place, name);
}

static void watch(struct host *host, const char *name, bool tree)
{
	const struct watch_path list[] = { { path_of(host, name), "k", tree } };

	assert_int_equal(watch_paths_set(host->watched, list, 1, NOW - 1000), 0);
}

static int host_setup(void **state)
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

static int host_teardown(void **state)
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

struct binding {
	const char *source, *destination;
};

static void bind_or_exit(const char *source, const char *destination)
{
	if (mount(source, destination, NULL, MS_BIND, NULL) < 0)
		_exit(3);
}

/* The container: a tmpfs as root at "root", and what is bound into it. */
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

static void read_mounts_of(struct host *host, pid_t pid)
{
	_cleanup_(closep) int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) char *text = NULL;

	assert_int_equal(proc_read_mountinfo(proc_fd, pid, &text), 0);
	mounts_free(host->container.mounts);
	assert_int_equal(mounts_parse(text, &host->container.mounts), 0);
}

static void enter_container(struct host *host, const struct binding *bindings, size_t n)
{
	int ready[2];
	char byte;

	if (!may_mount)
		skip();
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

static struct event_path *add_identity(
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

/* An item with the identity of a file of the host, by whatever name the process gave. */
static struct event_path *add(
	struct host *host, const char *name, const char *file, enum path_type type)
{
	struct stat st = place_stat(&host->place, file);

	return add_identity(host, name, &st, type);
}

static void resolve_in(struct host *host, const struct container *container,
	const struct event_path *item, const struct event_path *parent, const char *cwd)
{
	char seen[HOST_PATH_SIZE];
	bool has_name = path_seen(item, cwd, seen, sizeof(seen));

	path_resolve(host->resolver, container, &host->event, item, parent, has_name ? seen : NULL,
		NOW, &host->answer);
}

static void resolve(
	struct host *host, const struct event_path *item, const struct event_path *parent)
{
	resolve_in(host, NULL, item, parent, host->event.cwd);
}

static void resolve_contained(
	struct host *host, const struct event_path *item, const struct event_path *parent)
{
	resolve_in(host, &host->container, item, parent, host->event.cwd);
}

static void assert_answer(const struct host *host, enum path_by by, const char *name)
{
	assert_string_equal(host->answer.path, path_of(host, name));
	assert_string_equal(path_by_names[host->answer.by], path_by_names[by]);
}

static void assert_as_seen(const struct host *host, const char *path)
{
	assert_string_equal(host->answer.path, path);
	assert_int_equal(host->answer.by, PATH_AS_SEEN);
}

static void a_relative_name_is_joined_with_cwd(void **state)
{
	struct event_path item = { .name = "passwd" };
	char seen[32];

	assert_true(path_seen(&item, "/etc", seen, sizeof(seen)));
	assert_string_equal(seen, "/etc/passwd");
	assert_true(path_seen(&item, "/", seen, sizeof(seen)));
	assert_string_equal(seen, "/passwd");
	assert_true(path_seen(&item, NULL, seen, sizeof(seen)));
	assert_string_equal(seen, "passwd");
	item.name = "/etc/passwd";
	assert_true(path_seen(&item, "/root", seen, sizeof(seen)));
	assert_string_equal(seen, "/etc/passwd");
}

static void what_has_no_name_is_not_seen(void **state)
{
	struct event_path item = { .name = NULL };
	char seen[8];

	assert_false(path_seen(&item, "/etc", seen, sizeof(seen)));
	item.name = "";
	assert_false(path_seen(&item, "/etc", seen, sizeof(seen)));
	item.name = "much-too-long";
	assert_false(path_seen(&item, NULL, seen, sizeof(seen)));
	item.name = "/etc";
	assert_false(path_seen(&item, "/", seen, 4));
	assert_true(path_seen(&item, "/", seen, 5));
}

static void a_name_of_the_host_is_verified(void **state)
{
	struct host *host = *state;

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void a_name_with_another_file_behind_it_is_not_proven(void **state)
{
	struct host *host = *state;

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/ssh/key", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_file_on_another_device_is_another_file(void **state)
{
	struct host *host = *state;
	struct event_path *item =
		add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL);

	item->dev_minor += 100;
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_relative_name_is_found_from_cwd(void **state)
{
	struct host *host = *state;

	host->event.cwd = path_of(host, "etc/ssh");
	resolve(host, add(host, "../passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_symlink_on_the_way_is_resolved(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("etc", path_of(host, "link")), 0);
	resolve(host, add(host, path_of(host, "link/passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_way_up_behind_a_symlink_is_the_kernels(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("etc/ssh", path_of(host, "link")), 0);
	resolve(host, add(host, path_of(host, "link/../passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void the_last_symlink_may_be_what_was_touched(void **state)
{
	struct host *host = *state;

	assert_int_equal(symlink("passwd", path_of(host, "etc/link")), 0);
	resolve(host, add(host, path_of(host, "etc/link"), "etc/link", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/link");
}

static void a_file_that_is_gone_is_told_by_name(void **state)
{
	struct host *host = *state;
	struct event_path *item =
		add(host, path_of(host, "srv//./data/file"), "srv/data/file", PATH_TYPE_NORMAL);

	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "srv/data/file");
}

static void a_removed_name_is_proven_by_its_directory(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);
	struct event_path *item =
		add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_DELETE);

	assert_int_equal(unlink(path_of(host, "etc/passwd")), 0);
	resolve(host, item, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_removed_name_in_another_directory_is_not_proven(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "srv", PATH_TYPE_PARENT);

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_DELETE),
		parent);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void a_created_name_is_proven_though_replaced_since(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);

	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/ssh/key", PATH_TYPE_CREATE),
		parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_created_directory_may_end_in_a_slash(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);

	place_directory(&host->place, "etc/new");
	resolve(host, add(host, path_of(host, "etc/new/"), "etc/new", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
	assert_int_equal(rmdir(path_of(host, "etc/new")), 0);
	resolve(host, add(host, path_of(host, "etc/new/"), "etc/ssh", PATH_TYPE_DELETE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
}

static void a_relative_name_from_nowhere_is_not_taken_for_ours(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc"), "etc", PATH_TYPE_PARENT);
	struct event_path *item = add(host, "passwd", "etc/passwd", PATH_TYPE_DELETE);
	char cwd[512];

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(path_of(host, "etc")), 0);
	resolve_in(host, NULL, item, parent, NULL);
	assert_int_equal(chdir(cwd), 0);
	assert_as_seen(host, "passwd");
}

static void a_relative_name_from_nowhere_is_found_in_a_tree(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "etc"), "etc/ssh", PATH_TYPE_PARENT);

	watch(host, "etc", true);
	resolve_in(host, NULL, add(host, "key", "etc/ssh/key", PATH_TYPE_DELETE), parent, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve_in(host, NULL, add(host, "new", "etc/ssh/key", PATH_TYPE_CREATE), parent, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/new");
	/* Without knowing the directory: where the file itself is. */
	resolve_in(host, NULL, add(host, "x", "etc/ssh/key", PATH_TYPE_CREATE), NULL, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve_in(host, NULL, add(host, "x", "etc/ssh/key", PATH_TYPE_DELETE), NULL, NULL);
	assert_as_seen(host, "x");
}

static void a_hard_link_is_the_watched_file(void **state)
{
	struct host *host = *state;

	assert_int_equal(link(path_of(host, "etc/passwd"), path_of(host, "srv/hard")), 0);
	watch(host, "etc/passwd", false);
	resolve(host, add(host, path_of(host, "srv/hard"), "srv/hard", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_hard_link_that_comes_is_told_by_its_own_name(void **state)
{
	struct host *host = *state;
	struct event_path *parent = add(host, path_of(host, "srv/"), "srv", PATH_TYPE_PARENT);

	assert_int_equal(link(path_of(host, "etc/passwd"), path_of(host, "srv/hard")), 0);
	watch(host, "etc/passwd", false);
	resolve(host, add(host, path_of(host, "srv/hard"), "srv/hard", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "srv/hard");
}

static void a_file_without_name_is_the_watched_one(void **state)
{
	struct host *host = *state;

	watch(host, "etc/passwd", false);
	resolve(host, add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_file_without_name_is_looked_for_in_the_watched_trees(void **state)
{
	struct host *host = *state;

	watch(host, "etc", true);
	resolve(host, add(host, NULL, "etc/ssh/key", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	resolve(host, add(host, "", "etc", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc");
}

static void a_file_without_name_outside_all_trees_stays_unknown(void **state)
{
	struct host *host = *state;

	watch(host, "etc", true);
	resolve(host, add(host, NULL, "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "");
}

static void the_one_file_of_a_rule_is_told_by_name_where_it_was_replaced(void **state)
{
	struct host *host = *state;
	struct event_path *item;
	struct stat gone;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/between", "x");
	gone = place_stat(&host->place, "etc/between");
	assert_int_equal(unlink(path_of(host, "etc/between")), 0);
	item = add_identity(host, NULL, &gone, PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "etc/passwd");
}

static void of_several_files_in_an_event_a_rule_does_not_say_which(void **state)
{
	struct host *host = *state;
	struct event_path *item;
	struct stat gone;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/between", "x");
	gone = place_stat(&host->place, "etc/between");
	assert_int_equal(unlink(path_of(host, "etc/between")), 0);
	item = add_identity(host, NULL, &gone, PATH_TYPE_NORMAL);
	add(host, "/other", "srv/data/file", PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_as_seen(host, "");
}

static void a_file_that_took_the_watched_name_unseen_is_found(void **state)
{
	struct host *host = *state;

	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/fresh", "x");
	assert_int_equal(rename(path_of(host, "etc/fresh"), path_of(host, "etc/passwd")), 0);
	resolve(host, add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void an_answer_is_not_kept_over_a_change_of_names(void **state)
{
	struct host *host = *state;
	struct event_path *parent, *item;

	watch(host, "etc", true);
	item = add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_int_equal(rename(path_of(host, "etc/passwd"), path_of(host, "etc/moved")), 0);
	resolve(host, item, NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	parent = add(host, path_of(host, "etc/"), "etc", PATH_TYPE_PARENT);
	resolve(host, add(host, path_of(host, "etc/moved"), "etc/moved", PATH_TYPE_CREATE), parent);
	resolve(host, item, NULL);
	/* The budget of the search is per moment, and this is the same one. */
	assert_answer(host, PATH_BY_IDENTITY, "etc/moved");
}

static void a_name_in_a_container_is_translated_through_its_mounts(void **state)
{
	static const struct binding bindings[] = { { "", "/host" }, { "srv/data", "/data" },
		{ "etc/passwd", "/users" } };
	static const struct {
		const char *seen, *file;
	} cases[] = {
		{ "/host/etc/passwd", "etc/passwd" },
		{ "/host/srv/data/file", "srv/data/file" },
		{ "/data/file", "srv/data/file" },
		{ "/data", "srv/data" },
		{ "/users", "etc/passwd" },
		{ "/host", "" },
	};
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		resolve_contained(
			host, add(host, cases[i].seen, cases[i].file, PATH_TYPE_NORMAL), NULL);
		assert_answer(host, PATH_BY_IDENTITY, cases[i].file);
		assert_false(host->answer.container_own_file);
	}
}

static void a_relative_name_in_a_container_is_translated(void **state)
{
	static const struct binding bindings[] = { { "srv", "/data" } };
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	host->event.cwd = "/data/data";
	resolve_contained(host, add(host, "file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
}

static void names_that_came_and_went_in_a_container_are_proven_by_their_directory(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *parent, *from, *to;

	enter_container(host, bindings, ELEMENTS(bindings));
	watch(host, "etc/passwd", false);
	place_text(&host->place, "etc/fresh", "x");
	parent = add(host, "/host/etc/", "etc", PATH_TYPE_PARENT);
	from = add(host, "/host/etc/fresh", "etc/fresh", PATH_TYPE_DELETE);
	to = add(host, "/host/etc/passwd", "etc/fresh", PATH_TYPE_CREATE);
	assert_int_equal(rename(path_of(host, "etc/fresh"), path_of(host, "etc/passwd")), 0);
	resolve_contained(host, from, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/fresh");
	resolve_contained(host, to, parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void a_file_gone_from_a_container_is_told_by_name(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *item;

	enter_container(host, bindings, ELEMENTS(bindings));
	item = add(host, "/host/srv/data/file", "srv/data/file", PATH_TYPE_NORMAL);
	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	resolve_contained(host, item, NULL);
	assert_answer(host, PATH_BY_NAME, "srv/data/file");
}

static void a_chroot_into_a_mount_is_found_out(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	struct event_path *parent;

	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(host, add(host, "/etc/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	parent = add(host, "/etc/", "etc", PATH_TYPE_PARENT);
	resolve_contained(host, add(host, "/etc/new", "etc/passwd", PATH_TYPE_CREATE), parent);
	assert_answer(host, PATH_BY_IDENTITY, "etc/new");
}

static void a_name_that_leads_to_another_file_is_refused(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;

	enter_container(host, bindings, ELEMENTS(bindings));
	/* By chroot to a place that is not known: the host's own file of that name is not it. */
	place_text(&host->place, "jail/etc/passwd", "x");
	resolve_contained(
		host, add(host, "/etc/passwd", "jail/etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/etc/passwd");
	watch(host, "jail", true);
	resolve_contained(
		host, add(host, "/etc/passwd ", "jail/etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "jail/etc/passwd");
}

static void the_engines_word_helps_where_no_mounts_were_seen(void **state)
{
	struct host *host = *state;

	host->engine_mount = (struct container_mount){ .source = (char *)path_of(host, "etc"),
		.destination = (char *)"/config" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	resolve_contained(host, add(host, "/config/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/config/ssh/key", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_NAME, "etc/ssh/key");
	resolve_contained(host, add(host, "/configuration", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/configuration");
}

static void a_rootless_engines_word_must_be_proven(void **state)
{
	struct host *host = *state;

	host->engine_mount = (struct container_mount){ .source = (char *)path_of(host, "etc"),
		.destination = (char *)"/config" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	host->container.owner = 1000;
	resolve_contained(host, add(host, "/config/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/config/ssh/key", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/config/ssh/key");
}

static void the_containers_own_file_is_not_the_hosts(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;
	char root[64];
	struct stat st;

	enter_container(host, bindings, ELEMENTS(bindings));
	snprintf(root, sizeof(root), "/proc/%d/root/etc/own", host->pid);
	assert_int_equal(stat(root, &st), 0);
	resolve_contained(host, add_identity(host, "/etc/own", &st, PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/etc/own");
	assert_true(host->answer.container_own_file);
}

static void a_file_below_the_containers_root_on_the_host_is_its_own(void **state)
{
	struct host *host = *state;
	char rootfs[512];

	/* In a chroot no mount need be the root. */
	if (!may_mount)
		skip();
	/* As LXC has it, or an engine with the vfs driver: no file system of its own. */
	snprintf(rootfs, sizeof(rootfs), "%s", path_of(host, "srv"));
	host->info.rootfs = rootfs;
	host->engine_mount =
		(struct container_mount){ .source = rootfs, .destination = (char *)"/" };
	host->info.mounts = &host->engine_mount;
	host->info.n_mounts = 1;
	resolve_contained(host, add(host, "/data/file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
	assert_true(host->answer.container_own_file);
	resolve_contained(host, add(host, "/etc/passwd", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
}

/* What a container's process can mount over its own root must not make the host's files the container's. */
static void a_directory_of_the_host_mounted_at_the_root_is_still_the_hosts(void **state)
{
	struct host *host = *state;
	char text[1024];
	struct stat st;

	if (!may_mount)
		skip();
	st = place_stat(&host->place, "srv");
	snprintf(text, sizeof(text), "9 1 %u:%u /srv / rw - tmpfs x rw\n", major(st.st_dev),
		minor(st.st_dev));
	assert_int_equal(mounts_parse(text, &host->container.mounts), 0);
	resolve_contained(host, add(host, "/data/file", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "srv/data/file");
	assert_false(host->answer.container_own_file);
}

static void what_is_mounted_at_the_containers_root_on_the_host_is_its_own(void **state)
{
	struct host *host = *state;
	char rootfs[512];

	if (!may_mount)
		skip();
	strcpy(rootfs, path_of(host, "merged"));
	place_directory(&host->place, "merged");
	assert_int_equal(mount("merged", rootfs, "tmpfs", 0, "size=1m"), 0);
	place_text(&host->place, "merged/own", "x");
	host->info.rootfs = rootfs;
	resolve_contained(host, add(host, "/own", "merged/own", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/own");
	assert_true(host->answer.container_own_file);
	resolve_contained(host, add(host, "/srv", "srv", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
	/* A directory of the host's file system is no mount of its own. */
	strcpy(rootfs, path_of(host, "srv"));
	resolve_contained(host, add(host, "/x", "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
	assert_int_equal(umount2(path_of(host, "merged"), MNT_DETACH), 0);
}

static void a_container_in_the_hosts_mount_namespace_owns_nothing_of_it(void **state)
{
	struct host *host = *state;
	struct stat st;

	if (!may_mount)
		skip();
	read_mounts_of(host, getpid());
	assert_int_equal(stat("/usr", &st), 0);
	resolve_contained(host, add_identity(host, "/usr", &st, PATH_TYPE_NORMAL), NULL);
	assert_string_equal(host->answer.path, "/usr");
	assert_int_equal(host->answer.by, PATH_BY_IDENTITY);
	assert_false(host->answer.container_own_file);
	resolve_contained(
		host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	assert_false(host->answer.container_own_file);
}

static void a_mount_whose_source_was_removed_leads_nowhere(void **state)
{
	static const struct binding bindings[] = { { "srv/data", "/data" } };
	struct host *host = *state;
	struct event_path *item, *parent;

	enter_container(host, bindings, ELEMENTS(bindings));
	parent = add(host, "/data/", "srv/data", PATH_TYPE_PARENT);
	item = add(host, "/data/file", "srv/data/file", PATH_TYPE_DELETE);
	assert_int_equal(unlink(path_of(host, "srv/data/file")), 0);
	assert_int_equal(rmdir(path_of(host, "srv/data")), 0);
	read_mounts_of(host, host->pid);
	resolve_contained(host, item, parent);
	assert_as_seen(host, "/data/file");
}

static void a_tree_reached_through_another_mount_is_told_by_its_watched_name(void **state)
{
	static const struct binding bindings[] = { { "", "/host" } };
	struct host *host = *state;

	if (!may_mount)
		skip();
	place_directory(&host->place, "alias");
	assert_int_equal(
		mount(path_of(host, "etc"), path_of(host, "alias"), NULL, MS_BIND, NULL), 0);
	watch(host, "etc", true);
	resolve(host, add(host, path_of(host, "alias/ssh/key"), "etc/ssh/key", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(
		host, add(host, "/host/etc/ssh/key", "etc/ssh/key", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/ssh/key");
	/* No tree of this key: then any name that is true. */
	host->event.key = "other";
	resolve(host, add(host, path_of(host, "alias/passwd"), "etc/passwd", PATH_TYPE_NORMAL),
		NULL);
	assert_answer(host, PATH_BY_IDENTITY, "alias/passwd");
	assert_int_equal(umount2(path_of(host, "alias"), MNT_DETACH), 0);
}

static void mounts_that_come_later_are_noticed(void **state)
{
	static const struct binding bindings[] = { { "late", "/data" } };
	struct host *host = *state;

	if (!may_mount)
		skip();
	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	place_directory(&host->place, "late");
	assert_int_equal(mount("late", path_of(host, "late"), "tmpfs", 0, "size=1m"), 0);
	place_text(&host->place, "late/file", "x");
	enter_container(host, bindings, ELEMENTS(bindings));
	resolve_contained(host, add(host, "/data/file", "late/file", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "late/file");
	assert_int_equal(umount2(path_of(host, "late"), MNT_DETACH), 0);
}

static void the_longest_names_do_no_harm(void **state)
{
	struct host *host = *state;
	char *name = malloc(HOST_PATH_SIZE);

	assert_non_null(name);
	memset(name, 'x', HOST_PATH_SIZE);
	name[0] = '/';
	for (unsigned i = 200; i < HOST_PATH_SIZE; i += 200)
		name[i] = '/';
	name[HOST_PATH_SIZE - 1] = '\0';
	watch(host, "etc", true);
	resolve(host, add(host, name, "etc/passwd", PATH_TYPE_DELETE), NULL);
	assert_int_equal(host->answer.by, PATH_BY_NAME);
	resolve_contained(host, add(host, name, "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, name);
	resolve_contained(host, add(host, "/../../..", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/../../..");
	free(name);
}

static void a_proc_without_us_gives_no_translation_but_no_error(void **state)
{
	struct host *host = *state;
	struct path_resolver *resolver;

	assert_int_equal(path_resolver_new(path_of(host, "etc"), host->watched, &resolver), 0);
	path_resolver_free(host->resolver);
	host->resolver = resolver;
	resolve(host, add(host, path_of(host, "etc/passwd"), "etc/passwd", PATH_TYPE_NORMAL), NULL);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	resolve_contained(host, add(host, "/x", "srv/data/file", PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/x");
}

#define host_test(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)

static int64_t real_now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool knows_births(const struct host *host)
{
	struct statx stx;

	return statx(AT_FDCWD, path_of(host, "etc/passwd"), 0, STATX_BTIME, &stx) == 0 &&
	       (stx.stx_mask & STATX_BTIME);
}

static void resolve_at(struct host *host, const struct event_path *item, const char *seen,
	int64_t time_msec, int64_t now_msec)
{
	host->event.time_msec = time_msec;
	path_resolve(
		host->resolver, NULL, &host->event, item, NULL, seen, now_msec, &host->answer);
}

/* An inode number is given away again as soon as its file is gone. */
static void a_file_born_after_the_event_is_not_its_file(void **state)
{
	struct host *host = *state;
	const struct event_path *item;
	int64_t now_msec = real_now_msec();

	if (!knows_births(host))
		skip();
	watch(host, "etc", true);
	item = add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve_at(host, item, NULL, now_msec - 60000, now_msec);
	assert_as_seen(host, "");
	resolve_at(host, item, NULL, now_msec + 500, now_msec + 2000);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
	/* A clock that is ahead of ours proves nothing. */
	resolve_at(host, item, NULL, now_msec - 60000, now_msec - 50000);
	assert_answer(host, PATH_BY_IDENTITY, "etc/passwd");
}

static void a_watched_file_born_after_the_event_is_not_its_file(void **state)
{
	struct host *host = *state;
	const struct event_path *item;
	int64_t now_msec = real_now_msec();
	struct watch_path list = { path_of(host, "etc/shadow"), "k", false };

	if (!knows_births(host))
		skip();
	assert_int_equal(watch_paths_set(host->watched, &list, 1, now_msec - 60000), 0);
	place_text(&host->place, "etc/shadow", "x");
	watch_paths_refresh(host->watched, list.path, now_msec + 100);
	item = add(host, NULL, "etc/shadow", PATH_TYPE_NORMAL);
	add(host, NULL, "etc/passwd", PATH_TYPE_NORMAL);
	resolve_at(host, item, NULL, now_msec - 30000, now_msec + 100);
	assert_as_seen(host, "");
}

static void a_name_below_proc_is_not_taken_for_a_place(void **state)
{
	struct host *host = *state;
	const struct stat gone = { .st_ino = 999999999 };

	host->event.key = NULL;
	resolve(host,
		add_identity(host, "/proc/self/fd/9/file", &gone, PATH_TYPE_NORMAL), NULL);
	assert_as_seen(host, "/proc/self/fd/9/file");
}

static void the_root_of_a_container_that_is_gone_is_still_its_own(void **state)
{
	struct host *host = *state;
	struct stat gone;

	enter_container(host, NULL, 0);
	mounts_free(host->container.mounts);
	host->container.mounts = NULL;
	/* Its device's number is another's by now: that of the host's own file system. */
	gone = place_stat(&host->place, "etc/passwd");
	gone.st_ino = 999999999;
	host->info.rootfs = (char *)"/var/lib/engine/gone/merged";
	host->info.has_root_device = true;
	host->info.root_major = major(gone.st_dev);
	host->info.root_minor = minor(gone.st_dev);
	resolve_contained(host, add_identity(host, "/own", &gone, PATH_TYPE_NORMAL), NULL);
	assert_true(host->answer.container_own_file);
	host->info.root_minor++;
	host->event.time_msec = NOW + 1;
	resolve_contained(host, add_identity(host, "/other", &gone, PATH_TYPE_NORMAL), NULL);
	assert_false(host->answer.container_own_file);
}

/* What is removed from an overlay is told with the identity that it had in the layer below. */
static void what_is_removed_from_a_containers_root_is_its_own(void **state)
{
	struct host *host = *state;
	const struct event_path *parent, *item;
	struct stat root, below;

	enter_container(host, NULL, 0);
	root = place_stat(&host->place, "etc");
	below = place_stat(&host->place, "etc/passwd");
	root.st_dev = makedev(0, 54321);
	host->info.rootfs = (char *)"/var/lib/engine/gone/merged";
	host->info.has_root_device = true;
	host->info.root_major = major(root.st_dev);
	host->info.root_minor = minor(root.st_dev);
	parent = add_identity(host, "/etc/", &root, PATH_TYPE_PARENT);
	item = add_identity(host, "/etc/own", &below, PATH_TYPE_DELETE);
	resolve_contained(host, item, parent);
	assert_true(host->answer.container_own_file);
	assert_int_equal(host->answer.by, PATH_AS_SEEN);
	/* In a directory of the host's it is not. */
	host->event.n_paths = 0;
	parent = add(host, "/etc/", "etc", PATH_TYPE_PARENT);
	item = add_identity(host, "/etc/own", &below, PATH_TYPE_DELETE);
	resolve_contained(host, item, parent);
	assert_false(host->answer.container_own_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relative_name_is_joined_with_cwd),
		cmocka_unit_test(what_has_no_name_is_not_seen),
		host_test(a_name_of_the_host_is_verified),
		host_test(a_name_with_another_file_behind_it_is_not_proven),
		host_test(a_file_on_another_device_is_another_file),
		host_test(a_relative_name_is_found_from_cwd),
		host_test(a_symlink_on_the_way_is_resolved),
		host_test(a_way_up_behind_a_symlink_is_the_kernels),
		host_test(the_last_symlink_may_be_what_was_touched),
		host_test(a_file_that_is_gone_is_told_by_name),
		host_test(a_removed_name_is_proven_by_its_directory),
		host_test(a_removed_name_in_another_directory_is_not_proven),
		host_test(a_created_name_is_proven_though_replaced_since),
		host_test(a_created_directory_may_end_in_a_slash),
		host_test(a_relative_name_from_nowhere_is_not_taken_for_ours),
		host_test(a_relative_name_from_nowhere_is_found_in_a_tree),
		host_test(a_hard_link_is_the_watched_file),
		host_test(a_hard_link_that_comes_is_told_by_its_own_name),
		host_test(a_file_without_name_is_the_watched_one),
		host_test(a_file_without_name_is_looked_for_in_the_watched_trees),
		host_test(a_file_without_name_outside_all_trees_stays_unknown),
		host_test(the_one_file_of_a_rule_is_told_by_name_where_it_was_replaced),
		host_test(of_several_files_in_an_event_a_rule_does_not_say_which),
		host_test(a_file_that_took_the_watched_name_unseen_is_found),
		host_test(an_answer_is_not_kept_over_a_change_of_names),
		host_test(a_name_in_a_container_is_translated_through_its_mounts),
		host_test(a_relative_name_in_a_container_is_translated),
		host_test(names_that_came_and_went_in_a_container_are_proven_by_their_directory),
		host_test(a_file_gone_from_a_container_is_told_by_name),
		host_test(a_chroot_into_a_mount_is_found_out),
		host_test(a_name_that_leads_to_another_file_is_refused),
		host_test(the_engines_word_helps_where_no_mounts_were_seen),
		host_test(a_rootless_engines_word_must_be_proven),
		host_test(the_containers_own_file_is_not_the_hosts),
		host_test(a_file_below_the_containers_root_on_the_host_is_its_own),
		host_test(a_directory_of_the_host_mounted_at_the_root_is_still_the_hosts),
		host_test(what_is_mounted_at_the_containers_root_on_the_host_is_its_own),
		host_test(a_container_in_the_hosts_mount_namespace_owns_nothing_of_it),
		host_test(a_mount_whose_source_was_removed_leads_nowhere),
		host_test(a_tree_reached_through_another_mount_is_told_by_its_watched_name),
		host_test(mounts_that_come_later_are_noticed),
		host_test(a_file_born_after_the_event_is_not_its_file),
		host_test(a_watched_file_born_after_the_event_is_not_its_file),
		host_test(a_name_below_proc_is_not_taken_for_a_place),
		host_test(the_root_of_a_container_that_is_gone_is_still_its_own),
		host_test(what_is_removed_from_a_containers_root_is_its_own),
		host_test(the_longest_names_do_no_harm),
		host_test(a_proc_without_us_gives_no_translation_but_no_error),
	};

	may_mount =
		unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (!may_mount)
		fprintf(stderr, "no mount namespace (%s): what needs mounts is skipped\n",
			strerror(errno));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
