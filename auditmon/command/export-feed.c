/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/export-feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/log.h"
#include "store/cursor.h"

/* New touches are looked for so often. */
#define POLL_MSEC 250
#define SAVE_SECONDS 1

/* What ended a session is the database's fault, or somebody has put another one in its place. */
#define DATABASE_FAILED (-EUCLEAN)
#define DATABASE_REPLACED (-ESTALE)

struct session {
	const struct export_feed *export;
	struct export_receiver *receiver;
	struct store *store;
	struct feed *feed;
	struct feed_position saved;
	time_t saved_at;
	enum { NOTED_NOTHING, NOTED_UP, NOTED_DOWN } noted; /* of the receiver, in the database */
	struct stat file;
};

static int database_failed(const struct session *session, int error)
{
	log_error("%s: %s%s", session->export->db, store_error_text(error),
		error == -EACCES && session->export->cursor ? " (the cursor is kept in it)" : "");
	return DATABASE_FAILED;
}

static int open_store(struct session *session)
{
	const struct export_feed *export = session->export;
	struct feed_position position = { 0 };
	int r = store_open(export->db, export->cursor ? STORE_CURSOR : STORE_READ, &session->store);

	if (r == 0 && export->cursor)
		r = cursor_load(session->store, export->cursor, &position);
	r = r < 0 ? r : feed_new(session->store, export->filter, &position, &session->feed);
	if (r < 0)
		return database_failed(session, r);
	stat(store_path(session->store), &session->file);
	/* Whatever it is, it is saved at once: `status` knows of the destination from then on. */
	session->saved = (struct feed_position){ .arrival = -1 };
	session->saved_at = 0;
	session->noted = NOTED_NOTHING;
	export_receiver_begin(session->receiver, &position);
	return 0;
}

static void close_store(struct session *session)
{
	feed_free(session->feed);
	store_close(session->store);
	session->feed = NULL;
	session->store = NULL;
}

static bool is_replaced(const struct session *session)
{
	struct stat now;

	return stat(store_path(session->store), &now) == 0 &&
	       (now.st_ino != session->file.st_ino || now.st_dev != session->file.st_dev);
}

/* Whether the receiver is reached. The row must be there: it comes with the position. 0 or < 0. */
static int note(struct session *session)
{
	bool down = session->receiver->said_down;
	int r;

	if (session->saved.arrival < 0 || session->noted == (down ? NOTED_DOWN : NOTED_UP))
		return 0;
	r = cursor_note(session->store, session->export->cursor,
		down ? session->receiver->down_reason : NULL);
	if (r == 0)
		session->noted = down ? NOTED_DOWN : NOTED_UP;
	return r;
}

static int save_position(struct session *session)
{
	const struct feed_position *proven = &session->receiver->proven;
	int r;

	if (memcmp(proven, &session->saved, sizeof(*proven)) == 0)
		return 0;
	r = cursor_save(session->store, session->export->cursor, proven);
	if (r == 0)
		session->saved = *proven;
	return r;
}

/* What cannot be saved now (a full disk, a lock) is sent again at worst: tried again later. */
static int save(struct session *session, bool now)
{
	const struct export_feed *export = session->export;
	int r;

	if (!export->cursor || (!now && time(NULL) - session->saved_at < SAVE_SECONDS))
		return 0;
	session->saved_at = time(NULL);
	r = save_position(session);
	r = r < 0 ? r : note(session);
	if (r == -EBUSY || r == -ENOSPC) {
		log_warning(
			"%s: the cursor could not be saved: %s", export->db, store_error_text(r));
		return 0;
	}
	return r < 0 ? database_failed(session, r) : 0;
}

static void say_gap(const struct session *session)
{
	if (feed_take_gap(session->feed))
		log_warning("%s: what was recorded behind the cursor was deleted before it was "
			    "exported: there is a gap",
			session->export->db);
}

static int take(struct session *session, const struct touch *touch)
{
	struct feed_position behind;
	const char *json = NULL;

	if (session->receiver->needs_json) {
		int r = feed_json(session->feed, &json);

		if (r <= 0)
			return r < 0 ? database_failed(session, r) : 0;
	}
	feed_position(session->feed, &behind);
	return export_receiver_take(session->receiver, touch, json, &behind);
}

/* There is nothing more at the moment. */
static int rest(struct session *session)
{
	struct feed_position behind;
	int r;

	feed_position(session->feed, &behind);
	r = export_receiver_flush(session->receiver, &behind);
	r = r < 0 ? r : save(session, false);
	if (r < 0)
		return r;
	if (is_replaced(session))
		return DATABASE_REPLACED;
	return export_receiver_wait(session->receiver, POLL_MSEC);
}

/* One touch, or a rest. 1: go on; 0: all is done; < 0: the end of the session. */
static int step(struct session *session)
{
	struct export_receiver *receiver = session->receiver;
	struct touch touch;
	int r;

	if (receiver->link && !receiver->connected) {
		r = export_receiver_connect(receiver);
		if (r < 0)
			return r;
		feed_seek(session->feed, &receiver->proven);
	}
	r = feed_next(session->feed, &touch);
	if (r < 0)
		return database_failed(session, r);
	say_gap(session);
	if (r == 0 && !session->export->follow) {
		struct feed_position behind;

		feed_position(session->feed, &behind);
		r = export_receiver_flush(receiver, &behind);
		return r < 0 ? r : export_receiver_settle(receiver, true);
	}
	r = r > 0 ? take(session, &touch) : rest(session);
	r = r < 0 ? r : export_receiver_settle(receiver, false);
	r = r < 0 ? r : save(session, false);
	return r < 0 ? r : 1;
}

/* After the connection was lost. 1: go on. */
static int mend(struct session *session, int error)
{
	struct export_receiver *receiver = session->receiver;
	int r;

	if (!receiver->link) {
		log_error("standard output: %s", strerror(-error));
		return error;
	}
	export_receiver_lost(receiver, error);
	if (!session->export->follow)
		return error;
	r = save(session, true);
	r = r < 0 ? r : export_receiver_back_off(receiver);
	return r < 0 ? r : 1;
}

static int reopen(struct session *session)
{
	log_notice("%s: is another database now", session->export->db);
	close_store(session);
	return open_store(session);
}

static int run(struct session *session)
{
	int r = 1;

	while (r > 0) {
		r = step(session);
		if (r == DATABASE_REPLACED) {
			r = reopen(session);
			r = r < 0 ? r : 1;
		} else if (r < 0 && r != DATABASE_FAILED && r != -ECANCELED) {
			r = mend(session, r);
		}
		/* A stream that flows asks nobody whether to stop. */
		if (r > 0 && export_receiver_is_stopped(session->receiver))
			r = -ECANCELED;
	}
	return r == -ECANCELED ? 0 : r;
}

int export_feed_run(const struct export_feed *export)
{
	struct session session = { .export = export, .receiver = export->receiver };
	int r = open_store(&session), ended;

	if (r == 0) {
		sd_notify(0, "READY=1");
		r = run(&session);
		sd_notify(0, "STOPPING=1");
	}
	if (session.feed) {
		ended = export_receiver_end(session.receiver);
		/* Who is told to stop leaves what is not proven to the next one. */
		if (!export->follow && ended < 0 && r == 0) {
			export_receiver_lost(session.receiver, ended);
			r = ended;
		}
		if (r != DATABASE_FAILED)
			ended = save(&session, true);
	}
	close_store(&session);
	return r;
}
