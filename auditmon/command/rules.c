/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule files beside the kernel's rules. What is loaded here stays loaded and belongs to nobody:
 * the daemon, which follows paths that come and go, leaves it alone.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "command/command.h"
#include "command/coverage.h"
#include "command/live-settings.h"
#include "command/option.h"
#include "command/rules-list.h"
#include "output/terminal.h"
#include "watch/kernel.h"
#include "watch/rule.h"

#define DEFAULT_RULES "/etc/auditmon/rules.d"
#define MAX_PATHS 64

enum { EXIT_DONE = 0, EXIT_NOTHING = 1, EXIT_USAGE = 2, EXIT_IMPOSSIBLE = 3 };

static const char usage[] =
	"Usage: auditmon rules [OPTION]... list|check|load|unload [FILE|DIR]...\n"
	"\n"
	"  list    the rules of the files beside those in the kernel\n"
	"  check   whether the files can be loaded; needs neither root nor the kernel\n"
	"  load    add what the kernel does not have yet\n"
	"  unload  remove what equals a rule of the files\n"
	"\n"
	"  --rules FILE|DIR      watch rules in auditctl's syntax; may be given more than once\n"
	"                        (default " DEFAULT_RULES ")\n"
	"  --config FILE         whose coverage counts (default " CONFIG_DEFAULT_FILE ")\n"
	"  --format table|json   json: one object a line\n"
	"  --help\n";

struct rules_options {
	const char *paths[MAX_PATHS];
	size_t n_paths;
	const char *config;
	bool as_json;
	int (*run)(
		const struct rules_options *options, struct rule_set **set); /* may take it over */
};

static const char *error_text(int r)
{
	switch (r) {
	case -EPERM:
		return "no permission (needs root in the host's own namespaces; or locked by "
		       "auditctl -e 2)";
	case -EPROTONOSUPPORT:
		return "this kernel has no audit support";
	default:
		return strerror(-r);
	}
}

static int list(const struct rules_options *options, struct rule_set **set)
{
	_cleanup_(watch_freep) struct watch *watch = NULL;
	_cleanup_(rule_set_freep) struct rule_set *kernel = NULL;
	int r = watch_new(&watch);

	r = r < 0 ? r : watch_list_kernel(watch, &kernel);
	if (r < 0)
		log_warning("what is loaded is not known: %s", error_text(r));
	pager_open();
	r = rules_list_print(*set, kernel, options->as_json);
	pager_close();
	if (r < 0) {
		log_error("rules: %s", strerror(-r));
		return EXIT_IMPOSSIBLE;
	}
	return (*set)->n_rules > 0 || (kernel && kernel->n_rules > 0) ? EXIT_DONE : EXIT_NOTHING;
}

/* Rules on watched paths that report nothing of what Docker's containers do. */
static size_t warn_of_blind_rules(const struct rule_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];

		if (!rule->path || !rule_is_blind_to_unset(rule))
			continue;
		n++;
		log_warning("%s:%u: blind to Docker: its containers have no loginuid, which the "
			    "condition on auid leaves out; take it away to see them",
			rule->file, rule->line);
	}
	return n;
}

/* The kernel watches the link (audit_get_nd() in kernel/audit_watch.c): its own changes, and
 * nothing of what is done through it. */
static size_t warn_of_links(const struct rule_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];
		_cleanup_(freep) char *target = NULL;
		struct stat st;

		if (!rule->path || rule->tree || lstat(rule->path, &st) < 0 || !S_ISLNK(st.st_mode))
			continue;
		n++;
		target = realpath(rule->path, NULL);
		log_warning("%s:%u: %s is a symbolic link: the link itself is watched, not what it "
			    "leads to; watch %s as well",
			rule->file, rule->line, rule->path, target ? target : "that");
	}
	return n;
}

static size_t count_settings(const struct settings *settings)
{
	size_t n = settings->n_without_effect;

	for (size_t i = 0; i < N_SETTINGS; i++)
		n += settings->values[i].file != NULL;
	return n;
}

static void print_settings(const struct settings *settings)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting_value *value = &settings->values[i];

		if (value->file)
			printf("%s:%u: %s %u: %s\n", value->file, value->line,
				setting_name((enum setting)i), value->value,
				setting_consequence((enum setting)i, value->value));
	}
	if (settings->n_without_effect > 0)
		printf("%zu lines (-D and the like) do nothing: "
		       "auditmon replaces its own rules, and only those\n",
			settings->n_without_effect);
}

/* That the files could be read is the check. */
static int check(const struct rules_options *options, struct rule_set **checked)
{
	const struct rule_set *set = *checked;
	size_t n_blind = warn_of_blind_rules(set), n_links = warn_of_links(set);

	if (options->as_json) {
		printf("{\"rules\":%zu,\"repeated\":%zu,\"controls\":%zu,"
		       "\"blind\":%zu,\"links\":%zu}\n",
			set->n_rules, set->n_repeated, count_settings(&set->settings), n_blind,
			n_links);
		return EXIT_DONE;
	}
	printf("%zu rules, no problem\n", set->n_rules);
	if (set->n_repeated > 0)
		printf("%zu more stand there twice\n", set->n_repeated);
	print_settings(&set->settings);
	return EXIT_DONE;
}

static int open_watch(struct watch **ret)
{
	int r = watch_new(ret);

	if (r < 0)
		log_error("rules: %s", error_text(r));
	return r;
}

static void log_refusal(const struct watch_refusal *refusal)
{
	const struct rule *rule = refusal->rule;

	if (rule && refusal->error != -EPERM)
		log_error("%s:%u: the kernel refused it: %s", rule->file, rule->line,
			strerror(-refusal->error));
	else
		log_error("rules: %s", error_text(refusal->error));
}

/* The rules, then the settings, and what locks both. They stay, as the rules do. */
static int load_all(struct watch *watch, struct rule_set *set)
{
	_cleanup_(audit_control_freep) struct audit_control *control = NULL;
	struct applied_settings settings = { 0 };
	struct watch_refusal refusal;
	struct kernel_status status;
	bool alone = audit_control_new(&control) == 0 &&
		     audit_control_status(control, &status) == 0 &&
		     kernel_status_other_daemon(&status) == 0;
	int r;

	r = watch_apply(watch, set, &refusal);
	if (r < 0) {
		log_refusal(&refusal);
		return r;
	}
	/* The set is the watch's now. */
	if (control) {
		applied_settings_set(&settings, &set->settings, control, alone);
		applied_settings_lock(&settings, control, alone);
	}
	applied_settings_done(&settings);
	return 0;
}

static int load(const struct rules_options *options, struct rule_set **set)
{
	_cleanup_(watch_freep) struct watch *watch = NULL;
	size_t n = 0, n_loaded = 0, n_added = 0;

	if (open_watch(&watch) < 0 || load_all(watch, TAKE(*set)) < 0)
		return EXIT_IMPOSSIBLE;
	for (size_t i = 0; i < watch_count(watch); i++) {
		bool loaded;
		const struct rule *rule = watch_rule(watch, i, &loaded);

		n += !rule->derived;
		n_loaded += loaded && !rule->derived;
		n_added += loaded && rule->derived;
	}
	if (options->as_json)
		printf("{\"rules\":%zu,\"loaded\":%zu,\"absent\":%zu,\"added\":%zu}\n", n, n_loaded,
			n - n_loaded, n_added);
	else
		printf("%zu rules loaded and %zu that go with them; %zu not, because there is "
		       "nothing at their paths\n",
			n_loaded, n_added, n - n_loaded);
	return n_loaded > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static int unload(const struct rules_options *options, struct rule_set **set)
{
	_cleanup_(watch_freep) struct watch *watch = NULL;
	size_t n = 0;
	int r;

	if (open_watch(&watch) < 0)
		return EXIT_IMPOSSIBLE;
	r = watch_remove(watch, *set, &n);
	if (r < 0)
		log_error("rules: %s", error_text(r));
	if (options->as_json)
		printf("{\"removed\":%zu}\n", n);
	else
		printf("%zu rules removed\n", n);
	if (r < 0)
		return EXIT_IMPOSSIBLE;
	return n > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static void on_problem(const struct rule_error *error, void *userdata)
{
	if (error->line > 0)
		log_error("%s:%u: %s", error->file, error->line, error->reason);
	else
		log_error("%s: %s", error->file, error->reason);
}

/* What the daemon would load besides: the same configuration, the same rules. */
static int add_coverage(const struct rules_options *options, struct rule_set *set)
{
	const char *path = options->config ? options->config : CONFIG_DEFAULT_FILE;
	struct config_error error;
	struct config config;
	int r;

	config_init(&config);
	r = config_read(&config, path, &error);
	if (r == -EINVAL)
		log_error("%s:%u: %s", path, error.line, error.reason);
	else if (r == -ENOENT && !options->config)
		r = 0;
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	r = r < 0 ? EXIT_USAGE : 0;
	if (r == 0 && coverage_add(config.coverage, set) < 0)
		r = EXIT_IMPOSSIBLE;
	config_done(&config);
	return r;
}

/*
 * Reads the files, says everything that is wrong with them, and runs the action on what they hold.
 */
static int run(const struct rules_options *options)
{
	_cleanup_(rule_set_freep) struct rule_set *set = NULL;
	int r = rule_set_check(options->paths, options->n_paths, on_problem, NULL, &set);

	if (r == -ENOMEM)
		log_error("rules: %s", strerror(-r));
	if (r < 0)
		return r == -ENOMEM || r == -EACCES || r == -EIO ? EXIT_IMPOSSIBLE : EXIT_USAGE;
	if (options->run != check) {
		r = add_coverage(options, set);
		if (r != 0)
			return r;
	}
	return options->run(options, &set);
}

static int set_action(struct rules_options *options, int n_words, char **words)
{
	static const struct {
		const char *name;
		int (*run)(const struct rules_options *options, struct rule_set **set);
	} actions[] = {
		{ "list", list },
		{ "check", check },
		{ "load", load },
		{ "unload", unload },
	};

	for (size_t i = 0; n_words > 0 && i < ELEMENTS(actions); i++)
		if (strcmp(actions[i].name, words[0]) == 0)
			options->run = actions[i].run;
	for (int i = 1; options->run && i < n_words; i++) {
		if (options->n_paths == MAX_PATHS) {
			log_error("rules: more than %d files", MAX_PATHS);
			return EXIT_USAGE;
		}
		options->paths[options->n_paths++] = words[i];
	}
	if (options->run)
		return 0;
	log_error("rules: say one of list, check, load and unload");
	return EXIT_USAGE;
}

/* 0: go on; 1: done (help); 2: wrong usage, said. */
static int parse_options(int argc, char **argv, struct rules_options *options)
{
	enum { RULES = 256, CONFIG, FORMAT, HELP };
	static const struct option long_options[] = {
		{ "rules", required_argument, NULL, RULES },
		{ "config", required_argument, NULL, CONFIG },
		{ "format", required_argument, NULL, FORMAT },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int c;

	while ((c = option_next(argc, argv, long_options, NULL)) >= 0) {
		switch (c) {
		case RULES:
			if (options->n_paths == MAX_PATHS) {
				log_error("--rules: given more than %d times", MAX_PATHS);
				return EXIT_USAGE;
			}
			options->paths[options->n_paths++] = optarg;
			break;
		case CONFIG:
			options->config = optarg;
			break;
		case FORMAT:
			options->as_json = strcmp(optarg, "json") == 0;
			if (!options->as_json && strcmp(optarg, "table") != 0) {
				log_error("--format %s: expected table or json", optarg);
				return EXIT_USAGE;
			}
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			return EXIT_USAGE;
		}
	}
	return set_action(options, argc - optind, argv + optind);
}

int command_rules(int argc, char **argv)
{
	struct rules_options options = { 0 };
	int r = parse_options(argc, argv, &options);

	if (r != 0)
		return r == 1 ? EXIT_DONE : r;
	if (options.n_paths == 0)
		options.paths[options.n_paths++] = DEFAULT_RULES;
	return run(&options);
}
