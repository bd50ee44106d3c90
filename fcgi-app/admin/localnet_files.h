/*
 * localnet_files - what was sent through localnetmessage as a file: its bytes
 * are looked for below the folder of the old store, and become a file here.
 */
#ifndef LOCALNET_FILES_H
#define LOCALNET_FILES_H

#include "admin_import.h"
#include "store_localnet.h"
#include "upload.h"

struct localnet_files {
	struct admin_import *import;
	const char *folder; /* of the old store, as of realpath() */
};

/* The file of that line, which is the owner's; the upload is to be freed once
 * the store names it. NULL, or why its bytes cannot come: then, and when the
 * import cannot go on, there is no id. */
const char *localnet_file_take(const struct localnet_files *files,
			       const struct localnet_line *line,
			       const char *owner, struct upload **upload,
			       char id[ID_SIZE]);

#endif
