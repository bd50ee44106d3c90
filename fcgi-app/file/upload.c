#include "upload.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file_type.h"
#include "hex.h"
#include "image.h"
#include "mem.h"

/* A file of DIR/tmp. */
struct upload_file {
	int fd;
	char path[FILE_PLACE_MAX];
	size_t len;
	int error; /* errno of the first write that failed */
};

struct upload {
	char *dir;
	size_t max;
	struct upload_file file;
	int lock; /* of the folder that it was put in, or -1 */
};

static enum upload_status upload_status_of(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG
		       ? UPLOAD_NO_SPACE
		       : UPLOAD_FAILED;
}

static bool upload_file_open(struct upload_file *file, const char *dir)
{
	file->len = 0;
	file->error = 0;
	file->fd = file_place_tmp(dir, file->path);
	if (file->fd >= 0)
		return true;
	file->error = errno;
	return false;
}

static void upload_file_end(struct upload_file *file)
{
	if (file->fd < 0)
		return;
	unlink(file->path);
	close(file->fd);
	file->fd = -1;
}

static void upload_file_add(const void *bytes, size_t len, void *context)
{
	struct upload_file *file = context;
	const char *at = bytes;

	while (len > 0 && file->error == 0) {
		ssize_t wrote = write(file->fd, at, len);

		if (wrote < 0 && errno != EINTR)
			file->error = errno;
		if (wrote > 0) {
			at += wrote;
			len -= (size_t)wrote;
			file->len += (size_t)wrote;
		}
	}
}

struct upload *upload_new(const char *dir, size_t max,
			  enum upload_status *status)
{
	struct upload *upload = xcalloc(1, sizeof(*upload));

	upload->dir = xstrdup(dir);
	upload->max = max;
	upload->lock = -1;
	if (upload_file_open(&upload->file, dir))
		return upload;
	errno = upload->file.error;
	*status = upload_status_of(errno);
	upload_free(upload);
	return NULL;
}

void upload_free(struct upload *upload)
{
	if (upload == NULL)
		return;
	upload_file_end(&upload->file);
	if (upload->lock >= 0)
		close(upload->lock);
	free(upload->dir);
	free(upload);
}

enum upload_status upload_write(struct upload *upload, const void *bytes,
				size_t len)
{
	if (len > upload->max - upload->file.len)
		return UPLOAD_TOO_LARGE;
	upload_file_add(bytes, len, &upload->file);
	errno = upload->file.error;
	return errno == 0 ? UPLOAD_OK : upload_status_of(errno);
}

/* The same picture in a file of its own, without its metadata. */
static bool upload_strip(struct upload *upload, const uint8_t *bytes)
{
	struct upload_file stripped;

	if (!upload_file_open(&stripped, upload->dir)) {
		upload->file.error = stripped.error;
		return false;
	}
	if (!image_strip(bytes, upload->file.len, upload_file_add, &stripped) ||
	    stripped.error != 0) {
		upload->file.error = stripped.error;
		upload_file_end(&stripped);
		return false;
	}
	upload_file_end(&upload->file);
	upload->file = stripped;
	return true;
}

static void upload_read_image(const struct image_info *image,
			      struct upload_facts *facts)
{
	facts->width = (int32_t)image->width;
	facts->height = (int32_t)image->height;
	snprintf(facts->mime, sizeof(facts->mime), "%s",
		 image_mime(image->type));
}

/* What browsers would try to draw, and what is not understood, is damaged: its
 * metadata cannot be taken out. */
static enum upload_status upload_read(const struct upload *upload,
				      const uint8_t *bytes,
				      struct upload_facts *facts)
{
	size_t len = upload->file.len;
	struct image_info image;

	*facts = (struct upload_facts){.size = (int64_t)len};
	if (image_read(bytes, len, &image)) {
		upload_read_image(&image, facts);
		return UPLOAD_OK;
	}
	file_type_of(bytes, len, facts->mime, sizeof(facts->mime));
	return image_type(bytes, len) != IMAGE_NONE ||
			       file_type_is_shown(facts->mime)
		       ? UPLOAD_DAMAGED
		       : UPLOAD_OK;
}

static void upload_hash(const uint8_t *bytes, size_t len,
			char out[FILE_HASH_SIZE])
{
	uint8_t hash[CRYPT_SHA256_SIZE];

	crypt_sha256(bytes, len, hash);
	hex_print(hash, sizeof(hash), out);
}

/* Looks at the file as at memory; the kernel keeps no more of it there than it
 * likes. */
static const uint8_t *upload_map(const struct upload *upload)
{
	void *bytes = mmap(NULL, upload->file.len, PROT_READ, MAP_SHARED,
			   upload->file.fd, 0);

	return bytes == MAP_FAILED ? NULL : bytes;
}

static void upload_unmap(const uint8_t *bytes, size_t len)
{
	if (bytes != NULL)
		munmap((void *)(uintptr_t)bytes, len);
}

/* *bytes become those of the picture without its metadata, or NULL. */
static enum upload_status upload_clean(struct upload *upload,
				       const uint8_t **bytes,
				       struct upload_facts *facts)
{
	size_t len = upload->file.len;
	bool stripped = upload_strip(upload, *bytes);

	upload_unmap(*bytes, len);
	errno = upload->file.error;
	*bytes = stripped ? upload_map(upload) : NULL;
	facts->size = (int64_t)upload->file.len;
	return *bytes != NULL ? UPLOAD_OK : upload_status_of(errno);
}

enum upload_status upload_look(struct upload *upload,
			       struct upload_facts *facts)
{
	if (upload->file.len == 0)
		return UPLOAD_EMPTY;

	const uint8_t *bytes = upload_map(upload);

	if (bytes == NULL)
		return upload_status_of(errno);

	enum upload_status status = upload_read(upload, bytes, facts);

	if (status == UPLOAD_OK && facts->width > 0)
		status = upload_clean(upload, &bytes, facts);
	if (status == UPLOAD_OK)
		upload_hash(bytes, upload->file.len, facts->hash);
	upload_unmap(bytes, upload->file.len);
	return status;
}

/* To DIR/ab/abcdef..., where the same bytes may be already. */
static bool upload_put(struct upload *upload, const char *hash)
{
	char path[FILE_PLACE_MAX];

	upload->lock = file_place_lock(upload->dir, hash, false);
	if (upload->lock < 0 || !file_place(upload->dir, hash, false, path) ||
	    fsync(upload->file.fd) != 0)
		return false;
	return (link(upload->file.path, path) == 0 || errno == EEXIST) &&
	       fsync(upload->lock) == 0;
}

enum upload_status upload_keep(struct upload *upload,
			       const char hash[FILE_HASH_SIZE])
{
	return upload_put(upload, hash) ? UPLOAD_OK : upload_status_of(errno);
}
