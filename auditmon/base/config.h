/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The configuration file: `key = value` lines, '#' comments
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define CONFIG_DEFAULT_FILE "/etc/auditmon/auditmon.conf"
#define CONFIG_DEFAULT_SUPPRESS "/etc/auditmon/suppress.d"

struct config_list {
	char **items;
	size_t n;
};

/* What is watched beyond the rules as they are written. */
enum coverage {
	COVERAGE_ALL,     /* whatever the kernel can tell */
	COVERAGE_WATCHES, /* of each watched path */
	COVERAGE_NONE,
	COVERAGE_COUNT,
};

struct config {
	enum coverage coverage;
	struct config_list docker_roots,
		podman_roots;      /* where engines keep their state, besides what is found */
	struct config_list engine_sockets; /* besides the engines' own places */
	struct config_list redact; /* see attribute/redact.h */
	struct config_list trust_paths;    /* globs, besides what is known: see detect/policy.h */
	struct config_list secret_readers; /* each one as reader_parse() takes it */
	uint32_t backlog_limit;    /* the kernel's, at least */
	size_t process_limit;      /* incarnations that are remembered */
	size_t container_limit;    /* containers that are followed at once */
	size_t connector_buffer;   /* bytes of process events that wait in the kernel */
	char *node;                /* NULL: the host's name */
	int64_t retention_msec;    /* how long touches are kept; 0: for ever */
	int64_t retention_bytes;   /* how many bytes of them; 0: however many */
	bool journal;              /* flagged touches go to the journal */
	char *suppress_directory;  /* NULL: CONFIG_DEFAULT_SUPPRESS */
	int64_t canary_interval_msec; /* 0: none */
	char *source;                 /* as of the command line; NULL: auto */
};

struct config_error {
	unsigned line;
	char reason[160];
};

/* The defaults. */
void config_init(struct config *config);
void config_done(struct config *config);

/*
 * Reads path over what config holds. 0, -ENOENT and other errors of opening, -EINVAL (error says
 * line and reason; config is then partly filled and only good for config_done), -ENOMEM.
 */
int config_read(struct config *config, const char *path, struct config_error *error);

/* The same of text: len bytes and a NUL, which are changed. 0, -EINVAL, -ENOMEM. */
int config_parse(struct config *config, char *text, size_t len, struct config_error *error);
