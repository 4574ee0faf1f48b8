/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The requests of io_uring, which no system call's name tells
 */

/*
 * "io_uring:openat" for an enum io_uring_op that works on files; "io_uring" for one that we have no
 * name for, or that the kernel does not audit by itself.
 */
const char *ring_operation_name(unsigned operation);
