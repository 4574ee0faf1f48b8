/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/client-request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whoever opens more connections than that makes the oldest ones unknown. */
#define MAX_LOGGED 4096

struct requests *requests_ref(struct requests *requests)
{
	if (requests)
		requests->n_references++;
	return requests;
}

void requests_unref(struct requests *requests)
{
	if (requests && --requests->n_references == 0)
		free(requests);
}

/* The ones that are kept, from the oldest. */
static size_t first_kept(const struct requests *requests)
{
	return requests->n > REQUESTS_KEPT ? requests->n - REQUESTS_KEPT : 0;
}

static const struct request *request_at(const struct requests *requests, size_t i)
{
	return &requests->list[i % REQUESTS_KEPT];
}

/* Until when nothing was worked on, if that of request i was done. */
static uint64_t rest_end(const struct requests *requests, size_t i)
{
	uint64_t next_nsec = i + 1 < requests->n ? request_at(requests, i + 1)->first_nsec : UINT64_MAX;

	return requests->over_nsec != 0 && requests->over_nsec < next_nsec ? requests->over_nsec
									   : next_nsec;
}

bool requests_rested(const struct requests *requests, uint64_t since_nsec, uint64_t until_nsec)
{
	if (!requests || since_nsec > until_nsec)
		return false;
	for (size_t i = first_kept(requests); i < requests->n; i++) {
		uint64_t done_nsec = request_at(requests, i)->done_nsec;
		uint64_t next_nsec = rest_end(requests, i);

		if (done_nsec != 0 && done_nsec <= until_nsec && next_nsec >= since_nsec &&
			done_nsec <= next_nsec)
			return true;
	}
	return false;
}

uint64_t requests_read_by(const struct requests *requests, uint64_t time_nsec)
{
	for (size_t i = requests ? requests->n : 0; i-- > (requests ? first_kept(requests) : 0);)
		if (request_at(requests, i)->first_nsec <= time_nsec)
			return request_at(requests, i)->last_nsec;
	return 0;
}

bool requests_cover(const struct requests *requests, uint64_t since_nsec, uint64_t until_nsec)
{
	if (!requests || requests->n == 0)
		return true;
	for (size_t i = first_kept(requests); i < requests->n; i++) {
		const struct request *request = request_at(requests, i);

		if (request->first_nsec <= since_nsec &&
			(request->done_nsec == 0 || request->done_stamp_nsec >= until_nsec))
			return true;
	}
	/* What came before those that are kept is not known. */
	return requests->n > REQUESTS_KEPT &&
	       request_at(requests, first_kept(requests))->first_nsec > since_nsec;
}

void request_log_done(struct request_log *log)
{
	for (size_t i = 0; i < log->n; i++)
		requests_unref(log->list[i]);
	free(log->list);
	*log = (struct request_log){ 0 };
}

/* What was heard of it was another's, or is not all. */
static void forget(struct requests *requests)
{
	requests->n = 0;
	requests->is_awaited = false;
}

void request_log_forget(struct request_log *log, uint64_t now_nsec)
{
	log->forgot_nsec = now_nsec;
	for (size_t i = 0; i < log->n; i++) {
		forget(log->list[i]);
		log->list[i]->forgot_nsec = now_nsec;
	}
}

static void remove_at(struct request_log *log, size_t i)
{
	requests_unref(log->list[i]);
	log->n--;
	memmove(&log->list[i], &log->list[i + 1], (log->n - i) * sizeof(*log->list));
}

static bool make_room(struct request_log *log)
{
	size_t max = log->max ? 2 * log->max : 64;
	struct requests **list;

	if (log->n < log->max)
		return true;
	/* Its connection may be open, and nothing of it will be noted any more. */
	if (log->n >= MAX_LOGGED) {
		forget(log->list[0]);
		remove_at(log, 0);
		return true;
	}
	list = reallocarray(log->list, max, sizeof(struct requests *));
	if (!list)
		return false;
	log->list = list;
	log->max = max;
	return true;
}

struct requests *request_log_accepted(struct request_log *log, pid_t engine, int fd, uint32_t inode,
	uint64_t time_nsec, uint64_t now_nsec)
{
	struct requests *requests;

	for (size_t i = log->n; i-- > 0;) {
		struct requests *former = log->list[i];
		bool is_there = former->engine == engine && former->fd == fd;
		bool is_same = inode != 0 && former->inode == inode;

		if (!is_there && !is_same)
			continue;
		if (is_same || time_nsec <= former->found_nsec)
			forget(former);
		remove_at(log, i);
	}
	requests = make_room(log) ? calloc(1, sizeof(*requests)) : NULL;
	if (!requests)
		return NULL;
	*requests = (struct requests){ .engine = engine,
		.fd = fd,
		.inode = inode,
		.found_nsec = now_nsec,
		.is_awaited = time_nsec > log->forgot_nsec,
		.forgot_nsec = log->forgot_nsec,
		.n_references = 1 };
	log->list[log->n++] = requests;
	return requests;
}

struct requests *request_log_found(
	struct request_log *log, pid_t engine, int fd, uint32_t inode, uint64_t now_nsec)
{
	struct requests *requests =
		request_log_accepted(log, engine, fd, inode, now_nsec, now_nsec);

	if (requests)
		requests->is_awaited = false;
	return requests;
}

struct requests *request_log_of_fd(const struct request_log *log, pid_t engine, int fd)
{
	for (size_t i = log->n; i-- > 0;)
		if (log->list[i]->engine == engine && log->list[i]->fd == fd)
			return log->list[i];
	return NULL;
}

struct requests *request_log_of_inode(const struct request_log *log, uint32_t inode)
{
	for (size_t i = log->n; inode != 0 && i-- > 0;)
		if (log->list[i]->inode == inode)
			return log->list[i];
	return NULL;
}

static struct request *latest(struct requests *requests)
{
	return requests->n > 0 ? &requests->list[(requests->n - 1) % REQUESTS_KEPT] : NULL;
}

static struct request *begin(struct requests *requests, uint64_t first_nsec)
{
	struct request *request = &requests->list[requests->n++ % REQUESTS_KEPT];

	*request = (struct request){ .first_nsec = first_nsec };
	return request;
}

static void note_bytes(struct requests *requests, uint64_t time_nsec)
{
	struct request *request = latest(requests);

	/* Without a rest between, it may be one request that comes in pieces. */
	if (!request || request->done_nsec != 0)
		request = begin(requests, time_nsec);
	request->last_nsec = time_nsec;
	requests->is_awaited = false;
}

static void note_rest(struct requests *requests, uint64_t stamp_nsec, uint64_t done_nsec)
{
	struct request *request = latest(requests);

	if (!requests->is_awaited || requests->over_nsec != 0)
		return;
	if (!request)
		request = begin(requests, 0);
	if (request->done_nsec != 0)
		return;
	request->done_stamp_nsec = stamp_nsec;
	request->done_nsec = done_nsec;
}

void requests_note(struct requests *requests, uint64_t size, int64_t result, uint64_t time_nsec,
	uint64_t now_nsec, uint64_t slack_nsec)
{
	uint64_t done_nsec = time_nsec + slack_nsec;

	if (result > 0)
		note_bytes(requests, time_nsec);
	/* A handler that waited for the rest of its request goes on then, or gives up. */
	else if (size == REQUEST_READ_SIZE && result != -EAGAIN && requests->over_nsec == 0)
		requests->over_nsec = time_nsec;
	else if (time_nsec <= requests->forgot_nsec)
		return;
	else if (size == 1)
		requests->is_awaited = true;
	else if (size == REQUEST_READ_SIZE && result == -EAGAIN)
		note_rest(requests, time_nsec, done_nsec < now_nsec ? done_nsec : now_nsec);
}
