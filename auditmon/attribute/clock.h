/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From the audit record's clock to the process table's
 *
 * Records are stamped with CLOCK_REALTIME_COARSE in milliseconds (kernel/auditsc.c), process events with CLOCK_MONOTONIC. The difference of the two is
 * sampled while we run; when somebody sets the clock a new era begins, and an older stamp is read with the difference of its own era.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define CLOCK_ERAS 8

/* How late the tick can be that the stamps are of: 6.2 ms were seen on a quiet virtual machine; a hypervisor takes tens at a time. */
#define AUDIT_CLOCK_LATE_TICK_NSEC (100 * 1000000)

struct audit_clock {
	struct {
		int64_t realtime_minus_monotonic_nsec;
		int64_t since_realtime_nsec; /* first reading in this era */
	} eras[CLOCK_ERAS];		     /* newest first */
	unsigned n_eras;
	uint64_t sampled_nsec; /* CLOCK_MONOTONIC of the last sample */
	uint64_t slack_nsec; /* how much earlier than the deed a stamp may be */
};

void audit_clock_init(struct audit_clock *clock);

/* Takes a sample. Call it at least once a second. Has somebody set the clock since the last one? */
bool audit_clock_sample(struct audit_clock *clock);
bool audit_clock_sample_at(struct audit_clock *clock, int64_t realtime_nsec, uint64_t monotonic_nsec);

uint64_t audit_clock_monotonic_nsec(const struct audit_clock *clock, int64_t time_msec);
