#include "password.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "password_memory.h"
#include "text.h"

static void begin(void)
{
	log_debug("a password was hashed");
	password_memory_begin();
}

static void forget(char *composed)
{
	crypt_wipe(composed, strlen(composed));
	free(composed);
}

void password_hash(const char *password, char out[CRYPT_PASSWORD_HASH_SIZE])
{
	char *composed = text_compose(password);

	begin();
	crypt_password_hash(composed, out);
	password_memory_end();
	forget(composed);
}

bool password_is_foreign(const char *hash)
{
	return hash != NULL && strncmp(hash, "$2", 2) == 0;
}

static bool verify_foreign(const char *hash, const char *password)
{
	const char *again = crypt(password, hash);

	log_debug("a password was hashed");
	return again != NULL && strcmp(again, hash) == 0;
}

bool password_verify(const char *hash, const char *password)
{
	if (password_is_foreign(hash))
		return verify_foreign(hash, password);

	char *composed = text_compose(password);

	begin();

	bool same = crypt_password_verify(hash, composed);

	password_memory_end();
	forget(composed);
	return same;
}

void password_rest(void)
{
	password_memory_release();
}
