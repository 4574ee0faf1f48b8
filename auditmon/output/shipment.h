/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A touch as messages for a receiver
 *
 * Its documents in a format, each in a syslog message, or on lines of their own where there is no
 * receiver but a stream. Keeps its buffers from touch to touch.
 */

#include <stdbool.h>

#include "output/format.h"
#include "output/link.h"
#include "output/syslog.h"

struct shipment;

int shipment_new(
	const struct format *format, const struct syslog_options *options, struct shipment **ret);
void shipment_free(struct shipment *shipment);
DEFINE_CLEANUP(struct shipment *, shipment_free)

/*
 * json: of the touch, where the format needs it. 0, -ENOMEM, or link_send()'s errors; -EMSGSIZE is
 * none: a stand-in is sent (*ret_oversize).
 */
int shipment_send(struct shipment *shipment, struct link *link, const struct touch *touch,
	const char *json, bool *ret_oversize);

/* 0, -ENOMEM, or -EIO: out failed. */
int shipment_print(
	struct shipment *shipment, FILE *out, const struct touch *touch, const char *json);
