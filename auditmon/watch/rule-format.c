/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libaudit.h>
#include <string.h>
#include <sys/stat.h>

#include "watch/rule-field.h"
#include "watch/rule-value.h"
#include "watch/rule.h"

/* Key words as `separator` and key, one for each that was joined. */
static void format_keys(FILE *out, const char *separator, const char *keys, size_t len)
{
	const char *end = keys + len;

	while (keys < end) {
		const char *stop = memchr(keys, AUDIT_KEY_SEPARATOR, (size_t)(end - keys));
		size_t key_len = (size_t)((stop ? stop : end) - keys);

		if (key_len > 0)
			fputs(separator, out);
		rule_word_format(out, keys, key_len);
		keys += key_len + 1;
	}
}

/* The bits behind SYSCALLS_END are never set in what the kernel gives back. */
static bool is_all(const uint32_t *mask)
{
	for (int i = 0; i < SYSCALLS_END; i++)
		if (!(mask[AUDIT_WORD(i)] & AUDIT_BIT(i)))
			return false;
	return true;
}

static void format_syscalls(FILE *out, const struct audit_rule_data *data, int list)
{
	int machine = rule_machine(data);
	const char *separator = " -S ";

	if (list != AUDIT_FILTER_EXIT && list != AUDIT_FILTER_URING_EXIT)
		return;
	if (is_all(data->mask)) {
		fputs(" -S all", out);
		return;
	}
	for (int i = 0; i < SYSCALLS_END; i++) {
		const char *name = NULL;

		if (!(data->mask[AUDIT_WORD(i)] & AUDIT_BIT(i)))
			continue;
		if (machine >= 0 && list != AUDIT_FILTER_URING_EXIT)
			name = audit_syscall_to_name(i, machine);
		if (name)
			fprintf(out, "%s%s", separator, name);
		else
			fprintf(out, "%s%d", separator, i);
		separator = ",";
	}
}

/* Exactly what -w makes, and would make again. */
static bool is_watch(const struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;
	struct stat st;
	bool is_tree;

	if (data->flags != AUDIT_FILTER_EXIT || data->action != AUDIT_ALWAYS || !is_all(data->mask))
		return false;
	if (data->field_count < 2 || data->field_count > 3 ||
		(data->fields[0] != AUDIT_WATCH && data->fields[0] != AUDIT_DIR) ||
		data->fields[1] != AUDIT_PERM ||
		(data->field_count == 3 && data->fields[2] != AUDIT_FILTERKEY))
		return false;
	is_tree = stat(rule->path, &st) == 0 && S_ISDIR(st.st_mode);
	return rule->tree == is_tree && strlen(rule->path) == data->values[0];
}

static void format_watch(FILE *out, const struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;

	fputs("-w ", out);
	rule_word_format(out, data->buf, data->values[0]);
	fputs(" -p ", out);
	rule_value_format(out, VALUE_PERM, data->values[1]);
	if (data->field_count == 3)
		format_keys(out, " -k ", data->buf + data->values[0], data->values[2]);
}

/*
 * In the kernel's order, with the system calls where -S may stand: behind the architecture that
 * their names depend on.
 */
static void format_fields(FILE *out, const struct audit_rule_data *data, int list)
{
	const char *string = data->buf;
	int arch = rule_field_find(data, AUDIT_ARCH);

	if (arch < 0)
		format_syscalls(out, data, list);
	for (uint32_t i = 0; i < data->field_count; i++) {
		bool is_string = rule_field_is_string(data->fields[i]);

		if (data->fields[i] == AUDIT_FILTERKEY)
			format_keys(out, " -F key=", string, data->values[i]);
		else
			rule_field_format(out, data, i, is_string ? string : NULL);
		string += is_string ? data->values[i] : 0;
		if ((int)i == arch)
			format_syscalls(out, data, list);
	}
}

static void format_rule(FILE *out, const struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;
	int list = rule->list & AUDIT_FILTER_MASK;
	const char *list_name = audit_flag_to_name(list);

	if (list == AUDIT_FILTER_URING_EXIT)
		list_name = "io_uring";
	fprintf(out, "-%c %s,%s", rule->list & AUDIT_FILTER_PREPEND ? 'A' : 'a',
		rule->action == AUDIT_ALWAYS ? "always" : "never", list_name ? list_name : "?");
	format_fields(out, data, list);
}

int rule_format(const struct rule *rule, char **ret)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool failed;

	if (!out)
		return -ENOMEM;
	if (is_watch(rule))
		format_watch(out, rule);
	else
		format_rule(out, rule);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return -ENOMEM;
	*ret = TAKE(text);
	return 0;
}
