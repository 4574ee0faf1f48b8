/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "output/link.h"

/* A receiver of one connection, in a thread; how it behaves is what. */
enum behaviour { READ_ALL, CLOSE_UNREAD, CLOSE_FIRST, KEEP_OPEN };

struct receiver {
	enum behaviour what;
	int listener, go; /* go: it may close */
	struct destination destination;
	pthread_t thread;
	bool joined;
	char got[256 * 1024];
	size_t n_got;
};

static void read_to_end(struct receiver *receiver, int fd)
{
	ssize_t n;

	while ((n = read(fd, receiver->got + receiver->n_got,
			sizeof(receiver->got) - receiver->n_got)) > 0)
		receiver->n_got += (size_t)n;
}

static void *receive(void *userdata)
{
	struct receiver *receiver = userdata;
	int fd = accept(receiver->listener, NULL, NULL);
	uint64_t go;

	if (receiver->what == READ_ALL || receiver->what == KEEP_OPEN)
		read_to_end(receiver, fd);
	if (receiver->what != READ_ALL && receiver->what != CLOSE_FIRST)
		(void)!read(receiver->go, &go, sizeof(go));
	close(fd);
	if (receiver->what == CLOSE_FIRST)
		(void)!write(receiver->go, &(uint64_t){ 1 }, sizeof(go));
	return NULL;
}

static void listen_on(struct receiver *receiver, bool unix_socket)
{
	struct sockaddr_in internet = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(internet);
	char text[128];

	receiver->go = eventfd(0, EFD_CLOEXEC);
	receiver->listener = socket(unix_socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(receiver->listener >= 0);
	if (unix_socket) {
		snprintf(local.sun_path, sizeof(local.sun_path), "/tmp/auditmon-link-%d", getpid());
		unlink(local.sun_path);
		assert_int_equal(
			bind(receiver->listener, (struct sockaddr *)&local, sizeof(local)), 0);
		snprintf(text, sizeof(text), "unix:%s", local.sun_path);
	} else {
		assert_int_equal(bind(receiver->listener, (struct sockaddr *)&internet, len), 0);
		getsockname(receiver->listener, (struct sockaddr *)&internet, &len);
		snprintf(text, sizeof(text), "tcp:127.0.0.1:%d", ntohs(internet.sin_port));
	}
	assert_int_equal(listen(receiver->listener, 4), 0);
	assert_int_equal(destination_parse(text, &receiver->destination), 0);
}

static struct receiver *new_receiver(enum behaviour what, bool unix_socket)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));

	receiver->what = what;
	listen_on(receiver, unix_socket);
	assert_int_equal(pthread_create(&receiver->thread, NULL, receive, receiver), 0);
	return receiver;
}

static void let_go(struct receiver *receiver)
{
	assert_int_equal(write(receiver->go, &(uint64_t){ 1 }, sizeof(uint64_t)), 8);
}

static void join(struct receiver *receiver)
{
	if (!receiver->joined)
		pthread_join(receiver->thread, NULL);
	receiver->joined = true;
}

static void free_receiver(struct receiver *receiver)
{
	join(receiver);
	close(receiver->listener);
	close(receiver->go);
	if (receiver->destination.transport == TRANSPORT_UNIX)
		unlink(receiver->destination.host);
	free(receiver);
}

static struct link *connected(const struct receiver *receiver, int stop_fd)
{
	static const struct tls_files none;
	struct link *link = NULL;

	assert_int_equal(link_new(&receiver->destination, &none, stop_fd, &link), 0);
	assert_int_equal(link_connect(link), 0);
	assert_true(link_is_stream(link));
	return link;
}

static void a_receiver_that_read_all_is_proof(void **state)
{
	static char large[100000];

	memset(large, 'x', sizeof(large));
	for (int unix_socket = 0; unix_socket <= 1; unix_socket++) {
		struct receiver *receiver = new_receiver(READ_ALL, unix_socket);
		struct link *link = connected(receiver, -1);

		assert_int_equal(link_send(link, "hello", 5), 0);
		assert_int_equal(link_send(link, large, sizeof(large)), 0);
		assert_int_equal(link_send(link, "<1>", 3), 0);
		assert_int_equal(link_settle(link, 10000), 0);
		link_free(link);
		join(receiver);
		assert_int_equal(receiver->n_got, 7 + 7 + sizeof(large) + 5);
		assert_memory_equal(receiver->got, "5 hello100000 xxx", 17);
		assert_memory_equal(receiver->got + receiver->n_got - 5, "3 <1>", 5);
		free_receiver(receiver);
	}
}

static void a_receiver_that_dies_with_something_unread_is_none(void **state)
{
	for (int unix_socket = 0; unix_socket <= 1; unix_socket++) {
		struct receiver *receiver = new_receiver(CLOSE_UNREAD, unix_socket);
		struct link *link = connected(receiver, -1);
		int r;

		assert_int_equal(link_send(link, "hello", 5), 0);
		assert_int_equal(link_settle(link, 100), -ETIMEDOUT);
		let_go(receiver);
		r = link_settle(link, 10000);
		assert_true(r < 0);
		assert_int_not_equal(r, -ETIMEDOUT);
		link_free(link);
		free_receiver(receiver);
	}
}

/* Its end came before it could read: that is no proof, though it was in order. */
static void a_receiver_that_had_closed_before_is_none(void **state)
{
	for (int unix_socket = 0; unix_socket <= 1; unix_socket++) {
		struct receiver *receiver = new_receiver(CLOSE_FIRST, unix_socket);
		struct link *link = connected(receiver, -1);
		uint64_t closed;

		assert_int_equal(read(receiver->go, &closed, sizeof(closed)), sizeof(closed));
		assert_int_equal(link_send(link, "hello", 5), 0);
		assert_true(link_settle(link, 10000) < 0);
		link_free(link);
		free_receiver(receiver);
	}
}

static void a_receiver_that_does_not_close_is_waited_for(void **state)
{
	struct receiver *receiver = new_receiver(KEEP_OPEN, false);
	struct link *link = connected(receiver, -1);

	assert_int_equal(link_send(link, "hello", 5), 0);
	assert_int_equal(link_settle(link, 50), -ETIMEDOUT);
	assert_int_equal(link_settle(link, 50), -ETIMEDOUT);
	let_go(receiver);
	assert_int_equal(link_settle(link, 10000), 0);
	link_free(link);
	free_receiver(receiver);
}

static void the_end_of_a_receiver_is_noticed_while_waiting(void **state)
{
	struct receiver *receiver = new_receiver(CLOSE_FIRST, false);
	struct link *link = connected(receiver, -1);

	assert_int_equal(link_wait(link, 10000), -EPIPE);
	link_free(link);
	free_receiver(receiver);
}

static void a_stop_ends_every_wait(void **state)
{
	struct receiver *receiver = new_receiver(CLOSE_UNREAD, false);
	_cleanup_(closep) int stop = eventfd(1, EFD_CLOEXEC);
	static char large[1 << 20];
	struct link *link = connected(receiver, -1);
	int r = 0;

	link_free(link);
	link = NULL;
	assert_int_equal(
		link_new(&receiver->destination, &(struct tls_files){ 0 }, stop, &link), 0);
	r = link_connect(link);
	assert_true(r == 0 || r == -ECANCELED);
	if (r == 0) {
		for (int i = 0; i < 64 && r == 0; i++)
			r = link_send(link, large, sizeof(large));
		assert_int_equal(r, -ECANCELED);
		/* In a hurry it is not heeded, and no wait is long. */
		link_hurry(link, 50);
		assert_int_equal(link_flush(link), 0);
		assert_int_equal(link_settle(link, 10000), -ETIMEDOUT);
	}
	link_free(link);
	let_go(receiver);
	free_receiver(receiver);
}

static void nobody_there_is_an_error(void **state)
{
	struct destination destination;
	struct link *link = NULL;

	assert_int_equal(destination_parse("unix:/nonexistent/log", &destination), 0);
	assert_int_equal(link_new(&destination, &(struct tls_files){ 0 }, -1, &link), 0);
	assert_int_equal(link_connect(link), -ENOENT);
	link_free(link);
	link = NULL;
	assert_int_equal(destination_parse("tcp:127.0.0.1:1", &destination), 0);
	assert_int_equal(link_new(&destination, &(struct tls_files){ 0 }, -1, &link), 0);
	assert_int_equal(link_connect(link), -ECONNREFUSED);
	assert_string_equal(link_reason(link, -ECONNREFUSED), "Connection refused");
	link_free(link);
}

/* Who does not accept is nobody yet: a socket that is not connected must not be taken for one. */
static void a_receiver_whose_queue_is_full_is_not_connected_to(void **state)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	struct link *links[8] = { 0 };
	int r = 0;

	receiver->what = CLOSE_UNREAD;
	receiver->joined = true;
	listen_on(receiver, true);
	for (size_t i = 0; i < ELEMENTS(links) && r == 0; i++) {
		assert_int_equal(link_new(&receiver->destination, &(struct tls_files){ 0 }, -1,
					 &links[i]),
			0);
		r = link_connect(links[i]);
	}
	assert_int_equal(r, -EAGAIN);
	for (size_t i = 0; i < ELEMENTS(links); i++)
		link_free(links[i]);
	free_receiver(receiver);
}

static void authorities_that_cannot_be_read_are_an_error(void **state)
{
	const struct tls_files files = { .ca = "/nonexistent/ca.pem" };
	struct destination destination;
	struct link *link = NULL;

	assert_int_equal(destination_parse("tls:localhost", &destination), 0);
	assert_int_equal(link_new(&destination, &files, -1, &link), -EBADMSG);
	assert_non_null(strstr(link_reason(link, -EBADMSG), "/nonexistent/ca.pem"));
	link_free(link);
}

/* A unix datagram socket: what its receiver has not fetched is told by the kernel. */
static void datagrams_are_drained_once_they_are_fetched(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_(closep) int receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static char large[4 << 20];
	struct destination destination = { .transport = TRANSPORT_UNIX };
	struct link *link = NULL;
	char got[16];

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/auditmon-link-%d", getpid());
	unlink(address.sun_path);
	assert_int_equal(bind(receiver, (struct sockaddr *)&address, sizeof(address)), 0);
	strcpy(destination.host, address.sun_path);
	assert_int_equal(link_new(&destination, &(struct tls_files){ 0 }, -1, &link), 0);
	assert_int_equal(link_connect(link), 0);
	assert_false(link_is_stream(link));
	assert_int_equal(link_send(link, "hello", 5), 0);
	assert_false(link_is_drained(link));
	assert_int_equal(recv(receiver, got, sizeof(got), 0), 5);
	assert_true(link_is_drained(link));
	assert_int_equal(link_send(link, large, sizeof(large)), -EMSGSIZE);
	assert_int_equal(link_send(link, "again", 5), 0);
	link_free(link);
	unlink(address.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receiver_that_read_all_is_proof),
		cmocka_unit_test(a_receiver_that_dies_with_something_unread_is_none),
		cmocka_unit_test(a_receiver_that_had_closed_before_is_none),
		cmocka_unit_test(a_receiver_that_does_not_close_is_waited_for),
		cmocka_unit_test(the_end_of_a_receiver_is_noticed_while_waiting),
		cmocka_unit_test(a_stop_ends_every_wait),
		cmocka_unit_test(nobody_there_is_an_error),
		cmocka_unit_test(a_receiver_whose_queue_is_full_is_not_connected_to),
		cmocka_unit_test(authorities_that_cannot_be_read_are_an_error),
		cmocka_unit_test(datagrams_are_drained_once_they_are_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
