/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Launchers from the inside: shared by launcher.c (when) and launcher-weigh.c with its rooms (who,
 * and why; see launcher-weighing.h)
 */

#include "attribute/asked.h"
#include "attribute/engine-word.h"
#include "attribute/launcher.h"

#define MAX_PICTURES 256
#define MAX_UNSETTLED 4096
#define MAX_CANDIDATES 64
#define MAX_REMEMBERED 4096

/* Taken while this process, a runtime, was at work. */
struct work {
	pid_t pid;
	uint64_t start_nsec;
	struct picture *picture; /* counted */
	char container_id[65];   /* by its command line, and then ... */
	struct asked asked;      /* ... what that container's directory told by then */
};

/* Of an earlier run. */
struct remembered {
	char *container_id; /* NULL: taken up */
	pid_t pid;
	uint64_t start_nsec;
	struct launcher *launcher;
};

struct launchers {
	struct launchers_options options;
	struct work works[MAX_PICTURES]; /* a ring */
	size_t next_work;
	char *docker_directory; /* where Docker's last container had its own; NULL: none yet */
	struct entry *unsettled[MAX_UNSETTLED]; /* counted; a ring, oldest first */
	size_t first_unsettled, n_unsettled;
	struct engine_words words;
	struct remembered *remembered;
	size_t n_remembered;
	uint64_t lost_nsec; /* when words of processes were lost last; 0: never */
	unsigned depth;     /* of entries whose clients' own entries are being settled */
};

/* What is to be said of entry; never NULL but for lack of memory. */
struct launcher *launchers_weigh(struct launchers *launchers, struct entry *entry);
