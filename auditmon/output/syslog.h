/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Syslog messages (RFC 5424)
 *
 * Header and structured data of a touch, with a document of any format as MSG. The structured
 * data's SD-ID is "auditmon@NUMBER", NUMBER an enterprise number of IANA; the values have RFC
 * 5424's escapes and output/flat.h's.
 */

#include <stdint.h>
#include <stdio.h>

#include "output/format.h"

/* IANA's number for documentation, which nobody owns. */
#define SYSLOG_ENTERPRISE 32473

struct syslog_options {
	int facility;
	uint32_t enterprise;
};

/* Facility authpriv, and the number above. */
extern const struct syslog_options syslog_defaults;

/* The number of a facility by its name, or -EINVAL. */
int syslog_facility(const char *name);

/*
 * The whole message: header, structured data, MSG. Without a document (NULL) every field is in the
 * structured data and MSG is a sentence; with one, the structured data has its id, flags and
 * severity.
 */
void syslog_print(FILE *out, const struct record *record, const char *document,
	const struct syslog_options *options);

/*
 * What is sent in place of a message of n_bytes that no datagram holds: id, flags, severity, and
 * its length as "oversize".
 */
void syslog_print_oversize(FILE *out, const struct record *record, size_t n_bytes,
	const struct syslog_options *options);
