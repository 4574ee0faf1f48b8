/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/ancestry.h"
#include "base/time.h"
#include "command/live-internal.h"
#include "store/client-record.h"

/* By the clock as it is set now; 0 stays 0. */
static int64_t msec_of(uint64_t time_nsec)
{
	if (time_nsec == 0)
		return 0;
	return time_now_msec() - ((int64_t)monotonic_now_nsec() - (int64_t)time_nsec) / 1000000;
}

void live_on_client(const struct client *client, const char *via, void *userdata)
{
	struct live *live = userdata;
	_cleanup_(freep) char *ancestors = NULL;
	struct client_record record = {
		.boot = live->boot,
		.pid = client->pid,
		/* One of unknown start is told by when it first asked. */
		.start_nsec = client->start_nsec ? client->start_nsec : client->first_nsec,
		.start_msec = msec_of(client->start_nsec),
		.end_msec = msec_of(client->end_nsec),
		.first_msec = msec_of(client->first_nsec),
		.auid = client->auid,
		.session = client->session,
		.uid = client->uid,
		.exe = client->exe,
		.argv = redact_arguments(live->redact, client_argv(client)),
		.via = via,
		.container_id = client->entry ? client->entry->container->info->id : NULL,
	};

	if (client->callers && ancestor_json(client->callers, live->redact, &ancestors) == 0)
		record.ancestors = ancestors;
	/* Room is not waited for: records come. */
	if (writer_put_client(live->writer, &record) < 0)
		health_dropped(&live->health, time_now_msec());
}
