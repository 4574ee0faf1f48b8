/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/touch.h"

static const char **string_at(const void *record, size_t offset)
{
	return (const char **)((char *)record + offset);
}

static struct arguments *arguments_at(const void *record, size_t offset)
{
	return (struct arguments *)((char *)record + offset);
}

static size_t size_of(const struct block_layout *layout, const void *record)
{
	size_t size = layout->size;

	for (size_t i = 0; i < layout->n_strings; i++) {
		const char *string = *string_at(record, layout->strings[i]);

		size += string ? strlen(string) + 1 : 0;
	}
	for (size_t i = 0; i < layout->n_arguments; i++)
		size += arguments_at(record, layout->arguments[i])->len + 1;
	return size;
}

void *block_copy(const struct block_layout *layout, const void *record)
{
	char *copy = malloc(size_of(layout, record)), *end = copy + layout->size;

	if (!copy)
		return NULL;
	memcpy(copy, record, layout->size);
	for (size_t i = 0; i < layout->n_strings; i++) {
		const char **string = string_at(copy, layout->strings[i]), *from = *string;

		if (!from)
			continue;
		*string = end;
		end = stpcpy(end, from) + 1;
	}
	for (size_t i = 0; i < layout->n_arguments; i++) {
		struct arguments *arguments = arguments_at(copy, layout->arguments[i]);

		if (!arguments->bytes)
			continue;
		memcpy(end, arguments->bytes, arguments->len);
		arguments->bytes = end;
		end += arguments->len;
		*end++ = '\0';
	}
	return copy;
}
