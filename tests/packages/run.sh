#!/usr/bin/env bash
# tests/packages/run.sh [RELEASE]: the Debian packages, on the release that this
# machine runs or the one named (trixie): built in a Debian of debootstrap's with
# no more than debian/control asks for, twice to the same bytes, and looked at by
# lintian; then in another installed, started as their units would, chatted with,
# upgraded, removed and purged. Prints `ok` and `not ok` lines, and `end`. Needs
# root; both Debians stay in ${XDG_CACHE_HOME:-~/.cache}/palabre for the next time.
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
release=${1:-$VERSION_CODENAME}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/palabre
bare=$cache/packages-$release
builder=$bare-build
umask 022
work=$(mktemp -d) || exit 1
chmod 711 "$work"
root=
trap 'umount -R "$work"/*/root 2>/dev/null; rm -rf --one-file-system -- "$work"' EXIT
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

# In the Debian of $root.
inside() {
	chroot "$root" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# use NAME DEBIAN: $root is a copy of it, of which nothing stays.
use() {
	root=$work/$1/root
	mkdir -p "$root" "$work/$1/new" "$work/$1/work"
	mount -t overlay overlay "$root" -o \
		"lowerdir=$2,upperdir=$work/$1/new,workdir=$work/$1/work" 2>/dev/null ||
		cp -a --reflink=auto "$2/." "$root" || return
	mount -t proc proc "$root/proc" && inside apt-get update -qq
}

debootstrap_bare() {
	local mirror

	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Origin: Debian' |
		awk '$2 !~ /-|\// && $3 == "main" { print $1; exit }')
	http_proxy=${http_proxy-$(apt-config shell p Acquire::http::Proxy |
		sed "s/^p='\(.*\)'$/\1/")} debootstrap --variant=minbase \
		--include=ca-certificates "$release" "$root" "$mirror" || return
	printf 'deb %s %s main\n' "$mirror" "$release" >"$root/etc/apt/sources.list"
	apt-config dump Acquire >"$root/etc/apt/apt.conf.d/10machine"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
}

# make_debian PLACE OF PACKAGE...: with these packages installed, OF being what
# makes the rest in $root. One that is there stays as long as it is to have the same.
make_debian() {
	local place=$1 of=$2
	root=$place.new
	shift 2
	[ "$*" != "$(cat "$place/srv/made-of" 2>/dev/null)" ] || return 0
	rm -rf --one-file-system -- "$place.new" "$place"
	mkdir -p "$root" && $of || return
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	inside apt-get update -qq &&
		inside apt-get install -qq -y --no-install-recommends "$@" &&
		inside apt-get clean && printf '%s' "$*" >"$root/srv/made-of" &&
		mv -- "$root" "$place"
}

make_bare() {
	make_debian "$bare" debootstrap_bare nginx-light systemd curl python3 \
		python3-seccomp iproute2 procps logrotate
}

# The bare one with what debian/control asks for.
copy_bare() {
	cp -a --reflink=auto "$bare/." "$root" && mkdir -p "$root/srv/source/debian" &&
		cp "$top/debian/control" "$root/srv/source/debian/" &&
		inside apt-get update -qq &&
		inside apt-get build-dep -qq -y --no-install-recommends /srv/source
}

# And what we look at the packages with.
make_builder() {
	cmp -s "$top/debian/control" "$builder/srv/source/debian/control" ||
		rm -rf --one-file-system -- "$builder"
	make_debian "$builder" copy_bare build-essential lintian faketime
}

# Elsewhere, at another time, for somebody with other habits.
build_again() {
	mkdir -p "$root/srv/some/other/place"
	(
		umask 077
		TMPDIR=/srv/some/other/place TZ=Pacific/Kiritimati LC_ALL=C \
			"$top/tools/debian-packages" --root "$root" "$root/srv/two" faketime -f +400d
	)
}

same_bytes() {
	local file

	for file in "$root"/srv/one/*.deb; do
		cmp "$file" "$root/srv/two/${file##*/}" || return
	done
}

# Both may be told why in debian/*.lintian-overrides.
lint() {
	inside sh -c 'lintian --allow-root --fail-on error,warning /srv/one/*.changes'
}

score() {
	local tenths

	inside systemd-analyze security --offline=true --no-pager "/srv/files/$1" >"$work/score" 2>&1
	tail -n 1 "$work/score"
	tenths=$(sed -nE 's/.*exposure level for .*: ([0-9]+)\.([0-9]).*/\1\2/p' "$work/score")
	[ -n "$tenths" ] && [ "$((10#$tenths))" -le 20 ]
}

# The next version: the same, but for what it is called.
next_version() {
	local name

	mkdir "$root/srv/next"
	for name in palabre palabre-client palabre-mongodb; do
		inside sh -c "dpkg-deb -R /srv/one/${name}_*.deb /srv/next/$name &&
			sed -i 's/^Version: .*/&+next/; s/palabre (= [^)]*/&+next/' \
				/srv/next/$name/DEBIAN/control &&
			dpkg-deb -b /srv/next/$name /srv/next/" || return
	done
}

links_outside() {
	local port answer library

	inside sh -c 'dpkg-deb -x /srv/one/libsio-dev_*.deb /srv/sio' || return
	library=$(dirname "$root"/srv/sio/usr/lib/*/libsio.a)
	library=${library#"$root"}
	cp "$top/tests/sio-outside.c" "$root/srv/" &&
		inside sh -c "gcc -Wall -Werror -o /srv/server /srv/sio-outside.c \
			\$(PKG_CONFIG_PATH=$library/pkgconfig pkgconf --cflags --libs libsio \
			--define-variable=prefix=/srv/sio/usr --define-variable=libdir=$library)" || return
	coproc chroot "$root" /srv/server
	read -r -t 5 port <&"${COPROC[0]}" || return
	answer=$(curl -sS "http://127.0.0.1:$port/socket.io/?EIO=4&transport=polling")
	kill "$COPROC_PID" && wait "$COPROC_PID"
	printf '%s\n' "$answer"
	[[ $answer == '0{"sid'* ]]
}

# All that will be installed where there is no network.
download() {
	inside sh -c 'apt-get install -q -y --download-only --no-install-recommends \
		/srv/one/palabre_*.deb /srv/one/palabre-client_*.deb \
		/srv/one/palabre-mongodb_*.deb'
}

prepare() {
	mkdir "$root/srv/tests" "$root/srv/one" "$root/srv/next" &&
		cp "$here"/* "$root/srv/tests/" && cp "$built"/one/*.deb "$root/srv/one/" &&
		cp "$built"/next/*.deb "$root/srv/next/" &&
		mv "$root/usr/bin/systemctl" "$root/usr/bin/systemctl.real" &&
		ln -s /srv/tests/systemctl "$root/usr/bin/" &&
		rm "$root/usr/sbin/policy-rc.d" && download
}

cd "$top" || exit 1
ok "Debian's $release is there" make_bare || exit 1
ok '... and what packages are built with' make_builder || exit 1
ok 'of which this is a copy' use builder "$builder" || exit 1
built=$root/srv
ok 'the packages are built' tools/debian-packages --root "$root" "$root/srv/one" || exit 1
ok '... and again, elsewhere and later' build_again || exit 1
ok 'both times to the same bytes' same_bytes
ok 'lintian finds nothing' lint
inside sh -c 'dpkg-deb -x /srv/one/palabre_*.deb /srv/files'
for unit in "$built"/files/{usr/,}lib/systemd/system/*.service; do
	[ ! -e "$unit" ] ||
		ok "${unit##*/} is exposed 2.0 at most" score "${unit#"$built/files/"}"
done
ok 'libsio-dev is enough for a server' links_outside
ok 'the next version is made' next_version

ok 'a machine without them is there' use machine "$bare" || exit 1
ok '... that has downloaded what they depend on' prepare || exit 1
umount "$root/proc"
# Its own network, so that no port is taken, and processes, which end with it.
unshare --mount --net --pid --fork --kill-child -- chroot "$root" env -i HOME=/root \
	LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
	PATH=/usr/sbin:/usr/bin:/sbin:/bin bash /srv/tests/inside.sh </dev/null
