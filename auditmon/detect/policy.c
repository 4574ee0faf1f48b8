/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "detect/policy.h"

#include <errno.h>
#include <string.h>

#include "base/glob.h"
#include "base/reader.h"

/* A directory and all below it. */
#define TREE(path) path, path "/*"

/*
 * Image trust: what may be pulled, and whose signature counts. Engine configuration: how containers
 * are confined, and by what.
 */
// clang-format off
static const char *const trust_paths[] = {
	/* Podman, Buildah, Skopeo, CRI-O: policy.json, registries.conf, registries.d, certs.d, seccomp.json */
	TREE("/etc/containers"),
	TREE("/usr/share/containers"),
	TREE("/root/.config/containers"),
	TREE("/home/*/.config/containers"),
	/* Signatures and the keys that they are checked with */
	TREE("/etc/pki/containers"),
	TREE("/etc/pki/rpm-gpg"),
	TREE("/etc/apt/trusted.gpg.d"),
	TREE("/usr/share/keyrings"),
	TREE("/root/.gnupg"),
	TREE("/var/lib/containers/sigstore"),
	TREE("/etc/sigstore"),
	TREE("/root/.sigstore"),
	/* Docker: daemon.json with content-trust, registries' certificates, content trust's keys */
	TREE("/etc/docker"),
	TREE("/etc/rancher"),
	TREE("/var/snap/docker/current/config"),
	"/etc/default/docker",
	"/etc/sysconfig/docker",
	"/etc/systemd/system/docker.service",
	TREE("/etc/systemd/system/docker.service.d"),
	TREE("/etc/systemd/system/docker.socket.d"),
	"/usr/lib/systemd/system/docker.service",
	"/usr/lib/systemd/system/docker.socket",
	TREE("/root/.docker"),
	TREE("/home/*/.docker"),
	/* Swarm: certificates, and who the managers are. Join tokens are in the raft log, which dockerd has open. */
	TREE("/var/lib/docker/swarm/certificates"),
	"/var/lib/docker/swarm/docker-state.json",
	"/var/lib/docker/swarm/state.json",
	TREE("/var/lib/docker/trust"),
	/* The other engines */
	TREE("/etc/containerd"),
	TREE("/etc/buildkit"),
	TREE("/etc/crio"),
	"/etc/crictl.yaml",
	TREE("/etc/cni"),
	TREE("/etc/lxc"),
	"/etc/systemd/system/containerd.service",
	TREE("/etc/systemd/system/containerd.service.d"),
	"/usr/lib/systemd/system/containerd.service",
	TREE("/etc/systemd/system/crio.service.d"),
	TREE("/etc/systemd/system/podman.service.d"),
	TREE("/etc/systemd/system/podman.socket.d"),
	/* What confines a container: profiles of AppArmor and SELinux */
	TREE("/etc/apparmor.d"),
	TREE("/etc/apparmor"),
	TREE("/etc/selinux"),
	TREE("/var/lib/kubelet/seccomp"),
};

static const char *const own_paths[] = {
	TREE("/etc/auditmon"),
	TREE("/var/lib/auditmon"),
	TREE("/var/log/auditmon"),
	TREE("/var/cache/auditmon"),
	TREE("/usr/share/auditmon"),
	"/usr/sbin/auditmon",
	"/usr/bin/auditmon",
	"/usr/lib/systemd/system/auditmon*",
	TREE("/etc/systemd/system/auditmon.service.d"),
	"/etc/systemd/system/auditmon*",
	TREE("/etc/audit"),
	TREE("/etc/audisp"),
	TREE("/var/log/audit"),
	"/etc/libaudit.conf",
	"/usr/sbin/auditd",
	"/usr/sbin/auditctl",
	"/usr/sbin/augenrules",
	"/usr/bin/auditd",
	"/usr/bin/auditctl",
	"/usr/bin/augenrules",
	"/usr/lib/systemd/system/auditd.service",
	"/usr/lib/systemd/system/audit-rules.service",
	"/etc/systemd/system/auditd.service",
	TREE("/etc/systemd/system/auditd.service.d"),
};

static const char *const own_programs[] = {
	"/usr/sbin/auditmon",
	"/usr/bin/auditmon",
	"/usr/sbin/auditd",
	"/usr/bin/auditd",
	"/sbin/auditd",
};

#define HASHES "/etc/*shadow*"
#define HOST_KEYS "/etc/ssh/*"

/*
 * Who keeps those secrets and hands them out, on the host: the engines, as root; what checks and sets
 * passwords, for whomever (a setuid program has its caller's uid); who keeps the host's keys.
 */
static const struct {
	const char *exe, *path; /* NULL: any */
	bool as_root;
} readers[] = {
	{ "/usr/bin/dockerd",                 NULL, true },
	{ "/usr/sbin/dockerd",                NULL, true },
	{ "/usr/bin/docker",                  "/root/.docker/*", true },
	{ "/usr/bin/containerd",              NULL, true },
	{ "/usr/bin/containerd-shim-runc-v2", NULL, true },
	{ "/usr/bin/buildkitd",               NULL, true },
	{ "/usr/bin/podman",                  NULL, true },
	{ "/usr/bin/buildah",                 NULL, true },
	{ "/usr/bin/skopeo",                  NULL, true },
	{ "/usr/bin/conmon",                  NULL, true },
	{ "/usr/bin/crio",                    NULL, true },
	{ "/usr/bin/kubelet",                 NULL, true },
	{ "/usr/bin/kubectl",                 "/etc/kubernetes/*", true },
	{ "/usr/bin/kubeadm",                 "/etc/kubernetes/*", true },
	{ "/usr/local/bin/k3s",               NULL, true },
	{ "/usr/bin/runc",                    NULL, true },
	{ "/usr/sbin/runc",                   NULL, true },
	{ "/usr/bin/crun",                    NULL, true },
	{ "/usr/sbin/sshd",                   HOST_KEYS, true },
	{ "/usr/sbin/sshd",                   "/root/.ssh/*", true },
	{ "/usr/sbin/sshd",                   HASHES },
	{ "/usr/lib/openssh/sshd-*",          HASHES },
	{ "/usr/libexec/openssh/sshd-*",      HASHES },
	{ "/usr/bin/ssh",                     "/root/.ssh/*", true },
	{ "/usr/bin/login",                   HASHES },
	{ "/usr/bin/su",                      HASHES },
	{ "/usr/bin/sudo",                    HASHES },
	{ "/usr/bin/passwd",                  HASHES },
	{ "/usr/bin/chage",                   HASHES },
	{ "/usr/bin/expiry",                  HASHES },
	{ "/usr/bin/gpasswd",                 HASHES },
	{ "/usr/bin/newgrp",                  HASHES },
	{ "/usr/sbin/unix_chkpwd",            HASHES },
	{ "/usr/sbin/chpasswd",               HASHES },
	{ "/usr/sbin/user*",                  HASHES, true },
	{ "/usr/sbin/group*",                 HASHES, true },
	{ "/usr/sbin/pw*",                    HASHES, true },
	{ "/usr/sbin/grp*",                   HASHES, true },
	{ "/usr/sbin/cron",                   HASHES },
	{ "/usr/sbin/crond",                  HASHES },
	{ "/usr/lib/systemd/systemd*",        HASHES, true },
	{ "/usr/lib/polkit-1/polkit-agent-helper-1", HASHES },
};
// clang-format on

struct paths {
	char **items;
	size_t n;
};

struct policy {
	struct paths trust, own, programs;
	struct reader *readers;
	size_t n_readers;
};

static void paths_done(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->items[i]);
	free(paths->items);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	paths_done(&policy->trust);
	paths_done(&policy->own);
	paths_done(&policy->programs);
	for (size_t i = 0; i < policy->n_readers; i++)
		reader_done(&policy->readers[i]);
	free(policy->readers);
	free(policy);
}

static int paths_add(struct paths *paths, const char *const *more, size_t n_more)
{
	char **larger = reallocarray(paths->items, paths->n + n_more + 1, sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	paths->items = larger;
	for (size_t i = 0; i < n_more; i++) {
		paths->items[paths->n] = strdup(more[i]);
		if (!paths->items[paths->n])
			return -ENOMEM;
		paths->n++;
	}
	return 0;
}

static int add_readers(struct policy *policy, const struct config_list *configured)
{
	size_t n = configured ? configured->n : 0;

	policy->readers = calloc(ELEMENTS(readers) + n, sizeof(*policy->readers));
	if (!policy->readers)
		return -ENOMEM;
	for (size_t i = 0; i < ELEMENTS(readers); i++) {
		struct reader *reader = &policy->readers[policy->n_readers++];

		reader->exe = strdup(readers[i].exe);
		reader->path = readers[i].path ? strdup(readers[i].path) : NULL;
		reader->has_uid = readers[i].as_root;
		if (!reader->exe || (readers[i].path && !reader->path))
			return -ENOMEM;
	}
	/* What is wrong with one, the configuration's reader has said. */
	for (size_t i = 0; i < n; i++)
		if (!reader_parse(configured->items[i], &policy->readers[policy->n_readers]))
			policy->n_readers++;
	return 0;
}

int policy_new(const struct policy_settings *settings, struct policy **ret)
{
	_cleanup_(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
	const struct config *config = settings->config;
	int r;

	if (!policy)
		return -ENOMEM;
	r = paths_add(&policy->trust, trust_paths, ELEMENTS(trust_paths));
	if (r == 0 && config)
		r = paths_add(&policy->trust, (const char *const *)config->trust_paths.items,
			config->trust_paths.n);
	r = r < 0 ? r : paths_add(&policy->own, own_paths, ELEMENTS(own_paths));
	r = r < 0 ? r : paths_add(&policy->own, settings->own_paths, settings->n_own_paths);
	r = r < 0 ? r : paths_add(&policy->programs, own_programs, ELEMENTS(own_programs));
	if (r == 0 && settings->own_program)
		r = paths_add(&policy->programs, &settings->own_program, 1);
	r = r < 0 ? r : add_readers(policy, config ? &config->secret_readers : NULL);
	if (r < 0)
		return r;
	*ret = TAKE(policy);
	return 0;
}

const char *policy_trust_path(const struct policy *policy, size_t i)
{
	return i < policy->trust.n ? policy->trust.items[i] : NULL;
}

bool watch_has_key(const char *watch, const char *key)
{
	size_t len = strlen(key);

	while (watch) {
		const char *comma = strchrnul(watch, ',');

		if ((size_t)(comma - watch) == len && memcmp(watch, key, len) == 0)
			return true;
		watch = *comma ? comma + 1 : NULL;
	}
	return false;
}

/* A name that was not translated is the host's only where the process is. */
static bool has_host_path(const struct touch *touch)
{
	return touch->path &&
	       (touch->path_by != PATH_AS_SEEN || (!touch->container.id && !touch->doubt));
}

static bool paths_have(const struct paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->n; i++)
		if (glob_match(paths->items[i], path))
			return true;
	return false;
}

static bool is_of(const struct paths *paths, const char *key, const struct touch *touch)
{
	return watch_has_key(touch->watch, key) ||
	       (has_host_path(touch) && paths_have(paths, touch->path));
}

bool policy_is_trust(const struct policy *policy, const struct touch *touch)
{
	return is_of(&policy->trust, WATCH_KEY_TRUST, touch);
}

bool policy_is_own(const struct policy *policy, const struct touch *touch)
{
	return is_of(&policy->own, WATCH_KEY_OWN, touch);
}

bool policy_is_secret(const struct policy *policy, const struct touch *touch)
{
	return watch_has_key(touch->watch, WATCH_KEY_SECRETS);
}

bool policy_is_own_program(const struct policy *policy, const struct touch *touch)
{
	if (touch->container.id || touch->doubt || !touch->exe)
		return false;
	for (size_t i = 0; i < policy->programs.n; i++)
		if (strcmp(policy->programs.items[i], touch->exe) == 0)
			return true;
	return false;
}

static bool reader_is(const struct reader *reader, const struct touch *touch)
{
	bool inside = reader->container || reader->image;

	if (inside != (touch->container.id != NULL) || (!inside && touch->doubt))
		return false;
	if (reader->has_uid && reader->uid != touch->uid)
		return false;
	return glob_match(reader->exe, touch->exe) &&
	       (!reader->path || glob_match(reader->path, touch->path)) &&
	       (!reader->container || glob_match(reader->container, touch->container.name)) &&
	       (!reader->image || glob_match(reader->image, touch->container.image));
}

/* Tokens and secrets that the kubelet has put there for this very pod. */
static bool is_own_pods(const struct touch *touch, const char *pod_uid)
{
	static const char pods[] = "/var/lib/kubelet/pods/";
	size_t len = pod_uid ? strlen(pod_uid) : 0;

	return len > 0 && touch->container.id && touch->path &&
	       touch->path_by == PATH_BY_IDENTITY &&
	       strncmp(touch->path, pods, strlen(pods)) == 0 &&
	       strncmp(touch->path + strlen(pods), pod_uid, len) == 0 &&
	       touch->path[strlen(pods) + len] == '/';
}

bool policy_may_read(const struct policy *policy, const struct touch *touch,
	const struct touch_facts *facts)
{
	if (is_own_pods(touch, facts->pod_uid))
		return true;
	for (size_t i = 0; i < policy->n_readers; i++)
		if (reader_is(&policy->readers[i], touch))
			return true;
	return false;
}
