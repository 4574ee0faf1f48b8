/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Names of system calls
 *
 * libaudit's tables end with the kernel that it was built for. From 424 on numbers are the same on
 * all architectures that auditmon runs on (include/uapi/asm-generic/unistd.h), so what changes
 * files beyond libaudit's tables is named here.
 */

#include <stdint.h>

/* Static text, or NULL where neither libaudit nor we have a name. arch is AUDIT_ARCH_... */
const char *syscall_name(uint32_t arch, int number);
