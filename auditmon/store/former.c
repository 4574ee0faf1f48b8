/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/former.h"

#include "base/cleanup.h"
#include "store/sql.h"

int former_each(struct store *store, unsigned max, former_fn fn, void *userdata)
{
	static const char sql[] = "SELECT container_id, of_user FROM container"
				  " WHERE outer_id IS NULL AND of_user IS NOT NULL"
				  " ORDER BY last_seen_msec DESC LIMIT ?1";
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	int r = sql_prepare(store_connection(store), sql, &statement);

	if (r < 0)
		return r;
	sqlite3_bind_int64(statement, 1, max);
	while ((r = sql_step(statement)) > 0) {
		const unsigned char *id = sqlite3_column_text(statement, 0);

		if (id)
			fn((const char *)id, (uid_t)sqlite3_column_int64(statement, 1), userdata);
	}
	return r;
}
