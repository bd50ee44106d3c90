#!/bin/bash
# inside.sh STEP: what tests/packages/run.sh does in its chroot, in a network and
# among processes of its own. Says `ok WHAT` or `not ok WHAT` for each thing.
set -u
here=${BASH_SOURCE[0]%/*}
url=http://127.0.0.1:8080
mount -t proc proc /proc 2>/dev/null
ip link set lo up 2>/dev/null

ok() {
	local what=$1
	shift
	if "$@" >/tmp/step 2>&1; then
		printf 'ok %s\n' "$what"
	else
		printf 'not ok %s\n' "$what"
		tail -n 15 /tmp/step | sed 's/^/    /'
	fi
}

until_ok() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	"$@"
}

# post PATH JSON [TOKEN]
post() {
	curl -sS -f -H 'Content-Type: application/json' \
		${3:+-H "Authorization: Bearer $3"} -d "$2" "$url$1"
}

member() { # NAME: of the JSON object on standard input
	python3 -c "import json, sys; print(json.load(sys.stdin)$1)"
}

start() {
	for unit in palabre-pushd palabre-api; do
		python3 "$here/run-unit.py" "/lib/systemd/system/$unit.service" \
			>"/tmp/$unit.log" 2>&1 &
		pids+=($!)
	done
	until_ok test -S /run/palabre/web/api.sock
	nginx -g 'daemon off;' >/tmp/nginx.log 2>&1 &
	pids+=($!)
	ok 'it serves' until_ok curl -sS -f "$url/api/health"
	ok '... with live delivery' until_ok sh -c \
		"curl -sS $url/api/health | grep '\"push\":\"up\"'"
}

stop() {
	kill -TERM "${pids[@]}"
	wait "${pids[@]}"
	ok 'the programs end well' test $? = 0
	pids=()
}

confined() {
	local pid status

	for pid in $(pgrep -x 'palabre-(api|pushd|preview)'); do
		status=$(cat "/proc/$pid/status")
		printf '%s\n' "$status"
		grep -q "^Uid:.$(id -u palabre)" <<<"$status" &&
			grep -q '^CapBnd:.0*$' <<<"$status" &&
			grep -q '^NoNewPrivs:.1' <<<"$status" &&
			grep -q '^Seccomp:.2' <<<"$status" || return
	done
	[ "$(pgrep -cx 'palabre-(api|pushd)')" -ge 8 ]
}

chat() {
	local ann bob

	ann=$(post /api/auth/register '{"username":"ann","password":"correct horse"}') || return
	bob=$(post /api/auth/register '{"username":"bob","password":"correct horse"}') || return
	post /api/messages "{\"recipient_id\":\"$(member '["user"]["_id"]' <<<"$bob")\",
		\"content\":\"salut\"}" "$(member '["token"]' <<<"$ann")"
}

heard() {
	local bob

	bob=$(post /api/auth/login '{"username":"bob","password":"correct horse"}') || return
	curl -sS -f -H "Authorization: Bearer $(member '["token"]' <<<"$bob")" \
		"$url/api/conversations" | grep salut
}

picture() { # a decoder works in that little room
	local file=/tmp/picture.png bob

	bob=$(post /api/auth/login '{"username":"bob","password":"correct horse"}') || return
	python3 - >"$file" <<-'END'
		import struct, sys, zlib
		def chunk(kind, data):
		    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
		sys.stdout.buffer.write(b'\x89PNG\r\n\x1a\n'
		    + chunk(b'IHDR', struct.pack('>IIBBBBB', 800, 600, 8, 2, 0, 0, 0))
		    + chunk(b'IDAT', zlib.compress(bytes((800 * 3 + 1) * 600))) + chunk(b'IEND', b''))
	END
	curl -sS -f -H "Authorization: Bearer $(member '["token"]' <<<"$bob")" \
		--data-binary "@$file" "$url/api/files" | grep '"preview":true'
}

boundary() { # nginx's workers reach what is theirs and nothing else
	local socket

	for socket in rt notify ctl preview; do
		! setpriv --reuid www-data --regid www-data --clear-groups -- \
			python3 -c "import socket
socket.socket(socket.AF_UNIX).connect('/run/palabre/$socket.sock')" || return
	done
}

installed() {
	systemd-tmpfiles --create palabre.conf
	ln -sf ../sites-available/palabre /etc/nginx/sites-enabled/palabre
	rm -f /etc/nginx/sites-enabled/default
	ok 'the user is there' id palabre
	start
	ok 'nobody is root, nor can be, and system calls are few' confined
	ok 'the page is there' sh -c "curl -sS -f $url | grep '<title>'"
	ok 'people chat' chat
	ok '... and hear it' heard
	ok 'a picture gets its small copy' picture
	ok 'a socket opens' sh -c \
		"curl -sS -f '$url/socket.io/?EIO=4&transport=polling' | grep '^0{\"sid'"
	ok 'palabrectl finds its settings' palabrectl ping
	ok '... and the store' palabrectl verify
	ok 'a backup is made' palabrectl backup "$(mktemp -d)/copy.db"
	ok 'nginx reaches no more than it should' boundary
	ok 'nginx logs where only root may' sh -c \
		"grep -q register /var/log/palabre/access.log && [ \"\$(stat -c %U /var/log/palabre)\" = root ]"
	ok 'its log can be rotated' sh -c \
		'logrotate -f /etc/logrotate.d/palabre && [ -e /var/log/palabre/access.log.1 ]'
	stop
}

upgraded() {
	systemd-tmpfiles --create palabre.conf
	ok 'settings of the operator stay' grep -q '^log_level = debug$' /etc/palabre/palabre.conf
	start
	ok 'what was said is still there' heard
	stop
}

removed() {
	ok 'programs are gone' sh -c '! command -v palabre-api'
	ok 'messages stay' test -s /var/lib/palabre/palabre.db
}

purged() {
	ok 'nothing stays' sh -c '! ls -d /var/lib/palabre /var/log/palabre /etc/palabre /run/palabre'
}

pids=()
"$1"
