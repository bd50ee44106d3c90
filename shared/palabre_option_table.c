#include "palabre_options.h"

#include <stddef.h>

#include "palabre_limits.h"

#define AT(field) offsetof(struct palabre_options, field)
#define TEXT(name, preset, help)                                               \
	{#name, OPTION_TEXT, AT(name), preset, NULL, 0, 0, help}
#define NUMBER(name, preset, min, max, help)                                   \
	{#name, OPTION_NUMBER, AT(name), preset, NULL, min, max, help}
#define SWITCH(name, preset, help)                                             \
	{#name, OPTION_SWITCH, AT(name), preset, NULL, 0, 0, help}
#define CHOICE(name, preset, choices, help)                                    \
	{#name, OPTION_CHOICE, AT(name), preset, choices, 0, 0, help}

const struct option_spec palabre_option_table[] = {
	TEXT(dir, "/var/lib/palabre",
	     "directory of everything Palabre writes, {dir} below; in a file a "
	     "relative one starts where that file lies"),
	TEXT(store, "sqlite:{dir}/palabre.db",
	     "where messages live: sqlite:PATH or mongodb://HOSTS/DATABASE"),
	CHOICE(sqlite_sync, "full", "full|normal",
	       "full survives power loss; normal is faster"),
	TEXT(module_dir, "",
	     "directory of the modules of other stores; empty: ours"),
	TEXT(key_file, "{dir}/token.key",
	     "keys that sign tokens; made at first start, mode 0600"),
	TEXT(html_dir, "", "directory of the built pages; empty: ours"),
	TEXT(listen, "8080", "nginx listens on this port or address:port"),
	TEXT(server_name, "_", "nginx server_name"),
	TEXT(nginx_workers, "auto",
	     "nginx worker_processes; auto: one for each two processors of the "
	     "machine that renders it"),
	NUMBER(nginx_connections, "0", 0, 1000000,
	       "worker_connections of nginx: ours gets so many, and of another "
	       "one it has to be said. 0: two for each of max_connections and "
	       "1024 more"),
	TEXT(nginx_user, "palabre",
	     "nginx user directive, written only when root renders it"),
	TEXT(nginx_dir, "", "directory of the nginx templates; empty: ours"),
	TEXT(log_dir, "{dir}/log", "where nginx logs"),
	TEXT(tls_certificate, "",
	     "certificate and its chain, in PEM, where listen has ssl; empty: "
	     "nginx has one"),
	TEXT(tls_key, "", "the key of that certificate, in PEM"),
	TEXT(base_path, "/",
	     "path of the page, with API and sockets below it, where they are "
	     "not alone on their host: /chat/"),
	TEXT(real_ip_from, "",
	     "addresses or networks of proxies in front, space separated, "
	     "whose X-Forwarded-For is believed"),
	NUMBER(address_requests, "0", 0, 1000000,
	       "requests of an address at once, an IPv6 /64 being one, waiting "
	       "polls and upgraded sockets aside. 0: a sixteenth of "
	       "nginx_connections, 1000 at most"),
	NUMBER(address_polls, "0", 0, 1000000,
	       "polls of an address that wait at once. 0: a fifth of "
	       "nginx_connections"),
	NUMBER(auth_rate, "10", 1, 100000,
	       "sign-in requests per second and address"),
	NUMBER(auth_burst, "40", 1, 100000,
	       "sign-in requests an address may send at once"),
	NUMBER(register_rate, "60", 1, 100000,
	       "registrations per minute and address"),
	NUMBER(register_burst, "100", 1, 100000,
	       "registrations an address may send at once"),
	TEXT(metrics_from, "",
	     "addresses or networks, space separated, that may read "
	     "/api/metrics without an operator's token"),
	TEXT(api_socket, "{dir}/run/api.sock", "FastCGI socket of the API"),
	TEXT(auth_socket, "{dir}/run/auth.sock",
	     "FastCGI socket for password hashing"),
	TEXT(rt_socket, "{dir}/run/rt.sock",
	     "FastCGI socket for palabre-pushd alone"),
	TEXT(push_socket, "{dir}/run/push.sock",
	     "HTTP socket of palabre-pushd, for nginx"),
	TEXT(notify_socket, "{dir}/run/notify.sock",
	     "where workers tell palabre-pushd what happened"),
	TEXT(ctl_socket, "{dir}/run/ctl.sock", "where palabrectl asks"),
	TEXT(preview_socket, "{dir}/run/preview.sock",
	     "where workers have small copies of pictures made"),
	SWITCH(preview, "on",
	       "make small copies of pictures, where palabre-preview is "
	       "installed"),
	TEXT(file_dir, "{dir}/files",
	     "uploaded files, of this store alone; nginx reads them, so its "
	     "group has to"),
	NUMBER(api_workers, "4", 1, 64, "processes for the REST API"),
	NUMBER(auth_workers, "2", 1, 16, "processes for password hashing"),
	NUMBER(rt_workers, "2", 1, 16,
	       "processes for palabre-pushd; on SQLite one writes"),
	NUMBER(group_max, "1000", 2, 1000, "members a group may have"),
	NUMBER(file_quota, "524288000", 0, 1099511627776,
	       "bytes of files a user may have"),
	NUMBER(token_days, "7", 1, 365, "days until an unused token expires"),
	CHOICE(registration, "open", "open|closed",
	       "closed: accounts are made by palabrectl alone"),
	TEXT(contact, "",
	     "whom people ask who cannot sign in; anybody is shown it"),
	SWITCH(guests, "on", "people may come with a name and no account"),
	SWITCH(guest_direct, "off",
	       "guests and users may find and write to each other"),
	SWITCH(lobby, "off", "a conversation of everyone who is here"),
	NUMBER(password_min, "8", 1, 128,
	       "characters a new password has at least"),
	NUMBER(login_failures, "5", 1, 1000,
	       "wrong passwords until a name is locked"),
	NUMBER(login_lock_ms, "1000", 1, 86400000,
	       "milliseconds of the first lock; each further one is twice as "
	       "long"),
	NUMBER(login_lock_max_ms, "900000", 1, 86400000,
	       "milliseconds of the longest lock"),
	TEXT(allowed_origins, "",
	     "origins of foreign pages, space separated, maybe null or "
	     "file://; empty: our own host"),
	NUMBER(ping_interval_ms, "25000", 100, 600000,
	       "Engine.IO ping interval in milliseconds"),
	NUMBER(ping_timeout_ms, "20000", 100, 600000,
	       "Engine.IO ping time-out in milliseconds"),
	NUMBER(connect_timeout_ms, "10000", 100, 600000,
	       "milliseconds a socket may take to sign in"),
	NUMBER(packet_timeout_ms, "20000", 100, 600000,
	       "milliseconds from the first byte of what a socket sends to the "
	       "last"),
	NUMBER(unfinished_max, "67108864", 1048576, 4294967295,
	       "bytes of what sockets have sent in part, of all together"),
	NUMBER(outbox_max, "262144", LIMIT_OUTBOX, 67108864,
	       "bytes a slow socket may leave unread before it is closed"),
	NUMBER(max_connections, "16000", 16, 1000000,
	       "sockets that palabre-pushd accepts"),
	NUMBER(address_strangers, "0", 0, 1000000,
	       "sockets of one address that have not signed in, an IPv6 /64 "
	       "being one; past it the oldest is closed. 0: two fifths of "
	       "max_connections"),
	NUMBER(user_sockets, "100", 1, 1000000,
	       "sockets a user may have; one more is refused"),
	NUMBER(presence_grace_ms, "8000", 0, 600000,
	       "milliseconds after the last socket until a user is offline"),
	NUMBER(presence_broadcast_max, "200", 0, 100000,
	       "up to so many users online everyone hears of everyone"),
	NUMBER(typing_stop_ms, "3000", 100, 60000,
	       "milliseconds without typing until it is said to have stopped"),
	NUMBER(hole_ms, "200", 10, 60000,
	       "milliseconds a missing message may be late before it is asked "
	       "for"),
	NUMBER(socket_rate, "20", 1, 100000,
	       "events per second a socket may send"),
	NUMBER(socket_burst, "100", 1, 100000,
	       "events a socket may send at once"),
	NUMBER(line_port, "0", 0, 65535,
	       "port of the old line protocol (12345 was usual); 0: none"),
	TEXT(line_address, "127.0.0.1",
	     "address of that port; lines are plain text, so any other lets "
	     "the network on the way read them"),
	TEXT(line_tls, "",
	     "certificate with its chain, and its key, in PEM, a blank between "
	     "the two paths: lines over TLS on line_tls_port. Empty: none"),
	NUMBER(line_tls_port, "12346", 1, 65535,
	       "port of the old line protocol over TLS, where line_tls says "
	       "so"),
	TEXT(line_tls_address, "127.0.0.1", "address of that port"),
	NUMBER(line_tls_rate, "50", 1, 100000,
	       "TLS handshakes per second on that port"),
	SWITCH(line_banner, "on",
	       "line clients are told the server's name, status and avatar"),
	NUMBER(line_connections, "2000", 1, 100000,
	       "lines that palabre-pushd accepts; past it the oldest without a "
	       "name is closed"),
	NUMBER(address_lines, "0", 0, 100000,
	       "lines of one address, an IPv6 /64 being one. 0: half of "
	       "line_connections"),
	NUMBER(line_name_ms, "600000", 1000, 86400000,
	       "milliseconds a line may be silent before it gives a name"),
	NUMBER(line_probe_ms, "3000", 100, 60000,
	       "milliseconds without a word after which a line is sent an "
	       "empty one, so that one that was left is noticed"),
	NUMBER(write_rate, "20", 1, 100000,
	       "writes per second of a user, over REST and sockets together"),
	NUMBER(write_burst, "100", 1, 100000, "writes of a user at once"),
	SWITCH(heal, "on",
	       "ask the store for events that may have been missed"),
	CHOICE(log_level, "info", "error|warning|info|debug",
	       "how much is logged"),
	CHOICE(log_format, "text", "text|json", "one line of either per event"),
	NUMBER(log_max, "67108864", 0, 1000000000000,
	       "./run: bytes of a log until it is renamed to .1, and that to "
	       ".2, up to .4; 0: never"),
	{.key = NULL},
};
