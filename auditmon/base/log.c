/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LINE_MAX_LEN 2048

static enum log_level max_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	max_level = level;
}

void log_message(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_LEN], safe[4 * LINE_MAX_LEN + 1];
	va_list arguments;

	if (level > max_level)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);

	text_escape(line, strlen(line), safe, sizeof(safe));
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>auditmon: %s\n", level, safe);
	else
		fprintf(stderr, "auditmon: %s\n", safe);
}
