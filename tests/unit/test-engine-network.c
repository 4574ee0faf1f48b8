/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attribute/engine-network.h"
#include "base/cleanup.h"
#include "fake-host.h"

#define PID 500

static int set_up(void **state)
{
	struct fake_host *host = calloc(1, sizeof(*host));

	*state = host;
	return host ? fake_host_init(host) : -1;
}

static int tear_down(void **state)
{
	fake_host_done(*state);
	free(*state);
	return 0;
}

static void run(const struct fake_host *host, const char *argv)
{
	fake_process(host, &(struct fake_process){
				   .pid = PID, .parent = 1, .argv = argv, .start_nsec = 1000 });
}

static bool has_network(const struct fake_host *host)
{
	return engine_has_network(host->proc_fd, PID, host->root);
}

/* What a descriptor of the process is. */
static void hold(const struct fake_host *host, const char *fd, const char *target)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%d/fd/%s", PID, fd);
	place_make_way(&host->place, name);
	assert_int_equal(symlink(target, place_name(&host->place, name)), 0);
}

static void an_engine_on_its_socket_is_asked_by_this_host(void **state)
{
	static const char *const lines[] = { "dockerd", "dockerd -H unix:///run/docker.sock",
		"dockerd -H fd:// --containerd=/run/containerd/containerd.sock", "containerd" };

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		run(*state, lines[i]);
		assert_false(has_network(*state));
	}
}

static void arguments_tell_of_the_network_in_many_ways(void **state)
{
	static const char *const lines[] = { "dockerd -H tcp://0.0.0.0:2375",
		"dockerd -H unix:///run/docker.sock -H 127.0.0.1:2375", "dockerd -H:2375",
		"dockerd -H=10.0.0.1", "dockerd --host 0.0.0.0:2376 --debug",
		"dockerd --host=:2376", "podman system service tcp://localhost:8080" };

	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		run(*state, lines[i]);
		assert_true(has_network(*state));
	}
}

static void so_does_the_configuration(void **state)
{
	struct fake_host *host = *state;

	run(host, "dockerd");
	place_text(&host->place, "root/etc/docker/daemon.json",
		"{\"hosts\": [\"unix:///run/docker.sock\", \"tcp://0.0.0.0:2376\"]}");
	assert_true(has_network(host));
	place_text(&host->place, "root/etc/docker/daemon.json",
		"{\"hosts\": [\"unix:///run/docker.sock\"]}");
	assert_false(has_network(host));
	run(host, "dockerd --config-file /srv/d.json");
	place_text(&host->place, "root/srv/d.json", "{\"hosts\": [\"tcp://:1\"]}");
	assert_true(has_network(host));
	place_text(&host->place, "root/srv/d.json", "{\"hosts\": ");
	assert_false(has_network(host));
}

static void what_systemd_hands_over_is_looked_at(void **state)
{
	static const char listens_on_2375[] = "  sl  local_address rem_address   st tx_queue "
					      "rx_queue tr tm->when retrnsmt   uid\n"
					      "   0: 00000000:0947 00000000:0000 0A "
					      "00000000:00000000 00:00000000 00000000     0     "
					      "   0 4711 1 0 100 0 0 10 0\n"
					      "   1: 0100007F:1234 0100007F:0947 01 "
					      "00000000:00000000 00:00000000 00000000     0     "
					      "   0 4712 1 0 100 0 0 10 0\n"
					      "   2: 00000000:0949 00000000:0000 0A "
					      "00000000:00000000 00:00000000 00000000     0     "
					      "   0 4713 1 0 100 0 0 10 0\n";
	struct fake_host *host = *state;

	run(host, "dockerd -H fd://");
	fake_file(host, PID, "net/tcp", listens_on_2375);
	assert_false(has_network(host));
	hold(host, "7", "socket:[4712]");
	/* A manager of a swarm: 2377. */
	hold(host, "8", "socket:[4713]");
	assert_false(has_network(host));
	hold(host, "3", "socket:[4711]");
	assert_true(has_network(host));
}

static void one_that_is_gone_is_asked_by_nobody(void **state)
{
	assert_false(has_network(*state));
}

#define host_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		host_test(an_engine_on_its_socket_is_asked_by_this_host),
		host_test(arguments_tell_of_the_network_in_many_ways),
		host_test(so_does_the_configuration),
		host_test(what_systemd_hands_over_is_looked_at),
		host_test(one_that_is_gone_is_asked_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
