/*
 * upload - the bytes of a file on their way to the disk: written as they come,
 * hashed, looked at, and, of pictures, rid of what cameras wrote beside them.
 * Whatever happens before it is kept, nothing of it stays.
 */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "file_place.h"

enum upload_status {
	UPLOAD_OK,
	UPLOAD_EMPTY,
	UPLOAD_DAMAGED, /* begins as a picture, and cannot be cleaned */
	UPLOAD_TOO_LARGE,
	UPLOAD_NO_SPACE, /* the disk, or its quota, is full */
	UPLOAD_FAILED,	 /* errno says why */
};

struct upload_facts {
	char hash[FILE_HASH_SIZE];
	int64_t size;	       /* bytes, as kept */
	char mime[128];	       /* as its bytes show it */
	int32_t width, height; /* pixels, as shown; 0: no picture */
};

struct upload;

/* NULL: *status says why. It takes max bytes. */
struct upload *upload_new(const char *dir, size_t max,
			  enum upload_status *status);
/* Frees; what is not kept by then is gone. */
void upload_free(struct upload *upload);

enum upload_status upload_write(struct upload *upload, const void *bytes,
				size_t len);

/* It has all come: what it is, and is going to be kept as. */
enum upload_status upload_look(struct upload *upload,
			       struct upload_facts *facts);

/* Behind upload_look(), whose hash that is: on the disk under its name. The
 * store may name it until upload_free(); after that a sweep may take what the
 * store does not know. */
enum upload_status upload_keep(struct upload *upload,
			       const char hash[FILE_HASH_SIZE]);

#endif
