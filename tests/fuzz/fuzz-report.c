/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "store/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes in: a report has a title and its text, or it is none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report *report = NULL;

	if (report_parse("fuzz", (const char *)data, size, &report) < 0) {
		assert(!report);
		return 0;
	}
	assert(report->title && *report->title && !strchr(report->title, '\n'));
	assert(strlen(report->sql) == size && text_is_utf8(report->sql, size));
	assert(report->n_parameters <= size / strlen("--parameter:"));
	for (size_t i = 0; i < report->n_parameters; i++)
		assert(!strchr(report->parameters[i], '\n'));
	report_free(report);
	return 0;
}
