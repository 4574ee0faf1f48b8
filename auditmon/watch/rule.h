/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Watch rules
 *
 * One line in auditctl(8)'s syntax becomes one rule in the kernel's form. A rule knows where it
 * came from, so that every complaint can name file and line. The kernel's form (struct
 * audit_rule_data) is also the identity: two rules are the same where those bytes are.
 *
 * Reading rules asks neither the kernel nor for privileges, so that `rules check` works for anyone
 * and anywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "watch/setting.h"

/* What auditctl reads: it cuts longer lines into pieces. */
#define RULE_LINE_LEN_MAX 6142
#define RULE_FILE_LEN_MAX ((size_t)4 << 20)
#define RULES_MAX 32768

struct audit_rule_data;

struct rule {
	struct audit_rule_data *data; /* owned; exactly as the kernel would give it back */
	int list;                     /* AUDIT_FILTER_EXIT, ...; with AUDIT_FILTER_PREPEND: -A */
	int action;                   /* AUDIT_ALWAYS, AUDIT_NEVER */
	char *path;                   /* of -w or path=/dir=, without trailing '/'; NULL without */
	bool tree;                    /* dir= rather than path= */
	bool watch; /* written as -w: tree is what was found at path when the line was read */
	bool alone;   /* needs no companions, see companion.h */
	bool passing; /* what it is about may go for good: a rule that went with it is no loss */
	bool derived; /* not written anywhere: a companion or built in; text and line are its origin's */
	char *key;  /* NULL without; several are joined by ',' */
	char *text; /* the line as it was written; NULL, as is file: read back from the kernel */
	char *file; /* where it stood */
	unsigned line;
};

/* A rule that files have twice is kept where it stands first: no two rules of theirs are equal. */
struct rule_set {
	struct rule **rules; /* in the order of the files */
	size_t n_rules;
	size_t n_repeated; /* left out because they were there already */
	struct settings settings;
	bool has_companions; /* companion_add() has been here */
};

void rule_free(struct rule *rule);
void rule_set_free(struct rule_set *set);
DEFINE_CLEANUP(struct rule *, rule_free)
DEFINE_CLEANUP(struct rule_set *, rule_set_free)

/* Takes the rule over, also on failure. -ENOMEM. */
int rule_set_add(struct rule_set *set, struct rule *rule);

/* Leaves of equal rules only the first, whatever is derived behind what is written; n_repeated
 * counts those that were written. 0 or -ENOMEM. */
int rule_set_drop_repeated(struct rule_set *set);

/* A rule of its own with the same content. -ENOMEM. */
int rule_copy(const struct rule *rule, struct rule **ret);

/* What is wrong with a file: one line for people, without newline. line 0: the file as a whole. */
struct rule_error {
	char *file;
	unsigned line;
	char reason[256];
};
void rule_error_done(struct rule_error *error);

/*
 * Parses one line. `-w PATH` needs to know file from directory: that is looked up now, as auditctl
 * does; what does not exist is taken for a file. 0 (comment and blank lines: *ret = NULL), 1 (a
 * control line such as -D or -b: *ret = NULL), -EINVAL with error filled, -ENOMEM.
 */
int rule_parse(const char *line, const char *file, unsigned number, struct rule **ret,
	struct rule_error *error);

/* The same, and a control line's setting is kept in settings. */
int rule_line_parse(const char *line, const char *file, unsigned number, struct settings *settings,
	struct rule **ret, struct rule_error *error);

/*
 * Reads every path: a file, or a directory whose *.rules are read in the order of their names (as
 * augenrules does). Nothing is kept of a set with an error. 0, -EINVAL (error says which line),
 * -ENOENT, -EACCES, -ELOOP, -ENOTSUP (no regular file), -EFBIG, -EPERM (anyone may write to it) and
 * other errors of opening (error.file names it), -ENOMEM.
 */
int rule_set_read(
	const char *const *paths, size_t n_paths, struct rule_set **ret, struct rule_error *error);

/*
 * The same, telling everything that is wrong instead of the first thing. Returns what
 * rule_set_read() would; *ret is set where that is 0.
 */
typedef void (*rule_problem_fn)(const struct rule_error *error, void *userdata);
int rule_set_check(const char *const *paths, size_t n_paths, rule_problem_fn on_problem,
	void *userdata, struct rule_set **ret);

/* A rule as the kernel told it, in len bytes. 0, -EBADMSG (its lengths do not agree), -ENOMEM. */
int rule_from_kernel(const struct audit_rule_data *data, size_t len, struct rule **ret);

/* Same kernel rule? -A and -a make the same. rule_compare() is a total order in which that is 0. */
bool rule_equal(const struct rule *a, const struct rule *b);
int rule_compare(const struct rule *a, const struct rule *b);

struct rule_position {
	const struct rule *rule;
	size_t position; /* in the set */
};

/*
 * A set's rules in the order of rule_compare(), equal ones in that of the set. Borrows the rules.
 */
struct rule_index {
	struct rule_position *entries;
	size_t n_entries;
};

/* 0 or -ENOMEM. set may be NULL: an empty index. */
int rule_index_init(struct rule_index *index, const struct rule_set *set);
void rule_index_done(struct rule_index *index);

/* Is a rule equal to this one there, and where in the set? ret_position may be NULL. */
bool rule_index_find(const struct rule_index *index, const struct rule *rule, size_t *ret_position);

/*
 * The rule in auditctl's syntax, as `auditctl -l` would print it, but so that it can be read back:
 * blanks and backslashes are escaped, and -w is only written where that makes the same rule
 * (auditctl -l prints it for path= on a directory, too). Heap text for the caller. -ENOMEM.
 */
int rule_format(const struct rule *rule, char **ret);

/*
 * What accesses the rule reports of its path, as AUDIT_PERM_ bits: those of perm=, all where it
 * stands for every system call without one, none where it stands for some calls.
 */
uint32_t rule_perm(const struct rule *rule);

/*
 * Does a condition of the rule leave out every process whose loginuid is unset? The containers of a
 * daemon such as Docker are of that kind.
 */
bool rule_is_blind_to_unset(const struct rule *rule);
