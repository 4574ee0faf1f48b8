/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/event-reader.h"

#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "collect/engine-record.h"
#include "collect/refusal.h"
#include "collect/ring.h"
#include "collect/syscall-name.h"

int event_reader_init(struct event_reader *reader)
{
	*reader = (struct event_reader){ 0 };
	return field_arena_init(&reader->arena);
}

void event_reader_done(struct event_reader *reader)
{
	field_arena_done(&reader->arena);
}

void event_reader_begin(struct event_reader *reader, auparse_state_t *auparse)
{
	reader->auparse = auparse;
	field_arena_reset(&reader->arena);
	reader->execve = (struct arguments){ 0 };
	reader->argc = 0;
	reader->n_items = 0;
	reader->has_surplus = false;
	reader->ring_key = NULL;
}

static void read_process(
	struct event_reader *reader, struct event *event, enum field_name field, const char *value)
{
	switch (field) {
	case FIELD_PID:
		event->pid = (pid_t)field_number(value);
		break;
	case FIELD_PPID:
		event->ppid = (pid_t)field_number(value);
		break;
	case FIELD_UID:
		event->uid = (uint32_t)field_number(value);
		break;
	case FIELD_AUID:
		event->auid = (uint32_t)field_number(value);
		break;
	case FIELD_SES:
		event->session = (uint32_t)field_number(value);
		break;
	case FIELD_COMM:
		event->comm = field_string(&reader->arena, value, NULL);
		break;
	case FIELD_SUBJ:
		event->label = field_text(&reader->arena, value);
		break;
	case FIELD_EXE:
		event->exe = field_string(&reader->arena, value, NULL);
		break;
	default:
		break;
	}
}

static void read_syscall(
	struct event_reader *reader, struct event *event, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	event->has_syscall = true;
	switch (field) {
	case FIELD_ARCH:
		event->arch = (uint32_t)field_hex(value);
		break;
	case FIELD_SYSCALL:
		event->syscall_number = (int)field_number(value);
		break;
	case FIELD_SUCCESS:
		if (event->n_ring == 0)
			event->success = strcmp(value, "yes") == 0;
		break;
	case FIELD_EXIT:
		if (event->n_ring == 0)
			event->exit = field_number(value);
		break;
	case FIELD_A0:
	case FIELD_A1:
	case FIELD_A2:
	case FIELD_A3:
		event->arguments[name[1] - '0'] = field_hex(value);
		break;
	case FIELD_KEY:
		event->key = field_key(&reader->arena, event->key, value);
		break;
	case FIELD_ITEMS:
		reader->n_items = field_number(value);
		break;
	default:
		read_process(reader, event, field, value);
		break;
	}
}

static void read_seccomp(
	struct event_reader *reader, struct event *event, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	switch (field) {
	case FIELD_ARCH:
		event->arch = (uint32_t)field_hex(value);
		break;
	case FIELD_SYSCALL:
		event->syscall_number = (int)field_number(value);
		break;
	case FIELD_CODE:
		event->is_denied = refusal_by_seccomp((uint32_t)field_hex(value));
		break;
	default:
		read_process(reader, event, field, value);
		break;
	}
}

static void read_avc(struct event_reader *reader, struct event *event, struct refusal *refusal,
	const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	refusal_field(refusal, &reader->arena, field, value);
	/* The system call's record knows better. */
	if ((field == FIELD_PID || field == FIELD_COMM) && !event->has_syscall)
		read_process(reader, event, field, value);
}

static void note_refusal(struct event *event, const struct refusal *refusal)
{
	if (!refusal_is_real(refusal))
		return;
	event->is_denied = true;
	if (!event->denied_path)
		event->denied_path = refusal->path;
}

/* One of possibly several requests. What it did counts, not that it could be handed in. */
static void read_ring(
	struct event_reader *reader, struct event *event, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);
	const char *operation;

	switch (field) {
	case FIELD_URING_OP:
		operation = ring_operation_name((unsigned)field_number(value));
		if (event->n_ring++ == 0)
			event->ring_operation = operation;
		else if (operation != event->ring_operation)
			event->ring_operation = NULL;
		break;
	case FIELD_SUCCESS:
		if (event->n_ring == 1)
			event->success = false;
		event->success = event->success || strcmp(value, "yes") == 0;
		break;
	case FIELD_EXIT:
		event->exit = field_number(value);
		break;
	case FIELD_KEY:
		/* All records of an event have the same. */
		if (event->n_ring == 1)
			reader->ring_key = field_key(&reader->arena, reader->ring_key, value);
		break;
	default:
		if (!event->has_syscall)
			read_process(reader, event, field, value);
		break;
	}
}

static void read_engine(struct event_reader *reader, struct event *event,
	struct engine_record *record, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	if (!engine_record_field(record, &event->engine, &reader->arena, field, value))
		read_process(reader, event, field, value);
}

static void read_path(
	struct event_reader *reader, struct event_path *path, const char *name, const char *value)
{
	switch (field_lookup(name)) {
	case FIELD_NAME:
		path->name = field_string(&reader->arena, value, NULL);
		break;
	case FIELD_INODE:
		path->inode = (uint64_t)field_number(value);
		path->has_inode = true;
		break;
	case FIELD_DEV:
		field_device(value, &path->dev_major, &path->dev_minor);
		break;
	case FIELD_MODE:
		path->mode = (mode_t)field_octal(value);
		break;
	case FIELD_NAMETYPE:
		path->type = field_path_type(value);
		break;
	default:
		break;
	}
}

static void read_other(struct event_reader *reader, struct event *event, int type, const char *name,
	const char *value)
{
	enum field_name field = field_lookup(name);

	if (type == AUDIT_CWD && field == FIELD_CWD) {
		event->cwd = field_string(&reader->arena, value, NULL);
	} else if (type == AUDIT_PROCTITLE && field == FIELD_PROCTITLE) {
		event->argv = field_proctitle(&reader->arena, value);
	} else if (type == AUDIT_SOCKADDR && field == FIELD_SADDR) {
		event->socket_path = field_socket_path(&reader->arena, value);
	} else if (type == AUDIT_OPENAT2 && field == FIELD_OFLAG) {
		event->open_flags = (uint64_t)field_octal(value);
		event->has_open_flags = true;
	}
}

static void read_config(
	struct event_reader *reader, struct event *event, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	switch (field) {
	case FIELD_OP:
		event->config_op = field_text(&reader->arena, value);
		break;
	case FIELD_PATH:
	case FIELD_DIR:
		/* The kernel does that by itself, as a file comes or goes. */
		event->config_by_user = false;
		if (field == FIELD_PATH)
			event->config_path = field_string(&reader->arena, value, NULL);
		break;
	case FIELD_RES:
		event->config_failed = strcmp(value, "0") == 0;
		break;
	case FIELD_AUDIT_ENABLED:
		event->config_switched_off = strcmp(value, "0") == 0;
		break;
	case FIELD_KEY:
		event->key = field_key(&reader->arena, event->key, value);
		break;
	default:
		read_process(reader, event, field, value);
		break;
	}
}

/* Names of an enriched record are the logging host's; libauparse reads them from behind the record.
 */
static void read_names(struct event_reader *reader, struct event *event)
{
	auparse_first_field(reader->auparse);
	do {
		const char *name = auparse_get_field_name(reader->auparse);
		enum field_name field = name ? field_lookup(name) : FIELD_OTHER;

		if (field != FIELD_AUID && field != FIELD_UID)
			continue;
		name = auparse_interpret_field(reader->auparse);
		if (!name || strcmp(name, "unset") == 0 || strncmp(name, "unknown(", 8) == 0)
			continue;
		name = field_text(&reader->arena, name);
		if (field == FIELD_AUID)
			event->login = name;
		else
			event->user = name;
	} while (auparse_next_field(reader->auparse) > 0);
}

void event_reader_record(struct event_reader *reader, struct event *event)
{
	int type = auparse_get_type(reader->auparse);
	struct event_path *path = NULL;
	struct field_arguments arguments = { .arena = &reader->arena };
	struct refusal refusal = { 0 };
	struct engine_record engine = { 0 };
	bool enriched = false;

	if (type == AUDIT_PATH) {
		if (event->n_paths == EVENT_MAX_PATHS) {
			reader->has_surplus = true;
			return;
		}
		path = &event->paths[event->n_paths++];
		*path = (struct event_path){ .type = PATH_TYPE_UNKNOWN };
	} else if (type == AUDIT_CONFIG_CHANGE) {
		event->config_by_user = true;
	} else if (type == AUDIT_EXECVE) {
		field_arguments_continue(&arguments, &reader->execve);
	}

	auparse_first_field(reader->auparse);
	do {
		const char *name = auparse_get_field_name(reader->auparse);
		const char *value = auparse_get_field_str(reader->auparse);

		if (!name || !value)
			continue;
		enriched = enriched || strcmp(name, EVENT_READER_ENRICHED) == 0;
		if (type == AUDIT_SYSCALL)
			read_syscall(reader, event, name, value);
		else if (type == AUDIT_URINGOP)
			read_ring(reader, event, name, value);
		else if (type == AUDIT_PATH)
			read_path(reader, path, name, value);
		else if (type == AUDIT_CONFIG_CHANGE)
			read_config(reader, event, name, value);
		else if (type == AUDIT_VIRT_CONTROL)
			read_engine(reader, event, &engine, name, value);
		else if (type == AUDIT_SECCOMP)
			read_seccomp(reader, event, name, value);
		else if (type == AUDIT_AVC || type == AUDIT_APPARMOR_DENIED)
			read_avc(reader, event, &refusal, name, value);
		else if (type == AUDIT_EXECVE && strcmp(name, "argc") == 0)
			reader->argc = field_number(value);
		else if (type == AUDIT_EXECVE)
			field_arguments_add(&arguments, name, value);
		else
			read_other(reader, event, type, name, value);
	} while (auparse_next_field(reader->auparse) > 0);

	if (type == AUDIT_EXECVE && arguments.bytes)
		reader->execve = field_arguments_done(&arguments);
	note_refusal(event, &refusal);
	if (enriched)
		read_names(reader, event);
}

static int64_t count_arguments(const struct arguments *arguments)
{
	int64_t n = 0;

	for (size_t i = 0; i < arguments->len; i++)
		n += arguments->bytes[i] == '\0';
	return n;
}

/* Behind its own names a mount has those that the file system looked up: overlayfs each of its
 * layers, and what it tries out in its work directory. */
static bool names_more_than_its_own(const struct event *event)
{
	return event->syscall &&
	       (strcmp(event->syscall, "mount") == 0 || strcmp(event->syscall, "fsconfig") == 0);
}

/* PATH records that the event says it has: it was ended before they came, or they are lost. Those
 * of mq_open and mq_unlink count a parent that is not told (AUDIT_INODE_HIDDEN in ipc/mqueue.c). */
static bool lacks_paths(const struct event_reader *reader, const struct event *event)
{
	if (reader->has_surplus)
		return !names_more_than_its_own(event);
	return reader->n_items > event->n_paths &&
	       !(event->syscall && strncmp(event->syscall, "mq_", 3) == 0);
}

/* Takes the scope off the key, in the arena's bytes, which are ours. */
static void read_scope(struct event *event)
{
	size_t len;

	if (!event->key)
		return;
	event->scope = rule_scope_of(event->key, &len, &event->scope_directory);
	if (event->scope == SCOPE_ALL)
		return;
	((char *)event->key)[len] = '\0';
	if (len == 0)
		event->key = NULL;
}

bool event_reader_end(struct event_reader *reader, struct event *event)
{
	if (reader->execve.bytes) {
		event->argv = reader->execve;
		/* Of several records one may have been lost. */
		if (count_arguments(&event->argv) < reader->argc)
			event->argv.complete = false;
	}
	if (event->arch)
		event->syscall = syscall_name(event->arch, event->syscall_number);
	if (event->ring_operation)
		event->syscall = event->ring_operation;
	if (!event->key)
		event->key = reader->ring_key;
	read_scope(event);
	return !reader->arena.exhausted && !lacks_paths(reader, event);
}
