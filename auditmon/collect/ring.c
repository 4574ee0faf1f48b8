/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/ring.h"

#include <stddef.h>

#include "base/cleanup.h"

/* By number, which is part of the kernel's interface. Those without a name are never told of:
 * audit_skip in io_uring/opdef.c. */
static const char *const names[] = {
	[9] = "io_uring:sendmsg",
	[13] = "io_uring:accept",
	[16] = "io_uring:connect",
	[17] = "io_uring:fallocate",
	[18] = "io_uring:openat",
	[19] = "io_uring:close",
	[28] = "io_uring:openat2",
	[35] = "io_uring:renameat",
	[36] = "io_uring:unlinkat",
	[37] = "io_uring:mkdirat",
	[38] = "io_uring:symlinkat",
	[39] = "io_uring:linkat",
	[41] = "io_uring:fsetxattr",
	[42] = "io_uring:setxattr",
	[43] = "io_uring:fgetxattr",
	[44] = "io_uring:getxattr",
	[45] = "io_uring:socket",
	[46] = "io_uring:uring_cmd",
	[55] = "io_uring:ftruncate",
	[56] = "io_uring:bind",
	[57] = "io_uring:listen",
};

const char *ring_operation_name(unsigned operation)
{
	return operation < ELEMENTS(names) && names[operation] ? names[operation] : "io_uring";
}
