#include "password.h"

#include "log.h"

static void count(void)
{
	log_debug("a password was hashed");
}

void password_hash(const char *password, char out[CRYPT_PASSWORD_HASH_SIZE])
{
	count();
	crypt_password_hash(password, out);
}

bool password_verify(const char *hash, const char *password)
{
	count();
	return crypt_password_verify(hash, password);
}
