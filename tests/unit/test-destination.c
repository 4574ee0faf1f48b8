/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "output/destination.h"

static void destinations_are_understood(void **state)
{
	static const struct {
		const char *text, *whole;
	} cases[] = {
		{ "unix:/dev/log", "unix:/dev/log" },
		{ "udp:siem", "udp:siem:514" },
		{ "tcp:siem.example", "tcp:siem.example:601" },
		{ "tls:siem.example", "tls:siem.example:6514" },
		{ "tcp:10.0.0.1:5140", "tcp:10.0.0.1:5140" },
		{ "tls:[fe80::1%eth0]:7", "tls:[fe80::1%eth0]:7" },
		{ "udp:[::1]", "udp:[::1]:514" },
		{ "tcp:x:65535", "tcp:x:65535" },
	};
	char text[DESTINATION_TEXT_LEN];
	struct destination destination;

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		assert_int_equal(destination_parse(cases[i].text, &destination), 0);
		destination_print(&destination, text, sizeof(text));
		assert_string_equal(text, cases[i].whole);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const wrong[] = { "", "siem:514", "tcp", "tcp:", "tcp::514",
		"tcp:x:", "tcp:x:0", "tcp:x:65536", "tcp:x:1x", "tcp:x:-1", "tcp:x: 1", "udp:::1",
		"tcp:[::1", "tcp:[::1]5", "tcp:[]:5", "unix:", "unix:relative", "http:x", "TCP:x" };
	char path[200] = "unix:/", host[400] = "tcp:";
	struct destination destination;

	for (size_t i = 0; i < ELEMENTS(wrong); i++)
		if (destination_parse(wrong[i], &destination) != -EINVAL)
			fail_msg("'%s' was accepted", wrong[i]);
	memset(path + 6, 'x', sizeof(path) - 7);
	assert_int_equal(destination_parse(path, &destination), -EINVAL);
	memset(host + 4, 'x', sizeof(host) - 5);
	assert_int_equal(destination_parse(host, &destination), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destinations_are_understood),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
