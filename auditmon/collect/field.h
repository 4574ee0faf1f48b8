/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Values of audit fields
 *
 * The kernel writes what a process chose either in quotes or, where a byte of it is a control
 * character, a blank, a quote or beyond ASCII, as upper-case hex (audit_log_n_untrustedstring() in
 * kernel/audit.c). These functions undo that into an arena that lasts for one event. Nothing here
 * fails: what cannot be read is absent, and what does not fit marks the arena as exhausted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/touch.h"
#include "collect/event.h"

struct field_arena {
	char *bytes;
	size_t used;
	bool exhausted;
};

int field_arena_init(struct field_arena *arena);
void field_arena_done(struct field_arena *arena);
void field_arena_reset(struct field_arena *arena);

enum field_name {
	FIELD_OTHER,
	FIELD_A0,
	FIELD_A1,
	FIELD_A2,
	FIELD_A3,
	FIELD_APPARMOR,
	FIELD_ARCH,
	FIELD_AUDIT_ENABLED,
	FIELD_AUID,
	FIELD_CODE,
	FIELD_COMM,
	FIELD_CWD,
	FIELD_DEV,
	FIELD_DIR,
	FIELD_EXE,
	FIELD_EXIT,
	FIELD_HOSTNAME,
	FIELD_INODE,
	FIELD_ITEMS,
	FIELD_KEY,
	FIELD_MODE,
	FIELD_NAME,
	FIELD_NAMETYPE,
	FIELD_OFLAG,
	FIELD_OP,
	FIELD_PATH,
	FIELD_PERMISSIVE,
	FIELD_PID,
	FIELD_PPID,
	FIELD_PROCTITLE,
	FIELD_RES,
	FIELD_SADDR,
	FIELD_SERESULT,
	FIELD_SES,
	FIELD_SUBJ,
	FIELD_SUCCESS,
	FIELD_SYSCALL,
	FIELD_UID,
	FIELD_URING_OP,
	FIELD_UUID,
	FIELD_VM,
	FIELD_VM_PID,
};
enum field_name field_lookup(const char *name);

/* An untrusted string, up to its first NUL; NULL for (null), ? and what is no such string. */
const char *field_string(struct field_arena *arena, const char *value, size_t *ret_len);

/* Plain text, with quotes taken off. */
const char *field_text(struct field_arena *arena, const char *value);

/*
 * A rule's keys: several are separated by 0x01 in the record, which libauparse makes several fields
 * of, and by ',' in ours. so_far: the keys before, NULL: none. NULL for no key.
 */
const char *field_key(struct field_arena *arena, const char *so_far, const char *value);

/* argv of a PROCTITLE; incomplete where the kernel may have cut it (MAX_PROCTITLE_AUDIT_LEN, 128
 * with its last NUL). */
struct arguments field_proctitle(struct field_arena *arena, const char *value);

/* Path of an AF_UNIX saddr; an abstract name starts with '@'. NULL for other families. */
const char *field_socket_path(struct field_arena *arena, const char *value);

int64_t field_number(const char *value);
uint64_t field_hex(const char *value);
uint64_t field_octal(const char *value);
void field_device(const char *value, uint32_t *ret_major, uint32_t *ret_minor); /* "fe:00" */
enum path_type field_path_type(const char *value);

/* True where text starts as msg=audit(SEC.MSEC:SERIAL): does. */
bool field_is_stamp(const char *text, size_t len);

/* argv out of the fields of EXECVE records: aN="..." or, for long ones, aN_len= and aN[M]= pieces.
 */
struct field_arguments {
	struct field_arena *arena;
	char *bytes;
	size_t len;
	bool in_pieces, cut;
};
/* continue_ takes up where the record before left off; bytes stays NULL where the arena is
 * exhausted: then neither add nor call done. */
void field_arguments_continue(struct field_arguments *arguments, const struct arguments *so_far);
void field_arguments_add(struct field_arguments *arguments, const char *name, const char *value);
struct arguments field_arguments_done(struct field_arguments *arguments);
