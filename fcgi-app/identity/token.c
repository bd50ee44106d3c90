#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <jwt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypt.h"
#include "mem.h"

#define KID_MAX 32
#define KEY_FILE_MAX 4096
#define KNOWN_SLOTS 256 /* by the first byte of a digest */

struct token_key {
	char kid[KID_MAX + 1];
	uint8_t secret[TOKEN_KEY_SIZE];
};

/* A token that the keys have verified; user is "" where there is none. */
struct token_known {
	uint8_t digest[CRYPT_SHA256_SIZE];
	struct token_claims claims;
	int64_t not_before; /* ms */
};

struct token_keys {
	struct token_key keys[TOKEN_KEYS_MAX];
	size_t count;
	struct token_known known[KNOWN_SLOTS];
};

/* ---- the key file ---- */

static char *bad_line(int line, const char *what)
{
	return xasprintf("line %d: %s", line, what);
}

/* "kid base64key" */
static char *parse_line(struct token_keys *keys, const char *text, int line)
{
	static const char kid_chars[] = "abcdefghijklmnopqrstuvwxyz"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789_-";
	struct token_key *key = &keys->keys[keys->count];
	size_t kid_len = strspn(text, kid_chars);
	const char *secret = text + kid_len;

	if (keys->count == TOKEN_KEYS_MAX)
		return bad_line(line, "too many keys");
	if (kid_len == 0 || kid_len > KID_MAX || *secret != ' ')
		return bad_line(line, "expected a key id, a space and a key");
	memcpy(key->kid, text, kid_len);
	key->kid[kid_len] = '\0';
	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->keys[i].kid, key->kid) == 0)
			return bad_line(line, "this key id is there already");
	}
	if (crypt_unbase64(secret + strspn(secret, " "), key->secret,
			   sizeof(key->secret)) != TOKEN_KEY_SIZE)
		return bad_line(line,
				"the key must be 32 bytes in padded base64");
	keys->count++;
	return NULL;
}

struct token_keys *token_keys_parse(const char *text, char **error)
{
	struct token_keys *keys = xcalloc(1, sizeof(*keys));
	size_t size = strlen(text) + 1;
	char *copy = xstrdup(text);
	char *next = copy;

	*error = NULL;
	for (int line = 1; *error == NULL && next != NULL; line++) {
		char *at = strsep(&next, "\n");
		size_t len = strlen(at);

		while (len > 0 && strchr(" \t\r", at[len - 1]) != NULL)
			at[--len] = '\0';
		if (len > 0 && at[0] != '#')
			*error = parse_line(keys, at, line);
	}
	if (*error == NULL && keys->count == 0)
		*error = xstrdup("there is no key in it");
	crypt_wipe(copy, size);
	free(copy);
	if (*error != NULL) {
		token_keys_free(keys);
		return NULL;
	}
	return keys;
}

void token_keys_free(struct token_keys *keys)
{
	if (keys == NULL)
		return;
	crypt_wipe(keys, sizeof(*keys));
	free(keys);
}

/* NULL, or what is wrong with it. */
static char *read_file(int fd, char *text, size_t size)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return xstrdup(strerror(errno));
	if ((st.st_mode & 077) != 0)
		return xstrdup("others may read it: chmod 600 it");

	ssize_t len = read(fd, text, size - 1);

	if (len < 0)
		return xstrdup(strerror(errno));
	text[len] = '\0';
	if ((size_t)len == size - 1)
		return xstrdup("it is too long");
	return NULL;
}

struct token_keys *token_keys_load(const char *path, char **error)
{
	char text[KEY_FILE_MAX];
	struct token_keys *keys = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *problem = read_file(fd, text, sizeof(text));

	if (problem == NULL)
		keys = token_keys_parse(text, &problem);
	crypt_wipe(text, sizeof(text));
	if (fd >= 0)
		close(fd);
	*error = problem != NULL ? xasprintf("key file %s: %s", path, problem)
				 : NULL;
	free(problem);
	return keys;
}

/* One line with a fresh key, named after the moment; the caller wipes and frees
 * it. */
static char *fresh_line(void)
{
	uint8_t secret[TOKEN_KEY_SIZE], more[4];
	char moment[KID_MAX + 1];
	time_t now = time(NULL);
	struct tm tm;

	crypt_random(secret, sizeof(secret));
	crypt_random(more, sizeof(more));
	gmtime_r(&now, &tm);
	strftime(moment, sizeof(moment), "k%Y%m%dT%H%M%SZ", &tm);

	char *key = crypt_base64(secret, sizeof(secret));
	char *text = xasprintf("%s-%02x%02x%02x%02x %s\n", moment, more[0],
			       more[1], more[2], more[3], key);

	crypt_wipe(secret, sizeof(secret));
	crypt_wipe(key, strlen(key));
	free(key);
	return text;
}

/* Takes text. */
static bool write_text(int fd, char *text)
{
	size_t len = strlen(text);
	bool done = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;

	crypt_wipe(text, len);
	free(text);
	return done;
}

char *token_keys_ensure(const char *path)
{
	char *error = NULL;

	if (access(path, F_OK) == 0)
		return NULL;
	/* Written beside it and linked: two that start at once agree on one
	 * key, and nobody reads half of it. */
	char *temp = xasprintf("%s.%d", path, (int)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || !write_text(fd, fresh_line()) ||
	    (link(temp, path) != 0 && errno != EEXIST))
		error = xasprintf("key file %s: cannot be made: %s", path,
				  strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(temp);
	}
	free(temp);
	return error;
}

/* ---- another key ---- */

/* Where the last line of a key begins. */
static char *find_last(char *text)
{
	char *last = text;

	for (char *at = text; *at != '\0'; at += strcspn(at, "\n")) {
		at += strspn(at, " \t\r\n");
		if (*at != '#' && *at != '\0')
			last = at;
	}
	return last;
}

/* As it is to be, the caller wipes and frees it. */
typedef char *change_keys(char *text, size_t count);

static char *with_one_more(char *text, size_t count)
{
	char *line = fresh_line();

	if (count == TOKEN_KEYS_MAX)
		*find_last(text) = '\0';
	size_t len = strlen(text);
	bool ended = len == 0 || text[len - 1] == '\n';
	char *out = xasprintf("%s%s%s", text, ended ? "" : "\n", line);

	crypt_wipe(line, strlen(line));
	free(line);
	return out;
}

static char *with_last_first(char *text, size_t count)
{
	char *last = find_last(text);
	int len = (int)strcspn(last, "\n");
	char *rest = last[len] != '\0' ? last + len + 1 : last + len;

	(void)count;
	return xasprintf("%.*s\n%.*s%s", len, last, (int)(last - text), text,
			 rest);
}

/* Root may write it for whoever reads it. */
static bool keep_owner(const char *path, int fd)
{
	struct stat old;

	return geteuid() != 0 || (stat(path, &old) == 0 &&
				  fchown(fd, old.st_uid, old.st_gid) == 0);
}

/* Written beside it and renamed. NULL, or what is wrong. Takes text. */
static char *replace_file(const char *path, char *text)
{
	char *temp = xasprintf("%s.%d", path, (int)getpid()), *error = NULL;
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (!write_text(fd, text) || !keep_owner(path, fd) ||
	    rename(temp, path) != 0) {
		error = xstrdup(strerror(errno));
		if (fd >= 0)
			unlink(temp);
	}
	if (fd >= 0)
		close(fd);
	free(temp);
	return error;
}

/* What it will be is proved first. The same. */
static char *change_text(const char *path, char *text, change_keys *change)
{
	char *error = NULL;
	struct token_keys *keys = token_keys_parse(text, &error);

	if (keys == NULL)
		return error;
	char *changed = change(text, keys->count);

	token_keys_free(keys);
	keys = token_keys_parse(changed, &error);
	if (keys != NULL && strlen(changed) >= KEY_FILE_MAX - 1)
		error = xstrdup("it is too long");
	token_keys_free(keys);
	if (error == NULL)
		return replace_file(path, changed);
	crypt_wipe(changed, strlen(changed));
	free(changed);
	return error;
}

static char *change_file(const char *path, change_keys *change)
{
	char text[KEY_FILE_MAX] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *problem = read_file(fd, text, sizeof(text)), *error = NULL;

	if (problem == NULL)
		problem = change_text(path, text, change);
	if (problem != NULL)
		error = xasprintf("key file %s: %s", path, problem);
	crypt_wipe(text, sizeof(text));
	if (fd >= 0)
		close(fd);
	free(problem);
	return error;
}

char *token_keys_add(const char *path)
{
	return change_file(path, with_one_more);
}

char *token_keys_sign_with_last(const char *path)
{
	return change_file(path, with_last_first);
}

/* ---- tokens ---- */

char *token_make(const struct token_keys *keys,
		 const struct token_claims *claims)
{
	const struct token_key *key = &keys->keys[0];
	jwt_t *jwt = NULL;

	if (jwt_new(&jwt) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256, key->secret, TOKEN_KEY_SIZE) != 0 ||
	    jwt_add_header(jwt, "kid", key->kid) != 0 ||
	    jwt_add_grant(jwt, "sub", claims->user) != 0 ||
	    jwt_add_grant(jwt, "sid", claims->session) != 0 ||
	    jwt_add_grant_int(jwt, "iat", claims->issued_at / 1000) != 0 ||
	    jwt_add_grant_int(jwt, "exp", claims->expires_at / 1000) != 0)
		abort(); /* out of memory */

	char *text = jwt_encode_str(jwt);
	char *token = xstrdup(text);

	free(text); /* libjwt uses malloc() */
	jwt_free(jwt);
	return token;
}

/* libjwt decodes an empty part into no memory and writes behind that. */
static bool has_empty_part(const char *token)
{
	return token[0] == '.' || strstr(token, "..") != NULL;
}

/* libjwt takes HS384 and HS512 under the same key, and with a NULL key takes
 * anything: what it says counts only when it says exactly what we write. */
static jwt_t *token_decode(const struct token_key *key, const char *token)
{
	jwt_t *jwt = NULL;

	if (has_empty_part(token) ||
	    jwt_decode(&jwt, token, key->secret, TOKEN_KEY_SIZE) != 0)
		return NULL;

	const char *kid = jwt_get_header(jwt, "kid");

	if (jwt_get_alg(jwt) == JWT_ALG_HS256 && kid != NULL &&
	    strcmp(kid, key->kid) == 0)
		return jwt;
	jwt_free(jwt);
	return NULL;
}

static bool token_take_id(jwt_t *jwt, const char *claim, char out[ID_SIZE])
{
	const char *id = jwt_get_grant(jwt, claim);

	if (id == NULL || !id_valid(id))
		return false;
	memcpy(out, id, ID_SIZE);
	return true;
}

/* Seconds; bounded, so that milliseconds fit. */
static bool take_time(jwt_t *jwt, const char *claim, int64_t *out_ms)
{
	static const int64_t year_9999 = INT64_C(253402300799);
	long seconds = jwt_get_grant_int(jwt, claim);

	if (seconds <= 0 || seconds > year_9999)
		return false;
	*out_ms = (int64_t)seconds * 1000;
	return true;
}

/* We write none, but who holds the key may. */
static bool take_not_before(jwt_t *jwt, int64_t *out_ms)
{
	*out_ms = 0;
	errno = 0;
	jwt_get_grant_int(jwt, "nbf");
	return errno == ENOENT || take_time(jwt, "nbf", out_ms);
}

static bool take_claims(jwt_t *jwt, struct token_known *out)
{
	struct token_claims *claims = &out->claims;

	*claims = (struct token_claims){0};
	return token_take_id(jwt, "sub", claims->user) &&
	       token_take_id(jwt, "sid", claims->session) &&
	       take_time(jwt, "iat", &claims->issued_at) &&
	       take_time(jwt, "exp", &claims->expires_at) &&
	       take_not_before(jwt, &out->not_before);
}

/* False: not one of ours. */
static bool token_verify(const struct token_keys *keys, const char *token,
			 struct token_known *out)
{
	jwt_t *jwt = NULL;

	for (size_t i = 0; jwt == NULL && i < keys->count; i++)
		jwt = token_decode(&keys->keys[i], token);
	if (jwt == NULL)
		return false;

	bool ours = take_claims(jwt, out);

	jwt_free(jwt);
	return ours;
}

/* Verifying costs several times as much as a digest, and a client sends the
 * same token for days. */
enum token_status token_check(struct token_keys *keys, const char *token,
			      int64_t now_ms, struct token_claims *out)
{
	size_t len = strnlen(token, TOKEN_TEXT_MAX);
	uint8_t digest[CRYPT_SHA256_SIZE];

	*out = (struct token_claims){0};
	if (len == TOKEN_TEXT_MAX)
		return TOKEN_INVALID;
	crypt_sha256(token, len, digest);

	struct token_known *known = &keys->known[digest[0]];

	if (known->claims.user[0] == '\0' ||
	    memcmp(known->digest, digest, sizeof(digest)) != 0) {
		struct token_known fresh;

		if (!token_verify(keys, token, &fresh))
			return TOKEN_INVALID;
		memcpy(fresh.digest, digest, sizeof(digest));
		*known = fresh;
	}
	if (now_ms < known->not_before)
		return TOKEN_INVALID;
	*out = known->claims;
	return now_ms < out->expires_at ? TOKEN_OK : TOKEN_EXPIRED;
}
