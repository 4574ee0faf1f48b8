/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/suppress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/glob.h"
#include "base/json.h"
#include "detect/suppress-internal.h"

int suppressions_new(struct suppressions **ret)
{
	struct suppressions *suppressions = calloc(1, sizeof(*suppressions));

	if (!suppressions)
		return -ENOMEM;
	*ret = suppressions;
	return 0;
}

static void suppression_done(struct suppression *rule)
{
	for (int i = 0; i < CONDITION_COUNT; i++) {
		for (size_t j = 0; j < rule->conditions[i].n; j++)
			free(rule->conditions[i].items[j]);
		free(rule->conditions[i].items);
	}
	free(rule->name);
	free(rule->comment);
	free(rule->text);
}

void suppressions_free(struct suppressions *suppressions)
{
	if (!suppressions)
		return;
	for (size_t i = 0; i < suppressions->n; i++)
		suppression_done(&suppressions->rules[i]);
	free(suppressions->rules);
	json_free(suppressions->json);
	free(suppressions);
}

size_t suppressions_count(const struct suppressions *suppressions)
{
	return suppressions->n;
}

static bool any_matches(const struct patterns *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (glob_match(patterns->items[i], text))
			return true;
	return patterns->n == 0;
}

/* Every flag of the touch must be one that is named. */
static bool flags_match(const struct patterns *patterns, unsigned flags)
{
	for (int i = 0; i < FLAG_COUNT; i++)
		if ((flags & FLAG_BIT(i)) && !any_matches(patterns, flag_names[i]))
			return false;
	return true;
}

/* pattern is KEY=GLOB, with a key that JSON paths can quote. */
static bool label_matches(struct json *json, const char *pattern)
{
	const char *equals = strchr(pattern, '=');
	_cleanup_(freep) char *path = NULL, *value = NULL;

	if (asprintf(&path, "$.\"%.*s\"", (int)(equals - pattern), pattern) < 0)
		return false;
	return json_string(json, path, &value) == 0 && glob_match(equals + 1, value);
}

static bool labels_match(
	struct suppressions *suppressions, const struct patterns *patterns, const char *labels)
{
	if (patterns->n == 0)
		return true;
	if (!labels || (!suppressions->json && json_new(&suppressions->json) < 0) ||
		json_load(suppressions->json, labels, strlen(labels)) < 0)
		return false;
	for (size_t i = 0; i < patterns->n; i++)
		if (label_matches(suppressions->json, patterns->items[i]))
			return true;
	return false;
}

/* The login that is certain; NULL: none. */
static const char *login_of(const struct touch *touch, const struct touch_facts *facts)
{
	if (touch->login && !facts->entry_unset)
		return touch->login;
	return touch->launcher.confidence == CONFIDENCE_CERTAIN ? touch->launcher.login : NULL;
}

static bool is_about_containers(const struct suppression *rule)
{
	return rule->conditions[CONDITION_CONTAINER].n + rule->conditions[CONDITION_IMAGE].n +
		       rule->conditions[CONDITION_LABEL].n >
	       0;
}

/* Any user can give a container of an engine of his own any name, image and label: a rule that goes
 * by those is about that only if it says whose. */
static bool container_counts(const struct suppression *rule, const struct touch_facts *facts)
{
	return !is_about_containers(rule) || facts->of_user == 0 ||
	       rule->conditions[CONDITION_LOGIN].n > 0;
}

/* Is the program's name one that nobody inside a container chose, unless the rule is about that? */
static bool exe_counts(const struct suppression *rule, const struct touch *touch)
{
	if (rule->conditions[CONDITION_EXE].n == 0 || is_about_containers(rule))
		return true;
	return !touch->container.id && !touch->doubt;
}

static bool path_counts(const struct suppression *rule, const struct touch *touch)
{
	if (rule->conditions[CONDITION_PATH].n == 0)
		return true;
	return touch->path_by != PATH_AS_SEEN || (!touch->container.id && !touch->doubt);
}

/* The labels come last: looking into them costs most. */
static bool rule_matches(struct suppressions *suppressions, const struct suppression *rule,
	const struct touch *touch, const struct touch_facts *facts)
{
	const struct patterns *conditions = rule->conditions;

	return touch->time_msec < rule->expiry_msec && container_counts(rule, facts) &&
	       any_matches(&conditions[CONDITION_CONTAINER], touch->container.name) &&
	       any_matches(&conditions[CONDITION_IMAGE], touch->container.image) &&
	       exe_counts(rule, touch) && any_matches(&conditions[CONDITION_EXE], touch->exe) &&
	       any_matches(&conditions[CONDITION_LOGIN], login_of(touch, facts)) &&
	       path_counts(rule, touch) && any_matches(&conditions[CONDITION_PATH], touch->path) &&
	       flags_match(&conditions[CONDITION_FLAG], touch->flags) &&
	       labels_match(suppressions, &conditions[CONDITION_LABEL], facts->labels);
}

const char *suppressions_find(struct suppressions *suppressions, const struct touch *touch,
	const struct touch_facts *facts)
{
	for (size_t i = 0; touch->flags && i < suppressions->n; i++)
		if (rule_matches(suppressions, &suppressions->rules[i], touch, facts))
			return suppressions->rules[i].text;
	return NULL;
}

const char *suppressions_expired(
	struct suppressions *suppressions, int64_t now_msec, int64_t *ret_expiry_msec)
{
	for (size_t i = 0; i < suppressions->n; i++) {
		struct suppression *rule = &suppressions->rules[i];

		if (rule->expiry_told || rule->expiry_msec > now_msec)
			continue;
		rule->expiry_told = true;
		*ret_expiry_msec = rule->expiry_msec;
		return rule->name;
	}
	return NULL;
}
