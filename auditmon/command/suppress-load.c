/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/suppress-load.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"

static void log_failure(
	const char *directory, const struct suppress_error *error, int code, bool has_rules)
{
	const char *consequence =
		has_rules ? "; the suppression in force stays" : "; nothing is suppressed";
	const char *file = error->file ? error->file : directory;

	if (error->line > 0)
		log_error("%s:%u: %s%s", file, error->line, error->reason, consequence);
	else
		log_error("%s: %s%s", file, strerror(-code), consequence);
}

int suppress_load(const struct config *config, struct suppressions **suppressions)
{
	const char *directory =
		config->suppress_directory ? config->suppress_directory : CONFIG_DEFAULT_SUPPRESS;
	struct suppressions *read = NULL;
	struct suppress_error error;
	int r = suppressions_read(directory, &read, &error);

	if (r < 0)
		log_failure(directory, &error, r, *suppressions);
	suppress_error_done(&error);
	if (r < 0)
		return *suppressions ? 0 : suppressions_new(suppressions);
	suppressions_free(*suppressions);
	*suppressions = read;
	if (suppressions_count(read) > 0)
		log_info("%zu suppression rules", suppressions_count(read));
	suppress_tell_expired(read);
	return 0;
}

void suppress_tell_expired(struct suppressions *suppressions)
{
	const char *name;
	int64_t expiry_msec;

	while ((name = suppressions_expired(suppressions, time_now_msec(), &expiry_msec))) {
		char expiry[TIME_TEXT_LEN];

		time_format_local(expiry_msec, expiry, sizeof(expiry));
		log_warning(
			"suppression rule '%s' has expired (%s): it suppresses nothing any more",
			name, expiry);
	}
}
