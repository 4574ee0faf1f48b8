/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "attribute/launcher.h"
#include "client-scene.h"

#define ID "df2302cf8c63b5a1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5"
#define RUNTIME 500
#define INIT 600
#define ANN 3001
#define BEN 3002

/* Docker's container "hack" of the image bb, and an entry that RUNTIME makes. */
struct scene {
	struct client_scene clients;
	struct audit_clock clock;
	struct launchers *launchers;
	struct container_table *containers;
	struct container *container;
	struct entry *entry;
	uint64_t runtime_start_nsec;
	struct touch_launcher told;
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct container_info *info;

	*state = scene;
	if (!scene || client_scene_init(&scene->clients) < 0 ||
		container_info_new(ID, "docker", &info) < 0)
		return -1;
	client_table_rely(scene->clients.table, true);
	client_table_audited(scene->clients.table, 0);
	info->name = strdup("hack");
	info->image = strdup("bb");
	info->source = strdup("/x");
	audit_clock_init(&scene->clock);
	scene->clients.now_nsec = monotonic_now_nsec();
	scene->runtime_start_nsec = scene->clients.now_nsec / FAKE_TICK_NSEC * FAKE_TICK_NSEC;
	fake_process(&scene->clients.host,
		&(struct fake_process){ .pid = RUNTIME, .start_nsec = scene->runtime_start_nsec });
	if (container_table_new(100, &scene->containers) < 0 ||
		container_table_add(scene->containers, info, &scene->container) < 0 ||
		entry_new(scene->container, INIT, &scene->entry) < 0)
		return -1;
	scene->entry->kind = ENTRY_INIT;
	return launchers_new(
		&(struct launchers_options){
			.proc_fd = scene->clients.host.proc_fd,
			.clients = scene->clients.table,
			.clock = &scene->clock,
		},
		&scene->launchers);
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	int r;

	launchers_free(scene->launchers);
	entry_unref(scene->entry);
	container_unref(scene->container);
	container_table_free(scene->containers);
	r = client_scene_done(&scene->clients);
	free(scene);
	return r;
}

static void pass(struct scene *scene, uint64_t msec)
{
	scene->clients.now_nsec += msec * SCENE_MSEC;
}

#define connects(scene, number, auid, argv)                                                        \
	connects_with(scene, number, auid, argv, sizeof(argv) - 1)

/* The client number of that login connects; the engine's end is 2000 + number. */
static void connects_with(
	struct scene *scene, uint32_t number, uint32_t auid, const char *argv, size_t argv_len)
{
	scene_connect(&scene->clients, 2000 + number, 3000 + number);
	scene_hold(&scene->clients, ENGINE, (int)(10 + number), 2000 + number);
	scene_hear_connect(&scene->clients, (pid_t)(100 + number), auid, 3000 + number,
		scene->clients.now_nsec, argv, argv_len);
	pass(scene, 10);
}

/* Its client has closed it, and the engine keeps it. */
static void closes(struct scene *scene, uint32_t number)
{
	struct picture *picture;

	scene_socket(&scene->clients, 2000 + number)->peer = 0;
	client_table_ended(scene->clients.table, (pid_t)(100 + number), scene->clients.now_nsec);
	assert_int_equal(
		client_table_look(scene->clients.table, scene->clients.now_nsec, &picture), 0);
	picture_unref(picture);
	pass(scene, 10);
}

/* The runtime is at work and makes the entry. */
static void begins(struct scene *scene)
{
	struct entry *entry = scene->entry;

	launchers_runtime_works(scene->launchers, RUNTIME, scene->clients.now_nsec);
	entry->start_nsec = monotonic_now_nsec();
	launchers_entry_began(scene->launchers, entry, RUNTIME, scene->runtime_start_nsec);
	entry->exec_nsec = monotonic_now_nsec();
}

static void settles(struct scene *scene)
{
	launchers_settle(scene->launchers, scene->entry);
	assert_non_null(scene->entry->launcher);
	launcher_get(scene->entry->launcher, &scene->told);
}

static void assert_told(const struct scene *scene, enum confidence confidence, uint32_t auid)
{
	assert_int_equal(scene->told.confidence, confidence);
	assert_int_equal(scene->told.auid, auid);
}

static bool says(const struct scene *scene, const char *words)
{
	return memmem(scene->told.evidence.bytes, scene->told.evidence.len, words, strlen(words));
}

static void the_only_login_is_certain(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0run\0bb");
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, ANN);
	assert_int_equal(scene->told.pid, 101);
	assert_string_equal(scene->told.via, SOCKET);
	assert_true(says(scene, "only client connected"));
}

static void who_asked_for_what_an_unseen_program_made_is_not_certain(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0run\0bb");
	scene->entry->maker_sight = MAKER_OUTSIDE;
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
	assert_true(says(scene, "ended before its program could be seen"));
}

/* A process of the container may have made it: nobody has asked that. */
static void what_nobody_was_seen_to_make_names_nobody_but_candidates(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	scene->entry->maker_sight = MAKER_UNSEEN;
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_AMBIGUOUS, AUID_UNSET);
	assert_true(says(scene, "candidate: auid 3001"));
	assert_true(says(scene, "whom nobody has asked"));
}

/* Whoever is connected to the engine: that was not asked. */
static void what_was_made_by_hand_is_of_who_made_it(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	scene->entry->maker_sight = MAKER_BY_HAND;
	scene->entry->auid_known = true;
	scene->entry->auid = BEN;
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
	assert_int_equal(scene->told.pid, RUNTIME);
	assert_null(scene->told.via);
	assert_true(says(scene, "run by hand"));
}

static void what_was_made_by_hand_without_a_login_names_nobody(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	scene->entry->maker_sight = MAKER_BY_HAND;
	scene->entry->auid_known = true;
	scene->entry->auid = AUID_UNSET;
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_NONE, AUID_UNSET);
	assert_string_equal(scene->told.reason,
		"a runtime's command made it that was run by hand, not by its engine, and without "
		"a login (pid 500)");
}

static void of_two_the_one_that_names_it_is_likely(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0run\0bb");
	connects(scene, 2, BEN, "docker\0start\0hack");
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, BEN);
	assert_true(says(scene, "candidate: auid 3001"));
}

static void of_two_who_ask_alike_nobody_is_named(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0run\0bb");
	connects(scene, 2, BEN, "docker\0run\0bb");
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_AMBIGUOUS, AUID_UNSET);
	assert_true(says(scene, "candidate: auid 3001"));
	assert_true(says(scene, "candidate: auid 3002"));
}

/* Two whose command lines tell nothing: one goes when its answer has come, the other stays. */
/* The connection n of connects() is the engine's descriptor 10 + n, accepted now; requests on it. */
static void accepts(struct scene *scene, int n)
{
	scene_hold(&scene->clients, ENGINE, 10 + n, 2000 + (uint32_t)n);
	client_table_accepted(scene->clients.table, ENGINE, 10 + n, scene->clients.now_nsec);
}

static void reads(struct scene *scene, int n, uint64_t size, int64_t result)
{
	client_table_read(
		scene->clients.table, ENGINE, 10 + n, size, result, scene->clients.now_nsec);
}

static void is_asked(struct scene *scene, int n)
{
	reads(scene, n, 4096, 200);
	reads(scene, n, 1, -EAGAIN);
}

static void has_answered(struct scene *scene, int n)
{
	reads(scene, n, 4096, -EAGAIN);
}

/* ... some time later; pictures have the kernel's own time. */
static void begins_later(struct scene *scene)
{
	pass(scene, 100);
	while (monotonic_now_nsec() < scene->clients.now_nsec)
		usleep(1000);
	begins(scene);
}

static void who_was_connected_but_asked_for_nothing_takes_nothing_away(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
	assert_true(says(scene, "left out: 1 connections for which the engine worked on nothing"));
}

/* The client chooses what its engine reads then. */
static void by_http2_a_rest_proves_nothing(void **state)
{
	struct scene *scene = *state;

	fake_process(&scene->clients.host, &(struct fake_process){
						   .pid = ENGINE, .parent = 1, .argv = "dockerd" });
	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_false(says(scene, "left out: 1 connections for which the engine worked on nothing"));
	assert_int_not_equal(scene->told.confidence, CONFIDENCE_CERTAIN);
}

/* Both were being worked on: a handler that had returned later says nothing. */
static void who_was_answered_later_can_have_asked(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	begins_later(scene);
	pass(scene, 900);
	has_answered(scene, 1);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

/* A record that is late may be one before a loss that nobody knows of yet. */
static void when_records_come_late_nobody_is_left_out(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	client_table_heard(scene->clients.table, scene->clients.now_nsec - 600 * SCENE_MSEC);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

static void without_reliance_on_records_nobody_is_left_out(void **state)
{
	struct scene *scene = *state;

	client_table_rely(scene->clients.table, false);
	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

/* Two are connected, and have been answered, and for the second the engine works on something. */
static void one_rests_and_one_is_served(struct scene *scene)
{
	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
}

/* A loss of a minute ago is none any more, but the request that was lost is worked on still. */
static void long_after_a_loss_what_was_known_before_is_not(void **state)
{
	struct scene *scene = *state;

	scene->clients.now_nsec -= 70000 * SCENE_MSEC;
	one_rests_and_one_is_served(scene);
	client_table_lost(scene->clients.table, scene->clients.now_nsec);
	pass(scene, 70000);
	is_asked(scene, 2);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

/* Of its threads some can have been made before auditing was on. */
static void of_an_engine_older_than_auditing_rests_make_nobody_certain(void **state)
{
	struct scene *scene = *state;

	fake_process(&scene->clients.host,
		&(struct fake_process){ .pid = ENGINE, .start_nsec = FAKE_SEC });
	client_table_audited(scene->clients.table, FAKE_SEC + SCENE_MSEC);
	one_rests_and_one_is_served(scene);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, BEN);
	assert_true(says(scene, "need be on record"));
}

static void of_an_engine_that_came_with_auditing_they_do(void **state)
{
	struct scene *scene = *state;

	fake_process(&scene->clients.host,
		&(struct fake_process){ .pid = ENGINE, .start_nsec = 2 * FAKE_SEC });
	client_table_audited(scene->clients.table, FAKE_SEC);
	one_rests_and_one_is_served(scene);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
}

/* Whichever of his connections it was. */
static void where_all_who_rested_are_of_one_login_it_is_certain(void **state)
{
	struct scene *scene = *state;

	client_table_audited(scene->clients.table, UINT64_MAX);
	connects(scene, 1, BEN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
	assert_true(says(scene, "left out: 1 connections for which the engine worked on nothing"));
}

static void where_rules_were_others_nobody_is_left_out(void **state)
{
	struct scene *scene = *state;

	one_rests_and_one_is_served(scene);
	client_table_untold(scene->clients.table);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

static void after_a_time_without_reliance_nobody_is_left_out(void **state)
{
	struct scene *scene = *state;

	one_rests_and_one_is_served(scene);
	client_table_rely(scene->clients.table, false);
	client_table_rely(scene->clients.table, true);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

static void has_executable(struct scene *scene, const char *path)
{
	const char *name = "proc/900/exe";

	unlink(place_name(&scene->clients.host.place, name));
	assert_int_equal(symlink(path, place_name(&scene->clients.host.place, name)), 0);
}

/* The rules are on what is at its path now. */
static void of_an_engine_whose_executable_was_moved_nothing_is_told(void **state)
{
	struct scene *scene = *state;

	has_executable(scene, "/usr/bin/engine");
	one_rests_and_one_is_served(scene);
	has_executable(scene, "/usr/bin/engine.old");
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

static void of_an_engine_whose_executable_is_there_it_is(void **state)
{
	struct scene *scene = *state;

	has_executable(scene, "/usr/bin/engine");
	one_rests_and_one_is_served(scene);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
}

/* Nobody asked, by what is on record: the engine did it, or its reading is not told. */
static void where_all_rested_nobody_is_certain(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	is_asked(scene, 1);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
	assert_true(says(scene, "by itself"));
}

/* Of who is left no request is on record: the rule may be gone, or the executable another. */
static void who_rested_is_left_out_only_beside_a_request_on_record(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	is_asked(scene, 1);
	has_answered(scene, 1);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

static void after_a_loss_nobody_is_left_out(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	accepts(scene, 1);
	connects(scene, 2, BEN, "x");
	accepts(scene, 2);
	is_asked(scene, 1);
	is_asked(scene, 2);
	has_answered(scene, 1);
	client_table_lost(scene->clients.table, scene->clients.now_nsec);
	begins_later(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
}

/* One closed before the other came: it may have sent a request and gone. */
static void what_the_engine_keeps_of_another_login_takes_certainty_away(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "x");
	closes(scene, 1);
	connects(scene, 2, BEN, "docker\0start\0hack");
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, BEN);
}

static void what_the_engine_has_done_with_takes_nothing_away(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "x");
	closes(scene, 1);
	pass(scene, 100);
	client_table_shut(scene->clients.table, ENGINE, 11, scene->clients.now_nsec);
	pass(scene, 100);
	connects(scene, 2, BEN, "docker\0start\0hack");
	/* Pictures have the kernel's own time. */
	while (monotonic_now_nsec() < scene->clients.now_nsec)
		usleep(1000);
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, BEN);
	assert_true(says(scene, "shut down"));
}

static void a_connection_of_nobody_known_takes_certainty_away(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "docker\0start\0hack");
	scene_connect(&scene->clients, 2009, 3009);
	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
	assert_true(says(scene, "not known"));
}

/* It came when the engine was at work, by a record that nothing else bears out. */
static void who_is_late_by_a_record_is_unlikely(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "x");
	scene->clients.error = -1;
	connects(scene, 2, BEN, "docker\0start\0hack");
	scene->clients.error = 0;
	begins(scene);
	scene->entry->is_first_init = true;
	scene->entry->asked.by_nsec = scene->clients.now_nsec - 15 * SCENE_MSEC;
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, ANN);
	assert_true(says(scene, "came when the engine was at work on it"));
}

#define DIRECTORY "root/var/lib/docker/containers/"

/* Another of Docker's containers, which tells where theirs are, and the scene's own, which starts.
 */
static void make_directories(struct scene *scene)
{
	struct place *place = &scene->clients.host.place;
	struct container_info *info;
	struct container *other;
	struct entry *entry;

	place_text(place, DIRECTORY "other/config.v2.json", "{}");
	place_text(place, DIRECTORY ID "/config.v2.json", "{}");
	place_text(place, DIRECTORY ID "/hosts", "x");
	assert_int_equal(container_info_new("other", "docker", &info), 0);
	info->named_by = strdup(place_name(place, DIRECTORY "other/config.v2.json"));
	scene->container->info->named_by =
		strdup(place_name(place, DIRECTORY ID "/config.v2.json"));
	scene->container->seen_from_start = true;
	assert_int_equal(container_table_add(scene->containers, info, &other), 0);
	assert_int_equal(entry_new(other, 1, &entry), 0);
	launchers_entry_began(scene->launchers, entry, 0, 0);
	entry_unref(entry);
	container_unref(other);
	fake_process(&scene->clients.host,
		&(struct fake_process){ .pid = RUNTIME,
			.start_nsec = scene->runtime_start_nsec,
			.argv = "runc --root /run/docker/runtime-runc/moby create " ID });
}

static void remove_directory(struct scene *scene)
{
	struct place *place = &scene->clients.host.place;

	unlink(place_name(place, DIRECTORY ID "/config.v2.json"));
	unlink(place_name(place, DIRECTORY ID "/hosts"));
	assert_int_equal(rmdir(place_name(place, DIRECTORY ID)), 0);
}

static void what_was_gone_when_it_began_was_asked_before(void **state)
{
	struct scene *scene = *state;
	struct entry *entry = scene->entry;

	make_directories(scene);
	launchers_runtime_works(scene->launchers, RUNTIME, monotonic_now_nsec());
	remove_directory(scene);
	usleep(30 * 1000);
	entry->start_nsec = monotonic_now_nsec();
	launchers_entry_began(scene->launchers, entry, RUNTIME, scene->runtime_start_nsec);
	assert_true(entry->asked.by_nsec != 0);
	assert_true(entry->asked.by_nsec < entry->start_nsec);
}

static void what_another_runtime_made_is_not_its(void **state)
{
	struct scene *scene = *state;
	struct entry *entry = scene->entry;

	make_directories(scene);
	launchers_runtime_works(scene->launchers, RUNTIME, monotonic_now_nsec());
	remove_directory(scene);
	entry->start_nsec = monotonic_now_nsec();
	launchers_entry_began(scene->launchers, entry, RUNTIME + 1, scene->runtime_start_nsec);
	assert_int_equal(entry->asked.by_nsec, 0);
}

/* Later starts write the same files. */
static void a_later_start_is_not_dated_by_the_first_ones_files(void **state)
{
	struct scene *scene = *state;

	connects(scene, 1, ANN, "x");
	connects(scene, 2, BEN, "docker\0start\0hack");
	begins(scene);
	scene->entry->asked.by_nsec = scene->clients.now_nsec - 15 * SCENE_MSEC;
	settles(scene);
	assert_told(scene, CONFIDENCE_LIKELY, BEN);
}

static void what_nobody_asked_for_has_a_reason(void **state)
{
	struct scene *scene = *state;

	begins(scene);
	settles(scene);
	assert_told(scene, CONFIDENCE_NONE, AUID_UNSET);
	assert_non_null(strstr(scene->told.reason, "no client was connected"));
}

static void what_an_earlier_run_found_out_is_taken_up(void **state)
{
	struct scene *scene = *state;
	const struct touch_launcher known = { .auid = ANN, .confidence = CONFIDENCE_CERTAIN };

	scene->entry->start_nsec = 5 * FAKE_SEC;
	launchers_remember(scene->launchers, ID, INIT, 5 * FAKE_SEC, &known);
	settles(scene);
	assert_told(scene, CONFIDENCE_CERTAIN, ANN);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_only_login_is_certain),
		test(who_asked_for_what_an_unseen_program_made_is_not_certain),
		test(what_nobody_was_seen_to_make_names_nobody_but_candidates),
		test(what_was_made_by_hand_is_of_who_made_it),
		test(what_was_made_by_hand_without_a_login_names_nobody),
		test(of_two_the_one_that_names_it_is_likely),
		test(of_two_who_ask_alike_nobody_is_named),
		test(who_was_connected_but_asked_for_nothing_takes_nothing_away),
		test(by_http2_a_rest_proves_nothing),
		test(who_was_answered_later_can_have_asked),
		test(when_records_come_late_nobody_is_left_out),
		test(without_reliance_on_records_nobody_is_left_out),
		test(long_after_a_loss_what_was_known_before_is_not),
		test(of_an_engine_older_than_auditing_rests_make_nobody_certain),
		test(of_an_engine_that_came_with_auditing_they_do),
		test(where_all_who_rested_are_of_one_login_it_is_certain),
		test(where_rules_were_others_nobody_is_left_out),
		test(after_a_time_without_reliance_nobody_is_left_out),
		test(of_an_engine_whose_executable_was_moved_nothing_is_told),
		test(of_an_engine_whose_executable_is_there_it_is),
		test(where_all_rested_nobody_is_certain),
		test(who_rested_is_left_out_only_beside_a_request_on_record),
		test(after_a_loss_nobody_is_left_out),
		test(what_the_engine_keeps_of_another_login_takes_certainty_away),
		test(what_the_engine_has_done_with_takes_nothing_away),
		test(a_connection_of_nobody_known_takes_certainty_away),
		test(who_is_late_by_a_record_is_unlikely),
		test(what_was_gone_when_it_began_was_asked_before),
		test(what_another_runtime_made_is_not_its),
		test(a_later_start_is_not_dated_by_the_first_ones_files),
		test(what_nobody_asked_for_has_a_reason),
		test(what_an_earlier_run_found_out_is_taken_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
