/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <libaudit.h>
#include <string.h>
#include <sys/stat.h>

#include "watch/rule-field.h"
#include "watch/rule-value.h"
#include "watch/rule.h"

/* A line on its way to a rule. */
struct parse {
	struct audit_rule_data *data;
	int list, action; /* negative: not given yet */
	bool watch, prepend, syscalls, named_syscalls, controls;
	char key[AUDIT_MAX_KEY_LEN + 1]; /* AUDIT_KEY_SEPARATOR between several */
	struct settings *settings; /* what the lines before asked for; NULL: nobody wants to know */
	const char *file;
	unsigned number;
	struct rule_error *error;
};

#define fail(parse, ...) rule_error_set((parse)->error, __VA_ARGS__)

static const struct {
	const char *name;
	bool is_list;
	int number;
} places[] = {
	{ "exit", true, AUDIT_FILTER_EXIT },
	{ "task", true, AUDIT_FILTER_TASK },
	{ "user", true, AUDIT_FILTER_USER },
	{ "exclude", true, AUDIT_FILTER_EXCLUDE },
	{ "filesystem", true, AUDIT_FILTER_FS },
	{ "io_uring", true, AUDIT_FILTER_URING_EXIT },
	{ "always", false, AUDIT_ALWAYS },
	{ "never", false, AUDIT_NEVER },
};

static int take_one_list(struct parse *parse)
{
	return parse->list < 0 ? 0 : fail(parse, "one line makes one rule: only one -a, -A or -w");
}

/* `LIST,ACTION` in either order. */
static int take_append(struct parse *parse, char *argument)
{
	char *rest = argument, *word;
	int r = take_one_list(parse);

	while (r == 0 && (word = strsep(&rest, ",")) != NULL) {
		size_t i = 0;
		int *slot;

		while (i < ELEMENTS(places) && strcmp(places[i].name, word) != 0)
			i++;
		if (i == ELEMENTS(places))
			return fail(parse, "'%.64s' is no list or action", word);
		slot = places[i].is_list ? &parse->list : &parse->action;
		if (*slot >= 0)
			return fail(parse, "'%.64s': expected one list and one action", word);
		*slot = places[i].number;
	}
	if (r == 0 && (parse->list < 0 || parse->action < 0))
		return fail(parse, "expected a list and an action, as in always,exit");
	return r;
}

static int take_prepend(struct parse *parse, char *argument)
{
	parse->prepend = true;
	return take_append(parse, argument);
}

static int take_watch(struct parse *parse, char *argument)
{
	const char *wrong = rule_path_problem(argument);
	size_t len = strlen(argument);
	struct stat st;
	bool tree;
	int r = take_one_list(parse);

	if (r == 0 && wrong)
		r = fail(parse, "-w %.64s: %s", argument, wrong);
	if (r < 0)
		return r;
	while (len > 1 && argument[len - 1] == '/')
		argument[--len] = '\0';
	tree = stat(argument, &st) == 0 && S_ISDIR(st.st_mode);
	parse->list = AUDIT_FILTER_EXIT;
	parse->action = AUDIT_ALWAYS;
	parse->watch = true;
	r = rule_field_add_path(parse->data, tree, argument, parse->error);
	return r < 0 ? r : rule_field_set_perm(parse->data, parse->list, "rwxa", parse->error);
}

static int take_perm(struct parse *parse, char *argument)
{
	if (parse->list < 0)
		return fail(parse, "-p needs a -w before it");
	return rule_field_set_perm(parse->data, parse->list, argument, parse->error);
}

static int take_key(struct parse *parse, char *argument)
{
	size_t len = strlen(parse->key), more_len = strlen(argument);

	if (more_len == 0)
		return fail(parse, "the key is empty");
	if (len + (len > 0) + more_len > AUDIT_MAX_KEY_LEN)
		return fail(parse, "the key is longer than %d bytes", AUDIT_MAX_KEY_LEN);
	if (len > 0)
		parse->key[len++] = AUDIT_KEY_SEPARATOR;
	memcpy(parse->key + len, argument, more_len + 1);
	return 0;
}

static int take_field(struct parse *parse, char *argument)
{
	if (parse->list < 0)
		return fail(parse, "-F needs an -a or -w before it");
	if (strncmp(argument, "key=", 4) == 0)
		return take_key(parse, argument + 4);
	return rule_field_parse(parse->data, parse->list, argument, parse->error);
}

static int take_comparison(struct parse *parse, char *argument)
{
	if (parse->list < 0)
		return fail(parse, "-C needs an -a or -w before it");
	return rule_comparison_parse(parse->data, parse->list, argument, parse->error);
}

static int take_syscall(struct parse *parse, const char *name)
{
	int machine = rule_machine(parse->data), number = -1;

	if (isdigit((unsigned char)name[0])) {
		char *end;
		unsigned long value = strtoul(name, &end, 0);

		number = *end || value >= SYSCALLS_END ? -1 : (int)value;
	} else if (machine >= 0) {
		number = audit_name_to_syscall(name, machine);
		parse->named_syscalls = true;
	}
	if (number < 0 || number >= SYSCALLS_END)
		return fail(parse, "-S %.64s: there is no such system call", name);
	parse->data->mask[AUDIT_WORD(number)] |= AUDIT_BIT(number);
	return 0;
}

static void set_all_syscalls(struct audit_rule_data *data)
{
	for (int i = 0; i < SYSCALLS_END; i++)
		data->mask[AUDIT_WORD(i)] |= AUDIT_BIT(i);
}

static int take_syscalls(struct parse *parse, char *argument)
{
	char *rest = argument, *name;
	bool any = false;
	int r = 0;

	while (r == 0 && (name = strsep(&rest, ",")) != NULL) {
		any = any || *name;
		if (strcmp(name, "all") == 0)
			set_all_syscalls(parse->data);
		else if (*name)
			r = take_syscall(parse, name);
	}
	/* auditctl takes it, and the kernel too: a rule for no call at all. */
	if (r == 0 && !any)
		return fail(parse, "-S names no system call: the rule would never match");
	parse->syscalls = true;
	return r;
}

/* A line of its own kind: for the kernel's settings. */
static int take_control(struct parse *parse, const char *option, const char *argument)
{
	const char *reason = NULL;
	enum setting setting;
	uint32_t value;
	int r = setting_parse(option, argument, &setting, &value, &reason);

	parse->controls = true;
	if (r < 0)
		return fail(parse, "'%.64s': %s", argument, reason);
	if (!parse->settings)
		return 0;
	if (r > 0)
		return settings_put(parse->settings, setting, value, parse->file, parse->number);
	parse->settings->n_without_effect++;
	return 0;
}

static int take_nothing(struct parse *parse, char *argument)
{
	return fail(parse, "rule files only add: -d and -W belong on auditctl's command line");
}

/* auditctl's options; what is missing here has no place in a file. */
static const struct word {
	const char *name;
	bool argument;
	int (*take)(struct parse *parse, char *argument); /* NULL: take_control() */
} options[] = {
	{ "-w", true, take_watch },
	{ "-p", true, take_perm },
	{ "-k", true, take_key },
	{ "-a", true, take_append },
	{ "-A", true, take_prepend },
	{ "-F", true, take_field },
	{ "-S", true, take_syscalls },
	{ "-C", true, take_comparison },
	{ "-D", false, NULL },
	{ "-b", true, NULL },
	{ "-c", false, NULL },
	{ "-e", true, NULL },
	{ "-f", true, NULL },
	{ "-i", false, NULL },
	{ "-r", true, NULL },
	{ "--backlog_wait_time", true, NULL },
	{ "--loginuid-immutable", false, NULL },
	{ "--reset-lost", false, NULL },
	{ "--reset_backlog_wait_time_actual", false, NULL },
	{ "-d", true, take_nothing },
	{ "-W", true, take_nothing },
};

/*
 * The next word of the line, cut off and unescaped in place; NULL at the end. As auditctl reads it:
 * blanks separate, "\ " and "\\" are a blank and a backslash of the word, other backslashes and all
 * quotation marks stand for themselves.
 */
static char *next_word(char **cursor)
{
	char *from = *cursor + strspn(*cursor, " \t"), *word = from, *to = from;

	if (!*from)
		return NULL;
	while (*from && *from != ' ' && *from != '\t') {
		if (from[0] == '\\' && (from[1] == ' ' || from[1] == '\\'))
			from++;
		*to++ = *from++;
	}
	*cursor = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

/* The option that word begins with; *ret_rest is the "wa" of -pwa and --name=wa, or NULL. */
static const struct word *find_option(char *word, char **ret_rest)
{
	for (size_t i = 0; i < ELEMENTS(options); i++) {
		size_t len = strlen(options[i].name);
		bool is_long = len > 2;

		if (strncmp(word, options[i].name, len) != 0)
			continue;
		if (is_long && word[len] && word[len] != '=')
			continue;
		*ret_rest = word[len] ? word + len + is_long : NULL;
		return &options[i];
	}
	return NULL;
}

static int parse_word(struct parse *parse, char *word, char **cursor)
{
	const struct word *option;
	char *argument;

	if (word[0] == '#')
		return fail(parse, "a comment needs a line of its own");
	if (word[0] != '-')
		return fail(parse, "'%.64s' stands there without an option", word);
	option = find_option(word, &argument);
	if (!option)
		return fail(parse, "'%.64s' is no option of a rule file", word);
	if (!option->argument && argument)
		return fail(parse, "%s takes no argument", option->name);
	if (option->argument && !argument)
		argument = next_word(cursor);
	if (option->argument && !argument)
		return fail(parse, "%s needs an argument", option->name);
	return option->take ? option->take(parse, argument)
			    : take_control(parse, option->name, argument);
}

/* A key is only worth its bytes where the rule says what is watched (auditctl's condition). */
static bool has_subject(const struct parse *parse)
{
	static const uint32_t subjects[] = { AUDIT_WATCH, AUDIT_DIR, AUDIT_PERM, AUDIT_EXE,
		AUDIT_FSTYPE };

	for (size_t i = 0; i < ELEMENTS(subjects); i++)
		if (rule_field_find(parse->data, subjects[i]) >= 0)
			return true;
	return parse->syscalls;
}

/* What only the whole line tells, and what is implied. */
static int finish(struct parse *parse)
{
	struct audit_rule_data *data = parse->data;

	if (parse->controls && (parse->list >= 0 || parse->syscalls))
		return fail(parse, "a rule and an option for the audit daemon in one line");
	if (parse->controls)
		return 0;
	if (parse->list < 0)
		return fail(parse, "there is no -w or -a in this line");
	if (parse->syscalls && parse->watch)
		return fail(parse, "-S does not go with -w, only with -a always,exit -F path=");
	if (parse->syscalls && parse->list != AUDIT_FILTER_EXIT &&
		parse->list != AUDIT_FILTER_URING_EXIT)
		return fail(parse, "-S only goes with the exit list");
	if (parse->named_syscalls && parse->list == AUDIT_FILTER_URING_EXIT)
		return fail(parse, "io_uring has operations, no system calls: -S takes numbers");
	if (!parse->syscalls && parse->list != AUDIT_FILTER_TASK)
		set_all_syscalls(data);
	data->flags = (uint32_t)parse->list;
	data->action = (uint32_t)parse->action;
	if (!parse->key[0])
		return 0;
	if (!has_subject(parse))
		return fail(parse, "a key needs -w, -S, path, dir, perm, exe or fstype beside it");
	return rule_field_add_key(data, parse->key, parse->error);
}

/* True where an odd number of backslashes ends the text, so that the last escapes what follows. */
static bool ends_escaped(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Refuses bytes that no rule has and that would let a file look other than it is. */
static int check_bytes(struct parse *parse, const char *line, size_t len)
{
	if (len > RULE_LINE_LEN_MAX)
		return fail(parse, "the line is longer than the %d bytes that auditctl reads",
			RULE_LINE_LEN_MAX);
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return fail(parse, "the line has a control character (0x%02x)",
				(unsigned char)line[i]);
	if (ends_escaped(line, len))
		return fail(parse,
			"a line cannot be continued on the next: auditctl does not know that");
	return 0;
}

static int parse_words(struct parse *parse, const char *line, size_t len)
{
	_cleanup_(freep) char *words = strndup(line, len);
	char *cursor = words, *word;
	int r = 0;

	if (!words)
		return -ENOMEM;
	while (r == 0 && (word = next_word(&cursor)) != NULL)
		r = parse_word(parse, word, &cursor);
	return r < 0 ? r : finish(parse);
}

static int make_rule(const struct parse *parse, const char *line, size_t len, const char *file,
	unsigned number, struct rule **ret)
{
	_cleanup_(rule_freep) struct rule *rule = NULL;
	int r = rule_from_kernel(parse->data, sizeof(*parse->data) + parse->data->buflen, &rule);

	if (r < 0)
		return r;
	rule->list |= parse->prepend ? AUDIT_FILTER_PREPEND : 0;
	rule->watch = parse->watch;
	rule->line = number;
	rule->text = strndup(line, len);
	rule->file = strdup(file);
	if (!rule->text || !rule->file)
		return -ENOMEM;
	*ret = TAKE(rule);
	return 0;
}

int rule_line_parse(const char *line, const char *file, unsigned number, struct settings *settings,
	struct rule **ret, struct rule_error *error)
{
	_cleanup_(freep) struct audit_rule_data *data = NULL;
	struct parse parse = {
		.list = -1,
		.action = -1,
		.settings = settings,
		.file = file,
		.number = number,
		.error = error,
	};
	size_t len;
	int r;

	line += strspn(line, " \t");
	len = strlen(line);
	/* A file written elsewhere: augenrules drops that, too. */
	if (len > 0 && line[len - 1] == '\r')
		len--;
	while (len > 0 && strchr(" \t", line[len - 1]) && !ends_escaped(line, len - 1))
		len--;
	*ret = NULL;
	if (len == 0 || line[0] == '#')
		return 0;

	/* No string of a rule is longer than what it was read from. */
	parse.data = data = calloc(1, sizeof(*data) + len);
	if (!data)
		return -ENOMEM;
	r = check_bytes(&parse, line, len);
	r = r < 0 ? r : parse_words(&parse, line, len);
	if (r == 0)
		r = parse.controls ? 1 : make_rule(&parse, line, len, file, number, ret);
	if (r != -EINVAL)
		return r;
	free(error->file);
	error->file = strdup(file);
	error->line = number;
	return error->file ? r : -ENOMEM;
}

int rule_parse(const char *line, const char *file, unsigned number, struct rule **ret,
	struct rule_error *error)
{
	return rule_line_parse(line, file, number, NULL, ret, error);
}
