/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/interner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/id-cache.h"
#include "base/json-encode.h"
#include "store/sql.h"

#define MAX_STRINGS 8192
#define MAX_ARGUMENTS 2048

/* arguments has the bytes as keys, so that the JSON is made for new ones only. */
struct interner {
	sqlite3 *db;
	sqlite3_stmt *select, *insert;
	struct id_cache *strings, *arguments;
};

int interner_new(sqlite3 *db, struct interner **ret)
{
	_cleanup_(interner_freep) struct interner *interner = calloc(1, sizeof(*interner));
	int r;

	if (!interner)
		return -ENOMEM;
	interner->db = db;
	r = sql_prepare(db, "SELECT id FROM text WHERE value = ?", &interner->select);
	r = r < 0 ? r : sql_prepare(db, "INSERT INTO text(value) VALUES (?)", &interner->insert);
	r = r < 0 ? r : id_cache_new(MAX_STRINGS, &interner->strings);
	r = r < 0 ? r : id_cache_new(MAX_ARGUMENTS, &interner->arguments);
	if (r < 0)
		return r;
	*ret = TAKE(interner);
	return 0;
}

void interner_free(struct interner *interner)
{
	if (!interner)
		return;
	sqlite3_finalize(interner->select);
	sqlite3_finalize(interner->insert);
	id_cache_free(interner->strings);
	id_cache_free(interner->arguments);
	free(interner);
}

void interner_forget(struct interner *interner)
{
	id_cache_clear(interner->strings);
	id_cache_clear(interner->arguments);
}

static int find_or_add(struct interner *interner, const char *bytes, size_t len, int64_t *ret)
{
	int r;

	sql_bind_bytes(interner->select, 1, bytes, len);
	r = sql_step(interner->select);
	if (r > 0) {
		*ret = sqlite3_column_int64(interner->select, 0);
		sqlite3_reset(interner->select);
		return 0;
	}
	if (r < 0)
		return r;
	sql_bind_bytes(interner->insert, 1, bytes, len);
	r = sql_run(interner->insert);
	if (r < 0)
		return r;
	*ret = sqlite3_last_insert_rowid(interner->db);
	return 0;
}

int interner_string(struct interner *interner, const char *string, int64_t *ret)
{
	size_t len = string ? strlen(string) : 0;
	int64_t id;
	int r;

	id = string ? id_cache_find(interner->strings, string, len) : 0;
	if (string && !id) {
		r = find_or_add(interner, string, len, &id);
		if (r < 0)
			return r;
		id_cache_add(interner->strings, string, len, id);
	}
	*ret = id;
	return 0;
}

static int encode_and_add(
	struct interner *interner, const struct arguments *arguments, int64_t *ret)
{
	_cleanup_(freep) char *json = NULL;
	size_t len;
	FILE *out = open_memstream(&json, &len);

	if (!out)
		return -ENOMEM;
	json_encode_arguments(out, arguments->bytes, arguments->len);
	if (fclose(out) != 0)
		return -ENOMEM;
	return find_or_add(interner, json, len, ret);
}

int interner_arguments(struct interner *interner, const struct arguments *arguments, int64_t *ret)
{
	int64_t id = 0;
	int r;

	if (arguments->bytes)
		id = id_cache_find(interner->arguments, arguments->bytes, arguments->len);
	if (arguments->bytes && !id) {
		r = encode_and_add(interner, arguments, &id);
		if (r < 0)
			return r;
		id_cache_add(interner->arguments, arguments->bytes, arguments->len, id);
	}
	*ret = id;
	return 0;
}
