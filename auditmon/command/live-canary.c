/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-canary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "command/live-internal.h"
#include "store/query.h"

#define PATIENCE_MSEC 15000
/* Where so much is waiting that it has not been its turn yet. */
#define LONG_PATIENCE_MSEC 120000
#define RETRY_MSEC 60000
#define CALM_BELOW_PERCENT 2
#define SILENCE_NSEC (10 * UINT64_C(1000000000))
#define ANSWER_NSEC (2 * UINT64_C(1000000000))

enum canary_state {
	CANARY_RESTS,
	CANARY_FLIES,  /* the file has been changed */
	CANARY_LANDED, /* its touch went to the writer */
};

struct canary {
	char path[PATH_MAX];
	dev_t device;
	ino_t inode;
	int64_t interval_msec;
	enum canary_state state;
	pid_t helper; /* not waited for yet; 0: none */
	int64_t sent_msec, next_msec;
	int64_t failing_msec; /* unproven since, as far as it is not noted yet; 0: all is well */
	uint64_t n_sent, n_proven;
};

int canary_new(const char *path, int64_t interval_msec, struct canary **ret)
{
	_cleanup_(closep) int fd = -1;
	struct canary *canary;
	struct stat st;

	if (strlen(path) >= sizeof(canary->path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_uid != geteuid())
		return -EPERM;
	if (fchmod(fd, 0600) < 0)
		return -errno;
	canary = calloc(1, sizeof(*canary));
	if (!canary)
		return -ENOMEM;
	*canary = (struct canary){
		.device = st.st_dev,
		.inode = st.st_ino,
		.interval_msec = interval_msec,
	};
	memcpy(canary->path, path, strlen(path) + 1);
	*ret = canary;
	return 0;
}

static void end_helper(struct canary *canary)
{
	if (canary->helper == 0)
		return;
	kill(canary->helper, SIGKILL);
	waitpid(canary->helper, NULL, 0);
	canary->helper = 0;
}

void canary_free(struct canary *canary)
{
	if (canary)
		end_helper(canary);
	free(canary);
}

int canary_rule(const struct canary *canary, const char *mark, char *line, size_t size)
{
	if (!canary || canary->path[strcspn(canary->path, " \t\\\"'\n")] != '\0')
		return -ENOTSUP;
	if (snprintf(line, size, "-a always,exit -F path=%s -F perm=wa -k auditmon-canary-%s",
		    canary->path, mark) >= (int)size)
		return -ENOTSUP;
	return 0;
}

/* The daemon has threads: between fork and exit only what signal-safety(7) allows. */
static pid_t change_file(const struct canary *canary)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = open(canary->path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		(void)!write(fd, &canary->n_sent, sizeof(canary->n_sent));
	_exit(fd < 0);
}

static void send_canary(struct live *live, int64_t now_msec)
{
	struct canary *canary = live->canary;
	pid_t pid;

	canary->n_sent++;
	pid = change_file(canary);
	if (pid < 0) {
		log_warning("canary: fork: %s", strerror(errno));
		canary->next_msec = now_msec + RETRY_MSEC;
		return;
	}
	canary->helper = pid;
	canary->sent_msec = now_msec;
	canary->state = CANARY_FLIES;
}

static void put_number(struct live *live, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	writer_put_meta(live->writer, name, text);
}

bool live_canary_took(struct live *live, const struct touch *touch)
{
	struct canary *canary = live->canary;

	if (!canary || canary->helper == 0 || touch->pid != canary->helper ||
		touch->inode != canary->inode || touch->dev_major != major(canary->device) ||
		touch->dev_minor != minor(canary->device))
		return false;
	if (canary->state == CANARY_FLIES) {
		put_number(live, "canary_landed", canary->n_sent + (uint64_t)live->began_msec);
		canary->state = CANARY_LANDED;
	}
	return true;
}

/* As anybody who asks would read it. */
static bool is_stored(struct live *live, uint64_t number)
{
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(freep) char *value = NULL;

	return store_open(live->options.db_path, STORE_READ, &store) == 0 &&
	       query_meta(store, "canary_landed", &value) == 0 &&
	       strtoull(value, NULL, 10) == number;
}

static void prove(struct live *live, int64_t now_msec)
{
	struct canary *canary = live->canary;

	if (canary->failing_msec != 0)
		log_info("canary: came through again");
	canary->state = CANARY_RESTS;
	canary->failing_msec = 0;
	canary->next_msec = now_msec + canary->interval_msec;
	canary->n_proven++;
	end_helper(canary);
	put_number(live, "canary_proven", (uint64_t)now_msec);
	put_number(live, "canary_count", canary->n_proven);
	put_number(live, "canary_failing", 0);
}

static void fail(struct live *live, int64_t now_msec)
{
	struct canary *canary = live->canary;
	bool landed = canary->state == CANARY_LANDED;

	log_error("canary: a change of %s did not come through%s: touches may be missing",
		canary->path, landed ? ", it is not in the database" : "");
	health_canary_lost(&live->health, live->writer,
		canary->failing_msec ? canary->failing_msec : canary->sent_msec, now_msec,
		landed ? "not stored" : "no event came");
	canary->failing_msec = now_msec;
	canary->state = CANARY_RESTS;
	canary->next_msec = now_msec + (canary->interval_msec < RETRY_MSEC ? canary->interval_msec
									   : RETRY_MSEC);
	end_helper(canary);
	put_number(live, "canary_failing", (uint64_t)now_msec);
}

/* Everything from before has been read, or it takes too long in any case. */
static bool is_overdue(struct live *live, int64_t now_msec)
{
	const struct canary *canary = live->canary;
	int64_t age_msec = now_msec - canary->sent_msec;
	uint64_t now_nsec = monotonic_now_nsec();

	if (age_msec < PATIENCE_MSEC)
		return false;
	return age_msec > LONG_PATIENCE_MSEC || writer_error(live->writer) < 0 ||
	       (now_nsec - live->passed_nsec) / 1000000 < (uint64_t)age_msec;
}

/* Where rules are locked its own may be missing, which is told already; then nothing can come. */
static bool is_watched(const struct live *live)
{
	bool loaded = false;
	const struct rule *first =
		watch_count(live->watch) > 0 ? watch_rule(live->watch, 0, &loaded) : NULL;

	return loaded && first->path && strcmp(first->path, live->canary->path) == 0;
}

void live_canary_tick(struct live *live)
{
	struct canary *canary = live->canary;
	int64_t now_msec = time_now_msec();

	if (!canary || canary->interval_msec == 0)
		return;
	if (canary->state == CANARY_RESTS && !is_watched(live))
		return;
	/* To look into the database takes time, which a flood does not leave. */
	if (canary->state == CANARY_LANDED &&
		writer_fill_percent(live->writer) >= CALM_BELOW_PERCENT &&
		now_msec - canary->sent_msec < LONG_PATIENCE_MSEC)
		return;
	/* The clock was set back. */
	if (canary->next_msec > now_msec + canary->interval_msec)
		canary->next_msec = now_msec;
	if (canary->state == CANARY_RESTS && now_msec >= canary->next_msec)
		send_canary(live, now_msec);
	else if (canary->state == CANARY_LANDED &&
		 is_stored(live, canary->n_sent + (uint64_t)live->began_msec))
		prove(live, now_msec);
	else if (canary->state != CANARY_RESTS && is_overdue(live, now_msec))
		fail(live, now_msec);
}

void live_probe_heard(struct live *live)
{
	live->heard_nsec = monotonic_now_nsec();
}

static void reap_probe(struct live *live)
{
	if (live->probe != 0 && waitpid(live->probe, NULL, WNOHANG) != 0)
		live->probe = 0;
}

/* Births since the last event are unknown: what happened in between is told with doubt. */
static void repair_connector(struct live *live, uint64_t now_nsec)
{
	int r = connector_subscribe(live->connector);

	log_error("process events have stopped coming: %s",
		r < 0 ? strerror(-r) : "subscribed to them again");
	lineage_rescan(live->lineage, live->heard_nsec, now_nsec);
	health_process_events_lost(
		&live->health, live->writer, (int64_t)((now_nsec - live->heard_nsec) / 1000000));
	live->heard_nsec = now_nsec;
}

void live_probe_tick(struct live *live)
{
	uint64_t now_nsec = monotonic_now_nsec();

	reap_probe(live);
	if (live->probe_nsec > live->heard_nsec) {
		if (now_nsec - live->probe_nsec < ANSWER_NSEC)
			return;
		live_read_connector(live);
		if (live->probe_nsec > live->heard_nsec)
			repair_connector(live, now_nsec);
		return;
	}
	if (now_nsec - live->heard_nsec < SILENCE_NSEC || live->probe != 0)
		return;
	live->probe = fork();
	if (live->probe == 0)
		_exit(0);
	live->probe = live->probe < 0 ? 0 : live->probe;
	live->probe_nsec = now_nsec;
}
