#!/usr/bin/env bash
# The Debian packages, on the release that this machine runs: built twice to the
# same bytes, looked at by lintian, and in a chroot of debootstrap's installed,
# started as their units would, chatted with, upgraded, removed and purged.
# Prints `ok` and `not ok` lines. Needs root; the chroot stays in
# ${XDG_CACHE_HOME:-~/.cache}/palabre for the next time.
set -u
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
top=$(cd -P -- "$here/../.." && pwd)

fail() {
	printf 'not ok %s\n' "$1"
	exit 1
}

[ "$(id -u)" = 0 ] || fail 'it needs root, for a chroot'
"$top/tools/install" build packages node >&2 || exit 1
# With mounts of its own, which go when it does.
[ -n "${PALABRE_APART-}" ] ||
	PALABRE_APART=yes exec unshare --mount -- "${BASH_SOURCE[0]}" "$@"

. /etc/os-release
base=${XDG_CACHE_HOME:-$HOME/.cache}/palabre/packages-$VERSION_CODENAME
work=$(mktemp -d) || exit 1
root=$work/root
trap 'umount "$root/proc" 2>/dev/null; rm -rf --one-file-system -- "$work"' EXIT
trap 'exit 1' INT TERM HUP

ok() {
	local what=$1
	shift
	if "$@" >"$work/log" 2>&1 </dev/null; then
		printf 'ok %s\n' "$what"
		return
	fi
	printf 'not ok %s\n' "$what"
	tail -n 30 "$work/log" | sed 's/^/    /'
	return 1
}

inside() {
	chroot "$root" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Its own network, so that no port is taken, and processes, which end with it.
step() {
	unshare --mount --net --pid --fork --kill-child -- chroot "$root" env -i HOME=/root \
		LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		bash /srv/tests/inside.sh "$1" </dev/null
}

make_base() {
	local mirror

	[ ! -e "$base" ] || return 0
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' |
		awk '$2 !~ /-|\// && $3 == "main" { print $1; exit }')
	rm -rf --one-file-system -- "$base.new"
	mkdir -p "$base.new"
	http_proxy=${http_proxy-$(apt-config shell p Acquire::http::Proxy |
		sed "s/^p='\(.*\)'$/\1/")} debootstrap --variant=minbase \
		--include=ca-certificates "$VERSION_CODENAME" "$base.new" "$mirror" || return
	printf 'deb %s %s main\n' "$mirror" "$VERSION_CODENAME" \
		>"$base.new/etc/apt/sources.list"
	apt-config dump Acquire >"$base.new/etc/apt/apt.conf.d/10machine"
	cp -L /etc/resolv.conf "$base.new/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$base.new/usr/sbin/policy-rc.d"
	chmod 755 "$base.new/usr/sbin/policy-rc.d"
	chroot "$base.new" apt-get update -qq &&
		chroot "$base.new" env DEBIAN_FRONTEND=noninteractive apt-get install \
			-qq -y --no-install-recommends nginx-light systemd curl python3 \
			python3-seccomp iproute2 procps logrotate &&
		mv -- "$base.new" "$base"
}

same_bytes() {
	local file

	for file in "$work"/one/*.deb; do
		cmp "$file" "$work/two/${file##*/}" || return
	done
}

# Both may be told why in debian/*.lintian-overrides.
lint() {
	lintian --allow-root --fail-on error,warning "$work"/one/*.changes
}

score() {
	local tenths

	systemd-analyze security --offline=true --no-pager "$1" >"$work/score" 2>&1
	tail -n 1 "$work/score"
	tenths=$(sed -nE 's/.*exposure level for .*: ([0-9]+)\.([0-9]).*/\1\2/p' "$work/score")
	[ -n "$tenths" ] && [ "$((10#$tenths))" -le 20 ]
}

# The next version: the same, but for what it is called.
next_version() {
	dpkg-deb -R "$work"/one/palabre_*.deb "$work/next" &&
		sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control" &&
		dpkg-deb -b "$work/next" "$root/srv/next.deb"
}

links_outside() {
	local port answer

	dpkg-deb -x "$work"/one/libsio-dev_*.deb "$work/sio" || return
	PKG_CONFIG_PATH=$(dirname "$work"/sio/usr/lib/*/pkgconfig/libsio.pc) \
		pkgconf --define-variable=prefix="$work/sio/usr" \
		--define-variable=libdir="$(dirname "$work"/sio/usr/lib/*/libsio.a)" \
		--cflags --libs libsio >"$work/flags" || return
	# shellcheck disable=SC2046 # words
	gcc -Wall -Werror -o "$work/server" "$top/tests/sio-outside.c" $(cat "$work/flags") || return
	coproc "$work/server"
	read -r -t 5 port <&"${COPROC[0]}" || return
	answer=$(curl -sS "http://127.0.0.1:$port/socket.io/?EIO=4&transport=polling")
	kill "$COPROC_PID"
	printf '%s\n' "$answer"
	[[ $answer == '0{"sid'* ]]
}

cd "$top" || exit 1
ok 'the packages are built' tools/debian-packages "$work/one" || exit 1
ok '... and again, elsewhere' tools/debian-packages "$work/two" || exit 1
ok 'both times to the same bytes' same_bytes
ok 'lintian finds nothing' lint
dpkg-deb -x "$work"/one/palabre_*.deb "$work/files"
for unit in "$work"/files/lib/systemd/system/*.service; do
	ok "${unit##*/} is exposed 2.0 at most" score "$unit"
done
ok 'libsio-dev is enough for a server' links_outside

ok 'a bare Debian is there' make_base || exit 1
ok '... of which this is a copy' cp -a --reflink=auto "$base" "$root" || exit 1
mkdir "$root/srv/tests" && cp "$here"/* "$root/srv/tests/" &&
	cp "$work"/one/*.deb "$root/srv/" && mount -t proc proc "$root/proc" || exit 1
ok 'they install' inside sh -c \
	'apt-get install -qq -y --no-install-recommends /srv/palabre_*.deb /srv/palabre-client_*.deb' || exit 1
step installed
ok 'the next version is made' next_version
echo 'log_level = debug' >>"$root/etc/palabre/palabre.conf"
ok 'it takes the place of this one' inside dpkg --force-confdef -i /srv/next.deb
step upgraded
ok 'it is removed' inside apt-get remove -qq -y palabre
step removed
ok 'it is purged' inside apt-get purge -qq -y palabre
step purged
