#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "line_tls.h"
#include "mem.h"

#define RECORD 16384
#define OVERHEAD 1024 /* of a record, at most */
#define KEYS 200

/* Both ends of a connection: ours, and one that does what nobody should. */
struct ends {
	struct line_tls *tls;
	struct line_tls_stream *ours;
	SSL_CTX *context;
	SSL *theirs;
	int fds[2];
};

static X509 *certificate_of(EVP_PKEY *key)
{
	X509 *certificate = X509_new();

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

/* In files that nobody else ever sees. */
static void read_certificate(struct line_tls *tls)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = certificate_of(key);
	FILE *files[2] = {tmpfile(), tmpfile()};
	int fds[2];

	PEM_write_X509(files[0], certificate);
	PEM_write_PrivateKey(files[1], key, NULL, NULL, 0, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		fflush(files[i]);
		fds[i] = dup(fileno(files[i]));
		lseek(fds[i], 0, SEEK_SET);
		fclose(files[i]);
	}
	assert_null(line_tls_read_open(tls, "certificate key", fds));
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void shake(struct ends *ends)
{
	enum line_tls_step step = LINE_TLS_MORE;
	int theirs = 0;

	for (int i = 0; i < 10 && (step != LINE_TLS_DONE || theirs != 1); i++) {
		theirs = SSL_do_handshake(ends->theirs);
		if (step == LINE_TLS_MORE)
			step = line_tls_shake(ends->ours);
	}
	assert_int_equal(step, LINE_TLS_DONE);
	assert_int_equal(theirs, 1);
}

static int begin(void **state)
{
	struct ends *ends = xcalloc(1, sizeof(*ends));

	ends->tls = line_tls_new();
	read_certificate(ends->tls);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends->fds),
		0);
	ends->ours = line_tls_accept(ends->tls, ends->fds[0]);
	ends->context = SSL_CTX_new(TLS_client_method());
	ends->theirs = SSL_new(ends->context);
	SSL_set_fd(ends->theirs, ends->fds[1]);
	SSL_set_connect_state(ends->theirs);
	shake(ends);
	*state = ends;
	return 0;
}

static int end(void **state)
{
	struct ends *ends = *state;

	line_tls_stream_free(ends->ours);
	line_tls_free(ends->tls);
	SSL_free(ends->theirs);
	SSL_CTX_free(ends->context);
	close(ends->fds[0]);
	close(ends->fds[1]);
	free(ends);
	return 0;
}

static int unread(const struct ends *ends)
{
	int bytes = 0;

	assert_int_equal(ioctl(ends->fds[0], FIONREAD, &bytes), 0);
	return bytes;
}

/* How it comes out of it, with the text that it had. */
static ssize_t receive(const struct ends *ends, char *out, size_t size)
{
	ssize_t len = line_tls_recv(ends->ours, out, size);

	assert_true(len >= 0 || errno == EAGAIN);
	return len;
}

static void many_keys(struct ends *ends, int kind)
{
	for (int i = 0; i < KEYS; i++) {
		assert_int_equal(SSL_key_update(ends->theirs, kind), 1);
		assert_int_equal(SSL_do_handshake(ends->theirs), 1);
	}
	assert_int_equal(SSL_write(ends->theirs, "hello", 5), 5);
}

static void
who_changes_keys_on_and_on_has_one_turn_after_the_other(void **state)
{
	struct ends *ends = *state;
	char text[RECORD];
	int turns = 1, before;

	many_keys(ends, SSL_KEY_UPDATE_NOT_REQUESTED);
	before = unread(ends);
	assert_int_equal(receive(ends, text, sizeof(text)), -1);
	assert_true(unread(ends) > before / 2);
	for (; receive(ends, text, sizeof(text)) < 0; turns++)
		assert_true(turns <= KEYS);
	assert_memory_equal(text, "hello", 5);
}

static void what_asks_for_answers_waits_while_they_are_not_read(void **state)
{
	struct ends *ends = *state;
	static const char zeros[RECORD];
	char text[RECORD];

	many_keys(ends, SSL_KEY_UPDATE_REQUESTED);
	while (line_tls_waiting(ends->ours) == 0)
		line_tls_send(ends->ours, zeros, sizeof(zeros));
	assert_int_equal(receive(ends, text, sizeof(text)), -1);
	assert_true(line_tls_waiting(ends->ours) <= RECORD + OVERHEAD);
}

static void no_more_than_a_record_is_taken_at_once(void **state)
{
	struct ends *ends = *state;
	size_t len = (size_t)64 * RECORD;
	char *text = xcalloc(1, len);

	assert_int_equal(line_tls_send(ends->ours, text, len), RECORD);
	while (line_tls_waiting(ends->ours) == 0)
		assert_int_equal(line_tls_send(ends->ours, text, len), RECORD);
	assert_true(line_tls_waiting(ends->ours) <= RECORD + OVERHEAD);
	free(text);
}

static void an_end_without_a_word_is_an_end_and_told_apart(void **state)
{
	struct ends *ends = *state;
	char text[RECORD];

	assert_int_equal(SSL_write(ends->theirs, "hello", 5), 5);
	shutdown(ends->fds[1], SHUT_WR);
	assert_int_equal(receive(ends, text, sizeof(text)), 5);
	assert_int_equal(receive(ends, text, sizeof(text)), 0);
	assert_true(line_tls_is_cut(ends->ours));
	assert_int_equal(line_tls_send(ends->ours, "bye", 3), 3);
	assert_int_equal(SSL_read(ends->theirs, text, sizeof(text)), 3);
}

static void what_came_before_it_broke_is_read(void **state)
{
	struct ends *ends = *state;
	char text[RECORD];

	many_keys(ends, SSL_KEY_UPDATE_REQUESTED);
	shutdown(ends->fds[1], SHUT_RDWR);
	assert_int_equal(line_tls_send(ends->ours, "bye", 3), -1);
	line_tls_mute(ends->ours);
	assert_int_equal(line_tls_waiting(ends->ours), 0);
	for (int turns = 1; receive(ends, text, sizeof(text)) < 0; turns++)
		assert_true(turns <= 2 * KEYS);
	assert_memory_equal(text, "hello", 5);
	assert_int_equal(receive(ends, text, sizeof(text)), 0);
	assert_true(line_tls_is_cut(ends->ours));
}

static void an_end_that_is_said_is_not_cut(void **state)
{
	struct ends *ends = *state;
	char text[RECORD];

	SSL_shutdown(ends->theirs);
	shutdown(ends->fds[1], SHUT_WR);
	assert_int_equal(receive(ends, text, sizeof(text)), 0);
	assert_false(line_tls_is_cut(ends->ours));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_changes_keys_on_and_on_has_one_turn_after_the_other),
		TEST(what_asks_for_answers_waits_while_they_are_not_read),
		TEST(no_more_than_a_record_is_taken_at_once),
		TEST(an_end_without_a_word_is_an_end_and_told_apart),
		TEST(what_came_before_it_broke_is_read),
		TEST(an_end_that_is_said_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
