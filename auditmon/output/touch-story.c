/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/touch-story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/table.h"
#include "output/touch-line.h"
#include "output/word.h"
#include "output/wrap.h"

#define NAME_COLUMNS 48
#define COMMAND_COLUMNS 100
#define REASON_COLUMNS 160
#define PATH_COLUMNS 160
#define COMMAND_SIZE 512
#define CUT " ..."
#define INDENT 4
#define MAX_NAMED 4

static void print_command(FILE *out, const struct arguments *argv, const char *exe)
{
	char line[COMMAND_SIZE];
	size_t max = sizeof(line) - sizeof(CUT), len = argv->len < max ? argv->len : max;

	if (!argv->bytes || len == 0) {
		word_print(out, exe ? exe : "a client", COMMAND_COLUMNS);
		return;
	}
	memcpy(line, argv->bytes, len);
	while (len > 0 && line[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		line[i] = line[i] ? line[i] : ' ';
	strcpy(line + len, argv->complete && argv->len <= max ? "" : CUT);
	word_print_quoted(out, line, COMMAND_COLUMNS);
}

static void print_login(FILE *out, const char *login, uint32_t auid)
{
	if (login)
		word_print(out, login, NAME_COLUMNS);
	else
		fprintf(out, "auid %u", auid);
}

static const char *evidence_end(const struct touch_launcher *launcher)
{
	const struct arguments *evidence = &launcher->evidence;

	return evidence->bytes ? evidence->bytes + evidence->len : NULL;
}

/* The sentence of evidence behind after, the first for NULL; NULL: there are no more. */
static const char *next_evidence(const struct touch_launcher *launcher, const char *after)
{
	const char *end = evidence_end(launcher);

	if (launcher->evidence.bytes == end)
		return NULL;
	if (!after)
		return launcher->evidence.bytes;
	after += strnlen(after, (size_t)(end - after)) + 1;
	return after < end ? after : NULL;
}

/*
 * The sentences tell of other clients, too, in their words: "candidate: eve (auid 3268), pid 41: ...",
 * and of containers by their names. So what a sentence is, its beginning says.
 */

static const char candidate_words[] = "candidate: ";
static const char place_words[] = "the client runs in container ";
static const char acted_words[] = " acted as uid ";

static bool begins_with(const char *text, const char *words)
{
	return strncmp(text, words, strlen(words)) == 0;
}

/* What follows "dwalsh (auid 3267) acted as uid ", "auid 3267 acted as uid "; NULL: another sentence. */
static const char *acted_of(const struct touch_launcher *launcher, const char *sentence)
{
	const char *login = launcher->login;
	size_t len = login && begins_with(sentence, login) ? strlen(login) : strcspn(sentence, " ");
	int n = 0;

	if (sscanf(sentence, "auid %*u%n", &n) >= 0 && n > 0)
		sentence += n;
	else if (begins_with(sentence, "no login"))
		sentence += strlen("no login");
	else if (begins_with(sentence + len, " (auid ") &&
		 sscanf(sentence + len, " (auid %*u)%n", &n) >= 0 && n > 0)
		sentence += len + (size_t)n;
	else
		return NULL;
	return begins_with(sentence, acted_words) ? sentence + strlen(acted_words) : NULL;
}

/* A copy, heap, of the first sentence that begins with words; NULL: none does. */
static char *find_sentence(const struct touch_launcher *launcher, const char *words)
{
	const char *end = evidence_end(launcher);

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *sentence = strndup(at, (size_t)(end - at));

		if (sentence && begins_with(sentence, words))
			return sentence;
		free(sentence);
	}
	return NULL;
}

/* The first that has the words, which are ours, anywhere. */
static char *find_ours(const struct touch_launcher *launcher, const char *words)
{
	const char *end = evidence_end(launcher);

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *sentence = strndup(at, (size_t)(end - at));

		if (sentence && strstr(sentence, words) && !begins_with(sentence, candidate_words) &&
			!begins_with(sentence, place_words) && !acted_of(launcher, sentence))
			return sentence;
		free(sentence);
	}
	return NULL;
}

/* "dwalsh (auid 3267) acted as uid 0 through sudo (pid 41048)" */
static void print_through(FILE *out, const struct touch_launcher *launcher)
{
	const char *end = evidence_end(launcher);
	char name[32];
	unsigned uid;

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		_cleanup_(freep) char *sentence = strndup(at, (size_t)(end - at));
		const char *acted = sentence ? acted_of(launcher, sentence) : NULL;

		if (!acted || sscanf(acted, "%u through %31s (pid", &uid, name) != 2)
			continue;
		if (uid == 0)
			fputs(", as root through ", out);
		else
			fprintf(out, ", as uid %u through ", uid);
		word_print(out, name, NAME_COLUMNS);
		return;
	}
}

/* The last of words in text. */
static char *find_last(char *text, const char *words)
{
	char *last = NULL;

	for (char *at = strstr(text, words); at; at = strstr(at + 1, words))
		last = at;
	return last;
}

/* "the client runs in container outer (8a1f09c2d3e4), entry pid 77, whose launcher is ..." */
static void print_place(FILE *out, const struct touch_launcher *launcher)
{
	_cleanup_(freep) char *sentence = find_sentence(launcher, place_words);
	char *name, *id, *end;

	if (!sentence)
		return;
	name = sentence + strlen(place_words);
	end = find_last(name, "), entry pid ");
	if (!end)
		return;
	*end = '\0';
	id = find_last(name, " (");
	if (!id)
		return;
	*id = '\0';
	id += strlen(" (");
	fputs(" in container ", out);
	word_print(out, name, NAME_COLUMNS);
	fputs(" (", out);
	word_print(out, id, NAME_COLUMNS);
	fputc(')', out);
}

static void print_client(FILE *out, const struct touch_launcher *launcher)
{
	print_login(out, launcher->login, launcher->auid);
	print_through(out, launcher);
	if (launcher->pid == 0)
		return;
	fputs(", by ", out);
	print_command(out, &launcher->argv, launcher->exe);
	fprintf(out, " (pid %d)", (int)launcher->pid);
	print_place(out, launcher);
}

/* A login's name, or "auid 3268". */
static void print_candidate(FILE *out, const char *name)
{
	unsigned auid;
	char rest;

	if (sscanf(name, "auid %u%c", &auid, &rest) == 1)
		print_login(out, NULL, auid);
	else
		print_login(out, name, AUID_UNSET);
}

/* The login of "candidate: dwalsh (auid 3267), pid 41: docker run bb (fits)"; NULL: it is none. */
static char *candidate_of(const char *sentence, size_t len)
{
	_cleanup_(freep) char *copy = strndup(sentence, len);
	char *end;

	if (!copy || !begins_with(copy, candidate_words))
		return NULL;
	end = strstr(copy, ", pid ");
	if (!end)
		return NULL;
	*end = '\0';
	end = strstr(copy, " (auid ");
	if (end)
		*end = '\0';
	return strdup(copy + strlen(candidate_words));
}

static bool is_among(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void print_candidates(FILE *out, const struct touch_launcher *launcher)
{
	const char *end = evidence_end(launcher);
	char *names[MAX_NAMED] = { 0 };
	size_t n = 0;
	bool more = false;

	for (const char *at = next_evidence(launcher, NULL); at; at = next_evidence(launcher, at)) {
		char *name = candidate_of(at, (size_t)(end - at));

		if (!name || is_among(names, n, name) || n == MAX_NAMED) {
			more = more || (name && n == MAX_NAMED && !is_among(names, n, name));
			free(name);
			continue;
		}
		names[n++] = name;
	}
	fputs(n > 0 ? "one of " : "one of several logins", out);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : i + 1 == n && !more ? " and " : ", ", out);
		print_candidate(out, names[i]);
		free(names[i]);
	}
	fputs(more ? " and others" : "", out);
}

static bool is_named(const struct touch_launcher *launcher)
{
	return launcher->confidence >= CONFIDENCE_LIKELY && launcher->auid != AUID_UNSET;
}

static bool has_container(const struct touch *touch)
{
	return touch->container.id || touch->doubt;
}

/* False: there is nobody to be named. */
static bool print_who(FILE *out, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (is_named(launcher))
		print_client(out, launcher);
	else if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		print_candidates(out, launcher);
	else if (touch_has_login(touch))
		print_login(out, touch->login, touch->auid);
	else
		return false;
	return true;
}

/* "docker container hack (bb, privileged)" */
static void print_container(FILE *out, const struct touch *touch)
{
	const struct touch_container *container = &touch->container;
	char name[320];

	touch_container_name(touch, name, sizeof(name));
	if (container->runtime) {
		word_print(out, container->runtime, NAME_COLUMNS);
		fputc(' ', out);
	}
	fputs("container ", out);
	word_print(out, name, NAME_COLUMNS);
	if (touch->doubt)
		fputc('?', out);
	if (!container->image && container->privileged != TRISTATE_YES)
		return;
	fputs(" (", out);
	if (container->image)
		word_print(out, container->image, NAME_COLUMNS);
	if (container->privileged == TRISTATE_YES)
		fputs(container->image ? ", privileged" : "privileged", out);
	fputc(')', out);
}

static void print_process(FILE *out, const struct touch *touch)
{
	if (touch->comm)
		word_print(out, touch->comm, NAME_COLUMNS);
	else
		fputs("a process", out);
	if (touch->pid)
		fprintf(out, " (pid %d)", (int)touch->pid);
}

/* Who, and through what, up to the verb. */
static void print_subject(FILE *out, const struct touch *touch)
{
	bool is_exec = touch->container.entry == ENTRY_EXEC;

	if (print_who(out, touch)) {
		if (!has_container(touch))
			return;
		if (touch->container.id) {
			fputs(is_exec ? ", through an exec into " : ", through ", out);
			print_container(out, touch);
		} else {
			fputs(", perhaps through a container", out);
		}
		fputc(',', out);
	} else if (touch->container.id) {
		fputs(is_exec ? "an exec into the " : "the ", out);
		print_container(out, touch);
	} else {
		print_process(out, touch);
		fputs(touch->doubt ? ", a process without a login and perhaps of a container,"
				   : ", a process without a login,",
			out);
	}
}

static void print_deed(FILE *out, const struct touch *touch, bool colour)
{
	static const enum table_style styles[SEVERITY_COUNT] = {
		[SEVERITY_WARNING] = TABLE_YELLOW,
		[SEVERITY_CRITICAL] = TABLE_RED,
	};
	enum table_style style = styles[touch->severity];
	const char *path = touch->path ? touch->path : touch->path_seen;

	fprintf(out, " %s %s",
		touch->action == ACTION_DENIED ? "was denied access to" : touch_verb(touch),
		table_style_begin(style, colour));
	if (path)
		word_print(out, path, PATH_COLUMNS);
	else
		fputs("an unknown file", out);
	fprintf(out, "%s%s as ", path && touch->path_by != PATH_BY_IDENTITY ? "?" : "",
		table_style_end(style, colour));
	if (touch->user)
		word_print(out, touch->user, NAME_COLUMNS);
	else if (touch->uid == AUID_UNSET)
		fputs("an unknown user", out);
	else
		fprintf(out, "uid %u", touch->uid);
	if (!has_container(touch) && touch_has_login(touch)) {
		fputs(", by ", out);
		print_process(out, touch);
	}
	fputc('.', out);
}

/* What keeps it from being certain is said at the end of the evidence. */
static char *why(const struct touch_launcher *launcher)
{
	static const char *const words[] = { "could not be seen", "left out", "not known",
		"by itself", "the network" };
	char *sentence = NULL;

	for (size_t i = 0;
		!sentence && launcher->confidence == CONFIDENCE_LIKELY && i < ELEMENTS(words); i++)
		sentence = find_ours(launcher, words[i]);
	return sentence ? sentence : find_sentence(launcher, "");
}

static void print_sureness(FILE *out, const struct touch *touch)
{
	static const char *const titles[CONFIDENCE_COUNT] = {
		[CONFIDENCE_AMBIGUOUS] = " Ambiguous",
		[CONFIDENCE_LIKELY] = " Likely",
		[CONFIDENCE_CERTAIN] = " Certain",
	};
	const struct touch_launcher *launcher = &touch->launcher;
	_cleanup_(freep) char *reason = why(launcher);

	fputs(titles[launcher->confidence], out);
	if (reason) {
		fputs(": ", out);
		table_print_text(out, reason, REASON_COLUMNS);
	}
	if (launcher->confidence == CONFIDENCE_AMBIGUOUS)
		fprintf(out, "; \"auditmon show event:%" PRIu64 "\" has them all", touch->serial);
	fputc('.', out);
}

/* How sure, or why nobody is named; what is in doubt. */
static void print_grounds(FILE *out, const struct touch *touch)
{
	const struct touch_launcher *launcher = &touch->launcher;

	if (is_named(launcher) || launcher->confidence == CONFIDENCE_AMBIGUOUS) {
		print_sureness(out, touch);
	} else if (touch->container.id && !touch_has_login(touch)) {
		fputs(" Nobody is named", out);
		if (launcher->reason) {
			fputs(": ", out);
			table_print_text(out, launcher->reason, REASON_COLUMNS);
		}
		fputc('.', out);
	}
	if (touch->container.id && touch->doubt) {
		fputs(" In doubt: ", out);
		table_print_text(out, touch->doubt, REASON_COLUMNS);
		fputc('.', out);
	}
}

void touch_story_print(FILE *out, const struct touch *touch, size_t width, bool colour)
{
	_cleanup_(freep) char *story = NULL;
	char time[TIME_TEXT_LEN];
	size_t len = 0;
	FILE *buffer = open_memstream(&story, &len);

	if (!buffer)
		return;
	time_format_local(touch->time_msec, time, sizeof(time));
	fprintf(buffer, "%s  ", time);
	print_subject(buffer, touch);
	print_deed(buffer, touch, colour);
	print_grounds(buffer, touch);
	if (fclose(buffer) == 0)
		wrap_print(out, story, width, INDENT);
}
