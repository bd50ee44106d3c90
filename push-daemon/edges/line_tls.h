/*
 * line_tls - TLS of a line, on a descriptor that does not block. OpenSSL stays
 * behind it.
 *
 * What goes out is kept here, encrypted, until the kernel takes it: who writes
 * is never asked to write the same again, and reading waits for bytes alone.
 */
#ifndef LINE_TLS_H
#define LINE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct line_tls;	/* a certificate and its key */
struct line_tls_stream; /* one connection */

struct line_tls *line_tls_new(void);
void line_tls_free(struct line_tls *tls); /* NULL: no-op */

/* For connections from now on. paths: "CERTIFICATE KEY", both in PEM, the
 * certificate with its chain. NULL, or one line for the operator, which the
 * caller frees; then those before stay. */
char *line_tls_read(struct line_tls *tls, const char *paths);
/* The same from two descriptors, which it closes; paths are for that line. */
char *line_tls_read_open(struct line_tls *tls, const char *paths,
			 const int given[2]);

/* fd stays the caller's, and is closed after the stream is freed. NULL: there
 * is no certificate. */
struct line_tls_stream *line_tls_accept(struct line_tls *tls, int fd);
void line_tls_stream_free(struct line_tls_stream *stream); /* NULL: no-op */

enum line_tls_step {
	LINE_TLS_DONE,
	LINE_TLS_MORE, /* of the other side's bytes are needed */
	LINE_TLS_FAILED,
};
/* The handshake, as far as it gets. */
enum line_tls_step line_tls_shake(struct line_tls_stream *stream);

/* As recv(2) and send(2). What is sent is taken as far as a record reaches,
 * whatever waits already; what comes is read no further than that, either, and
 * may need an answer, which waits then. What came before it broke is read. */
ssize_t line_tls_recv(struct line_tls_stream *stream, void *out, size_t size);
ssize_t line_tls_send(struct line_tls_stream *stream, const void *bytes,
		      size_t len);
/* The other side has not said that it ended: what it said last may be half of
 * it. */
bool line_tls_is_cut(const struct line_tls_stream *stream);
/* Bytes that the kernel has not taken yet, after it was offered them. */
size_t line_tls_waiting(const struct line_tls_stream *stream);
/* Offers them again. False: the connection is broken. */
bool line_tls_flush(struct line_tls_stream *stream);
/* Nothing goes out any more, nor waits; what has come is still read. */
void line_tls_mute(struct line_tls_stream *stream);
/* Says that no more will come. True: that and all before has been taken. */
bool line_tls_end(struct line_tls_stream *stream);

#endif
