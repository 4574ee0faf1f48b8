/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The fields of a rule: `-F NAME OPERATOR VALUE` and `-C NAME OPERATOR NAME`
 *
 * Names and numbers are those of libaudit's tables. Its builder, audit_rule_fieldpair_data(), is
 * not used: it keeps a rule's state in the library's globals, it asks the kernel what that supports
 * (which takes root), and it stops at the first byte that is no digit ("12x", "99999999999").
 *
 * All functions that add to a rule expect room in data->buf for what they add: no more bytes than
 * the line has on which it stands.
 */

#include <libaudit.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rule_error;

/* linux/audit.h since 5.16; libaudit 3.0.9 has no name for it */
#ifndef AUDIT_FILTER_URING_EXIT
#define AUDIT_FILTER_URING_EXIT 7
#endif

/*
 * The bits of the mask behind this are classes of system calls; the kernel resolves them and gives
 * them back as 0.
 */
#define SYSCALLS_END (AUDIT_BITMASK_SIZE * 32 - AUDIT_SYSCALL_CLASSES)

/*
 * 0 or -EINVAL with error->reason filled. list is AUDIT_FILTER_EXIT etc. without flags. key= is
 * not for these.
 */
int rule_field_parse(
	struct audit_rule_data *data, int list, const char *text, struct rule_error *error);
int rule_comparison_parse(
	struct audit_rule_data *data, int list, const char *text, struct rule_error *error);

/* path= (or dir=, where tree) and the key, whose text needs no more checks. */
int rule_field_add_path(
	struct audit_rule_data *data, bool tree, const char *path, struct rule_error *error);
int rule_field_add_key(struct audit_rule_data *data, const char *key, struct rule_error *error);

/* Sets perm=, instead of one that is there already. */
int rule_field_set_perm(
	struct audit_rule_data *data, int list, const char *letters, struct rule_error *error);

/* True where the value is the length of a string in data->buf. */
bool rule_field_is_string(uint32_t field);

/* Index of the field in the rule, or -1. */
int rule_field_find(const struct audit_rule_data *data, uint32_t field);

/*
 * libaudit's number of the machine that the rule's system calls belong to: that of its arch= or
 * this one; negative: unknown.
 */
int rule_machine(const struct audit_rule_data *data);

/* Bytes such that the reader of rule files makes one word of them. */
void rule_word_format(FILE *out, const char *bytes, size_t len);

/* " -F name=value" (or -C); string: the bytes of a string field. */
void rule_field_format(
	FILE *out, const struct audit_rule_data *data, uint32_t index, const char *string);

/* Fills error->reason and returns -EINVAL. */
int rule_error_set(struct rule_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
