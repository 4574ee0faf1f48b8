/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line of an engine's client, which that chose: what of it is weighed, and what is left
 * of it where values are redacted. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/claim.h"
#include "attribute/redact.h"

#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_redacted(struct arguments argv)
{
	static const char *const patterns[] = { "--password", "-p*", "--*secret*" };
	static struct redact *redact;
	struct arguments changed;

	if (!redact && redact_new(patterns, ELEMENTS(patterns), &redact) < 0)
		return;
	changed = redact_arguments(redact, argv);
	/* Whoever reads it twice reads the same. */
	if (changed.bytes && changed.bytes != argv.bytes) {
		char *copy = malloc(changed.len + 1);
		struct arguments again;

		if (!copy)
			return;
		memcpy(copy, changed.bytes, changed.len);
		again = redact_arguments(redact, (struct arguments){ copy, changed.len, true });
		assert(again.len == changed.len && memcmp(again.bytes, copy, again.len) == 0);
		free(copy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char command[] = "sh\0-c\0job", program[] = "sh\0-c\0job";
	struct container_info info = { .id = (char *)ID,
		.runtime = (char *)"docker",
		.name = (char *)"web",
		.image = (char *)"bb",
		.command = command,
		.command_len = sizeof(command) };
	struct claim_subject subject = { .info = &info,
		.program = { program, sizeof(program), true } };
	char *bytes = malloc(size + 1);
	struct arguments argv = { bytes, size, true };

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	for (int kind = ENTRY_UNKNOWN; kind <= ENTRY_EXEC; kind++) {
		subject.kind = (enum entry_kind)kind;
		assert(claim_of(&argv, &subject) < CLAIM_COUNT);
	}
	/* Whoever makes a container begins one entry. */
	assert(!claim_makes_container(&argv) || claim_is_for_one(&argv));
	check_redacted(argv);
	free(bytes);
	return 0;
}
