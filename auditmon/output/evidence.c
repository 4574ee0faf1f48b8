/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static const char *evidence_end(const struct touch_launcher *launcher)
{
	const struct arguments *evidence = &launcher->evidence;

	return evidence->bytes ? evidence->bytes + evidence->len : NULL;
}

/* The sentence of evidence behind after, the first for NULL; NULL: there are no more. */
static const char *next_evidence(const struct touch_launcher *launcher, const char *after)
{
	const char *end = evidence_end(launcher);

	if (launcher->evidence.bytes == end)
		return NULL;
	if (!after)
		return launcher->evidence.bytes;
	after += strnlen(after, (size_t)(end - after)) + 1;
	return after < end ? after : NULL;
}

static const char candidate_words[] = "candidate: ";
static const char place_words[] = "the client runs in container ";
static const char acted_words[] = " acted as uid ";

static bool begins_with(const char *text, const char *words)
{
	return strncmp(text, words, strlen(words)) == 0;
}

/* What follows "dwalsh (auid 3267) acted as uid ", "auid 3267 acted as uid "; NULL: another
 * sentence. */
static const char *acted_of(const struct touch_launcher *launcher, const char *sentence)
{
	const char *login = launcher->login;
	size_t len = login && begins_with(sentence, login) ? strlen(login) : strcspn(sentence, " ");
	int n = 0;

	if (sscanf(sentence, "auid %*u%n", &n) >= 0 && n > 0)
		sentence += n;
	else if (begins_with(sentence, "no login"))
		sentence += strlen("no login");
	else if (begins_with(sentence + len, " (auid ") &&
		 sscanf(sentence + len, " (auid %*u)%n", &n) >= 0 && n > 0)
		sentence += len + (size_t)n;
	else
		return NULL;
	return begins_with(sentence, acted_words) ? sentence + strlen(acted_words) : NULL;
}

/* A copy, heap, of the first sentence that begins with words; NULL: none does. */
static char *find_sentence(const struct touch_launcher *launcher, const char *words)
{
	const char *end = evidence_end(launcher);

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *sentence = strndup(at, (size_t)(end - at));

		if (sentence && begins_with(sentence, words))
			return sentence;
		free(sentence);
	}
	return NULL;
}

/* The first that has the words, which are ours, anywhere. */
static char *find_ours(const struct touch_launcher *launcher, const char *words)
{
	const char *end = evidence_end(launcher);

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *sentence = strndup(at, (size_t)(end - at));

		if (sentence && strstr(sentence, words) &&
			!begins_with(sentence, candidate_words) &&
			!begins_with(sentence, place_words) && !acted_of(launcher, sentence))
			return sentence;
		free(sentence);
	}
	return NULL;
}

/* "dwalsh (auid 3267) acted as uid 0 through sudo (pid 41048)" */
bool evidence_through(
	const struct touch_launcher *launcher, uint32_t *ret_uid, char ret[EVIDENCE_PROGRAM_SIZE])
{
	const char *end = evidence_end(launcher);

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		_cleanup_(freep) char *sentence = strndup(at, (size_t)(end - at));
		const char *acted = sentence ? acted_of(launcher, sentence) : NULL;

		if (acted && sscanf(acted, "%" SCNu32 " through %31s (pid", ret_uid, ret) == 2)
			return true;
	}
	return false;
}

/* The last of words in text. */
static char *find_last(char *text, const char *words)
{
	char *last = NULL;

	for (char *at = strstr(text, words); at; at = strstr(at + 1, words))
		last = at;
	return last;
}

/* "the client runs in container outer (8a1f09c2d3e4), entry pid 77, whose launcher is ..." */
bool evidence_place(const struct touch_launcher *launcher, char **ret_name, char **ret_id)
{
	_cleanup_(freep) char *sentence = find_sentence(launcher, place_words), *name = NULL,
			      *place_id = NULL;
	char *id, *end;

	end = sentence ? find_last(sentence, "), entry pid ") : NULL;
	if (!end)
		return false;
	*end = '\0';
	id = find_last(sentence, " (");
	if (!id || id < sentence + strlen(place_words))
		return false;
	*id = '\0';
	name = strdup(sentence + strlen(place_words));
	place_id = strdup(id + strlen(" ("));
	if (!name || !place_id)
		return false;
	*ret_name = TAKE(name);
	*ret_id = TAKE(place_id);
	return true;
}

/* The login of "candidate: dwalsh (auid 3267), pid 41: docker run bb (fits)"; NULL: it is none. */
static char *candidate_of(const char *sentence, size_t len)
{
	_cleanup_(freep) char *copy = strndup(sentence, len);
	char *end;

	if (!copy || !begins_with(copy, candidate_words))
		return NULL;
	end = strstr(copy, ", pid ");
	if (!end)
		return NULL;
	*end = '\0';
	end = strstr(copy, " (auid ");
	if (end)
		*end = '\0';
	return strdup(copy + strlen(candidate_words));
}

static bool is_among(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

size_t evidence_candidates(
	const struct touch_launcher *launcher, char **ret_names, size_t max, bool *ret_more)
{
	const char *end = evidence_end(launcher);
	size_t n = 0;

	*ret_more = false;
	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *name = candidate_of(at, (size_t)(end - at));

		if (!name || is_among(ret_names, n, name) || n == max) {
			*ret_more |= name && n == max && !is_among(ret_names, n, name);
			free(name);
			continue;
		}
		ret_names[n++] = name;
	}
	return n;
}

char *evidence_reason(const struct touch_launcher *launcher)
{
	/* Of launcher-say.c; what was left out takes nothing away. That several logins can have
	 * asked is its first sentence. */
	static const char *const words[] = { "who was connected at the moment could not be seen",
		"ended before it", "the engine listens ", "of a client that is not known",
		"of clients that are not known", "another login had been connected",
		"may have begun it by itself", "before auditing is known to have been",
		"its connection can have been another login's" };
	char *sentence = NULL;

	for (size_t i = 0;
		!sentence && launcher->confidence == CONFIDENCE_LIKELY && i < ELEMENTS(words); i++)
		sentence = find_ours(launcher, words[i]);
	return sentence ? sentence : find_sentence(launcher, "");
}
