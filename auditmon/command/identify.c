/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Decides from /proc/PID/cgroup as it is now, or from a text of that form. No database, no history:
 * a process that has left its container's cgroup is the daemon's business, which knows the lineage.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "command/command.h"
#include "command/option.h"
#include "runtime/runtime.h"

#define CGROUP_TEXT_MAX ((size_t)1 << 20)

enum { EXIT_FOUND = 0, EXIT_NOT_FOUND = 1, EXIT_USAGE = 2, EXIT_IMPOSSIBLE = 3 };

static const char usage[] =
	"Usage: auditmon identify [OPTION]... PID\n"
	"       auditmon identify [OPTION]... --cgroup FILE\n"
	"\n"
	"Tells which container a live process belongs to, and the cgroup line that decided.\n"
	"\n"
	"  --cgroup FILE         decide from the text of a /proc/PID/cgroup ('-': standard input)\n"
	"  --format table|json   (default table)\n"
	"  --config FILE         (default " CONFIG_DEFAULT_FILE ")\n"
	"  --help\n"
	"\n"
	"Exit status: 0 in a container; 1 a process of the host; 2 wrong usage or bad input;\n"
	"3 no such process, or not readable.\n";

struct identify_options {
	const char *cgroup, *config;
	bool as_json;
	pid_t pid; /* 0: from cgroup */
};

struct answer {
	const struct identify_options *options;
	struct cgroup_match match;
	struct container_info *info; /* NULL: nobody was asked */
};

static int read_stream(const char *path, char **ret, size_t *ret_len)
{
	_cleanup_(fclosep) FILE *opened = NULL;
	_cleanup_(freep) char *text = malloc(CGROUP_TEXT_MAX + 1);
	FILE *file = stdin;
	size_t len;

	if (!text)
		return -ENOMEM;
	if (strcmp(path, "-") != 0)
		file = opened = fopen(path, "re");
	if (!file)
		return -errno;
	errno = 0;
	len = fread(text, 1, CGROUP_TEXT_MAX + 1, file);
	if (ferror(file))
		return errno ? -errno : -EIO;
	if (len > CGROUP_TEXT_MAX)
		return -EFBIG;
	*ret = TAKE(text);
	*ret_len = len;
	return 0;
}

static int read_process(pid_t pid, char **ret, size_t *ret_len)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	r = file_read(AT_FDCWD, path, CGROUP_TEXT_MAX, ret, ret_len);
	return r == -ENOENT ? -ESRCH : r;
}

static int add_roots(struct runtime *runtime, const char *engine, const struct config_list *roots)
{
	int r = 0;

	for (size_t i = 0; i < roots->n && r == 0; i++)
		r = runtime_add_root(runtime, engine, roots->items[i]);
	return r;
}

static int new_runtime(const struct config *config, struct runtime **ret)
{
	_cleanup_(runtime_freep) struct runtime *runtime = NULL;
	int r = runtime_new("/proc", "", &runtime);

	if (r == 0)
		r = add_roots(runtime, "docker", &config->docker_roots);
	if (r == 0)
		r = add_roots(runtime, "podman", &config->podman_roots);
	if (r == 0)
		*ret = TAKE(runtime);
	return r;
}

/* The runtime that the container's own files name, where the path named none. */
static const char *runtime_of(const struct answer *answer)
{
	return answer->info ? answer->info->runtime : answer->match.runtime;
}

static void print_member(const char *name, const char *text, size_t len)
{
	_cleanup_(freep) char *quoted = NULL;

	if (text && len > 0 && json_quote(text, len, &quoted) == 0)
		printf(",\"%s\":%s", name, quoted);
	else
		printf(",\"%s\":null", name);
}

static void print_json(const struct answer *answer)
{
	const struct cgroup_match *match = &answer->match;
	const char *runtime = runtime_of(answer);

	if (answer->options->pid > 0 && match->matched)
		printf("{\"pid\":%d", (int)answer->options->pid);
	else
		printf("{\"pid\":null");
	print_member("runtime", runtime, runtime ? strlen(runtime) : 0);
	print_member("container_id", match->container_id, strlen(match->container_id));
	print_member("outer_id", match->outer_id, strlen(match->outer_id));
	print_member("pod_uid", match->pod_uid, strlen(match->pod_uid));
	print_member("matched", match->matched, match->matched_len);
	printf("}\n");
}

static void print_line(const char *label, const char *text, size_t len)
{
	_cleanup_(freep) char *safe = text && len > 0 ? malloc(4 * len + 1) : NULL;

	if (!safe)
		return;
	text_escape(text, len, safe, 4 * len + 1);
	printf("%-12s%s\n", label, safe);
}

static void print_text(const char *label, const char *text)
{
	print_line(label, text, text ? strlen(text) : 0);
}

static void print_table(const struct answer *answer)
{
	const struct cgroup_match *match = &answer->match;
	const struct container_info *info = answer->info;

	if (!match->runtime)
		printf("no container: a process of the host\n");
	print_text("container", match->container_id);
	print_text("name", info ? info->name : NULL);
	print_text("image", info ? info->image : NULL);
	print_text("runtime", runtime_of(answer));
	if (info && info->privileged == TRISTATE_YES)
		print_text("privileged", "yes");
	print_text("inside of", match->outer_id);
	print_text("pod", match->pod_uid);
	print_line("decided by", match->matched, match->matched_len);
}

/* 0: go on; 1: done (help); 2: wrong usage, said. */
static int parse_operand(int argc, char **argv, struct identify_options *options)
{
	char *end;
	long pid;

	if (options->cgroup ? optind < argc : optind + 1 != argc) {
		log_error("identify: give one PID, or --cgroup FILE");
		return EXIT_USAGE;
	}
	if (options->cgroup)
		return 0;
	errno = 0;
	pid = strtol(argv[optind], &end, 10);
	if (errno != 0 || *end != '\0' || argv[optind][0] < '0' || argv[optind][0] > '9' ||
		pid <= 0 || pid > INT_MAX) {
		log_error("identify: %s: not a process id", argv[optind]);
		return EXIT_USAGE;
	}
	options->pid = (pid_t)pid;
	return 0;
}

static int parse_options(int argc, char **argv, struct identify_options *options)
{
	enum { CGROUP = 256, FORMAT, CONFIG, HELP };
	static const struct option long_options[] = {
		{ "cgroup", required_argument, NULL, CGROUP },
		{ "format", required_argument, NULL, FORMAT },
		{ "config", required_argument, NULL, CONFIG },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int c;

	while ((c = option_next(argc, argv, long_options, NULL)) >= 0) {
		switch (c) {
		case CGROUP:
			options->cgroup = optarg;
			break;
		case FORMAT:
			options->as_json = strcmp(optarg, "json") == 0;
			if (!options->as_json && strcmp(optarg, "table") != 0) {
				log_error("identify: %s: format is table or json", optarg);
				return EXIT_USAGE;
			}
			break;
		case CONFIG:
			options->config = optarg;
			break;
		case HELP:
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			return EXIT_USAGE;
		}
	}
	return parse_operand(argc, argv, options);
}

static int read_config(const struct identify_options *options, struct config *config)
{
	const char *path = options->config ? options->config : CONFIG_DEFAULT_FILE;
	struct config_error error = {};
	int r = config_read(config, path, &error);

	/* Who may not read the configuration can still ask about a process. */
	if (!options->config && (r == -ENOENT || r == -EACCES))
		return 0;
	if (r == -EINVAL)
		log_error("%s:%u: %s", path, error.line, error.reason);
	else if (r < 0)
		log_error("%s: %s", path, strerror(-r));
	return r;
}

static int identify(const struct identify_options *options, const struct config *config)
{
	_cleanup_(runtime_freep) struct runtime *runtime = NULL;
	_cleanup_(container_info_freep) struct container_info *info = NULL;
	_cleanup_(freep) char *text = NULL;
	struct answer answer = { .options = options };
	size_t len;
	int r;

	r = new_runtime(config, &runtime);
	if (r < 0) {
		log_error("/proc: %s", strerror(-r));
		return EXIT_IMPOSSIBLE;
	}
	r = options->cgroup ? read_stream(options->cgroup, &text, &len)
			    : read_process(options->pid, &text, &len);
	if (r < 0) {
		if (options->cgroup)
			log_error("%s: %s", options->cgroup, strerror(-r));
		else
			log_error("process %d: %s", (int)options->pid, strerror(-r));
		return r == -EFBIG ? EXIT_USAGE : EXIT_IMPOSSIBLE;
	}
	cgroup_match(text, len, runtime_task_exists, runtime, &answer.match);
	if (answer.match.runtime && options->pid > 0) {
		r = runtime_describe(runtime, &answer.match, options->pid, &info);
		if (r < 0) {
			log_error("process %d: %s", (int)options->pid, strerror(-r));
			return EXIT_IMPOSSIBLE;
		}
	}
	answer.info = info;
	(options->as_json ? print_json : print_table)(&answer);
	return answer.match.runtime ? EXIT_FOUND : EXIT_NOT_FOUND;
}

int command_identify(int argc, char **argv)
{
	struct identify_options options = {};
	struct config config;
	int r;

	r = parse_options(argc, argv, &options);
	if (r != 0)
		return r == 1 ? EXIT_FOUND : r;
	config_init(&config);
	r = read_config(&options, &config) < 0 ? EXIT_USAGE : identify(&options, &config);
	config_done(&config);
	return r;
}
