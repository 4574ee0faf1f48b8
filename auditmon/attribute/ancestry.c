/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/ancestry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json-encode.h"

/* Shared by a process and the children that it forks. */
struct program {
	unsigned n_references;
	bool complete;
	size_t len;
	char argv[];
};

/* pid 0: stands for those that were left out. */
struct ancestor {
	pid_t pid;
	unsigned depth; /* of the entry's first process: 0 */
	unsigned n_references;
	struct ancestor *above;  /* counted; NULL: the entry's first process */
	struct program *program; /* counted; NULL: not known */
};

static int program_new(const char *argv, size_t len, struct program **ret)
{
	bool complete = len <= ANCESTRY_MAX_ARGV_LEN;
	struct program *program;

	if (!complete)
		len = ANCESTRY_MAX_ARGV_LEN;
	program = malloc(sizeof(*program) + len + 1);
	if (!program)
		return -ENOMEM;
	*program = (struct program){ .n_references = 1, .complete = complete, .len = len };
	memcpy(program->argv, argv, len);
	program->argv[len] = '\0';
	*ret = program;
	return 0;
}

static void program_unref(struct program *program)
{
	if (program && --program->n_references == 0)
		free(program);
}

static int link_new(
	pid_t pid, struct ancestor *above, struct program *program, struct ancestor **ret)
{
	struct ancestor *ancestor = malloc(sizeof(*ancestor));

	if (!ancestor)
		return -ENOMEM;
	*ancestor = (struct ancestor){
		.pid = pid,
		.depth = above ? above->depth + 1 : 0,
		.n_references = 1,
		.above = ancestor_ref(above),
		.program = program,
	};
	if (program)
		program->n_references++;
	*ret = ancestor;
	return 0;
}

/* Below the deepest link, one that stands for all that are left out comes in the parent's place. */
static int add(pid_t pid, struct ancestor *above, struct program *program, struct ancestor **ret)
{
	_cleanup_(ancestor_unrefp) struct ancestor *gap = NULL;
	int r;

	if (!above || above->depth < ANCESTRY_MAX_DEPTH)
		return link_new(pid, above, program, ret);
	if (above->above->pid == 0)
		return link_new(pid, above->above, program, ret);
	r = link_new(0, above->above, NULL, &gap);
	if (r < 0)
		return r;
	/* So the chain of ever new children does not grow. */
	gap->depth = above->depth - 1;
	return link_new(pid, gap, program, ret);
}

int ancestor_new(
	pid_t pid, struct ancestor *above, const char *argv, size_t len, struct ancestor **ret)
{
	struct program *program = NULL;
	/* A process that is at its end has no arguments any more; none ever began without. */
	int r = argv && len > 0 ? program_new(argv, len, &program) : 0;

	r = r < 0 ? r : add(pid, above, program, ret);
	program_unref(program);
	return r;
}

int ancestor_fork(struct ancestor *parent, pid_t pid, struct ancestor **ret)
{
	return add(pid, parent, parent ? parent->program : NULL, ret);
}

struct ancestor *ancestor_ref(struct ancestor *ancestor)
{
	if (ancestor)
		ancestor->n_references++;
	return ancestor;
}

void ancestor_unref(struct ancestor *ancestor)
{
	while (ancestor && --ancestor->n_references == 0) {
		struct ancestor *above = ancestor->above;

		program_unref(ancestor->program);
		free(ancestor);
		ancestor = above;
	}
}

struct ancestor *ancestor_above(const struct ancestor *ancestor)
{
	return ancestor ? ancestor->above : NULL;
}

struct arguments ancestor_argv(const struct ancestor *ancestor)
{
	const struct program *program = ancestor ? ancestor->program : NULL;

	if (!program)
		return (struct arguments){ NULL, 0, false };
	return (struct arguments){ program->argv, program->len, program->complete };
}

static void encode(FILE *out, const struct ancestor *ancestor, struct redact *redact)
{
	struct arguments argv = redact_arguments(redact, ancestor_argv(ancestor));

	if (ancestor->pid > 0)
		fprintf(out, "{\"pid\":%d,\"argv\":", (int)ancestor->pid);
	else
		fputs("{\"pid\":null,\"argv\":", out);
	if (argv.bytes)
		json_encode_arguments(out, argv.bytes, argv.len);
	else
		fputs("null", out);
	fprintf(out, ",\"complete\":%s}", argv.complete ? "true" : "false");
}

int ancestor_json(const struct ancestor *ancestor, struct redact *redact, char **ret)
{
	const struct ancestor *chain[ANCESTRY_MAX_DEPTH + 2];
	_cleanup_(freep) char *json = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&json, &(size_t){ 0 });

	if (!out)
		return -ENOMEM;
	for (; ancestor && n < ELEMENTS(chain); ancestor = ancestor->above)
		chain[n++] = ancestor;
	fputc('[', out);
	while (n-- > 0) {
		encode(out, chain[n], redact);
		if (n > 0)
			fputc(',', out);
	}
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = TAKE(json);
	return 0;
}
