/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The commands
 *
 * Each takes its own words (argv[0] is the command's name), prints its answer or its one line of
 * error, and returns the exit status that CONTRACT names: 0 done and something found, 1 nothing
 * found, 2 wrong usage or bad input, 3 could not do it.
 */

int command_alerts(int argc, char **argv);
int command_containers(int argc, char **argv);
int command_daemon(int argc, char **argv);
int command_events(int argc, char **argv);
int command_export(int argc, char **argv);
int command_identify(int argc, char **argv);
int command_ingest(int argc, char **argv);
int command_report(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_show(int argc, char **argv);
int command_status(int argc, char **argv);
int command_who_touched(int argc, char **argv);
