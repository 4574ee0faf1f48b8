/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "watch/companion.h"
#include "watch/kernel-internal.h"

/* Has a -w's path become a directory, or ceased to be one? Then it is another rule now. */
static bool has_turned(const struct rule *rule)
{
	struct stat st;

	return rule->watch && rule->path && stat(rule->path, &st) == 0 &&
	       S_ISDIR(st.st_mode) != rule->tree;
}

static bool any_has_turned(const struct watch *watch)
{
	for (size_t i = 0; i < watch_wanted_count(&watch->wanted); i++)
		if (has_turned(watch->wanted.set->rules[i]))
			return true;
	return false;
}

/* The rule as its line would be read now; as it is, where another part of the line is wrong by
 * now: a user who is gone. */
static int read_again(const struct rule *rule, struct rule **ret)
{
	struct rule_error error = { 0 };
	struct rule *again = NULL;
	int r = 0;

	if (has_turned(rule))
		r = rule_parse(rule->text, rule->file, rule->line, &again, &error);
	rule_error_done(&error);
	if (r == -ENOMEM)
		return r;
	if (!again)
		return rule_copy(rule, ret);
	*ret = again;
	return 0;
}

/* What is wanted, as it is to be read now, and more (NULL: nothing) that is not among it. */
static int turned_set(
	const struct rule_set *set, const struct rule_set *more, struct rule_set **ret)
{
	_cleanup_(rule_set_freep) struct rule_set *next = calloc(1, sizeof(*next));
	struct rule_index index;
	int r = next ? rule_index_init(&index, set) : -ENOMEM;

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < set->n_rules; i++) {
		struct rule *rule;

		/* Companions are made anew; what is built in stays. */
		if (set->rules[i]->derived && set->has_companions && set->rules[i]->path)
			continue;
		r = read_again(set->rules[i], &rule);
		r = r < 0 ? r : rule_set_add(next, rule);
	}
	for (size_t i = 0; r == 0 && more && i < more->n_rules; i++) {
		struct rule *rule;

		if (rule_index_find(&index, more->rules[i], NULL))
			continue;
		r = rule_copy(more->rules[i], &rule);
		r = r < 0 ? r : rule_set_add(next, rule);
	}
	rule_index_done(&index);
	if (r == 0 && set->has_companions)
		r = companion_add(next);
	if (r < 0)
		return r;
	*ret = TAKE(next);
	return 0;
}

/* Returns how many more rules are loaded than before, or an error with all as it was. */
static int turn(struct watch *watch)
{
	struct watch_refusal refusal;
	struct rule_set *next;
	int n = 0, r = turned_set(watch->wanted.set, NULL, &next);

	r = r < 0 ? r : watch_apply(watch, next, &refusal);
	for (size_t i = 0; r == 0 && i < watch_wanted_count(&watch->wanted); i++)
		n += watch->wanted.standings[i].fresh;
	return r < 0 ? r : n;
}

int watch_extend(struct watch *watch, const struct rule_set *more, struct watch_refusal *refusal)
{
	struct rule_index index;
	struct rule_set *next;
	int n = 0, r;

	*refusal = (struct watch_refusal){ 0 };
	if (!watch->wanted.set)
		return 0;
	r = rule_index_init(&index, watch->wanted.set);
	if (r < 0)
		return r;
	for (size_t i = 0; i < more->n_rules; i++)
		n += !rule_index_find(&index, more->rules[i], NULL);
	rule_index_done(&index);
	if (n == 0)
		return 0;
	r = turned_set(watch->wanted.set, more, &next);
	r = r < 0 ? r : watch_apply(watch, next, refusal);
	return r < 0 ? r : n;
}

/* Brings one rule up to what is at its path now. Returns what watch_watch_add_rule() does. */
static int refresh(struct watch *watch, size_t i, bool at_head)
{
	const struct rule *rule = watch->wanted.set->rules[i];
	struct standing *standing = &watch->wanted.standings[i];
	struct stat st;
	int r = 0;

	if (rule->tree && standing->ours && stat(rule->path, &st) == 0 &&
		(st.st_dev != standing->device || st.st_ino != standing->inode))
		r = watch_delete_rule(watch, rule, standing);
	if (r == 0 && !standing->loaded)
		r = watch_add_rule(watch, rule, at_head, standing);
	return watch_is_absent(r) || watch_may_be_refused(rule, r) ? 0 : r;
}

/* Returns how many were added or, where none was, the first error. */
static int refresh_all(struct watch *watch, const struct kernel_rules *kernel)
{
	bool backwards = watch_goes_backwards(watch->wanted.set, kernel);
	_cleanup_(freep) size_t *order = watch_adding_order(watch->wanted.set, backwards);
	int n_added = 0, first = 0;

	if (!order)
		return -ENOMEM;
	for (size_t n = 0; n < watch_wanted_count(&watch->wanted); n++) {
		size_t i = order[n];
		struct standing *standing = &watch->wanted.standings[i];
		const struct rule *rule = watch->wanted.set->rules[i];
		bool was_loaded = standing->loaded, is_gone;
		int added;

		standing->loaded = rule_index_find(&kernel->index, rule, NULL);
		is_gone = was_loaded && !standing->loaded;
		standing->ours = standing->ours && standing->loaded;
		added = refresh(watch, i, backwards);
		/* One that comes back had been deleted by somebody. */
		watch->n_gone += is_gone && (!rule->passing || standing->loaded);
		n_added += added > 0;
		first = first == 0 && added < 0 ? added : first;
	}
	return n_added > 0 ? n_added : first;
}

int watch_retry(struct watch *watch)
{
	struct kernel_rules kernel;
	int n_turned = 0, r;

	if (any_has_turned(watch)) {
		n_turned = turn(watch);
		if (n_turned < 0)
			return n_turned;
	}
	watch->n_gone = 0;
	r = kernel_rules_init(&kernel, watch);
	r = r < 0 ? r : refresh_all(watch, &kernel);
	kernel_rules_done(&kernel);
	return r < 0 && n_turned > 0 ? n_turned : r < 0 ? r : n_turned + r;
}
