/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/ancestry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define STEP 3

struct tree {
	unsigned level;
	void (*line)(const char *text, void *userdata);
	void *userdata;
};

/* argv: NUL-separated; NULL: not known. */
static int print_process(
	struct tree *tree, int64_t pid, const char *argv, size_t len, bool complete)
{
	_cleanup_(freep) char *text = NULL;
	FILE *out = open_memstream(&text, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	if (tree->level > 0)
		fprintf(out, "%*s\\_ ", (int)(tree->level - 1) * STEP, "");
	if (pid > 0)
		fprintf(out, "%lld ", (long long)pid);
	if (!argv)
		fputs(pid > 0 ? "(arguments not known)" : "(others, not kept)", out);
	while (argv && len > 0 && argv[len - 1] == '\0')
		len--;
	for (size_t i = 0; argv && i < len; i++)
		fputc(argv[i] ? argv[i] : ' ', out);
	if (argv && !complete)
		fputs(" ...", out);
	if (fclose(out) != 0)
		return -ENOMEM;
	tree->line(text, tree->userdata);
	tree->level++;
	return 0;
}

static int print_ancestor(struct json *json, void *userdata)
{
	_cleanup_(freep) char *argv = NULL;
	bool complete = false;
	int64_t pid = 0;
	size_t len = 0;

	if (json_int(json, "$.pid", &pid) < 0)
		pid = 0;
	if (json_strings(json, "$.argv", &argv, &len) < 0)
		argv = NULL;
	json_bool(json, "$.complete", &complete);
	return print_process(userdata, pid, argv, len, complete);
}

int ancestry_print(
	const struct touch *touch, void (*line)(const char *text, void *userdata), void *userdata)
{
	_cleanup_(json_freep) struct json *json = NULL;
	struct tree tree = { .line = line, .userdata = userdata };
	int r;

	if (!touch->ancestors)
		return -ENODATA;
	r = json_new(&json);
	if (r < 0)
		return r;
	if (json_load(json, touch->ancestors, strlen(touch->ancestors)) < 0)
		return -ENODATA;
	r = json_each(json, "$", print_ancestor, &tree);
	if (r < 0)
		return r == -ENOMEM ? r : -ENODATA;
	return print_process(
		&tree, touch->pid, touch->argv.bytes, touch->argv.len, touch->argv.complete);
}
