/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch as one line of a table, and as one line on its own
 *
 * What is known is printed plainly. A "?" behind a path says that it was not verified by device and
 * inode, behind a container that the attribution carries a doubt; "unset" that the kernel knows no
 * login.
 */

#include <stdio.h>

#include "base/touch.h"
#include "output/table.h"

/*
 * The table of touches: TIME WHO CONTAINER ACTION PATH BY EVENT FLAGS, as `who-touched` prints it.
 * On a terminal of less than 160 columns FLAGS has the first and counts the others
 * ("host-write+2"); of less than 100 there is no EVENT, and no pid in BY. -ENOMEM.
 */
int touch_table_new(FILE *out, size_t width, bool colour, struct table **ret);

/* 0 or the errors of table_cell(). */
int touch_table_add(struct table *table, const struct touch *touch);

/*
 * One sentence for `daemon` as it happens: always one line, hostile bytes escaped, long names and
 * paths shortened.
 */
void touch_line_print(FILE *out, const struct touch *touch, bool colour);

/* The sentence alone: no time, no severity, no colour, no newline. */
void touch_sentence_print(FILE *out, const struct touch *touch);

/* What the process did to the path, or failed to do: "wrote", "failed to write". Static text. */
const char *touch_verb(const struct touch *touch);

/* The kernel has kept a login, and it is not one that the container gave to itself. */
bool touch_has_login(const struct touch *touch);

/*
 * The human, in words that other commands share: "dwalsh", "auid 3267" (no such login name),
 * "unset"; "dwalsh (certain)", "dwalsh (likely)", "ambiguous" where it is the launcher's; "dwalsh
 * (self-set)" where the container gave itself that login. Not escaped yet; buffer is always
 * terminated.
 */
void touch_who(const struct touch *touch, char *buffer, size_t size);

/*
 * The container: its name, or its id (12 characters of 64), "host", or "unknown". A container that
 * calls itself "host" is "docker:host". Not escaped yet; buffer is always terminated.
 */
void touch_container_name(const struct touch *touch, char *buffer, size_t size);
