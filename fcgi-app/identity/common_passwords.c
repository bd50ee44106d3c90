#include "common_passwords.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* Folded. */
static const char *const common[] = {
	"102030",     "112233",	    "11223344",	     "121212",	   "123123",
	"123123123",  "123321",	    "12341234",	     "123454321",  "123456",
	"1234567",    "12345678",   "123456789",     "1234567890", "1234567891",
	"123456a",    "123456aa",   "123456abc",     "123456q",	   "1234qwer",
	"123654",     "123abc",	    "123qwe",	     "131313",	   "147258369",
	"159753",     "1q2w3e",	    "1q2w3e4r",	     "1q2w3e4r5t", "1qaz2wsx",
	"654321",     "696969",	    "87654321",	     "987654321",  "a123456",
	"a1b2c3",     "aa123456",   "abc123",	     "abc12345",   "abcd1234",
	"abcdef",     "admin123",   "administrator", "asdasd",	   "asdfasdf",
	"asdfgh",     "asdfghjkl",  "azerty",	     "azertyuiop", "baseball",
	"changeme",   "computer",   "dragon",	     "football",   "freedom",
	"google",     "hello123",   "iloveyou",	     "internet",   "letmein",
	"master",     "michael",    "monkey",	     "passw0rd",   "password",
	"password1",  "password12", "password123",   "pokemon",	   "princess",
	"q1w2e3r4",   "qazwsxedc",  "qwer1234",	     "qwerty",	   "qwerty123",
	"qwertyuiop", "shadow",	    "starwars",	     "sunshine",   "superman",
	"trustno1",   "welcome1",   "whatever",	     "zaq12wsx",   "zxcvbnm",
};

/* Over and over, however often. */
static bool is_one_character(const char *text)
{
	size_t len = strlen(text), first = 1;

	while (first < len && ((unsigned char)text[first] & 0xC0) == 0x80)
		first++;
	for (size_t at = first; at < len; at += first) {
		if (strncmp(text + at, text, first) != 0)
			return false;
	}
	return len > 0;
}

bool common_passwords_has(const char *password)
{
	char *folded = text_fold(password);
	bool found = is_one_character(password);

	for (size_t i = 0; !found && i < COUNT_OF(common); i++)
		found = strcmp(folded, common[i]) == 0;
	free(folded);
	return found;
}
