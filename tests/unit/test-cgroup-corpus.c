/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Runs cgroup_match() over a file of recorded samples, cgroup-corpus.tsv in the directory
 * $AUDITMON_TEST_DATA: content of /proc/PID/cgroup (\n and \\ escaped), runtime, container id, pod
 * uid, where it is from; and over what the same rules make of other ids. Skipped without the
 * variable.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/cgroup.h"

enum column { SAMPLE, RUNTIME, ID, POD_UID, COLUMNS };

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++, to++) {
		*to = *text;
		if (*text == '\\' && text[1])
			*to = *++text == 'n' ? '\n' : *text;
	}
	*to = '\0';
}

/*
 * The samples name what lies behind a path; a path of these three does not tell, or tells it in the
 * words of another.
 */
static const char *expected_runtime(const char *name, const char *id)
{
	if (strcmp(name, "none") == 0)
		return NULL;
	if (strcmp(name, "cri") == 0)
		return "unknown"; /* below a pod: whichever runtime serves the kubelet */
	if (strcmp(name, "libvirt-lxc") == 0)
		return "lxc";
	if (strcmp(name, "ecs") == 0) /* the agent on EC2 drives Docker; Fargate does not say */
		return strlen(id) == 64 ? "docker" : "unknown";
	return name;
}

/* The samples of ctr come without the directory that proves them. */
static int task_exists(void *userdata, const char *namespace_name, const char *id)
{
	return strcmp(id, "test_container") == 0;
}

static bool equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

#define VARIANTS 16

/* The same digits, in hex or not, wherever a row says them: in the sample and in what is expected.
 */
static char other_digit(char digit, unsigned variant)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, digit);

	return digits[((size_t)(at - digits) + variant) % 16];
}

/* Length of an id at text: of 32 digits or more, or a UUID with either of its separators; 0: none.
 */
static size_t id_len(const char *text)
{
	static const unsigned groups[] = { 8, 4, 4, 4, 12 };
	size_t len = strspn(text, "0123456789abcdef"), at = 0;

	if (len >= 32)
		return len;
	for (size_t i = 0; i < ELEMENTS(groups); i++) {
		if (strspn(text + at, "0123456789abcdef") != groups[i])
			return 0;
		at += groups[i];
		if (i + 1 < ELEMENTS(groups) && text[at] != '-' && text[at] != '_')
			return 0;
		at += i + 1 < ELEMENTS(groups);
	}
	return at;
}

/* Another row by the same rules. */
static void vary(char *line, unsigned variant)
{
	bool within = false; /* a word, of which an id is no part */

	while (*line) {
		size_t len = within ? 0 : id_len(line);

		for (size_t i = 0; i < len; i++)
			if (line[i] != '-' && line[i] != '_')
				line[i] = other_digit(line[i], variant);
		within = len == 0 &&
			 ((*line >= 'a' && *line <= 'z') || (*line >= '0' && *line <= '9'));
		/* "pod" stands before its uid without a separator. */
		if (within && strncmp(line, "pod", 3) == 0) {
			line += 3;
			within = false;
			continue;
		}
		line += len ? len : 1;
	}
}

static bool check_row(char *line, unsigned number)
{
	char *columns[COLUMNS] = {};
	struct cgroup_match match;
	const char *runtime;

	for (size_t i = 0; i < COLUMNS; i++)
		columns[i] = strsep(&line, "\t");
	assert_non_null(columns[POD_UID]);
	unescape(columns[SAMPLE]);
	runtime = expected_runtime(columns[RUNTIME], columns[ID]);
	cgroup_match(columns[SAMPLE], strlen(columns[SAMPLE]), task_exists, NULL, &match);
	if (equal(match.runtime, runtime) && strcmp(match.container_id, columns[ID]) == 0 &&
		strcmp(match.pod_uid, columns[POD_UID]) == 0)
		return true;
	print_error("line %u: %s\n\tgot      %s %s %s\n\texpected %s %s %s\n", number,
		columns[SAMPLE], match.runtime ? match.runtime : "none", match.container_id,
		match.pod_uid, runtime ? runtime : "none", columns[ID], columns[POD_UID]);
	return false;
}

static void every_sample_is_decided_as_recorded(void **state)
{
	const char *directory = getenv("AUDITMON_TEST_DATA");
	_cleanup_(freep) char *path = NULL, *line = NULL;
	_cleanup_(fclosep) FILE *file = NULL;
	unsigned number = 0, samples = 0, varied = 0, wrong = 0;
	size_t size = 0;

	if (!directory) {
		print_message("AUDITMON_TEST_DATA names no directory with samples\n");
		skip();
	}
	assert_true(asprintf(&path, "%s/cgroup-corpus.tsv", directory) > 0);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot read %s", path);
	while (getline(&line, &size, file) > 0) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		for (unsigned variant = 0; variant < VARIANTS; variant++) {
			_cleanup_(freep) char *row = strdup(line);

			assert_non_null(row);
			vary(row, variant);
			samples++;
			varied += strcmp(row, line) != 0;
			wrong += !check_row(row, number);
		}
	}
	print_message(
		"%u samples, %u with other ids, %u decided otherwise\n", samples, varied, wrong);
	assert_true(samples > 0 && varied > samples / 2);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_decided_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
