/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/export-receiver.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/log.h"

/* A stream is settled after so many touches, or so long after the first that is not proven. */
#define SETTLE_TOUCHES 10000
#define SETTLE_MSEC 30000
/* So long without a word a receiver is stuck. */
#define STUCK_MSEC 60000
#define END_MSEC 5000

#define FIRST_DELAY_MSEC 500
#define MAX_DELAY_MSEC 60000

static int64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void export_receiver_begin(struct export_receiver *receiver, const struct feed_position *position)
{
	receiver->sent = receiver->proven = *position;
	receiver->n_unproven = 0;
	receiver->has_drained = receiver->connected = false;
	receiver->delay_msec = FIRST_DELAY_MSEC;
}

static void say_up(struct export_receiver *receiver)
{
	if (receiver->said_down)
		log_notice("%s: takes what it is sent again", receiver->name);
	sd_notifyf(0, "STATUS=Sending to %s", receiver->name);
	receiver->said_down = false;
}

static void prove(struct export_receiver *receiver, const struct feed_position *position)
{
	receiver->proven = *position;
	receiver->n_unproven = 0;
	receiver->delay_msec = FIRST_DELAY_MSEC;
	if (receiver->said_down)
		say_up(receiver);
}

void export_receiver_lost(struct export_receiver *receiver, int error)
{
	receiver->connected = false;
	if (!receiver->said_down) {
		snprintf(receiver->down_reason, sizeof(receiver->down_reason), "%s",
			link_reason(receiver->link, error));
		log_warning("%s: %s", receiver->name, receiver->down_reason);
	}
	sd_notifyf(0, "STATUS=Waiting for %s", receiver->name);
	receiver->said_down = true;
}

int export_receiver_connect(struct export_receiver *receiver)
{
	int r;

	if (!receiver->link || receiver->connected)
		return 0;
	r = link_connect(receiver->link);
	if (r == 0) {
		receiver->connected = true;
		receiver->sent = receiver->proven;
		receiver->n_unproven = 0;
		receiver->has_drained = false;
	} else if (r != -ECANCELED) {
		export_receiver_lost(receiver, r);
	}
	return r;
}

/* Without a connection. */
static int pause_for(const struct export_receiver *receiver, int msec)
{
	struct pollfd fd = { receiver->stop_fd, POLLIN, 0 };

	return poll(&fd, 1, msec) > 0 ? -ECANCELED : 0;
}

bool export_receiver_is_stopped(const struct export_receiver *receiver)
{
	return pause_for(receiver, 0) < 0;
}

int export_receiver_back_off(struct export_receiver *receiver)
{
	int msec = receiver->delay_msec;

	receiver->delay_msec = 2 * msec > MAX_DELAY_MSEC ? MAX_DELAY_MSEC : 2 * msec;
	return pause_for(receiver, msec);
}

int export_receiver_wait(struct export_receiver *receiver, int msec)
{
	return receiver->connected ? link_wait(receiver->link, msec) : pause_for(receiver, msec);
}

static bool has_stream(const struct export_receiver *receiver)
{
	return receiver->link && receiver->connected && link_is_stream(receiver->link);
}

static void say_oversize(struct export_receiver *receiver)
{
	if (!receiver->said_oversize)
		log_warning("%s: a message is too long for a datagram: its id is sent in its "
			    "place, and so it will be with others (a stream takes them whole)",
			receiver->name);
	receiver->said_oversize = true;
}

/* What the way of datagrams can tell after one was taken: somebody has fetched those before. */
static void look_for_proof(struct export_receiver *receiver)
{
	if (receiver->has_drained)
		prove(receiver, &receiver->drained);
	receiver->has_drained = link_is_drained(receiver->link);
	if (receiver->has_drained)
		receiver->drained = receiver->sent;
}

int export_receiver_take(struct export_receiver *receiver, const struct touch *touch,
	const char *json, const struct feed_position *behind)
{
	bool oversize = false;
	int r = receiver->link
			? shipment_send(receiver->shipment, receiver->link, touch, json, &oversize)
			: shipment_print(receiver->shipment, stdout, touch, json);

	if (r < 0)
		return r;
	if (oversize)
		say_oversize(receiver);
	receiver->sent = *behind;
	receiver->n_taken++;
	if (receiver->n_unproven++ == 0)
		receiver->unproven_since_msec = now_msec();
	if (receiver->link && !link_is_stream(receiver->link))
		look_for_proof(receiver);
	return 0;
}

int export_receiver_flush(struct export_receiver *receiver, const struct feed_position *position)
{
	int r = has_stream(receiver) ? link_flush(receiver->link) : 0;

	if (!receiver->link && fflush(stdout) != 0)
		r = -errno;
	if (r < 0)
		return r;
	receiver->sent = *position;
	if (receiver->n_unproven == 0 || !receiver->link)
		prove(receiver, position);
	return 0;
}

static bool is_due(const struct export_receiver *receiver)
{
	return receiver->n_unproven >= SETTLE_TOUCHES ||
	       now_msec() - receiver->unproven_since_msec >= SETTLE_MSEC;
}

int export_receiver_settle(struct export_receiver *receiver, bool all)
{
	int r;

	if (!has_stream(receiver) || receiver->n_unproven == 0 || (!all && !is_due(receiver)))
		return 0;
	while ((r = link_settle(receiver->link, STUCK_MSEC)) == -ETIMEDOUT) {
		log_warning(
			"%s: has not read for a minute what it was sent; waiting", receiver->name);
		sd_notifyf(0, "STATUS=Waiting until %s reads", receiver->name);
	}
	if (r < 0)
		return r;
	receiver->connected = false;
	prove(receiver, &receiver->sent);
	return 0;
}

/* Nothing but time can tell whether a datagram was fetched that none follows. */
static int end_datagrams(struct export_receiver *receiver)
{
	for (int waited = 0; !link_is_drained(receiver->link); waited += 10) {
		if (waited >= END_MSEC)
			return -ETIMEDOUT;
		poll(NULL, 0, 10);
	}
	prove(receiver, &receiver->sent);
	return 0;
}

int export_receiver_end(struct export_receiver *receiver)
{
	int r;

	if (!receiver->link || !receiver->connected || receiver->n_unproven == 0)
		return receiver->link ? 0 : export_receiver_flush(receiver, &receiver->sent);
	link_hurry(receiver->link, END_MSEC);
	if (!has_stream(receiver))
		return end_datagrams(receiver);
	r = link_settle(receiver->link, END_MSEC);
	if (r == 0)
		prove(receiver, &receiver->sent);
	return r;
}
