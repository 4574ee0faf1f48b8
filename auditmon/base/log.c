/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_LEN 2048

static enum log_level max_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	max_level = level;
}

/* JOURNAL_STREAM names the device and inode of the stream that is the journal's: a redirected
 * stderr is another (systemd.exec(5)). */
static bool goes_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
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
	if (goes_to_journal())
		fprintf(stderr, "<%d>auditmon: %s\n", level, safe);
	else
		fprintf(stderr, "auditmon: %s\n", safe);
}
