/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-fixture.h"

#include "output/flat.h"
#include "output/format.h"
#include "output/syslog.h"

// clang-format off
/* Looked over by eye, and by the receivers of the end-to-end tests. */
#define GOLDEN_CEF_FULL \
	"CEF:0|auditmon|auditmon|VERSION|write|File written|10|outcome=success rt=1795433" \
	"002342 externalId=1795433002.342:22:0:web1 dvchost=web1 act=write filePath=/etc/" \
	"passwd spid=6743 sproc=/usr/bin/touch suid=0 suser=root cs1=[\"host-write\",\"da" \
	"emon-spawned\",\"privileged\"] cs1Label=flags cs2=df2302cf8c63df2302cf8c63df2302" \
	"cf8c63df2302cf8c63df2302cf8c63df23 cs2Label=container id cs3=hack cs3Label=conta" \
	"iner name cs4=ubi8-micro:latest cs4Label=container image cs6=dwalsh cs6Label=lau" \
	"ncher login cn3=3267 cn3Label=launcher loginuid auditmonTime=2026-11-23T11:23:22" \
	".342Z auditmonSerial=22 auditmonPathSeen=/host/etc/passwd auditmonPathBy=identit" \
	"y auditmonDevice=253:7 auditmonInode=131075 auditmonSuccess=true auditmonSyscall" \
	"=openat auditmonWatch=identity auditmonPpid=6723 auditmonComm=touch auditmonArgv" \
	"=[\"touch\",\"/host/etc/passwd\"] auditmonArgvComplete=true auditmonAncestors=[{" \
	"\"pid\":6723,\"argv\":[\"sh\"],\"complete\":true}] auditmonContainerRuntime=dock" \
	"er auditmonContainerPrivileged=true auditmonContainerEntry=init auditmonContaine" \
	"rAttributedBy=lineage auditmonLauncherPid=6700 auditmonLauncherExe=/usr/bin/dock" \
	"er auditmonLauncherArgv=[\"docker\",\"run\",\"--privileged\"] auditmonLauncherAr" \
	"gvComplete=true auditmonLauncherVia=/run/docker.sock auditmonLauncherConfidence=" \
	"certain auditmonLauncherEvidence=[\"only client connected\"] auditmonSeverity=cr" \
	"itical"

#define GOLDEN_CEF_HOSTILE \
	"CEF:0|auditmon|auditmon|VERSION|write|File written|4|outcome=failure rt=1000 ext" \
	"ernalId=1.000:1:0:web 1 dvchost=web 1 act=write reason=EACCES filePath=/tmp/a\\=" \
	"b|c\\\\x5cd]\"\\\\x0a\\\\xff spid=100 sproc=/x\\\\y\\=z]\"| suid=0 cs1=[\"failed" \
	"\"] cs1Label=flags auditmonTime=1970-01-01T00:00:01.000Z auditmonSerial=1 auditm" \
	"onPathBy=seen auditmonSuccess=false auditmonPpid=1 auditmonComm=\\\\x20x\\\\x20 " \
	"auditmonArgv=[\"a\\\\u0009b\",\"\\\\\"\\\\u202e\"] auditmonArgvComplete=false au" \
	"ditmonSeverity=notice auditmonEscaped=path comm"

#define GOLDEN_LEEF_FULL \
	"LEEF:2.0|auditmon|auditmon|VERSION|write|^|devTime=1795433002342^identHostName=w" \
	"eb1^usrName=dwalsh^resource=/etc/passwd^policy=identity^sev=10^cat=alert^id=1795" \
	"433002.342:22:0:web1^time=2026-11-23T11:23:22.342Z^time_msec=1795433002342^seria" \
	"l=22^node=web1^path=/etc/passwd^path_seen=/host/etc/passwd^path_by=identity^devi" \
	"ce=253:7^inode=131075^action=write^success=true^syscall=openat^watch=identity^pi" \
	"d=6743^ppid=6723^comm=touch^exe=/usr/bin/touch^argv=[\"touch\",\"/host/etc/passw" \
	"d\"]^argv_complete=true^ancestors=[{\"pid\":6723,\"argv\":[\"sh\"],\"complete\":" \
	"true}]^uid=0^user=root^container_id=df2302cf8c63df2302cf8c63df2302cf8c63df2302cf" \
	"8c63df2302cf8c63df23^container_name=hack^container_runtime=docker^container_imag" \
	"e=ubi8-micro:latest^container_privileged=true^container_entry=init^container_att" \
	"ributed_by=lineage^launcher_auid=3267^launcher_login=dwalsh^launcher_pid=6700^la" \
	"uncher_exe=/usr/bin/docker^launcher_argv=[\"docker\",\"run\",\"--privileged\"]^l" \
	"auncher_argv_complete=true^launcher_via=/run/docker.sock^launcher_confidence=cer" \
	"tain^launcher_evidence=[\"only client connected\"]^flags=[\"host-write\",\"daemo" \
	"n-spawned\",\"privileged\"]^severity=critical"

#define GOLDEN_LEEF_HOSTILE \
	"LEEF:2.0|auditmon|auditmon|VERSION|write|^|devTime=1000^identHostName=web 1^reso" \
	"urce=/tmp/a=b|c\\x5cd]\"\\x0a\\xff^sev=4^cat=alert^id=1.000:1:0:web 1^time=1970-" \
	"01-01T00:00:01.000Z^time_msec=1000^serial=1^node=web 1^path=/tmp/a=b|c\\x5cd]\"" \
	"\\x0a\\xff^path_by=seen^action=write^success=false^errno=EACCES^pid=100^ppid=1^c" \
	"omm=\\x20x\\x20^exe=/x\\y=z]\"|^argv=[\"a\\u0009b\",\"\\\"\\u202e\"]^argv_comple" \
	"te=false^uid=0^flags=[\"failed\"]^severity=notice^escaped=path comm"

#define GOLDEN_SYSLOG_FULL \
	"<82>1 2026-11-23T11:23:22.342Z web1 auditmon - write [auditmon@32473 id=\"179543" \
	"3002.342:22:0:web1\" time=\"2026-11-23T11:23:22.342Z\" time_msec=\"1795433002342" \
	"\" serial=\"22\" node=\"web1\" path=\"/etc/passwd\" path_seen=\"/host/etc/passwd" \
	"\" path_by=\"identity\" device=\"253:7\" inode=\"131075\" action=\"write\" succe" \
	"ss=\"true\" syscall=\"openat\" watch=\"identity\" pid=\"6743\" ppid=\"6723\" com" \
	"m=\"touch\" exe=\"/usr/bin/touch\" argv=\"[\\\"touch\\\",\\\"/host/etc/passwd\\" \
	"\"\\]\" argv_complete=\"true\" ancestors=\"[{\\\"pid\\\":6723,\\\"argv\\\":[\\\"" \
	"sh\\\"\\],\\\"complete\\\":true}\\]\" uid=\"0\" user=\"root\" container_id=\"df2" \
	"302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df23\" container_name=" \
	"\"hack\" container_runtime=\"docker\" container_image=\"ubi8-micro:latest\" cont" \
	"ainer_privileged=\"true\" container_entry=\"init\" container_attributed_by=\"lin" \
	"eage\" launcher_auid=\"3267\" launcher_login=\"dwalsh\" launcher_pid=\"6700\" la" \
	"uncher_exe=\"/usr/bin/docker\" launcher_argv=\"[\\\"docker\\\",\\\"run\\\",\\\"-" \
	"-privileged\\\"\\]\" launcher_argv_complete=\"true\" launcher_via=\"/run/docker." \
	"sock\" launcher_confidence=\"certain\" launcher_evidence=\"[\\\"only client conn" \
	"ected\\\"\\]\" flags=\"[\\\"host-write\\\",\\\"daemon-spawned\\\",\\\"privileged" \
	"\\\"\\]\" severity=\"critical\"] hack (docker) wrote /etc/passwd as root, launch" \
	"er dwalsh (certain): touch(6743) [host-write daemon-spawned privileged]"

#define GOLDEN_SYSLOG_HOSTILE \
	"<85>1 1970-01-01T00:00:01.000Z - auditmon - write [auditmon@32473 id=\"1.000:1:0" \
	":web 1\" time=\"1970-01-01T00:00:01.000Z\" time_msec=\"1000\" serial=\"1\" node=" \
	"\"web 1\" path=\"/tmp/a=b|c\\\\x5cd\\]\\\"\\\\x0a\\\\xff\" path_by=\"seen\" acti" \
	"on=\"write\" success=\"false\" errno=\"EACCES\" pid=\"100\" ppid=\"1\" comm=\"\\" \
	"\\x20x\\\\x20\" exe=\"/x\\\\y=z\\]\\\"|\" argv=\"[\\\"a\\\\u0009b\\\",\\\"\\\\\\" \
	"\"\\\\u202e\\\"\\]\" argv_complete=\"false\" uid=\"0\" flags=\"[\\\"failed\\\"\\" \
	"]\" severity=\"notice\" escaped=\"path comm\"] host process failed to write \"/tm" \
	"p/a=b|c\\d]\\\"\\x0a\\xff\"? as uid 0, login unset: \" x \"(100) [failed:EACCES]"

#define GOLDEN_ECS_FULL \
	"{\"@timestamp\":\"2026-11-23T11:23:22.342Z\",\"ecs\":{\"version\":\"9.0.0\"},\"e" \
	"vent\":{\"id\":\"1795433002.342:22:0:web1\",\"sequence\":22,\"kind\":\"alert\"," \
	"\"category\":[\"file\"],\"type\":[\"change\"],\"action\":\"write\",\"outcome\":" \
	"\"success\",\"severity\":4,\"module\":\"auditmon\",\"dataset\":\"auditmon.touch" \
	"\",\"provider\":\"linux-audit\"},\"observer\":{\"vendor\":\"auditmon\",\"product" \
	"\":\"auditmon\",\"version\":\"VERSION\",\"type\":\"hids\"},\"host\":{\"hostname" \
	"\":\"web1\",\"name\":\"web1\"},\"rule\":{\"name\":\"identity\"},\"tags\":[\"host" \
	"-write\",\"daemon-spawned\",\"privileged\"],\"file\":{\"path\":\"/etc/passwd\"," \
	"\"directory\":\"/etc\",\"name\":\"passwd\",\"inode\":\"131075\",\"device\":\"253" \
	":7\"},\"process\":{\"pid\":6743,\"parent\":{\"pid\":6723},\"name\":\"touch\",\"e" \
	"xecutable\":\"/usr/bin/touch\",\"args\":[\"touch\",\"/host/etc/passwd\"],\"args_" \
	"count\":2,\"user\":{\"id\":\"0\",\"name\":\"root\"}},\"user\":{\"id\":\"0\",\"na" \
	"me\":\"root\"},\"container\":{\"id\":\"df2302cf8c63df2302cf8c63df2302cf8c63df230" \
	"2cf8c63df2302cf8c63df23\",\"name\":\"hack\",\"runtime\":\"docker\",\"image\":{\"" \
	"name\":\"ubi8-micro:latest\"},\"security_context\":{\"privileged\":true}},\"rela" \
	"ted\":{\"user\":[\"root\",\"dwalsh\"],\"hosts\":[\"web1\"]},\"auditmon\":{\"path" \
	"_seen\":\"/host/etc/passwd\",\"path_by\":\"identity\",\"success\":true,\"syscall" \
	"\":\"openat\",\"argv_complete\":true,\"ancestors\":[{\"pid\":6723,\"argv\":[\"sh" \
	"\"],\"complete\":true}],\"severity\":\"critical\",\"container\":{\"entry\":\"ini" \
	"t\",\"attributed_by\":\"lineage\"},\"launcher\":{\"auid\":3267,\"login\":\"dwals" \
	"h\",\"pid\":6700,\"exe\":\"/usr/bin/docker\",\"argv\":[\"docker\",\"run\",\"--pr" \
	"ivileged\"],\"argv_complete\":true,\"via\":\"/run/docker.sock\",\"confidence\":" \
	"\"certain\",\"evidence\":[\"only client connected\"]}}}"

#define GOLDEN_OCSF_ACTIVITY \
	"{\"activity_id\":3,\"activity_name\":\"Update\",\"category_uid\":1,\"category_na" \
	"me\":\"System Activity\",\"class_uid\":1001,\"class_name\":\"File System Activit" \
	"y\",\"type_uid\":100103,\"status_id\":1,\"status\":\"Success\",\"metadata\":{\"u" \
	"id\":\"1795433002.342:22:0:web1\",\"version\":\"1.5.0\",\"sequence\":22,\"log_pr" \
	"ovider\":\"audit\",\"profiles\":[\"container\",\"linux/linux_users\"],\"product" \
	"\":{\"name\":\"auditmon\",\"vendor_name\":\"auditmon\",\"version\":\"VERSION\"}}" \
	",\"time\":1795433002342,\"severity_id\":5,\"severity\":\"Critical\",\"message\":" \
	"\"hack (docker) wrote /etc/passwd as root, launcher dwalsh (certain): touch(6743" \
	") [host-write daemon-spawned privileged]\",\"device\":{\"type_id\":0,\"type\":\"" \
	"Unknown\",\"name\":\"web1\",\"hostname\":\"web1\",\"os\":{\"name\":\"Linux\",\"t" \
	"ype_id\":200,\"type\":\"Linux\"}},\"actor\":{\"process\":{\"pid\":6743,\"name\":" \
	"\"touch\",\"cmd_line\":\"touch /host/etc/passwd\",\"euid\":0,\"file\":{\"path\":" \
	"\"/usr/bin/touch\",\"name\":\"touch\",\"type_id\":1},\"parent_process\":{\"pid\"" \
	":6723},\"user\":{\"uid\":\"0\",\"name\":\"root\"},\"container\":{\"uid\":\"df230" \
	"2cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df2302cf8c63df23\",\"name\":\"hack\"," \
	"\"runtime\":\"docker\"}},\"user\":{\"uid\":\"3267\",\"name\":\"dwalsh\"}},\"file" \
	"\":{\"name\":\"passwd\",\"path\":\"/etc/passwd\",\"type_id\":0,\"type\":\"Unknow" \
	"n\",\"uid\":\"253:7:131075\"},\"unmapped\":{\"path\":\"/etc/passwd\",\"path_seen" \
	"\":\"/host/etc/passwd\",\"path_by\":\"identity\",\"action\":\"write\",\"success" \
	"\":true,\"syscall\":\"openat\",\"watch\":\"identity\",\"argv\":[\"touch\",\"/hos" \
	"t/etc/passwd\"],\"argv_complete\":true,\"ancestors\":[{\"pid\":6723,\"argv\":[\"" \
	"sh\"],\"complete\":true}],\"container_image\":\"ubi8-micro:latest\",\"container_" \
	"privileged\":true,\"container_entry\":\"init\",\"container_attributed_by\":\"lin" \
	"eage\",\"launcher_auid\":3267,\"launcher_login\":\"dwalsh\",\"launcher_pid\":670" \
	"0,\"launcher_exe\":\"/usr/bin/docker\",\"launcher_argv\":[\"docker\",\"run\",\"-" \
	"-privileged\"],\"launcher_argv_complete\":true,\"launcher_via\":\"/run/docker.so" \
	"ck\",\"launcher_confidence\":\"certain\",\"launcher_evidence\":[\"only client co" \
	"nnected\"],\"flags\":[\"host-write\",\"daemon-spawned\",\"privileged\"],\"severi" \
	"ty\":\"critical\"}}"

#define GOLDEN_OCSF_FINDING \
	"{\"activity_id\":1,\"activity_name\":\"Create\",\"category_uid\":2,\"category_na" \
	"me\":\"Findings\",\"class_uid\":2004,\"class_name\":\"Detection Finding\",\"type" \
	"_uid\":200401,\"status_id\":1,\"status\":\"New\",\"is_alert\":true,\"finding_inf" \
	"o\":{\"uid\":\"finding:1795433002.342:22:0:web1\",\"title\":\"host-write\",\"des" \
	"c\":\"hack (docker) wrote /etc/passwd as root, launcher dwalsh (certain): touch(" \
	"6743) [host-write daemon-spawned privileged]\",\"types\":[\"host-write\",\"daemo" \
	"n-spawned\",\"privileged\"],\"created_time\":1795433002342,\"data_sources\":[\"L" \
	"inux audit\"],\"analytic\":{\"name\":\"host-write\",\"type_id\":1,\"type\":\"Rul" \
	"e\"},\"related_events\":[{\"uid\":\"1795433002.342:22:0:web1\",\"type_uid\":1001" \
	"03}]},\"metadata\":{\"uid\":\"finding:1795433002.342:22:0:web1\",\"version\":\"1" \
	".5.0\",\"sequence\":22,\"log_provider\":\"audit\",\"profiles\":[\"container\",\"" \
	"linux/linux_users\"],\"product\":{\"name\":\"auditmon\",\"vendor_name\":\"auditm" \
	"on\",\"version\":\"VERSION\"}},\"time\":1795433002342,\"severity_id\":5,\"severi" \
	"ty\":\"Critical\",\"message\":\"hack (docker) wrote /etc/passwd as root, launche" \
	"r dwalsh (certain): touch(6743) [host-write daemon-spawned privileged]\",\"devic" \
	"e\":{\"type_id\":0,\"type\":\"Unknown\",\"name\":\"web1\",\"hostname\":\"web1\"," \
	"\"os\":{\"name\":\"Linux\",\"type_id\":200,\"type\":\"Linux\"}},\"evidences\":[{" \
	"\"actor\":{\"process\":{\"pid\":6743,\"name\":\"touch\",\"cmd_line\":\"touch /ho" \
	"st/etc/passwd\",\"euid\":0,\"file\":{\"path\":\"/usr/bin/touch\",\"name\":\"touc" \
	"h\",\"type_id\":1},\"parent_process\":{\"pid\":6723},\"user\":{\"uid\":\"0\",\"n" \
	"ame\":\"root\"},\"container\":{\"uid\":\"df2302cf8c63df2302cf8c63df2302cf8c63df2" \
	"302cf8c63df2302cf8c63df23\",\"name\":\"hack\",\"runtime\":\"docker\"}},\"user\":" \
	"{\"uid\":\"3267\",\"name\":\"dwalsh\"}},\"file\":{\"name\":\"passwd\",\"path\":" \
	"\"/etc/passwd\",\"type_id\":0,\"type\":\"Unknown\",\"uid\":\"253:7:131075\"}}]," \
	"\"unmapped\":{\"path\":\"/etc/passwd\",\"path_seen\":\"/host/etc/passwd\",\"path" \
	"_by\":\"identity\",\"action\":\"write\",\"success\":true,\"syscall\":\"openat\"," \
	"\"watch\":\"identity\",\"argv\":[\"touch\",\"/host/etc/passwd\"],\"argv_complete" \
	"\":true,\"ancestors\":[{\"pid\":6723,\"argv\":[\"sh\"],\"complete\":true}],\"con" \
	"tainer_image\":\"ubi8-micro:latest\",\"container_privileged\":true,\"container_e" \
	"ntry\":\"init\",\"container_attributed_by\":\"lineage\",\"launcher_auid\":3267," \
	"\"launcher_login\":\"dwalsh\",\"launcher_pid\":6700,\"launcher_exe\":\"/usr/bin/" \
	"docker\",\"launcher_argv\":[\"docker\",\"run\",\"--privileged\"],\"launcher_argv" \
	"_complete\":true,\"launcher_via\":\"/run/docker.sock\",\"launcher_confidence\":" \
	"\"certain\",\"launcher_evidence\":[\"only client connected\"],\"flags\":[\"host-" \
	"write\",\"daemon-spawned\",\"privileged\"],\"severity\":\"critical\"}}"
// clang-format on

/* What a format makes of touch; borrowed until the next call. */
static const char *formatted(const char *name, const struct touch *touch, unsigned index)
{
	static char *text;
	const struct format *format = format_find(name);
	struct record record = { .touch = touch };
	char *id = touch_id(touch);
	FILE *out;

	assert_non_null(format);
	assert_false(format->needs_json);
	record.id = id;
	free(text);
	out = open_memstream(&text, &(size_t){ 0 });
	assert_non_null(out);
	format->print(out, &record, index);
	assert_int_equal(fclose(out), 0);
	free(id);
	return text;
}

#define VERSION_MARK "VERSION"

/* The same with our version as VERSION, so that a golden text outlives a release. */
static const char *without_version(const char *text)
{
	static char buffer[8192];
	const char *version;
	size_t len = 0;

	while ((version = strstr(text, AUDITMON_VERSION))) {
		len += (size_t)snprintf(buffer + len, sizeof(buffer) - len, "%.*s" VERSION_MARK,
			(int)(version - text), text);
		text = version + strlen(AUDITMON_VERSION);
	}
	snprintf(buffer + len, sizeof(buffer) - len, "%s", text);
	return buffer;
}

#define assert_format(name, touch, index, expected)                                                \
	assert_string_equal(without_version(formatted(name, touch, index)), expected)

static struct touch hostile_touch(void)
{
	struct touch touch = plain_touch(1000, 1, "/tmp/a=b|c\\d]\"\n\xff");

	touch.node = "web 1";
	touch.comm = " x ";
	touch.exe = "/x\\y=z]\"|";
	touch.success = false;
	touch.error = EACCES;
	touch.flags = FLAG_BIT(FLAG_FAILED);
	touch.severity = SEVERITY_NOTICE;
	touch.argv = (struct arguments){ "a\tb\0\"\xe2\x80\xae", 8, false };
	return touch;
}

static void cef_is_as_arcsight_reads_it(void **state)
{
	struct touch touch = full_touch(), hostile = hostile_touch();

	assert_format("cef", &touch, 0, GOLDEN_CEF_FULL);
	assert_format("cef", &hostile, 0, GOLDEN_CEF_HOSTILE);
}

static void leef_is_as_qradar_reads_it(void **state)
{
	struct touch touch = full_touch(), hostile = hostile_touch();

	assert_format("leef", &touch, 0, GOLDEN_LEEF_FULL);
	assert_format("leef", &hostile, 0, GOLDEN_LEEF_HOSTILE);
}

static void syslog_is_rfc_5424(void **state)
{
	struct touch touch = full_touch(), hostile = hostile_touch();

	assert_format("syslog", &touch, 0, GOLDEN_SYSLOG_FULL);
	assert_format("syslog", &hostile, 0, GOLDEN_SYSLOG_HOSTILE);
}

static void ecs_has_every_field_in_its_place(void **state)
{
	struct touch touch = full_touch();

	assert_format("ecs", &touch, 0, GOLDEN_ECS_FULL);
}

static void ocsf_tells_a_flagged_touch_as_activity_and_as_finding(void **state)
{
	struct touch touch = full_touch(), plain = plain_touch(1000, 1, "/x");
	const struct format *format = format_find("ocsf");

	assert_int_equal(format_count(format, &plain), 1);
	assert_int_equal(format_count(format, &touch), 2);
	assert_format("ocsf", &touch, 0, GOLDEN_OCSF_ACTIVITY);
	assert_format("ocsf", &touch, 1, GOLDEN_OCSF_FINDING);
}

static void a_suppressed_touch_is_no_alert(void **state)
{
	struct touch touch = full_touch();

	assert_non_null(strstr(formatted("ecs", &touch, 0), "\"kind\":\"alert\""));
	assert_non_null(strstr(formatted("ocsf", &touch, 1), "\"status\":\"New\""));
	touch.suppressed = "backup";
	assert_non_null(strstr(formatted("ecs", &touch, 0), "\"kind\":\"event\""));
	assert_non_null(strstr(formatted("leef", &touch, 0), "^cat=event^"));
	assert_non_null(strstr(formatted("ocsf", &touch, 1), "\"status\":\"Suppressed\""));
}

static void what_is_not_known_is_nowhere(void **state)
{
	static const char *const formats[] = { "ocsf", "ecs", "cef", "leef", "syslog" };
	static const char *const unknown[] = { "auid", "launcher", "container_", "session", "null",
		"suser", "cs2" };
	struct touch touch = plain_touch(1000, 1, "/x");

	for (size_t i = 0; i < ELEMENTS(formats); i++)
		for (size_t j = 0; j < ELEMENTS(unknown); j++)
			if (strstr(formatted(formats[i], &touch, 0), unknown[j]))
				fail_msg("%s in %s", unknown[j], formatted(formats[i], &touch, 0));
}

/* A touch whose every field has a value that stands nowhere else. */
static struct touch telling_touch(void)
{
	return (struct touch){
		.time_msec = 1795433002342,
		.serial = 910001,
		.item = 910,
		.node = "v-node",
		.path = "/v-dir/v-path",
		.path_seen = "/v-seen",
		.path_by = PATH_BY_NAME,
		.inode = 910002,
		.dev_major = 911,
		.dev_minor = 912,
		.action = ACTION_RENAME,
		.success = false,
		.error = EXDEV,
		.syscall = "v-syscall",
		.watch = "v-watch",
		.pid = 910003,
		.ppid = 910004,
		.comm = "v-comm",
		.exe = "/v-exe",
		.argv = { "v-argv", 6, true },
		.ancestors = "[{\"pid\":910005}]",
		.uid = 910006,
		.user = "v-user",
		.auid = 910007,
		.login = "v-login",
		.session = 910008,
		.container = { .id = "v-cid",
			.name = "v-cname",
			.runtime = "v-runtime",
			.image = "v-image",
			.image_id = "v-imgid",
			.outer_id = "v-outer",
			.privileged = TRISTATE_NO,
			.entry = ENTRY_EXEC,
			.attributed_by = ATTRIBUTED_SHIM },
		.launcher = { .auid = 910009,
			.login = "v-launcher",
			.pid = 910010,
			.exe = "/v-lexe",
			.argv = { "v-largv", 7, true },
			.via = "/v-via",
			.confidence = CONFIDENCE_LIKELY,
			.evidence = { "v-evidence", 10, true },
			.reason = "v-reason" },
		.flags = FLAG_BIT(FLAG_RAW_DEVICE),
		.severity = SEVERITY_WARNING,
		.doubt = "v-doubt",
		.suppressed = "v-suppressed",
		.digest_before = "v-before",
		.digest_after = "v-after",
	};
}

/* For every format: a field that somebody adds is somewhere, or said to be left out. */
static void every_field_is_in_every_format(void **state)
{
	static const char *const formats[] = { "ocsf", "ecs", "cef", "leef", "syslog" };
	static const char *const values[] = { "1795433002.342:910001:910:v-node", "v-node",
		"v-path", "/v-seen", "name", "910002", "911:912", "rename", "EXDEV", "v-syscall",
		"v-watch", "910003", "910004", "v-comm", "/v-exe", "v-argv", "910005", "910006",
		"v-user", "910007", "v-login", "910008", "v-cid", "v-cname", "v-runtime", "v-image",
		"v-imgid", "v-outer", "exec", "shim", "910009", "v-launcher", "910010", "/v-lexe",
		"v-largv", "/v-via", "likely", "v-evidence", "v-reason", "raw-device", "warning",
		"v-doubt", "v-suppressed", "v-before", "v-after" };
	struct touch touch = telling_touch();

	for (size_t i = 0; i < ELEMENTS(formats); i++)
		for (size_t j = 0; j < ELEMENTS(values); j++)
			if (!strstr(formatted(formats[i], &touch, 0), values[j]))
				fail_msg(
					"no %s in %s", values[j], formatted(formats[i], &touch, 0));
}

/* Rows of one object stand together, or it would be there twice. */
static void no_key_is_there_twice(void **state)
{
	static const struct {
		const char *format;
		unsigned index;
	} documents[] = { { "ecs", 0 }, { "ocsf", 0 }, { "ocsf", 1 } };
	struct touch touch = telling_touch();
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT fullkey FROM json_tree(?) GROUP BY fullkey"
				 " HAVING count(*) > 1",
				 -1, &statement, NULL),
		SQLITE_OK);
	for (size_t i = 0; i < ELEMENTS(documents); i++) {
		const char *text = formatted(documents[i].format, &touch, documents[i].index);

		sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
		if (sqlite3_step(statement) != SQLITE_DONE)
			fail_msg("%s is there twice", sqlite3_column_text(statement, 0));
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

static const char *flat(const char *text, bool *ret_escaped)
{
	static char *flat_text;
	struct value value;
	FILE *out;

	value_set_text(&value, text);
	free(flat_text);
	out = open_memstream(&flat_text, &(size_t){ 0 });
	*ret_escaped =
		flat_print(out, &value, &(struct flat_syntax){ .special = "", .delimiter = '^' });
	fclose(out);
	return flat_text;
}

static void a_text_is_written_as_bytes_only_where_it_must_be(void **state)
{
	static const struct {
		const char *text, *flat;
		bool escaped;
	} cases[] = {
		{ "/etc/passwd", "/etc/passwd", false },
		{ "dev-disk-by\\x2did.mount", "dev-disk-by\\x2did.mount", false },
		{ "a b", "a b", false },
		{ "\xc3\xa4", "\xc3\xa4", false },
		{ "", "", false },
		{ "a\nb", "a\\x0ab", true },
		{ " a ", "\\x20a\\x20", true },
		{ " ", "\\x20", true },
		{ "\\x0a\n", "\\x5cx0a\\x0a", true },
		{ "\xff", "\\xff", true },
		{ "a^b", "a\\x5eb", true },
		{ "\xe2\x82", "\\xe2\\x82", true },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae", true },
	};
	bool escaped;

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		assert_string_equal(flat(cases[i].text, &escaped), cases[i].flat);
		assert_int_equal(escaped, cases[i].escaped);
	}
}

static void the_human_is_the_login_or_a_certain_launcher(void **state)
{
	struct touch touch = full_touch();
	const struct record record = { .touch = &touch };
	struct value value;

	field_human_name(&record, &value);
	assert_string_equal(value.bytes, "dwalsh");
	touch.launcher.confidence = CONFIDENCE_LIKELY;
	field_human_name(&record, &value);
	assert_int_equal(value.type, VALUE_NONE);
	/* A login that the container gave to itself names nobody. */
	touch.auid = 1000;
	touch.login = "forged";
	field_human_name(&record, &value);
	assert_int_equal(value.type, VALUE_NONE);
	touch.flags = 0;
	field_human_name(&record, &value);
	assert_string_equal(value.bytes, "forged");
}

static void a_message_too_long_for_a_datagram_has_a_stand_in(void **state)
{
	struct touch touch = plain_touch(1000, 1, "/x");
	const struct record record = { .touch = &touch, .id = "1.000:1:0:" };
	_cleanup_(freep) char *text = NULL;
	FILE *out = open_memstream(&text, &(size_t){ 0 });

	syslog_print_oversize(out, &record, 70000,
		&(struct syslog_options){ .facility = 13 << 3, .enterprise = 7 });
	fclose(out);
	assert_string_equal(text,
		"<110>1 1970-01-01T00:00:01.000Z - auditmon - write [auditmon@7 id=\"1.000:1:0:\""
		" flags=\"[\\]\" severity=\"info\" oversize=\"70000\"] host process wrote /x? as"
		" uid 0, login unset: (100)");
}

static void formats_and_facilities_are_found_by_name(void **state)
{
	assert_non_null(format_find("json"));
	assert_null(format_find("xml"));
	assert_null(format_find(""));
	assert_int_equal(syslog_facility("local3"), 19 << 3);
	assert_int_equal(syslog_facility("nonsense"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cef_is_as_arcsight_reads_it),
		cmocka_unit_test(leef_is_as_qradar_reads_it),
		cmocka_unit_test(syslog_is_rfc_5424),
		cmocka_unit_test(ecs_has_every_field_in_its_place),
		cmocka_unit_test(ocsf_tells_a_flagged_touch_as_activity_and_as_finding),
		cmocka_unit_test(a_suppressed_touch_is_no_alert),
		cmocka_unit_test(what_is_not_known_is_nowhere),
		cmocka_unit_test(every_field_is_in_every_format),
		cmocka_unit_test(no_key_is_there_twice),
		cmocka_unit_test(a_text_is_written_as_bytes_only_where_it_must_be),
		cmocka_unit_test(the_human_is_the_login_or_a_certain_launcher),
		cmocka_unit_test(a_message_too_long_for_a_datagram_has_a_stand_in),
		cmocka_unit_test(formats_and_facilities_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
