/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/engine-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "runtime/docker-program.h"
#include "runtime/process.h"

#define CHUNK_SIZE ((size_t)1 << 20)
#define MAX_PROGRAM_SIZE ((off_t)1 << 30)

static const char before_29[] = "github.com/docker/docker/";
static const char since_29[] = "github.com/moby/moby/v2/";

/* gRPC, whatever their sockets are called. */
static const char *const speakers[] = { "containerd", "crio", "buildkitd", "cri-dockerd" };

static bool is_speaker(const char *program)
{
	for (size_t i = 0; i < ELEMENTS(speakers); i++)
		if (strcmp(program, speakers[i]) == 0)
			return true;
	return false;
}

/* Is the one text in the file, and the other not? */
static bool has_only(int fd, off_t size, const char *wanted, const char *unwanted)
{
	size_t overlap = strlen(wanted) + strlen(unwanted);
	_cleanup_(freep) char *chunk = malloc(CHUNK_SIZE);
	bool is_found = false;
	off_t at = 0;

	while (chunk && at < size) {
		ssize_t n = pread(fd, chunk, CHUNK_SIZE, at);

		if (n <= 0 || memmem(chunk, (size_t)n, unwanted, strlen(unwanted)))
			return false;
		is_found = is_found || memmem(chunk, (size_t)n, wanted, strlen(wanted));
		if (at + n >= size)
			return is_found;
		if ((size_t)n <= overlap)
			return false;
		at += n - (ssize_t)overlap;
	}
	return false;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Known not to speak HTTP/2. */
static bool is_http1(struct engine_protocols *protocols, int fd)
{
	struct stat st;
	size_t at;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_PROGRAM_SIZE)
		return false;
	for (size_t i = 0; i < protocols->n && i < ENGINE_PROTOCOLS_KEPT; i++)
		if (is_same(&protocols->kept[i].file, &st))
			return protocols->kept[i].is_http1;
	at = protocols->n++ % ENGINE_PROTOCOLS_KEPT;
	protocols->kept[at].file = st;
	protocols->kept[at].is_http1 = has_only(fd, st.st_size, before_29, since_29);
	return protocols->kept[at].is_http1;
}

bool engine_may_speak_http2(struct engine_protocols *protocols, int proc_fd, pid_t pid)
{
	_cleanup_(closep) int fd = -1;
	struct process_view view;
	char link[32];
	bool is_docker, is_other, is_roots;

	if (process_view_read(proc_fd, pid, &view) < 0)
		return false;
	is_docker = docker_program_is_named(process_view_program(&view));
	is_other = is_speaker(process_view_program(&view));
	is_roots = view.uid == 0;
	process_view_done(&view);
	if (!is_docker)
		return is_other;
	/* Anybody else's file can be one that is waited for for ever. */
	if (!is_roots || !process_is_on_host(proc_fd, pid))
		return true;
	snprintf(link, sizeof(link), "%d/exe", (int)pid);
	fd = openat(proc_fd, link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 || !is_http1(protocols, fd);
}
