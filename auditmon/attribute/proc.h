/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Single facts of a process from /proc
 *
 * Every function takes a descriptor of the proc directory, so that tests can bring their own. A
 * process can end, and its pid be somebody else's, between two reads: callers compare proc_stat's
 * start where it matters.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/touch.h"

struct proc_stat {
	pid_t parent, session;
	char state;
	bool exiting;        /* on its way to be a zombie, or one */
	uint64_t start_nsec; /* CLOCK_MONOTONIC, in steps of a clock tick (10 ms) */
};

/* The text of a stat file; ret->start_nsec is given in CLOCK_BOOTTIME. 0 or -EBADMSG. */
int proc_parse_stat(const char *text, struct proc_stat *ret);
/* The text of a status file: as proc_read_inner_pid(). 0 or -EBADMSG. */
int proc_parse_inner_pid(const char *text, pid_t *ret_pid, unsigned *ret_depth);
/* The text of a loginuid file. 0 or -EBADMSG. */
int proc_parse_loginuid(const char *text, uint32_t *ret);

/* All that follow: 0, or -ENOENT / -ESRCH (no such process), -EBADMSG (not the kernel's format),
 * -ENOMEM, ... */
int proc_read_stat(int proc_fd, pid_t pid, struct proc_stat *ret);
int proc_read_cgroup(int proc_fd, pid_t pid, char **ret, size_t *ret_len);
int proc_read_loginuid(int proc_fd, pid_t pid, uint32_t *ret);
int proc_read_cmdline(int proc_fd, pid_t pid, char **ret, size_t *ret_len);
/* The name without its newline, cut to size. */
int proc_read_comm(int proc_fd, pid_t pid, char *buffer, size_t size);
int proc_read_mountinfo(int proc_fd, pid_t pid, char **ret);

/* Its security context, heap text without the end of line; "" where there is none. */
int proc_read_label(int proc_fd, pid_t pid, char **ret);

/* Its pid in the innermost pid namespace, and how many namespaces deep that is (1: the initial
 * one). */
int proc_read_inner_pid(int proc_fd, pid_t pid, pid_t *ret_pid, unsigned *ret_depth);

/*
 * DOCKER_CONTENT_TRUST in the environment that the process was started with, as Docker's client reads
 * it; nothing else of an environment is looked at or kept. CONTENT_TRUST_UNKNOWN where it cannot be
 * read, or is longer than we read.
 */
enum content_trust proc_read_content_trust(int proc_fd, pid_t pid);
/* The same of an environ file's text; complete: it is all of it. */
enum content_trust proc_parse_content_trust(const char *environment, size_t len, bool complete);

#define PROC_NAMESPACE_SIZE 64

/* What the link of its namespace of that kind ("mnt", "pid", ...) says: equal texts, one namespace
 * (namespaces(7)). */
int proc_read_namespace(int proc_fd, pid_t pid, const char *kind, char buffer[PROC_NAMESPACE_SIZE]);

/* Its effective uid. */
int proc_read_uid(int proc_fd, pid_t pid, uint32_t *ret);

/* The number of its login session, UINT32_MAX: none. */
int proc_read_session(int proc_fd, pid_t pid, uint32_t *ret);

/* The inode of the socket that its descriptor is. -ENOTSOCK where it is something else. */
int proc_read_socket(int proc_fd, pid_t pid, int fd, uint32_t *ret_inode);

/* Is the descriptor of that socket, which it holds, an AF_UNIX one? False also where it is gone. */
bool proc_socket_is_unix(int proc_fd, pid_t pid, uint32_t inode);

/* Calls visit for each socket that it holds, until that returns false. */
int proc_each_socket(
	int proc_fd, pid_t pid, bool (*visit)(uint32_t inode, void *userdata), void *userdata);

/* Target of the exe link, heap text. */
int proc_read_exe(int proc_fd, pid_t pid, char **ret);

/* Is its executable one of those that make containers or look after them (runc, crun, conmon,
 * containerd's shims, ...)? False also where that cannot be read. */
bool proc_is_runtime(int proc_fd, pid_t pid);

/* One of those that make containers and end when they have (runc, crun). */
bool proc_is_runtime_command(int proc_fd, pid_t pid);
/* The same of an executable's path. */
bool proc_exe_is_runtime(const char *exe);
/* Is it an engine that has such ones at work for it (dockerd, containerd, podman, ...)? */
bool proc_exe_is_engine(const char *exe);

/* Is it in our own network namespace? True also where that cannot be read. */
bool proc_shares_network(int proc_fd, pid_t pid);

/* Do both live in one mount namespace? True also where that cannot be read. */
bool proc_share_mounts(int proc_fd, pid_t pid, pid_t other);
