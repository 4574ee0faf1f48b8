/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attribute/users.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>

#define N_SLOTS 256
#define MAX_AGE_MSEC (5 * 60 * 1000)
#define NAME_SIZE 64

struct users {
	struct {
		bool known;
		uint32_t uid;
		int64_t since_msec;
		char name[NAME_SIZE]; /* "": none */
	} slots[N_SLOTS];
};

int users_new(struct users **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void users_free(struct users *users)
{
	free(users);
}

const char *users_name(struct users *users, uint32_t uid, int64_t now_msec)
{
	size_t i = (uid ^ uid >> 16) % N_SLOTS;
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (!users->slots[i].known || users->slots[i].uid != uid ||
		now_msec < users->slots[i].since_msec ||
		now_msec - users->slots[i].since_msec > MAX_AGE_MSEC) {
		users->slots[i].known = true;
		users->slots[i].uid = uid;
		users->slots[i].since_msec = now_msec;
		if (getpwuid_r((uid_t)uid, &entry, buffer, sizeof(buffer), &found) != 0)
			found = NULL;
		snprintf(users->slots[i].name, NAME_SIZE, "%s", found ? entry.pw_name : "");
	}
	return users->slots[i].name[0] ? users->slots[i].name : NULL;
}
