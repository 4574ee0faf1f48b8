/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A host of files: a /proc and the state directories of engines, in a fresh directory. Include
 * after cmocka.h.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "place.h"

#define FAKE_SEC UINT64_C(1000000000)
#define FAKE_TICK_NSEC UINT64_C(10000000)
#define FAKE_UNSET UINT32_MAX

struct fake_host {
	struct place place;
	char proc[80], root[80];
	int proc_fd;
};

/* What is not given is as the kernel has it for a process of the host that nobody logged in for. */
struct fake_process {
	pid_t pid, parent;
	uint64_t start_nsec; /* CLOCK_MONOTONIC */
	pid_t session;
	uint32_t loginuid;
	bool has_loginuid;
	const char *cgroup;    /* path in the unified hierarchy */
	const char *inner_pid; /* what follows the outer pid in NSpid, "\t1" for the init of a pid
				  namespace */
	const char *comm, *exe;
	const char *argv; /* arguments separated by blanks; "": it has none any more */
	const char *mountinfo;
	const char *mounts; /* what the link of its mount namespace says */
	bool exiting;
};

static inline int fake_host_init(struct fake_host *host)
{
	if (place_init(&host->place) < 0)
		return -1;
	snprintf(host->proc, sizeof(host->proc), "%s/proc", host->place.path);
	snprintf(host->root, sizeof(host->root), "%s/root", host->place.path);
	if (mkdir(host->proc, 0755) < 0 || mkdir(host->root, 0755) < 0)
		return -1;
	host->proc_fd = open(host->proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return host->proc_fd < 0 ? -1 : 0;
}

static inline int fake_host_done(struct fake_host *host)
{
	close(host->proc_fd);
	return place_done(&host->place);
}

/* The file of a process; text NULL: absent. */
static inline void fake_file(
	const struct fake_host *host, pid_t pid, const char *file, const char *text)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%d/%s", pid, file);
	if (text)
		place_text(&host->place, name, text);
	else
		unlink(place_name(&host->place, name));
}

static inline uint64_t fake_boot_minus_monotonic_nsec(void)
{
	struct timespec boot, monotonic;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (uint64_t)(boot.tv_sec - monotonic.tv_sec) * FAKE_SEC + (uint64_t)boot.tv_nsec -
	       (uint64_t)monotonic.tv_nsec;
}

static inline void fake_stat(const struct fake_host *host, const struct fake_process *process)
{
	uint64_t ticks = (process->start_nsec + fake_boot_minus_monotonic_nsec()) / FAKE_TICK_NSEC;
	char text[256];

	snprintf(text, sizeof(text),
		"%d (%s) S %d %d %d 0 -1 %u 1 0 0 0 0 0 0 0 20 0 1 0 %llu 1 2 3\n", process->pid,
		process->comm ? process->comm : "x", process->parent, process->pid,
		process->session ? process->session : process->pid,
		process->exiting ? 4194564u : 4194560u, (unsigned long long)ticks);
	fake_file(host, process->pid, "stat", text);
}

static inline void fake_argv(const struct fake_host *host, const struct fake_process *process)
{
	const char *argv = process->argv ? process->argv : "x";
	size_t len = *argv ? strlen(argv) + 1 : 0;
	char *bytes = strdup(argv), name[64];

	for (size_t i = 0; i < len; i++)
		bytes[i] = argv[i] == ' ' ? '\0' : argv[i];
	snprintf(name, sizeof(name), "proc/%d/cmdline", process->pid);
	place_put(&host->place, name, bytes, len);
	free(bytes);
}

/* The link by which a process's namespace of that kind is told. */
static inline void fake_namespace(
	const struct fake_host *host, pid_t pid, const char *kind, const char *target)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%d/ns/%s", pid, kind);
	place_make_way(&host->place, name);
	unlink(place_name(&host->place, name));
	assert_int_equal(symlink(target, place_name(&host->place, name)), 0);
}

/* The process is there, or there as it is now. */
static inline void fake_process(const struct fake_host *host, const struct fake_process *process)
{
	char text[512];

	fake_stat(host, process);
	snprintf(text, sizeof(text), "0::%s\n", process->cgroup ? process->cgroup : "/");
	fake_file(host, process->pid, "cgroup", text);
	snprintf(text, sizeof(text), "Name:\tx\nPPid:\t%d\nUid:\t0\t0\t0\t0\nNSpid:\t%d%s\n",
		process->parent, process->pid, process->inner_pid ? process->inner_pid : "");
	fake_file(host, process->pid, "status", text);
	snprintf(text, sizeof(text), "%u", process->has_loginuid ? process->loginuid : FAKE_UNSET);
	fake_file(host, process->pid, "loginuid", text);
	fake_argv(host, process);
	fake_file(host, process->pid, "mountinfo", process->mountinfo);
	snprintf(text, sizeof(text), "proc/%d/exe", process->pid);
	unlink(place_name(&host->place, text));
	assert_int_equal(
		symlink(process->exe ? process->exe : "/bin/x", place_name(&host->place, text)), 0);
	if (process->mounts)
		fake_namespace(host, process->pid, "mnt", process->mounts);
}

static inline __attribute__((unused)) void fake_gone(const struct fake_host *host, pid_t pid)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%d", pid);
	assert_int_equal(
		nftw(place_name(&host->place, name), place_remove_one, 4, FTW_DEPTH | FTW_PHYS), 0);
}

/* What dockerd keeps of a container; mounts: JSON of MountPoints. */
static inline __attribute__((unused)) void fake_docker(const struct fake_host *host, const char *id,
	const char *name, const char *image, bool privileged, pid_t init_pid, const char *mounts)
{
	char path[256], text[2048];

	snprintf(path, sizeof(path), "root/var/lib/docker/containers/%s/config.v2.json", id);
	snprintf(text, sizeof(text),
		"{\"ID\":\"%s\",\"Name\":\"/%s\",\"Config\":{\"Image\":\"%s\"},"
		"\"State\":{\"Running\":true,\"Pid\":%d},\"MountPoints\":%s}",
		id, name, image, init_pid, mounts ? mounts : "{}");
	place_text(&host->place, path, text);
	snprintf(path, sizeof(path), "root/var/lib/docker/containers/%s/hostconfig.json", id);
	place_text(&host->place, path,
		privileged ? "{\"Privileged\":true}" : "{\"Privileged\":false}");
}

/* What Podman keeps of a container of root's. */
static inline __attribute__((unused)) void fake_podman(const struct fake_host *host, const char *id,
	const char *name, const char *image, bool privileged)
{
	char path[256], text[2048];

	snprintf(path, sizeof(path),
		"root/var/lib/containers/storage/overlay-containers/%s/userdata/config.json", id);
	snprintf(text, sizeof(text),
		"{\"annotations\":{\"io.podman.annotations.privileged\":\"%s\"},\"root\":{\"path\":"
		"\"/var/lib/containers/storage/overlay/%s/merged\"}}",
		privileged ? "TRUE" : "FALSE", id);
	place_text(&host->place, path, text);
	snprintf(text, sizeof(text),
		"[{\"id\":\"%s\",\"names\":[\"%s\"],\"metadata\":\"{\\\"image-name\\\":\\\"%s\\\","
		"\\\"name\\\":\\\"%s\\\"}\"}]",
		id, name, image, name);
	place_text(&host->place,
		"root/var/lib/containers/storage/overlay-containers/containers.json", text);
}
