/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/builtin.h"

#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "watch/companion.h"
#include "watch/rule-field.h"
#include "watch/syscall-mask.h"

#define MAX_CALLS 16
#define ORIGIN "built-in"

/* Without a path beside it, another word size's number is another call: a rule for each. */
static const char *const sizes[] = { "b64", "b32" };

/*
 * fields: as -F takes them, separated by blanks. calls: see syscall_mask_add().
 * Every one of these is looked at in every system call's exit, so each call stands in as few as
 * possible, and none takes all calls.
 */
static const struct builtin {
	unsigned theme;
	int list;
	const char *fields;
	struct {
		const char *name;
		int number;
	} calls[MAX_CALLS];
	const char *key, *scope; /* scope NULL: all of it is wanted */
} builtins[] = {
	/* FS_IOC_SETFLAGS, its 32-bit twin, FS_IOC_FSSETXATTR: chattr(1) and its kin */
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "a1=0x40086602", { { "ioctl", 0 } }, NULL,
		SCOPE_KEY_DESCRIPTOR },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "a1=0x40046602", { { "ioctl", 0 } }, NULL,
		SCOPE_KEY_DESCRIPTOR },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "a1=0x401c5820", { { "ioctl", 0 } }, NULL,
		SCOPE_KEY_DESCRIPTOR },
	/* futimens(3): times of a descriptor */
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "a1=0",
		{ { "utimensat", 0 }, { "utimensat_time64", 0 }, { "futimesat", 0 } }, NULL,
		SCOPE_KEY_DESCRIPTOR },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "filetype=block perm=w",
		{ { "open", 0 }, { "openat", 0 }, { "openat2", 437 } }, "raw-device", NULL },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "filetype=block a2&03",
		{ { "open_by_handle_at", 0 } }, "raw-device", NULL },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "",
		{ { "mount", 0 }, { "umount", 0 }, { "umount2", 0 }, { "move_mount", 429 },
			{ "open_tree", 428 }, { "open_tree_attr", 467 }, { "fsopen", 430 },
			{ "fsmount", 432 }, { "mount_setattr", 442 }, { "pivot_root", 0 } },
		"mount", SCOPE_KEY_INSIDE },
	{ BUILTIN_COVERAGE, AUDIT_FILTER_EXIT, "", { { "setns", 0 }, { "unshare", 0 } },
		"namespace", SCOPE_KEY_INSIDE },
};

static int parse_fields(
	struct audit_rule_data *data, const struct builtin *builtin, struct rule_error *error)
{
	_cleanup_(freep) char *copy = strdup(builtin->fields);
	char *rest = copy, *word;
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && (word = strsep(&rest, " ")) != NULL)
		if (*word)
			r = rule_field_parse(data, builtin->list, word, error);
	return r;
}

/* 0, 1 (the machine has none of the calls), -EINVAL (a mistake in the table), -ENOMEM. */
static int fill(
	struct audit_rule_data *data, const struct builtin *builtin, const char *arch, int machine)
{
	struct rule_error error = { 0 };
	bool any = false, both = builtin->key && builtin->scope;
	char field[16], key[AUDIT_MAX_KEY_LEN + 1];
	int r;

	data->flags = (uint32_t)builtin->list;
	data->action = AUDIT_ALWAYS;
	snprintf(field, sizeof(field), "arch=%s", arch);
	r = rule_field_parse(data, builtin->list, field, &error);
	for (size_t i = 0; i < MAX_CALLS && builtin->calls[i].name; i++)
		any |= syscall_mask_add(
			data->mask, machine, builtin->calls[i].name, builtin->calls[i].number);
	r = r < 0 ? r : parse_fields(data, builtin, &error);
	snprintf(key, sizeof(key), "%s%s%s", builtin->key ? builtin->key : "", both ? "\001" : "",
		builtin->scope ? builtin->scope : "");
	r = r < 0 ? r : rule_field_add_key(data, key, &error);
	rule_error_done(&error);
	return r < 0 || any ? r : 1;
}

static int add(struct rule_set *set, const struct builtin *builtin, const char *arch)
{
	_cleanup_(freep) struct audit_rule_data *data =
		calloc(1, sizeof(*data) + AUDIT_MAX_KEY_LEN + strlen(builtin->fields));
	_cleanup_(rule_freep) struct rule *rule = NULL;
	int machine = audit_determine_machine(arch), r = -ENOMEM;

	if (machine < 0)
		return 0;
	if (data)
		r = fill(data, builtin, arch, machine);
	if (r != 0)
		return r == 1 ? 0 : r;
	r = rule_from_kernel(data, sizeof(*data) + data->buflen, &rule);
	if (r < 0)
		return r;
	rule->derived = true;
	rule->file = strdup(ORIGIN);
	rule->line = (unsigned)(builtin - builtins) + 1;
	if (!rule->file || rule_format(rule, &rule->text) < 0)
		return -ENOMEM;
	return rule_set_add(set, TAKE(rule));
}

int builtin_rules_add(struct rule_set *set, unsigned themes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTS(builtins); i++)
		for (size_t j = 0; r == 0 && j < ELEMENTS(sizes); j++)
			if (builtins[i].theme & themes)
				r = add(set, &builtins[i], sizes[j]);
	return r < 0 ? r : rule_set_drop_repeated(set);
}
