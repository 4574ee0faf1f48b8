/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/*
 * head..tail wait; the batch that was taken is counted too, until it is done. put - done is the
 * number of records in both. failed: the batch in hand could not be written when last tried.
 */
struct queue {
	struct queue_limits limits;
	pthread_mutex_t mutex;
	pthread_cond_t to_writer, to_flusher;
	struct record *head, **tail;
	size_t n_waiting;
	uint64_t put, done;
	size_t n_bytes, n_touches;
	unsigned n_flushers;
	bool starved, stopped, failed;
};

void record_free(struct record *record)
{
	if (!record)
		return;
	if (record->kind == RECORD_TOUCH)
		free(record->touch);
	else if (record->kind == RECORD_CONTAINER)
		container_info_free(record->container);
	else if (record->kind == RECORD_ENTRY)
		free(record->entry);
	else if (record->kind == RECORD_CLIENT)
		free(record->client);
	for (size_t i = 0; i < ELEMENTS(record->strings); i++)
		free(record->strings[i]);
	free(record);
}

void record_free_list(struct record *list)
{
	while (list) {
		struct record *next = list->next;

		record_free(list);
		list = next;
	}
}

static int init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int r = pthread_condattr_init(&attributes);

	if (r != 0)
		return -r;
	/* Batches end on time also when the clock is set. */
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	r = pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
	return -r;
}

int queue_new(const struct queue_limits *limits, struct queue **ret)
{
	_cleanup_(freep) struct queue *queue = calloc(1, sizeof(*queue));
	int r;

	if (!queue)
		return -ENOMEM;
	queue->limits = *limits;
	queue->tail = &queue->head;
	r = -pthread_mutex_init(&queue->mutex, NULL);
	if (r < 0)
		return r;
	r = init_condition(&queue->to_writer);
	if (r < 0) {
		pthread_mutex_destroy(&queue->mutex);
		return r;
	}
	r = init_condition(&queue->to_flusher);
	if (r < 0) {
		pthread_cond_destroy(&queue->to_writer);
		pthread_mutex_destroy(&queue->mutex);
		return r;
	}
	*ret = TAKE(queue);
	return 0;
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	record_free_list(queue->head);
	pthread_cond_destroy(&queue->to_flusher);
	pthread_cond_destroy(&queue->to_writer);
	pthread_mutex_destroy(&queue->mutex);
	free(queue);
}

static void unlockp(pthread_mutex_t **mutex)
{
	pthread_mutex_unlock(*mutex);
}

static pthread_mutex_t *lock(struct queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	return &queue->mutex;
}

#define LOCKED(queue)                                                                              \
	_cleanup_(unlockp) __attribute__((unused)) pthread_mutex_t *locked_ = lock(queue)

static bool has_room(const struct queue *queue, size_t n_bytes)
{
	if (queue->put == queue->done)
		return true;
	return queue->put - queue->done < queue->limits.max_records &&
	       queue->n_bytes + n_bytes <= queue->limits.max_bytes;
}

int queue_put(struct queue *queue, struct record *record)
{
	LOCKED(queue);

	if (!has_room(queue, record->n_bytes)) {
		queue->starved = true;
		pthread_cond_signal(&queue->to_writer);
		return -EAGAIN;
	}
	record->next = NULL;
	*queue->tail = record;
	queue->tail = &record->next;
	queue->put++;
	queue->n_waiting++;
	queue->n_bytes += record->n_bytes;
	queue->n_touches += record->kind == RECORD_TOUCH;
	/* The writer wakes for the first, to look at the clock, and for a full batch. */
	if (queue->n_waiting == 1 || queue->n_waiting == queue->limits.max_batch)
		pthread_cond_signal(&queue->to_writer);
	return 0;
}

static struct timespec in_msec(unsigned msec)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += msec / 1000;
	time.tv_nsec += (long)(msec % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

static bool batch_is_due(const struct queue *queue)
{
	return queue->stopped || queue->n_flushers > 0 ||
	       queue->n_waiting >= queue->limits.max_batch || !has_room(queue, 0) || queue->starved;
}

struct record *queue_take(struct queue *queue)
{
	struct record *batch, **end;
	struct timespec deadline;
	int r = 0;
	LOCKED(queue);

	while (!queue->head && !queue->stopped)
		pthread_cond_wait(&queue->to_writer, &queue->mutex);
	deadline = in_msec(queue->limits.commit_msec);
	while (r == 0 && !batch_is_due(queue))
		r = pthread_cond_timedwait(&queue->to_writer, &queue->mutex, &deadline);

	batch = queue->head;
	end = &queue->head;
	for (size_t n = 0; *end && n < queue->limits.max_batch; n++) {
		end = &(*end)->next;
		queue->n_waiting--;
	}
	queue->head = *end;
	if (!queue->head)
		queue->tail = &queue->head;
	*end = NULL;
	return batch;
}

static void forget(struct queue *queue, const struct record *list)
{
	for (; list; list = list->next) {
		queue->done++;
		queue->n_bytes -= list->n_bytes;
		queue->n_touches -= list->kind == RECORD_TOUCH;
	}
}

bool queue_done(struct queue *queue, struct record *batch)
{
	bool starved;

	{
		LOCKED(queue);

		forget(queue, batch);
		starved = queue->starved;
		queue->starved = queue->failed = false;
		pthread_cond_broadcast(&queue->to_flusher);
	}
	record_free_list(batch);
	return starved;
}

bool queue_wait_to_retry(struct queue *queue, unsigned msec)
{
	struct timespec deadline = in_msec(msec);
	int r = 0;
	LOCKED(queue);

	queue->failed = true;
	pthread_cond_broadcast(&queue->to_flusher);
	if (queue->stopped)
		return false;
	while (r == 0 && !queue->stopped)
		r = pthread_cond_timedwait(&queue->to_writer, &queue->mutex, &deadline);
	return true;
}

void queue_abandon(struct queue *queue, struct record *batch)
{
	LOCKED(queue);

	record_free_list(batch);
	record_free_list(queue->head);
	queue->head = NULL;
	queue->tail = &queue->head;
	queue->n_waiting = 0;
	pthread_cond_broadcast(&queue->to_flusher);
}

void queue_stop(struct queue *queue)
{
	LOCKED(queue);

	queue->stopped = true;
	pthread_cond_broadcast(&queue->to_writer);
}

void queue_flush(struct queue *queue)
{
	uint64_t target;
	LOCKED(queue);

	target = queue->put;
	queue->n_flushers++;
	pthread_cond_signal(&queue->to_writer);
	while (queue->done < target && !queue->failed)
		pthread_cond_wait(&queue->to_flusher, &queue->mutex);
	queue->n_flushers--;
}

size_t queue_touches(struct queue *queue)
{
	LOCKED(queue);

	return queue->n_touches;
}

unsigned queue_fill_percent(struct queue *queue)
{
	size_t by_records, by_bytes;
	LOCKED(queue);

	by_records = (size_t)(queue->put - queue->done) * 100 / queue->limits.max_records;
	by_bytes = queue->n_bytes * 100 / queue->limits.max_bytes;
	return (unsigned)(by_records > by_bytes ? by_records : by_bytes);
}
