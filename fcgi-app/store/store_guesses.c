#include "store_guesses.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* The place comes first and has no line feed, so that no login makes the key
 * of another place. */
struct store_guess_hash store_guess_hash(const struct store_guess_key *key)
{
	char *folded = text_fold(key->login);
	char *text = xasprintf("%s\n%s", key->place, folded);
	struct store_guess_hash hash;

	crypt_sha256(text, strlen(text), hash.bytes);
	free(text);
	free(folded);
	return hash;
}
