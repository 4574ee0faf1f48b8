/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Words of engines: who asked for what, as they themselves put on record
 *
 * Some engines write a VIRT_CONTROL record for each request (collect/engine-record.h), with the
 * login of its sender. The last few are kept. A word is about an entry if it names that container,
 * by the pid of its first process, its id or its name, came at about the time that the entry began
 * and was of an operation that makes such an entry.
 *
 * A word is never why one is certain: it chooses between clients that can have asked, names a login
 * where no client was seen, and where it contradicts what was seen nobody is named.
 */

#include <stddef.h>
#include <stdint.h>

#include "attribute/confidence.h"
#include "attribute/container-table.h"
#include "collect/event.h"

#define ENGINE_WORDS 64

struct engine_word {
	uint64_t time_nsec; /* CLOCK_MONOTONIC; 0: none */
	uint32_t auid;
	pid_t pid; /* of the container's first process; 0: not told */
	enum entry_kind kind;
	bool is_taken;         /* for an entry: each request makes one */
	char name[65], id[65]; /* "": not told */
};

/* Begins as {}. */
struct engine_words {
	struct engine_word list[ENGINE_WORDS]; /* a ring */
	size_t next;
};

/* What names no login, no container or nothing that makes an entry is left out. The caller has made
 * sure of the sender. */
void engine_words_add(
	struct engine_words *words, const struct event_engine *engine, uint64_t time_nsec);

/* The oldest word about entry that no other entry has had; NULL: none, or several that contradict
 * each other. Borrowed until the next is added. */
const struct engine_word *engine_words_take(struct engine_words *words, const struct entry *entry);

/* Puts what the word says beside what was decided of the candidates; *verdict stays CONFIDENCE_NONE
 * where there are none. */
void engine_word_judge(const struct engine_word *word, const struct candidate *candidates, size_t n,
	struct verdict *verdict);
