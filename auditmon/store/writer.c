/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/time.h"
#include "store/queue.h"
#include "store/recorder.h"
#include "store/reserve.h"
#include "store/retention.h"

#define DEFAULT_QUEUED 8192
#define DEFAULT_QUEUED_BYTES ((size_t)16 << 20)
#define DEFAULT_BATCH 4096
#define DEFAULT_COMMIT_MSEC 200
#define RETRY_MSEC 1000
#define MAX_LAST_ATTEMPTS 30

/* After so many records, a batch of less than so many is a quiet time. */
#define BUSY_RECORDS 4096
#define QUIET_RECORDS 256

/* Steps of the retention between two batches: one in any case, more while hardly anything waits. */
#define RETENTION_STEPS 100
#define RETENTION_QUEUE_PERCENT 5

/*
 * store, recorder and reserve are the thread's from its start to its end; queue, event_fd and the
 * atomics are shared.
 */
struct writer {
	struct store *store;
	struct recorder *recorder;
	struct reserve *reserve; /* NULL: none, or given up */
	struct retention *retention; /* NULL: all is kept */
	struct queue *queue;
	int event_fd;
	pthread_t thread;
	bool stopped; /* and joined */
	atomic_int error;
	atomic_uint_fast64_t committed;
	atomic_uint_fast64_t attempt_nsec;
};

static void wake_owner(struct writer *writer)
{
	/* Fails only when the counter is at its end, and then it is readable. */
	(void)!write(writer->event_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

/*
 * The first error stays: it is why the daemon winds down, even where a later batch could be
 * written.
 */
static void set_error(struct writer *writer, int error)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&writer->error, &none, error))
		wake_owner(writer);
}

static int write_record(struct recorder *recorder, const struct record *record)
{
	struct facts *facts = recorder_facts(recorder);

	switch (record->kind) {
	case RECORD_TOUCH:
		return recorder_touch(recorder, record->touch);
	case RECORD_CONTAINER:
		return facts_container(facts, record->container, record->time_msec);
	case RECORD_CONTAINER_END:
		return facts_container_end(
			facts, record->strings[0], record->strings[1], record->time_msec);
	case RECORD_LOSS:
		return facts_loss(facts, &record->loss);
	case RECORD_DIGEST:
		return recorder_digest(recorder, &record->digest);
	case RECORD_META:
		return facts_meta(facts, record->strings[0], record->strings[1]);
	case RECORD_ENTRY:
		return facts_entry(facts, record->entry);
	case RECORD_CLIENT:
		return facts_client(facts, record->client);
	}
	return 0;
}

static int write_batch(struct writer *writer, const struct record *batch)
{
	int r;

	atomic_store(&writer->attempt_nsec, monotonic_now_nsec());
	r = recorder_begin(writer->recorder);
	for (; batch && r >= 0; batch = batch->next)
		r = write_record(writer->recorder, batch);
	r = r < 0 ? r : recorder_commit(writer->recorder);
	if (r < 0)
		recorder_rollback(writer->recorder);
	atomic_store(&writer->attempt_nsec, 0);
	return r;
}

/* False: it was given up. */
static bool write_batch_or_wait(struct writer *writer, const struct record *batch)
{
	/* Each attempt waits for a while itself (busy timeout). */
	unsigned last_attempts = MAX_LAST_ATTEMPTS;

	for (;;) {
		int r = write_batch(writer, batch);

		if (r == 0)
			return true;
		/*
		 * Somebody's SQLite shell holds the lock; if it is for long, the queue fills up and
		 * the source has to wait.
		 */
		if (r != -EBUSY)
			set_error(writer, r);
		if (r == -ENOSPC && writer->reserve) {
			reserve_free(TAKE(writer->reserve));
			continue;
		}
		if (!queue_wait_to_retry(writer->queue, RETRY_MSEC) &&
			(r != -EBUSY || last_attempts-- == 0)) {
			set_error(writer, r);
			return false;
		}
	}
}

static void count(const struct record *batch, size_t *ret_records, size_t *ret_touches)
{
	*ret_records = *ret_touches = 0;
	for (; batch; batch = batch->next) {
		++*ret_records;
		*ret_touches += batch->kind == RECORD_TOUCH;
	}
}

/* What fails is tried again after the next batch, which sees what is wrong with the database. */
static void keep_retention(struct writer *writer)
{
	for (int i = 0; writer->retention && i < RETENTION_STEPS; i++)
		if (retention_step(writer->retention, time_now_msec()) <= 0 ||
			queue_fill_percent(writer->queue) >= RETENTION_QUEUE_PERCENT)
			return;
}

static void *run(void *userdata)
{
	struct writer *writer = userdata;
	size_t n_records, n_touches, n_since_quiet = 0;
	struct record *batch;

	while ((batch = queue_take(writer->queue))) {
		if (!write_batch_or_wait(writer, batch)) {
			queue_abandon(writer->queue, batch);
			break;
		}
		count(batch, &n_records, &n_touches);
		atomic_fetch_add(&writer->committed, n_touches);
		if (queue_done(writer->queue, batch))
			wake_owner(writer);
		keep_retention(writer);
		n_since_quiet += n_records;
		if (n_since_quiet >= BUSY_RECORDS && n_records < QUIET_RECORDS) {
			recorder_relax(writer->recorder);
			n_since_quiet = 0;
		}
	}
	return NULL;
}

/* Signals are for the threads that wait for them. */
static int start_thread(struct writer *writer)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&writer->thread, NULL, run, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

/* All but the thread and the store. */
static void destroy(struct writer *writer)
{
	retention_free(writer->retention);
	recorder_free(writer->recorder);
	reserve_free(writer->reserve);
	queue_free(writer->queue);
	closep(&writer->event_fd);
	free(writer);
}
DEFINE_CLEANUP(struct writer *, destroy)

static struct queue_limits limits_of(const struct writer_limits *limits)
{
	return (struct queue_limits){
		.max_records = limits->max_queued ? limits->max_queued : DEFAULT_QUEUED,
		.max_bytes =
			limits->max_queued_bytes ? limits->max_queued_bytes : DEFAULT_QUEUED_BYTES,
		.max_batch = limits->max_batch ? limits->max_batch : DEFAULT_BATCH,
		.commit_msec = limits->commit_msec ? limits->commit_msec : DEFAULT_COMMIT_MSEC,
	};
}

int writer_new(struct store *store, const struct writer_limits *limits, struct writer **ret)
{
	_cleanup_(destroyp) struct writer *writer = calloc(1, sizeof(*writer));
	const struct queue_limits queue_limits = limits_of(limits);
	int r;

	if (!writer)
		return -ENOMEM;
	writer->store = store;
	writer->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (writer->event_fd < 0)
		return -errno;
	r = queue_new(&queue_limits, &writer->queue);
	r = r < 0 ? r : recorder_new(store, &writer->recorder);
	if (r == 0 && (limits->max_age_msec || limits->max_bytes))
		r = retention_new(store, writer->recorder,
			&(struct retention_limits){ limits->max_age_msec, limits->max_bytes },
			&writer->retention);
	if (r == 0 && limits->reserve_bytes != SIZE_MAX)
		r = reserve_new(store_path(store), limits->reserve_bytes, &writer->reserve);
	r = r < 0 ? r : start_thread(writer);
	if (r < 0)
		return r;
	*ret = TAKE(writer);
	return 0;
}

size_t writer_stop(struct writer *writer)
{
	if (!writer->stopped) {
		queue_stop(writer->queue);
		pthread_join(writer->thread, NULL);
		writer->stopped = true;
	}
	return queue_touches(writer->queue);
}

int writer_free(struct writer *writer)
{
	struct store *store;
	int error;

	if (!writer)
		return 0;
	writer_stop(writer);
	error = writer_error(writer);
	store = writer->store;
	destroy(writer);
	store_close(store);
	return error;
}

/* Takes record over, also when it fails. */
static int put(struct writer *writer, struct record *record)
{
	int error = writer_error(writer), r = queue_put(writer->queue, record);

	if (r == 0)
		return 0;
	record_free(record);
	return r == -EAGAIN && error < 0 ? error : r;
}

static struct record *new_record(enum record_kind kind, int64_t time_msec)
{
	struct record *record = calloc(1, sizeof(*record));

	if (record) {
		record->kind = kind;
		record->time_msec = time_msec;
		record->n_bytes = malloc_usable_size(record);
	}
	return record;
}

static int set_string(struct record *record, size_t index, const char *string)
{
	if (!string)
		return 0;
	record->strings[index] = strdup(string);
	if (!record->strings[index])
		return -ENOMEM;
	record->n_bytes += malloc_usable_size(record->strings[index]);
	return 0;
}

int writer_put_touch(struct writer *writer, const struct touch *touch)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_TOUCH, 0);
	int r = record ? touch_copy(touch, &record->touch) : -ENOMEM;

	if (r < 0)
		return r;
	record->n_bytes += malloc_usable_size(record->touch);
	return put(writer, TAKE(record));
}

/* What may be long in a container. */
static size_t container_bytes(const struct container_info *info)
{
	size_t n = malloc_usable_size((void *)info) + malloc_usable_size(info->labels) +
		   malloc_usable_size(info->command) + malloc_usable_size(info->created_by) +
		   malloc_usable_size(info->source) + malloc_usable_size(info->mounts);

	for (size_t i = 0; i < info->n_mounts; i++)
		n += malloc_usable_size(info->mounts[i].source) +
		     malloc_usable_size(info->mounts[i].destination);
	return n;
}

int writer_put_container(
	struct writer *writer, const struct container_info *info, int64_t seen_msec)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_CONTAINER, seen_msec);
	int r;

	assert(info->id);
	r = record ? container_info_copy(info, &record->container) : -ENOMEM;

	if (r < 0)
		return r;
	record->n_bytes += container_bytes(record->container);
	return put(writer, TAKE(record));
}

int writer_put_container_end(
	struct writer *writer, const char *runtime, const char *id, int64_t time_msec)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_CONTAINER_END, time_msec);
	int r = record ? set_string(record, 0, runtime) : -ENOMEM;

	r = r < 0 ? r : set_string(record, 1, id);
	return r < 0 ? r : put(writer, TAKE(record));
}

int writer_put_entry(struct writer *writer, const struct entry_record *entry)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_ENTRY, 0);
	int r = record ? entry_record_copy(entry, &record->entry) : -ENOMEM;

	if (r < 0)
		return r;
	record->n_bytes += malloc_usable_size(record->entry);
	return put(writer, TAKE(record));
}

int writer_put_client(struct writer *writer, const struct client_record *client)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_CLIENT, 0);
	int r = record ? client_record_copy(client, &record->client) : -ENOMEM;

	if (r < 0)
		return r;
	record->n_bytes += malloc_usable_size(record->client);
	return put(writer, TAKE(record));
}

int writer_put_loss(struct writer *writer, const struct loss *loss)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_LOSS, 0);
	int r = record ? set_string(record, 0, loss->detail) : -ENOMEM;

	if (r < 0)
		return r;
	record->loss = *loss;
	record->loss.detail = record->strings[0];
	return put(writer, TAKE(record));
}

int writer_put_digest(struct writer *writer, const struct touch_digest *digest)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_DIGEST, 0);
	int r = record ? set_string(record, 0, digest->node) : -ENOMEM;

	if (r < 0)
		return r;
	record->digest = *digest;
	record->digest.node = record->strings[0];
	return put(writer, TAKE(record));
}

int writer_put_meta(struct writer *writer, const char *name, const char *value)
{
	_cleanup_(record_freep) struct record *record = new_record(RECORD_META, 0);
	int r = record ? set_string(record, 0, name) : -ENOMEM;

	r = r < 0 ? r : set_string(record, 1, value);
	return r < 0 ? r : put(writer, TAKE(record));
}

int writer_fd(const struct writer *writer)
{
	return writer->event_fd;
}

void writer_fd_acknowledge(struct writer *writer)
{
	uint64_t count;

	(void)!read(writer->event_fd, &count, sizeof(count));
}

int writer_error(const struct writer *writer)
{
	return atomic_load(&writer->error);
}

int writer_flush(struct writer *writer)
{
	queue_flush(writer->queue);
	return writer_error(writer);
}

uint64_t writer_committed(const struct writer *writer)
{
	return atomic_load(&writer->committed);
}

uint64_t writer_attempt_nsec(const struct writer *writer)
{
	return atomic_load(&writer->attempt_nsec);
}

size_t writer_queued(const struct writer *writer)
{
	return queue_touches(writer->queue);
}

unsigned writer_fill_percent(const struct writer *writer)
{
	return queue_fill_percent(writer->queue);
}
