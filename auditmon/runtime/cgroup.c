/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/cgroup-id.h"

/* Where such a directory counts. */
enum place {
	ANYWHERE,
	BELOW,  /* directly below the directory named */
	WITHIN, /* somewhere below it */
	IN_POD, /* directly below a Kubernetes pod's directory */
	PLAIN,  /* outside systemd's tree and other containers, and no Podman pod */
};

enum tail {
	BARE,
	SCOPE,
	MAY_SCOPE, /* cgroupfs driver or systemd driver */
	SERVICE,
	LIBVIRT,
};
static const char *const tails[] = {
	[SCOPE] = ".scope",
	[MAY_SCOPE] = ".scope",
	[SERVICE] = ".service",
	[LIBVIRT] = ".libvirt-lxc",
};

/*
 * The directories that are containers; the first row that fits a directory decides. Names come from
 * the engines' own code (moby daemon/oci_linux.go, podman libpod/container.go, cri-o
 * internal/config/cgmgr, containerd internal/cri/server/helpers.go, lxc src/lxc/cgroups/cgroup.h,
 * kubelet cm). A row without runtime says "not a container" where a later row would be taken in.
 * What has no row is none: conmon's scopes, pod slices, units, VMs.
 *
 * A lone 64-hex directory names no engine. Below a pod it is a container of whichever runtime
 * serves the kubelet; outside systemd's tree only engines with the cgroupfs driver and a parent
 * given by the caller make one (docker run --cgroup-parent, crictl). GitHub's runner is known to do
 * so with Docker. Inside systemd's tree, where users have subtrees of their own, it is no evidence
 * at all; inside a container it is at most that container's business.
 */
// clang-format off
static const struct pattern {
	const char *runtime;
	enum place place;
	const char *above;	/* for BELOW and WITHIN */
	const char *prefix;
	enum id_shape id;
	enum tail tail;
	const char *child;	/* the directory below must be this one; NULL: any or none */
} patterns[] = {
	{ "docker",         ANYWHERE, NULL,            "docker-",                HEX64,    MAY_SCOPE },
	{ "docker",         BELOW,    "docker",        "",                       HEX64,    MAY_SCOPE },
	{ "docker",         BELOW,    "actions_job",   "",                       HEX64,    BARE },
	{ "docker",         WITHIN,   "ecs",           "",                       HEX64,    BARE },
	{ "unknown",        WITHIN,   "ecs",           "",                       FARGATE,  BARE },
	{ "buildkit",       ANYWHERE, NULL,            "docker-",                BASE36,   SCOPE },
	{ "buildkit",       BELOW,    "buildkit",      "",                       BASE36,   BARE },
	{ "podman",         ANYWHERE, NULL,            "libpod-",                HEX64,    MAY_SCOPE },
	{ "podman",         ANYWHERE, NULL,            "libpod-payload-",        HEX64,    MAY_SCOPE },
	{ "podman",         BELOW,    "libpod",        "",                       HEX64,    MAY_SCOPE },
	{ "buildah",        ANYWHERE, NULL,            "buildah-buildah",        DIGITS,   MAY_SCOPE },
	{ "buildah",        ANYWHERE, NULL,            "crun-buildah-buildah",   DIGITS,   SCOPE },
	{ "buildah",        ANYWHERE, NULL,            "runc-buildah-buildah",   DIGITS,   SCOPE },
	{ "cri-o",          ANYWHERE, NULL,            "crio-",                  HEX64,    MAY_SCOPE },
	{ "containerd",     ANYWHERE, NULL,            "cri-containerd-",        HEX64,    MAY_SCOPE },
	{ "containerd",     ANYWHERE, NULL,            "nerdctl-",               HEX64,    MAY_SCOPE },
	{ "containerd",     BELOW,    "moby",          "",                       HEX64,    BARE },
	{ "containerd",     BELOW,    "default",       "",                       HEX64,    BARE },
	{ "containerd",     BELOW,    "k8s.io",        "",                       HEX64,    BARE },
	{ "unknown",        IN_POD,   NULL,            "",                       HEX64,    MAY_SCOPE },
	{ "unknown",        IN_POD,   NULL,            "",                       UUID,     BARE },
	{ "garden",         BELOW,    "garden",        "",                       GARDEN,   BARE },
	{ "garden",         BELOW,    "garden",        "",                       UUID,     BARE },
	{ NULL,             ANYWHERE, NULL,            "lxc.monitor",            ANYTHING, BARE },
	{ NULL,             BELOW,    "lxc.monitor",   "",                       ANYTHING, BARE },
	{ NULL,             ANYWHERE, NULL,            "lxc.pivot",              ANYTHING, BARE },
	{ "lxc",            ANYWHERE, NULL,            "lxc.payload.",           NAME,     BARE },
	{ "lxc",            BELOW,    "lxc.payload",   "",                       NAME,     BARE },
	{ "lxc",            BELOW,    "lxc",           "",                       NAME,     BARE },
	{ "lxc",            ANYWHERE, NULL,            "machine-lxc\\x2d",       ESCAPED,  SCOPE },
	{ "lxc",            ANYWHERE, NULL,            "",                       NAME,     LIBVIRT },
	{ "rkt",            ANYWHERE, NULL,            "machine-rkt\\x2d",       ESC_UUID, SCOPE },
	/* The unit holds the host's systemd-nspawn too, beside (payload) or above (legacy hierarchies) the container. */
	{ "systemd-nspawn", ANYWHERE, NULL,            "systemd-nspawn@",        ESCAPED,  SERVICE, "payload" },
	{ "systemd-nspawn", ANYWHERE, NULL,            "systemd-nspawn@",        ESCAPED,  SERVICE, "init.scope" },
	{ "systemd-nspawn", ANYWHERE, NULL,            "systemd-nspawn@",        ESCAPED,  SERVICE, "system.slice" },
	{ "systemd-nspawn", ANYWHERE, NULL,            "machine-",               ESCAPED,  SCOPE,   "payload" },
	{ "unknown",        ANYWHERE, NULL,            "crun-",                  NAME,     SCOPE },
	{ "unknown",        ANYWHERE, NULL,            "runc-",                  NAME,     SCOPE },
	{ "unknown",        ANYWHERE, NULL,            "bpm-",                   WORD,     MAY_SCOPE },
	/* Kata's shim and hypervisor: host processes under the sandbox's id. */
	{ NULL,             BELOW,    "kata_overhead", "",                       ANYTHING, BARE },
	{ "unknown",        PLAIN,    NULL,            "",                       HEX64,    BARE },
};

/* Hierarchies that engines always use decide before those that they may leave out, where lines say equally much. */
static const char *const preferred_controllers[] = { "name=systemd", "memory", "pids" };
// clang-format on

static const char *const unit_suffixes[] = { ".slice", ".service", ".scope", ".mount", ".socket",
	".swap" };

/* One path on its way from the root to the leaf. */
struct walk {
	struct span path;
	struct span first, above, next; /* components; empty where there is none */
	size_t index;
	bool above_is_pod, unit_above;
	unsigned depth; /* containers so far */
	char pod[CGROUP_ID_MAX];
	cgroup_task_exists_fn task_exists;
	void *userdata;
	struct cgroup_match match;
};

static struct span next_component(struct span *rest)
{
	struct span component;

	while (rest->len > 0 && *rest->text == '/')
		*rest = span_skip(*rest, 1);
	component = (struct span){ rest->text, 0 };
	while (component.len < rest->len && rest->text[component.len] != '/')
		component.len++;
	*rest = span_skip(*rest, component.len);
	return component;
}

static bool is_within(const struct walk *walk, const char *above)
{
	struct span rest = walk->path, component;

	if (walk->above.len == 0)
		return false;
	do {
		component = next_component(&rest);
		if (span_is(component, above))
			return true;
	} while (component.text < walk->above.text);
	return false;
}

/*
 * A pod of Podman's cgroupfs manager, `libpod_parent/<pod>/libpod-<id>` or below a parent given by
 * the caller: a 64-hex name that is no container's. Also conmon's place is below it.
 */
static bool is_podman_group(const struct walk *walk, struct span name, char *ret)
{
	char id[CGROUP_ID_MAX];
	bool grouped = span_is(walk->above, "libpod_parent") || span_is(walk->next, "conmon") ||
		       (span_starts_with(walk->next, "libpod-") &&
			       cgroup_id_take(span_skip(walk->next, strlen("libpod-")), HEX64, id));

	return grouped && cgroup_id_take(name, HEX64, ret);
}

static bool is_placed(const struct pattern *row, const struct walk *walk, struct span name)
{
	char pod[CGROUP_ID_MAX];

	switch (row->place) {
	case ANYWHERE:
		return true;
	case BELOW:
		return span_is(walk->above, row->above);
	case WITHIN:
		return is_within(walk, row->above);
	case IN_POD:
		return walk->above_is_pod;
	case PLAIN:
		return !walk->unit_above && walk->depth == 0 && !is_podman_group(walk, name, pod);
	}
	return false;
}

static bool fits(const struct pattern *row, const struct walk *walk, struct span name, char *ret)
{
	const char *tail = tails[row->tail];

	if (!span_starts_with(name, row->prefix) || !is_placed(row, walk, name))
		return false;
	name = span_skip(name, strlen(row->prefix));
	if (tail && span_ends_with(name, tail))
		name.len -= strlen(tail);
	else if (tail && row->tail != MAY_SCOPE)
		return false;
	if (row->child && !span_is(walk->next, row->child))
		return false;
	return cgroup_id_take(name, row->id, ret);
}

static void enter(struct walk *walk, const char *runtime, const char *id)
{
	struct cgroup_match *match = &walk->match;

	if (walk->depth++ == 0) {
		match->outer_runtime = runtime;
		strcpy(match->outer_id, id);
	}
	match->runtime = runtime;
	strcpy(match->container_id, id);
	strcpy(match->pod_uid, walk->pod);
}

/*
 * Kubernetes' pods: `pod<uid>`, or `...kubepods...-pod<uid>.slice` with _ for -. The uid of a
 * static pod is a hash of 32 hex digits.
 */
static bool is_kube_pod(struct span name, char *ret)
{
	char uid[CGROUP_ID_MAX];
	struct span span;

	if (span_ends_with(name, ".slice")) {
		size_t at = name.len -= strlen(".slice");

		if (!memmem(name.text, name.len, "kubepods", strlen("kubepods")))
			return false;
		while (at > 0 && name.text[at - 1] != '-')
			at--;
		name = span_skip(name, at);
	}
	if (!span_starts_with(name, "pod") || !cgroup_id_take(span_skip(name, 3), NAME, uid))
		return false;
	for (char *c = uid; *c; c++)
		*c = *c == '_' ? '-' : *c;
	span = (struct span){ uid, strlen(uid) };
	return cgroup_id_take(span, UUID, ret) || cgroup_id_take(span, HEX32, ret);
}

/* A pod of Podman's systemd manager. */
static bool is_podman_slice(struct span name, char *ret)
{
	const char *mark = "libpod_pod_", *at;

	if (!span_ends_with(name, ".slice"))
		return false;
	name.len -= strlen(".slice");
	at = memmem(name.text, name.len, mark, strlen(mark));
	return at &&
	       cgroup_id_take(span_skip(name, (size_t)(at - name.text) + strlen(mark)), HEX64, ret);
}

static bool is_unit(struct span name)
{
	for (size_t i = 0; i < ELEMENTS(unit_suffixes); i++)
		if (span_ends_with(name, unit_suffixes[i]))
			return true;
	return false;
}

/* ctr's /<namespace>/<id>: any two directories look like it, so containerd's files must agree. */
static bool is_task(const struct walk *walk, struct span name, char *ret)
{
	char namespace_name[CGROUP_ID_MAX];

	return walk->task_exists && walk->index == 1 && !walk->unit_above && !is_unit(name) &&
	       cgroup_id_take(walk->first, IDENTIFIER, namespace_name) &&
	       cgroup_id_take(name, IDENTIFIER, ret) &&
	       walk->task_exists(walk->userdata, namespace_name, ret) > 0;
}

/* False where the name says nothing. */
static bool visit_name(struct walk *walk, struct span name)
{
	char id[CGROUP_ID_MAX];

	for (size_t i = 0; i < ELEMENTS(patterns); i++)
		if (fits(&patterns[i], walk, name, id)) {
			if (patterns[i].runtime)
				enter(walk, patterns[i].runtime, id);
			return true;
		}
	if (!is_task(walk, name, id))
		return false;
	enter(walk, "containerd", id);
	return true;
}

/*
 * `slice:prefix:id` is what a runtime with the cgroupfs driver makes of a path meant for the
 * systemd driver: one directory with that very name. It reads like `slice/prefix-id.scope`.
 */
static bool split_colons(
	struct span name, struct span *ret_slice, char *buffer, size_t size, struct span *ret_name)
{
	const char *first = memchr(name.text, ':', name.len);
	const char *second =
		first ? memchr(first + 1, ':', name.len - (size_t)(first + 1 - name.text)) : NULL;

	if (!second || name.len + sizeof(".scope") > size)
		return false;
	*ret_slice = (struct span){ name.text, (size_t)(first - name.text) };
	*ret_name = span_skip(name, ret_slice->len + 1);
	memcpy(buffer, ret_name->text, ret_name->len);
	buffer[second - first - 1] = '-';
	memcpy(buffer + ret_name->len, ".scope", strlen(".scope"));
	*ret_name = (struct span){ buffer, ret_name->len + strlen(".scope") };
	return true;
}

static void visit(struct walk *walk, struct span component)
{
	char buffer[2 * CGROUP_ID_MAX];
	struct span slice, name;

	if (split_colons(component, &slice, buffer, sizeof(buffer), &name)) {
		walk->above = slice;
		walk->above_is_pod = is_kube_pod(slice, walk->pod);
		if (!walk->above_is_pod)
			is_podman_slice(slice, walk->pod);
		visit_name(walk, name);
		walk->above_is_pod = false;
		return;
	}
	if (is_kube_pod(component, walk->pod)) {
		walk->above_is_pod = true;
		return;
	}
	if (!is_podman_slice(component, walk->pod) && !visit_name(walk, component))
		is_podman_group(walk, component, walk->pod);
	walk->above_is_pod = false;
}

static void walk_path(struct walk *walk)
{
	struct span rest = walk->path, component = next_component(&rest);

	for (walk->first = component; component.len > 0; walk->index++) {
		walk->next = next_component(&rest);
		visit(walk, component);
		walk->unit_above |= is_unit(component);
		walk->above = component;
		component = walk->next;
	}
	if (walk->depth == 0)
		strcpy(walk->match.pod_uid, walk->pod);
	if (strcmp(walk->match.outer_id, walk->match.container_id) == 0) {
		walk->match.outer_id[0] = '\0';
		walk->match.outer_runtime = NULL;
	}
}

/* `N:controllers:/path` (proc(5)) or a path alone. The path may hold colons of its own. */
static bool split_line(struct span line, struct span *ret_controllers, struct span *ret_path)
{
	size_t at = 0, start;

	while (at < line.len && line.text[at] >= '0' && line.text[at] <= '9')
		at++;
	*ret_controllers = (struct span){ line.text, 0 };
	if (at > 0) {
		const char *end;

		if (at == line.len || line.text[at] != ':')
			return false;
		start = at + 1;
		end = memchr(line.text + start, ':', line.len - start);
		if (!end)
			return false;
		at = (size_t)(end - line.text) + 1;
		*ret_controllers = (struct span){ line.text + start, at - 1 - start };
	}
	*ret_path = span_skip(line, at);
	return ret_path->len > 0 && *ret_path->text == '/';
}

/*
 * A removed cgroup is marked at the end; one outside the reader's cgroup namespace begins with /..
 * (kernel/cgroup/cgroup.c, proc_cgroup_show()).
 */
static struct span strip(struct span path)
{
	if (span_ends_with(path, " (deleted)"))
		path.len -= strlen(" (deleted)");
	while (span_starts_with(path, "/../") || span_is(path, "/.."))
		path = span_skip(path, 3);
	return path;
}

static unsigned rank(struct span controllers)
{
	for (unsigned i = 0; i < ELEMENTS(preferred_controllers); i++)
		if (span_is(controllers, preferred_controllers[i]))
			return ELEMENTS(preferred_controllers) - i;
	return 0;
}

static void decide_line(
	struct span line, const struct walk *template, struct walk *best, unsigned *best_rank)
{
	struct walk walk = *template;
	struct span controllers;
	unsigned line_rank;
	bool better;

	if (!split_line(line, &controllers, &walk.path))
		return;
	walk.path = strip(walk.path);
	walk_path(&walk);
	if (walk.depth == 0 && !*walk.match.pod_uid)
		return;
	line_rank = rank(controllers);
	better = !best->match.matched || walk.depth > best->depth ||
		 (walk.depth == best->depth && line_rank > *best_rank);
	if (!better)
		return;
	*best = walk;
	best->match.matched = line.text;
	best->match.matched_len = line.len;
	*best_rank = line_rank;
}

void cgroup_match(const char *text, size_t len, cgroup_task_exists_fn task_exists, void *userdata,
	struct cgroup_match *ret)
{
	const struct walk template = { .task_exists = task_exists, .userdata = userdata };
	struct walk best = {};
	unsigned best_rank = 0;

	for (size_t start = 0; start < len;) {
		const char *end = memchr(text + start, '\n', len - start);
		size_t line_len = end ? (size_t)(end - text) - start : len - start;

		decide_line((struct span){ text + start, line_len }, &template, &best, &best_rank);
		start += line_len + 1;
	}
	*ret = best.match;
}
