/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A row of the view as struct touch
 *
 * One table says which column is which member.
 */

#include "base/touch.h"
#include "store/query-row.h"

/* "SELECT ..." with from behind it, heap text. -ENOMEM. */
int query_touch_sql(const char *from, char **ret);

/* The strings are the row's. */
void query_touch_read(const struct query_row *row, struct touch *ret);
