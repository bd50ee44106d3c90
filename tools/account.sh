# What root does so that nothing it starts is root, bar nginx's master. Sourced
# by ./run, which sets top, dir, build, api, pushd, preview, with_nginx and
# chosen.
# shellcheck shell=bash disable=SC2154,SC2034

# The system user. PALABRE_USER=root is for programs that only root can start:
# tools/debian13 has some in a chroot.
account=${PALABRE_USER:-palabre}
is_root=                  # whether there is root to leave
limits=(--no-new-privs)   # of setpriv(1), for the programs
nginx_limits=()           # for nginx: what its master needs of root
pages=                    # where the pages were copied to, when the account needs that

# Of DIR these stay root's, and its sticky bit keeps the account from renaming
# them: nginx's master writes to them and reads them as root.
roots=(log nginx programs palabre.conf palabre.conf.new)

leave_root() {
	local error

	[ "$EUID" = 0 ] || return 0
	[ "$account" != root ] || return 0
	make_account
	is_root=yes
	limits=(--reuid "$account" --regid "$account" --init-groups
		--inh-caps=-all --bounding-set=-all --no-new-privs)
	nginx_limits=(--no-new-privs --inh-caps=-all --bounding-set
		"-all,+chown,+dac_override,+fowner,+kill,+net_bind_service,+setgid,+setuid")
	error=$(can_account -d / 2>&1) ||
		die "root cannot become the user $account: ${error#setpriv: }"
}

# Of two copies that start at once only one can write to /etc/passwd.
make_account() {
	local error try

	for try in 1 2 3 4 5; do
		id -u -- "$account" >/dev/null 2>&1 && return
		[ "$try" = 1 ] || sleep 0.5
		error=$(useradd --system --user-group --no-create-home \
			--home-dir /nonexistent --shell /usr/sbin/nologin \
			--comment Palabre -- "$account" 2>&1) && return
	done
	die "the system user $account cannot be made: ${error##*$'\n'}"
}

# can_account WORD...: what test(1) says to the account.
can_account() {
	setpriv "${limits[@]}" -- test "$@"
}

# Where everything is when --dir does not say: in the clone, unless the account
# cannot get there, as when it is in root's home.
choose_directory() {
	local instead=/var/lib/palabre

	[ -z "$dir" ] || return 0
	dir=$top/var
	[ -n "$is_root" ] && ! can_account -x "$top" || return 0
	[ ! -e "$dir" ] || die "the directory cannot be used: the user $account \
cannot get to $dir (mv $dir $instead)"
	printf 'The user %s cannot get to %s: everything is in %s\n' \
		"$account" "$dir" "$instead"
	dir=$instead
}

looks_ours() (
	shopt -s nullglob dotglob
	cd -- "$dir" || exit
	palabre=(palabre.*)
	for name in *; do
		[[ ${#palabre[@]} -gt 0 || $name =~ ^(log|nginx|run|token\.key)$ ]] || exit
	done
)

# Who mistypes --dir does not lose /etc to the account.
may_take_directory() {
	local owner

	[ -n "$is_root" ] || return 0
	owner=$(stat -c %U -- "$dir")
	[[ $owner == root || $owner == "$account" ]] ||
		die "the directory cannot be used: $dir belongs to $owner"
	looks_ours || die "the directory cannot be used: $dir is not empty, \
and nothing of Palabre's is in it"
}

# hand_over DEPTH: what root has made in DIR, or copied there, becomes the
# account's. Not a file that has another name, too: it could be anybody's.
hand_over() {
	local name prune=()

	for name in "${roots[@]}" run/*.pid; do
		prune+=(-path "./$name" -prune -o)
	done
	find . -xdev -mindepth 1 -maxdepth "$1" "${prune[@]}" ! -path ./run \
		-user root \( -type d -o -links 1 \) -exec chown -h "$account:$account" {} +
}

# DIR is root's and the account's group writes in it. What it has is looked
# through once; later only what root may have put there.
divide_directory() {
	local depth=1 mode=1770

	cd -- "$dir" || return
	if [ "$(stat -c '%U %G' .)" != "root $account" ]; then
		depth=99
		chown -hR "root:$account" nginx log || return
	fi
	[ -n "$with_nginx" ] || mode=1771 # the pages may be in it
	chown "root:$account" . log nginx && chmod "$mode" . &&
		chmod 750 log nginx && share_sockets run || return
	{ [ ! -e palabre.conf ] || share_config palabre.conf; } &&
		hand_over "$depth"
}

# Whether nobody but us can have made it.
is_mine() {
	[ "$(stat -c %u -- "$1" 2>/dev/null)" = "$EUID" ]
}

# Settings that the account may read, but not write: nginx's master believes
# them, too.
share_config() {
	[ -z "$is_root" ] ||
		{ chown "root:$account" "$1" && chmod u+rw,g+r "$1"; }
}

# A directory for the account's sockets.
share_sockets() {
	[ -z "$is_root" ] ||
		{ chown "root:$account" "$1" && chmod 1770 "$1"; }
}

# The first directory on the way to DIR that is closed to the account.
find_closed() {
	local path=$dir

	closed=$dir
	while [ -n "$path" ]; do
		can_account -x "$path" || closed=$path
		path=${path%/*}
	done
}

share_directory() {
	local error closed

	[ -n "$is_root" ] || return 0
	error=$( (divide_directory) 2>&1) ||
		die "the directory cannot be used: ${error%%$'\n'*}"
	can_account -w "$dir" -a -x "$dir" && return
	find_closed
	die "the directory cannot be used: $closed is closed to the user $account"
}

# What the account cannot read is copied to where it can.
choose_programs() {
	local built=$top/html/dist copies=$dir/programs error programs

	[ -n "$is_root" ] || return 0
	programs=("$api" "$pushd" "$preview")
	[ -x "$preview" ] || programs=("$api" "$pushd")
	if can_account -x "$api" -a -x "$pushd" -a -r "$built/index.html"; then
		rm -rf -- "$copies"
		return
	fi
	error=$({
		install -d -m 755 -- "$copies" &&
			install -m 755 -- "${programs[@]}" "$copies/" &&
			rm -rf -- "$copies/html" &&
			cp -R -- "$built" "$copies/html" &&
			chmod -R u=rwX,go=rX -- "$copies/html"
	} 2>&1) || die "the programs cannot be copied: ${error%%$'\n'*}"
	api=$copies/palabre-api
	pushd=$copies/palabre-pushd
	pages=$copies/html
	printf 'The user %s cannot read %s: it gets copies in %s\n' \
		"$account" "$top" "$copies"
}
