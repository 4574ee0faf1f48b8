/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/decode.h"

#include <auparse.h>
#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "collect/config-change.h"
#include "collect/event-reader.h"
#include "collect/field.h"

/* What libauparse may collect of events that are not complete, before it is made to give them up:
 * more than one execve can fill. */
#define MAX_PENDING_LEN (16 << 20)
#define MAX_PENDING_RECORDS 16384

/* One record: the kernel's own limit is MAX_AUDIT_MESSAGE_LENGTH (8970); auditd's enrichment adds
 * names to it. */
#define MAX_LINE_LEN 16384

#define MAX_STAMP_SEC 253402300799ll

/* As many records without an event, and libauparse's table of events in the making counts as grown.
 */
#define GROWN_RECORDS 1024

/*
 * grouped collects the records of events. single is for records that come alone and without an end
 * (CONFIG_CHANGE, SECCOMP, VIRT_CONTROL): among the others such an event is held open for two seconds, and all
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
	struct event_reader reader;
	struct config_changes config_changes;
	bool ring_is_pending;
	char line[MAX_LINE_LEN + sizeof(" " EVENT_READER_ENRICHED "=1\n")];
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
	case AUDIT_VIRT_CONTROL:
	case AUDIT_EOE:
		return true;
	default:
		return false;
	}
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

static void on_auparse_event(auparse_state_t *auparse, auparse_cb_event_t what, void *userdata)
{
	struct decoder *decoder = userdata;
	const au_event_t *stamp = auparse_get_timestamp(auparse);
	struct event event = { .uid = AUID_UNSET, .auid = AUID_UNSET, .session = SESSION_UNSET, .engine = { .auid = AUID_UNSET } };

	if (what != AUPARSE_CB_EVENT_READY || !stamp)
		return;
	decoder->auparse = auparse;
	event_reader_begin(&decoder->reader, auparse);
	event.time_msec = time_msec_of(stamp);
	event.serial = stamp->serial;
	event.node = stamp->host;

	if (auparse_first_record(auparse) <= 0)
		return;
	do {
		forget_pending(decoder);
		event_reader_record(&decoder->reader, &event);
	} while (auparse_next_record(auparse) > 0);

	if (event.has_syscall)
		config_changes_join(&decoder->config_changes, &event);
	else if (event.config_op)
		config_changes_add(&decoder->config_changes, &event);
	if (!event_reader_end(&decoder->reader, &event))
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
	if (event_reader_init(&decoder->reader) < 0)
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
	event_reader_done(&decoder->reader);
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
	if (type == AUDIT_CONFIG_CHANGE || type == AUDIT_SECCOMP || type == AUDIT_VIRT_CONTROL) {
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
		memcpy(decoder->line + head, " " EVENT_READER_ENRICHED "=1", sizeof(EVENT_READER_ENRICHED "=1"));
		memcpy(decoder->line + head + sizeof(EVENT_READER_ENRICHED "=1"), interpretation,
			len - head);
		len += sizeof(EVENT_READER_ENRICHED "=1");
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
