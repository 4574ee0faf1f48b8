/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/time.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"

#define DAY_SEC (24 * 60 * 60)
#define SECOND_USEC INT64_C(1000000)

/* systemd.time(7); a month is a twelfth of a year of 365.25 days. */
// clang-format off
static const struct {
	const char *name;
	int64_t usec;
} units[] = {
	{ "",       SECOND_USEC },
	{ "usec",   1 },                          { "us",      1 },
	{ "µs",     1 },                          { "μs",      1 },
	{ "msec",   1000 },                       { "ms",      1000 },
	{ "s",      SECOND_USEC },                { "sec",     SECOND_USEC },
	{ "second", SECOND_USEC },                { "seconds", SECOND_USEC },
	{ "m",      60 * SECOND_USEC },           { "min",     60 * SECOND_USEC },
	{ "minute", 60 * SECOND_USEC },           { "minutes", 60 * SECOND_USEC },
	{ "h",      3600 * SECOND_USEC },         { "hr",      3600 * SECOND_USEC },
	{ "hour",   3600 * SECOND_USEC },         { "hours",   3600 * SECOND_USEC },
	{ "d",      DAY_SEC * SECOND_USEC },      { "day",     DAY_SEC * SECOND_USEC },
	{ "days",   DAY_SEC * SECOND_USEC },
	{ "w",      7 * DAY_SEC * SECOND_USEC },  { "week",    7 * DAY_SEC * SECOND_USEC },
	{ "weeks",  7 * DAY_SEC * SECOND_USEC },
	{ "M",      2629800 * SECOND_USEC },      { "month",   2629800 * SECOND_USEC },
	{ "months", 2629800 * SECOND_USEC },
	{ "y",      31557600 * SECOND_USEC },     { "year",    31557600 * SECOND_USEC },
	{ "years",  31557600 * SECOND_USEC },
};

static const struct {
	const char *name;
	int add;
} days[] = {
	{ "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 },
};
// clang-format on

/* What a clock on the wall shows. */
struct wall {
	struct tm tm;
	int64_t msec;
	bool utc; /* it hangs offset_sec east of Greenwich; false: here */
	int64_t offset_sec;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool read_word(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Between min and max digits, and no digit after them. */
static bool read_number(const char **text, int min_digits, int max_digits, int *ret)
{
	int value = 0, n = 0;

	for (; n < max_digits && is_digit(**text); n++)
		value = 10 * value + (*(*text)++ - '0');
	if (n < min_digits || is_digit(**text))
		return false;
	*ret = value;
	return true;
}

static bool read_int64(const char **text, int64_t *ret)
{
	int64_t value = 0;

	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, **text - '0', &value))
			return false;
	*ret = value;
	return true;
}

/* An optional fraction of whole, after its point; what is finer than 1 is dropped. */
static bool read_fraction(const char **text, int64_t whole, int64_t *ret)
{
	*ret = 0;
	if (!read_char(text, '.'))
		return true;
	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++) {
		whole /= 10;
		*ret += whole * (**text - '0');
	}
	return true;
}

static bool read_unit(const char **text, int64_t *ret_usec)
{
	size_t len = strcspn(*text, " \t0123456789.+-");

	for (size_t i = 0; i < ELEMENTS(units); i++)
		if (strlen(units[i].name) == len && strncmp(units[i].name, *text, len) == 0) {
			*ret_usec = units[i].usec;
			*text += len;
			return true;
		}
	return false;
}

static void skip_blanks(const char **text)
{
	*text += strspn(*text, " \t");
}

/* Adds one `NUMBER[.FRACTION] [UNIT]`. The unit comes last, so the fraction is read again for it.
 */
static bool add_span(const char **text, int64_t *total_usec)
{
	int64_t count, unit, fraction;
	const char *point;

	if (!read_int64(text, &count))
		return false;
	point = *text;
	if (!read_fraction(text, 0, &fraction))
		return false;
	skip_blanks(text);
	if (!read_unit(text, &unit))
		return false;
	read_fraction(&point, unit, &fraction);
	return !__builtin_mul_overflow(count, unit, &count) &&
	       !__builtin_add_overflow(count, fraction, &count) &&
	       !__builtin_add_overflow(*total_usec, count, total_usec);
}

/* `-SPAN`, `+SPAN`, `SPAN ago`, `SPAN left`. */
static bool parse_relative(const char *text, int64_t now_msec, int64_t *ret)
{
	bool sign = *text == '-' || *text == '+', past = *text == '-';
	int64_t usec = 0;

	if (sign)
		text++;
	for (;;) {
		skip_blanks(&text);
		if (!add_span(&text, &usec))
			return false;
		skip_blanks(&text);
		if (*text == '\0')
			break;
		if (!sign && strcmp(text, "ago") == 0) {
			sign = past = true;
			break;
		}
		if (!sign && strcmp(text, "left") == 0) {
			sign = true;
			break;
		}
	}
	if (!sign)
		return false;
	return past ? !__builtin_sub_overflow(now_msec, usec / 1000, ret)
		    : !__builtin_add_overflow(now_msec, usec / 1000, ret);
}

/* `@SECONDS[.FRACTION]` behind its @. */
static bool parse_epoch(const char *text, int64_t *ret)
{
	bool negative = read_char(&text, '-');
	int64_t seconds, msec, value;

	if (!read_int64(&text, &seconds) || !read_fraction(&text, 1000, &msec) || *text != '\0')
		return false;
	if (__builtin_mul_overflow(seconds, 1000, &value) ||
		__builtin_add_overflow(value, msec, &value))
		return false;
	*ret = negative ? -value : value;
	return true;
}

/* Rounded down, before the epoch too. */
static time_t to_seconds(int64_t time_msec)
{
	return time_msec / 1000 - (time_msec % 1000 < 0 ? 1 : 0);
}

static int64_t zone_offset(int64_t time_sec)
{
	time_t seconds = time_sec;
	struct tm tm;

	return localtime_r(&seconds, &tm) ? tm.tm_gmtoff : 0;
}

/*
 * Local time to UTC. wall_sec counts what a local clock shows as if that were UTC. Not mktime():
 * which of two equal hours that one takes depends on what it was asked before (glibc 2.36).
 */
static int64_t wall_to_utc(int64_t wall_sec)
{
	int64_t before = wall_sec - zone_offset(wall_sec - DAY_SEC);
	int64_t after = wall_sec - zone_offset(wall_sec + DAY_SEC);

	if (before + zone_offset(before) != wall_sec && after + zone_offset(after) == wall_sec)
		return after;
	return before;
}

/* YYYY-MM-DD. Where there is none, *text and *tm stay as they are. */
static bool read_date(const char **text, struct tm *tm)
{
	const char *at = *text;
	struct tm normal;
	int year, month, day;

	if (!read_number(&at, 4, 4, &year) || !read_char(&at, '-') ||
		!read_number(&at, 1, 2, &month) || !read_char(&at, '-') ||
		!read_number(&at, 1, 2, &day))
		return false;
	normal = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	timegm(&normal);
	if (normal.tm_mon != month - 1 || normal.tm_mday != day)
		return false;
	*tm = normal;
	*text = at;
	return true;
}

/* HH:MM[:SS[.FRACTION]] */
static bool read_clock(const char **text, struct tm *tm, int64_t *ret_msec)
{
	*ret_msec = 0;
	if (!read_number(text, 1, 2, &tm->tm_hour) || !read_char(text, ':') ||
		!read_number(text, 1, 2, &tm->tm_min) || tm->tm_hour > 23 || tm->tm_min > 59)
		return false;
	if (!read_char(text, ':'))
		return true;
	return read_number(text, 1, 2, &tm->tm_sec) && tm->tm_sec <= 60 &&
	       read_fraction(text, 1000, ret_msec);
}

/* RFC 3339's end of a time: `Z`, `+HH:MM`, `-HH:MM`. */
static bool read_offset(const char **text, int64_t *ret_sec)
{
	int hour, minute;
	bool west;

	*ret_sec = 0;
	if (read_char(text, 'Z') || read_char(text, 'z'))
		return true;
	west = read_char(text, '-');
	if (!west && !read_char(text, '+'))
		return false;
	if (!read_number(text, 2, 2, &hour) || !read_char(text, ':') ||
		!read_number(text, 2, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ret_sec = (west ? -60 : 60) * (60 * hour + minute);
	return true;
}

static struct tm midnight(int64_t now_msec, bool utc)
{
	time_t now = to_seconds(now_msec);
	struct tm tm = {};

	(utc ? gmtime_r : localtime_r)(&now, &tm);
	return (struct tm){ .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
}

static bool read_day(const char **text, struct tm *tm)
{
	for (size_t i = 0; i < ELEMENTS(days); i++)
		if (read_word(text, days[i].name)) {
			tm->tm_mday += days[i].add;
			return true;
		}
	return false;
}

/* A day, an hour or both, up to end; a stop before end is for the caller to refuse. */
static bool read_wall(const char **text, const char *end, struct wall *wall)
{
	if (!read_date(text, &wall->tm))
		return read_day(text, &wall->tm) || read_clock(text, &wall->tm, &wall->msec);
	if (*text == end)
		return true;
	if (!read_char(text, ' ') && !read_char(text, 'T') && !read_char(text, 't'))
		return false;
	if (!read_clock(text, &wall->tm, &wall->msec))
		return false;
	if (*text == end || wall->utc)
		return true;
	wall->utc = true;
	return read_offset(text, &wall->offset_sec);
}

static bool parse_calendar(const char *text, int64_t now_msec, int64_t *ret)
{
	size_t len = strlen(text);
	bool utc = len > 4 && strcmp(text + len - 4, " UTC") == 0, leap;
	const char *end = text + len - (utc ? 4 : 0);
	struct wall wall = { .tm = midnight(now_msec, utc), .utc = utc };
	int64_t seconds;

	if (!read_wall(&text, end, &wall) || text != end)
		return false;
	leap = wall.tm.tm_sec == 60;
	seconds = timegm(&wall.tm);
	seconds = wall.utc ? seconds - wall.offset_sec : wall_to_utc(seconds);
	if (leap && seconds % DAY_SEC != 0)
		return false;
	*ret = seconds * 1000 + wall.msec;
	return true;
}

int time_parse(const char *text, int64_t now_msec, int64_t *ret)
{
	int64_t value;
	bool valid;

	if (strcmp(text, "now") == 0) {
		*ret = now_msec;
		return 0;
	}
	if (*text == '@')
		valid = parse_epoch(text + 1, &value);
	else
		valid = parse_calendar(text, now_msec, &value) ||
			parse_relative(text, now_msec, &value);
	if (!valid)
		return -EINVAL;
	*ret = value;
	return 0;
}

void time_format_utc(int64_t time_msec, char *buffer, size_t size)
{
	time_t seconds = to_seconds(time_msec);
	struct tm tm = {};

	gmtime_r(&seconds, &tm);
	snprintf(buffer, size, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900LL,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(int)((time_msec % 1000 + 1000) % 1000));
}

void time_format_local(int64_t time_msec, char *buffer, size_t size)
{
	time_t seconds = to_seconds(time_msec);
	struct tm tm = {};

	localtime_r(&seconds, &tm);
	snprintf(buffer, size, "%04lld-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900LL,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

int64_t time_now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t monotonic_now_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
