/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* 2026-11-23T11:23:22.342Z */
#define NOW INT64_C(1795433002342)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted and has a year of four digits is printed as a time that reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), printed[TIME_TEXT_LEN];
	int64_t time, again;

	if (text && time_parse(text, NOW, &time) == 0) {
		time_format_local(time, printed, sizeof(printed));
		time_format_utc(time, printed, sizeof(printed));
		if (printed[4] == '-' && printed[0] != '-' &&
			(time_parse(printed, NOW, &again) != 0 || again != time))
			abort();
	}
	free(text);
	return 0;
}
