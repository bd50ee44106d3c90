#!/bin/bash
# inside.sh: what tests/packages/run.sh does in its chroot, in a network and among
# processes of its own: the life of the packages on one machine, whose systemctl
# is tests/packages/systemctl. Says `ok WHAT` or `not ok WHAT` for each thing.
set -u
here=${BASH_SOURCE[0]%/*}
url=http://127.0.0.1:8080
conf=/etc/palabre/palabre.conf
programs='palabre-(api|pushd|preview|keeper)'
mount -t proc proc /proc 2>/dev/null
ip link set lo up 2>/dev/null

ok() {
	local what=$1
	shift
	if "$@" >/tmp/step 2>&1; then
		printf 'ok %s\n' "$what"
		return
	fi
	printf 'not ok %s\n' "$what"
	tail -n 15 /tmp/step | sed 's/^/    /'
	return 1
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

apt_install() { # what they depend on was downloaded before
	apt-get install -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@"
}

# By their own post-installation script, and nginx as the manual says.
served() {
	ln -sf ../sites-available/palabre /etc/nginx/sites-enabled/palabre
	rm -f /etc/nginx/sites-enabled/default
	systemctl start nginx
	ok 'it serves' until_ok curl -sS -f "$url/api/health"
	ok '... with live delivery' until_ok sh -c \
		"curl -sS $url/api/health | grep '\"push\":\"up\"'"
}

confined() {
	local pid status

	for pid in $(pgrep -x "$programs"); do
		status=$(cat "/proc/$pid/status")
		printf '%s\n' "$status"
		grep -q "^Uid:.$(id -u palabre)" <<<"$status" &&
			grep -q '^CapBnd:.0*$' <<<"$status" &&
			grep -q '^NoNewPrivs:.1' <<<"$status" &&
			grep -q '^Seccomp:.2' <<<"$status" || return
	done
	[ "$(pgrep -cx 'palabre-(api|pushd)')" -ge 8 ] && pgrep -x palabre-preview
}

# What a unit's limits count stays below half of them.
within_limits() {
	local unit=$1 tasks memory file

	file=/lib/systemd/system/$unit.service
	tasks=$(ps -L --no-headers -s "$(cat "/tmp/units/$unit.pid")" | wc -l)
	memory=$(ps --no-headers -o rss= -s "$(cat "/tmp/units/$unit.pid")" |
		awk '{ n += $1 } END { print int(n / 1024) }')
	printf '%s tasks, %s MiB\n' "$tasks" "$memory"
	[ "$tasks" -gt 0 ] && [ "$memory" -gt 0 ] &&
		[ "$((tasks * 2))" -le "$(sed -n 's/^TasksMax=//p' "$file")" ] &&
		[ "$((memory * 2))" -le "$(sed -n 's/^MemoryMax=\(.*\)G/\1/p' "$file")000" ]
}

chat() {
	local ann bob

	ann=$(post /api/auth/register '{"username":"ann","password":"correct horse"}') || return
	bob=$(post /api/auth/register '{"username":"bob","password":"correct horse"}') || return
	post /api/messages "{\"recipient_id\":\"$(member '["user"]["_id"]' <<<"$bob")\",
		\"content\":\"salut\"}" "$(member '["token"]' <<<"$ann")"
}

# What ann said first.
heard() {
	local ann

	ann=$(post /api/auth/login '{"username":"ann","password":"correct horse"}') || return
	curl -sS -f -H "Authorization: Bearer $(token_of bob)" "$url/api/messages/conversation?after=0&limit=1&with=$(
		member '["user"]["_id"]' <<<"$ann"
	)" | grep salut
}

token_of() {
	post /api/auth/login "{\"username\":\"$1\",\"password\":\"correct horse\"}" |
		member '["token"]'
}

# A decoder works in that little room, and nginx reads what it made.
picture() {
	local file=/tmp/picture.png token answer id

	token=$(token_of bob) || return
	python3 - >"$file" <<-'END'
		import struct, sys, zlib
		def chunk(kind, data):
		    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
		sys.stdout.buffer.write(b'\x89PNG\r\n\x1a\n'
		    + chunk(b'IHDR', struct.pack('>IIBBBBB', 800, 600, 8, 2, 0, 0, 0))
		    + chunk(b'IDAT', zlib.compress(bytes((800 * 3 + 1) * 600))) + chunk(b'IEND', b''))
	END
	answer=$(curl -sS -f -H "Authorization: Bearer $token" \
		--data-binary "@$file" "$url/api/files") || return
	printf '%s\n' "$answer"
	id=$(member '["_id"]' <<<"$answer")
	grep '"preview":true' <<<"$answer" &&
		curl -sS -f -o /tmp/got -H "Authorization: Bearer $token" "$url/api/files/$id" &&
		cmp /tmp/got "$file" &&
		curl -sS -f -H "Authorization: Bearer $token" "$url/api/files/$id?preview=1" |
		wc -c | grep -vx 0
}

# palabre, with its input at descriptor 8 and what it shows in line.out.
terminal() {
	rm -f /tmp/line.in
	mkfifo /tmp/line.in
	palabre --name lou 127.0.0.1 </tmp/line.in >>/tmp/line.out 2>&1 &
	exec 8>/tmp/line.in
	echo 'il y a du monde ?' >&8
	until_ok client_of_operators
}

line_client() {
	echo 'line_port = 12345' >>"$conf"
	systemctl restart palabre-pushd && terminal && answer_line 'oui, me voici'
}

# A piped one ends with its connection. The same guest comes back.
line_client_again() {
	exec 8>&-
	terminal && answer_line 'nous revoici'
}

client_of_operators() {
	curl -sS -f -H "Authorization: Bearer $(token_of ada)" "$url/api/operator/clients" |
		member '["items"][0]["client"]["_id"]'
}

# answer_line TEXT: an operator answers, and the terminal shows it.
answer_line() {
	post "/api/operator/clients/$(client_of_operators)/messages" \
		"{\"content\":\"$1\"}" "$(token_of ada)" &&
		until_ok grep -F "$1" /tmp/line.out &&
		[ "$(curl -sS -H "Authorization: Bearer $(token_of ada)" "$url/api/operator/clients" |
			grep -o '"client":' | wc -l)" = 1 ]
}

operator() {
	palabrectl user add ada <<<'correct horse' && palabrectl user role ada operator
}

boundary() { # nginx's workers reach what is theirs and nothing else
	local socket

	for socket in rt notify ctl preview; do
		! setpriv --reuid www-data --regid www-data --clear-groups -- \
			python3 -c "import socket
socket.socket(socket.AF_UNIX).connect('/run/palabre/$socket.sock')" || return
	done
	! setpriv --reuid www-data --regid www-data --clear-groups -- \
		sh -c 'cat /var/lib/palabre/palabre.db || cat /var/lib/palabre/token.key ||
			ls /var/lib/palabre'
}

no_mongodb() {
	palabrectl --set store=mongodb://127.0.0.1:1/x verify 2>&1 |
		grep 'and there is no /.*/palabre-store-mongodb.so' &&
		! dpkg-query -W 'libmongoc*' 2>/dev/null | grep .
}

# Nobody listens there.
mongodb() {
	local said

	apt_install /srv/one/palabre-mongodb_*.deb || return
	said=$(palabrectl --set store=mongodb://ann:secret@127.0.0.1:1/x verify 2>&1)
	printf '%s\n' "$said"
	[[ $said == *' MongoDB'* && $said != *secret* ]]
}

installed() {
	ok 'they install' apt_install /srv/one/palabre_*.deb /srv/one/palabre-client_*.deb || exit 1
	ok '... without what a MongoDB is for' no_mongodb
	ok 'the user is there' id palabre
	served
	ok 'the page is there' sh -c "curl -sS -f $url | grep '<title>'"
	ok 'people chat' chat
	ok '... and hear it' heard
	ok 'a picture gets its small copy, and comes back' picture
	ok 'there is an operator' operator
	ok 'a terminal talks with them by the line port' line_client
	ok 'nobody is root, nor can be, and system calls are few' confined
	ok 'palabre-api stays well below its limits' within_limits palabre-api
	ok '... and palabre-pushd' within_limits palabre-pushd
	ok 'a socket opens' sh -c \
		"curl -sS -f '$url/socket.io/?EIO=4&transport=polling' | grep '^0{\"sid'"
	ok 'palabrectl finds its settings' palabrectl ping
	ok '... and the store' palabrectl verify
	ok 'a backup is made' palabrectl backup "$(mktemp -d)/copy.db"
	ok 'the store on MongoDB is a package of its own' mongodb
	ok 'nginx reaches no more than it should' boundary
	ok 'nginx logs where only root may' sh -c \
		"grep -q register /var/log/palabre/access.log && [ \"\$(stat -c %U /var/log/palabre)\" = root ]"
	ok 'its log can be rotated' sh -c \
		'logrotate -f /etc/logrotate.d/palabre && [ -e /var/log/palabre/access.log.1 ]'
}

# While two people go on.
upgraded() {
	local ended

	mkfifo /tmp/chat.in
	python3 "$here/chat.py" "$url" 20 </tmp/chat.in >/tmp/chat.log 2>&1 &
	exec 7>/tmp/chat.in
	sleep 2
	pids=$(cat /tmp/units/*.pid)
	ok 'the next version takes its place' apt_install /srv/next/*.deb
	ok '... both programs of it' new_programs
	ok '... which ended well' sh -c "! grep -vx 0 /tmp/ended"
	sleep 3
	exec 7>&-
	wait $!
	ended=$?
	cat /tmp/chat.log
	ok 'a chat notices a short pause only' [ $ended = 0 ]
	ok 'a terminal comes back as who it was' line_client_again
	ok 'what was said before is still there' heard
	ok 'settings of the operator stay' grep -q '^line_port = 12345$' "$conf"
	ok 'the store is sound' palabrectl verify
}

new_programs() {
	until_ok curl -sS -f "$url/api/health" && [ "$pids" != "$(cat /tmp/units/*.pid)" ] &&
		[ "$(dpkg-query -W -f '${Version}\n' palabre palabre-client palabre-mongodb | grep -c next)" = 3 ]
}

removed() {
	exec 8>&-
	ok 'it is removed' apt-get remove -q -y palabre
	ok 'programs are gone' sh -c "! command -v palabre-api && ! pgrep -x '$programs'"
	ok 'messages stay' test -s /var/lib/palabre/palabre.db
	ok 'nginx still starts' nginx -t
	ok 'it comes back' apt_install /srv/one/palabre_*.deb
	ok '... with what was said' until_ok heard
}

nothing_stays() {
	find /etc /run /usr /var ! -path '/var/cache/apt/*' -name '*palabre*' >/tmp/stays
	cat /tmp/stays
	[ ! -s /tmp/stays ]
}

purged() {
	ok 'it is purged' apt-get purge -q -y palabre palabre-client
	ok 'nothing stays' nothing_stays
	ok 'nothing runs' sh -c "! pgrep -x '$programs'"
	ok 'nginx starts without it' nginx -t
}

install -d -m 755 /run/systemd/system
installed
upgraded
removed
purged
printf 'end\n'
