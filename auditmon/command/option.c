/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/option.h"

#include "base/log.h"

int option_next(int argc, char **argv, const struct option *options, int *ret_index)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, ":h", options, ret_index);
	if (option != '?' && option != ':')
		return option;
	log_error("%s: %s '%s' (auditmon %s --help)", argv[0],
		option == ':' ? "no value for" : "no such option", argv[optind - 1], argv[0]);
	return '?';
}
