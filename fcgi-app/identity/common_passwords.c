#include "common_passwords.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/* Folded. */
static const char *const common[] = {
	"000000",     "00000000",   "102030",	     "111111",	   "11111111",
	"112233",     "11223344",   "121212",	     "123123",	   "123123123",
	"123321",     "12341234",   "123454321",     "123456",	   "1234567",
	"12345678",   "123456789",  "1234567890",    "1234567891", "123456a",
	"123456aa",   "123456abc",  "123456q",	     "1234qwer",   "123654",
	"123abc",     "123qwe",	    "131313",	     "147258369",  "159753",
	"1q2w3e",     "1q2w3e4r",   "1q2w3e4r5t",    "1qaz2wsx",   "222222",
	"555555",     "55555555",   "654321",	     "666666",	   "66666666",
	"696969",     "777777",	    "7777777",	     "87654321",   "888888",
	"88888888",   "987654321",  "99999999",	     "a123456",	   "a1b2c3",
	"aa123456",   "aaaaaa",	    "abc123",	     "abc12345",   "abcd1234",
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

bool common_passwords_has(const char *password)
{
	char *folded = text_fold(password);
	bool found = false;

	for (size_t i = 0; !found && i < COUNT_OF(common); i++)
		found = strcmp(folded, common[i]) == 0;
	free(folded);
	return found;
}
