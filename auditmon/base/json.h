/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Reading JSON files of others
 *
 * SQLite's JSON functions do the parsing, in an in-memory database that holds nothing else. A
 * reader is for one thread. A document that is no JSON, or too deep, is an error of json_load(),
 * after which all lookups say absent. A lookup parses the document again: some 100 µs for 50 KB.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct json;

/* 0 or -ENOMEM. */
int json_new(struct json **ret);
void json_free(struct json *json);
DEFINE_CLEANUP(struct json *, json_free)

/*
 * Parses text (len bytes; copied). 0, -EBADMSG (no JSON, nested deeper than SQLite's limit of 1,000
 * or 2,000, or longer than JSON_LEN_MAX), -ENOMEM. The document before it is gone in any case.
 */
#define JSON_LEN_MAX ((size_t)8 << 20)
int json_load(struct json *json, const char *text, size_t len);

/*
 * The value at an SQLite JSON path ("$.Config.Image", "$.labels.\"io.kubernetes.pod.name\"").
 * Strings are heap copies for the caller to free, cut at a \u0000 in them. 0, -ENOENT (absent or
 * JSON null), -EINVAL (another type, or a path that is none), -ENOMEM.
 */
int json_string(struct json *json, const char *path, char **ret);
int json_int(struct json *json, const char *path, int64_t *ret);
int json_bool(struct json *json, const char *path, bool *ret);

/* The value at path as JSON text (objects and arrays too), for keeping as it is. Errors as above.
 */
int json_text(struct json *json, const char *path, char **ret);

/*
 * The array of strings at path as NUL-separated bytes (non-strings in it are skipped); an empty
 * array gives length 0. Errors as above.
 */
int json_strings(struct json *json, const char *path, char **ret, size_t *ret_len);

/* Number of elements of the array at path; -ENOENT, -EINVAL, -ENOMEM. */
int json_array_len(struct json *json, const char *path, size_t *ret);

/*
 * Calls fn with each element of the array or object at path that is itself an object: element is a
 * reader that holds it, valid during the call; json itself must not be walked by it. fn returns 0
 * to go on; anything else ends the walk and is returned. Else 0, or the errors above.
 */
typedef int (*json_each_fn)(struct json *element, void *userdata);
int json_each(struct json *json, const char *path, json_each_fn fn, void *userdata);

/*
 * Calls fn with each string that the array or object at path holds; key is its name, of an array
 * its number; both are valid during the call. fn and errors as above; json must not be walked by
 * it.
 */
typedef int (*json_string_fn)(const char *key, const char *value, void *userdata);
int json_each_string(struct json *json, const char *path, json_string_fn fn, void *userdata);

/*
 * Writing: len bytes of text as a JSON string with its quotation marks, for the caller to free.
 * Bytes that are not UTF-8 become the text \xNN (JSON knows no bytes); what must not reach a
 * terminal raw (text_is_unsafe()) becomes \uNNNN. 0 or -ENOMEM.
 */
int json_quote(const char *text, size_t len, char **ret);
