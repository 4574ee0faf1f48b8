/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Messages for the administrator
 *
 * One line each, "auditmon: what: why", to stderr; with a "<N>" priority prefix (sd-daemon(3)) when
 * stderr goes to the journal (JOURNAL_STREAM names it). Control characters that came in through an
 * argument are escaped, so that a hostile path cannot forge a line or move the cursor. Only
 * commands and event callbacks log; every other function returns its error.
 */

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Messages above this level are dropped; INFO at start. Not thread-safe: set it before threads
 * exist. */
void log_set_level(enum log_level level);

void log_message(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_message(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)
