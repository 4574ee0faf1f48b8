/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "client-scene.h"

#define MAX 8

/* What a picture shows. */
struct shown {
	struct client_seen seen[MAX];
	size_t n, n_unknown;
	struct clients_left_out left_out;
	bool complete;
	struct picture *picture;
};

static int setup(void **state)
{
	struct client_scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	return scene ? client_scene_init(scene) : -1;
}

static int teardown(void **state)
{
	int r = client_scene_done(*state);

	free(*state);
	return r;
}

static void at(struct client_scene *scene, uint64_t msec)
{
	scene->now_nsec = FAKE_SEC + msec * SCENE_MSEC;
}

static void hear(struct client_scene *scene, pid_t pid, uint32_t auid, uint32_t peer)
{
	scene_hear_connect(scene, pid, auid, peer, scene->now_nsec, NULL, 0);
}

static void take(struct client_scene *scene, struct shown *shown)
{
	*shown = (struct shown){ 0 };
	assert_int_equal(client_table_look(scene->table, scene->now_nsec, &shown->picture), 0);
	shown->complete = shown->picture->complete;
}

/* by_nsec: when the engine was at work. */
static void show(struct client_scene *scene, struct shown *shown, uint64_t by_nsec)
{
	shown->n = client_table_of_picture(scene->table, shown->picture, "docker",
		&(struct clients_when){ .by_nsec = by_nsec }, shown->seen, MAX, &shown->n_unknown, &shown->left_out);
	assert_true(shown->n <= MAX);
}

static void look(struct client_scene *scene, struct shown *shown, uint64_t by_nsec)
{
	take(scene, shown);
	show(scene, shown, by_nsec);
}

static void forget(struct shown *shown)
{
	picture_unref(shown->picture);
}

static void a_connect_and_its_connection_are_joined_by_the_inode(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene_connect(scene, 2001, 3001);
	hear(scene, 100, 3001, 3001);
	at(scene, 10);
	look(scene, &shown, 0);
	assert_true(shown.complete);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.n_unknown, 0);
	assert_int_equal(shown.seen[0].client->pid, 100);
	assert_string_equal(shown.seen[0].via, SOCKET);
	assert_false(shown.seen[0].inferred);
	forget(&shown);
}

static void a_connection_of_nobody_known_is_counted(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene_connect(scene, 2001, 3001);
	look(scene, &shown, 0);
	assert_int_equal(shown.n, 0);
	assert_int_equal(shown.n_unknown, 1);
	forget(&shown);
}

static void a_connection_of_nobody_known_may_have_come_too_late(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	take(scene, &shown);
	forget(&shown);
	at(scene, 20);
	scene_connect(scene, 2001, 3001);
	take(scene, &shown);
	show(scene, &shown, FAKE_SEC - SCENE_MSEC);
	assert_int_equal(shown.n_unknown, 1);
	assert_int_equal(shown.left_out.n_unknown_unlikely, 1);
	show(scene, &shown, FAKE_SEC + SCENE_MSEC);
	assert_int_equal(shown.n_unknown, 1);
	assert_int_equal(shown.left_out.n_unknown_unlikely, 0);
	forget(&shown);
}

static void a_connection_of_nobody_known_may_have_been_over_too_early(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene_connect(scene, 2001, 3001);
	scene_socket(scene, 2001)->peer = 0;
	take(scene, &shown);
	forget(&shown);
	at(scene, 20);
	take(scene, &shown);
	shown.n = client_table_of_picture(scene->table, shown.picture, "docker",
		&(struct clients_when){ .after_nsec = FAKE_SEC + 10 * SCENE_MSEC }, shown.seen, MAX, &shown.n_unknown, &shown.left_out);
	assert_int_equal(shown.n_unknown, 1);
	assert_int_equal(shown.left_out.n_unknown_unlikely, 1);
	show(scene, &shown, 0);
	assert_int_equal(shown.left_out.n_unknown_unlikely, 0);
	forget(&shown);
}

static void who_asks_by_http2_may_have_passed(void **state)
{
	struct client_scene *scene = *state;

	hear(scene, 100, 3001, 0);
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3002));
	scene->via = "/run/containerd/containerd.sock";
	hear(scene, 100, 3001, 0);
	assert_true(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3002));
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "docker", 3001));
	assert_false(client_table_has_passed(scene->table, 2 * FAKE_SEC, "podman", 3002));
	assert_false(client_table_has_passed(scene->table, FAKE_SEC / 2, "docker", 3002));
	client_table_ended(scene->table, 100, 2 * FAKE_SEC);
	assert_true(client_table_has_passed(scene->table, 3 * FAKE_SEC, "docker", 3002));
	assert_false(client_table_has_passed(scene->table, 100 * FAKE_SEC, "docker", 3002));
}

static void half_a_list_is_not_complete(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene->error = -EIO;
	take(scene, &shown);
	assert_false(shown.complete);
	forget(&shown);
}

static void who_had_gone_is_known_by_what_is_left(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	hear(scene, 100, 3001, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 10);
	look(scene, &shown, 0);
	assert_int_equal(shown.n, 1);
	assert_true(shown.seen[0].inferred);
	assert_false(shown.seen[0].is_shared);
	assert_int_equal(shown.seen[0].client->auid, 3001);
	assert_true(shown.seen[0].closed_nsec != 0);
	forget(&shown);
}

/* The record of who it was comes late, and that of another who has gone was there at once. */
static void what_is_left_is_not_known_before_all_records_have_come(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	hear(scene, 100, 3001, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 10);
	take(scene, &shown);
	scene_hear_connect(scene, 101, 3002, 0, FAKE_SEC + 5 * SCENE_MSEC, NULL, 0);
	client_table_heard(scene->table, FAKE_SEC + 40 * SCENE_MSEC);
	show(scene, &shown, 0);
	assert_int_equal(shown.n, 2);
	forget(&shown);
}

static void what_is_left_is_known_when_all_records_have_come(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	hear(scene, 100, 3001, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 10);
	take(scene, &shown);
	client_table_heard(scene->table, FAKE_SEC + 40 * SCENE_MSEC);
	scene_hear_connect(scene, 101, 3002, 0, FAKE_SEC + 45 * SCENE_MSEC, NULL, 0);
	show(scene, &shown, 0);
	assert_int_equal(shown.n, 1);
	assert_true(shown.seen[0].inferred);
	assert_int_equal(shown.seen[0].client->auid, 3001);
	forget(&shown);
}

static void of_two_who_had_gone_either_can_be_it(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	hear(scene, 100, 3001, 0);
	hear(scene, 101, 3002, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 10);
	look(scene, &shown, 0);
	assert_int_equal(shown.n, 2);
	forget(&shown);
}

/* Two who are gone; the first one's connection was over long before the second's came. */
static void a_connect_is_not_that_of_what_came_much_later(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	hear(scene, 100, 3001, 0);
	at(scene, 1100);
	look(scene, &shown, 0);
	forget(&shown);
	hear(scene, 101, 3002, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 1110);
	look(scene, &shown, 0);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.seen[0].client->auid, 3002);
	forget(&shown);
}

/* The same, but the engine had not accepted all: the first one's can be among those that wait. */
static void a_connect_may_wait_to_be_accepted(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene->sockets[0].n_waiting = 1;
	hear(scene, 100, 3001, 0);
	at(scene, 1100);
	look(scene, &shown, 0);
	forget(&shown);
	scene->sockets[0].n_waiting = 0;
	hear(scene, 101, 3002, 0);
	scene_connect(scene, 2001, 0);
	at(scene, 1110);
	look(scene, &shown, 0);
	assert_int_equal(shown.n, 2);
	forget(&shown);
}

/* One is connected by 5 ms, a look finds nobody else at 20, another comes at 40. */
static void two_come(struct client_scene *scene, struct shown *shown)
{
	at(scene, 5);
	scene_connect(scene, 2001, 3001);
	hear(scene, 100, 3001, 3001);
	at(scene, 20);
	take(scene, shown);
	forget(shown);
	at(scene, 40);
	scene_connect(scene, 2002, 3002);
	hear(scene, 101, 3002, 3002);
	at(scene, 60);
	take(scene, shown);
}

static void who_came_when_the_engine_was_at_work_did_not_ask(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	two_come(scene, &shown);
	show(scene, &shown, FAKE_SEC + 15 * SCENE_MSEC);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.seen[0].client->auid, 3001);
	assert_int_equal(shown.left_out.n_late, 1);
	forget(&shown);
}

/* No look since has found it absent: its connection may be older than the record that it is joined
 * to. */
static void only_who_was_absent_afterwards_is_late(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	two_come(scene, &shown);
	show(scene, &shown, FAKE_SEC + 30 * SCENE_MSEC);
	assert_int_equal(shown.n, 2);
	assert_int_equal(shown.left_out.n_late, 0);
	forget(&shown);
}

/* It opens one connection, moves it to another descriptor, and puts that in the place of a later
 * one's. */
static void a_connection_is_not_late_by_another_ones_record(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	at(scene, 5);
	scene_connect(scene, 2001, 3001);
	hear(scene, 100, 3001, 0);
	at(scene, 20);
	take(scene, &shown);
	forget(&shown);
	at(scene, 40);
	scene_connect(scene, 2002, 3002);
	hear(scene, 100, 3001, 3001);
	at(scene, 60);
	look(scene, &shown, FAKE_SEC + 15 * SCENE_MSEC);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.seen[0].client->pid, 100);
	assert_int_equal(shown.left_out.n_late, 0);
	forget(&shown);
}

/* Who opened a connection has ended by the next look, at which it is open still; a process of that
 * login holds it (FAKE_UNSET: nobody that can be found). */
static void hand_on(struct client_scene *scene, struct shown *shown, uint32_t holder)
{
	scene_connect(scene, 2001, 4001);
	hear(scene, 100, 3001, 4001);
	at(scene, 5);
	fake_gone(&scene->host, 100);
	client_table_ended(scene->table, 100, scene->now_nsec);
	if (holder != FAKE_UNSET) {
		fake_process(&scene->host,
			&(struct fake_process){ .pid = 101,
				.parent = 1,
				.start_nsec = FAKE_SEC,
				.loginuid = holder,
				.has_loginuid = true });
		scene_hold(scene, 101, 3, 4001);
	}
	at(scene, 10);
	take(scene, shown);
	client_table_identify(scene->table, scene->now_nsec);
	show(scene, shown, 0);
	assert_int_equal(shown->n, 1);
	assert_int_equal(shown->n_unknown, 0);
	assert_int_equal(shown->seen[0].client->pid, 100);
}

static void what_was_handed_on_may_be_anothers(void **state)
{
	struct shown shown;

	hand_on(*state, &shown, FAKE_UNSET);
	assert_true(shown.seen[0].is_shared);
	forget(&shown);
}

static void what_another_login_holds_is_shared(void **state)
{
	struct shown shown;

	hand_on(*state, &shown, 3002);
	assert_true(shown.seen[0].is_shared);
	forget(&shown);
}

static void what_a_child_of_ones_own_holds_is_ones_own(void **state)
{
	struct shown shown;

	hand_on(*state, &shown, 3001);
	assert_false(shown.seen[0].is_shared);
	forget(&shown);
}

/* All that is left is the record of one who had ended while somebody held its connection. */
static void what_is_left_may_have_been_handed_on(void **state)
{
	struct client_scene *scene = *state;
	struct shown first, shown;

	scene_connect(scene, 2001, 4001);
	hear(scene, 100, 3001, 0);
	client_table_ended(scene->table, 100, scene->now_nsec + SCENE_MSEC);
	at(scene, 5);
	take(scene, &first);
	at(scene, 10);
	scene_socket(scene, 2001)->peer = 0;
	take(scene, &shown);
	forget(&shown);
	client_table_heard(scene->table, scene->now_nsec + FAKE_SEC);
	show(scene, &first, 0);
	assert_int_equal(first.n, 1);
	assert_true(first.seen[0].inferred);
	assert_true(first.seen[0].is_shared);
	forget(&first);
}

/* Somebody whose record says no more was gone before; who holds it is found. */
static void find(struct client_scene *scene, struct shown *shown, uint32_t opener)
{
	scene_connect(scene, 2001, 4001);
	hear(scene, 100, opener, 0);
	fake_process(&scene->host,
		&(struct fake_process){ .pid = 101,
			.parent = 1,
			.start_nsec = FAKE_SEC,
			.loginuid = 3001,
			.has_loginuid = true });
	scene_hold(scene, 101, 3, 4001);
	at(scene, 10);
	take(scene, shown);
	client_table_identify(scene->table, scene->now_nsec);
	show(scene, shown, 0);
	assert_int_equal(shown->n, 1);
	assert_int_equal(shown->seen[0].client->pid, 101);
}

static void what_another_login_can_have_opened_is_shared(void **state)
{
	struct shown shown;

	find(*state, &shown, 3002);
	assert_true(shown.seen[0].is_shared);
	forget(&shown);
}

static void what_ones_own_login_can_have_opened_is_ones_own(void **state)
{
	struct shown shown;

	find(*state, &shown, 3001);
	assert_false(shown.seen[0].is_shared);
	forget(&shown);
}

static void who_ended_after_the_picture_had_handed_on_nothing(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene_connect(scene, 2001, 4001);
	hear(scene, 100, 3001, 4001);
	at(scene, 5);
	take(scene, &shown);
	at(scene, 10);
	client_table_ended(scene->table, 100, scene->now_nsec);
	show(scene, &shown, 0);
	assert_false(shown.seen[0].is_shared);
	forget(&shown);
}

static void who_ended_with_its_connection_had_handed_on_nothing(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	scene_connect(scene, 2001, 4001);
	hear(scene, 100, 3001, 4001);
	at(scene, 5);
	client_table_ended(scene->table, 100, scene->now_nsec);
	scene_socket(scene, 2001)->peer = 0;
	at(scene, 10);
	look(scene, &shown, 0);
	assert_false(shown.seen[0].is_shared);
	forget(&shown);
}

static void shut(struct client_scene *scene, pid_t pid, uint64_t msec)
{
	client_table_shut(scene->table, pid, 9, FAKE_SEC + msec * SCENE_MSEC);
}

/* A connection that the engine has as its descriptor 9, seen at 10 ms. */
static void take_one_over(struct client_scene *scene)
{
	struct shown shown;

	scene_connect(scene, 2001, 3001);
	scene_hold(scene, ENGINE, 9, 2001);
	hear(scene, 100, 3001, 3001);
	at(scene, 10);
	take(scene, &shown);
	forget(&shown);
}

static void assert_left_out(struct client_scene *scene, size_t n)
{
	struct shown shown;

	look(scene, &shown, 0);
	assert_int_equal(shown.left_out.n_shut, n);
	assert_int_equal(shown.n, 1 - n);
	forget(&shown);
}

static void what_the_engine_had_shut_down_did_not_ask(void **state)
{
	struct client_scene *scene = *state;

	take_one_over(scene);
	shut(scene, ENGINE, 100);
	at(scene, 200);
	assert_left_out(scene, 1);
}

static void what_the_engine_shut_down_afterwards_can_have_asked(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	take_one_over(scene);
	at(scene, 90);
	take(scene, &shown);
	shut(scene, ENGINE, 100);
	show(scene, &shown, 0);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.left_out.n_shut, 0);
	forget(&shown);
}

/* By its stamp it was shut down before the picture, which may be early; it is known of later only. */
static void what_is_heard_after_the_picture_can_have_asked(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	take_one_over(scene);
	at(scene, 200);
	take(scene, &shown);
	at(scene, 210);
	shut(scene, ENGINE, 100);
	show(scene, &shown, 0);
	assert_int_equal(shown.n, 1);
	assert_int_equal(shown.left_out.n_shut, 0);
	forget(&shown);
}

/* The stamp of a record may be early, so what was shut down can have been what had the number
 * before. */
static void what_was_accepted_about_then_may_not_be_what_was_shut_down(void **state)
{
	struct client_scene *scene = *state;

	take_one_over(scene);
	shut(scene, ENGINE, 15);
	at(scene, 200);
	assert_left_out(scene, 0);
}

static void what_another_shuts_down_says_nothing(void **state)
{
	struct client_scene *scene = *state;

	take_one_over(scene);
	scene_hold(scene, 100, 9, 2001);
	shut(scene, 100, 100);
	at(scene, 200);
	assert_left_out(scene, 0);
}

static void a_client_is_told_when_it_is_new_and_when_it_has_ended(void **state)
{
	struct client_scene *scene = *state;

	at(scene, 100);
	fake_process(
		&scene->host, &(struct fake_process){ .pid = 40, .parent = 1, .argv = "bash -l" });
	client_table_connected(scene->table,
		&(struct client){ .pid = 41, .parent = 40, .start_nsec = FAKE_SEC, .auid = 3001 },
		SOCKET, 3, false, scene->now_nsec);
	assert_int_equal(scene->n_told, 1);
	assert_int_equal(scene->told.pid, 41);
	assert_int_equal(scene->told.end_nsec, 0);
	assert_int_equal(scene->told.first_nsec, scene->now_nsec);
	assert_string_equal(scene->told_via, SOCKET);
	assert_memory_equal(ancestor_argv(scene->told.callers).bytes, "bash\0-l", 8);
	/* It asks again. */
	client_table_connected(scene->table,
		&(struct client){ .pid = 41, .parent = 40, .start_nsec = FAKE_SEC, .auid = 3001 },
		SOCKET, 4, false, scene->now_nsec);
	client_table_ended(scene->table, 42, scene->now_nsec);
	assert_int_equal(scene->n_told, 1);
	at(scene, 200);
	client_table_ended(scene->table, 41, scene->now_nsec);
	client_table_ended(scene->table, 41, scene->now_nsec);
	assert_int_equal(scene->n_told, 2);
	assert_int_equal(scene->told.end_nsec, scene->now_nsec);
	assert_string_equal(scene->told_via, SOCKET);
}

/* One that was connected before us, and so is on no record. */
static void of_a_client_that_was_found_the_end_is_told(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;

	fake_process(&scene->host,
		&(struct fake_process){
			.pid = 41, .parent = 1, .has_loginuid = true, .loginuid = 3001 });
	scene_hold(scene, 41, 3, 2001);
	scene_connect(scene, 2000, 2001);
	at(scene, 100);
	take(scene, &shown);
	client_table_identify(scene->table, scene->now_nsec);
	assert_int_equal(scene->n_told, 1);
	assert_int_equal(scene->told.auid, 3001);
	assert_int_equal(scene->told.first_nsec, 0);
	client_table_ended(scene->table, 41, scene->now_nsec + 1);
	assert_int_equal(scene->n_told, 2);
	assert_int_equal(scene->told.end_nsec, scene->now_nsec + 1);
	forget(&shown);
}

static void what_ran_between_two_readings_has_not_slept(void **state)
{
	struct client_scene *scene = *state;
	struct shown shown;
	const struct client *client;

	scene_connect(scene, 2001, 3001);
	hear(scene, 100, 3001, 3001);
	scene->cpu_nsec = 5;
	for (uint64_t msec = 10; msec <= 100; msec += 10) {
		at(scene, msec);
		scene->cpu_nsec += msec == 60;
		client_table_read_rests(scene->table);
	}
	look(scene, &shown, 0);
	client = shown.seen[0].client;
	assert_true(client_rested(client, FAKE_SEC + 15 * SCENE_MSEC, FAKE_SEC + 45 * SCENE_MSEC));
	assert_true(client_rested(client, FAKE_SEC + 65 * SCENE_MSEC, FAKE_SEC + 95 * SCENE_MSEC));
	assert_false(client_rested(client, FAKE_SEC + 45 * SCENE_MSEC, FAKE_SEC + 65 * SCENE_MSEC));
	assert_false(
		client_rested(client, FAKE_SEC + 65 * SCENE_MSEC, FAKE_SEC + 150 * SCENE_MSEC));
	forget(&shown);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_connect_and_its_connection_are_joined_by_the_inode),
		test(a_connection_of_nobody_known_is_counted),
		test(a_connection_of_nobody_known_may_have_come_too_late),
		test(a_connection_of_nobody_known_may_have_been_over_too_early),
		test(who_asks_by_http2_may_have_passed),
		test(half_a_list_is_not_complete),
		test(who_had_gone_is_known_by_what_is_left),
		test(what_is_left_is_not_known_before_all_records_have_come),
		test(what_is_left_is_known_when_all_records_have_come),
		test(of_two_who_had_gone_either_can_be_it),
		test(a_connect_is_not_that_of_what_came_much_later),
		test(a_connect_may_wait_to_be_accepted),
		test(who_came_when_the_engine_was_at_work_did_not_ask),
		test(only_who_was_absent_afterwards_is_late),
		test(a_connection_is_not_late_by_another_ones_record),
		test(what_was_handed_on_may_be_anothers),
		test(what_another_login_holds_is_shared),
		test(what_a_child_of_ones_own_holds_is_ones_own),
		test(what_is_left_may_have_been_handed_on),
		test(what_another_login_can_have_opened_is_shared),
		test(what_ones_own_login_can_have_opened_is_ones_own),
		test(who_ended_after_the_picture_had_handed_on_nothing),
		test(who_ended_with_its_connection_had_handed_on_nothing),
		test(what_the_engine_had_shut_down_did_not_ask),
		test(what_the_engine_shut_down_afterwards_can_have_asked),
		test(what_is_heard_after_the_picture_can_have_asked),
		test(what_was_accepted_about_then_may_not_be_what_was_shut_down),
		test(what_another_shuts_down_says_nothing),
		test(a_client_is_told_when_it_is_new_and_when_it_has_ended),
		test(of_a_client_that_was_found_the_end_is_told),
		test(what_ran_between_two_readings_has_not_slept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
