/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "collect/source-log.h"
#include "collect/source-stream.h"
#include "heard.h"
#include "place.h"

static void add(const struct place *place, const char *name, const char *text)
{
	FILE *file = fopen(place_name(place, name), "ae");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void move(const struct place *place, const char *from, const char *to)
{
	assert_int_equal(rename(place_name(place, from), place_name(place, to)), 0);
}

/* Reads as a loop would: as long as the descriptor says that there is something. The last result.
 */
static int read_all(struct source *source, unsigned max, struct heard *heard)
{
	const struct source_sink sink = heard_sink(heard);
	struct pollfd pollfd = { .fd = source_fd(source), .events = POLLIN };
	int r = 0;

	while (r >= 0 && poll(&pollfd, 1, 0) > 0)
		r = source_read(source, max, &sink);
	return r;
}

static struct source *follow(const struct place *place, bool from_start)
{
	struct source *source = NULL;

	assert_int_equal(source_log_new(place_name(place, "log"), from_start, &source), 0);
	assert_int_equal(source_start(source), 0);
	return source;
}

static void a_log_is_followed_line_by_line(void **state)
{
	struct place place;
	struct heard heard = { 0 };
	struct source *source;

	assert_int_equal(place_init(&place), 0);
	add(&place, "log", "old\n");
	source = follow(&place, false);
	assert_true(read_all(source, 1, &heard) >= 0);
	add(&place, "log", "1\n2\n3\n4\nha");
	assert_true(read_all(source, 1, &heard) >= 0);
	assert_heard(&heard, "1\n2\n3\n4\n");
	add(&place, "log", "lf\n");
	assert_true(read_all(source, 1, &heard) >= 0);
	assert_heard(&heard, "half\n");
	source_free(source);
	assert_int_equal(place_done(&place), 0);
}

static void rotations_are_followed_also_two_at_once(void **state)
{
	struct place place;
	struct heard heard = { 0 };
	struct source *source;

	assert_int_equal(place_init(&place), 0);
	add(&place, "log", "");
	source = follow(&place, false);
	add(&place, "log", "1\n");
	assert_true(read_all(source, 32, &heard) >= 0);
	/* Something is added between the last look and the rotation. */
	add(&place, "log", "2\n");
	move(&place, "log", "log.1");
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "1\n2\n");
	add(&place, "log", "3\n");
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "3\n");
	add(&place, "log", "4\n");
	move(&place, "log.1", "log.2");
	move(&place, "log", "log.1");
	add(&place, "log", "5\n");
	move(&place, "log.2", "log.3");
	move(&place, "log.1", "log.2");
	move(&place, "log", "log.1");
	add(&place, "log", "6\n");
	assert_true(read_all(source, 1, &heard) >= 0);
	assert_heard(&heard, "4\n5\n6\n");
	source_free(source);
	assert_int_equal(place_done(&place), 0);
}

static void what_is_lost_of_a_log_is_told(void **state)
{
	struct place place;
	struct heard heard = { 0 };
	struct source *source;

	assert_int_equal(place_init(&place), 0);
	add(&place, "log", "1\n2\n3\n");
	source = follow(&place, true);
	assert_int_equal(
		source_read(source, 32, &(struct source_sink){ heard_record, heard_line, &heard }),
		3);
	assert_heard(&heard, "1\n2\n3\n");
	assert_int_equal(truncate(place_name(&place, "log"), 0), 0);
	add(&place, "log", "4\n");
	assert_int_equal(read_all(source, 32, &heard), -ENOBUFS);
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "4\n");
	assert_int_equal(unlink(place_name(&place, "log")), 0);
	add(&place, "log", "5\n");
	assert_int_equal(read_all(source, 32, &heard), -ENOBUFS);
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "5\n");
	source_free(source);
	assert_int_equal(place_done(&place), 0);
}

static void a_log_without_end_is_skipped_to_its_next_line(void **state)
{
	_cleanup_(freep) char *line = malloc(200001);
	struct place place;
	struct heard heard = { 0 };
	struct source *source;

	assert_int_equal(place_init(&place), 0);
	add(&place, "log", "");
	source = follow(&place, false);
	memset(line, 'x', 200000);
	line[200000] = '\0';
	add(&place, "log", line);
	add(&place, "log", "\nnext\n");
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "(too long)\nnext\n");
	source_free(source);
	assert_int_equal(place_done(&place), 0);
}

static void only_a_file_can_be_followed(void **state)
{
	struct place place;
	struct source *source;

	assert_int_equal(place_init(&place), 0);
	assert_int_equal(source_log_new(place_name(&place, "log"), false, &source), 0);
	assert_int_equal(source_start(source), -ENOENT);
	source_free(source);
	assert_int_equal(source_log_new(place.path, false, &source), 0);
	assert_int_equal(source_start(source), -ENOTSUP);
	source_free(source);
	assert_int_equal(place_done(&place), 0);
}

static void a_plugin_ends_with_its_daemon(void **state)
{
	struct heard heard = { 0 };
	struct source *source;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(source_plugin_new(fds[0], &source), 0);
	assert_true(source_must_drain(source));
	assert_int_equal(write(fds[1], "type=A\ntype=B", 13), 13);
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "type=A\n");
	close(fds[1]);
	assert_int_equal(read_all(source, 32, &heard), -EPIPE);
	source_free(source);
	close(fds[0]);
}

static void a_plugin_reads_no_file(void **state)
{
	struct source *source;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_int_equal(source_plugin_new(fd, &source), -ENOTSUP);
	close(fd);
}

static int listen_at(const struct place *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", place->path);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void a_socket_that_went_is_found_again(void **state)
{
	struct heard heard = { 0 };
	struct source *source;
	struct place place;
	int listening, peer;

	assert_int_equal(place_init(&place), 0);
	assert_int_equal(source_socket_new(place_name(&place, "s"), &source), 0);
	assert_int_equal(source_start(source), -ENOENT);
	listening = listen_at(&place);
	assert_int_equal(source_start(source), 0);
	peer = accept(listening, NULL, NULL);
	assert_int_equal(write(peer, "type=A\ntype=", 12), 12);
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_int_equal(source_tick(source), 0);
	close(peer);
	close(listening);
	assert_int_equal(read_all(source, 32, &heard), -ENOTCONN);
	assert_heard(&heard, "type=A\n(too long)\n");
	assert_int_equal(source_fd(source), -1);
	assert_int_equal(source_tick(source), 0);
	listening = listen_at(&place);
	assert_int_equal(source_tick(source), 1);
	peer = accept(listening, NULL, NULL);
	assert_int_equal(write(peer, "type=B\n", 7), 7);
	assert_true(read_all(source, 32, &heard) >= 0);
	assert_heard(&heard, "type=B\n");
	source_free(source);
	close(peer);
	close(listening);
	assert_int_equal(place_done(&place), 0);
}

static void sources_are_named_as_the_manual_says(void **state)
{
	static const struct {
		const char *text;
		int kind;
		const char *path;
	} good[] = {
		{ "auto", SOURCE_AUTO, NULL },
		{ "kernel", SOURCE_KERNEL, NULL },
		{ "multicast", SOURCE_MULTICAST, NULL },
		{ "plugin", SOURCE_PLUGIN, NULL },
		{ "socket", SOURCE_SOCKET, NULL },
		{ "socket:/run/s", SOURCE_SOCKET, "/run/s" },
		{ "log", SOURCE_LOG, NULL },
		{ "log:/var/log/a:b", SOURCE_LOG, "/var/log/a:b" },
	};
	static const char *const bad[] = { "", "tape", "kernel:/x", "auto:/x",
		"log:", "log:relative", "logs", ":" };
	struct source_choice choice;

	for (size_t i = 0; i < ELEMENTS(good); i++) {
		assert_int_equal(source_choice_parse(good[i].text, &choice), 0);
		assert_int_equal(choice.kind, good[i].kind);
		if (good[i].path)
			assert_string_equal(choice.path, good[i].path);
		else
			assert_null(choice.path);
	}
	for (size_t i = 0; i < ELEMENTS(bad); i++)
		assert_int_equal(source_choice_parse(bad[i], &choice), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_followed_line_by_line),
		cmocka_unit_test(rotations_are_followed_also_two_at_once),
		cmocka_unit_test(what_is_lost_of_a_log_is_told),
		cmocka_unit_test(a_log_without_end_is_skipped_to_its_next_line),
		cmocka_unit_test(only_a_file_can_be_followed),
		cmocka_unit_test(a_plugin_ends_with_its_daemon),
		cmocka_unit_test(a_plugin_reads_no_file),
		cmocka_unit_test(a_socket_that_went_is_found_again),
		cmocka_unit_test(sources_are_named_as_the_manual_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
