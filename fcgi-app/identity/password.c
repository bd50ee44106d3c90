#include "password.h"

#include "log.h"
#include "password_memory.h"

static void begin(void)
{
	log_debug("a password was hashed");
	password_memory_begin();
}

void password_hash(const char *password, char out[CRYPT_PASSWORD_HASH_SIZE])
{
	begin();
	crypt_password_hash(password, out);
	password_memory_end();
}

bool password_verify(const char *hash, const char *password)
{
	begin();

	bool same = crypt_password_verify(hash, password);

	password_memory_end();
	return same;
}

void password_rest(void)
{
	password_memory_release();
}
