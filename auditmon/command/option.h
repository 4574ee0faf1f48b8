/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Reading a command's options
 */

#include <getopt.h>

/*
 * As getopt_long(3) with the short option -h, but what is wrong is said as a line of error of ours (getopt's own begins with the command's
 * name alone). Returns '?' after one, -1 at the end. ret_index may be NULL.
 */
int option_next(int argc, char **argv, const struct option *options, int *ret_index);
