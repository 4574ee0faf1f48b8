/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/launcher-weighing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/entry.h"

/* What in the engine's files says that it begins entries unasked. */
static void look_at_engine(struct weighing *weighing)
{
	const struct entry *entry = weighing->entry;
	const struct container_info *info = entry->container->info;
	const struct container_life *life = &info->life;
	bool has_policy = life->restart_policy && life->restart_policy[0] &&
			  strcmp(life->restart_policy, "no") != 0;

	if (info->labels && strstr(info->labels, "\"com.docker.swarm.task"))
		weighing->engine_did = "Swarm's scheduler started it: a task of a service";
	else if (info->pod_uid)
		weighing->engine_did = "Kubernetes' kubelet asked for it: it belongs to a pod";
	else if (entry->kind != ENTRY_EXEC && life->restarting)
		weighing->engine_did = "the engine restarted it by its restart policy";
	else if (entry->kind != ENTRY_EXEC && entry->restarts_before >= 0 &&
		 life->restarts > entry->restarts_before)
		weighing->engine_did = "the engine restarted it by its restart policy";
	/* What the engine's files would say of it is not known. */
	weighing->facts.engine_may = !info->source;
	if (entry->kind != ENTRY_EXEC && has_policy && entry->ran_before &&
		entry->restarts_before < 0)
		weighing->facts.engine_may = true;
	if (entry->kind != ENTRY_INIT && life->health_check_len > 0)
		weighing->facts.engine_may = true;
}

/* What the engine itself put on record of who asked. */
static void hear_engine(
	struct weighing *weighing, struct launcher *launcher, struct verdict *verdict)
{
	const struct entry *entry = weighing->entry;
	enum confidence before = verdict->confidence;
	const struct engine_word *word;

	if (weighing->engine_did || entry->maker == 0 || entry->maker_sight == MAKER_UNSEEN)
		return;
	word = engine_words_take(&weighing->launchers->words, entry);
	if (!word)
		return;
	engine_word_judge(word, weighing->candidates, weighing->n, verdict);
	launcher->confidence = verdict->confidence;
	/* Nobody was seen: the engine's word is all there is, unless it needed nobody. */
	if (weighing->n == 0 && !weighing->facts.engine_may) {
		launcher->confidence = CONFIDENCE_LIKELY;
		launcher->auid = word->auid;
	}
	weighing->by_word = before < verdict->confidence;
	launcher_say_word(weighing, word, before > verdict->confidence);
}

static int keep_client(struct launcher *launcher, const struct client_seen *seen)
{
	const struct client *client = seen->client;

	launcher->pid = client->pid;
	launcher->argv_complete = client->argv_complete;
	launcher->content_trust = client->content_trust;
	launcher->via = strdup(seen->via);
	launcher->exe = client->exe ? strdup(client->exe) : NULL;
	if (client->argv) {
		launcher->argv = malloc(client->argv_len + 1);
		if (launcher->argv)
			memcpy(launcher->argv, client->argv, client->argv_len + 1);
		launcher->argv_len = launcher->argv ? client->argv_len : 0;
	}
	return launcher->via ? 0 : -ENOMEM;
}

static void name_one(
	struct weighing *weighing, const struct verdict *verdict, struct launcher *launcher)
{
	struct client_seen *seen = &weighing->seen[verdict->chosen];
	const struct candidate *candidate = &weighing->candidates[verdict->chosen];

	launcher->auid = candidate->auid;
	if (weighing->n == 1)
		launcher_say(weighing, "only client connected");
	else if (weighing_count_logins(weighing) == 1)
		launcher_say(weighing, "only this login's clients were connected, %zu of them",
			weighing->n);
	else
		launcher_say(weighing, "%zu clients of %zu logins can have asked; %s for it",
			weighing->n, weighing_count_logins(weighing),
			weighing->by_word ? "the engine's own record speaks"
					  : "this one's command line and times speak");
	launcher_say_who(weighing, seen);
	launcher_say_times(weighing, seen);
	launcher_say_claim(weighing, candidate);
	if (keep_client(launcher, seen) < 0)
		launcher->pid = 0;
	/* Several of one login: which of them is not that sure. */
	if (!verdict->is_one && weighing->n > 1)
		launcher_say(weighing, "which of this login's clients it was is not sure");
	if (candidate->claim >= CLAIM_FITS || verdict->is_one) {
		seen->client->served = weighing->entry->maker;
		seen->client->served_start_nsec = weighing->entry->maker_start_nsec;
	}
	if (weighing_count_logins(weighing) > 1)
		for (size_t i = 0; i < weighing->n; i++)
			launcher_say_candidate(weighing, i);
}

/* Where it is not sure that an engine was asked for it, who can have asked did not do so for sure.
 */
static void doubt_maker(const struct entry *entry, struct verdict *verdict)
{
	static const enum confidence most[] = {
		[MAKER_SEEN] = CONFIDENCE_CERTAIN,
		[MAKER_OUTSIDE] = CONFIDENCE_LIKELY,
		[MAKER_UNSEEN] = CONFIDENCE_AMBIGUOUS,
		[MAKER_BY_HAND] = CONFIDENCE_NONE,
	};

	if (verdict->confidence > most[entry->maker_sight])
		verdict->confidence = most[entry->maker_sight];
}

/* No engine was asked: its human is that of the command's own process. */
static void decide_by_hand(struct weighing *weighing, struct launcher *launcher)
{
	const struct entry *entry = weighing->entry;

	if (!entry->auid_known || entry->auid == AUID_UNSET) {
		launcher_say_nobody(weighing, launcher);
		return;
	}
	launcher->confidence = CONFIDENCE_CERTAIN;
	launcher->auid = entry->auid;
	launcher->pid = entry->maker;
	launcher_say(weighing, "loginuid of a runtime's command that was run by hand, not by its "
			       "engine");
}

static void decide(struct weighing *weighing, struct launcher *launcher)
{
	struct verdict verdict = { .confidence = CONFIDENCE_NONE };

	if (weighing->entry->maker_sight == MAKER_BY_HAND) {
		decide_by_hand(weighing, launcher);
		return;
	}
	if (!weighing->engine_did && weighing->entry->maker != 0) {
		launcher_collect(weighing);
		confidence_decide(weighing->candidates, weighing->n, &weighing->facts, &verdict);
		doubt_maker(weighing->entry, &verdict);
	}
	if (claim_is_health_check(&weighing->subject) &&
		(verdict.confidence < CONFIDENCE_LIKELY ||
			weighing->candidates[verdict.chosen].claim < CLAIM_NAMES)) {
		weighing->engine_did = "the engine ran its health check";
		verdict.confidence = CONFIDENCE_NONE;
	}
	launcher->confidence = verdict.confidence;
	hear_engine(weighing, launcher, &verdict);
	if (launcher->confidence == CONFIDENCE_LIKELY && weighing->n == 0)
		return;
	if (verdict.confidence == CONFIDENCE_NONE) {
		launcher_say_nobody(weighing, launcher);
		return;
	}
	if (verdict.confidence == CONFIDENCE_AMBIGUOUS) {
		launcher_say(weighing, "%zu client%s of %zu login%s can have asked", weighing->n,
			weighing->n == 1 ? "" : "s", weighing_count_logins(weighing),
			weighing_count_logins(weighing) == 1 ? "" : "s");
		for (size_t i = 0; i < weighing->n; i++)
			launcher_say_candidate(weighing, i);
	} else {
		name_one(weighing, &verdict, launcher);
	}
	launcher_say_rest(weighing);
}

struct launcher *launchers_weigh(struct launchers *launchers, struct entry *entry)
{
	_cleanup_(launcher_freep) struct launcher *launcher = calloc(1, sizeof(*launcher));
	_cleanup_(freep) struct weighing *weighing = calloc(1, sizeof(*weighing));

	if (!launcher || !weighing)
		return NULL;
	launcher->auid = AUID_UNSET;
	*weighing = (struct weighing){
		.launchers = launchers,
		.entry = entry,
		.subject = { .info = entry->container->info,
			.kind = entry->kind,
			.program = entry_program(entry) },
		.evidence = open_memstream(&launcher->evidence, &launcher->evidence_len),
	};
	if (!weighing->evidence)
		return NULL;
	look_at_engine(weighing);
	decide(weighing, launcher);
	if (fclose(weighing->evidence) != 0)
		return NULL;
	/* The end of the last sentence separates nothing. */
	launcher->evidence_len -= launcher->evidence_len > 0;
	return TAKE(launcher);
}
