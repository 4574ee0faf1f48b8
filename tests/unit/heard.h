/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A sink that writes down what a source hands on: lines as they are, records as "#TYPE text", a
 * line that was too long as "(too long)". Include after cmocka.h.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collect/source.h"

struct heard {
	char text[8192];
	size_t len;
	int error; /* what the sink answers */
};

static int heard_record(unsigned type, const char *text, size_t len, void *userdata)
{
	struct heard *heard = userdata;

	heard->len += (size_t)snprintf(heard->text + heard->len, sizeof(heard->text) - heard->len,
		"#%u %.*s\n", type, (int)len, text);
	assert_true(heard->len < sizeof(heard->text));
	return heard->error;
}

static int heard_line(const char *line, size_t len, bool whole, void *userdata)
{
	struct heard *heard = userdata;

	heard->len += (size_t)snprintf(heard->text + heard->len, sizeof(heard->text) - heard->len,
		"%.*s%s\n", (int)len, line, whole ? "" : "(too long)");
	assert_true(heard->len < sizeof(heard->text));
	return heard->error;
}

static inline struct source_sink heard_sink(struct heard *heard)
{
	return (struct source_sink){ heard_record, heard_line, heard };
}

/* What was heard since the last call must be text. */
static inline void assert_heard(struct heard *heard, const char *text)
{
	assert_string_equal(heard->text, text);
	heard->len = 0;
	heard->text[0] = '\0';
}
