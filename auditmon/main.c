/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "command/command.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "daemon", command_daemon, "watch, attribute, flag and record until stopped" },
	{ "ingest", command_ingest, "the same over audit logs; no root needed" },
	{ "who-touched", command_who_touched, "every recorded touch of a path of the host" },
	{ "events", command_events, "recorded touches of any path" },
	{ "alerts", command_alerts, "only what was flagged, worst first" },
	{ "containers", command_containers, "the containers seen, removed ones included" },
	{ "show", command_show, "all that is known of a container or an event" },
	{ "report", command_report, "list the reports, or run one" },
	{ "export", command_export, "stored touches in a SIEM's format" },
	{ "identify", command_identify, "which container a live process belongs to" },
	{ "rules", command_rules, "list, check, load or unload watch rules" },
	{ "status", command_status, "health: losses, rates, database" },
};

static void print_help(FILE *out)
{
	fputs("Usage: auditmon COMMAND [OPTION]... [ARGUMENT]...\n"
	      "\n"
	      "Which human, through which container, touched this file of the host?\n"
	      "\n",
		out);
	for (size_t i = 0; i < ELEMENTS(commands); i++)
		fprintf(out, "  %-12s  %s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "auditmon COMMAND --help tells of a command's options; man auditmon of everything.\n",
		out);
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("auditmon " AUDITMON_VERSION);
		return 0;
	}
	for (size_t i = 0; i < ELEMENTS(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	log_error("%s: no such command (auditmon --help lists them)", argv[1]);
	return 2;
}
