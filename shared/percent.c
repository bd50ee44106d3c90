#include "percent.h"

#include <string.h>

#include "buf.h"

void percent_add(struct buf *out, const char *text, const char *plain)
{
	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			buf_add(out, text, 1);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

char *percent_query(const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz"
					 "0123456789-._~";
	struct buf out;

	buf_init(&out, 3 * strlen(text));
	percent_add(&out, text, unreserved);
	return buf_take(&out);
}
