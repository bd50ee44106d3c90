#include "sqlite_texts.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define PIECE_SIZE 16384 /* bytes of one piece, or of a longer text */

struct sqlite_texts {
	struct sqlite_texts *next;
	size_t used, size;
	char text[];
};

static struct sqlite_texts *texts_for(struct sqlite_texts **all, size_t size)
{
	struct sqlite_texts *texts = *all;

	if (texts != NULL && texts->size - texts->used >= size)
		return texts;
	size = size > PIECE_SIZE ? size : PIECE_SIZE;
	texts = xmalloc(sizeof(*texts) + size);
	texts->next = *all;
	texts->used = 0;
	texts->size = size;
	*all = texts;
	return texts;
}

static char *texts_copy(struct sqlite_texts **all, const char *text)
{
	size_t size = strlen(text) + 1;
	struct sqlite_texts *texts = texts_for(all, size);

	texts->used += size;
	return memcpy(texts->text + texts->used - size, text, size);
}

void sqlite_texts_keep(struct sqlite_texts **texts, char **text)
{
	static char none[] = "";

	if (*text != NULL)
		*text = **text != '\0' ? texts_copy(texts, *text) : none;
}

void sqlite_texts_done(struct sqlite_texts **texts)
{
	while (*texts != NULL) {
		struct sqlite_texts *next = (*texts)->next;

		free(*texts);
		*texts = next;
	}
}
