/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "attribute/asked.h"
#include "attribute/clock.h"
#include "attribute/launcher-internal.h"
#include "attribute/proc.h"
#include "runtime/state-file.h"

/* A client's container can have been started from a container, and so on. */
#define MAX_DEPTH 4

/* How far the same start read twice, and read and told by the connector, can be apart: see
 * lineage-internal.h. A pid does not come round in that time. */
#define READ_TOLERANCE_NSEC (2 * 1000000ull)
#define START_TOLERANCE_NSEC (250 * 1000000ull)

static bool is_near(uint64_t a_nsec, uint64_t b_nsec, uint64_t tolerance_nsec)
{
	return a_nsec <= b_nsec + tolerance_nsec && b_nsec <= a_nsec + tolerance_nsec;
}

void launcher_free(struct launcher *launcher)
{
	if (!launcher)
		return;
	free(launcher->exe);
	free(launcher->argv);
	free(launcher->via);
	free(launcher->evidence);
	free(launcher->reason);
	free(launcher);
}

void launcher_get(const struct launcher *launcher, struct touch_launcher *ret)
{
	*ret = (struct touch_launcher){
		.auid = launcher->auid,
		.pid = launcher->pid,
		.exe = launcher->exe,
		.via = launcher->via,
		.confidence = launcher->confidence,
		.evidence = { launcher->evidence, launcher->evidence_len, true },
		.reason = launcher->reason,
		.content_trust = launcher->content_trust,
	};
	if (launcher->argv)
		ret->argv = (struct arguments){ launcher->argv, launcher->argv_len,
			launcher->argv_complete };
}

int launchers_new(const struct launchers_options *options, struct launchers **ret)
{
	struct launchers *launchers = calloc(1, sizeof(*launchers));

	if (!launchers)
		return -ENOMEM;
	launchers->options = *options;
	*ret = launchers;
	return 0;
}

static struct entry *take_first(struct launchers *launchers)
{
	struct entry *entry = launchers->unsettled[launchers->first_unsettled];

	launchers->first_unsettled = (launchers->first_unsettled + 1) % MAX_UNSETTLED;
	launchers->n_unsettled--;
	return entry;
}

void launchers_free(struct launchers *launchers)
{
	if (!launchers)
		return;
	while (launchers->n_unsettled > 0)
		entry_unref(take_first(launchers));
	for (size_t i = 0; i < MAX_PICTURES; i++)
		picture_unref(launchers->works[i].picture);
	for (size_t i = 0; i < launchers->n_remembered; i++) {
		free(launchers->remembered[i].container_id);
		launcher_free(launchers->remembered[i].launcher);
	}
	free(launchers->remembered);
	free(launchers->docker_directory);
	free(launchers);
}

/* Is pid the process of that start still, and not at its end? */
static bool lives(struct launchers *launchers, pid_t pid, uint64_t *start_nsec)
{
	struct proc_stat stat;

	if (proc_read_stat(launchers->options.proc_fd, pid, &stat) < 0 || stat.exiting ||
		stat.state == 'Z' ||
		(*start_nsec != 0 && !is_near(stat.start_nsec, *start_nsec, READ_TOLERANCE_NSEC)))
		return false;
	*start_nsec = stat.start_nsec;
	return true;
}

/* While the runtime is at work the container is there: a short one, and with --rm its files, can be
 * gone by the time that its entry is heard of. */
static void ask_directory(struct launchers *launchers, struct work *work)
{
	_cleanup_(freep) char *argv = NULL, *named_by = NULL;
	const char *last;
	size_t len;

	if (!launchers->docker_directory ||
		proc_read_cmdline(launchers->options.proc_fd, work->pid, &argv, &len) < 0)
		return;
	while (len > 0 && argv[len - 1] == '\0')
		len--;
	last = memrchr(argv, '\0', len);
	if (!last || !state_id_is_hex64(last + 1) ||
		asprintf(&named_by, "%s/%s/config.v2.json", launchers->docker_directory, last + 1) <
			0)
		return;
	strcpy(work->container_id, last + 1);
	asked_read(named_by, &work->asked);
}

void launchers_runtime_works(struct launchers *launchers, pid_t pid, uint64_t time_nsec)
{
	struct work *work = &launchers->works[launchers->next_work];
	struct picture *picture;
	uint64_t start_nsec = 0;

	if (!launchers->options.clients || !lives(launchers, pid, &start_nsec) ||
		client_table_look(launchers->options.clients, monotonic_now_nsec(), &picture) < 0)
		return;
	/* It was there before and after: what it is there for was going on all the while. */
	if (!picture->complete || !lives(launchers, pid, &start_nsec)) {
		picture_unref(picture);
		return;
	}
	picture_unref(work->picture);
	*work = (struct work){ .pid = pid, .start_nsec = start_nsec, .picture = picture };
	ask_directory(launchers, work);
	launchers->next_work = (launchers->next_work + 1) % MAX_PICTURES;
}

static struct picture *picture_of(struct launchers *launchers, pid_t pid, uint64_t start_nsec)
{
	for (size_t i = 0; i < MAX_PICTURES; i++) {
		const struct work *work = &launchers->works[i];

		if (work->picture && work->pid == pid &&
			is_near(work->start_nsec, start_nsec, START_TOLERANCE_NSEC))
			return work->picture;
	}
	return NULL;
}

/* Of now: it counts if the first process will turn out to have executed its program later. */
static struct picture *look_now(struct launchers *launchers)
{
	struct picture *picture;

	if (!launchers->options.clients ||
		client_table_look(launchers->options.clients, monotonic_now_nsec(), &picture) < 0)
		return NULL;
	if (picture->complete)
		return picture;
	picture_unref(picture);
	return NULL;
}

/* 0: not known. slack_msec: for what is cut of a stamp. */
static uint64_t nsec_of(const struct launchers *launchers, int64_t msec, int64_t slack_msec)
{
	if (msec == 0)
		return 0;
	return audit_clock_monotonic_nsec(launchers->options.clock, msec + slack_msec);
}

/* The directory that those of all of Docker's containers are in. */
static void keep_directory(struct launchers *launchers, const char *named_by)
{
	const char *slash = named_by ? strrchr(named_by, '/') : NULL;

	slash = slash ? memrchr(named_by, '/', (size_t)(slash - named_by)) : NULL;
	if (!slash || (launchers->docker_directory &&
			      strlen(launchers->docker_directory) == (size_t)(slash - named_by) &&
			      strncmp(launchers->docker_directory, named_by,
				      (size_t)(slash - named_by)) == 0))
		return;
	free(launchers->docker_directory);
	launchers->docker_directory = strndup(named_by, (size_t)(slash - named_by));
}

/* What the entry's maker was seen to make; else as it is now. */
static void find_asked(
	const struct launchers *launchers, const struct entry *entry, struct asked *ret)
{
	const struct container_info *info = entry->container->info;

	for (size_t i = 0; i < MAX_PICTURES; i++) {
		const struct work *work = &launchers->works[i];

		if (!work->picture || entry->maker == 0 || work->pid != entry->maker ||
			!is_near(work->start_nsec, entry->maker_start_nsec, START_TOLERANCE_NSEC) ||
			strcmp(work->container_id, info->id) != 0 || work->asked.by_msec == 0)
			continue;
		*ret = work->asked;
		return;
	}
	asked_read(info->named_by, ret);
}

/* Those files that belong to a first start no earlier one has written. */
static void read_asked(struct launchers *launchers, struct entry *entry)
{
	const struct container_info *info = entry->container->info;
	struct asked asked;

	if (strcmp(info->runtime, "docker") != 0)
		return;
	keep_directory(launchers, info->named_by);
	if (entry->ran_before || !entry->container->seen_from_start)
		return;
	find_asked(launchers, entry, &asked);
	entry->asked = (struct asked_nsec){
		.after_nsec = nsec_of(launchers, asked.after_msec, 0),
		.answered_nsec = nsec_of(launchers, asked.answered_msec, 0),
		.about_nsec = nsec_of(launchers, asked.about_msec, 1),
		.by_nsec = nsec_of(launchers, asked.by_msec, 1),
	};
	/* What was changed when the entry had begun says nothing of the request. */
	if (entry->asked.by_nsec > entry->began_nsec)
		entry->asked.by_nsec = entry->asked.about_nsec = 0;
}

/* A short one may have ended by the time that its engine's files are read. */
static bool ran_before(const struct launchers *launchers, const struct entry *entry)
{
	uint64_t finished_nsec =
		nsec_of(launchers, entry->container->info->life.finished_msec, 0);

	return finished_nsec != 0 && finished_nsec <= entry->began_nsec;
}

void launchers_entry_began(
	struct launchers *launchers, struct entry *entry, pid_t maker, uint64_t maker_start_nsec)
{
	struct container *container = entry->container;

	if (launchers->n_unsettled == MAX_UNSETTLED)
		launchers_settle(launchers, launchers->unsettled[launchers->first_unsettled]);
	entry->began_nsec = entry->start_nsec;
	entry->maker = maker;
	entry->maker_start_nsec = maker_start_nsec;
	if (maker != 0)
		entry->picture = picture_ref(picture_of(launchers, maker, maker_start_nsec));
	for (size_t i = 0; i < MAX_PICTURES; i++)
		if (launchers->works[i].pid == maker && maker)
			entry->picture_is_proven = entry->picture != NULL;
	if (maker != 0 && !entry->picture)
		entry->picture = look_now(launchers);
	entry->ran_before = ran_before(launchers, entry);
	read_asked(launchers, entry);
	entry->restarts_before = container->restarts;
	container->restarts = container->info->life.restarts;
	launchers->unsettled[(launchers->first_unsettled + launchers->n_unsettled++) %
			     MAX_UNSETTLED] = entry_ref(entry);
}

void launchers_engine_says(
	struct launchers *launchers, const struct event_engine *engine, uint64_t time_nsec)
{
	engine_words_add(&launchers->words, engine, time_nsec);
}

void launchers_lost(struct launchers *launchers, uint64_t now_nsec)
{
	launchers->lost_nsec = now_nsec;
}

static char *copy_bytes(const char *bytes, size_t len)
{
	char *copy = bytes ? malloc(len + 1) : NULL;

	if (copy) {
		memcpy(copy, bytes, len);
		copy[len] = '\0';
	}
	return copy;
}

static char *copy_string(const char *string)
{
	return string ? strdup(string) : NULL;
}

/* Without memory parts of it are absent. */
static struct launcher *launcher_copy(const struct touch_launcher *from)
{
	struct launcher *launcher = malloc(sizeof(*launcher));

	if (!launcher)
		return NULL;
	*launcher = (struct launcher){
		.confidence = from->confidence,
		.auid = from->auid,
		.pid = from->pid,
		.exe = copy_string(from->exe),
		.argv = copy_bytes(from->argv.bytes, from->argv.len),
		.via = copy_string(from->via),
		.argv_complete = from->argv.complete,
		.content_trust = from->content_trust,
		.evidence = copy_bytes(from->evidence.bytes, from->evidence.len),
		.reason = copy_string(from->reason),
	};
	launcher->argv_len = launcher->argv ? from->argv.len : 0;
	launcher->evidence_len = launcher->evidence ? from->evidence.len : 0;
	return launcher;
}

int launchers_remember(struct launchers *launchers, const char *container_id, pid_t pid,
	uint64_t start_nsec, const struct touch_launcher *launcher)
{
	struct remembered *remembered;

	if (!launchers->remembered)
		launchers->remembered = calloc(MAX_REMEMBERED, sizeof(*launchers->remembered));
	if (!launchers->remembered)
		return -ENOMEM;
	if (launchers->n_remembered == MAX_REMEMBERED)
		return 0;
	remembered = &launchers->remembered[launchers->n_remembered];
	*remembered = (struct remembered){
		.container_id = strdup(container_id),
		.pid = pid,
		.start_nsec = start_nsec,
		.launcher = launcher_copy(launcher),
	};
	launchers->n_remembered++;
	return remembered->container_id && remembered->launcher ? 0 : -ENOMEM;
}

/* NULL where no earlier run knew the entry. */
static struct launcher *recall(struct launchers *launchers, const struct entry *entry)
{
	for (size_t i = 0; i < launchers->n_remembered; i++) {
		struct remembered *remembered = &launchers->remembered[i];

		if (remembered->launcher && remembered->container_id &&
			remembered->pid == entry->pid &&
			is_near(remembered->start_nsec, entry->start_nsec, START_TOLERANCE_NSEC) &&
			strcmp(remembered->container_id, entry->container->info->id) == 0)
			return TAKE(remembered->launcher);
	}
	return NULL;
}

static void settle_one(struct launchers *launchers, struct entry *entry)
{
	if (entry->launcher)
		return;
	if (entry->began_nsec == 0) {
		entry->launcher = recall(launchers, entry);
		if (entry->launcher)
			return;
	}
	launchers->depth++;
	entry->launcher = launchers_weigh(launchers, entry);
	launchers->depth--;
	picture_unref(entry->picture);
	entry->picture = NULL;
	if (entry->launcher && launchers->options.on_settled)
		launchers->options.on_settled(entry, launchers->options.userdata);
}

void launchers_settle(struct launchers *launchers, struct entry *entry)
{
	while (!entry->launcher && launchers->n_unsettled > 0 && launchers->depth < MAX_DEPTH) {
		struct entry *first = take_first(launchers);
		bool is_it = first == entry;

		settle_one(launchers, first);
		entry_unref(first);
		if (is_it)
			break;
	}
	/* One that was there before us is in no queue. */
	if (!entry->launcher && launchers->depth < MAX_DEPTH)
		settle_one(launchers, entry);
}

void launchers_settle_before(struct launchers *launchers, uint64_t time_nsec)
{
	while (launchers->n_unsettled > 0 &&
		launchers->unsettled[launchers->first_unsettled]->began_nsec < time_nsec) {
		struct entry *first = take_first(launchers);

		settle_one(launchers, first);
		entry_unref(first);
	}
}

size_t launchers_unsettled(const struct launchers *launchers)
{
	return launchers->n_unsettled;
}
