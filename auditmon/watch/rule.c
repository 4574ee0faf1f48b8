/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/rule.h"

#include <errno.h>
#include <libaudit.h>
#include <string.h>

#include "watch/rule-field.h"

/* A list that grows by doubling starts with this many. */
#define FIRST_CAPACITY 64

void rule_free(struct rule *rule)
{
	if (!rule)
		return;
	free(rule->data);
	free(rule->path);
	free(rule->key);
	free(rule->text);
	free(rule->file);
	free(rule);
}

void rule_set_free(struct rule_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n_rules; i++)
		rule_free(set->rules[i]);
	free(set->rules);
	settings_done(&set->settings);
	free(set);
}

int rule_set_add(struct rule_set *set, struct rule *rule)
{
	size_t n = set->n_rules;

	/* Full at each power of two. */
	if (n == 0 || (n >= FIRST_CAPACITY && (n & (n - 1)) == 0)) {
		size_t capacity = n == 0 ? FIRST_CAPACITY : 2 * n;
		struct rule **larger = realloc(set->rules, capacity * sizeof(struct rule *));

		if (!larger) {
			rule_free(rule);
			return -ENOMEM;
		}
		set->rules = larger;
	}
	set->rules[set->n_rules++] = rule;
	return 0;
}

void rule_error_done(struct rule_error *error)
{
	free(error->file);
	*error = (struct rule_error){ 0 };
}

static int compare_number(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int rule_compare(const struct rule *a, const struct rule *b)
{
	const struct audit_rule_data *x = a->data, *y = b->data;
	size_t n_bytes = x->field_count * sizeof(x->fields[0]);
	int order = compare_number(x->buflen, y->buflen);

	/* The strings first: nearly all rules differ there. */
	order = order ? order : memcmp(x->buf, y->buf, x->buflen);
	order = order ? order : compare_number(x->field_count, y->field_count);
	order = order ? order : compare_number(x->flags, y->flags);
	order = order ? order : compare_number(x->action, y->action);
	order = order ? order : memcmp(x->fields, y->fields, n_bytes);
	order = order ? order : memcmp(x->fieldflags, y->fieldflags, n_bytes);
	order = order ? order : memcmp(x->values, y->values, n_bytes);
	return order ? order : memcmp(x->mask, y->mask, sizeof(x->mask));
}

bool rule_equal(const struct rule *a, const struct rule *b)
{
	return rule_compare(a, b) == 0;
}

static int compare_positions(const void *a, const void *b)
{
	const struct rule_position *x = a, *y = b;
	int order = rule_compare(x->rule, y->rule);

	return order ? order : (x->position > y->position) - (x->position < y->position);
}

int rule_index_init(struct rule_index *index, const struct rule_set *set)
{
	*index = (struct rule_index){ .n_entries = set ? set->n_rules : 0 };
	if (index->n_entries == 0)
		return 0;
	index->entries = calloc(index->n_entries, sizeof(*index->entries));
	if (!index->entries)
		return -ENOMEM;
	for (size_t i = 0; i < index->n_entries; i++)
		index->entries[i] = (struct rule_position){ set->rules[i], i };
	qsort(index->entries, index->n_entries, sizeof(*index->entries), compare_positions);
	return 0;
}

void rule_index_done(struct rule_index *index)
{
	free(index->entries);
	*index = (struct rule_index){ 0 };
}

int rule_set_drop_repeated(struct rule_set *set)
{
	struct rule_index index;
	const struct rule *first = NULL;
	size_t n_kept = 0;
	int r = rule_index_init(&index, set);

	if (r < 0)
		return r;
	for (size_t i = 0; i < index.n_entries; i++) {
		const struct rule_position *entry = &index.entries[i];

		if (first && rule_equal(first, entry->rule)) {
			set->n_repeated += !entry->rule->derived;
			rule_free(TAKE(set->rules[entry->position]));
		} else {
			first = entry->rule;
		}
	}
	rule_index_done(&index);
	for (size_t i = 0; i < set->n_rules; i++)
		if (set->rules[i])
			set->rules[n_kept++] = set->rules[i];
	set->n_rules = n_kept;
	return 0;
}

static int compare_with_entry(const void *rule, const void *entry)
{
	return rule_compare(rule, ((const struct rule_position *)entry)->rule);
}

bool rule_index_find(const struct rule_index *index, const struct rule *rule, size_t *ret_position)
{
	const struct rule_position *found = NULL;

	if (index->n_entries > 0)
		found = bsearch(rule, index->entries, index->n_entries, sizeof(*index->entries),
			compare_with_entry);
	if (found && ret_position)
		*ret_position = found->position;
	return found;
}

/* A string of the rule that stands on its own from now on. */
static int copy_string(const char *bytes, size_t len, char **ret)
{
	free(*ret);
	*ret = strndup(bytes, len);
	return *ret ? 0 : -ENOMEM;
}

static int copy_key(const char *bytes, size_t len, char **ret)
{
	int r = copy_string(bytes, len, ret);

	for (char *c = *ret; r == 0 && *c; c++)
		if (*c == AUDIT_KEY_SEPARATOR)
			*c = ',';
	return r;
}

/* Copies out what others want to know of the kernel's form. */
static int describe(struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;
	const char *string = data->buf;
	int r = 0;

	rule->list = (int)data->flags;
	rule->action = (int)data->action;
	for (uint32_t i = 0; r == 0 && i < data->field_count; i++) {
		uint32_t field = data->fields[i];
		size_t len = data->values[i];

		if (!rule_field_is_string(field))
			continue;
		if (len > data->buflen - (size_t)(string - data->buf))
			return -EBADMSG;
		if (field == AUDIT_FILTERKEY)
			r = copy_key(string, len, &rule->key);
		if (field == AUDIT_DIR || field == AUDIT_WATCH) {
			size_t path_len = len;

			while (path_len > 1 && string[path_len - 1] == '/')
				path_len--;
			rule->tree = field == AUDIT_DIR;
			r = copy_string(string, path_len, &rule->path);
		}
		string += len;
	}
	return r;
}

int rule_from_kernel(const struct audit_rule_data *data, size_t len, struct rule **ret)
{
	_cleanup_(rule_freep) struct rule *rule = NULL;
	int r;

	if (len < sizeof(*data) || data->buflen > len - sizeof(*data) ||
		data->field_count > AUDIT_MAX_FIELDS)
		return -EBADMSG;
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return -ENOMEM;
	rule->data = malloc(sizeof(*data) + data->buflen);
	if (!rule->data)
		return -ENOMEM;
	memcpy(rule->data, data, sizeof(*data) + data->buflen);
	r = describe(rule);
	if (r < 0)
		return r;
	*ret = TAKE(rule);
	return 0;
}

static char *copy_text(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

int rule_copy(const struct rule *rule, struct rule **ret)
{
	_cleanup_(rule_freep) struct rule *copy = NULL;
	bool failed = false;
	int r = rule_from_kernel(rule->data, sizeof(*rule->data) + rule->data->buflen, &copy);

	if (r < 0)
		return r;
	copy->list = rule->list;
	copy->watch = rule->watch;
	copy->derived = rule->derived;
	copy->alone = rule->alone;
	copy->passing = rule->passing;
	copy->text = copy_text(rule->text, &failed);
	copy->file = copy_text(rule->file, &failed);
	copy->line = rule->line;
	if (failed)
		return -ENOMEM;
	*ret = TAKE(copy);
	return 0;
}

static bool is_for_all_calls(const uint32_t *mask)
{
	for (int i = 0; i < SYSCALLS_END; i++)
		if (!(mask[AUDIT_WORD(i)] & AUDIT_BIT(i)))
			return false;
	return true;
}

uint32_t rule_perm(const struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;
	int i = rule_field_find(data, AUDIT_PERM);

	if (data->flags != AUDIT_FILTER_EXIT || data->action != AUDIT_ALWAYS ||
		!is_for_all_calls(data->mask))
		return 0;
	return i < 0 ? AUDIT_PERM_READ | AUDIT_PERM_WRITE | AUDIT_PERM_EXEC | AUDIT_PERM_ATTR
		     : data->values[i];
}

bool rule_is_blind_to_unset(const struct rule *rule)
{
	const struct audit_rule_data *data = rule->data;

	if (data->action != AUDIT_ALWAYS)
		return false;
	for (uint32_t i = 0; i < data->field_count; i++) {
		uint32_t value = data->values[i];
		bool met = true;

		if (data->fields[i] != AUDIT_LOGINUID)
			continue;
		/* The kernel compares without sign (audit_uid_comparator() in kernel/auditfilter.c):
		 * unset, the greatest number, is not less than any. */
		switch (data->fieldflags[i]) {
		case AUDIT_EQUAL:
			met = value == UINT32_MAX;
			break;
		case AUDIT_NOT_EQUAL:
			met = value != UINT32_MAX;
			break;
		case AUDIT_LESS_THAN:
			met = false;
			break;
		case AUDIT_LESS_THAN_OR_EQUAL:
			met = value == UINT32_MAX;
			break;
		case AUDIT_GREATER_THAN:
			met = value != UINT32_MAX;
			break;
		default:
			break;
		}
		if (!met)
			return true;
	}
	return false;
}
