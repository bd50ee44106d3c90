/*
 * nginx_locations - the locations that nginx needs beside /api/, made from the
 * table of routes: those of the sign-in pool, which hashes passwords and has
 * a rate per address, and those that take longer or have larger bodies than
 * everybody's.
 */
#ifndef NGINX_LOCATIONS_H
#define NGINX_LOCATIONS_H

struct buf;
struct palabre_options;
struct route;

/* routes ends with a method of NULL. */
void nginx_locations_write(const struct route *routes,
			   const struct palabre_options *options,
			   struct buf *out);

/* Which of its requests only read, though their method is not GET: rows of a
 * map of what ends with the method and the path. */
void nginx_locations_reads(const struct route *routes, struct buf *out);

/* Seconds until an address that registered too often may again. */
long long nginx_locations_register_wait(const struct palabre_options *options);

#endif
