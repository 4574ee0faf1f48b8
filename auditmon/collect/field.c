/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/field.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* 32 paths of 4 KiB, argv, and the short strings. */
#define ARENA_SIZE (192 * 1024)
#define MAX_ARGUMENTS_LEN (16 * 1024)
#define PROCTITLE_CUT_LEN 127

int field_arena_init(struct field_arena *arena)
{
	*arena = (struct field_arena){ .bytes = malloc(ARENA_SIZE) };
	return arena->bytes ? 0 : -ENOMEM;
}

void field_arena_done(struct field_arena *arena)
{
	free(arena->bytes);
	arena->bytes = NULL;
}

void field_arena_reset(struct field_arena *arena)
{
	arena->used = 0;
	arena->exhausted = false;
}

static char *arena_take(struct field_arena *arena, size_t len)
{
	char *start = arena->bytes + arena->used;

	if (len > ARENA_SIZE - arena->used) {
		arena->exhausted = true;
		return NULL;
	}
	arena->used += len;
	return start;
}

enum field_name field_lookup(const char *name)
{
	/* Sorted, for bsearch in the path of every field of every record. */
	static const struct {
		char name[16];
		enum field_name field;
	} names[] = {
		{ "a0", FIELD_A0 },
		{ "a1", FIELD_A1 },
		{ "a2", FIELD_A2 },
		{ "a3", FIELD_A3 },
		{ "apparmor", FIELD_APPARMOR },
		{ "arch", FIELD_ARCH },
		{ "audit_enabled", FIELD_AUDIT_ENABLED },
		{ "auid", FIELD_AUID },
		{ "code", FIELD_CODE },
		{ "comm", FIELD_COMM },
		{ "cwd", FIELD_CWD },
		{ "dev", FIELD_DEV },
		{ "dir", FIELD_DIR },
		{ "exe", FIELD_EXE },
		{ "exit", FIELD_EXIT },
		{ "hostname", FIELD_HOSTNAME },
		{ "inode", FIELD_INODE },
		{ "items", FIELD_ITEMS },
		{ "key", FIELD_KEY },
		{ "mode", FIELD_MODE },
		{ "name", FIELD_NAME },
		{ "nametype", FIELD_NAMETYPE },
		{ "oflag", FIELD_OFLAG },
		{ "op", FIELD_OP },
		{ "path", FIELD_PATH },
		{ "permissive", FIELD_PERMISSIVE },
		{ "pid", FIELD_PID },
		{ "ppid", FIELD_PPID },
		{ "proctitle", FIELD_PROCTITLE },
		{ "res", FIELD_RES },
		{ "saddr", FIELD_SADDR },
		{ "seresult", FIELD_SERESULT },
		{ "ses", FIELD_SES },
		{ "subj", FIELD_SUBJ },
		{ "success", FIELD_SUCCESS },
		{ "syscall", FIELD_SYSCALL },
		{ "uid", FIELD_UID },
		{ "uring_op", FIELD_URING_OP },
		{ "uuid", FIELD_UUID },
		{ "vm", FIELD_VM },
		{ "vm-pid", FIELD_VM_PID },
	};
	size_t low = 0, high = ELEMENTS(names);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, names[middle].name);

		if (order == 0)
			return names[middle].field;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return FIELD_OTHER;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Decodes an untrusted string into bytes (at most size); false where it is none. */
static bool untrusted(const char *value, char *bytes, size_t size, size_t *ret_len)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		len = len - 2 < size ? len - 2 : size;
		memcpy(bytes, value + 1, len);
		*ret_len = len;
		return true;
	}
	if (len == 0 || len % 2 != 0 || len / 2 > size)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(value[i]), low = hex_digit(value[i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i / 2] = (char)(high << 4 | low);
	}
	*ret_len = len / 2;
	return true;
}

const char *field_string(struct field_arena *arena, const char *value, size_t *ret_len)
{
	size_t len = strlen(value) + 1;
	char *bytes = arena_take(arena, len);

	if (!bytes)
		return NULL;
	if (!untrusted(value, bytes, len - 1, &len)) {
		arena->used = (size_t)(bytes - arena->bytes);
		return NULL;
	}
	bytes[len] = '\0';
	arena->used = (size_t)(bytes - arena->bytes) + len + 1;
	if (ret_len)
		*ret_len = len;
	return bytes;
}

const char *field_text(struct field_arena *arena, const char *value)
{
	size_t len = strlen(value);
	char *bytes;

	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	bytes = arena_take(arena, len + 1);
	if (!bytes)
		return NULL;
	memcpy(bytes, value, len);
	bytes[len] = '\0';
	return bytes;
}

const char *field_key(struct field_arena *arena, const char *so_far, const char *value)
{
	size_t len, so_far_len = so_far ? strlen(so_far) : 0;
	char *key = (char *)field_string(arena, value, &len), *joined;

	if (!key)
		return so_far;
	for (size_t i = 0; i < len; i++)
		if (key[i] == '\001')
			key[i] = ',';
	if (!so_far)
		return key;
	joined = arena_take(arena, so_far_len + 1 + len + 1);
	if (!joined)
		return so_far;
	memcpy(joined, so_far, so_far_len);
	joined[so_far_len] = ',';
	memcpy(joined + so_far_len + 1, key, len + 1);
	return joined;
}

struct arguments field_proctitle(struct field_arena *arena, const char *value)
{
	size_t len = 0;
	const char *bytes = field_string(arena, value, &len);

	if (!bytes)
		return (struct arguments){ NULL, 0, false };
	return (struct arguments){ bytes, len, len < PROCTITLE_CUT_LEN };
}

const char *field_socket_path(struct field_arena *arena, const char *value)
{
	unsigned char bytes[128];
	size_t len, path_len;
	uint16_t family;
	char *path;

	if (!untrusted(value, (char *)bytes, sizeof(bytes), &len) || len <= sizeof(family) + 1)
		return NULL;
	memcpy(&family, bytes, sizeof(family));
	if (family != AF_UNIX)
		return NULL;
	len -= sizeof(family);
	path = arena_take(arena, len + 1);
	if (!path)
		return NULL;
	memcpy(path, bytes + sizeof(family), len);
	path[len] = '\0';
	if (path[0] == '\0') {
		path[0] = '@';
		path_len = strnlen(path, len);
		path[path_len] = '\0';
	}
	return path;
}

int64_t field_number(const char *value)
{
	return strtoll(value, NULL, 10);
}

uint64_t field_hex(const char *value)
{
	return strtoull(value, NULL, 16);
}

uint64_t field_octal(const char *value)
{
	return strtoull(value, NULL, 8);
}

void field_device(const char *value, uint32_t *ret_major, uint32_t *ret_minor)
{
	char *end;
	unsigned long major_number = strtoul(value, &end, 16);

	if (*end != ':')
		return;
	*ret_major = (uint32_t)major_number;
	*ret_minor = (uint32_t)strtoul(end + 1, NULL, 16);
}

enum path_type field_path_type(const char *value)
{
	static const char *const names[] = {
		[PATH_TYPE_NORMAL] = "NORMAL",
		[PATH_TYPE_PARENT] = "PARENT",
		[PATH_TYPE_CREATE] = "CREATE",
		[PATH_TYPE_DELETE] = "DELETE",
		[PATH_TYPE_UNKNOWN] = "UNKNOWN",
	};
	int type = name_lookup(names, ELEMENTS(names), value);

	return type < 0 ? PATH_TYPE_UNKNOWN : (enum path_type)type;
}

static const char *skip_digits(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && isdigit((unsigned char)*at))
		at++;
	return at > start && at - start <= 20 ? at : NULL;
}

bool field_is_stamp(const char *text, size_t len)
{
	static const char head[] = "msg=audit(";
	const char *end = text + len, *at = text + sizeof(head) - 1;

	if (len < sizeof(head) || memcmp(text, head, sizeof(head) - 1) != 0)
		return false;
	at = skip_digits(at, end);
	if (!at || at == end || *at != '.')
		return false;
	at = skip_digits(at + 1, end);
	if (!at || at == end || *at != ':')
		return false;
	at = skip_digits(at + 1, end);
	return at && end - at >= 2 && at[0] == ')' && at[1] == ':';
}

void field_arguments_continue(struct field_arguments *arguments, const struct arguments *so_far)
{
	arguments->cut = so_far->bytes && !so_far->complete;
	arguments->bytes = arena_take(arguments->arena, MAX_ARGUMENTS_LEN);
	if (!arguments->bytes)
		return;
	if (so_far->bytes && so_far->len <= MAX_ARGUMENTS_LEN) {
		memcpy(arguments->bytes, so_far->bytes, so_far->len);
		arguments->len = so_far->len;
	}
}

static void arguments_append(struct field_arguments *arguments, const char *value)
{
	size_t room = MAX_ARGUMENTS_LEN - arguments->len, len = 0;

	if (!untrusted(value, arguments->bytes + arguments->len, room, &len)) {
		arguments->cut = true;
		return;
	}
	arguments->len += len;
}

static void arguments_end_one(struct field_arguments *arguments)
{
	if (arguments->len == MAX_ARGUMENTS_LEN)
		arguments->cut = true;
	else
		arguments->bytes[arguments->len++] = '\0';
}

void field_arguments_add(struct field_arguments *arguments, const char *name, const char *value)
{
	const char *after = name[0] == 'a' ? skip_digits(name + 1, name + strlen(name)) : NULL;

	if (!arguments->bytes || !after || arguments->cut)
		return;
	if (*after == '[') {
		if (strcmp(after, "[0]") == 0 && arguments->in_pieces)
			arguments_end_one(arguments);
		else if (strcmp(after, "[0]") != 0 && !arguments->in_pieces && arguments->len > 0)
			arguments->len--; /* goes on from the record before, which ended it */
		arguments->in_pieces = true;
		arguments_append(arguments, value);
	} else if (*after == '\0') {
		if (arguments->in_pieces)
			arguments_end_one(arguments);
		arguments->in_pieces = false;
		arguments_append(arguments, value);
		arguments_end_one(arguments);
	}
}

struct arguments field_arguments_done(struct field_arguments *arguments)
{
	if (arguments->in_pieces)
		arguments_end_one(arguments);
	arguments->arena->used -= MAX_ARGUMENTS_LEN - arguments->len;
	return (struct arguments){ arguments->bytes, arguments->len, !arguments->cut };
}
