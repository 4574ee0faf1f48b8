/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where output goes: a terminal, a pager or a pipe
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Columns of standard output: $COLUMNS or the terminal's size; 0 where it is no terminal (and
 * COLUMNS is not set). With a pager, those of the terminal that the pager has.
 */
size_t terminal_width(void);

/* True on a terminal (not TERM=dumb), unless NO_COLOR is set and not empty; so too with a pager. */
bool terminal_colour(void);

/*
 * Sends standard output, and standard error where that is the terminal too, through
 * $AUDITMON_PAGER, $PAGER, `less` or `more`, the first that can be run (words are split at blanks;
 * no shell). Does nothing where standard output is no terminal, where the variable is empty or
 * "cat", and in a program that runs with more rights than its caller. LESS=FRSXMK unless set;
 * LESSSECURE=1 for root, so that the pager starts no shell and writes no file.
 *
 * Call before the first output. Until pager_close(), which waits for the pager to be closed, SIGINT
 * is the pager's. A user who leaves the pager early ends the program by SIGPIPE, silently.
 */
void pager_open(void);
void pager_close(void);
