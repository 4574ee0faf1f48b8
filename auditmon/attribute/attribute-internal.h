/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How an event becomes touches: the parts of it
 *
 * attribute.c finds the process, goes through the event's items and hands out the touches.
 * attribute-fill.c fills in what one says, each function a part of it. attribute-engine.c takes
 * notice of what the event tells of an engine and its clients.
 */

#include "attribute/action.h"
#include "attribute/attribute.h"
#include "attribute/lineage.h"
#include "attribute/requester.h"

#define TOUCH_NAME_SIZE 64

/* Where the touch's strings stand while on_touch looks at them. */
struct touch_buffers {
	char user[TOUCH_NAME_SIZE], login[TOUCH_NAME_SIZE], launcher_login[TOUCH_NAME_SIZE];
	char seen[HOST_PATH_SIZE];
	char *cmdline;
	char *redacted, *launcher_redacted;
	struct requester requester;
	struct host_path host;
};

/* Of the event's process, with its uid, argv and names. */
void attribute_process(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct touch_buffers *buffers,
	struct touch *touch);

/* What the record of a request does not say of its process. */
void attribute_requester(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, int64_t now_msec, struct touch_buffers *buffers,
	struct touch *touch);

/* With its launcher, and the doubt there is. */
void attribute_container(struct attributor *attributor, const struct lineage_answer *answer,
	int64_t now_msec, struct touch_buffers *buffers, struct touch *touch);

void attribute_path(struct attributor *attributor, const struct event *event,
	const struct action_item *item, const struct container *container, int64_t now_msec,
	struct touch_buffers *buffers, struct touch *touch);

/* A request of io_uring that ran in a worker has files without names; of others it is not known
 * which directory a relative name begins at. */
bool attribute_is_unnamed(const struct event *event, const struct event_path *path);

/* Of a watched file that came or went without a name at least the watched one is known. */
void attribute_unnamed(struct attributor *attributor, const struct event *event,
	const struct event_path *path, int64_t now_msec, struct touch *touch);

/* The host's own name of a directory, below which something happened; or not even that. */
void attribute_directory(const struct action_item *item, struct touch *touch);

/*
 * The path of the engine's socket that a touch is about; NULL: it is about none. A copy that is
 * mounted elsewhere has another path, which the touch keeps.
 */
const char *attribute_engine_socket(const struct attributor *attributor,
	const struct event_path *item, const struct touch *touch);

/* Somebody has connected to an engine, at path: whatever that starts next may be for him. */
void attribute_tell_client(struct attributor *attributor, const struct event *event,
	const struct lineage_answer *answer, const struct touch *touch, const char *path);

/* What an engine itself has put on record. */
void attribute_tell_engine(struct attributor *attributor, const struct event *event);
