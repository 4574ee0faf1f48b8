/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "attribute/tree-search.h"
#include "base/host-mounts.h"
#include "base/path-walk.h"
#include "place.h"

/* Root may mount a file system that nobody answers for: /dev/fuse, without a process that reads it.
 */
static bool may_mount;

struct maze {
	struct place place;
	struct host_mounts *mounts;
	int fuse_fd; /* -1: none is mounted */
};

static void mount_hung(struct maze *maze, const char *name)
{
	char options[128];

	place_directory(&maze->place, name);
	maze->fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (!may_mount || maze->fuse_fd < 0)
		skip();
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		maze->fuse_fd);
	if (mount("nobody", place_name(&maze->place, name), "fuse", 0, options) < 0)
		skip();
}

static int maze_setup(void **state)
{
	struct maze *maze = calloc(1, sizeof(*maze));

	*state = maze;
	if (!maze)
		return -1;
	maze->fuse_fd = -1;
	return place_init(&maze->place) < 0 || host_mounts_new("/proc", &maze->mounts) < 0 ? -1 : 0;
}

static int maze_teardown(void **state)
{
	struct maze *maze = *state;

	/* Without its descriptor the connection is over: then it answers everybody with an error.
	 */
	if (maze->fuse_fd >= 0)
		close(maze->fuse_fd);
	umount2(place_name(&maze->place, "hung"), MNT_DETACH);
	umount2(place_name(&maze->place, "tree/hung"), MNT_DETACH);
	place_done(&maze->place);
	host_mounts_free(maze->mounts);
	free(maze);
	return 0;
}

static int walk_to(struct maze *maze, const char *path, bool follow, char *canonical)
{
	int fd = path_walk(host_mounts_now(maze->mounts), path, follow, canonical);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void assert_leads(struct maze *maze, const char *name, bool follow, const char *expected)
{
	char canonical[PATH_WALK_SIZE], real[PATH_MAX];

	assert_int_equal(walk_to(maze, place_name(&maze->place, name), follow, canonical), 0);
	assert_non_null(realpath(maze->place.path, real));
	assert_true(strncmp(canonical, real, strlen(real)) == 0);
	assert_string_equal(canonical + strlen(real), expected);
}

static void assert_leads_nowhere(struct maze *maze, const char *name, int error)
{
	char canonical[PATH_WALK_SIZE];

	assert_int_equal(walk_to(maze, place_name(&maze->place, name), true, canonical), error);
}

static void links_are_followed_and_left_out_of_the_name(void **state)
{
	struct maze *maze = *state;

	place_text(&maze->place, "a/b/file", "x");
	assert_int_equal(symlink("b", place_name(&maze->place, "a/link")), 0);
	assert_int_equal(
		symlink(place_name(&maze->place, "a"), place_name(&maze->place, "far")), 0);
	assert_int_equal(symlink("../a//./link/file", place_name(&maze->place, "a/last")), 0);
	assert_leads(maze, "a/b/file", true, "/a/b/file");
	assert_leads(maze, "far/link/file", true, "/a/b/file");
	assert_leads(maze, "far/link//.././b/file", true, "/a/b/file");
	assert_leads(maze, "a/last", true, "/a/b/file");
	assert_leads(maze, "a/last", false, "/a/last");
	assert_leads(maze, "a/link/", true, "/a/b");
	assert_leads(maze, "", true, "");
}

static void the_root_is_its_own_parent(void **state)
{
	char canonical[PATH_WALK_SIZE];

	assert_int_equal(walk_to(*state, "/../..", true, canonical), 0);
	assert_string_equal(canonical, "/");
	assert_int_equal(walk_to(*state, "/", true, canonical), 0);
	assert_string_equal(canonical, "/");
}

static void what_is_not_there_is_an_error(void **state)
{
	struct maze *maze = *state;
	char canonical[PATH_WALK_SIZE], longer[PATH_WALK_SIZE + 8];

	place_text(&maze->place, "file", "x");
	assert_int_equal(symlink("loop", place_name(&maze->place, "loop")), 0);
	assert_leads_nowhere(maze, "none", -ENOENT);
	assert_leads_nowhere(maze, "none/file", -ENOENT);
	assert_leads_nowhere(maze, "file/below", -ENOTDIR);
	assert_leads_nowhere(maze, "loop", -ELOOP);
	assert_leads_nowhere(maze, "loop/x", -ELOOP);
	assert_int_equal(walk_to(maze, "relative", true, canonical), -EINVAL);
	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(walk_to(maze, longer, true, canonical), -ENAMETOOLONG);
	longer[300] = '\0';
	assert_int_equal(walk_to(maze, longer, true, canonical), -ENAMETOOLONG);
}

static void links_of_proc_that_lead_elsewhere_are_not_followed(void **state)
{
	struct maze *maze = *state;
	char canonical[PATH_WALK_SIZE], link[64];

	snprintf(link, sizeof(link), "/proc/%d/root", getpid());
	assert_int_equal(symlink(link, place_name(&maze->place, "other")), 0);
	assert_int_equal(walk_to(maze, link, true, canonical), -EXDEV);
	assert_leads_nowhere(maze, "other", -EXDEV);
	assert_leads_nowhere(maze, "other/etc", -EXDEV);
	snprintf(link, sizeof(link), "/proc/%d/status", getpid());
	assert_int_equal(walk_to(maze, link, true, canonical), 0);
}

/* What opening it the usual way comes to, after a moment. */
static bool makes_wait(const char *path)
{
	pid_t child = fork();
	bool waits;

	if (child == 0) {
		open(path, O_PATH | O_CLOEXEC);
		_exit(0);
	}
	usleep(300 * 1000);
	waits = waitpid(child, NULL, WNOHANG) == 0;
	if (waits) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return waits;
}

static void nobody_waits_for_a_file_system_that_does_not_answer(void **state)
{
	struct maze *maze = *state;

	mount_hung(maze, "hung");
	assert_int_equal(symlink("hung/x", place_name(&maze->place, "link")), 0);
	assert_true(makes_wait(place_name(&maze->place, "hung/x")));
	alarm(20);
	assert_leads_nowhere(maze, "hung", -EXDEV);
	assert_leads_nowhere(maze, "hung/x", -EXDEV);
	assert_leads_nowhere(maze, "hung/../x", -EXDEV);
	assert_leads_nowhere(maze, "link", -EXDEV);
	alarm(0);
}

static bool take_none(const char *path, void *userdata)
{
	return false;
}

static void nor_does_the_search_in_a_tree(void **state)
{
	struct maze *maze = *state;
	_cleanup_(tree_search_freep) struct tree_search *search = NULL;

	place_text(&maze->place, "tree/file", "x");
	mount_hung(maze, "tree/hung");
	assert_int_equal(tree_search_new(&search), 0);
	alarm(20);
	assert_false(tree_search(search, host_mounts_now(maze->mounts),
		place_name(&maze->place, "tree"), 1, NULL, 1000, take_none, NULL));
	assert_false(tree_search(search, host_mounts_now(maze->mounts),
		place_name(&maze->place, "tree/hung"), 1, NULL, 1000, take_none, NULL));
	alarm(0);
}

#define MAZE_TEST(name) cmocka_unit_test_setup_teardown(name, maze_setup, maze_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAZE_TEST(links_are_followed_and_left_out_of_the_name),
		MAZE_TEST(the_root_is_its_own_parent),
		MAZE_TEST(what_is_not_there_is_an_error),
		MAZE_TEST(links_of_proc_that_lead_elsewhere_are_not_followed),
		MAZE_TEST(nobody_waits_for_a_file_system_that_does_not_answer),
		MAZE_TEST(nor_does_the_search_in_a_tree),
	};

	may_mount =
		unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
