/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose argv is it? That of the program at the time of the event, whole where it can be had. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute-scene.h"

static void a_cut_argv_is_read_whole_while_the_process_lives(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.argv = (struct arguments){ "sh\0-c\0some", 10, false };
	assert_int_equal(attribute(scene)->argv.len, 15);
	assert_memory_equal(scene->touches[0]->argv.bytes, "sh\0-c\0something", 15);
	assert_true(scene->touches[0]->argv.complete);
	/* Another program's by now. */
	scene->event.argv.bytes = "sh\0-c\0else";
	assert_memory_equal(attribute(scene)->argv.bytes, "sh\0-c\0else", 10);
	assert_false(scene->touches[0]->argv.complete);
	/* What is whole is not read again. */
	scene->event.argv = (struct arguments){ "sh", 2, true };
	assert_int_equal(attribute(scene)->argv.len, 2);
	/* Of the dead nothing is read: the pid may be another's. */
	scene->event.argv = (struct arguments){ "sh\0-c\0some", 10, false };
	lineage_event(scene->lineage,
		&(struct process_event){
			.type = PROCESS_EXIT, .pid = INSIDE, .time_nsec = MONO_NSEC + FAKE_SEC });
	assert_int_equal(attribute(scene)->argv.len, 10);
}

/* The kernel says at each record of a task what its argv was at the first. */
static void the_argv_of_a_former_program_is_not_told(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.exe = "/usr/sbin/runc";
	scene->event.comm = "runc:[2:INIT]";
	scene->event.argv = (struct arguments){ "runc\0init", 9, true };
	assert_memory_equal(attribute(scene)->argv.bytes, "runc\0init", 9);
	/* Of one that executed nothing since it is its own, whatever name it has given itself. */
	scene->event.comm = "another";
	assert_memory_equal(attribute(scene)->argv.bytes, "runc\0init", 9);
	lineage_event(scene->lineage, &(struct process_event){ .type = PROCESS_EXEC,
					      .pid = INSIDE,
					      .time_nsec = MONO_NSEC + FAKE_SEC / 10 + 1 });
	scene->event.comm = "sh";
	scene->event.exe = "/bin/sh";
	scene->event.time_msec++;
	assert_int_equal(attribute(scene)->argv.len, 15);
	assert_memory_equal(scene->touches[0]->argv.bytes, "sh\0-c\0something", 15);
	/* What it executes after the event says nothing of that. */
	lineage_event(scene->lineage, &(struct process_event){ .type = PROCESS_EXEC,
					      .pid = INSIDE,
					      .time_nsec = MONO_NSEC + 3 * FAKE_SEC / 10 });
	assert_null(attribute(scene)->argv.bytes);
	/* EXECVE is of the call itself. */
	scene->event.syscall = "execve";
	scene->event.time_msec += 300;
	scene->event.argv = (struct arguments){ "true", 4, true };
	assert_memory_equal(attribute(scene)->argv.bytes, "true", 4);
}

/* A short shell that executed something else at last: /proc has that one's by the time it is asked.
 */
static void an_argv_that_was_read_too_late_is_not_told(void **state)
{
	struct scene *scene = *state;

	be_live(scene, CGROUP);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.exe = "/usr/sbin/runc";
	scene->event.comm = "runc:[2:INIT]";
	scene->event.argv = (struct arguments){ "runc\0init", 9, true };
	attribute(scene);
	lineage_event(scene->lineage, &(struct process_event){ .type = PROCESS_EXEC,
					      .pid = INSIDE,
					      .time_nsec = MONO_NSEC + FAKE_SEC / 10 + 1 });
	scene->event.exe = "/bin/busybox";
	scene->event.comm = "touch";
	scene->event.time_msec++;
	assert_null(attribute(scene)->argv.bytes);
	/* A script is called as its file. */
	scene->event.comm = "something";
	assert_int_equal(attribute(scene)->argv.len, 15);
	scene->event.comm = "thread";
	scene->event.exe = "/bin/sh";
	assert_int_equal(attribute(scene)->argv.len, 15);
	/* Long after, who is called otherwise has given itself the name. */
	scene->event.comm = "renamed";
	scene->event.exe = "/bin/busybox";
	scene->event.time_msec += 1500;
	assert_int_equal(attribute(scene)->argv.len, 15);
}

static void an_endless_argv_is_kept_in_part(void **state)
{
	struct scene *scene = *state;
	char *argv = malloc(200000);

	memset(argv, 'x', 200000);
	argv[199999] = '\0';
	be_live(scene, CGROUP);
	live(scene, (struct fake_process){
			    .pid = INSIDE, .parent = SHIM, .cgroup = CGROUP, .argv = argv });
	free(argv);
	add(scene, "/etc/passwd", PATH_TYPE_NORMAL);
	scene->event.argv = (struct arguments){ "xxx", 3, false };
	assert_int_equal(attribute(scene)->argv.len, 4096);
	assert_false(scene->touches[0]->argv.complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(a_cut_argv_is_read_whole_while_the_process_lives),
		scene_test(the_argv_of_a_former_program_is_not_told),
		scene_test(an_argv_that_was_read_too_late_is_not_told),
		scene_test(an_endless_argv_is_kept_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
