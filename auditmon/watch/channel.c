/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/channel.h"

#include <errno.h>
#include <libaudit.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/*
 * Requests are written here rather than by libaudit's audit_send(): that takes whatever message is
 * next for the answer, so one acknowledgement that is late (the kernel lists rules from a thread of
 * its own) shifts all that follow, and a refusal passes for success.
 */

#define ANSWER_TIMEOUT_SEC 5

struct message {
	struct nlmsghdr header;
	char payload[MAX_AUDIT_MESSAGE_LENGTH];
};

struct rule_channel {
	int fd;
	uint32_t sequence;
	struct message message;
};

/* Sends what is in the message's payload. */
static int send_request(struct rule_channel *channel, uint16_t type, size_t len)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct message *message = &channel->message;
	ssize_t n;

	message->header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = ++channel->sequence,
	};
	do
		n = sendto(channel->fd, message, message->header.nlmsg_len, 0,
			(const struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	/* Nobody is there in a kernel that was booted with audit=0. */
	return errno == ECONNREFUSED ? -EPROTONOSUPPORT : -errno;
}

/* Does a message of n bytes answer the latest request? Others are left of former ones. */
static bool is_answer(
	const struct rule_channel *channel, size_t n, const struct sockaddr_nl *sender)
{
	const struct nlmsghdr *header = &channel->message.header;

	return sender->nl_pid == 0 && n >= NLMSG_HDRLEN && header->nlmsg_len >= NLMSG_HDRLEN &&
	       header->nlmsg_len <= n && header->nlmsg_seq == channel->sequence;
}

/*
 * Waits for the next message. 0 (it is in place), 1 (just the word of success), or the request's
 * error.
 */
static int receive_answer(struct rule_channel *channel)
{
	struct message *message = &channel->message;
	const struct nlmsgerr *answer = (const struct nlmsgerr *)message->payload;
	struct sockaddr_nl sender;
	ssize_t n;

	do {
		socklen_t sender_len = sizeof(sender);

		n = recvfrom(channel->fd, message, sizeof(*message), 0, (struct sockaddr *)&sender,
			&sender_len);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
	} while (n < 0 || !is_answer(channel, (size_t)n, &sender));

	if (message->header.nlmsg_type != NLMSG_ERROR)
		return 0;
	if (message->header.nlmsg_len < NLMSG_LENGTH(sizeof(answer->error)))
		return -EBADMSG;
	/* Who is in a user namespace of its own is told that nobody listens. */
	if (answer->error == -ECONNREFUSED)
		return -EPERM;
	return answer->error < 0 ? answer->error : 1;
}

static int request(struct rule_channel *channel, uint16_t type, size_t len)
{
	int r = send_request(channel, type, len);

	while (r == 0)
		r = receive_answer(channel);
	return r < 0 ? r : 0;
}

static int change_rule(
	struct rule_channel *channel, uint16_t type, const struct rule *rule, int list)
{
	struct audit_rule_data *data = (struct audit_rule_data *)channel->message.payload;
	size_t len = sizeof(*data) + rule->data->buflen;

	if (len > sizeof(channel->message.payload))
		return -EMSGSIZE;
	memcpy(data, rule->data, len);
	data->flags = (uint32_t)list;
	return request(channel, type, len);
}

int rule_channel_new(struct rule_channel **ret)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_SEC };
	_cleanup_(rule_channel_freep) struct rule_channel *channel = calloc(1, sizeof(*channel));
	int r;

	if (!channel)
		return -ENOMEM;
	channel->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (channel->fd < 0)
		return errno == EINVAL || errno == EAFNOSUPPORT ? -EPROTONOSUPPORT : -errno;
	if (setsockopt(channel->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	/* Asking for the status takes what changing rules takes. */
	r = request(channel, AUDIT_GET, 0);
	if (r < 0)
		return r;
	*ret = TAKE(channel);
	return 0;
}

void rule_channel_free(struct rule_channel *channel)
{
	if (!channel)
		return;
	closep(&channel->fd);
	free(channel);
}

int rule_channel_add(struct rule_channel *channel, const struct rule *rule, bool at_head)
{
	int list = at_head ? rule->list | AUDIT_FILTER_PREPEND : rule->list;

	return change_rule(channel, AUDIT_ADD_RULE, rule, list);
}

int rule_channel_delete(struct rule_channel *channel, const struct rule *rule)
{
	/* The kernel clears AUDIT_FILTER_PREPEND once the rule is added, then finds none with it.
	 */
	return change_rule(channel, AUDIT_DEL_RULE, rule, rule->list & ~AUDIT_FILTER_PREPEND);
}

int rule_channel_list(struct rule_channel *channel, struct rule_set **ret)
{
	_cleanup_(rule_set_freep) struct rule_set *set = calloc(1, sizeof(*set));
	const struct message *message = &channel->message;
	int r = set ? send_request(channel, AUDIT_LIST_RULES, 0) : -ENOMEM;

	while (r >= 0) {
		struct rule *rule = NULL;

		r = receive_answer(channel);
		if (r != 0)
			continue;
		if (message->header.nlmsg_type == NLMSG_DONE) {
			*ret = TAKE(set);
			return 0;
		}
		if (message->header.nlmsg_type != AUDIT_LIST_RULES)
			continue;
		r = rule_from_kernel((const struct audit_rule_data *)message->payload,
			message->header.nlmsg_len - NLMSG_HDRLEN, &rule);
		r = r < 0 ? r : rule_set_add(set, rule);
	}
	return r;
}
