/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Ranges: audit_receive_msg() in kernel/audit.c, which takes any backlog limit and rate. */
static const struct {
	const char *name;
	bool has_value;
	uint32_t max;
	const char *reason; /* for a value that is none */
} facts[N_SETTINGS] = {
	[SETTING_BACKLOG_LIMIT] = { "-b", true, UINT32_MAX, "-b takes a number of records" },
	[SETTING_BACKLOG_WAIT] = { "--backlog_wait_time", true, 600000,
		"--backlog_wait_time takes at most 600000" },
	[SETTING_RATE_LIMIT] = { "-r", true, UINT32_MAX, "-r takes a number of records a second" },
	[SETTING_FAILURE] = { "-f", true, 2, "-f takes 0 (silent), 1 (printk) or 2 (panic)" },
	[SETTING_LOGINUID_IMMUTABLE] = { "--loginuid-immutable", false, 1, NULL },
	[SETTING_ENABLED] = { "-e", true, 2, "-e takes 0 (off), 1 (on) or 2 (locked)" },
};

void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		free(settings->values[i].file);
	*settings = (struct settings){ 0 };
}

const char *setting_name(enum setting setting)
{
	return facts[setting].name;
}

const char *setting_consequence(enum setting setting, uint32_t value)
{
	switch (setting) {
	case SETTING_BACKLOG_LIMIT:
		return value == 0 ? "the backlog has no limit: a flood takes the memory of the host"
				  : "the daemon sets it where no other audit daemon runs";
	case SETTING_RATE_LIMIT:
		return value == 0
			       ? "the daemon sets it where no other audit daemon runs"
			       : "the kernel throws away what exceeds it: take it away, or events "
				 "are lost";
	case SETTING_FAILURE:
		return value == 2 ? "the kernel panics when it loses an event"
				  : "the daemon sets it where no other audit daemon runs";
	case SETTING_LOGINUID_IMMUTABLE:
		return "until the next boot no login can change: container engines that log users "
		       "in may fail";
	case SETTING_ENABLED:
		return value == 0   ? "is not done: auditmon needs auditing"
		       : value == 1 ? "is what the daemon does by itself"
				    : "nothing can be changed until the next boot, not by auditmon "
				      "either: a reload, or a path that appears, has no effect";
	default:
		return "the daemon sets it where no other audit daemon runs";
	}
}

static int parse_value(const char *value, uint32_t max, uint32_t *ret)
{
	unsigned long long number;
	char *end;

	if (!value || !isdigit((unsigned char)value[0]))
		return -EINVAL;
	errno = 0;
	number = strtoull(value, &end, 0);
	if (errno != 0 || *end || number > max)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

int setting_parse(const char *option, const char *value, enum setting *ret_setting,
	uint32_t *ret_value, const char **ret_reason)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (strcmp(facts[i].name, option) != 0)
			continue;
		*ret_setting = (enum setting)i;
		*ret_value = 1;
		if (!facts[i].has_value || parse_value(value, facts[i].max, ret_value) == 0)
			return 1;
		*ret_reason = facts[i].reason;
		return -EINVAL;
	}
	return 0;
}

int settings_put(struct settings *settings, enum setting setting, uint32_t value, const char *file,
	unsigned line)
{
	struct setting_value *kept = &settings->values[setting];
	char *copy = strdup(file);

	if (!copy)
		return -ENOMEM;
	free(kept->file);
	*kept = (struct setting_value){ .file = copy, .line = line, .value = value };
	return 0;
}
