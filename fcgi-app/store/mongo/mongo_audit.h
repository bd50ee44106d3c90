/*
 * mongo_audit - the audit, which is only ever added to.
 */
#ifndef MONGO_AUDIT_H
#define MONGO_AUDIT_H

#include "mongo_query.h"
#include "store_operators.h"

void mongo_audit_add(struct mongo_db *db, const char *by,
		     const struct store_deed *deed);
/* The same, which is there once whoever adds it: by that id. */
void mongo_audit_put(struct mongo_db *db, const char *id, const char *by,
		     const struct store_deed *deed);

#endif
