/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/severity.h"

#include <stdbool.h>

#define BIT(name) FLAG_BIT(FLAG_##name)

enum where { ANYWHERE, IN_CONTAINER };

/* The first line whose flags are all there, and whose `without` are not, decides. Worst first. */
// clang-format off
static const struct {
	unsigned with, without;
	enum where where;
	enum severity severity;
} severities[] = {
	{ BIT(RAW_DEVICE),                                        0,           IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(LOG_TAMPER),                                        BIT(FAILED), ANYWHERE,     SEVERITY_CRITICAL },
	{ BIT(HOST_WRITE) | BIT(TRUST_CHANGE),                    0,           IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(SECRET_READ),                                       0,           IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(HOST_WRITE) | BIT(DAEMON_SPAWNED) | BIT(PRIVILEGED), 0,          IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(HOST_WRITE) | BIT(HOST_NAMESPACE),                  0,           IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(HOST_WRITE) | BIT(CGROUP_ESCAPE),                   0,           IN_CONTAINER, SEVERITY_CRITICAL },
	{ BIT(LOG_TAMPER),                                        0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(TRUST_CHANGE),                                      0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(SECRET_READ),                                       0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(HOST_WRITE),                                        0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(HOST_NAMESPACE),                                    0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(CGROUP_ESCAPE),                                     0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(ENGINE_SOCKET),                                     0,           ANYWHERE,     SEVERITY_WARNING },
	{ BIT(DAEMON_SPAWNED),                                    0,           ANYWHERE,     SEVERITY_NOTICE },
	{ BIT(PRIVILEGED),                                        0,           ANYWHERE,     SEVERITY_NOTICE },
	{ BIT(FAILED),                                            0,           ANYWHERE,     SEVERITY_NOTICE },
};

/* What it was about comes before what made it possible. */
static const enum flag ranks[FLAG_COUNT] = {
	FLAG_LOG_TAMPER,
	FLAG_RAW_DEVICE,
	FLAG_TRUST_CHANGE,
	FLAG_SECRET_READ,
	FLAG_CGROUP_ESCAPE,
	FLAG_HOST_NAMESPACE,
	FLAG_HOST_WRITE,
	FLAG_ENGINE_SOCKET,
	FLAG_FAILED,
	FLAG_DAEMON_SPAWNED,
	FLAG_PRIVILEGED,
};
// clang-format on

enum severity severity_of(const struct touch *touch)
{
	for (size_t i = 0; i < ELEMENTS(severities); i++) {
		bool inside = touch->container.id != NULL;

		if ((touch->flags & severities[i].with) == severities[i].with &&
			!(touch->flags & severities[i].without) &&
			(inside || severities[i].where == ANYWHERE))
			return severities[i].severity;
	}
	return SEVERITY_INFO;
}

enum flag flag_worst(unsigned flags)
{
	for (size_t i = 0; i < ELEMENTS(ranks); i++)
		if (flags & FLAG_BIT(ranks[i]))
			return ranks[i];
	return FLAG_FAILED;
}
