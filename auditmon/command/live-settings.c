/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/live-settings.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"

static bool can_be_undone(enum setting setting)
{
	return setting != SETTING_LOGINUID_IMMUTABLE && setting != SETTING_ENABLED;
}

static int set(struct audit_control *control, enum setting setting, uint32_t value)
{
	int r = audit_control_set(control, setting, value);

	if (r < 0)
		log_warning("audit: %s %u: %s", setting_name(setting), value, strerror(-r));
	return r;
}

/* Leaves it if it is so already: nothing is to be put back then. */
static void change(struct applied_settings *applied, enum setting setting, uint32_t value,
	struct audit_control *control, const struct kernel_status *status)
{
	uint32_t now = kernel_status_setting(status, setting);

	if (now == value || set(control, setting, value) < 0)
		return;
	if (!applied->values[setting].changed)
		applied->values[setting].before = now;
	applied->values[setting].changed = true;
}

static void revert(
	struct applied_settings *applied, enum setting setting, struct audit_control *control)
{
	if (applied->values[setting].changed)
		set(control, setting, applied->values[setting].before);
	applied->values[setting].changed = false;
}

static void tell(enum setting setting, const struct setting_value *value, bool is_daemon)
{
	if (!is_daemon)
		log_info("%s:%u: %s is the other audit daemon's affair", value->file, value->line,
			setting_name(setting));
	else if (setting == SETTING_ENABLED && value->value == 0)
		log_warning("%s:%u: -e 0 %s", value->file, value->line,
			setting_consequence(setting, 0));
	else if (setting == SETTING_RATE_LIMIT && value->value != 0)
		log_warning("%s:%u: -r %u: %s", value->file, value->line, value->value,
			setting_consequence(setting, value->value));
}

void applied_settings_set(struct applied_settings *applied, struct settings *wanted,
	struct audit_control *control, bool is_daemon)
{
	struct kernel_status status;
	bool known = audit_control_status(control, &status) == 0;

	settings_done(&applied->wanted);
	applied->wanted = *wanted;
	*wanted = (struct settings){ 0 };
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting_value *value = &applied->wanted.values[i];

		if (value->file)
			tell((enum setting)i, value, is_daemon);
		if (!is_daemon || !known || status.enabled == AUDIT_LOCKED ||
			!can_be_undone((enum setting)i))
			continue;
		if (value->file)
			change(applied, (enum setting)i, value->value, control, &status);
		else
			revert(applied, (enum setting)i, control);
	}
}

bool applied_settings_lock(
	const struct applied_settings *applied, struct audit_control *control, bool is_daemon)
{
	const struct setting_value *immutable = &applied->wanted.values[SETTING_LOGINUID_IMMUTABLE];
	const struct setting_value *enabled = &applied->wanted.values[SETTING_ENABLED];

	if (!is_daemon)
		return false;
	if (immutable->file)
		set(control, SETTING_LOGINUID_IMMUTABLE, 1);
	if (!enabled->file || enabled->value != AUDIT_LOCKED ||
		set(control, SETTING_ENABLED, AUDIT_LOCKED) < 0)
		return false;
	log_info("%s:%u: -e 2: rules and settings are locked until the next boot", enabled->file,
		enabled->line);
	return true;
}

void applied_settings_undo(
	struct applied_settings *applied, struct audit_control *control, bool is_daemon)
{
	for (size_t i = 0; is_daemon && i < N_SETTINGS; i++)
		revert(applied, (enum setting)i, control);
}

void applied_settings_done(struct applied_settings *applied)
{
	settings_done(&applied->wanted);
}
