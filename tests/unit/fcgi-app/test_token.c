#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypt.h"
#include "mem.h"
#include "token.h"

/* Tokens made by another implementation (node:crypto): k1 is 32 bytes of 7,
 * k2 is 32 bytes of 8; iat 1700000000, exp ten minutes later. */
#define K1 "k1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"
#define K2 "k2 CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=\n"
#define HS256_K1 "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0"
#define HS256_K2 "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsyIn0"
#define HS256_NO_KID "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define HS384_K1 "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0"
#define HS512_K1 "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0"
#define NONE_K1 "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoiazEifQ"
#define SUB "eyJzdWIiOiIwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1NjciLCJ"
#define CLAIMS                                                                 \
	SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiOjE3MDAwMDAw"    \
	    "MDAsImV4cCI6MTcwMDAwMDYwMH0"
#define GOOD HS256_K1 "." CLAIMS ".jL5ygpAncEEzkAXKyW_vySxtNWC8Zltc8O9F4mpxIR8"
#define OTHER_KEY                                                              \
	HS256_K2 "." CLAIMS ".rnAxq1MGIkLFzhtWA3PCjjK-cxn9zge7Dc3WXIW3-Kw"

#define USER "0123456789abcdef01234567"
#define SESSION "89abcdef0123456701234567"
#define DURING INT64_C(1700000599999)
#define AFTER INT64_C(1700000600000)

static struct token_keys *keys_of(const char *text)
{
	char *error;
	struct token_keys *keys = token_keys_parse(text, &error);

	assert_null(error);
	assert_non_null(keys);
	return keys;
}

static enum token_status check(const char *text, const char *token, int64_t now)
{
	struct token_claims claims;
	struct token_keys *keys = keys_of(text);
	enum token_status status = token_check(keys, token, now, &claims);

	token_keys_free(keys);
	return status;
}

static void a_token_of_ours_names_user_and_session(void **state)
{
	(void)state;
	struct token_keys *keys = keys_of(K1);
	struct token_claims claims;

	assert_int_equal(token_check(keys, GOOD, DURING, &claims), TOKEN_OK);
	assert_string_equal(claims.user, USER);
	assert_string_equal(claims.session, SESSION);
	assert_true(claims.expires_at == AFTER);
	token_keys_free(keys);
}

static void what_we_make_we_take(void **state)
{
	(void)state;
	struct token_keys *keys = keys_of(K2 K1);
	struct token_claims claims = {.user = USER,
				      .session = SESSION,
				      .issued_at = 5000,
				      .expires_at = 9000};
	char *token = token_make(keys, &claims);

	assert_int_equal(token_check(keys, token, 8999, &claims), TOKEN_OK);
	/* The first key of the file signs. */
	assert_int_equal(check(K2, token, 8999), TOKEN_OK);
	assert_int_equal(check(K1, token, 8999), TOKEN_INVALID);
	free(token);
	token_keys_free(keys);
}

static void a_token_is_over_at_the_very_millisecond(void **state)
{
	(void)state;
	assert_int_equal(check(K1, GOOD, DURING), TOKEN_OK);
	assert_int_equal(check(K1, GOOD, AFTER), TOKEN_EXPIRED);
}

static void an_old_key_in_the_file_still_verifies(void **state)
{
	(void)state;
	assert_int_equal(check(K1 K2, OTHER_KEY, DURING), TOKEN_OK);
	assert_int_equal(check(K1, OTHER_KEY, DURING), TOKEN_INVALID);
}

static void every_other_token_is_invalid(void **state)
{
	(void)state;
	static const struct {
		const char *what, *token;
	} tokens[] = {
		{"signed by another key", HS256_K1
		 "." CLAIMS ".Ww6uKlud7qkOHp9izrBncSnk2cMPASKvHnB9sTc15NQ"},
		{"HS512 under our key", HS512_K1
		 "." CLAIMS ".090_MKS1ShH7fC5y1qmK00WWnK6QvLi_peKxijBMZCoug"
		 "VyhMrHv-RsR2393yEOPqsQ3bTKcg1ddy4RkYkGz2A"},
		{"HS384 under our key", HS384_K1
		 "." CLAIMS ".2Axzb_e5ecZkXF5CQVQzp8WsaPyigfUM-ZZw2alFn-yi9K"
		 "a-yXH0RZjpp-SsnZpA"},
		{"alg none, unsigned", NONE_K1 "." CLAIMS "."},
		{"alg none, signed", NONE_K1
		 "." CLAIMS ".WdcQ1zxINL5g9vAeeOS1Px52E1_I2MQUKfQ2faXS4g8"},
		{"without a key id", HS256_NO_KID
		 "." CLAIMS ".otfEz45bL-5Tx3scpWNHuYFn-z_yqxLkDke8ZVX8eh4"},
		{"the id of another key", HS256_K2
		 "." CLAIMS ".F-xvCI9f_beSIXARxwncok3s850HAwEY2H_WqvksTm0"},
		{"no exp", HS256_K1
		 "." SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiOjE3"
		 "MDAwMDAwMDB9.I7M6M77DZ_MbIYdIZhuoqttYfv4IxIrWK4o5BP9x6M8"},
		{"an exp that overflows milliseconds", HS256_K1
		 "." SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiOjE3"
		 "MDAwMDAwMDAsImV4cCI6OTIyMzM3MjAzNjg1NDc3NjAwMH0.IjV_"
		 "dEUdICPtJw6-NhDzfTKzXMZb5dVM784jscjhTXE"},
		{"an exp that is a text", HS256_K1
		 "." SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiOjE3"
		 "MDAwMDAwMDAsImV4cCI6IjE3MDAwMDA2MDAifQ."
		 "kjxUGXcuqovmQrH_ZIw-hIzRBEABwP9i_uIVS_-8jI0"},
		{"a sub that is no id", HS256_K1
		 ".eyJzdWIiOiIuLi8uLi94Iiwic2lkIjoiODlhYmNkZWYwMTIzNDU2"
		 "NzAxMjM0NTY3IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDA2M"
		 "DB9.9THVUIwGQrRDYouYeBW2DEwjtIqeyeHxEtG4x1qiemE"},
		{"no sid",
		 HS256_K1 "." SUB "pYXQiOjEsImV4cCI6MTcwMDAwMDYwMH0.OjgsMkdbor-"
			  "2QNVRxpzEJQykbO2JgobLqrkbYayjO7o"},
		{"empty", ""},
		{"dots", ".."},
		{"a word", "undefined"},
	};

	for (size_t i = 0; i < COUNT_OF(tokens); i++) {
		if (check(K1, tokens[i].token, DURING) != TOKEN_INVALID)
			fail_msg("%s", tokens[i].what);
	}
}

/* Who holds the key may write nbf, which we do not. */
static void a_token_is_of_no_use_before_it_says(void **state)
{
	(void)state;
	static const char from_100[] = HS256_K1
		"." SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiO"
		"jE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMCwibmJmIjoxNzA"
		"wMDAwMTAwfQ.tLCV43_tcTVCRaQaBftfu5SLf9Cgkya6GkrOatNqh-o";
	static const char from_a_text[] = HS256_K1
		"." SUB "zaWQiOiI4OWFiY2RlZjAxMjM0NTY3MDEyMzQ1NjciLCJpYXQiO"
		"jE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMCwibmJmIjoiMTc"
		"wMDAwMDEwMCJ9.mu6yFawIQGRqo4_TC6U63A_tB7fTUGQRHISbtoLE_OE";
	struct token_keys *keys = keys_of(K1);
	struct token_claims claims;

	for (int i = 0; i < 2; i++) { /* the second time it is known */
		assert_int_equal(token_check(keys, from_100,
					     INT64_C(1700000099999), &claims),
				 TOKEN_INVALID);
		assert_int_equal(token_check(keys, from_100,
					     INT64_C(1700000100000), &claims),
				 TOKEN_OK);
		assert_string_equal(claims.user, USER);
	}
	assert_int_equal(token_check(keys, from_100, AFTER, &claims),
			 TOKEN_EXPIRED);
	assert_int_equal(token_check(keys, from_a_text, DURING, &claims),
			 TOKEN_INVALID);
	token_keys_free(keys);
}

static void a_token_cut_anywhere_is_invalid(void **state)
{
	(void)state;
	struct token_keys *keys = keys_of(K1);
	struct token_claims claims;
	char token[] = GOOD;

	for (size_t len = strlen(token); len-- > 0;) {
		token[len] = '\0';
		assert_int_equal(token_check(keys, token, DURING, &claims),
				 TOKEN_INVALID);
	}
	token_keys_free(keys);
}

static void an_endless_token_is_not_even_decoded(void **state)
{
	(void)state;
	char *token = xmalloc(TOKEN_TEXT_MAX + 1);

	memset(token, 'a', TOKEN_TEXT_MAX);
	token[TOKEN_TEXT_MAX] = '\0';
	assert_int_equal(check(K1, token, DURING), TOKEN_INVALID);
	free(token);
}

static void a_bad_key_file_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} files[] = {
		{"", "there is no key"},
		{"# nothing\n", "there is no key"},
		{"k1\n", "line 1: expected a key id"},
		{"k1 c2hvcnQ=\n", "line 1: the key must be 32 bytes"},
		{"k1 BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n",
		 "line 1: the key must be 32 bytes"},
		{K1 "\n" K1, "line 3: this key id is there already"},
		{K1 "../x abc\n", "line 2: expected a key id"},
	};

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *error;

		assert_null(token_keys_parse(files[i].text, &error));
		assert_non_null(strstr(error, files[i].says));
		free(error);
	}
}

static void the_key_file_is_made_once_and_for_us_alone(void **state)
{
	(void)state;
	char directory[] = "/tmp/palabre-token.XXXXXX";
	struct token_claims claims = {
		.user = USER, .session = SESSION, .expires_at = AFTER};
	struct stat st;
	char *error;

	assert_non_null(mkdtemp(directory));
	char *path = xasprintf("%s/key", directory);

	assert_null(token_keys_ensure(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	struct token_keys *first = token_keys_load(path, &error);

	assert_null(error);
	claims.issued_at = 1000;
	char *token = token_make(first, &claims);

	assert_null(token_keys_ensure(path));
	struct token_keys *again = token_keys_load(path, &error);

	assert_int_equal(token_check(again, token, DURING, &claims), TOKEN_OK);
	chmod(path, 0640);
	assert_null(token_keys_load(path, &error));
	assert_non_null(strstr(error, "others may read it"));
	free(error);
	free(token);
	token_keys_free(first);
	token_keys_free(again);
	unlink(path);
	rmdir(directory);
	free(path);
}

/* Who else reads the file reads it then, too. */
static void another_key_leaves_the_file_to_its_owner(void **state)
{
	(void)state;
	char directory[] = "/tmp/palabre-token.XXXXXX";
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(directory));
	char *path = xasprintf("%s/key", directory);

	assert_null(token_keys_ensure(path));
	assert_int_equal(chown(path, 1234, 5678), 0);
	assert_null(token_keys_add(path));
	assert_null(token_keys_sign_with_last(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 5678);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(path);
	rmdir(directory);
	free(path);
}

static void a_token_that_was_checked_before_still_expires(void **state)
{
	(void)state;
	struct token_keys *keys = keys_of(K1);
	struct token_claims claims;

	assert_int_equal(token_check(keys, GOOD, DURING, &claims), TOKEN_OK);
	assert_int_equal(token_check(keys, GOOD, DURING, &claims), TOKEN_OK);
	assert_string_equal(claims.user, USER);
	assert_string_equal(claims.session, SESSION);
	assert_int_equal(token_check(keys, GOOD, AFTER, &claims),
			 TOKEN_EXPIRED);
	token_keys_free(keys);
}

/* Every other signature, and every other claim under the same one. */
static void no_token_is_taken_for_one_that_was_checked_before(void **state)
{
	(void)state;
	struct token_keys *keys = keys_of(K1);
	struct token_claims claims;
	char token[] = GOOD;

	assert_int_equal(token_check(keys, GOOD, DURING, &claims), TOKEN_OK);
	/* The last character's low bits are padding. */
	for (size_t i = 0; i + 2 < sizeof(token); i++) {
		token[i] ^= 1;
		assert_int_equal(token_check(keys, token, DURING, &claims),
				 TOKEN_INVALID);
		token[i] ^= 1;
	}
	assert_int_equal(token_check(keys, token, DURING, &claims), TOKEN_OK);
	token_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_of_ours_names_user_and_session),
		cmocka_unit_test(what_we_make_we_take),
		cmocka_unit_test(a_token_is_over_at_the_very_millisecond),
		cmocka_unit_test(an_old_key_in_the_file_still_verifies),
		cmocka_unit_test(every_other_token_is_invalid),
		cmocka_unit_test(a_token_is_of_no_use_before_it_says),
		cmocka_unit_test(a_token_cut_anywhere_is_invalid),
		cmocka_unit_test(an_endless_token_is_not_even_decoded),
		cmocka_unit_test(a_bad_key_file_is_refused_with_its_line),
		cmocka_unit_test(the_key_file_is_made_once_and_for_us_alone),
		cmocka_unit_test(another_key_leaves_the_file_to_its_owner),
		cmocka_unit_test(a_token_that_was_checked_before_still_expires),
		cmocka_unit_test(
			no_token_is_taken_for_one_that_was_checked_before),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
