/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/engine-rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "detect/policy.h"
#include "runtime/docker-daemon.h"
#include "runtime/docker-program.h"

#define FILE_NAME "(built in)"

/* As the shipped rules write them, so that both are one rule. 32-bit programs reach connect through
 * socketcall, too. */
static const char *const calls[] = {
	"-F arch=b64 -S connect",
	"-F arch=b32 -S connect,socketcall",
};

/* What a dockerd does that tells when it works on a request, and when it is done with a connection.
 * exe= comes last, as it is the dearest to ask of every process. */
static const struct engine_call {
	const char *fields, *key;
} dockerd_calls[] = {
	/* a1 is what is shut down: 0 (SHUT_RD) says nothing of answers. */
	{ "-S shutdown -F a1!=0", ENGINE_RULES_KEY_SHUTDOWN },
	{ "-S accept4 -F success=1", ENGINE_RULES_KEY_REQUEST },
	{ "-S read -F a2=4096", ENGINE_RULES_KEY_REQUEST },
	{ "-S read -F a2=1", ENGINE_RULES_KEY_REQUEST },
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

/* passing: an engine that comes back is noticed anew; see rule.h. */
static int add_line(const char *line, bool passing, struct rule_set *set)
{
	struct rule_error error = { 0 };
	struct rule *rule = NULL;
	int r;

	r = rule_parse(line, FILE_NAME, 0, &rule, &error);
	rule_error_done(&error);
	if (r < 0 || !rule)
		return r == -ENOMEM ? r : 0;
	rule->passing = passing;
	if (!has(set, rule))
		return rule_set_add(set, rule);
	rule_free(rule);
	return 0;
}

static int add(const char *path, const char *call, struct rule_set *set)
{
	_cleanup_(freep) char *line = NULL;

	if (asprintf(&line, "-a always,exit %s -F path=%s -k engine-socket", call, path) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return add_line(line, true, set);
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

static int add_of_program(const char *path, const struct engine_call *call, struct rule_set *set)
{
	_cleanup_(freep) char *line = NULL;

	if (asprintf(&line, "-a always,exit -F arch=b64 %s -F exe=%s -k %s", call->fields, path,
		    call->key) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return add_line(line, true, set);
}

int engine_rules_add_dockerd(int proc_fd, const struct mounts *mounts, struct rule_set *set)
{
	struct docker_programs programs = { 0 };
	int r = docker_programs_find(&programs, proc_fd, mounts);

	r = r == -ENOMEM ? r : 0;
	for (size_t i = 0; r == 0 && i < programs.n; i++)
		for (size_t j = 0; r == 0 && j < ELEMENTS(dockerd_calls); j++)
			if (is_plain(programs.paths[i]))
				r = add_of_program(programs.paths[i], &dockerd_calls[j], set);
	docker_programs_done(&programs);
	return r;
}

static int add_watch(const char *path, struct rule_set *set)
{
	_cleanup_(freep) char *line = NULL;

	/* The shipped rules watch that directory whole. */
	if (!path || !is_plain(path) || strncmp(path, "/etc/docker/", strlen("/etc/docker/")) == 0)
		return 0;
	if (asprintf(&line, "-w %s -p wa -k " WATCH_KEY_TRUST, path) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	return add_line(line, false, set);
}

int engine_rules_add_trust(int proc_fd, struct rule_set *set)
{
	_cleanup_(json_freep) struct json *json = NULL;
	struct docker_daemons daemons = { 0 };
	int r = json_new(&json);

	if (r < 0)
		return r;
	r = docker_daemons_scan(&daemons, proc_fd, "", json);
	/* A rootless daemon's files are its user's, and any user can name a file. */
	for (size_t i = 0; r == 0 && i < daemons.n; i++) {
		if (daemons.list[i].uid != 0)
			continue;
		r = add_watch(daemons.list[i].config_file, set);
		r = r < 0 ? r : add_watch(daemons.list[i].seccomp_profile, set);
	}
	docker_daemons_done(&daemons);
	return r == -ENOMEM ? r : 0;
}
