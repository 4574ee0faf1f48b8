/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which touches an event is, and what its records say of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute-scene.h"

static void a_log_says_what_it_can_and_that_it_is_one(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	touch = attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(touch->time_msec, TIME_MSEC + 100);
	assert_int_equal(touch->serial, 43);
	assert_int_equal(touch->item, 0);
	assert_string_equal(touch->path, "/etc/passwd");
	assert_string_equal(touch->path_seen, "/etc/passwd");
	assert_int_equal(touch->path_by, PATH_AS_SEEN);
	assert_int_equal(touch->inode, 1);
	assert_int_equal(touch->action, ACTION_ATTR);
	assert_true(touch->success);
	assert_int_equal(touch->error, 0);
	assert_string_equal(touch->syscall, "chmod");
	assert_string_equal(touch->watch, "k");
	assert_int_equal(touch->pid, INSIDE);
	assert_int_equal(touch->ppid, SHIM);
	assert_string_equal(touch->comm, "sh");
	assert_string_equal(touch->exe, "/bin/busybox");
	assert_string_equal(touch->user, "root");
	assert_int_equal(touch->auid, AUID_UNSET);
	assert_null(touch->login);
	assert_null(touch->node);
	assert_null(touch->container.id);
	assert_int_equal(touch->container.privileged, TRISTATE_UNKNOWN);
	assert_int_equal(touch->launcher.auid, AUID_UNSET);
	assert_int_equal(touch->launcher.confidence, CONFIDENCE_NONE);
	assert_string_equal(touch->doubt, "from a log: which container this was is not in it");
	assert_false(scene->own[0] || scene->entry_unset[0]);
}

static void names_are_those_of_the_log(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.uid = 1000;
	scene->event.auid = 3267;
	touch = attribute(scene);
	assert_null(touch->user);
	assert_null(touch->login);
	scene->event.user = "dan";
	scene->event.login = "dwalsh";
	scene->event.node = "web1";
	scene->attributor.node = "here";
	touch = attribute(scene);
	assert_string_equal(touch->user, "dan");
	assert_string_equal(touch->login, "dwalsh");
	assert_string_equal(touch->node, "web1");
	scene->event.node = NULL;
	assert_string_equal(attribute(scene)->node, "here");
}

static void a_failure_has_its_errno(void **state)
{
	static const struct {
		int64_t exit;
		int error;
	} cases[] = { { -13, 13 }, { -4095, 4095 }, { -4096, 0 }, { 0, 0 }, { 5, 0 },
		{ INT64_MIN, 0 } };
	struct scene *scene = *state;

	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.success = false;
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		scene->event.exit = cases[i].exit;
		assert_int_equal(attribute(scene)->error, cases[i].error);
		assert_false(scene->touches[0]->success);
	}
	scene->event.success = true;
	scene->event.exit = -13;
	assert_int_equal(attribute(scene)->error, 0);
}

static void each_name_is_a_touch_of_its_own(void **state)
{
	struct scene *scene = *state;

	scene->event.syscall = "rename";
	add(scene, "/etc/", PATH_TYPE_PARENT);
	add(scene, "/etc/a", PATH_TYPE_DELETE);
	add(scene, "/etc/b", PATH_TYPE_CREATE);
	attribute(scene);
	assert_int_equal(scene->n, 2);
	assert_string_equal(scene->touches[0]->path, "/etc/a");
	assert_int_equal(scene->touches[0]->item, 0);
	assert_string_equal(scene->touches[1]->path, "/etc/b");
	assert_int_equal(scene->touches[1]->item, 1);
}

static void a_relative_name_is_joined_with_cwd_unless_a_descriptor_was_given(void **state)
{
	struct scene *scene = *state;

	scene->event.syscall = "unlinkat";
	scene->event.arguments[0] = 0xffffff9c;
	add(scene, "passwd", PATH_TYPE_DELETE);
	assert_string_equal(attribute(scene)->path_seen, "/home/passwd");
	scene->event.arguments[0] = 4;
	assert_string_equal(attribute(scene)->path_seen, "passwd");
	scene->event.paths[0].name = "";
	assert_null(attribute(scene)->path_seen);
	assert_null(scene->touches[0]->path);
}

static void what_touches_nothing_is_no_touch(void **state)
{
	struct scene *scene = *state;

	assert_null(attribute(scene));
	add(scene, "/etc/", PATH_TYPE_PARENT);
	assert_null(attribute(scene));
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.has_syscall = false;
	assert_null(attribute(scene));
}

static void a_connect_is_a_touch_of_the_socket(void **state)
{
	struct scene *scene = *state;
	const struct touch *touch;

	scene->event.syscall = "connect";
	scene->event.socket_path = "/run/docker.sock";
	touch = attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(touch->action, ACTION_CONNECT);
	assert_string_equal(touch->path, "/run/docker.sock");
	add(scene, "/run/docker.sock", PATH_TYPE_NORMAL);
	attribute(scene);
	assert_int_equal(scene->n, 1);
	assert_int_equal(scene->touches[0]->inode, 1);
}

/* INSIDE was started by SHIM, and that by LOGIN; of pid 1 nothing can be read any more. */
static void a_client_of_the_host_has_those_above_it(void **state)
{
	struct scene *scene = *state;
	const char *chain = "[{\"pid\":30,\"argv\":[\"sshd\"],\"complete\":true},"
			    "{\"pid\":20,\"argv\":[\"bash\",\"-l\"],\"complete\":true}]";
	_cleanup_(freep) char *socket = strdup(place_name(&scene->host.place, "api"));
	const char *path = socket;
	struct engine_sockets *sockets;

	place_text(&scene->host.place, "api", "");
	be_live(scene, "/");
	live(scene, (struct fake_process){ .pid = LOGIN, .parent = 1, .argv = "sshd" });
	live(scene, (struct fake_process){ .pid = SHIM, .parent = LOGIN, .argv = "bash -l" });
	assert_int_equal(engine_sockets_new(&path, 1, &sockets), 0);
	scene->attributor.sockets = sockets;
	scene->attributor.resolver = scene->resolver;
	scene->event.syscall = "connect";
	scene->event.socket_path = socket;
	add(scene, socket, PATH_TYPE_NORMAL);
	assert_string_equal(attribute(scene)->ancestors, chain);
	/* Who is gone is no caller, and nobody knows whose child that was. */
	fake_gone(&scene->host, SHIM);
	assert_null(attribute(scene)->ancestors);
	engine_sockets_free(sockets);
}

static void a_call_without_name_is_in_doubt(void **state)
{
	struct scene *scene = *state;

	be_live(scene, "/");
	scene->event.syscall = NULL;
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	assert_string_equal(
		attribute(scene)->doubt, "system call without a known name, taken for a write");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_log_says_what_it_can_and_that_it_is_one),
		scene_test(names_are_those_of_the_log),
		scene_test(a_failure_has_its_errno),
		scene_test(each_name_is_a_touch_of_its_own),
		scene_test(a_relative_name_is_joined_with_cwd_unless_a_descriptor_was_given),
		scene_test(what_touches_nothing_is_no_touch),
		scene_test(a_connect_is_a_touch_of_the_socket),
		scene_test(a_client_of_the_host_has_those_above_it),
		scene_test(a_call_without_name_is_in_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
