/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/reader.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	size_t offset;
} terms[] = {
	{ "exe=", offsetof(struct reader, exe) },
	{ "path=", offsetof(struct reader, path) },
	{ "container=", offsetof(struct reader, container) },
	{ "image=", offsetof(struct reader, image) },
};

static const char *set_uid(struct reader *reader, const char *value)
{
	unsigned long uid;
	char *end;

	errno = 0;
	uid = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end || errno || uid >= UINT32_MAX)
		return "has a uid that is no number";
	if (reader->has_uid)
		return "has a word twice";
	reader->has_uid = true;
	reader->uid = (uint32_t)uid;
	return NULL;
}

static const char *set_term(struct reader *reader, const char *word)
{
	if (strncmp(word, "uid=", 4) == 0)
		return set_uid(reader, word + 4);
	for (size_t i = 0; i < ELEMENTS(terms); i++) {
		char **member = (char **)((char *)reader + terms[i].offset);
		size_t len = strlen(terms[i].name);

		if (strncmp(word, terms[i].name, len) != 0)
			continue;
		if (*member)
			return "has a word twice";
		if (!word[len])
			return "has a word without a value";
		*member = strdup(word + len);
		return *member ? NULL : READER_NO_MEMORY;
	}
	return "has a word that is none of exe=, uid=, path=, container=, image=";
}

const char *reader_parse(const char *text, struct reader *ret)
{
	_cleanup_(freep) char *copy = strdup(text);
	_cleanup_(reader_done) struct reader reader = { 0 };
	char *rest = NULL;

	if (!copy)
		return READER_NO_MEMORY;
	for (char *word = strtok_r(copy, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		const char *wrong = set_term(&reader, word);

		if (wrong)
			return wrong;
	}
	if (!reader.exe)
		return "names no program (exe=)";
	*ret = reader;
	reader = (struct reader){ 0 };
	return NULL;
}

void reader_done(struct reader *reader)
{
	free(reader->exe);
	free(reader->path);
	free(reader->container);
	free(reader->image);
	*reader = (struct reader){ 0 };
}
