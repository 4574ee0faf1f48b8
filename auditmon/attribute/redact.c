/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/redact.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#define MASK "***"
#define MAX_ARGUMENT_LEN 4096

struct redact {
	char **patterns;
	size_t n_patterns;
	char *buffer;
	size_t buffer_size;
};

int redact_new(const char *const *patterns, size_t n_patterns, struct redact **ret)
{
	_cleanup_(redact_freep) struct redact *redact = calloc(1, sizeof(*redact));

	if (!redact)
		return -ENOMEM;
	redact->patterns = calloc(n_patterns ? n_patterns : 1, sizeof(*redact->patterns));
	if (!redact->patterns)
		return -ENOMEM;
	for (; redact->n_patterns < n_patterns; redact->n_patterns++) {
		redact->patterns[redact->n_patterns] = strdup(patterns[redact->n_patterns]);
		if (!redact->patterns[redact->n_patterns])
			return -ENOMEM;
	}
	*ret = TAKE(redact);
	return 0;
}

void redact_free(struct redact *redact)
{
	if (!redact)
		return;
	for (size_t i = 0; redact->patterns && i < redact->n_patterns; i++)
		free(redact->patterns[i]);
	free(redact->patterns);
	free(redact->buffer);
	free(redact);
}

static bool matches(const struct redact *redact, const char *text, size_t len)
{
	char copy[MAX_ARGUMENT_LEN + 1];

	len = len < MAX_ARGUMENT_LEN ? len : MAX_ARGUMENT_LEN;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (size_t i = 0; i < redact->n_patterns; i++)
		if (fnmatch(redact->patterns[i], copy, 0) == 0)
			return true;
	return false;
}

enum verdict { KEEP, MASK_VALUE, MASK_ALL, MASK_NEXT, MASK_ALL_AND_NEXT };

/* Is argument a pattern, word by word? */
static bool is_literal(const struct redact *redact, const char *argument, size_t len)
{
	for (size_t i = 0; i < redact->n_patterns; i++)
		if (strlen(redact->patterns[i]) == len &&
			memcmp(redact->patterns[i], argument, len) == 0)
			return true;
	return false;
}

static enum verdict judge(const struct redact *redact, const char *argument, size_t len,
	size_t *ret_name_len)
{
	const char *equals = memchr(argument, '=', len);

	*ret_name_len = 0;
	if (equals && matches(redact, argument, (size_t)(equals - argument))) {
		*ret_name_len = (size_t)(equals - argument) + 1;
		return MASK_VALUE;
	}
	if (!matches(redact, argument, len))
		return KEEP;
	if (argument[0] != '-')
		return MASK_ALL;
	return is_literal(redact, argument, len) ? MASK_NEXT : MASK_ALL_AND_NEXT;
}

struct arguments redact_arguments(struct redact *redact, struct arguments arguments)
{
	bool mask_next = false, changed = false;
	const char *end;
	char *out;

	if (!redact || redact->n_patterns == 0 || !arguments.bytes || arguments.len == 0)
		return arguments;
	end = arguments.bytes + arguments.len;
	/* A one-byte argument and its NUL may grow to a mask and its NUL. */
	if (redact->buffer_size < arguments.len * sizeof(MASK) + sizeof(MASK)) {
		char *larger = realloc(redact->buffer, arguments.len * sizeof(MASK) + sizeof(MASK));

		/* Without memory nothing may slip through. */
		if (!larger)
			return (struct arguments){ NULL, 0, false };
		redact->buffer = larger;
		redact->buffer_size = arguments.len * sizeof(MASK) + sizeof(MASK);
	}
	out = redact->buffer;
	for (const char *at = arguments.bytes; at < end;) {
		size_t len = strnlen(at, (size_t)(end - at)), kept = len;
		enum verdict verdict = judge(redact, at, len, &kept);
		bool mask_all = mask_next || verdict == MASK_ALL || verdict == MASK_ALL_AND_NEXT;

		if (mask_all)
			kept = 0;
		else if (verdict != MASK_VALUE)
			kept = len;
		memcpy(out, at, kept);
		out += kept;
		if (mask_all || verdict == MASK_VALUE) {
			memcpy(out, MASK, sizeof(MASK) - 1);
			out += sizeof(MASK) - 1;
			changed = true;
		}
		mask_next = !mask_next && (verdict == MASK_NEXT || verdict == MASK_ALL_AND_NEXT);
		at += len;
		if (at < end) {
			*out++ = '\0';
			at++;
		}
	}
	if (!changed)
		return arguments;
	return (struct arguments){ redact->buffer, (size_t)(out - redact->buffer), arguments.complete };
}
