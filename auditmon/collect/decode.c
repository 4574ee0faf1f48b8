/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/decode.h"

#include <auparse.h>
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "collect/config-change.h"
#include "collect/field.h"
#include "collect/refusal.h"
#include "collect/ring.h"
#include "collect/syscall-name.h"

/* What libauparse may collect of events that are not complete, before it is made to give them up:
 * more than one execve can fill. */
#define MAX_PENDING_LEN (16 << 20)
#define MAX_PENDING_RECORDS 16384

/* One record: the kernel's own limit is MAX_AUDIT_MESSAGE_LENGTH (8970); auditd's enrichment adds
 * names to it. */
#define MAX_LINE_LEN 16384

#define MAX_STAMP_SEC 253402300799ll

/* Marks a line that auditd wrote enriched: only then do its names come from that host and not from
 * this one's user database. */
#define ENRICHED_FIELD "auditmon_enriched"

/* As many records without an event, and libauparse's table of events in the making counts as grown.
 */
#define GROWN_RECORDS 1024

/*
 * grouped collects the records of events. single is for records that come alone and without an end
 * (CONFIG_CHANGE, SECCOMP): among the others such an event is held open for two seconds, and all
 * younger ones behind it.
 */
struct decoder {
	auparse_state_t *grouped, *single;
	auparse_state_t *auparse; /* the one that calls back */
	bool grown;
	decoder_event_fn on_event;
	void *userdata;
	struct decoder_counts counts;
	/* Fed, and not yet part of an event that was emitted; EOE, which need not be part of any,
	 * does not count. */
	size_t pending_records, pending_len;
	struct field_arena arena;
	struct config_changes config_changes;
	/* Of the event at hand; better than its PROCTITLE, whichever comes first. */
	bool ring_is_pending;
	const char *ring_key; /* the requests', in the arena */
	struct arguments execve;
	int64_t argc;
	char line[MAX_LINE_LEN + sizeof(" " ENRICHED_FIELD "=1\n")];
	int64_t n_items; /* as many PATH records the event at hand has, it says */
};

/* The records that say anything we use; the rest is not fed (user messages may hold forged lines).
 */
static bool record_is_wanted(unsigned type)
{
	switch (type) {
	case AUDIT_SYSCALL:
	case AUDIT_PATH:
	case AUDIT_CWD:
	case AUDIT_PROCTITLE:
	case AUDIT_EXECVE:
	case AUDIT_SOCKADDR:
	case AUDIT_OPENAT2:
	case AUDIT_CONFIG_CHANGE:
	case AUDIT_URINGOP:
	case AUDIT_AVC:
	case AUDIT_APPARMOR_DENIED:
	case AUDIT_SECCOMP:
	case AUDIT_EOE:
		return true;
	default:
		return false;
	}
}

static void read_process(
	struct decoder *decoder, struct event *event, enum field_name field, const char *value)
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
		event->comm = field_string(&decoder->arena, value, NULL);
		break;
	case FIELD_SUBJ:
		event->label = field_text(&decoder->arena, value);
		break;
	case FIELD_EXE:
		event->exe = field_string(&decoder->arena, value, NULL);
		break;
	default:
		break;
	}
}

static void read_syscall(
	struct decoder *decoder, struct event *event, const char *name, const char *value)
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
		event->key = field_key(&decoder->arena, event->key, value);
		break;
	case FIELD_ITEMS:
		decoder->n_items = field_number(value);
		break;
	default:
		read_process(decoder, event, field, value);
		break;
	}
}

static void read_seccomp(
	struct decoder *decoder, struct event *event, const char *name, const char *value)
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
		read_process(decoder, event, field, value);
		break;
	}
}

static void read_avc(struct decoder *decoder, struct event *event, struct refusal *refusal,
	const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	refusal_field(refusal, &decoder->arena, field, value);
	/* The system call's record knows better. */
	if ((field == FIELD_PID || field == FIELD_COMM) && !event->has_syscall)
		read_process(decoder, event, field, value);
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
	struct decoder *decoder, struct event *event, const char *name, const char *value)
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
			decoder->ring_key = field_key(&decoder->arena, decoder->ring_key, value);
		break;
	default:
		if (!event->has_syscall)
			read_process(decoder, event, field, value);
		break;
	}
}

static void read_path(
	struct decoder *decoder, struct event_path *path, const char *name, const char *value)
{
	switch (field_lookup(name)) {
	case FIELD_NAME:
		path->name = field_string(&decoder->arena, value, NULL);
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

static void read_other(
	struct decoder *decoder, struct event *event, int type, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	if (type == AUDIT_CWD && field == FIELD_CWD) {
		event->cwd = field_string(&decoder->arena, value, NULL);
	} else if (type == AUDIT_PROCTITLE && field == FIELD_PROCTITLE) {
		event->argv = field_proctitle(&decoder->arena, value);
	} else if (type == AUDIT_SOCKADDR && field == FIELD_SADDR) {
		event->socket_path = field_socket_path(&decoder->arena, value);
	} else if (type == AUDIT_OPENAT2 && field == FIELD_OFLAG) {
		event->open_flags = (uint64_t)field_octal(value);
		event->has_open_flags = true;
	}
}

static void read_config(
	struct decoder *decoder, struct event *event, const char *name, const char *value)
{
	enum field_name field = field_lookup(name);

	switch (field) {
	case FIELD_OP:
		event->config_op = field_text(&decoder->arena, value);
		break;
	case FIELD_PATH:
	case FIELD_DIR:
		/* The kernel does that by itself, as a file comes or goes. */
		event->config_by_user = false;
		if (field == FIELD_PATH)
			event->config_path = field_string(&decoder->arena, value, NULL);
		break;
	case FIELD_RES:
		event->config_failed = strcmp(value, "0") == 0;
		break;
	case FIELD_AUDIT_ENABLED:
		event->config_switched_off = strcmp(value, "0") == 0;
		break;
	case FIELD_KEY:
		event->key = field_key(&decoder->arena, event->key, value);
		break;
	default:
		read_process(decoder, event, field, value);
		break;
	}
}

/* Names of an enriched record are the logging host's; libauparse reads them from behind the record.
 */
static void read_names(struct decoder *decoder, struct event *event)
{
	auparse_first_field(decoder->auparse);
	do {
		const char *name = auparse_get_field_name(decoder->auparse);
		enum field_name field = name ? field_lookup(name) : FIELD_OTHER;

		if (field != FIELD_AUID && field != FIELD_UID)
			continue;
		name = auparse_interpret_field(decoder->auparse);
		if (!name || strcmp(name, "unset") == 0 || strncmp(name, "unknown(", 8) == 0)
			continue;
		name = field_text(&decoder->arena, name);
		if (field == FIELD_AUID)
			event->login = name;
		else
			event->user = name;
	} while (auparse_next_field(decoder->auparse) > 0);
}

static void read_record(struct decoder *decoder, struct event *event)
{
	int type = auparse_get_type(decoder->auparse);
	struct event_path *path = NULL;
	struct field_arguments arguments = { .arena = &decoder->arena };
	struct refusal refusal = { 0 };
	bool enriched = false;

	if (type == AUDIT_PATH) {
		if (event->n_paths == EVENT_MAX_PATHS) {
			decoder->arena.exhausted = true;
			return;
		}
		path = &event->paths[event->n_paths++];
		*path = (struct event_path){ .type = PATH_TYPE_UNKNOWN };
	} else if (type == AUDIT_CONFIG_CHANGE) {
		event->config_by_user = true;
	} else if (type == AUDIT_EXECVE) {
		field_arguments_continue(&arguments, &decoder->execve);
	}

	auparse_first_field(decoder->auparse);
	do {
		const char *name = auparse_get_field_name(decoder->auparse);
		const char *value = auparse_get_field_str(decoder->auparse);

		if (!name || !value)
			continue;
		enriched = enriched || strcmp(name, ENRICHED_FIELD) == 0;
		if (type == AUDIT_SYSCALL)
			read_syscall(decoder, event, name, value);
		else if (type == AUDIT_URINGOP)
			read_ring(decoder, event, name, value);
		else if (type == AUDIT_PATH)
			read_path(decoder, path, name, value);
		else if (type == AUDIT_CONFIG_CHANGE)
			read_config(decoder, event, name, value);
		else if (type == AUDIT_SECCOMP)
			read_seccomp(decoder, event, name, value);
		else if (type == AUDIT_AVC || type == AUDIT_APPARMOR_DENIED)
			read_avc(decoder, event, &refusal, name, value);
		else if (type == AUDIT_EXECVE && strcmp(name, "argc") == 0)
			decoder->argc = field_number(value);
		else if (type == AUDIT_EXECVE)
			field_arguments_add(&arguments, name, value);
		else
			read_other(decoder, event, type, name, value);
	} while (auparse_next_field(decoder->auparse) > 0);

	if (type == AUDIT_EXECVE && arguments.bytes)
		decoder->execve = field_arguments_done(&arguments);
	note_refusal(event, &refusal);
	if (enriched)
		read_names(decoder, event);
}

/* The record at hand has come out again. */
static void forget_pending(struct decoder *decoder)
{
	const char *text = auparse_get_record_text(decoder->auparse);
	size_t len = text ? strlen(text) + 1 : 0;

	if (auparse_get_type(decoder->auparse) == AUDIT_EOE)
		return;
	decoder->pending_records -= decoder->pending_records > 0;
	decoder->pending_len -= len < decoder->pending_len ? len : decoder->pending_len;
	if (decoder->pending_records == 0)
		decoder->pending_len = 0;
}

/* A stamp beyond the year 9999 is a lie, and must not overflow. */
static int64_t time_msec_of(const au_event_t *stamp)
{
	int64_t sec = stamp->sec;

	if (sec < 0 || sec > MAX_STAMP_SEC)
		sec = 0;
	return sec * 1000 + stamp->milli % 1000;
}

static int64_t count_arguments(const struct arguments *arguments)
{
	int64_t n = 0;

	for (size_t i = 0; i < arguments->len; i++)
		n += arguments->bytes[i] == '\0';
	return n;
}

/* PATH records that the event says it has: it was ended before they came, or they are lost. Those of
 * mq_open and mq_unlink count a parent that is not told (AUDIT_INODE_HIDDEN in ipc/mqueue.c). */
static bool lacks_paths(const struct decoder *decoder, const struct event *event)
{
	return decoder->n_items > event->n_paths &&
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

static void on_auparse_event(auparse_state_t *auparse, auparse_cb_event_t what, void *userdata)
{
	struct decoder *decoder = userdata;
	const au_event_t *stamp = auparse_get_timestamp(auparse);
	struct event event = { .uid = AUID_UNSET, .auid = AUID_UNSET, .session = SESSION_UNSET };

	if (what != AUPARSE_CB_EVENT_READY || !stamp)
		return;
	decoder->auparse = auparse;
	field_arena_reset(&decoder->arena);
	decoder->execve = (struct arguments){ 0 };
	decoder->argc = 0;
	decoder->n_items = 0;
	decoder->ring_key = NULL;
	event.time_msec = time_msec_of(stamp);
	event.serial = stamp->serial;
	event.node = stamp->host;

	if (auparse_first_record(auparse) <= 0)
		return;
	do {
		forget_pending(decoder);
		read_record(decoder, &event);
	} while (auparse_next_record(auparse) > 0);

	if (decoder->execve.bytes) {
		event.argv = decoder->execve;
		/* Of several records one may have been lost. */
		if (count_arguments(&event.argv) < decoder->argc)
			event.argv.complete = false;
	}
	if (event.has_syscall)
		config_changes_join(&decoder->config_changes, &event);
	else if (event.config_op)
		config_changes_add(&decoder->config_changes, &event);
	if (event.arch)
		event.syscall = syscall_name(event.arch, event.syscall_number);
	if (event.ring_operation)
		event.syscall = event.ring_operation;
	if (!event.key)
		event.key = decoder->ring_key;
	read_scope(&event);
	if (decoder->arena.exhausted || lacks_paths(decoder, &event))
		decoder->counts.cut++;
	decoder->counts.events++;
	decoder->on_event(&event, decoder->userdata);
}

static auparse_state_t *new_state(struct decoder *decoder)
{
	auparse_state_t *state = auparse_init(AUSOURCE_FEED, NULL);

	if (!state)
		return NULL;
	auparse_set_escape_mode(state, AUPARSE_ESC_RAW);
	auparse_add_callback(state, on_auparse_event, decoder, NULL);
	return state;
}

int decoder_new(decoder_event_fn on_event, void *userdata, struct decoder **ret)
{
	_cleanup_(decoder_freep) struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return -ENOMEM;
	decoder->on_event = on_event;
	decoder->userdata = userdata;
	if (field_arena_init(&decoder->arena) < 0)
		return -ENOMEM;
	decoder->grouped = new_state(decoder);
	decoder->single = new_state(decoder);
	if (!decoder->grouped || !decoder->single)
		return -ENOMEM;
	*ret = TAKE(decoder);
	return 0;
}

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	if (decoder->grouped)
		auparse_destroy(decoder->grouped);
	if (decoder->single)
		auparse_destroy(decoder->single);
	field_arena_done(&decoder->arena);
	free(decoder);
}

static int feed(struct decoder *decoder, unsigned type, size_t len)
{
	decoder->counts.records++;
	if (type != AUDIT_EOE) {
		decoder->pending_records++;
		decoder->pending_len += len;
	}
	/* seccomp comes before the audit of the call that it judges: never in one event with it. */
	if (type == AUDIT_CONFIG_CHANGE || type == AUDIT_SECCOMP) {
		if (auparse_feed(decoder->single, decoder->line, len) < 0)
			return -ENOMEM;
		auparse_flush_feed(decoder->single);
		return 0;
	}
	if (decoder->pending_len > MAX_PENDING_LEN ||
		decoder->pending_records > MAX_PENDING_RECORDS)
		decoder_flush(decoder);
	decoder->grown = decoder->grown || decoder->pending_records > GROWN_RECORDS;
	return auparse_feed(decoder->grouped, decoder->line, len) < 0 ? -ENOMEM : 0;
}

/* True for "[node=X ]type=T msg=audit(SEC.MSEC:SERIAL): ...": what libauparse would skip without a
 * word. */
static bool line_is_record(const char *line, size_t len, unsigned *ret_type)
{
	const char *end = line + len, *at = line, *space;
	char type[32];
	int known;

	if (len > 5 && memcmp(at, "node=", 5) == 0) {
		at = memchr(at, ' ', len);
		if (!at)
			return false;
		at++;
	}
	if (end - at < 32 || memcmp(at, "type=", 5) != 0)
		return false;
	at += 5;
	space = memchr(at, ' ', (size_t)(end - at));
	if (!space || space == at || (size_t)(space - at) >= sizeof(type))
		return false;
	memcpy(type, at, (size_t)(space - at));
	type[space - at] = '\0';
	if (!field_is_stamp(space + 1, (size_t)(end - space - 1)))
		return false;
	known = audit_name_to_msg_type(type);
	*ret_type = known > 0 ? (unsigned)known : 0;
	return true;
}

int decoder_line(struct decoder *decoder, const char *line, size_t len)
{
	const char *interpretation;
	unsigned type = 0;
	size_t head;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len > MAX_LINE_LEN || memchr(line, '\0', len) || !line_is_record(line, len, &type)) {
		decoder->counts.broken++;
		return 0;
	}
	if (!record_is_wanted(type))
		return 0;

	interpretation = memchr(line, AUDIT_INTERP_SEPARATOR, len);
	head = interpretation ? (size_t)(interpretation - line) : len;
	memcpy(decoder->line, line, head);
	if (interpretation && (type == AUDIT_SYSCALL || type == AUDIT_SECCOMP)) {
		memcpy(decoder->line + head, " " ENRICHED_FIELD "=1", sizeof(ENRICHED_FIELD "=1"));
		memcpy(decoder->line + head + sizeof(ENRICHED_FIELD "=1"), interpretation,
			len - head);
		len += sizeof(ENRICHED_FIELD "=1");
	} else {
		len = head;
	}
	decoder->line[len++] = '\n';
	return feed(decoder, type, len);
}

int decoder_record(struct decoder *decoder, unsigned type, const char *text, size_t len)
{
	const char *name;
	int prefix, r;

	if (!record_is_wanted(type))
		return 0;
	name = audit_msg_type_to_name((int)type);
	while (len > 0 && (text[len - 1] == '\0' || text[len - 1] == '\n'))
		len--;
	prefix = snprintf(decoder->line, sizeof(decoder->line), "type=%s msg=", name ? name : "?");
	if (!name || prefix < 0 || len > MAX_LINE_LEN - (size_t)prefix || memchr(text, '\n', len) ||
		memchr(text, '\0', len)) {
		decoder->counts.broken++;
		return 0;
	}
	memcpy(decoder->line + prefix, text, len);
	len += (size_t)prefix;
	decoder->line[len++] = '\n';
	r = feed(decoder, type, len);
	/* libauparse ends an event at its PROCTITLE, which a request of io_uring has none of: without
	 * a word from us it waits for the next event, and the process may be gone by then. */
	if (type == AUDIT_URINGOP)
		decoder->ring_is_pending = true;
	if (type == AUDIT_EOE && decoder->ring_is_pending) {
		decoder->ring_is_pending = false;
		auparse_feed_age_events(decoder->grouped);
	}
	return r;
}

/*
 * libauparse (3.0.9) goes through all places of its table for each record, and the table never
 * shrinks: after one event without an end in the midst of a flood every record would be slow.
 */
static void shrink(struct decoder *decoder)
{
	auparse_state_t *fresh;

	/* auparse_feed_has_data() knows complete events only. */
	if (!decoder->grown || decoder->pending_records > 0)
		return;
	fresh = new_state(decoder);
	if (!fresh)
		return;
	auparse_destroy(decoder->grouped);
	decoder->grouped = fresh;
	decoder->grown = false;
}

void decoder_age(struct decoder *decoder)
{
	auparse_feed_age_events(decoder->grouped);
	shrink(decoder);
}

void decoder_flush(struct decoder *decoder)
{
	decoder->pending_records = decoder->pending_len = 0;
	auparse_flush_feed(decoder->grouped);
}

const struct decoder_counts *decoder_counts(const struct decoder *decoder)
{
	return &decoder->counts;
}

void decoder_broken_line(struct decoder *decoder)
{
	decoder->counts.broken++;
}
