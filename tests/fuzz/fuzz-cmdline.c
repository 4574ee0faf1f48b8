/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A /proc/PID/cmdline, as what looks for engines, shims and monitors among processes reads it. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const struct process_view *view, const char *value)
{
	assert(!value || (value >= view->argv && value <= view->argv + view->argv_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "bundle", "b", "cid", "c", "id", "namespace", NULL };
	struct process_view view = { .argv = malloc(size + 1), .argv_len = size };

	if (!view.argv)
		return 0;
	memcpy(view.argv, data, size);
	view.argv[size] = '\0';
	check_inside(&view, process_view_program(&view));
	check_inside(&view, process_view_option(&view, names));
	check_inside(&view, process_view_last(&view));
	process_view_done(&view);
	return 0;
}
