/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Says, as an engine that records its requests does, who asked for what: engine-word MESSAGE
 * [SOCKET]
 *
 * Listens at SOCKET, when one is given, as long as it takes auditmon to notice; then writes MESSAGE
 * as a VIRT_CONTROL record, and stays until its standard input ends.
 */

#include <libaudit.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), audit = audit_open();
	char line[16];

	if (argc < 2 || audit < 0)
		return 2;
	if (argc > 2) {
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[2]);
		if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
			listen(listener, 8) < 0)
			return 3;
	}
	/* A word from standard input: now. */
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (audit_log_user_message(audit, AUDIT_VIRT_CONTROL, argv[1], NULL, NULL, NULL, 1) <= 0)
		return 4;
	puts("said");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	return 0;
}
