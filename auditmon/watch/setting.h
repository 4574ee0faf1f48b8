/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The kernel's audit settings, as rule files ask for them
 *
 * auditctl's lines that are no rules: -b, -e, -f, -r, --backlog_wait_time, --loginuid-immutable,
 * and what has no meaning for a set of rules of our own (-D, -c, -i, --reset-lost). Of several
 * lines for one setting the last counts, as auditctl does one after the other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting {
	SETTING_BACKLOG_LIMIT,      /* -b: records */
	SETTING_BACKLOG_WAIT,       /* --backlog_wait_time: jiffies */
	SETTING_RATE_LIMIT,         /* -r: records a second, 0: no limit */
	SETTING_FAILURE,            /* -f: 0 silent, 1 printk, 2 panic */
	SETTING_LOGINUID_IMMUTABLE, /* until the next boot */
	SETTING_ENABLED,            /* -e: 0, 1, 2 (locked until the next boot); after all others */
	N_SETTINGS
};

struct setting_value {
	char *file; /* where it stands; NULL: it is nowhere */
	unsigned line;
	uint32_t value;
};

struct settings {
	struct setting_value values[N_SETTINGS];
	size_t n_without_effect; /* -D and the like */
};

void settings_done(struct settings *settings);

/* As auditctl spells it. */
const char *setting_name(enum setting setting);

/* What comes of a value, as one line for people. */
const char *setting_consequence(enum setting setting, uint32_t value);

/*
 * What an option of a line means. value: its argument, NULL without. 1 (*ret_setting and *ret_value
 * are set), 0 (none of auditmon's business), -EINVAL (*ret_reason, a literal, says why).
 */
int setting_parse(const char *option, const char *value, enum setting *ret_setting,
	uint32_t *ret_value, const char **ret_reason);

/* Keeps it as what the files ask for. 0 or -ENOMEM. */
int settings_put(struct settings *settings, enum setting setting, uint32_t value, const char *file,
	unsigned line);
