/* A program of somebody else's, with libsio-dev: says where it listens, and
 * takes everyone. */
#include <sio.h>

#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void fill(void *out, size_t len)
{
	if (getrandom(out, len, 0) < 0)
		return;
}

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	(void)handshake;
	(void)user;
	sio_accept(socket);
}

int main(void)
{
	static const struct sio_handlers handlers = {.connect = on_connect};
	const struct sio_config config = {.now_ms = now_ms, .random = fill};
	struct sio_server *server = sio_server_new(uv_default_loop(), &config);
	int port = 0;

	sio_namespace(server, "/", &handlers, NULL);
	char *error = sio_server_listen_tcp(server, "127.0.0.1", &port);

	if (error != NULL)
		fprintf(stderr, "%s\n", error);
	else
		printf("%d\n", port);
	fflush(stdout);
	return error == NULL ? uv_run(uv_default_loop(), UV_RUN_DEFAULT) : 1;
}
