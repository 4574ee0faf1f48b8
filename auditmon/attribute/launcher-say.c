/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/launcher-weighing.h"
#include "base/time.h"

#define MAX_SENTENCE 1024
#define MAX_SHOWN_ARGV 240

void launcher_say(struct weighing *weighing, const char *format, ...)
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

/* As a line; what redact says is left out. */
static const char *command_of(
	struct weighing *weighing, const struct client *client, char *buffer, size_t size)
{
	struct arguments argv =
		redact_arguments(weighing->launchers->options.redact, client_argv(client));
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

size_t weighing_count_logins(const struct weighing *weighing)
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

void launcher_say_times(struct weighing *weighing, const struct client_seen *seen)
{
	const struct client *client = seen->client;
	uint64_t began_nsec = weighing->entry->began_nsec;

	if (seen->opened_nsec != 0 && seen->opened_nsec <= began_nsec)
		launcher_say(weighing,
			"connected to %s %.3f s before the container's process began", seen->via,
			(double)(began_nsec - seen->opened_nsec) / 1e9);
	else
		launcher_say(weighing, "was connected to %s, since when is not known", seen->via);
	if (client->end_nsec != 0 && client->end_nsec < began_nsec)
		launcher_say(weighing,
			"had ended %.3f s before: the engine was still at work for it",
			(double)(began_nsec - client->end_nsec) / 1e9);
	if (seen->read_nsec != 0 && seen->read_nsec <= began_nsec)
		launcher_say(weighing,
			"the engine read its request %.3f s before the container's process began",
			(double)(began_nsec - seen->read_nsec) / 1e9);
	if (seen->is_shared)
		launcher_say(weighing,
			"its connection can have been another login's as well, which can have "
			"asked then");
	if (seen->inferred)
		launcher_say(weighing,
			"was gone before its connection could be seen: no other connect was left "
			"for that");
}

void launcher_say_who(struct weighing *weighing, const struct client_seen *seen)
{
	const struct client *client = seen->client;
	const struct client_above *through = client_through(client);
	const struct container_info *info;
	char login[96], command[MAX_SHOWN_ARGV];

	if (client->entry) {
		info = client->entry->container->info;
		launcher_say(weighing,
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
		launcher_say(weighing, "%s acted as uid %u through %s (pid %d)",
			login_of(weighing, client->auid, login, sizeof(login)), client->uid,
			through->name, (int)through->pid);
	else
		launcher_say(weighing, "%s acted as uid %u: %s",
			login_of(weighing, client->auid, login, sizeof(login)), client->uid,
			command_of(weighing, client, command, sizeof(command)));
	if (client->exe && strstr(client->exe, "sshd"))
		launcher_say(weighing,
			"the connection is forwarded by sshd: who wrote the request is not on this "
			"host, the login that forwards is");
}

void launcher_say_claim(struct weighing *weighing, const struct candidate *candidate)
{
	static const char *const sentences[CLAIM_COUNT] = {
		[CLAIM_OTHER] = "its command line asks for something else",
		[CLAIM_LATER] = "its command line does not tell what it asked for",
		[CLAIM_OPEN] = "its command line does not tell what it asked for",
		[CLAIM_FITS] = "its command line asks for such a container",
		[CLAIM_NAMES] = "its command line names the container",
	};

	launcher_say(weighing, "%s", sentences[candidate->claim]);
}

void launcher_say_candidate(struct weighing *weighing, size_t i)
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

	launcher_say(weighing, "candidate: %s, pid %d: %s (%s)",
		login_of(weighing, weighing->candidates[i].auid, login, sizeof(login)),
		(int)client->pid, command_of(weighing, client, command, sizeof(command)),
		weighing->candidates[i].unlikely ? weighing->candidates[i].unlikely
						 : words[weighing->candidates[i].claim]);
}

void launcher_say_word(struct weighing *weighing, const struct engine_word *word, bool is_other)
{
	char login[96];

	login_of(weighing, word->auid, login, sizeof(login));
	launcher_say(weighing, "the engine's own VIRT_CONTROL record says that %s asked for it%s",
		login, weighing->n == 0 ? "; no client was seen" : "");
	if (is_other)
		launcher_say(weighing, "candidate: %s, pid ?: by the engine's own record", login);
}

void launcher_say_rest(struct weighing *weighing)
{
	const struct confidence_facts *facts = &weighing->facts;
	const struct clients_left_out *left_out = &weighing->left_out;
	static const char *const makers[] = {
		[MAKER_OUTSIDE] = "the command that made it was the engine's, and ended before its "
				  "program could be seen",
		[MAKER_UNSEEN] =
			"what made it could not be seen: the engine's command, or another process, "
			"whom nobody has asked",
	};

	if (makers[weighing->entry->maker_sight])
		launcher_say(weighing, "%s", makers[weighing->entry->maker_sight]);
	if (left_out->n_late > 0)
		launcher_say(weighing,
			"left out: %zu connections that came when the engine was at work on it",
			left_out->n_late);
	if (left_out->n_rested > 0)
		launcher_say(weighing,
			"left out: %zu connections for which the engine worked on nothing then",
			left_out->n_rested);
	if (left_out->n_shut > 0)
		launcher_say(weighing,
			"left out: %zu connections that the engine had done with and shut down",
			left_out->n_shut);
	if (!facts->is_complete)
		launcher_say(weighing,
			"who was connected at the moment could not be seen: these connected "
			"before");
	if (facts->n_unknown > 0 && client_table_has_network(weighing->launchers->options.clients))
		launcher_say(weighing,
			"the engine listens %s, too: who asks there is not known",
			client_table_elsewhere(weighing->launchers->options.clients));
	else if (facts->n_unknown == 1)
		launcher_say(weighing, "a connection of a client that is not known");
	else if (facts->n_unknown > 1)
		launcher_say(weighing, "%zu connections of clients that are not known",
			facts->n_unknown);
	if (facts->others_passed)
		launcher_say(weighing,
			"another login had been connected to a socket whose requests "
			"outlive their connections, not long before");
	if (facts->may_be_unheard)
		launcher_say(weighing,
			"the engine was there before auditing is known to have been: not all that "
			"it read need be on record");
	if (facts->engine_may)
		launcher_say(weighing, "the engine may have begun it by itself%s",
			weighing->entry->kind == ENTRY_INIT ? ": restart policy" : "");
}

void launcher_say_nobody(struct weighing *weighing, struct launcher *launcher)
{
	const struct entry *entry = weighing->entry;
	char command[MAX_SHOWN_ARGV];
	const struct client *client;
	int r;

	if (entry->maker_sight == MAKER_BY_HAND && entry->auid_known)
		r = asprintf(&launcher->reason,
			"a runtime's command made it that was run by hand, not by its engine, and "
			"without a login (pid %d)",
			(int)entry->maker);
	else if (entry->maker_sight == MAKER_BY_HAND)
		r = asprintf(&launcher->reason,
			"a runtime's command made it that was run by hand, not by its engine: by "
			"whom could not be seen");
	else if (weighing->engine_did)
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
		r = asprintf(&launcher->reason, "asked for by a client without a login: %s (pid %d)%s%s",
			command_of(weighing, client, command, sizeof(command)), (int)client->pid,
			client->entry ? " in container " : "",
			!client->entry ? ""
			: client->entry->container->info->name
				? client->entry->container->info->name
				: client->entry->container->info->id);
	} else if (weighing->facts.n_unknown > 0 &&
		   client_table_has_network(weighing->launchers->options.clients))
		r = asprintf(&launcher->reason,
			"nobody on this host is known to have asked: the engine listens %s, too, "
			"and who asks there is not known",
			client_table_elsewhere(weighing->launchers->options.clients));
	else if (weighing->facts.n_unknown > 0)
		r = asprintf(
			&launcher->reason, "asked for by a client of the engine that is not known");
	else if (weighing->facts.is_complete)
		/* Podman's own command is an engine, too, and has no login where who ran it has
		 * none. */
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
