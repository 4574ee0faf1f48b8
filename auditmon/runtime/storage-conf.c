/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/storage-conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define CONF_MAX ((size_t)256 << 10)

static const char *const paths[] = { "/etc/containers/storage.conf",
	"/usr/share/containers/storage.conf" };

const char *storage_conf_path(size_t i)
{
	return i < ELEMENTS(paths) ? paths[i] : NULL;
}

int storage_conf_graphroot(const char *root, const char *conf, char **ret)
{
	_cleanup_(freep) char *path = NULL, *text = NULL;
	char *line, *rest;
	int r;

	*ret = NULL;
	if (asprintf(&path, "%s%s", root, conf) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = file_read(AT_FDCWD, path, CONF_MAX, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (rest = text; (line = strsep(&rest, "\n"));) {
		char value[PATH_MAX];

		if (sscanf(line, " graphroot = \"%4095[^\"]\"", value) != 1)
			continue;
		*ret = strdup(value);
		return *ret ? 0 : -ENOMEM;
	}
	return 0;
}
