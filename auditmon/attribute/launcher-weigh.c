/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attribute/ancestry.h"
#include "attribute/clock.h"
#include "attribute/confidence.h"
#include "attribute/entry.h"
#include "attribute/launcher-internal.h"
#include "base/time.h"

/* Stamps of records are of the clock's last tick, and Docker's of a thousandth of a second. */
#define MADE_SLACK_NSEC (10 * 1000000ull)

/* So soon an engine makes what it is asked for. */
#define NEAR_NSEC (2 * 1000000000ull)
#define NEAR_SLACK_NSEC (20 * 1000000ull)

#define MAX_SENTENCE 1024
#define MAX_SHOWN_ARGV 240

/* An entry on the scales. */
struct weighing {
	struct launchers *launchers;
	struct entry *entry;
	struct claim_subject subject;
	struct client_seen seen[MAX_CANDIDATES];
	struct candidate candidates[MAX_CANDIDATES];
	size_t n;
	struct confidence_facts facts;
	bool by_word;           /* the engine's own record chose */
	const char *engine_did; /* static: what the engine did by itself; NULL: nothing known */
	FILE *evidence;         /* NUL-separated */
};

static void say(struct weighing *weighing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct weighing *weighing, const char *format, ...)
{
	char sentence[MAX_SENTENCE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	fwrite(sentence, 1, strlen(sentence) + 1, weighing->evidence);
}

static const char *login_of(struct weighing *weighing, uint32_t auid, char *buffer, size_t size)
{
	struct users *users = weighing->launchers->options.users;
	const char *name = users ? users_name(users, auid, time_now_msec()) : NULL;

	if (auid == AUID_UNSET)
		snprintf(buffer, size, "no login");
	else if (name)
		snprintf(buffer, size, "%s (auid %u)", name, auid);
	else
		snprintf(buffer, size, "auid %u", auid);
	return buffer;
}

static struct arguments argv_of(const struct client *client)
{
	return (struct arguments){ client->argv, client->argv_len, client->argv_complete };
}

/* As a line; what redact says is left out. */
static const char *command_of(
	struct weighing *weighing, const struct client *client, char *buffer, size_t size)
{
	struct arguments argv =
		redact_arguments(weighing->launchers->options.redact, argv_of(client));
	size_t len = argv.len < size - 1 ? argv.len : size - 1;

	if (!argv.bytes || len == 0) {
		snprintf(buffer, size, "%s", client->exe ? client->exe : "?");
		return buffer;
	}
	memcpy(buffer, argv.bytes, len);
	while (len > 0 && buffer[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		buffer[i] = buffer[i] ? buffer[i] : ' ';
	buffer[len] = '\0';
	return buffer;
}

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
	if (entry->kind != ENTRY_EXEC && has_policy && life->ran_before &&
		entry->restarts_before < 0)
		weighing->facts.engine_may = true;
	if (entry->kind != ENTRY_INIT && life->health_check_len > 0)
		weighing->facts.engine_may = true;
}

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

/*
 * When the engine made the container that starts for the first time; 0: it had been there. To start
 * what was not there yet nobody can have asked: who had closed by then did not.
 */
static uint64_t made_at(const struct weighing *weighing)
{
	const struct container_info *info = weighing->subject.info;

	if (weighing->entry->kind == ENTRY_EXEC || info->life.ran_before || info->created_msec == 0)
		return 0;
	return audit_clock_monotonic_nsec(weighing->launchers->options.clock, info->created_msec);
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
	const struct arguments argv = argv_of(client);
	enum claim claim = is_of_program(client) ? claim_of(&argv, &weighing->subject) : CLAIM_OPEN;
	uint64_t made_nsec = made_at(weighing);

	if (claim == CLAIM_OTHER)
		return claim;
	if (has_served(client, weighing->entry) && claim_is_for_one(&argv))
		return CLAIM_OTHER;
	/* `run` makes its container itself: one that ran before it came is another's. */
	if (claim_makes_container(&argv) && weighing->subject.info->life.ran_before)
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

/* Of a login that none of those is who stay. */
static bool is_of_another(const struct weighing *weighing, const struct candidate *candidate)
{
	for (size_t i = 0; i < weighing->n; i++)
		if (weighing->candidates[i].auid == candidate->auid)
			return false;
	return true;
}

/*
 * What dockerd keeps of clients that had gone before one came who is there and who asks for just
 * this: it would have had to work on a request of theirs for longer than that one's whole visit.
 * That is likely and not certain: who sends a request and goes knows what the next one's command
 * line will be like.
 */
static void leave_out_leftovers(struct weighing *weighing)
{
	struct candidate left_out[MAX_CANDIDATES];
	uint64_t visit_nsec = last_visit(weighing);
	size_t n = 0, n_left_out = 0;

	for (size_t i = 0; i < weighing->n; i++) {
		if (weighing->seen[i].closed_nsec != 0 &&
			weighing->seen[i].closed_nsec < visit_nsec) {
			left_out[n_left_out++] = weighing->candidates[i];
			continue;
		}
		weighing->seen[n] = weighing->seen[i];
		weighing->candidates[n++] = weighing->candidates[i];
	}
	weighing->n = n;
	for (size_t i = 0; i < n_left_out; i++)
		if (is_of_another(weighing, &left_out[i]))
			weighing->facts.is_judged = true;
}

/* How long before the container was made the client came; UINT64_MAX: it tells more, or less. */
static uint64_t gap_of(const struct weighing *weighing, size_t i, uint64_t made_nsec)
{
	uint64_t first_nsec = weighing->seen[i].client->first_nsec;

	if (weighing->candidates[i].claim != CLAIM_OPEN || first_nsec == 0)
		return UINT64_MAX;
	return first_nsec < made_nsec ? made_nsec - first_nsec : 0;
}

/*
 * Of several whose command lines tell nothing, one that came just before the container was made is
 * likelier than those that had been there for twice as long. That is a likelihood, no more.
 */
static void prefer_the_nearest(struct weighing *weighing)
{
	uint64_t made_nsec = made_at(weighing), least_nsec = UINT64_MAX, next_nsec = UINT64_MAX;

	for (size_t i = 0; made_nsec != 0 && i < weighing->n; i++) {
		uint64_t gap_nsec = gap_of(weighing, i, made_nsec);

		if (gap_nsec < least_nsec) {
			next_nsec = least_nsec;
			least_nsec = gap_nsec;
		} else if (gap_nsec < next_nsec) {
			next_nsec = gap_nsec;
		}
	}
	if (least_nsec > NEAR_NSEC ||
		(next_nsec - least_nsec) / 2 < least_nsec / 2 + NEAR_SLACK_NSEC)
		return;
	for (size_t i = 0; i < weighing->n; i++)
		if (weighing->candidates[i].claim == CLAIM_OPEN &&
			gap_of(weighing, i, made_nsec) > least_nsec)
			weighing->candidates[i].claim = CLAIM_LATER;
}

static void collect(struct weighing *weighing)
{
	struct launchers *launchers = weighing->launchers;
	struct entry *entry = weighing->entry;
	const char *runtime = entry->container->info->runtime;
	bool is_proven = entry->picture &&
			 (entry->picture_is_proven || entry->exec_nsec == 0 ||
				 entry->picture->time_nsec < entry->exec_nsec) &&
			 (entry->exec_nsec != 0 || launchers->lost_nsec < entry->began_nsec);

	if (!launchers->options.clients)
		return;
	client_table_identify(launchers->options.clients, monotonic_now_nsec());
	weighing->facts.is_complete = is_proven;
	if (entry->picture)
		weighing->n = client_table_of_picture(launchers->options.clients, entry->picture,
			runtime, made_at(weighing), weighing->seen, MAX_CANDIDATES,
			&weighing->facts.n_unknown);
	if (!is_proven)
		weighing->n = client_table_before(launchers->options.clients, entry->began_nsec,
			runtime, weighing->seen, MAX_CANDIDATES);
	for (size_t i = 0; i < weighing->n; i++) {
		struct client_seen *seen = &weighing->seen[i];

		find_human(weighing, seen->client, &weighing->candidates[i]);
		weighing->candidates[i].claim = claim_of_client(weighing, seen);
		weighing->candidates[i].is_shared = seen->is_shared;
	}
	if (is_proven)
		leave_out_leftovers(weighing);
	prefer_the_nearest(weighing);
}

static void say_times(struct weighing *weighing, const struct client_seen *seen)
{
	const struct client *client = seen->client;
	uint64_t began_nsec = weighing->entry->began_nsec;

	if (seen->opened_nsec != 0 && seen->opened_nsec <= began_nsec)
		say(weighing, "connected to %s %.3f s before the container's process began",
			seen->via, (double)(began_nsec - seen->opened_nsec) / 1e9);
	else
		say(weighing, "was connected to %s, since when is not known", seen->via);
	if (client->end_nsec != 0 && client->end_nsec < began_nsec)
		say(weighing, "had ended %.3f s before: the engine was still at work for it",
			(double)(began_nsec - client->end_nsec) / 1e9);
	if (seen->inferred)
		say(weighing,
			"was gone before its connection could be seen: no other connect was left "
			"for that");
}

static void say_who(struct weighing *weighing, const struct client_seen *seen)
{
	const struct client *client = seen->client;
	const struct client_above *through = client_through(client);
	const struct container_info *info;
	char login[96], command[MAX_SHOWN_ARGV];

	if (client->entry) {
		info = client->entry->container->info;
		say(weighing,
			"the client runs in container %s (%.12s), entry pid %d, whose launcher is "
			"%s",
			info->name ? info->name : "without a name", info->id,
			(int)client->entry->pid,
			client->entry->launcher && client->entry->launcher->reason
				? client->entry->launcher->reason
				: login_of(weighing,
					  weighing->candidates[seen - weighing->seen].auid, login,
					  sizeof(login)));
		return;
	}
	if (through)
		say(weighing, "%s acted as uid %u through %s (pid %d)",
			login_of(weighing, client->auid, login, sizeof(login)), client->uid,
			through->name, (int)through->pid);
	else
		say(weighing, "%s acted as uid %u: %s",
			login_of(weighing, client->auid, login, sizeof(login)), client->uid,
			command_of(weighing, client, command, sizeof(command)));
	if (client->exe && strstr(client->exe, "sshd"))
		say(weighing,
			"the connection is forwarded by sshd: who wrote the request is not on this "
			"host, the login that forwards is");
}

static void say_claim(struct weighing *weighing, const struct candidate *candidate)
{
	static const char *const sentences[CLAIM_COUNT] = {
		[CLAIM_OTHER] = "its command line asks for something else",
		[CLAIM_LATER] = "its command line does not tell what it asked for",
		[CLAIM_OPEN] = "its command line does not tell what it asked for",
		[CLAIM_FITS] = "its command line asks for such a container",
		[CLAIM_NAMES] = "its command line names the container",
	};

	say(weighing, "%s", sentences[candidate->claim]);
}

static void say_candidate(struct weighing *weighing, size_t i)
{
	static const char *const words[CLAIM_COUNT] = {
		[CLAIM_OTHER] = "asks for something else",
		[CLAIM_LATER] = "may be, but another came nearer",
		[CLAIM_OPEN] = "may be",
		[CLAIM_FITS] = "fits",
		[CLAIM_NAMES] = "names the container",
	};
	const struct client *client = weighing->seen[i].client;
	char login[96], command[MAX_SHOWN_ARGV];

	say(weighing, "candidate: %s, pid %d: %s (%s)",
		login_of(weighing, weighing->candidates[i].auid, login, sizeof(login)),
		(int)client->pid, command_of(weighing, client, command, sizeof(command)),
		words[weighing->candidates[i].claim]);
}

static void say_what_is_missing(struct weighing *weighing)
{
	const struct confidence_facts *facts = &weighing->facts;

	if (!facts->is_complete)
		say(weighing, "who was connected at the moment could not be seen: these connected "
			      "before");
	if (facts->is_judged)
		say(weighing, "the engine still held connections of others who had gone before this "
			      "client came: left out");
	if (facts->n_unknown > 0 && client_table_has_network(weighing->launchers->options.clients))
		say(weighing, "the engine listens on the network, too: who asks there is not known");
	else if (facts->n_unknown == 1)
		say(weighing, "a connection of a client that is not known");
	else if (facts->n_unknown > 1)
		say(weighing, "%zu connections of clients that are not known", facts->n_unknown);
	if (facts->engine_may)
		say(weighing, "the engine may have begun it by itself%s",
			weighing->entry->kind == ENTRY_INIT ? ": restart policy" : "");
}

/* What the engine itself put on record of who asked. */
static void hear_engine(
	struct weighing *weighing, struct launcher *launcher, struct verdict *verdict)
{
	const struct entry *entry = weighing->entry;
	enum confidence before = verdict->confidence;
	const struct engine_word *word;
	char login[96];

	if (weighing->engine_did || entry->maker == 0)
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
	say(weighing, "the engine's own VIRT_CONTROL record says that %s asked for it%s",
		login_of(weighing, word->auid, login, sizeof(login)),
		weighing->n == 0 ? "; no client was seen" : "");
	weighing->by_word = before < verdict->confidence;
	if (before > verdict->confidence)
		say(weighing, "candidate: %s, pid ?: by the engine's own record", login);
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

/* How many logins are among the candidates, and how many clients. */
static size_t count_logins(const struct weighing *weighing)
{
	size_t n = 0;

	for (size_t i = 0; i < weighing->n; i++) {
		bool is_new = true;

		for (size_t j = 0; j < i; j++)
			is_new = is_new &&
				 weighing->candidates[j].auid != weighing->candidates[i].auid;
		n += is_new;
	}
	return n;
}

static void name_one(
	struct weighing *weighing, const struct verdict *verdict, struct launcher *launcher)
{
	struct client_seen *seen = &weighing->seen[verdict->chosen];
	const struct candidate *candidate = &weighing->candidates[verdict->chosen];

	launcher->auid = candidate->auid;
	if (weighing->n == 1)
		say(weighing, "only client connected");
	else if (count_logins(weighing) == 1)
		say(weighing, "only this login's clients were connected, %zu of them", weighing->n);
	else
		say(weighing, "%zu clients of %zu logins can have asked; %s speaks for it",
			weighing->n, count_logins(weighing),
			weighing->by_word ? "the engine's own record" : "this one's command line");
	say_who(weighing, seen);
	say_times(weighing, seen);
	say_claim(weighing, candidate);
	if (keep_client(launcher, seen) < 0)
		launcher->pid = 0;
	/* Several of one login: which of them is not that sure. */
	if (!verdict->is_one && weighing->n > 1)
		say(weighing, "which of this login's clients it was is not sure");
	if (candidate->claim >= CLAIM_FITS || weighing->n == 1) {
		seen->client->served = weighing->entry->maker;
		seen->client->served_start_nsec = weighing->entry->maker_start_nsec;
	}
	if (count_logins(weighing) > 1)
		for (size_t i = 0; i < weighing->n; i++)
			say_candidate(weighing, i);
}

static void name_nobody(struct weighing *weighing, struct launcher *launcher)
{
	const struct entry *entry = weighing->entry;
	char command[MAX_SHOWN_ARGV];
	const struct client *client;
	int r;

	if (weighing->engine_did)
		r = asprintf(&launcher->reason, "%s", weighing->engine_did);
	else if (entry->container->info->outer_id)
		r = asprintf(&launcher->reason, "an engine inside another container made it, whose "
						"clients are not followed");
	else if (entry->began_nsec == 0)
		r = asprintf(&launcher->reason, "auditmon was started after it began");
	else if (entry->maker == 0)
		r = asprintf(&launcher->reason, "which engine's command made it could not be seen, "
						"so nobody can have asked for it "
						"for sure");
	else if (weighing->n > 0 && weighing->facts.n_unknown == 0) {
		client = weighing->seen[0].client;
		r = asprintf(&launcher->reason, "asked for by a client without a login: %s(%d)%s%s",
			command_of(weighing, client, command, sizeof(command)), (int)client->pid,
			client->entry ? " in container " : "",
			!client->entry ? ""
			: client->entry->container->info->name
				? client->entry->container->info->name
				: client->entry->container->info->id);
	} else if (weighing->facts.n_unknown > 0 &&
		   client_table_has_network(weighing->launchers->options.clients))
		r = asprintf(&launcher->reason,
			"nobody on this host is known to have asked: the engine listens on the "
			"network, too, and who asks there need not be on this host");
	else if (weighing->facts.n_unknown > 0)
		r = asprintf(
			&launcher->reason, "asked for by a client of the engine that is not known");
	else if (weighing->facts.is_complete)
		/* Podman's own command is an engine, too, and has no login where who ran it has none. */
		r = asprintf(&launcher->reason,
			"no client was connected to the engine's socket: %s, or a client by another "
			"way than the sockets that are watched",
			strcmp(entry->container->info->runtime, "podman") == 0
				? "a podman command that was run without a login"
				: "the engine itself");
	else
		r = asprintf(
			&launcher->reason, "who was connected to the engine could not be seen");
	if (r < 0)
		launcher->reason = NULL;
}

static void decide(struct weighing *weighing, struct launcher *launcher)
{
	struct verdict verdict = { .confidence = CONFIDENCE_NONE };

	if (!weighing->engine_did && weighing->entry->maker != 0) {
		collect(weighing);
		confidence_decide(weighing->candidates, weighing->n, &weighing->facts, &verdict);
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
		name_nobody(weighing, launcher);
		return;
	}
	if (verdict.confidence == CONFIDENCE_AMBIGUOUS) {
		say(weighing, "%zu client%s of %zu login%s can have asked", weighing->n,
			weighing->n == 1 ? "" : "s", count_logins(weighing),
			count_logins(weighing) == 1 ? "" : "s");
		for (size_t i = 0; i < weighing->n; i++)
			say_candidate(weighing, i);
	} else {
		name_one(weighing, &verdict, launcher);
	}
	say_what_is_missing(weighing);
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
			.program = ancestor_argv(entry->program) },
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
