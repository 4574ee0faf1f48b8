/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Golden cases: what a log must yield
 *
 * NAME.log goes through decoder, attributor and detector; what comes out must be NAME.rows, byte
 * for byte. NAME.world, where there is one, is the host behind the log: its processes, what the
 * proc connector told of them, and what the engines keep of their containers. There are no files
 * behind the paths: translating those is the unit tests' matter.
 *
 *     test-golden DIRECTORY                compares all
 *     test-golden --show NAME.log          prints the rows
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <inttypes.h>

#include "attribute/attribute.h"
#include "base/text.h"
#include "base/time.h"
#include "collect/decode.h"
#include "collect/lines.h"
#include "detect/detect.h"
#include "fake-host.h"

#define MAX_CASES 128
#define MAX_WORDS 12
#define MAX_TEXT (64 * 1024)
#define MSEC 1000000

struct world {
	struct fake_host host;
	struct runtime *runtime;
	struct lineage *lineage;
	struct audit_clock clock;
};

struct replay {
	struct world *world; /* NULL: none */
	struct attributor attributor;
	struct policy *policy;
	struct decoder *decoder;
	FILE *out;
};

static void print_text(FILE *out, const char *text, size_t len)
{
	char *escaped = malloc(4 * len + 1);

	text_escape(text, len, escaped, 4 * len + 1);
	fprintf(out, "\"%s\"", escaped);
	free(escaped);
}

/* " label=TEXT", or nothing where it is not known. */
static void print_field(FILE *out, const char *label, const char *text)
{
	if (!text)
		return;
	fprintf(out, " %s=", label);
	print_text(out, text, strlen(text));
}

static void print_arguments(FILE *out, const char *label, struct arguments arguments)
{
	const char *end;

	if (!arguments.bytes)
		return;
	end = arguments.bytes + arguments.len;
	fprintf(out, " %s=", label);
	for (const char *at = arguments.bytes; at < end;) {
		size_t len = strnlen(at, (size_t)(end - at));

		print_text(out, at, len);
		fputs(at + len + 1 < end ? " " : "", out);
		at += len + 1;
	}
	fputs(arguments.complete ? "" : " ...", out);
}

static void print_uid(FILE *out, const char *label, uint32_t uid)
{
	if (uid != AUID_UNSET)
		fprintf(out, " %s=%" PRIu32, label, uid);
}

static void print_container(FILE *out, const struct touch *touch)
{
	static const char *const privileged[] = { "not-privileged", "privileged" };
	const struct touch_container *container = &touch->container;
	const struct touch_launcher *launcher = &touch->launcher;

	if (container->id) {
		fprintf(out, "\tcontainer");
		print_field(out, "id", container->id);
		print_field(out, "name", container->name);
		print_field(out, "runtime", container->runtime);
		print_field(out, "image", container->image);
		fprintf(out, " %s entry=%s by=%s\n",
			container->privileged < 0 ? "maybe-privileged"
						  : privileged[container->privileged],
			entry_names[container->entry],
			attributed_by_names[container->attributed_by]);
	}
	if (launcher->confidence != CONFIDENCE_NONE) {
		fprintf(out, "\tlauncher %s", confidence_names[launcher->confidence]);
		print_uid(out, "auid", launcher->auid);
		if (launcher->pid)
			fprintf(out, " pid=%d", launcher->pid);
		print_field(out, "exe", launcher->exe);
		print_arguments(out, "argv", launcher->argv);
		fputc('\n', out);
	}
}

static void print_touch(FILE *out, const struct touch *touch)
{
	char time[TIME_TEXT_LEN];

	time_format_utc(touch->time_msec, time, sizeof(time));
	fprintf(out, "%" PRIu64 ".%u %s", touch->serial, touch->item, time);
	print_field(out, "node", touch->node);
	fprintf(out, "\n\t%s", action_names[touch->action]);
	print_field(out, "path", touch->path);
	print_field(out, "seen", touch->path_seen);
	fprintf(out, " %s", path_by_names[touch->path_by]);
	if (touch->inode)
		fprintf(out, " file=%x:%x:%" PRIu64, touch->dev_major, touch->dev_minor,
			touch->inode);
	if (touch->success)
		fputs(" success", out);
	else
		fprintf(out, " error=%d", touch->error);
	print_field(out, "syscall", touch->syscall);
	print_field(out, "watch", touch->watch);
	fprintf(out, "\n\tprocess pid=%d ppid=%d", touch->pid, touch->ppid);
	print_field(out, "comm", touch->comm);
	print_field(out, "exe", touch->exe);
	print_arguments(out, "argv", touch->argv);
	fputs("\n\twho", out);
	print_uid(out, "uid", touch->uid);
	print_field(out, "user", touch->user);
	print_uid(out, "auid", touch->auid);
	print_field(out, "login", touch->login);
	print_uid(out, "session", touch->session);
	fputc('\n', out);
	print_container(out, touch);
	fprintf(out, "\t%s", severity_names[touch->severity]);
	for (unsigned flag = 0; flag < FLAG_COUNT; flag++)
		if (touch->flags & FLAG_BIT(flag))
			fprintf(out, " %s", flag_names[flag]);
	fputc('\n', out);
	if (touch->doubt)
		fprintf(out, "\tdoubt: %s\n", touch->doubt);
}

static void on_touch(struct touch *touch, const struct touch_facts *facts, void *userdata)
{
	struct replay *replay = userdata;

	detect(touch, facts, replay->policy);
	print_touch(replay->out, touch);
}

static void on_event(const struct event *event, void *userdata)
{
	struct replay *replay = userdata;

	attribute_event(&replay->attributor, event);
}

/* process PID PPID START_MSEC CGROUP LOGINUID|- INNER_PID|- EXE ARGV... */
static void world_process(struct world *world, char **words, unsigned n, const char *rest)
{
	char inner[16];
	struct fake_process process;

	assert_true(n >= 8);
	snprintf(inner, sizeof(inner), "\t%.10s", words[6]);
	process = (struct fake_process){
		.pid = atoi(words[1]),
		.parent = atoi(words[2]),
		.start_nsec = strtoull(words[3], NULL, 10) * MSEC,
		.cgroup = words[4],
		.has_loginuid = strcmp(words[5], "-") != 0,
		.loginuid = (uint32_t)strtoul(words[5], NULL, 10),
		.inner_pid = strcmp(words[6], "-") == 0 ? NULL : inner,
		.exe = words[7],
		.argv = rest,
	};
	fake_process(&world->host, &process);
}

/* fork PID PPID MSEC, exec PID MSEC, ... */
static bool world_event(struct world *world, char **words, unsigned n)
{
	static const struct {
		const char *name;
		enum process_event_type type;
	} types[] = {
		{ "fork", PROCESS_FORK },
		{ "exec", PROCESS_EXEC },
		{ "session", PROCESS_SESSION },
		{ "name", PROCESS_NAME },
		{ "exit", PROCESS_EXIT },
	};

	for (size_t i = 0; i < ELEMENTS(types); i++) {
		bool forks = types[i].type == PROCESS_FORK;

		if (strcmp(types[i].name, words[0]) != 0)
			continue;
		assert_int_equal(n, forks ? 4 : 3);
		lineage_event(world->lineage,
			&(struct process_event){ .type = types[i].type,
				.pid = atoi(words[1]),
				.parent = forks ? atoi(words[2]) : 0,
				.time_nsec = strtoull(words[n - 1], NULL, 10) * MSEC });
		return true;
	}
	return false;
}

static void world_line(struct world *world, char *line)
{
	char *words[MAX_WORDS], *at = line, *word;
	unsigned n = 0;

	/* What follows the eighth word belongs together: an argv. */
	while (n < 8 && (word = strsep(&at, " ")))
		if (*word)
			words[n++] = word;
	if (n == 0 || words[0][0] == '#')
		return;
	if (strcmp(words[0], "clock") == 0 && n == 3) {
		audit_clock_sample_at(&world->clock, strtoll(words[1], NULL, 10) * MSEC,
			strtoull(words[2], NULL, 10) * MSEC);
		world->clock.slack_nsec = 5 * MSEC;
	} else if (strcmp(words[0], "docker") == 0 && n == 5) {
		fake_docker(&world->host, words[1], words[2], words[3],
			strcmp(words[4], "yes") == 0, 0, NULL);
	} else if (strcmp(words[0], "podman") == 0 && n == 5) {
		fake_podman(
			&world->host, words[1], words[2], words[3], strcmp(words[4], "yes") == 0);
	} else if (strcmp(words[0], "process") == 0) {
		world_process(world, words, n, at);
	} else if (strcmp(words[0], "gone") == 0 && n == 2) {
		fake_gone(&world->host, atoi(words[1]));
	} else if (strcmp(words[0], "scan") == 0 && n == 1) {
		assert_int_equal(lineage_scan(world->lineage, 1), 0);
	} else if (!world_event(world, words, n)) {
		fail_msg("what is '%s' in a world?", words[0]);
	}
}

static void world_done(struct world *world)
{
	lineage_free(world->lineage);
	runtime_free(world->runtime);
	fake_host_done(&world->host);
}

static void world_init(struct world *world, FILE *file)
{
	struct lineage_options options = { .process_limit = 1000 };
	char line[1024];

	*world = (struct world){ 0 };
	assert_int_equal(fake_host_init(&world->host), 0);
	assert_int_equal(runtime_new(world->host.proc, world->host.root, &world->runtime), 0);
	options.proc = world->host.proc;
	options.runtime = world->runtime;
	assert_int_equal(lineage_new(&options, &world->lineage), 0);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		world_line(world, line);
	}
}

static void replay_log(struct replay *replay, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(lines_freep) struct lines *lines = NULL;
	const struct decoder_counts *counts;
	const char *line;
	bool whole;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(decoder_new(on_event, replay, &replay->decoder), 0);
	assert_int_equal(lines_new(fd, &lines), 0);
	while (lines_next(lines, &line, &len, &whole) > 0) {
		if (!whole)
			decoder_broken_line(replay->decoder);
		else if (len > 0)
			assert_int_equal(decoder_line(replay->decoder, line, len), 0);
	}
	decoder_flush(replay->decoder);
	counts = decoder_counts(replay->decoder);
	fprintf(replay->out,
		"records %" PRIu64 " events %" PRIu64 " broken %" PRIu64 " cut %" PRIu64 "\n",
		counts->records, counts->events, counts->broken, counts->cut);
	decoder_free(replay->decoder);
}

/* NAME.log with another ending. */
static void sibling(const char *log, const char *ending, char *path, size_t size)
{
	snprintf(path, size, "%.*s%s", (int)(strlen(log) - strlen(".log")), log, ending);
}

static void replay_case(const char *log, FILE *out)
{
	struct replay replay = { .out = out };
	_cleanup_(fclosep) FILE *file = NULL;
	struct world world;
	char path[512];

	replay.attributor =
		(struct attributor){ .proc_fd = -1, .on_touch = on_touch, .userdata = &replay };
	sibling(log, ".world", path, sizeof(path));
	file = fopen(path, "re");
	if (file) {
		world_init(&world, file);
		replay.attributor.lineage = world.lineage;
		replay.attributor.clock = &world.clock;
	}
	assert_int_equal(policy_new(&(struct policy_settings){ 0 }, &replay.policy), 0);
	replay_log(&replay, log);
	policy_free(replay.policy);
	attributor_done(&replay.attributor);
	if (file)
		world_done(&world);
}

/* Tells the first line that differs. */
static void compare(const char *log, const char *expected, const char *actual)
{
	for (unsigned number = 1;; number++) {
		size_t expected_len = strcspn(expected, "\n"), actual_len = strcspn(actual, "\n");

		if (expected_len != actual_len || memcmp(expected, actual, actual_len) != 0)
			fail_msg("%s: row %u: expected\n%.*s\ngot\n%.*s", log, number,
				(int)expected_len, expected, (int)actual_len, actual);
		if (!expected[expected_len] && !actual[actual_len])
			return;
		expected += expected_len + (expected[expected_len] != '\0');
		actual += actual_len + (actual[actual_len] != '\0');
	}
}

static void a_log_yields_its_rows(void **state)
{
	_cleanup_(freep) char *actual = NULL, *expected = calloc(1, MAX_TEXT);
	_cleanup_(fclosep) FILE *file = NULL;
	const char *log = *state;
	size_t len, expected_len;
	char path[512];
	FILE *out;

	out = open_memstream(&actual, &len);
	replay_case(log, out);
	fclose(out);
	sibling(log, ".rows", path, sizeof(path));
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: there are no rows for it", log);
	expected_len = fread(expected, 1, MAX_TEXT - 1, file);
	assert_true(expected_len < MAX_TEXT - 1);
	compare(log, expected, actual);
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[MAX_CASES];
	char pattern[512];
	glob_t found;
	int failed;

	if (argc == 3 && strcmp(argv[1], "--show") == 0) {
		replay_case(argv[2], stdout);
		return 0;
	}
	snprintf(pattern, sizeof(pattern), "%s/*.log", argc == 2 ? argv[1] : ".");
	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc > MAX_CASES) {
		fprintf(stderr, "%s: no cases, or too many\n", pattern);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){ strrchr(found.gl_pathv[i], '/') + 1,
			a_log_yields_its_rows, NULL, NULL, found.gl_pathv[i] };
	failed = _cmocka_run_group_tests("golden", tests, found.gl_pathc, NULL, NULL);
	globfree(&found);
	return failed;
}
