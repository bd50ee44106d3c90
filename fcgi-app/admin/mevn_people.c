#include "mevn_people.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "palabre_limits.h"
#include "store.h"
#include "store_mevn.h"
#include "text.h"
#include "user_rules.h"

#define BCRYPT_LEN 60
#define SUFFIX_LEN 7 /* "_" and the end of an id */

/* ---- who there was ---- */

static bool add_person(const struct mevn_user *user, void *context)
{
	struct mevn_people *people = context;

	if (people->count == people->cap) {
		people->cap = people->cap > 0 ? 2 * people->cap : 256;
		people->all = xrealloc(people->all,
				       people->cap * sizeof(*people->all));
	}
	struct mevn_person *person = &people->all[people->count++];

	*person = (struct mevn_person){
		.username = xstrdup(user->username),
		.email = xstrdup(user->email),
		.password = xstrdup(user->password),
		.avatar = xstrdup(user->avatar),
		.created_at = user->created_at,
		.last_seen = user->last_seen,
		.repaired = user->repaired,
	};
	memcpy(person->id, user->id, ID_SIZE);
	return true;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct mevn_person *)a)->id,
		      ((const struct mevn_person *)b)->id);
}

bool mevn_people_read(struct admin_import *i, struct mevn *old,
		      struct mevn_people *people)
{
	if (!mevn_users(old, add_person, people))
		admin_import_fail(i, "the old store: %s", old->error);
	if (people->count > 0)
		qsort(people->all, people->count, sizeof(*people->all), by_id);
	return i->code == 0;
}

static const struct mevn_person *person_find(const struct mevn_people *people,
					     const char *id)
{
	struct mevn_person key;

	memcpy(key.id, id, ID_SIZE);
	return people->count > 0 ? bsearch(&key, people->all, people->count,
					   sizeof(key), by_id)
				 : NULL;
}

const char *mevn_people_name(const struct mevn_people *people, const char *id)
{
	const struct mevn_person *found = person_find(people, id);

	return found != NULL ? found->name : NULL;
}

bool mevn_people_erased(const struct mevn_people *people, const char *id)
{
	const struct mevn_person *found = person_find(people, id);

	return found != NULL && found->erased;
}

void mevn_people_done(struct mevn_people *people)
{
	for (size_t n = 0; n < people->count; n++) {
		struct mevn_person *person = &people->all[n];

		crypt_wipe(person->password, strlen(person->password));
		free(person->username);
		free(person->email);
		free(person->password);
		free(person->avatar);
		free(person->name);
	}
	free(people->all);
}

static void note(struct admin_import *i, const struct mevn_person *person,
		 const char *what, const char *why)
{
	admin_import_note(i, "user %s, %s: %s%s%s", person->id,
			  person->username, what, *why != '\0' ? ": " : "",
			  why);
}

/* ---- names ---- */

static const char *rule_of(const char *name)
{
	return user_rule_username(name, LIMIT_USERNAME_MIN);
}

static size_t letter_length(const char *at)
{
	size_t len = 1;

	while (((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* What stands for one letter of a name in one that is acceptable. */
static const char *letter_of(const char *letter)
{
	char *folded;
	bool at;

	if (text_has_space(letter))
		return "_";
	if (text_has_control(letter))
		return "";
	folded = text_fold(letter);
	at = strchr(folded, '@') != NULL;
	free(folded);
	return at ? "_" : letter;
}

/* At most so many letters of it. */
static char *letters_of(const char *name, size_t most)
{
	char *out = xmalloc(strlen(name) + 1), *end = out;
	char letter[8];

	for (size_t n = 0; *name != '\0' && n < most;) {
		size_t len = letter_length(name);
		const char *as;

		memcpy(letter, name, len);
		letter[len] = '\0';
		as = letter_of(letter);
		n += *as != '\0';
		end = stpcpy(end, as);
		name += len;
	}
	*end = '\0';
	return out;
}

/* The last is nobody else's. */
#define TRIES 3
static char *name_of_try(const struct mevn_person *person, int try)
{
	const char *suffix = person->id + ID_LEN - (SUFFIX_LEN - 1);
	char *letters, *name;

	if (try == 0)
		return rule_of(person->username) == NULL
			       ? xstrdup(person->username)
			       : letters_of(person->username, LIMIT_USERNAME);
	if (try > 1)
		return xasprintf("user_%s", person->id);
	letters = letters_of(person->username, LIMIT_USERNAME - SUFFIX_LEN);
	name = xasprintf("%s_%s", letters, suffix);
	free(letters);
	return name;
}

/* ---- one account ---- */

static bool is_bcrypt(const char *hash)
{
	static const char signs[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";

	return strlen(hash) == BCRYPT_LEN && strncmp(hash, "$2", 2) == 0 &&
	       strchr("aby", hash[2]) != NULL && hash[3] == '$' &&
	       isdigit((unsigned char)hash[4]) &&
	       isdigit((unsigned char)hash[5]) && hash[6] == '$' &&
	       strspn(hash + 7, signs) == BCRYPT_LEN - 7;
}

static char *display_name_of(const struct mevn_person *person,
			     const char *username)
{
	char *name;

	if (strcmp(person->username, username) == 0)
		return xstrdup("");
	name = text_trim(person->username);
	if (user_rule_display_name(name) == NULL)
		return name;
	free(name);
	return xstrdup("");
}

/* What pages could not show is none; NULL: it is one, or there is none. */
static const char *avatar_refusal(const struct mevn_person *person)
{
	const char *avatar = person->avatar;

	if (*avatar == '\0' || text_is_emoji(avatar))
		return NULL;
	if (strncmp(avatar, "https://", 8) != 0)
		return "it is neither an emoji nor https://...";
	return user_rule_avatar(avatar);
}

static int64_t past(const struct admin_import *i, int64_t at)
{
	return at > i->now_ms ? i->now_ms : at;
}

static void user_of(struct admin_import *i, const struct mevn_person *person,
		    struct store_user *out)
{
	bool has_email = user_rule_email(person->email) == NULL;
	bool has_avatar = avatar_refusal(person) == NULL;

	*out = (struct store_user){
		.username = name_of_try(person, 0),
		.email = has_email ? xstrdup(person->email) : NULL,
		.avatar = xstrdup(has_avatar ? person->avatar : ""),
		.status_text = xstrdup(""),
		.password_hash = is_bcrypt(person->password)
					 ? xstrdup(person->password)
					 : NULL,
		.role = ROLE_USER,
		.created_at =
			past(i, person->created_at > 0 ? person->created_at
						       : i->now_ms),
		.last_seen = past(i, person->last_seen),
	};
	memcpy(out->id, person->id, ID_SIZE);
	out->display_name = display_name_of(person, out->username);
}

/* What stands in the way of another one's goes. */
static void give_way(const struct mevn_person *person, struct store_user *user,
		     const char *field, int *try)
{
	if (strcmp(field, "email") == 0) {
		free(user->email);
		user->email = NULL;
	} else if (strcmp(field, "displayName") == 0) {
		user->display_name[0] = '\0';
	} else {
		free(user->username);
		free(user->display_name);
		user->username = name_of_try(person, ++*try);
		user->display_name = display_name_of(person, user->username);
	}
}

/* Are they there, with their id? As *user then. */
static bool is_there(struct admin_import *i, const struct mevn_person *person,
		     struct store_user *user)
{
	struct store_user there;
	enum store_status status =
		store_user_get(i->admin->store, person->id, &there);

	if (status != STORE_NOT_FOUND)
		admin_import_goes_on(i, status);
	if (status == STORE_OK) {
		store_user_done(user);
		*user = there;
	}
	return status == STORE_OK;
}

/* False: another import has brought them meanwhile, or there is a code. */
static bool add_user(struct admin_import *i, const struct mevn_person *person,
		     struct store_user *user)
{
	int try = 0;

	while (rule_of(user->username) != NULL)
		give_way(person, user, "username", &try);
	while (try < TRIES) {
		const char *field = "username";
		enum store_status status =
			store_user_add(i->admin->store, user, &field);

		if (status != STORE_TAKEN)
			return admin_import_goes_on(i, status);
		if (is_there(i, person, user) || i->code != 0)
			return false;
		give_way(person, user, field, &try);
	}
	admin_import_fail(i, "user %s, %s: another one has each name for them",
			  person->id, person->username);
	return false;
}

/* ---- what of it is not as it was ---- */

static void note_name(struct admin_import *i, const struct mevn_person *person,
		      const struct store_user *user, const char *otherwise)
{
	const char *why = rule_of(person->username);
	char *what;

	if (strcmp(person->username, user->username) == 0)
		return;
	what = xasprintf("is %s here", user->username);
	note(i, person, what, why != NULL ? why : otherwise);
	free(what);
}

static void note_email(struct admin_import *i, const struct mevn_person *person,
		       const struct store_user *user)
{
	const char *why = user_rule_email(person->email);
	char *what;

	if (user->email != NULL || person->email[0] == '\0')
		return;
	what = xasprintf("the address %s was left out, they sign in by name",
			 person->email);
	note(i, person, what, why != NULL ? why : "it is another one's");
	free(what);
}

static void note_all(struct admin_import *i, const struct mevn_person *person,
		     const struct store_user *user)
{
	const char *avatar = avatar_refusal(person);

	note_name(i, person, user, "that name is another one's");
	note_email(i, person, user);
	if (user->password_hash == NULL)
		note(i, person, "has no password that is one of bcrypt",
		     "give them one with palabrectl user password");
	if (avatar != NULL)
		note(i, person, "the picture was left out", avatar);
	if (person->repaired)
		note(i, person, "is not UTF-8: what cannot be read is marked",
		     "");
}

/* ---- all of them ---- */

static bool is_nobody(const char *id)
{
	static const char *const taken[] = {"", ID_SERVER, ID_CTL, ID_LOBBY};

	for (size_t n = 0; n < COUNT_OF(taken); n++) {
		if (strcmp(id, taken[n]) == 0)
			return true;
	}
	return false;
}

static void leave_out(struct admin_import *i, struct mevn_people *people,
		      const struct mevn_person *person, const char *why)
{
	note(i, person, why, "");
	people->left_out++;
}

static void import_person(struct admin_import *i, struct mevn_people *people,
			  struct mevn_person *person)
{
	struct store_user user = {0};
	bool is_new = false;

	if (!admin_import_into_batch(i, 1) ||
	    !admin_import_goes_on(i,
				  store_erase_has(i->admin->store, person->id,
						  &person->erased)))
		return;
	if (person->erased) {
		leave_out(i, people, person,
			  "their account was deleted here: was left out");
		return;
	}
	if (!is_there(i, person, &user) && i->code == 0) {
		user_of(i, person, &user);
		is_new = add_user(i, person, &user);
	}
	if (is_new)
		note_all(i, person, &user);
	else if (i->code == 0)
		note_name(i, person, &user, "they were there already");
	people->added += is_new;
	if (i->code == 0)
		person->name = xstrdup(store_user_name(&user));
	store_user_done(&user);
}

/* Whose names are as they should be come first, and keep them. */
void mevn_people_import(struct admin_import *i, struct mevn_people *people)
{
	for (int turn = 0; turn < 2; turn++) {
		for (size_t n = 0; n < people->count && i->code == 0; n++) {
			struct mevn_person *person = &people->all[n];
			bool good = rule_of(person->username) == NULL;

			if (good != (turn == 0))
				continue;
			if (is_nobody(person->id))
				leave_out(i, people, person,
					  "has no id of its own: was left out");
			else
				import_person(i, people, person);
		}
	}
	admin_import_commit(i);
}
