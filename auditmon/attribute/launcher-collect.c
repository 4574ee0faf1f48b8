/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/launcher-weighing.h"

#include <string.h>
#include <time.h>

#include "attribute/clock.h"
#include "attribute/entry.h"
#include "base/time.h"

/* Stamps of records are of the clock's last tick, and Docker's of a thousandth of a second. */
#define MADE_SLACK_NSEC (10 * 1000000ull)

/* A request is read that long before the engine's runtime works on it, at most; if not, the reading
 * is not relied upon. */
#define TOLD_NSEC (10 * 1000000000ull)

/* How late the start of the runtime can be known, which /proc has in ticks. */
#define START_SLACK_NSEC (20 * 1000000ull)

/* The login of a client in a container is as unset as its engine's: its human is that entry's. */
static void find_human(struct weighing *weighing, struct client *client, struct candidate *ret)
{
	struct touch_launcher launcher;

	ret->auid = client->doubt ? AUID_UNSET : client->auid;
	ret->auid_sure = CONFIDENCE_CERTAIN;
	if (!client->entry)
		return;
	ret->auid = AUID_UNSET;
	if (client->entry == weighing->entry)
		return;
	entry_launcher(client->entry, &launcher);
	if (launcher.confidence == CONFIDENCE_NONE) {
		launchers_settle(weighing->launchers, client->entry);
		if (!client->entry->launcher)
			return;
		launcher_get(client->entry->launcher, &launcher);
	}
	if (launcher.confidence < CONFIDENCE_LIKELY)
		return;
	ret->auid = launcher.auid;
	ret->auid_sure = launcher.confidence;
}

/* Is it the container's own first process, and the first such? By the time that an entry is weighed
 * the engine may say already that it has ended. */
static bool is_first_start(const struct weighing *weighing)
{
	const struct entry *entry = weighing->entry;

	return entry->kind == ENTRY_INIT && entry->is_first_init && !entry->ran_before;
}

/*
 * When the engine made the container that starts for the first time; 0: it had been there. To start
 * what was not there yet hardly anybody can have asked.
 */
static uint64_t made_at(const struct weighing *weighing)
{
	const struct container_info *info = weighing->subject.info;

	if (!is_first_start(weighing) || info->created_msec == 0)
		return 0;
	return audit_clock_monotonic_nsec(weighing->launchers->options.clock, info->created_msec);
}

/* Between when it was asked for; 0: not known. */
static struct asked_nsec asked_of(const struct weighing *weighing)
{
	uint64_t made_nsec = made_at(weighing);
	struct asked_nsec asked;

	if (!is_first_start(weighing))
		return (struct asked_nsec){ 0 };
	asked = weighing->entry->asked;
	asked.after_nsec = made_nsec > asked.after_nsec ? made_nsec : asked.after_nsec;
	return asked;
}

/* Did it sleep all the while in which the entry was asked for? */
static bool slept(const struct client *client, const struct asked_nsec *asked)
{
	uint64_t since_nsec =
		asked->answered_nsec > asked->after_nsec ? asked->answered_nsec : asked->after_nsec;

	return since_nsec != 0 && asked->about_nsec > since_nsec &&
	       client_rested(client, since_nsec, asked->about_nsec);
}

/*
 * Why it did not ask, by the times. None is a proof: a request waits while the engine is busy, a
 * connection can be another's than its record says, and somebody else may have what a sleeper has.
 * So sleeping weighs less than a command line that names the container.
 */
static const char *unlikely(
	const struct weighing *weighing, const struct client_seen *seen, enum claim claim)
{
	const struct asked_nsec asked = asked_of(weighing);

	if (!seen->inferred && seen->closed_nsec != 0 && seen->closed_nsec < asked.after_nsec)
		return "had closed before it can have been asked for";
	if (!seen->inferred && asked.by_nsec != 0 && seen->opened_nsec > asked.by_nsec)
		return "came when the engine was at work on it";
	if (seen->reads_known && !seen->is_read_in_time)
		return "what it asked for was another thing: that came before the container was "
		       "made";
	if (claim < CLAIM_NAMES && slept(seen->client, &asked))
		return "slept when it was asked for";
	return NULL;
}

static bool has_served(const struct client *client, const struct entry *entry)
{
	return client->served != 0 && (client->served != entry->maker ||
					      client->served_start_nsec != entry->maker_start_nsec);
}

/* Where only a record tells them, the arguments may be those of a program before this one. */
static bool is_of_program(const struct client *client)
{
	const char *slash = client->argv ? strrchr(client->argv, '/') : NULL;
	const char *name = slash ? slash + 1 : client->argv;
	const char *exe = client->exe ? strrchr(client->exe, '/') : NULL;

	return client->argv_is_live || !exe || !name || strcmp(exe + 1, name) == 0;
}

static enum claim claim_of_client(const struct weighing *weighing, const struct client_seen *seen)
{
	const struct client *client = seen->client;
	const struct arguments argv = client_argv(client);
	enum claim claim = is_of_program(client) ? claim_of(&argv, &weighing->subject) : CLAIM_OPEN;
	uint64_t made_nsec = made_at(weighing);

	if (claim == CLAIM_OTHER)
		return claim;
	if (has_served(client, weighing->entry) && claim_is_for_one(&argv))
		return CLAIM_OTHER;
	/* `run` makes its container itself: one that ran before it came is another's. */
	if (claim_makes_container(&argv) && weighing->entry->ran_before)
		return CLAIM_OTHER;
	if (made_nsec != 0 && client->first_nsec > made_nsec + MADE_SLACK_NSEC) {
		if (claim_makes_container(&argv))
			return CLAIM_OTHER;
		claim = claim == CLAIM_OPEN ? CLAIM_LATER : claim;
	}
	/* One that goes on asking will do so, but one that has not asked yet is likelier. */
	return claim == CLAIM_OPEN && has_served(client, weighing->entry) ? CLAIM_LATER : claim;
}

/* The latest to come of those who are there still, and whose command line fits; 0: none. */
static uint64_t last_visit(const struct weighing *weighing)
{
	uint64_t last_nsec = 0;

	for (size_t i = 0; i < weighing->n; i++)
		if (weighing->seen[i].closed_nsec == 0 &&
			weighing->candidates[i].claim >= CLAIM_FITS &&
			weighing->seen[i].opened_nsec > last_nsec)
			last_nsec = weighing->seen[i].opened_nsec;
	return last_nsec;
}

/*
 * What dockerd keeps of clients that had gone before one came who is there and who asks for just
 * this: it would have had to work on a request of theirs for longer than that one's whole visit.
 * That is likely and not certain: who sends a request and goes knows what the next one's command
 * line will be like.
 */
static void doubt_leftovers(struct weighing *weighing)
{
	uint64_t visit_nsec = last_visit(weighing);

	for (size_t i = 0; i < weighing->n; i++) {
		if (weighing->seen[i].closed_nsec == 0 ||
			weighing->seen[i].closed_nsec >= visit_nsec)
			continue;
		weighing->candidates[i].unlikely = "had gone before one came who fits";
		weighing->candidates[i].claim = CLAIM_OTHER;
	}
}

/* dockerd writes a container's configuration at other times, too, so when its making was answered
 * is not known for sure. */
static bool went_on_from_making(const struct client_seen *seen)
{
	return seen->may_have_made && (!seen->reads_known || seen->is_read_when_made);
}

/*
 * Of several whose command lines tell nothing, those likelier asked for the start which the engine
 * can have been asked by to make the container, too. That is a likelihood, no more.
 */
static void prefer_who_made(struct weighing *weighing)
{
	bool has_one = false;

	for (size_t i = 0; i < weighing->n; i++)
		has_one = has_one || (weighing->candidates[i].claim == CLAIM_OPEN &&
					     went_on_from_making(&weighing->seen[i]));
	for (size_t i = 0; has_one && i < weighing->n; i++)
		if (weighing->candidates[i].claim == CLAIM_OPEN &&
			!went_on_from_making(&weighing->seen[i]))
			weighing->candidates[i].claim = CLAIM_LATER;
}

/* Records and files are stamped by the same clock, but some files finer since Linux 6.13, and what
 * is read from /var/lib/docker is cut to milliseconds. */
static uint64_t tick_nsec(void)
{
	struct timespec resolution;

	if (clock_getres(CLOCK_REALTIME_COARSE, &resolution) < 0)
		return MADE_SLACK_NSEC;
	return (uint64_t)resolution.tv_nsec + 1000000;
}

/* BuildKit, in dockerd, reads while it works: HTTP/2 on a connection that began as HTTP/1. */
static bool reads_tell(const struct weighing *weighing)
{
	return strcmp(weighing->entry->container->info->runtime, "docker") == 0;
}

/*
 * When the engine worked on it for sure: from when its runtime was at work, or it had written the
 * container's files, until the entry began, or was being made still.
 */
static void find_when(const struct weighing *weighing, bool is_proven, struct clients_when *ret)
{
	const struct entry *entry = weighing->entry;
	const struct asked_nsec asked = asked_of(weighing);

	*ret = (struct clients_when){
		.after_nsec = asked.after_nsec,
		.by_nsec = asked.by_nsec,
		.made_nsec = asked.answered_nsec != 0 ? asked.answered_nsec : asked.after_nsec,
		.until_nsec = entry->began_nsec,
		.slack_nsec = tick_nsec(),
	};
	if (is_proven && entry->picture_is_proven && entry->picture->time_nsec > ret->until_nsec)
		ret->until_nsec = entry->picture->time_nsec;
	if (!reads_tell(weighing))
		return;
	ret->since_nsec = asked.by_nsec != 0 ? asked.by_nsec + MADE_SLACK_NSEC
					     : entry->maker_start_nsec + START_SLACK_NSEC;
}

static void weigh(struct weighing *weighing, size_t i)
{
	struct candidate *candidate = &weighing->candidates[i];
	const struct client_seen *seen = &weighing->seen[i];

	find_human(weighing, seen->client, candidate);
	candidate->is_shared = seen->is_shared;
	candidate->claim = claim_of_client(weighing, seen);
	candidate->unlikely = unlikely(weighing, seen, candidate->claim);
	if (candidate->unlikely)
		candidate->claim = CLAIM_OTHER;
}

static void look_at_picture(struct weighing *weighing, const struct clients_when *when)
{
	weighing->n = client_table_of_picture(weighing->launchers->options.clients,
		weighing->entry->picture, weighing->entry->container->info->runtime, when,
		weighing->seen, MAX_CANDIDATES, &weighing->facts.n_unknown, &weighing->left_out);
}

/* Is it on record that the engine read, not long before, what can be the request? */
static bool is_told(const struct weighing *weighing, const struct clients_when *when)
{
	for (size_t i = 0; i < weighing->n; i++)
		if (weighing->seen[i].read_nsec != 0 && weighing->seen[i].is_read_in_time &&
			weighing->seen[i].read_nsec + TOLD_NSEC >= when->since_nsec)
			return client_table_is_told(weighing->launchers->options.clients);
	return false;
}

/*
 * For whom the engine worked on nothing is left out only if what it read of somebody else is on
 * record: then its reading is. Where it worked on nothing for anybody, it did this by itself, or
 * what it reads is not what it should be: whoever is connected can have asked, and nothing is
 * certain any more.
 */
static void see_picture(struct weighing *weighing, struct clients_when *when)
{
	look_at_picture(weighing, when);
	if (weighing->left_out.n_rested == 0 || is_told(weighing, when))
		return;
	if (weighing->n == 0 && weighing->facts.n_unknown == 0)
		weighing->facts.engine_may = true;
	when->since_nsec = 0;
	look_at_picture(weighing, when);
}

void launcher_collect(struct weighing *weighing)
{
	struct launchers *launchers = weighing->launchers;
	struct entry *entry = weighing->entry;
	const char *runtime = entry->container->info->runtime;
	struct clients_when when;
	bool is_proven = entry->picture &&
			 (entry->picture_is_proven || entry->exec_nsec == 0 ||
				 entry->picture->time_nsec < entry->exec_nsec) &&
			 (entry->exec_nsec != 0 || launchers->lost_nsec < entry->began_nsec);

	if (!launchers->options.clients)
		return;
	client_table_identify(launchers->options.clients, monotonic_now_nsec());
	weighing->facts.is_complete = is_proven;
	find_when(weighing, is_proven, &when);
	if (entry->picture)
		see_picture(weighing, &when);
	weighing->facts.n_unknown_unlikely = weighing->left_out.n_unknown_unlikely;
	if (!is_proven)
		weighing->n = client_table_before(launchers->options.clients, entry->began_nsec,
			runtime, weighing->seen, MAX_CANDIDATES);
	for (size_t i = 0; i < weighing->n; i++)
		weigh(weighing, i);
	if (is_proven)
		doubt_leftovers(weighing);
	weighing->facts.others_passed =
		weighing->n > 0 &&
		client_table_has_passed(launchers->options.clients, entry->began_nsec, runtime,
			weighing->candidates[0].auid);
	weighing->facts.may_be_unheard =
		weighing->left_out.n_unheard > 0 && weighing->n > 0 &&
		(weighing->left_out.unheard_auid == AUID_UNSET ||
			weighing->left_out.unheard_auid != weighing->candidates[0].auid);
	prefer_who_made(weighing);
}
