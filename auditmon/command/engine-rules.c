/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/engine-rules.h"

#include <errno.h>
#include <string.h>

#define FILE_NAME "(built in)"

/* As the shipped rules write them, so that both are one rule. 32-bit programs reach connect through
 * socketcall, too. */
static const char *const calls[] = {
	"-F arch=b64 -S connect",
	"-F arch=b32 -S connect,socketcall",
};

static bool has(const struct rule_set *set, const struct rule *rule)
{
	for (size_t i = 0; i < set->n_rules; i++)
		if (rule_equal(set->rules[i], rule))
			return true;
	return false;
}

/* A line is read by blanks: see rule_format() for how they are escaped. */
static bool is_plain(const char *path)
{
	return path[strcspn(path, " \t\\\"'\n")] == '\0';
}

static int add(const char *path, const char *call, struct rule_set *set)
{
	_cleanup_(freep) char *line = NULL;
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r;

	if (asprintf(&line, "-a always,exit %s -F path=%s -k engine-socket", call, path) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	r = rule_parse(line, FILE_NAME, 0, &rule, &error);
	rule_error_done(&error);
	if (r < 0 || !rule)
		return r == -ENOMEM ? r : 0;
	if (!has(set, rule))
		return rule_set_add(set, rule);
	rule_free(rule);
	return 0;
}

int engine_rules_add(const struct engine_sockets *sockets, struct rule_set *set)
{
	const char *path;
	int r = 0;

	for (size_t i = 0; r == 0 && (path = engine_sockets_path(sockets, i)); i++)
		for (size_t j = 0; r == 0 && is_plain(path) && j < ELEMENTS(calls); j++)
			r = add(path, calls[j], set);
	return r;
}
