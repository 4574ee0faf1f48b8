/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/ownership.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define HEAD "auditmon rules 1\n"
#define MAX_FILE_LEN ((size_t)4 << 20)
#define PRINT_DIGITS 32

void ownership_done(struct ownership *ownership)
{
	free(ownership->rules);
	*ownership = (struct ownership){ 0 };
}

/* FNV-1a with two seeds. What it must tell apart are a host's own rules, not an enemy's: the file
 * is root's, and so are the rules. */
static uint64_t hash(uint64_t seed, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		seed = (seed ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
	return seed;
}

static void add_bytes(struct fingerprint *print, const void *bytes, size_t len)
{
	for (size_t i = 0; i < ELEMENTS(print->halves); i++)
		print->halves[i] = hash(print->halves[i], bytes, len);
}

/* Of what rule_compare() looks at. */
static struct fingerprint fingerprint_of(const struct rule *rule)
{
	struct fingerprint print = { { UINT64_C(14695981039346656037),
		UINT64_C(0x9e3779b97f4a7c15) } };
	const struct audit_rule_data *data = rule->data;
	const uint32_t head[] = { data->flags, data->action, data->field_count, data->buflen };
	size_t n_bytes = data->field_count * sizeof(data->fields[0]);

	add_bytes(&print, head, sizeof(head));
	add_bytes(&print, data->mask, sizeof(data->mask));
	add_bytes(&print, data->fields, n_bytes);
	add_bytes(&print, data->fieldflags, n_bytes);
	add_bytes(&print, data->values, n_bytes);
	add_bytes(&print, data->buf, data->buflen);
	return print;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct fingerprint));
}

static int add_print(struct ownership *ownership, const struct fingerprint *print)
{
	size_t n = ownership->n_rules;

	/* Grows by doubling. */
	if ((n & (n - 1)) == 0) {
		struct fingerprint *larger =
			reallocarray(ownership->rules, n ? 2 * n : 1, sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		ownership->rules = larger;
	}
	ownership->rules[ownership->n_rules++] = *print;
	return 0;
}

int ownership_add(struct ownership *ownership, const struct rule *rule)
{
	const struct fingerprint print = fingerprint_of(rule);

	return add_print(ownership, &print);
}

bool ownership_has(const struct ownership *ownership, const struct rule *rule)
{
	const struct fingerprint print = fingerprint_of(rule);

	return ownership->n_rules > 0 &&
	       bsearch(&print, ownership->rules, ownership->n_rules, sizeof(print), compare);
}

static bool is_hex(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

static int parse_line(struct ownership *ownership, char *line)
{
	struct fingerprint print;

	if (!is_hex(line, PRINT_DIGITS))
		return -EBADMSG;
	print.halves[1] = strtoull(line + PRINT_DIGITS / 2, NULL, 16);
	line[PRINT_DIGITS / 2] = '\0';
	print.halves[0] = strtoull(line, NULL, 16);
	return add_print(ownership, &print);
}

int ownership_parse(char *text, size_t len, const char *boot_id, struct ownership *ret_ownership)
{
	struct ownership *ownership = ret_ownership;
	char *at = text + sizeof(HEAD) - 1, *line;
	int r = 0;

	*ownership = (struct ownership){ 0 };
	if (strlen(text) != len || len < sizeof(HEAD) ||
		memcmp(text, HEAD, sizeof(HEAD) - 1) != 0 || text[len - 1] != '\n')
		return -EBADMSG;
	line = strsep(&at, "\n");
	if (strcmp(line, boot_id) != 0)
		return -ESTALE;
	line = strsep(&at, "\n");
	if (!line || !is_hex(line, OWNERSHIP_MARK_SIZE - 1))
		return -EBADMSG;
	memcpy(ownership->mark, line, OWNERSHIP_MARK_SIZE);
	while (r == 0 && at && *at)
		r = parse_line(ownership, strsep(&at, "\n"));
	if (r == 0 && ownership->n_rules > 0)
		qsort(ownership->rules, ownership->n_rules, sizeof(*ownership->rules), compare);
	return r;
}

int ownership_read(const char *path, const char *boot_id, struct ownership *ret)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	size_t len;
	int r;

	*ret = (struct ownership){ 0 };
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return -EPERM;
	r = file_read(AT_FDCWD, path, MAX_FILE_LEN, &text, &len);
	r = r < 0 ? r : ownership_parse(text, len, boot_id, ret);
	if (r < 0)
		ownership_done(ret);
	return r;
}

static int print_to(FILE *out, const char *boot_id, const struct ownership *ownership)
{
	fprintf(out, "%s%s\n%s\n", HEAD, boot_id, ownership->mark);
	for (size_t i = 0; i < ownership->n_rules; i++)
		fprintf(out, "%016" PRIx64 "%016" PRIx64 "\n", ownership->rules[i].halves[0],
			ownership->rules[i].halves[1]);
	return fflush(out) != 0 ? -errno : 0;
}

int ownership_write(const char *path, const char *boot_id, const struct ownership *ownership)
{
	_cleanup_(freep) char *fresh = NULL;
	_cleanup_(fclosep) FILE *out = NULL;
	int fd, r;

	if (asprintf(&fresh, "%s.new", path) < 0) {
		fresh = NULL;
		return -ENOMEM;
	}
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return -ENOMEM;
	}
	r = print_to(out, boot_id, ownership);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}
