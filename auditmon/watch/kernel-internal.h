/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a watch is made of: for kernel.c, which brings a set into the kernel and out of it, and for
 * kernel-retry.c, which keeps it there
 */

#include <sys/stat.h>

#include "watch/channel.h"
#include "watch/kernel.h"

/* Where a wanted rule stands. ours: we added it and will remove it. */
struct standing {
	bool loaded, ours;
	bool fresh; /* by the latest apply */
	/* A tree rule goes with the directory that it was added for, not with the name. */
	dev_t device;
	ino_t inode;
};

struct wanted {
	struct rule_set *set;       /* NULL: nothing */
	struct standing *standings; /* one for each rule */
};

struct watch {
	struct rule_channel *channel;
	struct wanted wanted;
	size_t n_gone;            /* found so by the latest retry */
	struct rule_set *refused; /* what the latest refusal points into */
};

static inline size_t watch_wanted_count(const struct wanted *wanted)
{
	return wanted->set ? wanted->set->n_rules : 0;
}

/* The kernel's rules, for looking up. */
struct kernel_rules {
	struct rule_set *set;
	struct rule_index index;
};

/* 0, -EPERM, -ENOMEM, ...; to be done with in any case. */
int kernel_rules_init(struct kernel_rules *rules, struct watch *watch);
void kernel_rules_done(struct kernel_rules *rules);

/* 1 (added), 0 (it was there), or an error, such as -ENOENT and -ENOTDIR: no such path. */
int watch_add_rule(
	struct watch *watch, const struct rule *rule, bool at_head, struct standing *standing);

/* 0 also where the rule was gone already. */
int watch_delete_rule(struct watch *watch, const struct rule *rule, struct standing *standing);

/* Is there nothing at the path? */
bool watch_is_absent(int error);

/* What we made up ourselves is left out where the kernel is too old for it: the io_uring list. */
bool watch_may_be_refused(const struct rule *rule, int error);

/*
 * The positions of a set in the order in which they are to be added. Backwards, each before the
 * former, they come to stand as if they had been added one behind the other; what -A put before
 * them is the last then. Heap; NULL: no memory.
 */
size_t *watch_adding_order(const struct rule_set *set, bool backwards);
bool watch_goes_backwards(const struct rule_set *set, const struct kernel_rules *kernel);
