/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Points in time as people write and read them
 *
 * The syntax is systemd.time(7)'s, as `journalctl --since` takes it, with RFC 3339 added. All times
 * are milliseconds since the epoch, UTC: what the kernel's audit records hold. The local zone is
 * that of TZ.
 */

#include <stddef.h>
#include <stdint.h>

/*
 * Understands:
 * - `now`, `today`, `yesterday`, `tomorrow` (the days: local midnight)
 * - `-90min`, `+2d`, `1h30min ago`, `2h left`: spans relative to now, of one or several units
 *   (us ms s min h d w month y and their long names; without unit: seconds)
 * - `@EPOCH[.fraction]`, also negative
 * - `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS[.frac]]`, `HH:MM[:SS]` (today), local unless "UTC" follows
 * - RFC 3339: `2026-11-23T10:00:00Z`, `2026-11-23T10:00:00+01:00`
 *
 * A span without sign is refused: as a point in time it means nothing. So is a date that no
 * calendar has, and a second 60 where no leap second can be. A local time that a change of clocks
 * skips is moved on by what was skipped; one that occurs twice is the first of the two. now_msec is
 * the clock's reading. 0, or -EINVAL with *ret untouched.
 */
int time_parse(const char *text, int64_t now_msec, int64_t *ret);

/* `2026-11-23T11:23:22.342Z`; any time fits in TIME_TEXT_LEN, a smaller buffer cuts it. */
#define TIME_TEXT_LEN 40
void time_format_utc(int64_t time_msec, char *buffer, size_t size);

/* `2026-11-23 12:23:22` in the local zone, for people. Same buffer. */
void time_format_local(int64_t time_msec, char *buffer, size_t size);

/* Now, in the same units. */
int64_t time_now_msec(void);

/* CLOCK_MONOTONIC. */
uint64_t monotonic_now_nsec(void);
