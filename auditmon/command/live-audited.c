/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-audited.h"

#include <libaudit.h>

#include "base/log.h"
#include "base/time.h"
#include "command/live-internal.h"

static bool has_task_rule(const struct rule_set *set)
{
	for (size_t i = 0; i < set->n_rules; i++)
		if ((set->rules[i]->list & ~AUDIT_FILTER_PREPEND) == AUDIT_FILTER_TASK)
			return true;
	return false;
}

static void be_unsure(struct live *live)
{
	log_warning("rules: one of the list task is loaded (auditctl -l): what starts while it is "
		    "there is never audited");
	client_table_audited(live->clients, UINT64_MAX);
}

void live_audited_begin(struct live *live)
{
	_cleanup_(rule_set_freep) struct rule_set *all = NULL;
	struct kernel_status status;

	if (watch_list_kernel(live->watch, &all) < 0 ||
		audit_control_status(live->control, &status) < 0 || status.enabled == 0)
		return;
	if (has_task_rule(all))
		be_unsure(live);
	else
		client_table_audited(live->clients, monotonic_now_nsec());
}

void live_audited_changed(struct live *live)
{
	client_table_untold(live->clients);
	live->audit_was_changed = true;
}

void live_audited_tick(struct live *live)
{
	_cleanup_(rule_set_freep) struct rule_set *all = NULL;

	/* While the kernel waits for us to read, it must not be asked. */
	if (!live->audit_was_changed || source_is_behind(live->source) ||
		live->health.backlog_is_full || watch_list_kernel(live->watch, &all) < 0)
		return;
	live->audit_was_changed = false;
	if (has_task_rule(all))
		be_unsure(live);
}
