/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Does an engine's daemon speak HTTP/2 on its socket?
 *
 * Where it does, a request may be worked on when its connection is gone: a server that has lost a
 * connection closes it and does not wait for the handlers of its streams (serverConn.serve() in
 * golang.org/x/net/http2/server.go). An HTTP/1 server's connection stays until its handler has
 * returned (conn.serve() in net/http/server.go).
 *
 * dockerd up to 28 speaks HTTP/1, but for BuildKit's /grpc and /session. Since 29.2 it takes HTTP/2
 * without TLS, for its whole API, where it listens at unix sockets only (supportGRPC() in moby's
 * daemon/command/httphandler.go, moby/moby#50744; docs.docker.com/engine/release-notes/29). Which
 * one it is, is read from its executable: the Go module was github.com/docker/docker up to 28, and
 * is github.com/moby/moby/v2 since 29.0, and the names of its packages are in every build (for
 * runtime.FuncForPC()), stripped or not. Where that cannot be told it may speak HTTP/2.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#define ENGINE_PROTOCOLS_KEPT 8

/* What executables were found to be: they are large, and read once. Zero to begin with. */
struct engine_protocols {
	struct {
		struct stat file;
		bool is_http1;
	} kept[ENGINE_PROTOCOLS_KEPT];
	size_t n;
};

/* The process that lives as pid listens at an engine's socket: may it speak HTTP/2? Of other
 * engines than dockerd as their programs' names say. */
bool engine_may_speak_http2(struct engine_protocols *protocols, int proc_fd, pid_t pid);
