/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_SMALL_FILE (64 * 1024)
#define MAX_ENVIRON (256 * 1024)
#define MAX_CMDLINE (256 * 1024)
#define MAX_LABEL 4096
#define MAX_MOUNTINFO (16 * 1024 * 1024)

/* include/linux/sched.h; /proc/PID/stat has the flags as they are. */
#define PF_EXITING 0x00000004u

#define NSEC_PER_SEC UINT64_C(1000000000)
#define MAX_CLOCKS_APART_NSEC 1000000

static int read_of(
	int proc_fd, pid_t pid, const char *name, size_t max_len, char **ret, size_t *ret_len)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/%s", pid, name);
	return file_read(proc_fd, path, max_len, ret, ret_len);
}

static uint64_t now_nsec(clockid_t id)
{
	struct timespec time;

	clock_gettime(id, &time);
	return (uint64_t)time.tv_sec * NSEC_PER_SEC + (uint64_t)time.tv_nsec;
}

/* Boot time counts suspension, monotonic time does not. Read again where we were held up between
 * the two. */
static uint64_t boot_minus_monotonic_nsec(void)
{
	uint64_t before_nsec, boot_nsec, after_nsec;

	do {
		before_nsec = now_nsec(CLOCK_MONOTONIC);
		boot_nsec = now_nsec(CLOCK_BOOTTIME);
		after_nsec = now_nsec(CLOCK_MONOTONIC);
	} while (after_nsec - before_nsec > MAX_CLOCKS_APART_NSEC);
	return boot_nsec > before_nsec ? boot_nsec - before_nsec : 0;
}

int proc_parse_stat(const char *text, struct proc_stat *ret)
{
	static const uint64_t max_sec = UINT64_MAX / NSEC_PER_SEC - 1;
	uint64_t ticks_per_sec = (uint64_t)sysconf(_SC_CLK_TCK);
	unsigned long long start_ticks;
	const char *after;
	int parent, session;
	unsigned flags;
	char state;

	/* The name in parentheses may hold anything, parentheses too: the last one ends it. */
	after = strrchr(text, ')');
	if (!after ||
		sscanf(after + 1,
			" %c %d %*d %d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
			"%llu",
			&state, &parent, &session, &flags, &start_ticks) != 5 ||
		parent < 0 || start_ticks / ticks_per_sec > max_sec)
		return -EBADMSG;
	ret->state = state;
	ret->parent = parent;
	ret->session = session;
	ret->exiting = flags & PF_EXITING;
	ret->start_nsec = start_ticks / ticks_per_sec * NSEC_PER_SEC +
			  start_ticks % ticks_per_sec * (NSEC_PER_SEC / ticks_per_sec);
	return 0;
}

int proc_read_stat(int proc_fd, pid_t pid, struct proc_stat *ret)
{
	_cleanup_(freep) char *text = NULL;
	uint64_t suspended_nsec;
	struct proc_stat stat;
	int r;

	r = read_of(proc_fd, pid, "stat", MAX_SMALL_FILE, &text, NULL);
	r = r < 0 ? r : proc_parse_stat(text, &stat);
	if (r < 0)
		return r;
	/* What began before a suspension began earlier than monotonic time can tell; 0 would mean
	 * "not known". */
	suspended_nsec = boot_minus_monotonic_nsec();
	stat.start_nsec = stat.start_nsec > suspended_nsec ? stat.start_nsec - suspended_nsec : 1;
	*ret = stat;
	return 0;
}

int proc_read_cgroup(int proc_fd, pid_t pid, char **ret, size_t *ret_len)
{
	return read_of(proc_fd, pid, "cgroup", MAX_SMALL_FILE, ret, ret_len);
}

int proc_parse_loginuid(const char *text, uint32_t *ret)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EBADMSG;
	value = strtoul(text, &end, 10);
	if ((*end != '\0' && *end != '\n') || value > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)value;
	return 0;
}

int proc_read_loginuid(int proc_fd, pid_t pid, uint32_t *ret)
{
	_cleanup_(freep) char *text = NULL;
	int r = read_of(proc_fd, pid, "loginuid", 32, &text, NULL);

	return r < 0 ? r : proc_parse_loginuid(text, ret);
}

int proc_read_cmdline(int proc_fd, pid_t pid, char **ret, size_t *ret_len)
{
	return read_of(proc_fd, pid, "cmdline", MAX_CMDLINE, ret, ret_len);
}

int proc_read_comm(int proc_fd, pid_t pid, char *buffer, size_t size)
{
	_cleanup_(freep) char *text = NULL;
	int r = read_of(proc_fd, pid, "comm", MAX_SMALL_FILE, &text, NULL);

	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	snprintf(buffer, size, "%s", text);
	return 0;
}

int proc_read_mountinfo(int proc_fd, pid_t pid, char **ret)
{
	return read_of(proc_fd, pid, "mountinfo", MAX_MOUNTINFO, ret, NULL);
}

/* SELinux ends it with a NUL, AppArmor with a newline; without either module there is an error. */
int proc_read_label(int proc_fd, pid_t pid, char **ret)
{
	size_t len;
	int r = read_of(proc_fd, pid, "attr/current", MAX_LABEL, ret, &len);

	if (r == 0)
		(*ret)[strcspn(*ret, "\n")] = '\0';
	return r;
}

int proc_parse_inner_pid(const char *text, pid_t *ret_pid, unsigned *ret_depth)
{
	const char *at = strstr(text, "\nNSpid:");
	unsigned depth = 0;
	long value = 0;

	if (!at)
		return -EBADMSG;
	at += sizeof("\nNSpid:") - 1;
	at += strspn(at, " \t");
	while (*at != '\n' && *at != '\0') {
		char *end;

		value = isdigit((unsigned char)*at) ? strtol(at, &end, 10) : 0;
		if (value <= 0 || value > INT_MAX)
			return -EBADMSG;
		depth++;
		at = end + strspn(end, " \t");
	}
	if (depth == 0)
		return -EBADMSG;
	*ret_pid = (pid_t)value;
	*ret_depth = depth;
	return 0;
}

int proc_read_inner_pid(int proc_fd, pid_t pid, pid_t *ret_pid, unsigned *ret_depth)
{
	_cleanup_(freep) char *text = NULL;
	int r = read_of(proc_fd, pid, "status", MAX_SMALL_FILE, &text, NULL);

	return r < 0 ? r : proc_parse_inner_pid(text, ret_pid, ret_depth);
}

int proc_read_uid(int proc_fd, pid_t pid, uint32_t *ret)
{
	_cleanup_(freep) char *text = NULL;
	const char *line;
	unsigned uid;
	int r = read_of(proc_fd, pid, "status", MAX_SMALL_FILE, &text, NULL);

	if (r < 0)
		return r;
	line = strstr(text, "\nUid:");
	if (!line || sscanf(line, "\nUid: %*u %u", &uid) != 1)
		return -EBADMSG;
	*ret = uid;
	return 0;
}

int proc_read_session(int proc_fd, pid_t pid, uint32_t *ret)
{
	_cleanup_(freep) char *text = NULL;
	int r = read_of(proc_fd, pid, "sessionid", 32, &text, NULL);

	return r < 0 ? r : proc_parse_loginuid(text, ret);
}

static int socket_of(int directory_fd, const char *name, uint32_t *ret_inode)
{
	static const char prefix[] = "socket:[";
	char target[64], *end;
	ssize_t len = readlinkat(directory_fd, name, target, sizeof(target) - 1);
	unsigned long inode;

	if (len < 0)
		return -errno;
	target[len] = '\0';
	if (strncmp(target, prefix, sizeof(prefix) - 1) != 0)
		return -ENOTSOCK;
	inode = strtoul(target + sizeof(prefix) - 1, &end, 10);
	if (strcmp(end, "]") != 0 || inode == 0 || inode > UINT32_MAX)
		return -ENOTSOCK;
	*ret_inode = (uint32_t)inode;
	return 0;
}

int proc_read_socket(int proc_fd, pid_t pid, int fd, uint32_t *ret_inode)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/fd/%d", pid, fd);
	return socket_of(proc_fd, path, ret_inode);
}

bool proc_socket_is_unix(int proc_fd, pid_t pid, uint32_t inode)
{
	char path[64], protocol[32] = "";
	struct dirent *item;
	bool is_unix = false;
	DIR *directory;
	int fd;

	snprintf(path, sizeof(path), "%d/fd", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	for (item = directory ? readdir(directory) : NULL; item; item = readdir(directory)) {
		uint32_t found;

		if (socket_of(fd, item->d_name, &found) < 0 || found != inode)
			continue;
		/* sockfs_xattr_handler in net/socket.c: "UNIX", "UNIX-STREAM", "TCP", ... */
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%.16s", fd, item->d_name);
		is_unix = getxattr(path, "system.sockprotoname", protocol, sizeof(protocol) - 1) > 0 &&
			  strncmp(protocol, "UNIX", 4) == 0;
		break;
	}
	if (directory)
		closedir(directory);
	return is_unix;
}

int proc_each_socket(
	int proc_fd, pid_t pid, bool (*visit)(uint32_t inode, void *userdata), void *userdata)
{
	char path[64];
	struct dirent *item;
	DIR *directory;
	int fd;

	snprintf(path, sizeof(path), "%d/fd", pid);
	fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory)
		return -errno;
	for (item = readdir(directory); item; item = readdir(directory)) {
		uint32_t inode;

		if (socket_of(fd, item->d_name, &inode) == 0 && !visit(inode, userdata))
			break;
	}
	closedir(directory);
	return 0;
}

int proc_read_exe(int proc_fd, pid_t pid, char **ret)
{
	char path[64], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "%d/exe", pid);
	len = readlinkat(proc_fd, path, target, sizeof(target));
	if (len < 0)
		return -errno;
	*ret = strndup(target, (size_t)len);
	return *ret ? 0 : -ENOMEM;
}

/* names: NULL behind the last; taken as prefixes: containerd-shim-runc-v2, runc.amd64. */
static bool is_one_of(const char *exe, const char *const *names)
{
	const char *slash = strrchr(exe, '/');
	const char *name = slash ? slash + 1 : exe;

	for (; *names; names++)
		if (strncmp(name, *names, strlen(*names)) == 0)
			return true;
	return false;
}

bool proc_exe_is_runtime(const char *exe)
{
	static const char *const names[] = { "runc", "crun", "youki", "conmon", "containerd-shim",
		"lxc-start", "lxc-attach", "lxc-execute", "systemd-nspawn", NULL };

	return is_one_of(exe, names);
}

bool proc_exe_is_engine(const char *exe)
{
	static const char *const names[] = { "dockerd", "containerd", "podman", "buildah",
		"buildkitd", "crio", "kubelet", "k3s", "nerdctl", "lxd", "incusd", NULL };

	return is_one_of(exe, names);
}

bool proc_is_runtime(int proc_fd, pid_t pid)
{
	_cleanup_(freep) char *exe = NULL;

	return proc_read_exe(proc_fd, pid, &exe) == 0 && proc_exe_is_runtime(exe);
}

bool proc_is_runtime_command(int proc_fd, pid_t pid)
{
	static const char *const names[] = { "runc", "crun", NULL };
	_cleanup_(freep) char *exe = NULL;

	return proc_read_exe(proc_fd, pid, &exe) == 0 && is_one_of(exe, names);
}

int proc_read_namespace(int proc_fd, pid_t pid, const char *kind, char buffer[PROC_NAMESPACE_SIZE])
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "%d/ns/%s", pid, kind);
	len = readlinkat(proc_fd, path, buffer, PROC_NAMESPACE_SIZE - 1);
	if (len <= 0)
		return len < 0 ? -errno : -ENOENT;
	buffer[len] = '\0';
	return 0;
}

bool proc_share_mounts(int proc_fd, pid_t pid, pid_t other)
{
	char first[PROC_NAMESPACE_SIZE], second[PROC_NAMESPACE_SIZE];

	return proc_read_namespace(proc_fd, pid, "mnt", first) < 0 ||
	       proc_read_namespace(proc_fd, other, "mnt", second) < 0 || strcmp(first, second) == 0;
}

/* strconv.ParseBool(), and what it does not know counts as on (docker/cli, getDefaultContentTrust()). */
static enum content_trust content_trust_of(const char *value, size_t len)
{
	static const char *const off[] = { "", "0", "f", "F", "FALSE", "false", "False" };

	for (size_t i = 0; i < ELEMENTS(off); i++)
		if (strlen(off[i]) == len && memcmp(off[i], value, len) == 0)
			return CONTENT_TRUST_OFF;
	return CONTENT_TRUST_ON;
}

enum content_trust proc_parse_content_trust(const char *environment, size_t len, bool complete)
{
	static const char name[] = "DOCKER_CONTENT_TRUST=";
	const char *end = environment + len;

	while (environment < end) {
		size_t rest = (size_t)(end - environment), n = strnlen(environment, rest);

		/* Of two, getenv() and Go take the first. */
		if (n >= sizeof(name) - 1 && memcmp(environment, name, sizeof(name) - 1) == 0)
			return n == rest && !complete ? CONTENT_TRUST_UNKNOWN
						      : content_trust_of(environment + sizeof(name) - 1,
								n - (sizeof(name) - 1));
		environment += n + 1;
	}
	return complete && len > 0 ? CONTENT_TRUST_OFF : CONTENT_TRUST_UNKNOWN;
}

enum content_trust proc_read_content_trust(int proc_fd, pid_t pid)
{
	enum content_trust trust;
	char *environment;
	size_t len;

	if (read_of(proc_fd, pid, "environ", MAX_ENVIRON, &environment, &len) < 0)
		return CONTENT_TRUST_UNKNOWN;
	trust = proc_parse_content_trust(environment, len, true);
	/* It may hold passwords. */
	explicit_bzero(environment, len);
	free(environment);
	return trust;
}

bool proc_shares_network(int proc_fd, pid_t pid)
{
	char first[PROC_NAMESPACE_SIZE], second[PROC_NAMESPACE_SIZE];

	return proc_read_namespace(proc_fd, pid, "net", first) < 0 ||
	       proc_read_namespace(proc_fd, getpid(), "net", second) < 0 ||
	       strcmp(first, second) == 0;
}
