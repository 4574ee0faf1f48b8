/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/called-by.h"

#include <errno.h>
#include <string.h>

#include "output/word.h"

/* attribute/ancestry.h keeps fewer. */
#define MAX_CALLERS 32
#define NAME_COLUMNS 32

struct callers {
	size_t n;
	struct {
		char *name;  /* heap; NULL: not known */
		int64_t pid; /* 0: stands for others */
	} callers[MAX_CALLERS];
};

/* The last part of the program's path. "sshd: user@pts/0 " is one argument. */
static void cut_to_name(char *argument)
{
	char *slash;

	argument[strcspn(argument, " ")] = '\0';
	slash = strrchr(argument, '/');
	if (slash && slash[1] != '\0')
		memmove(argument, slash + 1, strlen(slash + 1) + 1);
}

static int take(struct json *json, void *userdata)
{
	struct callers *callers = userdata;
	char *argv = NULL;
	int64_t pid = 0;
	size_t len = 0;

	if (callers->n == MAX_CALLERS)
		return 0;
	json_int(json, "$.pid", &pid);
	if (json_strings(json, "$.argv", &argv, &len) == 0 && len > 0) {
		cut_to_name(argv);
	} else {
		free(argv);
		argv = NULL;
	}
	callers->callers[callers->n].name = argv;
	callers->callers[callers->n++].pid = pid;
	return 0;
}

int called_by_print(FILE *out, struct json *json, const char *path)
{
	struct callers callers = { 0 };
	int r = json_each(json, path, take, &callers);

	for (size_t i = callers.n; i-- > 0;) {
		const char *name = callers.callers[i].name;

		if (callers.callers[i].pid <= 0) {
			fputs("others", out);
		} else {
			word_print(out, name ? name : "?", NAME_COLUMNS);
			fprintf(out, " (%lld)", (long long)callers.callers[i].pid);
		}
		fputs(i > 0 ? ", " : "", out);
		free(callers.callers[i].name);
	}
	if (r == -ENOMEM)
		return r;
	return r < 0 || callers.n == 0 ? -ENOENT : 0;
}
