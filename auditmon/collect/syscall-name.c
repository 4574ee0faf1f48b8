/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collect/syscall-name.h"

#include <libaudit.h>
#include <stddef.h>

#include "base/cleanup.h"

const char *syscall_name(uint32_t arch, int number)
{
	static const struct {
		int number;
		const char *name;
	} newer[] = {
		{ 437, "openat2" },
		{ 452, "fchmodat2" },
		{ 463, "setxattrat" },
		{ 464, "getxattrat" },
		{ 465, "listxattrat" },
		{ 466, "removexattrat" },
		{ 467, "open_tree_attr" },
		{ 468, "file_getattr" },
		{ 469, "file_setattr" },
	};
	int machine = audit_elf_to_machine(arch);
	const char *name = machine < 0 ? NULL : audit_syscall_to_name(number, machine);

	for (size_t i = 0; !name && i < ELEMENTS(newer); i++)
		if (newer[i].number == number)
			name = newer[i].name;
	return name;
}
