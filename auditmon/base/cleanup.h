/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Ownership by scope
 *
 * A local that owns something is declared with _cleanup_(x_freep) and initialised; TAKE() marks the hand-over
 * to another owner. DEFINE_CLEANUP(type, x_free) makes x_freep out of a destructor that takes NULL.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define DEFINE_CLEANUP(type, destructor)                                                           \
	static inline __attribute__((unused)) void destructor##p(type *p)                          \
	{                                                                                          \
		if (*p)                                                                            \
			destructor(*p);                                                            \
	}

#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) *taken_from_ = &(pointer);                                     \
		__typeof__(pointer) taken_ = *taken_from_;                                         \
		*taken_from_ = NULL;                                                               \
		taken_;                                                                            \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclosep(FILE **file)
{
	if (*file)
		fclose(*file);
}
