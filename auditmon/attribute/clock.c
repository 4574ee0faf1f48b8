/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/clock.h"

#include <string.h>
#include <time.h>

/* Below this the difference drifts by slewing; it is followed without a new era. */
#define STEP_NSEC (50 * 1000000ll)

#define MAX_CLOCKS_APART_NSEC 1000000
#define SAMPLE_NSEC 1000000000ll /* there is one at least as often */
#define MAX_TIME_MSEC (INT64_MAX / 1000000 / 2)

static int64_t read_nsec(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void audit_clock_init(struct audit_clock *clock)
{
	struct timespec resolution = { 0 };

	*clock = (struct audit_clock){ 0 };
	clock_getres(CLOCK_REALTIME_COARSE, &resolution);
	/* The coarse clock's tick, the cut to milliseconds, and a tick that comes late: where the processor that keeps time is preempted. */
	clock->slack_nsec = (uint64_t)resolution.tv_nsec + 1000000 + AUDIT_CLOCK_LATE_TICK_NSEC;
	audit_clock_sample(clock);
}

bool audit_clock_sample(struct audit_clock *clock)
{
	uint64_t before_nsec, after_nsec;
	int64_t realtime_nsec;

	/* Held up between the two clocks, the sample would look as if somebody had set one of them. */
	do {
		before_nsec = monotonic_now_nsec();
		realtime_nsec = read_nsec(CLOCK_REALTIME);
		after_nsec = monotonic_now_nsec();
	} while (after_nsec - before_nsec > MAX_CLOCKS_APART_NSEC);
	return audit_clock_sample_at(clock, realtime_nsec, before_nsec);
}

bool audit_clock_sample_at(struct audit_clock *clock, int64_t realtime_nsec, uint64_t monotonic_nsec)
{
	int64_t difference = realtime_nsec - (int64_t)monotonic_nsec;

	clock->sampled_nsec = monotonic_nsec;
	int64_t step = clock->n_eras == 0 ? STEP_NSEC :
					    difference - clock->eras[0].realtime_minus_monotonic_nsec;

	if (step < STEP_NSEC && step > -STEP_NSEC) {
		clock->eras[0].realtime_minus_monotonic_nsec = difference;
		return false;
	}
	memmove(&clock->eras[1], &clock->eras[0], (CLOCK_ERAS - 1) * sizeof(clock->eras[0]));
	clock->eras[0].realtime_minus_monotonic_nsec = difference;
	clock->eras[0].since_realtime_nsec = clock->n_eras == 0 ? INT64_MIN : realtime_nsec;
	if (clock->n_eras < CLOCK_ERAS)
		clock->n_eras++;
	return clock->n_eras > 1;
}

uint64_t audit_clock_monotonic_nsec(const struct audit_clock *clock, int64_t time_msec)
{
	int64_t realtime_nsec, nsec;
	unsigned era = 0;

	if (time_msec < 0 || time_msec > MAX_TIME_MSEC)
		return 0;
	realtime_nsec = time_msec * 1000000;
	/*
	 * The step itself is only seen at the next sample, so an era begins up to a second before its first reading. After a step back the
	 * stamps of the era before seem to come from the future.
	 */
	while (era + 1 < clock->n_eras &&
		(realtime_nsec < clock->eras[era].since_realtime_nsec - SAMPLE_NSEC ||
			realtime_nsec - clock->eras[era].realtime_minus_monotonic_nsec >
				(int64_t)clock->sampled_nsec + 2 * SAMPLE_NSEC))
		era++;
	nsec = realtime_nsec - clock->eras[era].realtime_minus_monotonic_nsec;
	return nsec < 0 ? 0 : (uint64_t)nsec;
}
