/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "command/live-internal.h"

static const char *digest_text(const uint8_t *digest, char text[2 * DIGEST_LEN + 1])
{
	for (size_t i = 0; i < DIGEST_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

int live_learn_trust(struct live *live)
{
	size_t n = watch_count(live->watch);
	const char *path;
	int r = 0;

	for (size_t i = 0; r == 0 && (path = policy_trust_path(live->policy, i)); i++)
		r = digests_learn(live->digests, path);
	for (size_t i = 0; r == 0 && i < n; i++) {
		bool loaded;
		const struct rule *rule = watch_rule(live->watch, i, &loaded);

		if (rule->path && rule->key && watch_has_key(rule->key, WATCH_KEY_TRUST))
			r = digests_learn(live->digests, rule->path);
	}
	return r;
}

/* The alert is out already; what its file holds now follows. */
static void tell_journal(struct live *live, const struct digest_pair *pair)
{
	char before[2 * DIGEST_LEN + 1], after[2 * DIGEST_LEN + 1];
	struct touch touch = {
		.time_msec = pair->time_msec,
		.serial = pair->serial,
		.item = pair->item,
		.node = pair->node,
		.path = pair->path,
		.flags = FLAG_BIT(FLAG_TRUST_CHANGE),
		.digest_before = pair->before ? digest_text(pair->before, before) : NULL,
		.digest_after = digest_text(pair->after, after),
	};

	journal_put(live->journal, &touch);
}

static void on_digest(const struct digest_pair *pair, void *userdata)
{
	struct touch_digest digest = {
		.time_msec = pair->time_msec,
		.serial = pair->serial,
		.item = pair->item,
		.node = pair->node,
		.has_before = pair->before,
		.has_after = pair->after,
	};
	struct live *live = userdata;
	int r;

	if (pair->before)
		memcpy(digest.before, pair->before, sizeof(digest.before));
	if (pair->after)
		memcpy(digest.after, pair->after, sizeof(digest.after));
	if (live->journal && pair->is_alert && pair->after)
		tell_journal(live, pair);
	r = writer_put_digest(live->writer, &digest);
	if (r == -EAGAIN) {
		writer_flush(live->writer);
		writer_put_digest(live->writer, &digest);
	}
}

void live_settle_digests(struct live *live, bool at_once)
{
	digests_tick(live->digests, time_now_msec(), at_once, on_digest, live);
}
