/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The values of a rule's fields: text to the kernel's 32 bits and back
 *
 * Stricter than libaudit, whose number ends at the first byte that is no digit: "12x" is 12 there,
 * and "4294967297" is 1.
 */

#include <stdint.h>
#include <stdio.h>

enum rule_value {
	VALUE_NUMBER,
	VALUE_ARGUMENT, /* of a system call: may be negative, printed in hex */
	VALUE_USER,     /* number, name, unset */
	VALUE_GROUP,
	VALUE_SESSION,
	VALUE_EXIT, /* number or errno's name, as in -EPERM */
	VALUE_MESSAGE_TYPE,
	VALUE_FILE_TYPE,
	VALUE_FILE_SYSTEM,
	VALUE_FAMILY,
	VALUE_PERM,
	VALUE_ARCH,
	/* Bytes; what follows is no business of rule_value_parse() and rule_value_format(). */
	VALUE_STRING,
	VALUE_PATH,
	VALUE_TREE,
};

/* What is wrong with the text (static), or NULL with *ret set. */
const char *rule_value_parse(enum rule_value kind, const char *text, uint32_t *ret);

/* What keeps path from being watched (static), or NULL. */
const char *rule_path_problem(const char *path);

void rule_value_format(FILE *out, enum rule_value kind, uint32_t value);
