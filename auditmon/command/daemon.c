/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command/command.h"
#include "command/option.h"
#include "command/live.h"

#define DEFAULT_RULES "/etc/auditmon/rules.d"
#define MAX_RULE_PATHS 64

static const char usage[] =
	"Usage: auditmon daemon [OPTION]...\n"
	"\n"
	"Watches, attributes and records until SIGTERM. SIGHUP reads the rules again.\n"
	"\n"
	"  --rules FILE|DIR  watch rules in auditctl's syntax; may be given more than once\n"
	"                    (default " DEFAULT_RULES ")\n"
	"  --db FILE         the database (default " STORE_DEFAULT_PATH ")\n"
	"  --config FILE     (default " CONFIG_DEFAULT_FILE ")\n"
	"  --source SOURCE   where the records come from: " SOURCE_SYNTAX "\n"
	"                    (default auto: the kernel itself where there is no audit daemon, "
	"else\n"
	"                    beside it)\n"
	"  --show WHICH      print touches as they happen: none, flagged or all (default none)\n"
	"  --help\n";

struct daemon_options {
	const char *rules[MAX_RULE_PATHS];
	size_t n_rules;
	const char *db, *config, *source;
	enum live_show show;
};

static int parse_show(const char *name, enum live_show *ret)
{
	static const char *const names[] = {
		[SHOW_NONE] = "none",
		[SHOW_FLAGGED] = "flagged",
		[SHOW_ALL] = "all",
	};

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum live_show)i;
			return 0;
		}
	return -EINVAL;
}

/* 0: go on; 1: done (help); 2: wrong usage, said. */
static int parse_options(int argc, char **argv, struct daemon_options *options)
{
	enum { RULES = 256, DB, CONFIG, SOURCE, SHOW, HELP };
	static const struct option long_options[] = {
		{ "rules", required_argument, NULL, RULES },
		{ "db", required_argument, NULL, DB },
		{ "config", required_argument, NULL, CONFIG },
		{ "source", required_argument, NULL, SOURCE },
		{ "show", required_argument, NULL, SHOW },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int c;

	while ((c = option_next(argc, argv, long_options, NULL)) >= 0) {
		switch (c) {
		case RULES:
			if (options->n_rules == MAX_RULE_PATHS) {
				log_error("--rules: given more than %d times", MAX_RULE_PATHS);
				return 2;
			}
			options->rules[options->n_rules++] = optarg;
			break;
		case DB:
			options->db = optarg;
			break;
		case CONFIG:
			options->config = optarg;
			break;
		case SOURCE:
			options->source = optarg;
			break;
		case SHOW:
			if (parse_show(optarg, &options->show) < 0) {
				log_error("--show %s: expected none, flagged or all", optarg);
				return 2;
			}
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			return 2;
		}
	}
	if (optind < argc) {
		log_error("daemon: unexpected argument '%s'", argv[optind]);
		return 2;
	}
	return 0;
}

static int read_config(const struct daemon_options *options, struct config *config)
{
	const char *path = options->config ? options->config : CONFIG_DEFAULT_FILE;
	struct config_error error;
	int r = config_read(config, path, &error);

	/* The default file may be absent; one that was asked for may not. */
	if (r == -ENOENT && !options->config)
		return 0;
	if (r == -EINVAL)
		log_error("%s:%u: %s", path, error.line, error.reason);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	return r;
}

/* The command line's word before the configuration's. 0 or -EINVAL, said. */
static int choose_source(const struct daemon_options *options, const struct config *config,
	struct source_choice *ret)
{
	const char *wish = options->source ? options->source : config->source;
	int r = source_choice_parse(wish ? wish : "auto", ret);

	if (r < 0)
		log_error("source %s: expected " SOURCE_SYNTAX, wish);
	return r;
}

static int read_rules(const struct daemon_options *options, struct rule_set **ret)
{
	struct rule_error error = { 0 };
	int r = rule_set_read(options->rules, options->n_rules, ret, &error);

	if (r < 0)
		log_rule_error(&error, r, "");
	rule_error_done(&error);
	return r;
}

static int run(const struct daemon_options *options, const struct config *config,
	const struct source_choice *source, struct rule_set *rules)
{
	const struct live_options live_options = {
		.config = config,
		.db_path = options->db,
		.rule_paths = options->rules,
		.n_rule_paths = options->n_rules,
		.source = *source,
		.show = options->show,
	};
	_cleanup_(live_freep) struct live *live = NULL;
	struct store *store;
	int r, stopped;

	r = store_open(options->db, STORE_WRITE, &store);
	if (r < 0) {
		log_error("%s: %s", options->db, store_error_text(r));
		rule_set_free(rules);
		return r;
	}
	r = live_new(&live_options, store, rules, &live);
	if (r < 0)
		return r;
	r = live_run(live);
	stopped = live_stop(live);
	return r < 0 ? r : stopped;
}

int command_daemon(int argc, char **argv)
{
	struct daemon_options options = { .db = STORE_DEFAULT_PATH };
	struct source_choice source;
	struct rule_set *rules;
	struct config config;
	int r;

	r = parse_options(argc, argv, &options);
	if (r != 0)
		return r == 1 ? EXIT_SUCCESS : r;
	if (options.n_rules == 0)
		options.rules[options.n_rules++] = DEFAULT_RULES;

	config_init(&config);
	r = read_config(&options, &config);
	r = r < 0 ? r : choose_source(&options, &config, &source);
	r = r < 0 ? r : read_rules(&options, &rules);
	if (r == 0) {
		r = run(&options, &config, &source, rules);
		config_done(&config);
		return r < 0 ? 3 : 0;
	}
	config_done(&config);
	return r == -EINVAL || r == -ENOENT ? 2 : 3;
}
