/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What only the engines' image stores and Podman's database know: digests, labels, creators
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>

#include "bolt-file.h"
#include "place.h"
#include "runtime/docker-image.h"
#include "runtime/docker.h"
#include "runtime/podman-database.h"
#include "runtime/podman.h"

#define ID "5c5b1f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define POD "00001f0d3a7e9246813579bdf02468ace5c5b1f0d3a7e9246813579bdf02468a"
#define IMAGE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define BUNDLE "overlay-containers/" ID "/userdata"

struct store {
	struct place place;
	struct json *json;
	struct container_info *info;
	struct state_directory directory;
};

static int store_setup(void **state)
{
	struct store *store = calloc(1, sizeof(*store));

	*state = store;
	return place_init(&store->place) < 0 || json_new(&store->json) < 0 ||
	       container_info_new(ID, "docker", &store->info) < 0 ||
	       state_directory_open("", store->place.path, &store->directory) < 0;
}

static int store_teardown(void **state)
{
	struct store *store = *state;

	json_free(store->json);
	container_info_free(store->info);
	state_directory_done(&store->directory);
	place_done(&store->place);
	free(store);
	return 0;
}

static int digest_of(struct store *store, const char *image, const char *repositories)
{
	free(store->info->image);
	free(store->info->image_id);
	free(store->info->image_digest);
	store->info->image = strdup(image);
	store->info->image_id = strdup("sha256:" IMAGE);
	store->info->image_digest = NULL;
	assert_int_equal(json_load(store->json, repositories, strlen(repositories)), 0);
	return docker_image_take_digest(store->json, store->info);
}

static void dockers_digest_is_that_of_the_containers_repository(void **state)
{
	static const char repositories[] =
		"{\"Repositories\":{\"a\":{\"a:1\":\"sha256:" IMAGE "\",\"a@" OTHER
		"\":\"sha256:" IMAGE "\"},\"host:5000/web\":{\"host:5000/web:1.2\":\"sha256:" IMAGE
		"\",\"host:5000/web@" DIGEST "\":\"sha256:" IMAGE "\"}}}";
	struct store *store = *state;

	assert_int_equal(digest_of(store, "host:5000/web:1.2", repositories), 0);
	assert_string_equal(store->info->image_digest, DIGEST);
	assert_int_equal(digest_of(store, "host:5000/web", repositories), 0);
	assert_string_equal(store->info->image_digest, DIGEST);
	assert_int_equal(digest_of(store, "a", repositories), 0);
	assert_string_equal(store->info->image_digest, OTHER);
	/* By id: it may have come from either. */
	assert_int_equal(digest_of(store, "e3b0c44298fc", repositories), -ENOENT);
	assert_null(store->info->image_digest);
}

static void an_image_with_one_digest_is_told_by_any_name(void **state)
{
	struct store *store = *state;

	assert_int_equal(
		digest_of(store, "e3b0c44298fc",
			"{\"Repositories\":{\"a\":{\"a:1\":\"sha256:" IMAGE "\",\"a@" DIGEST
			"\":\"sha256:" IMAGE "\",\"a@" OTHER "\":\"sha256:" POD "\"}}}"),
		0);
	assert_string_equal(store->info->image_digest, DIGEST);
}

static void an_image_without_digest_or_with_two_has_none(void **state)
{
	struct store *store = *state;

	assert_int_equal(
		digest_of(store, "a", "{\"Repositories\":{\"a\":{\"a:1\":\"sha256:" IMAGE "\"}}}"),
		-ENOENT);
	assert_int_equal(digest_of(store, "a",
				 "{\"Repositories\":{\"a\":{\"a@" DIGEST "\":\"sha256:" IMAGE
				 "\",\"a@" OTHER "\":\"sha256:" IMAGE "\"}}}"),
		-ENOENT);
	assert_int_equal(digest_of(store, "a", "{\"Repositories\":[1,\"x\"]}"), -ENOENT);
	assert_int_equal(digest_of(store, "a", "[]"), -ENOENT);
	assert_null(store->info->image_digest);
}

static void dockers_store_is_the_one_of_its_driver(void **state)
{
	struct store *store = *state;

	place_text(&store->place, "containers/" ID "/config.v2.json",
		"{\"ID\":\"" ID "\",\"Driver\":\"overlay2\",\"Image\":\"sha256:" IMAGE
		"\",\"Config\":{\"Image\":\"web\"}}");
	place_text(&store->place, "containers/" ID "/hostconfig.json", "{\"Privileged\":true}");
	place_text(&store->place, "image/vfs/repositories.json",
		"{\"Repositories\":{\"web\":{\"web@" OTHER "\":\"sha256:" IMAGE "\"}}}");
	place_text(&store->place, "image/overlay2/repositories.json",
		"{\"Repositories\":{\"web\":{\"web@" DIGEST "\":\"sha256:" IMAGE "\"}}}");
	assert_int_equal(docker_describe(store->json, &store->directory, store->info), 0);
	assert_string_equal(store->info->image_digest, DIGEST);
	assert_int_equal(store->info->privileged, TRISTATE_YES);
	assert_non_null(strstr(store->info->source, "/image/overlay2/repositories.json"));
}

static void a_driver_that_leads_elsewhere_is_none(void **state)
{
	struct store *store = *state;

	store->info->image_id = strdup("sha256:" IMAGE);
	place_text(&store->place, "repositories.json",
		"{\"Repositories\":{\"web\":{\"web@" DIGEST "\":\"sha256:" IMAGE "\"}}}");
	assert_int_equal(
		docker_image_describe(store->json, &store->directory, "..", store->info), -ENOENT);
	assert_int_equal(
		docker_image_describe(store->json, &store->directory, "a/../..", store->info),
		-ENOENT);
}

#define CONFIG                                                                                     \
	"{\"id\":\"" ID "\",\"name\":\"db-name\",\"pod\":\"" POD "\",\"labels\":{\"team\":\"a\"}," \
	"\"CreateCommand\":[\"podman\",\"run\",\"bb\"],\"createdTime\":\"2026-03-04T05:06:07Z\"}"

static void put_podman(struct store *store)
{
	place_text(&store->place, BUNDLE "/config.json", "{\"root\":{\"path\":\"/x\"}}");
	place_text(&store->place, "overlay-containers/containers.json",
		"[{\"id\":\"" ID "\",\"names\":[\"web\"],\"image\":\"" IMAGE "\"}]");
	place_text(&store->place, "overlay-images/images.json",
		"[{\"id\":\"" POD "\",\"digest\":\"" OTHER "\"},{\"id\":\"" IMAGE
		"\",\"digest\":\"" DIGEST "\"}]");
}

static void put_sqlite(struct store *store, const char *name, const char *state)
{
	char *insert =
		sqlite3_mprintf("INSERT INTO ContainerState VALUES ('" ID "', 0, %Q)", state);
	sqlite3 *database;

	place_make_way(&store->place, name);
	assert_int_equal(sqlite3_open(place_name(&store->place, name), &database), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(database,
			"CREATE TABLE ContainerConfig (ID TEXT PRIMARY KEY, Name, PodID, JSON);"
			"CREATE TABLE ContainerState (ID TEXT PRIMARY KEY, State, JSON);"
			"CREATE TABLE PodConfig (ID TEXT PRIMARY KEY, Name, JSON);"
			"INSERT INTO PodConfig VALUES ('" POD "', 'shop', '{\"name\":\"shop\"}');"
			"INSERT INTO ContainerConfig VALUES ('" ID "', '', '', '" CONFIG "')",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(database, insert, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_free(insert);
	sqlite3_close(database);
}

static void assert_podman_told_all(struct store *store)
{
	const struct container_info *info = store->info;

	assert_int_equal(podman_describe(store->json, &store->directory, store->info), 0);
	assert_string_equal(info->name, "web");
	assert_string_equal(info->image_digest, DIGEST);
	assert_string_equal(info->labels, "{\"team\":\"a\"}");
	assert_int_equal(info->created_by_len, 14);
	assert_memory_equal(info->created_by, "podman\0run\0bb", 14);
	assert_true(info->created_msec == INT64_C(1772600767000));
	assert_string_equal(info->pod_uid, POD);
}

static void podman_5_tells_all_of_its_database(void **state)
{
	struct store *store = *state;

	put_podman(store);
	put_sqlite(store, "db.sql", "{}");
	assert_podman_told_all(store);
	assert_string_equal(store->info->pod_name, "shop");
	assert_non_null(strstr(store->info->source, "/db.sql"));
	assert_non_null(strstr(store->info->source, "/overlay-images/images.json"));
}

static void its_database_may_be_in_the_static_directory(void **state)
{
	struct store *store = *state;

	put_podman(store);
	put_sqlite(store, "libpod/db.sql", "{}");
	assert_podman_told_all(store);
}

static void podman_4_tells_all_of_its_database(void **state)
{
	struct bolt_file *file = bolt_file_new();
	struct store *store = *state;

	put_podman(store);
	bolt_file_put(file, "ctr", POD, "config", "{\"id\":\"" POD "\"}");
	bolt_file_put(file, "ctr", ID, "config", CONFIG);
	bolt_file_finish(file, 3);
	place_put(&store->place, "libpod/bolt_state.db", file->bytes, file->len);
	bolt_file_free(file);
	assert_podman_told_all(store);
	assert_non_null(strstr(store->info->source, "/libpod/bolt_state.db"));
}

// clang-format off
static const struct {
	const char *state;
	enum tristate running;
	pid_t init_pid;
} states[] = {
	{ "{\"state\":3,\"pid\":4711}", TRISTATE_YES, 4711 },
	{ "{\"state\":5,\"pid\":4711}", TRISTATE_YES, 4711 },
	{ "{\"state\":6,\"exitCode\":1}", TRISTATE_NO, 0 },
	{ "{\"state\":1}", TRISTATE_NO, 0 },
	{ "{\"state\":6,\"pid\":4711}", TRISTATE_NO, 0 },
	{ "{\"state\":9}", TRISTATE_UNKNOWN, 0 },
	{ "{\"state\":-1}", TRISTATE_UNKNOWN, 0 },
	{ "{\"state\":3,\"pid\":-1}", TRISTATE_YES, 0 },
	{ "{}", TRISTATE_UNKNOWN, 0 },
};
// clang-format on

static void describe_anew(struct store *store)
{
	container_info_free(store->info);
	store->info = NULL;
	assert_int_equal(container_info_new(ID, "podman", &store->info), 0);
	assert_int_equal(podman_describe(store->json, &store->directory, store->info), 0);
}

static void podman_5_says_whether_a_container_runs(void **state)
{
	struct store *store = *state;

	put_podman(store);
	for (size_t i = 0; i < ELEMENTS(states); i++) {
		unlink(place_name(&store->place, "db.sql"));
		put_sqlite(store, "db.sql", states[i].state);
		describe_anew(store);
		assert_int_equal(store->info->running, states[i].running);
		assert_int_equal(store->info->init_pid, states[i].init_pid);
	}
}

static void podman_4_says_whether_a_container_runs(void **state)
{
	struct store *store = *state;

	put_podman(store);
	for (size_t i = 0; i < ELEMENTS(states); i++) {
		struct bolt_file *file = bolt_file_new();

		bolt_file_put_all(file, "ctr", ID,
			(const char *const[]){ "config", CONFIG, "state", states[i].state, NULL });
		bolt_file_finish(file, 3);
		place_put(&store->place, "libpod/bolt_state.db", file->bytes, file->len);
		bolt_file_free(file);
		describe_anew(store);
		assert_string_equal(store->info->labels, "{\"team\":\"a\"}");
		assert_int_equal(store->info->running, states[i].running);
		assert_int_equal(store->info->init_pid, states[i].init_pid);
	}
}

static void one_that_was_never_started_is_known_and_does_not_run(void **state)
{
	struct store *store = *state;

	put_podman(store);
	unlink(place_name(&store->place, BUNDLE "/config.json"));
	put_sqlite(store, "db.sql", "{\"state\":1}");
	describe_anew(store);
	assert_string_equal(store->info->name, "web");
	assert_int_equal(store->info->running, TRISTATE_NO);
	unlink(place_name(&store->place, "overlay-containers/containers.json"));
	container_info_free(store->info);
	assert_int_equal(container_info_new(ID, "podman", &store->info), 0);
	assert_int_equal(podman_describe(store->json, &store->directory, store->info), -ENOENT);
}

static void a_database_that_is_being_written_says_nothing(void **state)
{
	struct store *store = *state;

	put_podman(store);
	put_sqlite(store, "db.sql", "{}");
	place_text(&store->place, "db.sql-journal", "x");
	assert_int_equal(podman_describe(store->json, &store->directory, store->info), 0);
	assert_string_equal(store->info->name, "web");
	assert_null(store->info->labels);
	assert_null(store->info->created_by);
}

static void a_database_elsewhere_is_not_followed(void **state)
{
	struct store *store = *state;

	put_podman(store);
	put_sqlite(store, "elsewhere.sql", "{}");
	assert_int_equal(symlink("elsewhere.sql", place_name(&store->place, "db.sql")), 0);
	assert_int_equal(podman_describe(store->json, &store->directory, store->info), 0);
	assert_null(store->info->labels);
}

static void a_broken_database_is_as_good_as_none(void **state)
{
	struct store *store = *state;

	put_podman(store);
	place_text(&store->place, "db.sql", "SQLite format 3");
	place_text(&store->place, "libpod/bolt_state.db", "");
	assert_int_equal(podman_describe(store->json, &store->directory, store->info), 0);
	assert_string_equal(store->info->image_digest, DIGEST);
	assert_null(store->info->labels);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(dockers_digest_is_that_of_the_containers_repository),
		STORE_TEST(an_image_with_one_digest_is_told_by_any_name),
		STORE_TEST(an_image_without_digest_or_with_two_has_none),
		STORE_TEST(dockers_store_is_the_one_of_its_driver),
		STORE_TEST(a_driver_that_leads_elsewhere_is_none),
		STORE_TEST(podman_5_tells_all_of_its_database),
		STORE_TEST(its_database_may_be_in_the_static_directory),
		STORE_TEST(podman_4_tells_all_of_its_database),
		STORE_TEST(podman_5_says_whether_a_container_runs),
		STORE_TEST(podman_4_says_whether_a_container_runs),
		STORE_TEST(one_that_was_never_started_is_known_and_does_not_run),
		STORE_TEST(a_database_that_is_being_written_says_nothing),
		STORE_TEST(a_database_elsewhere_is_not_followed),
		STORE_TEST(a_broken_database_is_as_good_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
