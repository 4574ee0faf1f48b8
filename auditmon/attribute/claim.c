/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/claim.h"

#include <ctype.h>
#include <string.h>

#define MAX_ARGUMENTS 1024
#define MIN_ID_LEN 12
#define MIN_NAME_LEN 3

struct words {
	const char *list[MAX_ARGUMENTS];
	size_t n;
	bool complete;
};

/* The bytes end with a NUL, or are a touch's (touch_copy() and /proc end them so). */
static void split(const struct arguments *argv, struct words *ret)
{
	ret->n = 0;
	ret->complete = argv->complete;
	for (size_t at = 0; argv->bytes && at < argv->len;) {
		size_t len = strnlen(argv->bytes + at, argv->len - at);

		if (ret->n == MAX_ARGUMENTS || at + len == argv->len) {
			/* The last may be cut in the middle, and has no end of its own. */
			if (ret->n < MAX_ARGUMENTS && argv->bytes[argv->len] == '\0')
				ret->list[ret->n++] = argv->bytes + at;
			else
				ret->complete = false;
			return;
		}
		ret->list[ret->n++] = argv->bytes + at;
		at += len + 1;
	}
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_in(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* The engines' own clients, whose words mean what their manuals say. */
static const char *const programs[] = { "docker", "podman", "nerdctl", NULL };
static const char *const compose_programs[] = { "docker-compose", "podman-compose", NULL };

/* Of those, the global options that are followed by a value (docker, podman, nerdctl --help). */
static const char *const global_values[] = { "-H", "--host", "--config", "-c", "--context", "-l",
	"--log-level", "--tlscacert", "--tlscert", "--tlskey", "--root", "--runroot", "--url",
	"--connection", "--storage-driver", "--storage-opt", "-a", "--address", "-n", "--namespace",
	NULL };
static const char *const exec_values[] = { "-e", "--env", "--env-file", "-u", "--user", "-w",
	"--workdir", "--detach-keys", "--preserve-fds", NULL };
static const char *const start_values[] = { "--detach-keys", "--checkpoint", "--checkpoint-dir",
	"-t", "--time", "--timeout", "-s", "--signal", NULL };

/* They start nothing, whatever they are given. */
static const char *const idle_verbs[] = { "attach", "commit", "cp", "create", "diff", "events",
	"export", "help", "history", "image", "images", "import", "info", "inspect", "kill", "list",
	"load", "login", "logout", "logs", "ls", "manifest", "network", "pause", "port", "prune",
	"ps", "pull", "push", "rename", "rm", "rmi", "save", "search", "stats", "stop", "tag",
	"top", "unpause", "update", "version", "volume", "wait", NULL };
static const char *const compose_verbs[] = { "up", "start", "restart", "run", "exec", "scale",
	"watch", "unpause", NULL };

enum verb {
	VERB_NONE, /* no client that we can read */
	VERB_OPEN, /* an engine's client, of which the words tell nothing */
	VERB_IDLE,
	VERB_RUN,
	VERB_START,
	VERB_EXEC,
	VERB_COMPOSE,
};

/* The index of the next word that is no option, from at; n: none. */
static size_t next_positional(const struct words *words, size_t at, const char *const *values)
{
	while (at < words->n && words->list[at][0] == '-') {
		if (strcmp(words->list[at], "--") == 0)
			return at + 1;
		at += is_in(words->list[at], values) ? 2 : 1;
	}
	return at < words->n ? at : words->n;
}

static enum verb compose_verb(const struct words *words, size_t at)
{
	for (; at < words->n; at++)
		if (is_in(words->list[at], compose_verbs))
			return VERB_COMPOSE;
	return words->complete ? VERB_IDLE : VERB_COMPOSE;
}

/* *ret_after: the first word behind the verb. */
static enum verb verb_of(const struct words *words, size_t *ret_after)
{
	size_t at;

	if (words->n == 0)
		return VERB_NONE;
	if (is_in(base_name(words->list[0]), compose_programs))
		return compose_verb(words, 1);
	if (!is_in(base_name(words->list[0]), programs))
		return VERB_NONE;
	at = next_positional(words, 1, global_values);
	if (at < words->n && strcmp(words->list[at], "compose") == 0)
		return compose_verb(words, at + 1);
	if (at < words->n && strcmp(words->list[at], "container") == 0)
		at = next_positional(words, at + 1, global_values);
	if (at >= words->n)
		return VERB_OPEN;
	*ret_after = at + 1;
	if (strcmp(words->list[at], "run") == 0)
		return VERB_RUN;
	if (strcmp(words->list[at], "exec") == 0)
		return VERB_EXEC;
	if (strcmp(words->list[at], "start") == 0 || strcmp(words->list[at], "restart") == 0)
		return VERB_START;
	return is_in(words->list[at], idle_verbs) ? VERB_IDLE : VERB_OPEN;
}

/* Engines take any beginning of an id that is unique; two characters are often enough. */
static bool is_this(const char *word, const struct container_info *info)
{
	size_t len = strlen(word);

	if (*word == '/')
		word++, len--;
	if (info->name && strcmp(word, info->name) == 0)
		return true;
	return len >= 2 && strspn(word, "0123456789abcdef") == len &&
	       strncmp(info->id, word, len) == 0;
}

/* What is redacted (base/redact.h) says nothing of what stood there. */
static bool is_redacted(const char *word, const char *other)
{
	static const char mask[] = "***";
	size_t len = strlen(word);

	return len >= strlen(mask) && strcmp(word + len - strlen(mask), mask) == 0 &&
	       strncmp(word, other, len - strlen(mask)) == 0;
}

static bool is_same_word(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || is_redacted(a, b) || is_redacted(b, a);
}

/* Does the end of command say what words say from at on? */
static bool ends_with(const struct arguments *command, const struct words *words, size_t at)
{
	struct words other;
	size_t n = words->n - at;

	split(command, &other);
	if (!words->complete)
		return true;
	if (n > other.n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_same_word(words->list[at + i], other.list[other.n - n + i]))
			return false;
	return true;
}

/* Podman writes "localhost/bb:latest" where "bb" was asked for; Docker what was. */
static bool is_image(const char *word, const char *image)
{
	static const char latest[] = ":latest";
	size_t word_len = strlen(word), image_len = strlen(image);

	if (word_len > strlen(latest) && strcmp(word + word_len - strlen(latest), latest) == 0)
		word_len -= strlen(latest);
	if (image_len > strlen(latest) && strcmp(image + image_len - strlen(latest), latest) == 0)
		image_len -= strlen(latest);
	return word_len > 0 && word_len <= image_len &&
	       memcmp(word, image + image_len - word_len, word_len) == 0 &&
	       (word_len == image_len || image[image_len - word_len - 1] == '/');
}

/* Is there a word that can be the image, with the container's command behind it? */
static bool has_image_and_command(
	const struct words *words, size_t at, const struct container_info *info)
{
	const struct arguments command = { info->command, info->command_len, true };

	if (!info->image)
		return true;
	for (; at < words->n; at++)
		if (is_image(words->list[at], info->image) &&
			(!info->command || ends_with(&command, words, at + 1)))
			return true;
	/* It may be behind where the command line was cut. */
	return !words->complete;
}

/* The value of --name; NULL: none is given. */
static const char *name_of(const struct words *words, size_t at)
{
	for (; at < words->n; at++) {
		if (strncmp(words->list[at], "--name=", 7) == 0)
			return words->list[at] + 7;
		if (strcmp(words->list[at], "--name") == 0 && at + 1 < words->n)
			return words->list[at + 1];
	}
	return NULL;
}

static enum tristate privileged_of(const struct words *words, size_t at)
{
	for (; at < words->n; at++) {
		if (strcmp(words->list[at], "--privileged") == 0 ||
			strcmp(words->list[at], "--privileged=true") == 0)
			return TRISTATE_YES;
	}
	return words->complete ? TRISTATE_NO : TRISTATE_UNKNOWN;
}

static enum claim claim_of_run(
	const struct words *words, size_t at, const struct claim_subject *subject)
{
	const struct container_info *info = subject->info;
	const char *name = name_of(words, at);
	enum tristate privileged = privileged_of(words, at);

	if (subject->kind == ENTRY_EXEC || !has_image_and_command(words, at, info))
		return CLAIM_OTHER;
	if (privileged != TRISTATE_UNKNOWN && info->privileged != TRISTATE_UNKNOWN &&
		privileged == TRISTATE_NO && info->privileged == TRISTATE_YES)
		return CLAIM_OTHER;
	if (!name)
		return CLAIM_FITS;
	return !info->name || strcmp(name, info->name) == 0 ? CLAIM_NAMES : CLAIM_OTHER;
}

static enum claim claim_of_start(
	const struct words *words, size_t at, const struct claim_subject *subject)
{
	if (subject->kind == ENTRY_EXEC)
		return CLAIM_OTHER;
	for (at = next_positional(words, at, start_values); at < words->n;
		at = next_positional(words, at + 1, start_values))
		if (is_this(words->list[at], subject->info))
			return CLAIM_NAMES;
	return words->complete ? CLAIM_OTHER : CLAIM_OPEN;
}

static enum claim claim_of_exec(
	const struct words *words, size_t at, const struct claim_subject *subject)
{
	if (subject->kind == ENTRY_INIT)
		return CLAIM_OTHER;
	at = next_positional(words, at, exec_values);
	if (at >= words->n)
		return words->complete ? CLAIM_OTHER : CLAIM_OPEN;
	if (!is_this(words->list[at], subject->info))
		return CLAIM_OTHER;
	/* The program may have executed another by the time that it was looked at. */
	if (subject->program.bytes && !ends_with(&subject->program, words, at + 1))
		return CLAIM_OPEN;
	return CLAIM_NAMES;
}

static enum claim claim_of_compose(const struct words *words, const struct claim_subject *subject)
{
	static const char label[] = "\"com.docker.compose.project\"";
	const char *labels = subject->info->labels;

	if (!labels || !strstr(labels, label))
		return CLAIM_OTHER;
	for (size_t i = 1; i + 1 < words->n; i++) {
		char text[256];

		if (strcmp(words->list[i], "-p") != 0 &&
			strcmp(words->list[i], "--project-name") != 0)
			continue;
		snprintf(text, sizeof(text), "%s:\"%s\"", label, words->list[i + 1]);
		return strstr(labels, text) ? CLAIM_NAMES : CLAIM_OTHER;
	}
	return CLAIM_FITS;
}

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

/* As a word of its own: "name=web&x=1", "/containers/web/start". */
static bool mentions(const char *text, const char *name, size_t min_len)
{
	size_t len = name ? strlen(name) : 0;

	if (len < min_len)
		return false;
	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if ((at == text || !is_of_name(at[-1])) && !is_of_name(at[len]))
			return true;
	return false;
}

static enum claim claim_of_program(const struct words *words, const struct claim_subject *subject)
{
	char short_id[MIN_ID_LEN + 1];

	snprintf(short_id, sizeof(short_id), "%s", subject->info->id);
	for (size_t i = 0; i < words->n; i++)
		if (mentions(words->list[i], subject->info->name, MIN_NAME_LEN) ||
			strstr(words->list[i], short_id))
			return CLAIM_NAMES;
	return CLAIM_OPEN;
}

enum claim claim_of(const struct arguments *argv, const struct claim_subject *subject)
{
	struct words words;
	size_t after = 0;

	split(argv, &words);
	switch (verb_of(&words, &after)) {
	case VERB_IDLE:
		return words.complete ? CLAIM_OTHER : CLAIM_OPEN;
	case VERB_RUN:
		return claim_of_run(&words, after, subject);
	case VERB_START:
		return claim_of_start(&words, after, subject);
	case VERB_EXEC:
		return claim_of_exec(&words, after, subject);
	case VERB_COMPOSE:
		return claim_of_compose(&words, subject);
	case VERB_OPEN:
		return CLAIM_OPEN;
	default:
		return claim_of_program(&words, subject);
	}
}

bool claim_is_for_one(const struct arguments *argv)
{
	struct words words;
	size_t after;
	enum verb verb;

	split(argv, &words);
	verb = verb_of(&words, &after);
	return verb == VERB_RUN || verb == VERB_EXEC;
}

bool claim_makes_container(const struct arguments *argv)
{
	struct words words;
	size_t after;

	split(argv, &words);
	return verb_of(&words, &after) == VERB_RUN;
}

/* Without the NULs that end the last argument, which /proc and engines' files may have or not. */
static size_t text_len(const char *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] == '\0')
		len--;
	return len;
}

bool claim_is_health_check(const struct claim_subject *subject)
{
	const struct container_life *life = &subject->info->life;
	const char *program = subject->program.bytes;
	size_t check_len, program_len;

	if (subject->kind == ENTRY_INIT || !life->health_check || !program)
		return false;
	check_len = text_len(life->health_check, life->health_check_len);
	program_len = text_len(program, subject->program.len);
	return check_len > 0 && program_len >= check_len &&
	       memcmp(program + program_len - check_len, life->health_check, check_len) == 0 &&
	       (program_len == check_len || program[program_len - check_len - 1] == '\0');
}
