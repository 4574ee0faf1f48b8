/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/schema.h"
#include "store/sql.h"

#define FILE_MODE 0640
#define READER_PATIENCE_MSEC 5000
#define WRITER_PATIENCE_MSEC 2000

/*
 * lock_fd holds the only write lock on PATH-lock as long as a writer's store exists; -1: a reader.
 * The lock is of the open file (OFD), so that two stores of one process exclude each other as well,
 * and so that a reader can ask for it without taking it.
 */
struct store {
	char *path; /* absolute; only the last component may be a symlink, and then it is refused */
	sqlite3 *db;
	int lock_fd;
};

int store_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_NOMEM ? -ENOMEM : -EIO;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return -EACCES;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOTADB:
		return -EMEDIUMTYPE;
	default:
		return -EIO;
	}
}

const char *store_error_text(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ -ENOENT, "no such database (daemon and ingest make it, if its directory is there)" },
		{ -EACCES, "no permission" },
		{ -EMEDIUMTYPE, "not an auditmon database" },
		{ -ESTALE, "written by an older auditmon: start the daemon, or ingest into it, "
			   "once to bring it up to date" },
		{ -EPROTO, "written by a newer auditmon, whose schema this one does not know" },
		{ -EBUSY, "another auditmon is writing to it" },
		{ -ENOSPC, "the disk is full" },
		{ -EIO, "cannot be read or written: damaged file or failing disk" },
		{ -EROFS, "the file system is read-only" },
		{ -ENOMEM, "out of memory" },
	};

	for (size_t i = 0; i < ELEMENTS(texts); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return strerror(-error);
}

/*
 * Links are followed up to the directory, never at the end: there whoever may write to it could
 * lead root elsewhere.
 */
static int resolve(const char *path, char **ret)
{
	_cleanup_(freep) char *copy = strdup(path), *directory = NULL;
	const char *last = strrchr(path, '/');
	char *slash;

	if (!copy)
		return -ENOMEM;
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	last = last ? last + 1 : path;
	if (*last == '\0')
		return -EMEDIUMTYPE;
	directory = realpath(slash ? copy : ".", NULL);
	if (!directory)
		return errno == ENOTDIR ? -ENOENT : -errno;
	return asprintf(ret, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, last) < 0
		       ? -ENOMEM
		       : 0;
}

static int open_beside(const struct store *store, const char *suffix, int flags)
{
	_cleanup_(freep) char *path = NULL;
	int fd;

	if (asprintf(&path, "%s%s", store->path, suffix) < 0)
		return -ENOMEM;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
	return fd < 0 ? -errno : fd;
}

/* The size of the file beside the database, or -1. */
static int64_t size_beside(const struct store *store, const char *suffix)
{
	_cleanup_(freep) char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s%s", store->path, suffix) < 0 || lstat(path, &st) < 0)
		return -1;
	return st.st_size;
}

static char *make_uri(const char *path, const char *parameters)
{
	char *uri = malloc(sizeof("file:?") + 3 * strlen(path) + strlen(parameters)), *end;

	if (!uri)
		return NULL;
	end = stpcpy(uri, "file:");
	for (; *path; path++)
		end += sprintf(end, strchr("%?#", *path) ? "%%%02x" : "%c", *path);
	sprintf(end, "?%s", parameters);
	return uri;
}

/* Nothing is read yet, nor is a journal rolled back. */
static int connect_to(struct store *store, int flags, const char *parameters)
{
	_cleanup_(freep) char *uri = make_uri(store->path, parameters);
	int code;

	if (!uri)
		return -ENOMEM;
	code = sqlite3_open_v2(uri, &store->db,
		flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (code != SQLITE_OK)
		return store->db ? sql_errno(store->db, code) : -ENOMEM;
	sqlite3_extended_result_codes(store->db, 1);
	/* Someone else may have made the file: its schema may call nothing that has effects. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return sql_register(store->db);
}

/*
 * Whose file is it? The application id stands in the header from the first transaction on. Read
 * through SQLite's own descriptor: to close another one would drop the POSIX locks that this
 * process has on the file.
 */
static int check_header(struct store *store, bool *ret_empty)
{
	unsigned char header[100];
	sqlite3_file *file = NULL;
	sqlite3_int64 size;
	int code;

	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!file || !file->pMethods || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return -EIO;
	*ret_empty = size == 0;
	if (size == 0)
		return 0;
	if (size < (sqlite3_int64)sizeof(header))
		return -EMEDIUMTYPE;
	code = file->pMethods->xRead(file, header, sizeof(header), 0);
	if (code != SQLITE_OK)
		return store_errno(code);
	if (memcmp(header, "SQLite format 3", 16) != 0 ||
		((uint32_t)header[68] << 24 | header[69] << 16 | header[70] << 8 | header[71]) !=
			STORE_APPLICATION_ID)
		return -EMEDIUMTYPE;
	return 0;
}

/* 0, or -ESTALE: an older schema, that can be brought up to date. */
static int check_version(struct store *store)
{
	int64_t version;
	int r = sql_integer(store->db, "PRAGMA user_version", &version);

	if (r < 0)
		return r;
	if (version > STORE_SCHEMA_VERSION)
		return -EPROTO;
	if (version < 1)
		return -EMEDIUMTYPE;
	return version == STORE_SCHEMA_VERSION ? 0 : -ESTALE;
}

/* 0 with *ret_exists, or why what is there cannot be a database. */
static int look(const struct store *store, bool *ret_exists)
{
	struct stat st;

	*ret_exists = lstat(store->path, &st) == 0;
	if (!*ret_exists)
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) ? 0 : -EMEDIUMTYPE;
}

/*
 * A WAL database is read through its -wal and -shm, which the writer leaves behind. Where they are
 * missing (a copy, or the SQLite shell was the last to close) SQLite would create them; with
 * nothing in the WAL the file alone is the database, and "immutable" says to read just that.
 */
static int open_reader(struct store *store)
{
	int64_t wal_size = size_beside(store, "-wal"), shm_size = size_beside(store, "-shm");
	bool immutable = wal_size < 0 || (wal_size == 0 && shm_size < 0);
	bool exists, empty;
	int r = look(store, &exists);

	if (r < 0)
		return r;
	if (!exists)
		return -ENOENT;
	r = connect_to(store, SQLITE_OPEN_READONLY, immutable ? "immutable=1" : "");
	if (r < 0)
		return r;
	sqlite3_busy_timeout(store->db, READER_PATIENCE_MSEC);
	r = check_header(store, &empty);
	if (r < 0)
		return r;
	return empty ? -EMEDIUMTYPE : check_version(store);
}

static int lock(struct store *store)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open_beside(store, "-lock", O_RDWR | O_CREAT);

	if (fd < 0)
		return fd;
	store->lock_fd = fd;
	(void)!fchmod(fd, FILE_MODE); /* whatever the umask is; another user's stays as it is */
	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static int connect_writable(struct store *store, unsigned patience_msec)
{
	int keep = 1, r = connect_to(store, SQLITE_OPEN_READWRITE, "");

	if (r < 0)
		return r;
	/*
	 * Without -wal and -shm, who may not write to the directory could not read after a clean
	 * stop.
	 */
	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	sqlite3_busy_timeout(store->db, (int)patience_msec);
	if (sqlite3_db_readonly(store->db, "main"))
		return access(store->path, W_OK) < 0 && errno == EROFS ? -EROFS : -EACCES;
	return 0;
}

static int connect_writer(struct store *store, bool *ret_empty)
{
	int r = connect_writable(store, WRITER_PATIENCE_MSEC);

	r = r < 0 ? r : check_header(store, ret_empty);
	r = r < 0 || *ret_empty ? r : check_version(store);
	return r == -ESTALE ? 0 : r;
}

/*
 * synchronous=NORMAL: after a power failure the last transactions may be missing, never the
 * consistency. A checkpoint at 32 MiB writes a page that many touches changed once. The cache is
 * small, as the daemon's memory is; a batch that touches a thousand paths fits.
 */
static int configure(struct store *store)
{
	static const char wanted[] = "wal";
	_cleanup_(sqlite3_finalizep) sqlite3_stmt *statement = NULL;
	const char *mode;
	int r = sql_prepare(store->db, "PRAGMA journal_mode = WAL", &statement);

	if (r < 0)
		return r;
	r = sql_step(statement);
	if (r < 0)
		return r;
	mode = (const char *)sqlite3_column_text(statement, 0);
	if (!mode || strcmp(mode, wanted) != 0)
		return -EIO;
	return sql_execute(store->db, "PRAGMA synchronous = NORMAL;"
				      "PRAGMA wal_autocheckpoint = 8192;"
				      "PRAGMA journal_size_limit = 67108864;"
				      "PRAGMA cache_size = -8192;"
				      "PRAGMA temp_store = MEMORY");
}

/*
 * In the journal mode of a new file, so that all of it is in the file itself before there is a WAL.
 */
static int fill(struct store *store, bool empty)
{
	int r = 0;

	if (empty)
		r = schema_create(store->db);
	r = r < 0 ? r : configure(store);
	r = r < 0 ? r : sql_execute(store->db, "BEGIN IMMEDIATE");
	r = r < 0 ? r : schema_upgrade(store->db);
	r = r < 0 ? r : schema_add_names(store->db);
	return r < 0 ? r : sql_execute(store->db, "COMMIT");
}

/* Whoever has statements of the connection frees them first. */
static void disconnect(struct store *store)
{
	int code = sqlite3_close(store->db);

	assert(code == SQLITE_OK);
	(void)code;
	store->db = NULL;
}

static int create(struct store *store)
{
	static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };
	int fd = open_beside(store, "", O_RDWR | O_CREAT | O_EXCL), r;
	bool empty;

	if (fd < 0)
		return fd == -EEXIST ? -EBUSY : fd;
	/* Whatever the umask is; SQLite gives -wal and -shm the same. */
	r = fchmod(fd, FILE_MODE) < 0 ? -errno : 0;
	close(fd); /* before SQLite has locks on the file, which a close drops */
	r = r < 0 ? r : connect_writer(store, &empty);
	r = r < 0 ? r : fill(store, true);
	if (r == 0)
		return 0;
	disconnect(store);
	for (size_t i = 0; i < ELEMENTS(suffixes); i++) {
		_cleanup_(freep) char *path = NULL;

		if (asprintf(&path, "%s%s", store->path, suffixes[i]) >= 0)
			unlink(path);
	}
	return r;
}

static int open_writer(struct store *store)
{
	bool exists, empty = false;
	int r = look(store, &exists);

	if (r < 0)
		return r;
	/* What is not ours gets no lock file beside it. */
	if (exists)
		r = connect_writer(store, &empty);
	r = r < 0 ? r : lock(store);
	if (r < 0)
		return r;
	return exists ? fill(store, empty) : create(store);
}

/*
 * What the WAL holds is the daemon's to move to the file, which may take it long: this connection
 * does it neither after a save nor when it is closed.
 */
static int open_cursor(struct store *store)
{
	bool exists, empty;
	int r = look(store, &exists);

	if (r < 0)
		return r;
	if (!exists)
		return -ENOENT;
	r = connect_writable(store, READER_PATIENCE_MSEC);
	r = r < 0 ? r : check_header(store, &empty);
	if (r < 0)
		return r;
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	r = empty ? -EMEDIUMTYPE : check_version(store);
	return r < 0 ? r
		     : sql_execute(store->db, "PRAGMA synchronous = NORMAL;"
					      "PRAGMA wal_autocheckpoint = 0");
}

int store_open(const char *path, enum store_mode mode, struct store **ret)
{
	_cleanup_(store_closep) struct store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return -ENOMEM;
	store->lock_fd = -1;
	r = resolve(path, &store->path);
	if (r < 0)
		return r;
	switch (mode) {
	case STORE_READ:
		r = open_reader(store);
		break;
	case STORE_WRITE:
		r = open_writer(store);
		break;
	case STORE_CURSOR:
		r = open_cursor(store);
		break;
	}
	if (r < 0)
		return r;
	*ret = TAKE(store);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	disconnect(store);
	closep(&store->lock_fd);
	free(store->path);
	free(store);
}

const char *store_path(const struct store *store)
{
	return store->path;
}

int store_has_writer(const struct store *store)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_(closep) int fd = open_beside(store, "-lock", O_RDONLY);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fcntl(fd, F_OFD_GETLK, &whole) < 0)
		return -errno;
	return whole.l_type != F_UNLCK;
}

struct sqlite3 *store_connection(struct store *store)
{
	return store->db;
}
