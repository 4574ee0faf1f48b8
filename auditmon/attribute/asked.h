/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * When was the engine asked to start a container?
 *
 * dockerd writes a container's directory while it makes it, and answers then. As soon as it has
 * been asked to start it, it writes the hosts and resolv.conf that go into it, before its runtime
 * begins: who came after these were changed last did not ask. That is the kernel's word (the files
 * are root's, their ctime is nobody's to set) and can carry certainty; the others are likelihoods,
 * as a request may have waited until there was a container. The clock is that which records are
 * stamped with.
 */

#include <stdint.h>

struct asked {
	int64_t after_msec;    /* CLOCK_REALTIME; 0: not known */
	int64_t about_msec;    /* the engine was at work by then, but for a start that failed */
	int64_t by_msec;       /* no request that came later was this one */
	int64_t answered_msec; /* about when the engine had answered to the making of it; 0: not
				  known */
};

/* named_by: the configuration in the container's directory (container_info.named_by). To be called
 * when it starts for the first time: after_msec is that one's. */
void asked_read(const char *named_by, struct asked *ret);
