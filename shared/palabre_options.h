/*
 * palabre_options - every setting of Palabre, in one table for both programs,
 * the nginx templates and palabrectl.
 */
#ifndef PALABRE_OPTIONS_H
#define PALABRE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "options.h"

enum sqlite_sync { SQLITE_SYNC_FULL, SQLITE_SYNC_NORMAL };
enum { REGISTRATION_OPEN, REGISTRATION_CLOSED };

struct palabre_options {
	/* where */
	char *dir, *store, *module_dir, *key_file, *html_dir;
	char *api_socket, *auth_socket, *rt_socket;
	char *push_socket, *notify_socket, *ctl_socket, *preview_socket;
	char *file_dir;
	bool preview;
	/* nginx */
	char *listen, *server_name, *nginx_workers, *nginx_user, *nginx_dir;
	char *log_dir, *tls_certificate, *tls_key;
	char *base_path, *real_ip_from;
	int64_t nginx_connections, address_requests, address_polls;
	int64_t auth_rate, auth_burst;
	int64_t register_rate, register_burst;
	/* palabre-api */
	int64_t api_workers, auth_workers, rt_workers;
	int sqlite_sync;    /* enum sqlite_sync */
	int64_t file_quota; /* bytes */
	int64_t group_max;
	int64_t token_days;
	bool guests;
	int64_t registration, password_min;
	char *contact;
	int64_t login_failures, login_lock_ms, login_lock_max_ms;
	char *allowed_origins, *metrics_from;
	/* palabre-pushd; times in milliseconds, sizes in bytes */
	int64_t ping_interval_ms, ping_timeout_ms;
	int64_t connect_timeout_ms, packet_timeout_ms;
	int64_t outbox_max, unfinished_max;
	int64_t max_connections, address_strangers, user_sockets;
	int64_t presence_grace_ms, presence_broadcast_max;
	int64_t typing_stop_ms, hole_ms;
	int64_t socket_rate, socket_burst;
	int64_t line_port, line_connections, address_lines;
	int64_t line_name_ms, line_probe_ms;
	char *line_address, *line_tls, *line_tls_address;
	int64_t line_tls_port, line_tls_rate;
	bool line_banner;
	int64_t write_rate, write_burst;
	bool heal;
	/* both */
	bool guest_direct, lobby;
	int log_level;	 /* enum log_level */
	int log_format;	 /* 0 text, 1 JSON lines */
	int64_t log_max; /* of ./run alone */
};

extern const struct option_spec palabre_option_table[];

/*
 * Read --config FILE (SYSCONFDIR/palabre/palabre.conf, if that is there), --set
 * key=value, --KEY VALUE, --help, --version,
 * --check-config and --sample-config from argv up to the first word that is
 * none of these; *rest becomes its index. The environment counts, too.
 *
 * Answers -1 to go on, else the exit status: what there is to say has been
 * printed, an error as one line on standard error. palabre_options_done()
 * frees what is in options, in either case.
 */
int palabre_options_read(struct palabre_options *options, const char *usage,
			 int argc, char **argv, int *rest);
void palabre_options_done(struct palabre_options *options);

/*
 * What another process was told, by its arguments (ending with NULL) and its
 * environment: settings that this program does not know are passed over. False
 * when its file cannot be read and nothing else says where its directory is.
 */
bool palabre_options_of(struct palabre_options *options, char **argv,
			char *const *environment);

/* For who listens and connects: NULL, or a line about a path that no socket
 * can have, which the caller frees. --check-config asks it, too. */
char *palabre_options_check_sockets(const struct palabre_options *options);

#endif
