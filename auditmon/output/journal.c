/* SPDX-License-Identifier: GPL-2.0-or-later */
#define SD_JOURNAL_SUPPRESS_LOCATION /* the line in our source says nothing about the touch */
#include "output/journal.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "output/journal-entry.h"

#define JOURNALD_SOCKET "/run/systemd/journal/socket"

#define DEFAULT_ENTRIES 8192
#define DEFAULT_BYTES ((size_t)16 << 20)
#define DEFAULT_STOP_MSEC 2000

/*
 * touches are first .. first + n of a ring. in_hand, which still counts in n_bytes, and its entry
 * are the thread's while it lives.
 */
struct journal {
	struct journal_limits limits;
	pthread_mutex_t mutex;
	pthread_cond_t to_thread, to_stopper;
	pthread_t thread;
	struct touch **touches, *in_hand;
	struct journal_entry entry;
	size_t first, n, n_bytes;
	bool stopped;
	bool abandoned; /* the thread hangs in a send: whatever becomes of it, it frees all */
	struct journal_counts counts;
};

/* sd_journal_sendv() says that all is well where there is no journald. */
static int send_to_journald(const struct iovec *fields, int n_fields, void *userdata)
{
	if (access(JOURNALD_SOCKET, F_OK) < 0)
		return -errno;
	return sd_journal_sendv(fields, n_fields);
}

static void unlockp(pthread_mutex_t **mutex)
{
	pthread_mutex_unlock(*mutex);
}

static pthread_mutex_t *lock(struct journal *journal)
{
	pthread_mutex_lock(&journal->mutex);
	return &journal->mutex;
}

#define LOCKED(journal)                                                                            \
	_cleanup_(unlockp) __attribute__((unused)) pthread_mutex_t *locked_ = lock(journal)

/* The next to send is in hand; false: stopped, and nothing is left. */
static bool take(struct journal *journal)
{
	LOCKED(journal);

	while (journal->n == 0 && !journal->stopped)
		pthread_cond_wait(&journal->to_thread, &journal->mutex);
	if (journal->n == 0 || journal->abandoned)
		return false;
	journal->in_hand = journal->touches[journal->first];
	journal->first = (journal->first + 1) % journal->limits.max_entries;
	journal->n--;
	return true;
}

static void done(struct journal *journal, bool sent)
{
	LOCKED(journal);

	journal->n_bytes -= malloc_usable_size(journal->in_hand);
	free(TAKE(journal->in_hand));
	journal->counts.sent += sent;
	journal->counts.failed += !sent;
	if (journal->n == 0)
		pthread_cond_signal(&journal->to_stopper);
}

static int send_in_hand(struct journal *journal)
{
	const struct touch *touch = journal->in_hand;
	int r = touch->digest_after ? journal_entry_init_digest(&journal->entry, touch)
				    : journal_entry_init(&journal->entry, touch);

	if (r < 0)
		return r;
	r = journal->limits.send(
		journal->entry.fields, journal->entry.n_fields, journal->limits.userdata);
	journal_entry_done(&journal->entry);
	return r;
}

static void destroy(struct journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		free(journal->touches[(journal->first + i) % journal->limits.max_entries]);
	free(journal->touches);
	free(journal->in_hand);
	journal_entry_done(&journal->entry);
	pthread_cond_destroy(&journal->to_thread);
	pthread_cond_destroy(&journal->to_stopper);
	pthread_mutex_destroy(&journal->mutex);
	free(journal);
}

static bool is_abandoned(struct journal *journal)
{
	LOCKED(journal);

	return journal->abandoned;
}

static void *run(void *userdata)
{
	struct journal *journal = userdata;

	while (take(journal))
		done(journal, send_in_hand(journal) >= 0);
	if (is_abandoned(journal))
		destroy(journal);
	return NULL;
}

/* Signals are for the threads that wait for them. */
static int start_thread(struct journal *journal)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&journal->thread, NULL, run, journal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int journal_new(const struct journal_limits *limits, struct journal **ret)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int r;

	if (!journal)
		return -ENOMEM;
	journal->limits = *limits;
	if (!journal->limits.max_entries)
		journal->limits.max_entries = DEFAULT_ENTRIES;
	if (!journal->limits.max_bytes)
		journal->limits.max_bytes = DEFAULT_BYTES;
	if (!journal->limits.stop_msec)
		journal->limits.stop_msec = DEFAULT_STOP_MSEC;
	if (!journal->limits.send)
		journal->limits.send = send_to_journald;
	pthread_mutex_init(&journal->mutex, NULL);
	pthread_cond_init(&journal->to_thread, NULL);
	pthread_cond_init(&journal->to_stopper, NULL);
	journal->touches = calloc(journal->limits.max_entries, sizeof(*journal->touches));
	r = journal->touches ? start_thread(journal) : -ENOMEM;
	if (r < 0) {
		destroy(journal);
		return r;
	}
	*ret = journal;
	return 0;
}

/* What is left after the thread has had its time. */
static size_t stop(struct journal *journal, struct journal_counts *ret)
{
	struct timespec deadline;
	int r = 0;
	LOCKED(journal);

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += journal->limits.stop_msec / 1000;
	deadline.tv_nsec += (long)(journal->limits.stop_msec % 1000) * 1000000;
	if (deadline.tv_nsec >= 1000000000) {
		deadline.tv_sec++;
		deadline.tv_nsec -= 1000000000;
	}
	journal->stopped = true;
	pthread_cond_signal(&journal->to_thread);
	while (r == 0 && (journal->n > 0 || journal->in_hand))
		r = pthread_cond_timedwait(&journal->to_stopper, &journal->mutex, &deadline);
	if (journal->n == 0 && !journal->in_hand)
		return 0;
	/* Nothing ends a thread that hangs in the kernel, short of the end of the process. */
	journal->abandoned = true;
	pthread_detach(journal->thread);
	*ret = journal->counts;
	ret->dropped += journal->n + (journal->in_hand != NULL);
	return journal->n + (journal->in_hand != NULL);
}

size_t journal_end(struct journal *journal, struct journal_counts *ret)
{
	size_t n_left = stop(journal, ret);

	if (n_left > 0)
		return n_left;
	pthread_join(journal->thread, NULL);
	*ret = journal->counts;
	destroy(journal);
	return 0;
}

size_t journal_free(struct journal *journal)
{
	struct journal_counts counts;

	return journal ? journal_end(journal, &counts) : 0;
}

int journal_put(struct journal *journal, const struct touch *touch)
{
	_cleanup_(freep) struct touch *copy = NULL;
	size_t n_bytes;
	int r = touch_copy(touch, &copy);
	LOCKED(journal);

	n_bytes = r < 0 ? 0 : malloc_usable_size(copy);
	if (r == 0 && (journal->n == journal->limits.max_entries ||
			      journal->n_bytes + n_bytes > journal->limits.max_bytes))
		r = -EAGAIN;
	if (r < 0) {
		journal->counts.dropped++;
		return r;
	}
	journal->touches[(journal->first + journal->n) % journal->limits.max_entries] = TAKE(copy);
	journal->n++;
	journal->n_bytes += n_bytes;
	pthread_cond_signal(&journal->to_thread);
	return 0;
}

void journal_counts(struct journal *journal, struct journal_counts *ret)
{
	LOCKED(journal);

	*ret = journal->counts;
}
