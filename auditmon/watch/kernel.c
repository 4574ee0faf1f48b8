/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/kernel-internal.h"

#include <errno.h>
#include <libaudit.h>

/*
 * The kernel compares each new rule about a file with every one that it has (audit_find_rule() in
 * kernel/auditfilter.c), through four cache lines each: 10,000 take three seconds. Put before
 * the others they are not compared, which takes one line each. That may only be done where nobody
 * else has rules, as it decides which rule's key an event has.
 */
#define MANY_RULES 256

static void wanted_done(struct wanted *wanted)
{
	rule_set_free(wanted->set);
	free(wanted->standings);
	*wanted = (struct wanted){ 0 };
}

static struct standing standing_of(const struct rule *rule, bool ours)
{
	struct stat st;

	if (!rule->tree || stat(rule->path, &st) < 0)
		st = (struct stat){ 0 };
	return (struct standing){
		.loaded = true,
		.ours = ours,
		.device = st.st_dev,
		.inode = st.st_ino,
	};
}

int watch_add_rule(
	struct watch *watch, const struct rule *rule, bool at_head, struct standing *standing)
{
	struct stat st = { 0 };
	int r;

	if (rule->tree && stat(rule->path, &st) < 0)
		st = (struct stat){ 0 };
	r = rule_channel_add(watch->channel, rule, at_head);
	if (r < 0 && r != -EEXIST)
		return r;
	*standing = (struct standing){
		.loaded = true,
		.ours = r == 0,
		.fresh = r == 0,
		.device = st.st_dev,
		.inode = st.st_ino,
	};
	return r == 0;
}

bool watch_is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

bool watch_may_be_refused(const struct rule *rule, int error)
{
	return rule->derived && (error == -EINVAL || error == -EOPNOTSUPP);
}

int watch_delete_rule(struct watch *watch, const struct rule *rule, struct standing *standing)
{
	int r = rule_channel_delete(watch->channel, rule);

	if (r < 0 && r != -ENOENT)
		return r;
	standing->loaded = standing->ours = false;
	return 0;
}

int watch_new(struct watch **ret)
{
	_cleanup_(watch_freep) struct watch *watch = calloc(1, sizeof(*watch));
	int r = watch ? rule_channel_new(&watch->channel) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = TAKE(watch);
	return 0;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	rule_channel_free(watch->channel);
	wanted_done(&watch->wanted);
	rule_set_free(watch->refused);
	free(watch);
}

int watch_list_kernel(struct watch *watch, struct rule_set **ret)
{
	return rule_channel_list(watch->channel, ret);
}

int kernel_rules_init(struct kernel_rules *rules, struct watch *watch)
{
	int r;

	*rules = (struct kernel_rules){ 0 };
	r = watch_list_kernel(watch, &rules->set);
	return r < 0 ? r : rule_index_init(&rules->index, rules->set);
}

void kernel_rules_done(struct kernel_rules *rules)
{
	rule_index_done(&rules->index);
	rule_set_free(rules->set);
}

size_t *watch_adding_order(const struct rule_set *set, bool backwards)
{
	size_t n = set ? set->n_rules : 0, at = 0;
	size_t *order = calloc(n + 1, sizeof(*order));

	for (size_t i = 0; order && i < n; i++) {
		size_t position = backwards ? n - 1 - i : i;

		if (!backwards || !(set->rules[position]->list & AUDIT_FILTER_PREPEND))
			order[at++] = position;
	}
	for (size_t i = 0; order && backwards && i < n; i++)
		if (set->rules[i]->list & AUDIT_FILTER_PREPEND)
			order[at++] = i;
	return order;
}

bool watch_goes_backwards(const struct rule_set *set, const struct kernel_rules *kernel)
{
	return set && set->n_rules >= MANY_RULES && kernel->set->n_rules == 0;
}

/* Adds what the kernel lacks; what it has keeps the standing that it had. */
static int add_missing(struct watch *watch, struct wanted *next, const struct rule_index *before,
	const struct kernel_rules *kernel, struct watch_refusal *refusal)
{
	bool backwards = watch_goes_backwards(next->set, kernel);
	_cleanup_(freep) size_t *order = watch_adding_order(next->set, backwards);

	if (!order)
		return -ENOMEM;
	for (size_t n = 0; n < watch_wanted_count(next); n++) {
		size_t i = order[n], position;
		const struct rule *rule = next->set->rules[i];
		int r;

		if (rule_index_find(&kernel->index, rule, NULL)) {
			if (rule_index_find(before, rule, &position))
				next->standings[i] = watch->wanted.standings[position];
			next->standings[i].loaded = true;
			next->standings[i].fresh = false;
			continue;
		}
		r = watch_add_rule(watch, rule, backwards, &next->standings[i]);
		if (r < 0 && !watch_is_absent(r) && !watch_may_be_refused(rule, r)) {
			*refusal = (struct watch_refusal){ rule, r };
			return r;
		}
	}
	return 0;
}

static int remove_unwanted(
	struct watch *watch, const struct wanted *next, struct watch_refusal *refusal)
{
	struct rule_index index;
	int r = rule_index_init(&index, next->set);

	for (size_t i = 0; r == 0 && i < watch_wanted_count(&watch->wanted); i++) {
		const struct rule *rule = watch->wanted.set->rules[i];
		struct standing *standing = &watch->wanted.standings[i];

		if (!standing->ours || rule_index_find(&index, rule, NULL))
			continue;
		r = watch_delete_rule(watch, rule, standing);
		if (r < 0)
			*refusal = (struct watch_refusal){ NULL, r };
	}
	rule_index_done(&index);
	return r;
}

/* Back to the former set, as far as the kernel lets us. */
static void undo(struct watch *watch, struct wanted *next, const struct rule_index *before)
{
	struct wanted *former = &watch->wanted;

	for (size_t i = 0; i < watch_wanted_count(next); i++) {
		size_t position;

		if (!next->standings[i].loaded)
			continue;
		if (rule_index_find(before, next->set->rules[i], &position))
			former->standings[position] = next->standings[i];
		else if (next->standings[i].ours)
			watch_delete_rule(watch, next->set->rules[i], &next->standings[i]);
	}
	for (size_t i = 0; i < watch_wanted_count(former); i++)
		if (!former->standings[i].loaded)
			watch_add_rule(watch, former->set->rules[i], false, &former->standings[i]);
}

static int replace(struct watch *watch, struct wanted *next, struct watch_refusal *refusal)
{
	struct kernel_rules kernel = { 0 };
	struct rule_index before;
	int r = rule_index_init(&before, watch->wanted.set);

	r = r < 0 ? r : kernel_rules_init(&kernel, watch);
	if (r == 0) {
		r = add_missing(watch, next, &before, &kernel, refusal);
		r = r < 0 ? r : remove_unwanted(watch, next, refusal);
		if (r < 0)
			undo(watch, next, &before);
	}
	kernel_rules_done(&kernel);
	rule_index_done(&before);
	return r;
}

int watch_apply(struct watch *watch, struct rule_set *set, struct watch_refusal *refusal)
{
	struct wanted next = { .set = set };
	int r = -ENOMEM;

	*refusal = (struct watch_refusal){ 0 };
	rule_set_free(TAKE(watch->refused));
	next.standings = calloc(set->n_rules + 1, sizeof(*next.standings));
	if (next.standings)
		r = replace(watch, &next, refusal);
	if (r < 0) {
		refusal->error = r;
		watch->refused = TAKE(next.set);
		wanted_done(&next);
		return r;
	}
	wanted_done(&watch->wanted);
	watch->wanted = next;
	return 0;
}

int watch_adopt(struct watch *watch, bool (*is_ours)(const struct rule *rule, void *userdata),
	void *userdata)
{
	_cleanup_(rule_set_freep) struct rule_set *all = NULL, *ours = calloc(1, sizeof(*ours));
	size_t n_others = 0;
	int r = ours ? watch_list_kernel(watch, &all) : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < all->n_rules; i++) {
		struct rule *rule = all->rules[i];

		if (is_ours(rule, userdata))
			r = rule_set_add(ours, rule);
		else
			all->rules[n_others++] = rule;
	}
	if (r < 0)
		return r;
	all->n_rules = n_others;
	wanted_done(&watch->wanted);
	watch->wanted.standings = calloc(ours->n_rules + 1, sizeof(*watch->wanted.standings));
	if (!watch->wanted.standings)
		return -ENOMEM;
	for (size_t i = 0; i < ours->n_rules; i++)
		watch->wanted.standings[i] = standing_of(ours->rules[i], true);
	watch->wanted.set = TAKE(ours);
	return (int)watch->wanted.set->n_rules;
}

int watch_observe(struct watch *watch, struct rule_set *set)
{
	struct kernel_rules kernel = { 0 };
	struct wanted next = { .set = set };
	int r = -ENOMEM;

	next.standings = calloc(set->n_rules + 1, sizeof(*next.standings));
	if (next.standings)
		r = kernel_rules_init(&kernel, watch);
	for (size_t i = 0; r == 0 && i < set->n_rules; i++)
		next.standings[i].loaded = rule_index_find(&kernel.index, set->rules[i], NULL);
	kernel_rules_done(&kernel);
	if (r < 0) {
		wanted_done(&next);
		return r;
	}
	wanted_done(&watch->wanted);
	watch->wanted = next;
	return 0;
}

size_t watch_gone(const struct watch *watch)
{
	return watch->n_gone;
}

int watch_clear(struct watch *watch)
{
	int first = 0;

	for (size_t i = 0; i < watch_wanted_count(&watch->wanted); i++) {
		struct standing *standing = &watch->wanted.standings[i];
		int r = 0;

		if (standing->ours)
			r = watch_delete_rule(watch, watch->wanted.set->rules[i], standing);
		first = first ? first : r;
	}
	return first;
}

size_t watch_count(const struct watch *watch)
{
	return watch_wanted_count(&watch->wanted);
}

bool watch_is_ours(const struct watch *watch, size_t index)
{
	const struct standing *standing = &watch->wanted.standings[index];

	return standing->ours || !standing->loaded;
}

const struct rule *watch_rule(const struct watch *watch, size_t index, bool *ret_loaded)
{
	*ret_loaded = watch->wanted.standings[index].loaded;
	return watch->wanted.set->rules[index];
}

int watch_remove(struct watch *watch, const struct rule_set *set, size_t *ret_n)
{
	size_t n = 0;
	int first = 0;

	for (size_t i = 0; i < set->n_rules; i++) {
		int r = rule_channel_delete(watch->channel, set->rules[i]);

		n += r == 0;
		if (r < 0 && r != -ENOENT)
			first = first ? first : r;
	}
	*ret_n = n;
	return first;
}
