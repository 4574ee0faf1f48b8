/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/engine-word.h"

#include <stdio.h>
#include <string.h>

/* An engine writes its record before it does what it was asked for, or just after. */
#define WORD_NSEC (10 * 1000000000ull)

#define MIN_ID_LEN 12

static const struct {
	const char *operation;
	enum entry_kind kind;
} operations[] = {
	{ "start", ENTRY_INIT },
	{ "restart", ENTRY_INIT },
	{ "exec", ENTRY_EXEC },
};

static enum entry_kind kind_of(const char *operation)
{
	for (size_t i = 0; i < ELEMENTS(operations); i++)
		if (strcmp(operation, operations[i].operation) == 0)
			return operations[i].kind;
	return ENTRY_UNKNOWN;
}

/* What would have to be cut is no name or id of a container's. */
static void copy(char *to, size_t size, const char *from)
{
	if (from && strlen(from) < size)
		memcpy(to, from, strlen(from) + 1);
}

void engine_words_add(
	struct engine_words *words, const struct event_engine *engine, uint64_t time_nsec)
{
	struct engine_word word = {
		.time_nsec = time_nsec,
		.auid = engine->auid,
		.pid = engine->pid > 0 ? engine->pid : 0,
		.kind = engine->operation ? kind_of(engine->operation) : ENTRY_UNKNOWN,
	};

	copy(word.name, sizeof(word.name), engine->name);
	copy(word.id, sizeof(word.id), engine->id);
	if (word.kind == ENTRY_UNKNOWN || word.auid == AUID_UNSET || engine->failed ||
		(word.pid == 0 && !word.name[0] && !word.id[0]))
		return;
	words->list[words->next] = word;
	words->next = (words->next + 1) % ENGINE_WORDS;
}

static bool is_near(uint64_t a_nsec, uint64_t b_nsec)
{
	return a_nsec < b_nsec + WORD_NSEC && b_nsec < a_nsec + WORD_NSEC;
}

/* A pid is the kernel's own word; names and the beginning of an id can be chosen. */
static bool names(const struct engine_word *word, const struct entry *entry)
{
	const struct container_info *info = entry->container->info;
	const struct entry *init = entry->kind == ENTRY_INIT ? entry : entry->container->init;

	if (word->pid != 0)
		return init && init->pid == word->pid;
	if (strlen(word->id) >= MIN_ID_LEN)
		return strncmp(info->id, word->id, strlen(word->id)) == 0;
	return word->name[0] && info->name && strcmp(word->name, info->name) == 0;
}

/* Of what never got further than the runtime's own steps the kind is not known: it must not use up
 * the word about the entry that they were for. */
static bool is_about(const struct engine_word *word, const struct entry *entry)
{
	return word->time_nsec != 0 && !word->is_taken && entry->began_nsec != 0 &&
	       is_near(word->time_nsec, entry->began_nsec) &&
	       word->kind == entry->kind && names(word, entry);
}

const struct engine_word *engine_words_take(struct engine_words *words, const struct entry *entry)
{
	struct engine_word *found = NULL;

	for (size_t i = 0; i < ENGINE_WORDS; i++) {
		struct engine_word *word = &words->list[i];

		if (!is_about(word, entry))
			continue;
		if (found && found->auid != word->auid)
			return NULL;
		if (!found || word->time_nsec < found->time_nsec)
			found = word;
	}
	if (found)
		found->is_taken = true;
	return found;
}

void engine_word_judge(const struct engine_word *word, const struct candidate *candidates, size_t n,
	struct verdict *verdict)
{
	size_t best = n;

	if (verdict->confidence == CONFIDENCE_NONE)
		return;
	for (size_t i = 0; i < n; i++)
		if (candidates[i].auid == word->auid &&
			candidates[i].auid_sure >= CONFIDENCE_LIKELY &&
			(best == n || candidates[i].claim > candidates[best].claim))
			best = i;
	if (verdict->confidence == CONFIDENCE_AMBIGUOUS) {
		if (best == n)
			return;
		verdict->confidence = CONFIDENCE_LIKELY;
		verdict->chosen = best;
		verdict->is_one = false;
	} else if (candidates[verdict->chosen].auid != word->auid) {
		verdict->confidence = CONFIDENCE_AMBIGUOUS;
	}
}
