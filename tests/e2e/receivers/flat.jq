# SPDX-License-Identifier: GPL-2.0-or-later
#
# What receivers made of flat formats, and what `auditmon events` prints, as the same objects: one flat object a touch,
# under the names of the view, without nulls. jq -n -c -S --arg from events|syslog|cef|leef -f flat.jq

# Bytes, of which some are perhaps UTF-8, as code points; the others as the text \xNN, as auditmon's JSON has them.
def utf8_length: if . >= 194 and . < 224 then 2 elif . >= 224 and . < 240 then 3 elif . >= 240 and . < 245 then 4 else 0 end;
def as_hex: "0123456789abcdef" as $digits | "\\x" + $digits[(. / 16 | floor):(. / 16 | floor) + 1] + $digits[. % 16:. % 16 + 1];
def code($n): reduce .[1:$n][] as $b (.[0] % (if $n == 2 then 32 elif $n == 3 then 16 else 8 end); . * 64 + $b % 64);
def characters:
	if length == 0 then [] else
		(.[0] | utf8_length) as $n |
		if $n > 0 and length >= $n and (.[1:$n] | all(. >= 128 and . < 192)) and
			(code($n) | . >= (if $n == 2 then 128 elif $n == 3 then 2048 else 65536 end) and . <= 1114111 and (. < 55296 or . > 57343))
		then [code($n)] + (.[$n:] | characters)
		else (.[0] | as_hex | explode) + (.[1:] | characters) end
	end;

def hex: explode | map(if . > 96 then . - 87 else . - 48 end) | .[0] * 16 + .[1];

# The text behind \xNN.
def ascii_only: .[1:] | all(.[0:1] < "8");
def unescape:
	split("\\x") |
	if ascii_only then [.[0], (.[1:][] | ([.[0:2] | hex] | implode) + .[2:])] | add else
	[(.[0] | explode[]), (.[1:][] | -1 - (.[0:2] | hex), (.[2:] | explode[]))] |
	reduce .[] as $c ({ out: [], bytes: [] };
		if $c < -128 then .bytes += [-1 - $c]
		else
			(if .bytes != [] then .out += (.bytes | characters) | .bytes = [] else . end) |
			.out += [if $c < 0 then -1 - $c else $c end]
		end) |
	.out + (.bytes | characters) | implode end;

def numbers: "serial", "pid", "ppid", "uid", "auid", "session", "launcher_auid", "launcher_pid";
def structures: "argv", "ancestors", "launcher_argv", "launcher_evidence", "flags", "success", "container_privileged";
# What the JSON object does not have, or what is said twice.
def others: "time_msec", "device", "inode", "argv_complete", "launcher_argv_complete", "container_image_id", "escaped";

# An object of texts, with its list of escaped fields, as values; $plain has what stands behind each text with escapes.
def typed($plain):
	def each(keys; f): reduce keys as $key (.; if has($key) then .[$key] |= f else . end);
	each((.escaped // "") | split(" ")[]; $plain[.]) | each(numbers; tonumber) | each(structures; fromjson) | del(.[others]);

# To unescape takes long, and the same texts come again and again.
def learn($object): reduce (($object.escaped // "") | split(" ")[]) as $key (.; $object[$key] as $text |
	if has($text) then . else .[$text] = ($text | unescape) end);
def all_typed(objects): foreach objects as $object ({ plain: {} }; .plain |= learn($object) | .out = $object; .plain as $plain | .out | typed($plain));

def cef_names: {
	externalId: "id", auditmonTime: "time", auditmonSerial: "serial", dvchost: "node", filePath: "path",
	auditmonPathSeen: "path_seen", auditmonPathBy: "path_by", act: "action", auditmonSuccess: "success", reason: "errno",
	auditmonSyscall: "syscall", auditmonWatch: "watch", spid: "pid", auditmonPpid: "ppid", auditmonComm: "comm", sproc: "exe",
	auditmonArgv: "argv", auditmonAncestors: "ancestors", suid: "uid", suser: "user", cn1: "auid", cs5: "login", cn2: "session",
	cs2: "container_id", cs3: "container_name", auditmonContainerRuntime: "container_runtime", cs4: "container_image",
	auditmonContainerOuterId: "container_outer_id", auditmonContainerPrivileged: "container_privileged",
	auditmonContainerEntry: "container_entry", auditmonContainerAttributedBy: "container_attributed_by",
	cn3: "launcher_auid", cs6: "launcher_login", auditmonLauncherPid: "launcher_pid", auditmonLauncherExe: "launcher_exe",
	auditmonLauncherArgv: "launcher_argv", auditmonLauncherVia: "launcher_via",
	auditmonLauncherConfidence: "launcher_confidence", auditmonLauncherEvidence: "launcher_evidence",
	auditmonLauncherContentTrust: "launcher_content_trust", auditmonLauncherReason: "launcher_reason", cs1: "flags",
	auditmonSeverity: "severity", auditmonDoubt: "doubt", auditmonSuppressed: "suppressed",
	auditmonDigestBefore: "digest_before", auditmonDigestAfter: "digest_after", auditmonEscaped: "escaped"
};

def flattened:
	(.process | with_entries(.key |= .)) +
	(.container // {} | with_entries(.key |= "container_" + .)) +
	(.launcher // {} | with_entries(.key |= "launcher_" + .)) +
	del(.process, .container, .launcher) |
	with_entries(select(.value != null));

if $from == "events" then inputs | flattened
elif $from == "cef" then cef_names as $names |
	all_typed(inputs | with_entries(select($names[.key])) | with_entries(.key |= $names[.]))
else all_typed(inputs | del(.devTime, .identHostName, .usrName, .resource, .policy, .sev, .cat)) end
