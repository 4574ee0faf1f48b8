/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A JSON file of others, and any bytes on their way into JSON. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = { "$", "$.a", "$[0]", "$.a.b", "$.\"a.b\"", "$.a[1]" };

static int visit(struct json *element, void *userdata)
{
	_cleanup_(freep) char *text = NULL;

	json_string(element, "$.a", &text);
	json_each(element, "$.a", visit, userdata);
	return ++*(unsigned *)userdata > 100;
}

static void look_up(struct json *json, const char *path)
{
	_cleanup_(freep) char *string = NULL, *text = NULL, *strings = NULL;
	unsigned visits = 0;
	int64_t number;
	size_t len;
	bool truth;

	json_string(json, path, &string);
	json_int(json, path, &number);
	json_bool(json, path, &truth);
	json_text(json, path, &text);
	if (json_strings(json, path, &strings, &len) == 0)
		assert(len == 0 || strings[len - 1] == '\0');
	json_array_len(json, path, &len);
	json_each(json, path, visit, &visits);
}

static void quote(struct json *json, const char *bytes, size_t size)
{
	_cleanup_(freep) char *quoted = NULL, *back = NULL;

	assert(json_quote(bytes, size, &quoted) == 0);
	assert(text_is_utf8(quoted, strlen(quoted)));
	assert(json_load(json, quoted, strlen(quoted)) == 0);
	assert(json_string(json, "$", &back) == 0);
	/* A NUL ends the copy; without one, what is text comes back as it was. */
	if (text_is_utf8(bytes, size))
		assert(strlen(back) == size && memcmp(back, bytes, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json *json;

	if (!json)
		assert(json_new(&json) == 0);
	json_load(json, (const char *)data, size);
	for (size_t i = 0; i < ELEMENTS(paths); i++)
		look_up(json, paths[i]);
	quote(json, (const char *)data, size);
	return 0;
}
