/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A policy with paths and a program of its own, and touches to judge by it: each test changes one
 * thing about them. Include after cmocka.h.
 */

#include "detect/detect.h"

/* Of all tests together. */
int policy_setup(void **state);
int policy_teardown(void **state);

/* A privileged container of a daemon writes a file of the host. */
struct touch worst_touch(void);

/* A process of the host does something to a file of it. */
struct touch host_touch(enum action action, const char *path);

void detect_with(struct touch *touch, const struct touch_facts *facts);
void detect_plain(struct touch *touch);

void assert_flag(const struct touch *touch, enum flag flag);
void assert_no_flag(const struct touch *touch, enum flag flag);
