/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/time.h"
#include "command/command.h"
#include "command/query-options.h"
#include "output/json-text.h"
#include "output/table.h"
#include "output/terminal.h"

#define SHORT_ID_LEN 12

static const char usage[] = "Usage: auditmon containers [OPTION]...\n"
			    "\n"
			    "The containers seen, removed ones included, oldest first.\n"
			    "\n"
			    "  --since TIME, --until TIME   seen in this time\n"
			    "  --container ID|NAME          this one (an id may be cut short)\n"
			    "  --limit N                    the newest N\n"
			    "  --format table|json          json: one object a line\n"
			    "  --db FILE                    (default " STORE_DEFAULT_PATH ")\n"
			    "  --help\n";

static const struct table_column columns[] = {
	{ .title = "CONTAINER", .shrink = 12 },
	{ .title = "ID" },
	{ .title = "ENGINE" },
	{ .title = "IMAGE", .shrink = 12 },
	{ .title = "PRIVILEGED" },
	{ .title = "FIRST SEEN" },
	{ .title = "ENDED" },
	{ .title = "TOUCHES", .right = true },
	{ .title = "FLAGGED", .right = true },
};

static int add(struct table *table, const struct container_row *row)
{
	static const char *const privileged[] = { "?", "no", "yes" };
	char id[SHORT_ID_LEN + 1], first[TIME_TEXT_LEN], ended[TIME_TEXT_LEN] = "", touches[24],
							 flagged[24];
	enum table_style style = row->privileged == TRISTATE_YES ? TABLE_YELLOW : TABLE_PLAIN;

	snprintf(id, sizeof(id), "%s", row->id);
	time_format_local(row->first_seen_msec, first, sizeof(first));
	if (row->ended_msec)
		time_format_local(row->ended_msec, ended, sizeof(ended));
	snprintf(touches, sizeof(touches), "%" PRIu64, row->n_touches);
	snprintf(flagged, sizeof(flagged), "%" PRIu64, row->n_flagged);

	table_cell(table, row->name, TABLE_BOLD);
	table_cell(table, id, TABLE_PLAIN);
	table_cell(table, row->runtime, TABLE_PLAIN);
	table_cell(table, row->image, TABLE_PLAIN);
	table_cell(table, privileged[row->privileged + 1], style);
	table_cell(table, first, TABLE_PLAIN);
	table_cell(table, row->ended_msec ? ended : NULL, TABLE_PLAIN);
	table_cell(table, touches, TABLE_PLAIN);
	return table_cell(table, flagged, row->n_flagged ? TABLE_YELLOW : TABLE_PLAIN);
}

static int print(struct query_list *query, const struct query_options *options, uint64_t *n)
{
	_cleanup_(table_freep) struct table *table = NULL;
	struct container_row row;
	int r = table_new(
		columns, ELEMENTS(columns), stdout, terminal_width(), terminal_colour(), &table);

	while (r >= 0 && (r = query_containers_next(query, &row)) > 0) {
		(*n)++;
		if (options->format == FORMAT_JSON)
			json_line_print(stdout, row.json);
		else
			r = add(table, &row);
	}
	return r < 0 ? r : table_finish(table);
}

int command_containers(int argc, char **argv)
{
	struct query_options options = {
		.usage = usage,
		.takes = TAKES_SPAN | TAKES_CONTAINER | TAKES_LIMIT,
	};
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(query_list_freep) struct query_list *query = NULL;
	uint64_t n = 0;
	int status, r;

	if (!query_options_parse(argc, argv, &options, &status))
		return status;
	if (options.n_arguments > 0) {
		log_error("containers: unexpected argument '%s'", options.arguments[0]);
		return STATUS_USAGE;
	}
	store = query_options_open(&options);
	if (!store)
		return STATUS_IMPOSSIBLE;
	r = query_containers_new(store, &options.filter, &query);
	if (r < 0)
		return query_failed(&options, r);
	pager_open();
	r = print(query, &options, &n);
	return query_finish(store, &options, n, "container", r);
}
