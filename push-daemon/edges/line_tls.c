#include "line_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"

#define RECORD_MAX 16384
#define TURN_MAX SSL3_RT_MAX_PACKET_SIZE /* bytes: a record, encrypted */

struct line_tls {
	SSL_CTX *context; /* NULL: nothing was read yet */
};

struct line_tls_stream {
	SSL *ssl;
	BIO *out; /* what the kernel has not taken; ssl's */
	int fd;
	int turn; /* bytes that may still be read in this one */
	bool broken;
	bool over; /* the other side's bytes are; it need not have said so */
};

/* ---- the certificate ---- */

struct line_tls *line_tls_new(void)
{
	return xcalloc(1, sizeof(struct line_tls));
}

void line_tls_free(struct line_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

/* A key with a password is none that a daemon could use. */
static int no_password(char *out, int size, int writes, void *user)
{
	(void)out;
	(void)size;
	(void)writes;
	(void)user;
	return -1;
}

static bool read_chain(SSL_CTX *context, BIO *in)
{
	X509 *certificate = PEM_read_bio_X509_AUX(in, NULL, no_password, NULL);
	bool good = certificate != NULL &&
		    SSL_CTX_use_certificate(context, certificate) == 1;
	X509 *next;

	X509_free(certificate);
	while (good && (next = PEM_read_bio_X509(in, NULL, no_password,
						 NULL)) != NULL) {
		good = SSL_CTX_add0_chain_cert(context, next) == 1;
		if (!good)
			X509_free(next);
	}
	return good;
}

static bool read_key(SSL_CTX *context, BIO *in)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);
	bool good = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1 &&
		    SSL_CTX_check_private_key(context) == 1;

	EVP_PKEY_free(key);
	return good;
}

/* No session is resumed: no key of tickets, which would have to be changed. */
static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		abort(); /* out of memory */
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_COMPRESSION |
					     SSL_OP_NO_TICKET |
					     SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY); /* one key a turn */
	return context;
}

static char *take_files(struct line_tls *tls, const int fds[2],
			char *const names[2])
{
	static bool (*const readers[2])(SSL_CTX *context,
					BIO *file) = {read_chain, read_key};
	static const char *const what[2] = {"no certificate in PEM",
					    "not its key in PEM"};
	SSL_CTX *context = context_new();

	for (int i = 0; i < 2; i++) {
		BIO *in = BIO_new_fd(fds[i], BIO_NOCLOSE);
		bool good = in != NULL && readers[i](context, in);

		BIO_free(in);
		if (good)
			continue;
		SSL_CTX_free(context);
		return xasprintf("line_tls: %s: %s", names[i], what[i]);
	}
	SSL_CTX_free(tls->context);
	tls->context = context;
	return NULL;
}

/* names of "CERTIFICATE KEY"; false: that is not what it says. */
static bool split(const char *paths, char *names[2])
{
	size_t len;

	for (int i = 0; i < 2; i++) {
		paths += strspn(paths, " \t");
		len = strcspn(paths, " \t");
		names[i] = xstrndup(paths, len);
		paths += len;
	}
	return names[1][0] != '\0' && paths[strspn(paths, " \t")] == '\0';
}

/* Where one is -1 it is opened. NULL, or why not. */
static char *open_files(char *const names[2], int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] < 0)
			fds[i] = open(names[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return xasprintf("line_tls: %s: %s", names[i],
					 strerror(errno));
	}
	return NULL;
}

char *line_tls_read_open(struct line_tls *tls, const char *paths,
			 const int given[2])
{
	int fds[2] = {given[0], given[1]};
	char *names[2], *error;

	if (split(paths, names))
		error = open_files(names, fds);
	else
		error = xstrdup("line_tls: CERTIFICATE KEY are two files");
	if (error == NULL)
		error = take_files(tls, fds, names);
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		free(names[i]);
	}
	ERR_clear_error();
	return error;
}

char *line_tls_read(struct line_tls *tls, const char *paths)
{
	static const int none[2] = {-1, -1};

	return line_tls_read_open(tls, paths, none);
}

/* ---- a connection ---- */

static int no_more(BIO *in)
{
	BIO_set_retry_read(in);
	return -1;
}

/* Of what comes OpenSSL reads on while it is for itself, and answers: no more
 * than a record's worth in a turn, or one would hold the loop. An end without a
 * word is kept from it, since it would write nothing afterwards. */
static long on_input(BIO *in, int what, const char *bytes, size_t size,
		     int number, long value, int result, size_t *len)
{
	struct line_tls_stream *stream = (void *)BIO_get_callback_arg(in);

	(void)bytes;
	(void)size;
	(void)number;
	(void)value;
	if (what == (BIO_CB_READ | BIO_CB_RETURN)) {
		stream->turn -= result > 0 ? (int)*len : 0;
		stream->over = result == 0 && !BIO_should_retry(in);
		return stream->over ? no_more(in) : result;
	}
	return what == BIO_CB_READ && stream->turn <= 0 ? no_more(in) : result;
}

struct line_tls_stream *line_tls_accept(struct line_tls *tls, int fd)
{
	struct line_tls_stream *stream;
	BIO *in;

	if (tls->context == NULL)
		return NULL;
	stream = xcalloc(1, sizeof(*stream));
	stream->fd = fd;
	stream->ssl = SSL_new(tls->context);
	stream->out = BIO_new(BIO_s_mem());
	in = BIO_new_socket(fd, BIO_NOCLOSE);
	if (stream->ssl == NULL || stream->out == NULL || in == NULL)
		abort(); /* out of memory */
	BIO_set_callback_ex(in, on_input);
	BIO_set_callback_arg(in, (char *)stream);
	SSL_set_bio(stream->ssl, in, stream->out);
	SSL_set_accept_state(stream->ssl);
	return stream;
}

void line_tls_stream_free(struct line_tls_stream *stream)
{
	if (stream == NULL)
		return;
	SSL_free(stream->ssl);
	free(stream);
}

size_t line_tls_waiting(const struct line_tls_stream *stream)
{
	return stream->broken ? 0 : BIO_ctrl_pending(stream->out);
}

bool line_tls_flush(struct line_tls_stream *stream)
{
	static char taken[RECORD_MAX];
	char *bytes;
	long len;

	while (!stream->broken &&
	       (len = BIO_get_mem_data(stream->out, &bytes)) > 0) {
		size_t most = len < RECORD_MAX ? (size_t)len : RECORD_MAX;
		ssize_t sent = send(stream->fd, bytes, most,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		stream->broken = sent <= 0;
		if (sent > 0)
			BIO_read(stream->out, taken, (int)sent);
	}
	return !stream->broken;
}

static enum line_tls_step step_of(struct line_tls_stream *stream, int result)
{
	int error = SSL_get_error(stream->ssl, result);

	ERR_clear_error();
	if (result > 0)
		return LINE_TLS_DONE;
	return error == SSL_ERROR_WANT_READ && !stream->over ? LINE_TLS_MORE
							     : LINE_TLS_FAILED;
}

enum line_tls_step line_tls_shake(struct line_tls_stream *stream)
{
	enum line_tls_step step;

	stream->turn = TURN_MAX;
	ERR_clear_error();
	step = step_of(stream, SSL_do_handshake(stream->ssl));
	return line_tls_flush(stream) ? step : LINE_TLS_FAILED;
}

static bool has_said_end(const struct line_tls_stream *stream)
{
	return (SSL_get_shutdown(stream->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

ssize_t line_tls_recv(struct line_tls_stream *stream, void *out, size_t size)
{
	int most = size < INT_MAX ? (int)size : INT_MAX, len;
	enum line_tls_step step;

	stream->turn = TURN_MAX;
	ERR_clear_error();
	len = SSL_read(stream->ssl, out, most);
	step = step_of(stream, len);
	/* It may have said something, too: an alert, another key. */
	line_tls_flush(stream);
	switch (step) {
	case LINE_TLS_DONE:
		return len;
	case LINE_TLS_MORE:
		errno = EAGAIN;
		return -1;
	case LINE_TLS_FAILED:
		break;
	}
	if (has_said_end(stream) || stream->over)
		return 0;
	errno = ECONNRESET;
	return -1;
}

bool line_tls_is_cut(const struct line_tls_stream *stream)
{
	return !has_said_end(stream);
}

void line_tls_mute(struct line_tls_stream *stream)
{
	stream->broken = true;
}

ssize_t line_tls_send(struct line_tls_stream *stream, const void *bytes,
		      size_t len)
{
	int most = len < RECORD_MAX ? (int)len : RECORD_MAX;
	int taken;

	ERR_clear_error();
	taken = SSL_write(stream->ssl, bytes, most);
	if (step_of(stream, taken) == LINE_TLS_DONE && line_tls_flush(stream))
		return taken;
	errno = ECONNRESET;
	return -1;
}

bool line_tls_end(struct line_tls_stream *stream)
{
	ERR_clear_error();
	if ((SSL_get_shutdown(stream->ssl) & SSL_SENT_SHUTDOWN) == 0)
		SSL_shutdown(stream->ssl);
	ERR_clear_error();
	line_tls_flush(stream);
	return line_tls_waiting(stream) == 0;
}
