/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/audit-control.h"

#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define REPLY_TIMEOUT_MSEC 2000

struct audit_control {
	int fd;
};

int audit_control_new(struct audit_control **ret)
{
	_cleanup_(audit_control_freep) struct audit_control *control = calloc(1, sizeof(*control));
	struct kernel_status status;
	int r;

	if (!control)
		return -ENOMEM;
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	control->fd = audit_open();
	if (control->fd < 0)
		return errno == EINVAL || errno == EAFNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	r = audit_control_status(control, &status);
	if (r < 0)
		return r;
	*ret = TAKE(control);
	return 0;
}

void audit_control_free(struct audit_control *control)
{
	if (!control)
		return;
	closep(&control->fd);
	free(control);
}

int audit_control_status(struct audit_control *control, struct kernel_status *ret)
{
	struct pollfd pollfd = { .fd = control->fd, .events = POLLIN };
	int r = audit_request_status(control->fd);

	/* A namespace of its own answers ECONNREFUSED: auditing belongs to the initial ones. */
	if (r < 0)
		return r == -ECONNREFUSED ? -EPERM : r;
	while (poll(&pollfd, 1, REPLY_TIMEOUT_MSEC) > 0) {
		struct audit_reply reply;

		r = audit_get_reply(control->fd, &reply, GET_REPLY_NONBLOCKING, 0);
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return r;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type != AUDIT_GET)
			continue;
		*ret = (struct kernel_status){
			.enabled = reply.status->enabled,
			.pid = (pid_t)reply.status->pid,
			.lost = reply.status->lost,
			.backlog = reply.status->backlog,
			.backlog_limit = reply.status->backlog_limit,
			.backlog_wait_time = reply.status->backlog_wait_time,
			.rate_limit = reply.status->rate_limit,
			.failure = reply.status->failure,
		};
		return 0;
	}
	return -ETIMEDOUT;
}

static int positive_is_fine(int r)
{
	return r < 0 ? r : 0;
}

int audit_control_set_enabled(struct audit_control *control, bool enabled)
{
	return positive_is_fine(audit_set_enabled(control->fd, enabled));
}

int audit_control_set_backlog_limit(struct audit_control *control, uint32_t limit)
{
	return positive_is_fine(audit_set_backlog_limit(control->fd, limit));
}

int audit_control_set(struct audit_control *control, enum setting setting, uint32_t value)
{
	switch (setting) {
	case SETTING_BACKLOG_LIMIT:
		return audit_control_set_backlog_limit(control, value);
	case SETTING_BACKLOG_WAIT:
		return positive_is_fine(audit_set_backlog_wait_time(control->fd, value));
	case SETTING_RATE_LIMIT:
		return positive_is_fine(audit_set_rate_limit(control->fd, value));
	case SETTING_FAILURE:
		return positive_is_fine(audit_set_failure(control->fd, value));
	case SETTING_LOGINUID_IMMUTABLE:
		return positive_is_fine(audit_set_loginuid_immutable(control->fd));
	case SETTING_ENABLED:
		return positive_is_fine(audit_set_enabled(control->fd, value));
	default:
		return -EINVAL;
	}
}

uint32_t kernel_status_setting(const struct kernel_status *status, enum setting setting)
{
	switch (setting) {
	case SETTING_BACKLOG_LIMIT:
		return status->backlog_limit;
	case SETTING_BACKLOG_WAIT:
		return status->backlog_wait_time;
	case SETTING_RATE_LIMIT:
		return status->rate_limit;
	case SETTING_FAILURE:
		return status->failure;
	case SETTING_ENABLED:
		return status->enabled;
	default:
		return 0;
	}
}

pid_t kernel_status_other_daemon(const struct kernel_status *status)
{
	if (status->pid == 0 || status->pid == getpid())
		return 0;
	/* A process that has ended keeps the place until somebody else takes it. */
	return kill(status->pid, 0) == 0 || errno == EPERM ? status->pid : 0;
}
