/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/time.h"
#include "command/live-internal.h"

/*
 * systemd ends and restarts a service that has not said for WATCHDOG_USEC that it is well. That
 * the loop turns is said by being called at all; the writer is asked. One that waits for
 * somebody's lock tries again every few seconds and is well: a restart would not open the lock, and
 * would lose the queue.
 */
static bool is_well(struct live *live)
{
	uint64_t since_nsec = writer_attempt_nsec(live->writer);
	bool well = since_nsec == 0 ||
		    monotonic_now_nsec() - since_nsec < live->watchdog_usec * 1000;

	if (!well && !live->watchdog_is_silent)
		log_error("%s: one write has been going on for %.0f s: the service manager may end "
			  "this daemon",
			live->options.db_path, (double)live->watchdog_usec / 1e6);
	live->watchdog_is_silent = !well;
	return well;
}

/* Until then the service manager waits once more, where it would have ended us. */
#define BUSY_TELL_NSEC UINT64_C(1000000000)
#define BUSY_EXTEND_USEC 30000000

void live_tell_busy(struct live *live)
{
	uint64_t now_nsec = monotonic_now_nsec();

	if (now_nsec - live->busy_told_nsec < BUSY_TELL_NSEC)
		return;
	live->busy_told_nsec = now_nsec;
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d", BUSY_EXTEND_USEC);
	if (live->watchdog_usec > 0 && is_well(live))
		sd_notify(0, "WATCHDOG=1");
}

static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct live *live = userdata;

	if (is_well(live))
		sd_notify(0, "WATCHDOG=1");
	sd_event_source_set_time_relative(source, live->watchdog_usec / 2);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int live_set_up_watchdog(struct live *live)
{
	sd_event_source *source;
	int r = sd_watchdog_enabled(0, &live->watchdog_usec);

	if (r <= 0)
		return r;
	r = sd_event_add_time_relative(live->loop, &source, CLOCK_MONOTONIC,
		live->watchdog_usec / 2, 0, on_watchdog, live);
	if (r < 0)
		return r;
	/* As the tick: a flood of records must not starve it. */
	sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT + 1);
	sd_event_source_set_floating(source, true);
	sd_event_source_unref(source);
	return 0;
}
