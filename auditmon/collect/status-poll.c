/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/status-poll.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

enum state { ASK, ANSWERED, END };

/* The thread's own while the state is ASK, and to be freed by it when that has become END. */
struct status_poll {
	struct audit_control *control;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	enum state state;
	bool failed;
	struct kernel_status status;
};

static void destroy(struct status_poll *poll)
{
	pthread_cond_destroy(&poll->changed);
	pthread_mutex_destroy(&poll->mutex);
	audit_control_free(poll->control);
	free(poll);
}

static void *run(void *userdata)
{
	struct status_poll *poll = userdata;

	pthread_mutex_lock(&poll->mutex);
	while (poll->state != END) {
		struct kernel_status status = { 0 };
		int r;

		if (poll->state != ASK) {
			pthread_cond_wait(&poll->changed, &poll->mutex);
			continue;
		}
		pthread_mutex_unlock(&poll->mutex);
		r = audit_control_status(poll->control, &status);
		pthread_mutex_lock(&poll->mutex);
		if (poll->state == END)
			break;
		poll->failed = r < 0;
		poll->status = status;
		poll->state = ANSWERED;
	}
	pthread_mutex_unlock(&poll->mutex);
	destroy(poll);
	return NULL;
}

int status_poll_new(struct status_poll **ret)
{
	struct status_poll *poll = calloc(1, sizeof(*poll));
	sigset_t all, before;
	pthread_t thread;
	int r;

	if (!poll)
		return -ENOMEM;
	pthread_mutex_init(&poll->mutex, NULL);
	pthread_cond_init(&poll->changed, NULL);
	r = audit_control_new(&poll->control);
	if (r == 0) {
		/* Signals are for the threads that wait for them. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		r = -pthread_create(&thread, NULL, run, poll);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	if (r < 0) {
		destroy(poll);
		return r;
	}
	pthread_detach(thread);
	*ret = poll;
	return 0;
}

void status_poll_free(struct status_poll *poll)
{
	if (!poll)
		return;
	pthread_mutex_lock(&poll->mutex);
	poll->state = END;
	pthread_cond_signal(&poll->changed);
	pthread_mutex_unlock(&poll->mutex);
}

bool status_poll_take(struct status_poll *poll, struct kernel_status *ret)
{
	bool answered;

	pthread_mutex_lock(&poll->mutex);
	answered = poll->state == ANSWERED && !poll->failed;
	if (answered)
		*ret = poll->status;
	if (poll->state == ANSWERED)
		poll->state = ASK;
	pthread_cond_signal(&poll->changed);
	pthread_mutex_unlock(&poll->mutex);
	return answered;
}
