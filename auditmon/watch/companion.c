/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "watch/rule-field.h"
#include "watch/syscall-mask.h"

/* As in the flags of the opens: what changes a file, whatever the access mode. */
#define OPEN_CHANGES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* io_uring_enter: what runs while its caller waits is told with that call's names. */
#define ENTER_NUMBER 426

/* One companion's calls. CALL_FLAGS: the third argument restricts it to those that change
 * something. */
static const struct companion_call {
	const char *name;
	int number; /* see syscall_mask_add() */
	uint32_t perm;
	enum { CALL_ALL, CALL_FLAGS, CALL_KINDS } kind;
} calls[] = {
	{ "utimensat", 0, AUDIT_PERM_ATTR, CALL_ALL },
	{ "utimensat_time64", 0, AUDIT_PERM_ATTR, CALL_ALL },
	{ "futimesat", 0, AUDIT_PERM_ATTR, CALL_ALL },
	{ "utimes", 0, AUDIT_PERM_ATTR, CALL_ALL },
	{ "utime", 0, AUDIT_PERM_ATTR, CALL_ALL },
	{ "fchmodat2", 452, AUDIT_PERM_ATTR, CALL_ALL },
	{ "setxattrat", 463, AUDIT_PERM_ATTR, CALL_ALL },
	{ "removexattrat", 466, AUDIT_PERM_ATTR, CALL_ALL },
	{ "file_setattr", 469, AUDIT_PERM_ATTR, CALL_ALL },
	{ "openat2", 437, AUDIT_PERM_WRITE, CALL_ALL },
	/* Its flags are in another argument than the others': a rule more for each watch, which
	 * every system call would pay. Today's libraries rarely call it. */
	{ "open", 0, AUDIT_PERM_WRITE, CALL_ALL },
	{ "openat", 0, AUDIT_PERM_WRITE, CALL_FLAGS },
	{ "open_by_handle_at", 0, AUDIT_PERM_WRITE, CALL_FLAGS },
};

/* enum io_uring_op: those that change a file or open one. */
static const struct {
	int number;
	uint32_t perm;
	bool nameless; /* run async, it is told without the file: only a rule on the directory has
			  it */
} ring_operations[] = {
	{ 17, AUDIT_PERM_WRITE, false }, /* FALLOCATE */
	{ 18, AUDIT_PERM_WRITE, true },  /* OPENAT */
	{ 28, AUDIT_PERM_WRITE, true },  /* OPENAT2 */
	{ 35, AUDIT_PERM_WRITE, false }, /* RENAMEAT */
	{ 36, AUDIT_PERM_WRITE, false }, /* UNLINKAT */
	{ 37, AUDIT_PERM_WRITE, false }, /* MKDIRAT */
	{ 38, AUDIT_PERM_WRITE, false }, /* SYMLINKAT */
	{ 39, AUDIT_PERM_WRITE, true },  /* LINKAT */
	{ 41, AUDIT_PERM_ATTR, false },  /* FSETXATTR */
	{ 42, AUDIT_PERM_ATTR, true },   /* SETXATTR */
	{ 55, AUDIT_PERM_WRITE, false }, /* FTRUNCATE */
};

/* A companion in the making. */
struct making {
	const struct rule *watch;
	struct audit_rule_data *data; /* with room for the watch's strings, a directory and a key */
	uint32_t perm;
	char directory[PATH_MAX]; /* the watch's own, or that of its file */
	bool crowded;             /* the directory stands for all that is watched in it */
};

static const size_t extra_len = PATH_MAX + AUDIT_MAX_KEY_LEN;

/*
 * The kernel compares each new rule with all those on files before it takes it (audit_find_rule()
 * in kernel/auditfilter.c), so four companions a file would take their square. Where this many
 * files of one directory are watched their companions are the directory's.
 */
#define CROWD 32

/*
 * Each rule on a directory is looked at in every system call, so its companions double what a tree
 * costs. Where next to nobody writes they are those of the directory above, from this many watches
 * on: what that tells of files that nobody watches is little, and left out when it is read.
 */
#define QUIET_DIRECTORY "/etc"
#define QUIET_CROWD 8

static void put(struct audit_rule_data *data, uint32_t field, uint32_t op, uint32_t value,
	const char *string)
{
	uint32_t i = data->field_count;

	/* A watch with that many fields has no companion: its caller sees to that. */
	if (i >= AUDIT_MAX_FIELDS - 1)
		return;
	data->fields[i] = field;
	data->fieldflags[i] = op;
	data->values[i] = value;
	data->field_count++;
	if (!string)
		return;
	memcpy(data->buf + data->buflen, string, value);
	data->buflen += value;
}

static bool is_subject(uint32_t field)
{
	return field == AUDIT_WATCH || field == AUDIT_DIR;
}

/* Begins a rule with the watch's conditions. subject false: all but its path. */
static void begin(struct making *making, int list, bool subject)
{
	const struct audit_rule_data *from = making->watch->data;
	struct audit_rule_data *data = making->data;
	const char *string = from->buf;

	memset(data, 0, sizeof(*data));
	data->flags = (uint32_t)list;
	data->action = AUDIT_ALWAYS;
	for (uint32_t i = 0; i < from->field_count; i++) {
		uint32_t field = from->fields[i];
		bool is_string = rule_field_is_string(field);
		/* io_uring's workers are of no architecture. */
		bool left_out = field == AUDIT_PERM || field == AUDIT_FILTERKEY ||
				(!subject && is_subject(field)) ||
				(list == AUDIT_FILTER_URING_EXIT && field == AUDIT_ARCH);

		if (!left_out)
			put(data, field, from->fieldflags[i], from->values[i],
				is_string ? string : NULL);
		string += is_string ? from->values[i] : 0;
	}
}

static void put_directory(const struct making *making)
{
	put(making->data, AUDIT_DIR, AUDIT_EQUAL, (uint32_t)strlen(making->directory),
		making->directory);
}

/* The watch's own key first. Where both do not fit, the watch's is left out: that of an event is
 * found by its path as well. */
static void put_key(struct making *making, bool own, const char *scope, const char *directory)
{
	const struct audit_rule_data *from = making->watch->data;
	char key[AUDIT_MAX_KEY_LEN + 1];
	int place = own ? rule_field_find(from, AUDIT_FILTERKEY) : -1;
	const char *string = from->buf;
	size_t len = strlen(scope) + strlen(directory), own_len = 0;

	for (int i = 0; i < place; i++)
		if (rule_field_is_string(from->fields[i]))
			string += from->values[i];
	if (len > AUDIT_MAX_KEY_LEN) {
		directory = "";
		len = strlen(scope);
	}
	if (place >= 0 && from->values[place] + 1 + len <= AUDIT_MAX_KEY_LEN) {
		own_len = from->values[place];
		memcpy(key, string, own_len);
		key[own_len++] = AUDIT_KEY_SEPARATOR;
	}
	memcpy(key + own_len, scope, strlen(scope));
	memcpy(key + own_len + strlen(scope), directory, len - strlen(scope));
	put(making->data, AUDIT_FILTERKEY, AUDIT_EQUAL, (uint32_t)(own_len + len), key);
}

static int finish(const struct making *making, struct rule_set *set)
{
	const struct audit_rule_data *data = making->data;
	struct rule *rule;
	int r = rule_from_kernel(data, sizeof(*data) + data->buflen, &rule);

	if (r < 0)
		return r;
	rule->derived = true;
	rule->line = making->watch->line;
	rule->text = strdup(making->watch->text ? making->watch->text : "");
	rule->file = strdup(making->watch->file ? making->watch->file : "");
	if (!rule->text || !rule->file) {
		rule_free(rule);
		return -ENOMEM;
	}
	return rule_set_add(set, rule);
}

static void add_bit(uint32_t *mask, int number)
{
	mask[AUDIT_WORD(number)] |= AUDIT_BIT(number);
}

/* The companion that takes all calls of a kind. */
static int add_calls(struct making *making, struct rule_set *set, unsigned kind)
{
	const struct rule *watch = making->watch;
	int machine = rule_field_find(watch->data, AUDIT_ARCH) < 0 ? ANY_MACHINE
								   : rule_machine(watch->data);
	bool any = false;

	begin(making, AUDIT_FILTER_EXIT, !making->crowded);
	if (making->crowded)
		put_directory(making);
	for (size_t i = 0; i < ELEMENTS(calls); i++)
		if (calls[i].kind == kind && (calls[i].perm & making->perm))
			any |= syscall_mask_add(
				making->data->mask, machine, calls[i].name, calls[i].number);
	/*
	 * The kernel keeps the rules of files by inode, whatever their list, and tests them against
	 * the system call: 0 in a worker of io_uring (kernel/auditsc.c, audit_filter_inodes()).
	 */
	if (kind == CALL_ALL && !watch->tree && !making->crowded) {
		add_bit(making->data->mask, 0);
		add_bit(making->data->mask, ENTER_NUMBER);
		any = true;
	}
	if (!any)
		return 0;
	if (kind == CALL_FLAGS)
		put(making->data, AUDIT_ARG2, AUDIT_BIT_MASK, OPEN_CHANGES, NULL);
	if (making->crowded)
		put_key(making, false, SCOPE_KEY_BELOW, making->directory);
	else
		put_key(making, true, SCOPE_KEY_ALSO, "");
	return finish(making, set);
}

/* A tree's own requests; of a file, those that only its directory tells. */
static int add_ring(struct making *making, struct rule_set *set)
{
	const struct rule *watch = making->watch;
	bool any = false, own = watch->tree && !making->crowded;

	begin(making, AUDIT_FILTER_URING_EXIT, own);
	if (!own)
		put_directory(making);
	for (size_t i = 0; i < ELEMENTS(ring_operations); i++) {
		bool by_file = !watch->tree && !making->crowded && !ring_operations[i].nameless;

		if (!(ring_operations[i].perm & making->perm) || by_file)
			continue;
		add_bit(making->data->mask, ring_operations[i].number);
		any = true;
	}
	if (!any)
		return 0;
	put_key(making, own, SCOPE_KEY_BELOW, making->directory);
	return finish(making, set);
}

/* What of a rule companions are wanted for; 0: it is no watch of changes. */
static uint32_t perm_of(const struct rule *rule)
{
	/* Room for the path of a directory, flags and the key. */
	if (rule->derived || rule->alone || !rule->path || rule->data->field_count > AUDIT_MAX_FIELDS - 4)
		return 0;
	return rule_perm(rule) & (AUDIT_PERM_WRITE | AUDIT_PERM_ATTR);
}

/* Of the directory that the file or the tree lies in. */
static size_t parent_len(const struct rule *watch)
{
	const char *slash = strrchr(watch->path, '/');

	return slash && slash > watch->path ? (size_t)(slash - watch->path) : 1;
}

/* A watch, and whether the directory it lies in is told of as a whole. */
struct subject {
	const struct rule *watch;
	uint32_t perm;
	size_t parent_len;
	bool is_quiet; /* lies in QUIET_DIRECTORY */
	bool crowded;
};

static void subject_init(struct subject *subject, const struct rule *watch, uint32_t perm)
{
	size_t len = parent_len(watch);

	*subject = (struct subject){
		.watch = watch,
		.perm = perm,
		.parent_len = len,
		.is_quiet = len == strlen(QUIET_DIRECTORY) &&
			    memcmp(watch->path, QUIET_DIRECTORY, len) == 0,
	};
}

static int add_of(const struct subject *subject, struct rule_set *set)
{
	const struct rule *watch = subject->watch;
	_cleanup_(freep) struct audit_rule_data *data =
		calloc(1, sizeof(*data) + watch->data->buflen + extra_len);
	struct making making = {
		.watch = watch,
		.data = data,
		.perm = subject->perm,
		.crowded = subject->crowded,
	};
	size_t len = watch->tree && !subject->crowded ? strlen(watch->path) : subject->parent_len;
	int r = data ? 0 : -ENOMEM;

	if (len >= sizeof(making.directory))
		return 0;
	memcpy(making.directory, watch->path, len);
	for (unsigned kind = 0; r == 0 && kind < CALL_KINDS; kind++)
		r = add_calls(&making, set, kind);
	return r < 0 ? r : add_ring(&making, set);
}

/* Elsewhere a tree stands for itself. */
static bool may_share(const struct subject *subject)
{
	return subject->is_quiet || !subject->watch->tree;
}

static int compare_subjects(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;
	int order = may_share(x) - may_share(y);

	order = order ? order : (x->parent_len > y->parent_len) - (x->parent_len < y->parent_len);
	return order ? order : memcmp(x->watch->path, y->watch->path, x->parent_len);
}

static void find_crowds(struct subject *subjects, size_t n)
{
	size_t begin = 0;

	qsort(subjects, n, sizeof(*subjects), compare_subjects);
	for (size_t i = 1; i <= n; i++) {
		size_t least = subjects[begin].is_quiet ? QUIET_CROWD : CROWD;

		if (i < n && compare_subjects(&subjects[begin], &subjects[i]) == 0)
			continue;
		for (size_t j = begin; j < i; j++)
			subjects[j].crowded = may_share(&subjects[j]) && i - begin >= least;
		begin = i;
	}
}

int companion_add(struct rule_set *set)
{
	_cleanup_(freep) struct subject *subjects = calloc(set->n_rules + 1, sizeof(*subjects));
	size_t n = 0;
	int r = subjects ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];
		uint32_t perm = perm_of(rule);

		if (perm != 0)
			subject_init(&subjects[n++], rule, perm);
	}
	if (r == 0)
		find_crowds(subjects, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_of(&subjects[i], set);
	set->has_companions = true;
	return r < 0 ? r : rule_set_drop_repeated(set);
}

enum rule_scope rule_scope_of(const char *key, size_t *ret_len, const char **ret_directory)
{
	static const struct {
		const char *text;
		enum rule_scope scope;
	} scopes[] = {
		{ SCOPE_KEY_ALSO, SCOPE_ALSO },
		{ SCOPE_KEY_BELOW, SCOPE_BELOW },
		{ SCOPE_KEY_DESCRIPTOR, SCOPE_DESCRIPTOR },
		{ SCOPE_KEY_INSIDE, SCOPE_INSIDE },
	};
	const char *mark = strstr(key, SCOPE_KEY);

	*ret_len = strlen(key);
	*ret_directory = NULL;
	if (!mark || (mark > key && mark[-1] != ','))
		return SCOPE_ALL;
	for (size_t i = 0; i < ELEMENTS(scopes); i++) {
		size_t len = strlen(scopes[i].text);

		if (strncmp(mark, scopes[i].text, len) != 0)
			continue;
		*ret_len = (size_t)(mark - key) - (mark > key);
		if (scopes[i].scope == SCOPE_BELOW)
			*ret_directory = mark + len;
		return scopes[i].scope;
	}
	return SCOPE_ALL;
}
