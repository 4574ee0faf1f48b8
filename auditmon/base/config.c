/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/reader.h"
#include "base/time.h"

#define MAX_FILE_LEN (1024 * 1024)
#define MAX_LIST 64
#define OUT_OF_MEMORY "out of memory"

/* Below, a slip of the pen would delete what was recorded a moment ago. */
#define RETENTION_MSEC_MIN 3600000
#define RETENTION_BYTES_MIN (64 << 20)

void config_init(struct config *config)
{
	*config = (struct config){
		.backlog_limit = 8192,
		.coverage = COVERAGE_ALL,
		.process_limit = 131072,
		.container_limit = 16384,
		.connector_buffer = 32 << 20,
		.journal = true,
		.canary_interval_msec = 3600000,
	};
}

static void list_done(struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i]);
	free(list->items);
}

void config_done(struct config *config)
{
	list_done(&config->docker_roots);
	list_done(&config->podman_roots);
	list_done(&config->redact);
	list_done(&config->engine_sockets);
	list_done(&config->trust_paths);
	list_done(&config->secret_readers);
	free(config->node);
	free(config->suppress_directory);
	free(config->source);
	*config = (struct config){ 0 };
}

static const char *set_list(struct config_list *list, const char *value)
{
	char **larger;

	if (list->n == MAX_LIST)
		return "given too often";
	larger = realloc(list->items, (list->n + 1) * sizeof(*larger));
	if (!larger)
		return OUT_OF_MEMORY;
	list->items = larger;
	list->items[list->n] = strdup(value);
	if (!list->items[list->n])
		return OUT_OF_MEMORY;
	list->n++;
	return NULL;
}

static const char *set_directory(struct config_list *list, const char *value)
{
	return value[0] == '/' ? set_list(list, value) : "must be an absolute path";
}

static const char *set_bool(bool *ret, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return "must be yes or no";
	*ret = value[0] == 'y';
	return NULL;
}

static const char *set_string(char **string, const char *value)
{
	free(*string);
	*string = strdup(value);
	return *string ? NULL : OUT_OF_MEMORY;
}

static const char *set_reader(struct config_list *list, const char *value)
{
	struct reader reader;
	const char *wrong = reader_parse(value, &reader);

	if (wrong)
		return wrong;
	reader_done(&reader);
	return set_list(list, value);
}

/* "1h", "90min", in seconds without a unit. */
static const char *set_span(int64_t *span_msec, const char *value)
{
	char signed_value[64];
	int64_t msec;

	if (!isdigit((unsigned char)value[0]) ||
		snprintf(signed_value, sizeof(signed_value), "+%s", value) >=
			(int)sizeof(signed_value) ||
		time_parse(signed_value, 0, &msec) < 0)
		return "must be a span of time, such as 1h or 90s";
	*span_msec = msec;
	return NULL;
}

/* "4G"; in bytes without a unit. */
static const char *set_size(int64_t *bytes, const char *value)
{
	static const char units[] = "KMGT";
	char *end;
	long long number;
	const char *unit;

	errno = 0;
	number = strtoll(value, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (!isdigit((unsigned char)value[0]) || errno || (*end && (!unit || end[1])))
		return "must be a size, such as 500M or 4G";
	for (const char *u = units; unit && u <= unit; u++)
		if (__builtin_mul_overflow(number, 1024, &number))
			return "out of range";
	if (number < RETENTION_BYTES_MIN)
		return "must be at least 64M";
	*bytes = number;
	return NULL;
}

static const char *set_retention(int64_t *span_msec, const char *value)
{
	int64_t msec = 0;
	const char *wrong = strcmp(value, "forever") == 0 ? NULL : set_span(&msec, value);

	if (!wrong && msec != 0 && msec < RETENTION_MSEC_MIN)
		wrong = "must be at least 1h";
	*span_msec = wrong ? *span_msec : msec;
	return wrong;
}

static const char *set_number(
	const char *value, unsigned long least, unsigned long most, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end || errno)
		return "must be a number";
	return *ret < least || *ret > most ? "out of range" : NULL;
}

static const char *set_coverage(enum coverage *coverage, const char *value)
{
	static const char *const names[COVERAGE_COUNT] = {
		[COVERAGE_ALL] = "all",
		[COVERAGE_WATCHES] = "watches",
		[COVERAGE_NONE] = "none",
	};

	for (unsigned i = 0; i < COVERAGE_COUNT; i++)
		if (strcmp(names[i], value) == 0) {
			*coverage = i;
			return NULL;
		}
	return "must be all, watches or none";
}

/* What is wrong with it, or NULL. */
static const char *set(struct config *config, const char *key, const char *value)
{
	unsigned long number;
	const char *wrong;

	if (strcmp(key, "docker-root") == 0)
		return set_directory(&config->docker_roots, value);
	if (strcmp(key, "podman-root") == 0)
		return set_directory(&config->podman_roots, value);
	if (strcmp(key, "engine-socket") == 0)
		return set_directory(&config->engine_sockets, value);
	if (strcmp(key, "trust-path") == 0)
		return set_directory(&config->trust_paths, value);
	if (strcmp(key, "secret-reader") == 0)
		return set_reader(&config->secret_readers, value);
	if (strcmp(key, "redact") == 0)
		return set_list(&config->redact, value);
	if (strcmp(key, "retention") == 0)
		return set_retention(&config->retention_msec, value);
	if (strcmp(key, "retention-size") == 0)
		return set_size(&config->retention_bytes, value);
	if (strcmp(key, "journal") == 0)
		return set_bool(&config->journal, value);
	if (strcmp(key, "node") == 0)
		return set_string(&config->node, value);
	if (strcmp(key, "suppress-directory") == 0)
		return value[0] == '/' ? set_string(&config->suppress_directory, value)
				       : "must be an absolute path";
	if (strcmp(key, "canary-interval") == 0)
		return set_span(&config->canary_interval_msec, value);
	if (strcmp(key, "source") == 0)
		return set_string(&config->source, value);
	if (strcmp(key, "coverage") == 0)
		return set_coverage(&config->coverage, value);
	if (strcmp(key, "backlog-limit") == 0) {
		wrong = set_number(value, 64, 10000000, &number);
		config->backlog_limit = wrong ? config->backlog_limit : (uint32_t)number;
		return wrong;
	}
	if (strcmp(key, "process-limit") == 0) {
		wrong = set_number(value, 1024, 4194304, &number);
		config->process_limit = wrong ? config->process_limit : number;
		return wrong;
	}
	if (strcmp(key, "container-limit") == 0) {
		wrong = set_number(value, 16, 1048576, &number);
		config->container_limit = wrong ? config->container_limit : number;
		return wrong;
	}
	if (strcmp(key, "connector-buffer") == 0) {
		wrong = set_number(value, 65536, 1 << 30, &number);
		config->connector_buffer = wrong ? config->connector_buffer : number;
		return wrong;
	}
	return "is no such key";
}

static char *strip(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static int set_line(struct config *config, char *line, struct config_error *error)
{
	char *equals, *key, *value;
	const char *wrong;

	line = strip(line);
	if (*line == '\0' || *line == '#')
		return 0;
	equals = strchr(line, '=');
	if (!equals) {
		snprintf(error->reason, sizeof(error->reason), "not a 'key = value' line");
		return -EINVAL;
	}
	*equals = '\0';
	key = strip(line);
	value = strip(equals + 1);
	wrong = *value ? set(config, key, value) : "has no value";
	if (!wrong)
		return 0;
	if (strcmp(wrong, OUT_OF_MEMORY) == 0)
		return -ENOMEM;
	snprintf(error->reason, sizeof(error->reason), "'%.64s' %s", key, wrong);
	return -EINVAL;
}

int config_parse(struct config *config, char *text, size_t len, struct config_error *error)
{
	*error = (struct config_error){ 0 };
	for (char *line = text, *end; line; line = end) {
		size_t rest = len - (size_t)(line - text);
		int r;

		end = memchr(line, '\n', rest);
		if (end)
			*end++ = '\0';
		error->line++;
		/* What stands behind a NUL would be left out without a word. */
		if (strlen(line) != (end ? (size_t)(end - line) - 1 : rest)) {
			snprintf(error->reason, sizeof(error->reason), "holds a NUL byte");
			return -EINVAL;
		}
		r = set_line(config, line, error);
		if (r < 0)
			return r;
	}
	return 0;
}

int config_read(struct config *config, const char *path, struct config_error *error)
{
	_cleanup_(freep) char *text = NULL, *real = realpath(path, NULL);
	size_t len;
	int r;

	*error = (struct config_error){ 0 };
	if (!real)
		return -errno;
	r = file_read(AT_FDCWD, real, MAX_FILE_LEN, &text, &len);
	return r < 0 ? r : config_parse(config, text, len, error);
}
