/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What a client's command line says of an entry
 *
 * A command line is what its process chose to show: it weighs between several that can have asked,
 * and is never why one is certain (confidence.h). Pure functions of text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"
#include "runtime/container.h"

enum claim {
	CLAIM_OTHER, /* it asks for something else: `docker ps`, another's name, another image */
	CLAIM_LATER, /* it tells nothing, and came after the container was made, or has been served
		      */
	CLAIM_OPEN,  /* it tells nothing: a program of its own, a proxy */
	CLAIM_FITS,  /* what it asks for looks like this: image and command, no name */
	CLAIM_NAMES, /* it names this container, by name or id */
	CLAIM_COUNT,
};

/* What is known of the entry. */
struct claim_subject {
	const struct container_info *info;
	enum entry_kind kind;
	struct arguments program; /* of the entry's first process; bytes NULL: not known */
};

enum claim claim_of(const struct arguments *argv, const struct claim_subject *subject);

/* Is it a command that begins one entry in its life, and no more (run, exec)? */
bool claim_is_for_one(const struct arguments *argv);

/* Is it a command that makes the container that it starts (run)? One that was made before it came
 * is not its own. */
bool claim_makes_container(const struct arguments *argv);

/* Is it an exec of what the container's health check runs? With CMD-SHELL that is the last argument
 * of a shell of the image's choice. */
bool claim_is_health_check(const struct claim_subject *subject);
