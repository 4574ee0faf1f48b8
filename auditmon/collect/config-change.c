/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/config-change.h"

#include <stdio.h>

void config_changes_add(struct config_changes *changes, const struct event *event)
{
	struct config_change *change = &changes->list[changes->next];

	changes->next = (changes->next + 1) % CONFIG_CHANGES;
	*change = (struct config_change){
		.time_msec = event->time_msec,
		.serial = event->serial,
		.by_user = event->config_by_user,
		.failed = event->config_failed,
		.switched_off = event->config_switched_off,
	};
	snprintf(change->op, sizeof(change->op), "%s", event->config_op ? event->config_op : "");
	snprintf(change->key, sizeof(change->key), "%s", event->key ? event->key : "");
}

void config_changes_join(const struct config_changes *changes, struct event *event)
{
	for (size_t i = 0; i < CONFIG_CHANGES; i++) {
		const struct config_change *change = &changes->list[i];

		if (change->serial != event->serial || change->time_msec != event->time_msec ||
			change->serial == 0)
			continue;
		event->config_op = change->op;
		event->config_by_user = change->by_user;
		event->config_failed = change->failed;
		event->config_switched_off = change->switched_off;
		if (!event->key && change->key[0])
			event->key = change->key;
	}
}
