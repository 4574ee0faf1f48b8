/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json-encode.h"
#include "runtime/capability.h"
#include "runtime/container.h"
#include "runtime/posture.h"

#define FILE_MAX ((size_t)64 << 10)
#define MAX_MAPPINGS 340 /* the kernel's own limit (user_namespaces(7)) */

/* The value of a line of a status file, behind its tab; NULL without such a line. */
static const char *status_value(const char *status, const char *name)
{
	const char *line = status;

	for (; line; line = strchr(line, '\n')) {
		size_t len = strlen(name);

		line += *line == '\n';
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

static int copy(const char *text, char **ret)
{
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

int posture_parse_capabilities(const char *status, char **ret)
{
	const char *value = status_value(status, "CapBnd");
	uint64_t bounding;

	*ret = NULL;
	if (!value || sscanf(value, "%16" SCNx64, &bounding) != 1)
		return 0;
	return capability_beyond_default(bounding, ret);
}

int posture_parse_seccomp(const char *status, char **ret)
{
	/* SECCOMP_MODE_... of include/uapi/linux/seccomp.h */
	static const char *const modes[] = { "\"disabled\"", "\"strict\"", "\"filter\"" };
	const char *value = status_value(status, "Seccomp");
	unsigned mode;

	*ret = NULL;
	if (!value || sscanf(value, "%1u", &mode) != 1 || mode >= ELEMENTS(modes))
		return 0;
	return copy(modes[mode], ret);
}

int posture_parse_no_new_privileges(const char *status, char **ret)
{
	const char *value = status_value(status, "NoNewPrivs");

	*ret = NULL;
	if (!value || (*value != '0' && *value != '1'))
		return 0;
	return copy(*value == '1' ? "true" : "false", ret);
}

int posture_parse_uid_map(const char *uid_map, char **ret)
{
	_cleanup_(freep) char *json = NULL;
	uint32_t inside, outside, count;
	unsigned n = 0;
	int len;
	FILE *out;

	*ret = NULL;
	if (sscanf(uid_map, " %" SCNu32 " %" SCNu32 " %" SCNu32, &inside, &outside, &count) != 3)
		return 0;
	/* All users, as they are: the host's own namespace. */
	if (inside == 0 && outside == 0 && count == UINT32_MAX)
		return copy("\"host\"", ret);
	out = open_memstream(&json, &(size_t){ 0 });
	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (; n < MAX_MAPPINGS && sscanf(uid_map, " %" SCNu32 " %" SCNu32 " %" SCNu32 "%n",
					   &inside, &outside, &count, &len) == 3;
		uid_map += len)
		fprintf(out, "%s[%" PRIu32 ",%" PRIu32 ",%" PRIu32 "]", n++ ? "," : "", inside,
			outside, count);
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	*ret = TAKE(json);
	return 0;
}

static int take_status(int proc_fd, pid_t pid, struct container_info *info)
{
	static const struct {
		enum posture_fact fact;
		int (*parse)(const char *status, char **ret);
	} lines[] = {
		{ POSTURE_CAPABILITIES, posture_parse_capabilities },
		{ POSTURE_SECCOMP, posture_parse_seccomp },
		{ POSTURE_NO_NEW_PRIVILEGES, posture_parse_no_new_privileges },
	};
	_cleanup_(freep) char *status = NULL;
	char path[64], source[96];
	int r;

	snprintf(path, sizeof(path), "%d/status", (int)pid);
	snprintf(source, sizeof(source), "/proc/%s", path);
	r = file_read(proc_fd, path, FILE_MAX, &status, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		char *json;

		r = lines[i].parse(status, &json);
		r = r < 0 ? r : posture_set(info, lines[i].fact, json, source);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_uid_map(int proc_fd, pid_t pid, struct container_info *info)
{
	_cleanup_(freep) char *text = NULL;
	char path[64], source[96], *json;
	int r;

	snprintf(path, sizeof(path), "%d/uid_map", (int)pid);
	snprintf(source, sizeof(source), "/proc/%s", path);
	r = file_read(proc_fd, path, FILE_MAX, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = posture_parse_uid_map(text, &json);
	return r < 0 ? r : posture_set(info, POSTURE_USER_NAMESPACE, json, source);
}

/* Without a security module that labels processes the file cannot be read (EINVAL). */
static int take_label(int proc_fd, pid_t pid, struct container_info *info)
{
	_cleanup_(freep) char *text = NULL, *json = NULL;
	char path[64], source[96];
	size_t len;
	FILE *out;

	snprintf(path, sizeof(path), "%d/attr/current", (int)pid);
	snprintf(source, sizeof(source), "/proc/%s", path);
	if (file_read(proc_fd, path, FILE_MAX, &text, NULL) < 0)
		return 0;
	len = strcspn(text, "\n");
	out = len > 0 ? open_memstream(&json, &(size_t){ 0 }) : NULL;
	if (!out)
		return len > 0 ? -ENOMEM : 0;
	json_encode_string(out, text, len);
	if (fclose(out) != 0)
		return -ENOMEM;
	return posture_set(info, POSTURE_LABEL, TAKE(json), source);
}

static bool read_link(int proc_fd, pid_t pid, const char *kind, char *buffer, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "%d/ns/%s", (int)pid, kind);
	len = readlinkat(proc_fd, path, buffer, size - 1);
	buffer[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* The host's are those of pid 1, or our own where that one's are closed to us. */
static int take_namespaces(int proc_fd, pid_t pid, struct container_info *info)
{
	static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "user", "uts" };
	_cleanup_(freep) char *json = NULL;
	char source[64];
	unsigned n = 0;
	FILE *out = open_memstream(&json, &(size_t){ 0 });
	bool known = true;

	if (!out)
		return -ENOMEM;
	fputc('[', out);
	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		char own[64], host[64];

		if (!read_link(proc_fd, pid, kinds[i], own, sizeof(own)) ||
			(!read_link(proc_fd, 1, kinds[i], host, sizeof(host)) &&
				!read_link(proc_fd, getpid(), kinds[i], host, sizeof(host))))
			known = false;
		else if (strcmp(own, host) == 0)
			fprintf(out, "%s\"%s\"", n++ ? "," : "", kinds[i]);
	}
	fputc(']', out);
	if (fclose(out) != 0)
		return -ENOMEM;
	snprintf(source, sizeof(source), "/proc/%d/ns", (int)pid);
	return known ? posture_set(info, POSTURE_HOST_NAMESPACES, TAKE(json), source) : 0;
}

int posture_take_process(int proc_fd, pid_t pid, struct container_info *info)
{
	struct posture_value before[POSTURE_COUNT];
	int r;

	memcpy(before, info->posture, sizeof(before));
	r = take_status(proc_fd, pid, info);
	r = r < 0 ? r : take_uid_map(proc_fd, pid, info);
	r = r < 0 ? r : take_label(proc_fd, pid, info);
	r = r < 0 ? r : take_namespaces(proc_fd, pid, info);
	r = r < 0 ? r : posture_take_mounts(proc_fd, pid, info);
	/* A new value is made before the former one is freed, so it is another pointer. */
	return r < 0 ? r : memcmp(before, info->posture, sizeof(before)) != 0;
}
