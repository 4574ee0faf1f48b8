/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/callers.h"

#include "attribute/proc.h"

/* A start is told in clock ticks, by another clock. */
#define START_SLACK_NSEC (20 * 1000000ull)

struct caller {
	pid_t pid;
	char *argv; /* heap; NULL: not known */
	size_t len;
};

/* False: it is gone. */
static bool read_one(int proc_fd, pid_t pid, uint64_t born_nsec, struct caller *caller,
	struct proc_stat *stat)
{
	*caller = (struct caller){ .pid = pid };
	/* First: whose it was is told by the start that is read after it. */
	if (proc_read_cmdline(proc_fd, pid, &caller->argv, &caller->len) < 0)
		caller->argv = NULL;
	if (proc_read_stat(proc_fd, pid, stat) == 0 &&
		stat->start_nsec <= born_nsec + START_SLACK_NSEC)
		return true;
	free(caller->argv);
	return false;
}

/* Frees their argv; callers are the nearest first. */
static int link_all(struct caller *callers, size_t n, struct ancestor *top, struct ancestor **ret)
{
	struct ancestor *chain = ancestor_ref(top);
	int r = 0;

	while (n-- > 0) {
		_cleanup_(freep) char *argv = callers[n].argv;
		struct ancestor *below;

		if (r == 0)
			r = ancestor_new(callers[n].pid, chain, callers[n].len > 0 ? argv : NULL,
				callers[n].len, &below);
		if (r < 0)
			continue;
		ancestor_unref(chain);
		chain = below;
	}
	if (r < 0)
		ancestor_unref(chain);
	else
		*ret = chain;
	return r;
}

int callers_read(int proc_fd, pid_t pid, uint64_t born_nsec, struct ancestor **ret)
{
	_cleanup_(ancestor_unrefp) struct ancestor *rest = NULL;
	struct caller callers[ANCESTRY_MAX_DEPTH];
	struct proc_stat stat;
	size_t n = 0;
	int r = 0;

	while (pid > 0 && n < ELEMENTS(callers) &&
		read_one(proc_fd, pid, born_nsec, &callers[n], &stat)) {
		n++;
		pid = stat.parent;
		born_nsec = stat.start_nsec;
	}
	/* Stands for those that are left out. */
	if (n == ELEMENTS(callers) && pid > 0)
		r = ancestor_new(0, NULL, NULL, 0, &rest);
	if (r < 0)
		n = 0;
	r = r < 0 ? r : link_all(callers, n, rest, ret);
	return r;
}
