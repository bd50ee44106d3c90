# The parts of the product as ./run starts, watches and stops them. Sourced by
# ./run, which sets dir, settings, api, pushd, host, port and runs `set -m`,
# after tools/account.sh.
# shellcheck shell=bash disable=SC2154

# In this order, so that the workers find palabre-pushd when they start.
parts=(palabre-pushd palabre-api nginx)
declare -A pid=()   # of each part, which is also its process group
declare -A again=() # when a part that died is started again, in ms
declare -A pause=() # its last pause before a restart, in ms
declare -A since=() # when it was started last, in ms
declare -A seen=()  # bytes of its log before that
short=              # directory of the sockets, when DIR has too long a path
stopping=           # a signal has come

# A pipe nobody writes to: `read -t` on it sleeps without a process.
exec {idle}<> <(:)

# A signal is only noted by its trap, and acted on here: while a trap runs in
# the middle of `read -t`, that time-out may end the trap.
nap() {
	read -r -t "$1" -u "$idle"
	[ -z "$stopping" ] || exit 0
}

# now=milliseconds since 1970
look_at_clock() {
	now=${EPOCHREALTIME/[.,]/}
	now=${now%???}
}

# Whether the milliseconds of $1, a time of this clock, are not over yet.
is_before() {
	local now

	look_at_clock
	[ "$now" -lt "$1" ]
}

# deadline=$1 milliseconds from now
set_deadline() {
	local now

	look_at_clock
	deadline=$((now + $1))
}

# command=(...) of setpriv(1) for a part, listens=(...) the sockets it makes.
describe_part() {
	case $1 in
	palabre-api)
		command=("${limits[@]}" -- "$api" "${settings[@]}")
		listens=(api auth rt)
		;;
	palabre-pushd)
		command=("${limits[@]}" -- "$pushd" "${settings[@]}")
		listens=(push notify ctl)
		;;
	nginx)
		# Left alone, glibc keeps what it read its settings with: 1.6 MB.
		command=("${nginx_limits[@]}" -- env MALLOC_MMAP_THRESHOLD_=131072
			nginx -p "$dir/nginx"
			-e "$dir/log/nginx-error.log" -c "$dir/nginx/nginx.conf")
		listens=()
		;;
	esac
}

# Where root starts them its account need not be able to read certificate and
# key of lines: they are open already.
open_line_tls() {
	local files certificate key

	[ -n "$is_root" ] || return 0
	files=$(setting line_tls '')
	read -r certificate key <<<"$files"
	[ -r "$certificate" ] && [ -r "$key" ] || return 0
	exec {certificate_file}<"$certificate" {key_file}<"$key"
	export PALABRE_TLS_FDS=$certificate_file,$key_file
}

# members=(...): the living processes of a group. Zombies do not count: an
# orphan's may stay for ever where process 1 collects none.
find_members() {
	local stat line fields

	members=()
	for stat in /proc/[0-9]*/stat; do
		read -r line 2>/dev/null <"$stat" || continue
		read -r -a fields <<<"${line##*) }" # state, parent, group
		[ "${fields[2]}" != "$1" ] || [ "${fields[0]}" = Z ] ||
			members+=("${line%% *}")
	done 2>/dev/null
}

# end_group GROUP MS: everything that is left of a part, its orphans included.
# They have MS milliseconds to leave by themselves.
end_group() {
	local members signal=TERM deadline

	set_deadline "$2"
	while find_members "$1" && [ ${#members[@]} -gt 0 ]; do
		is_before "$deadline" || signal=KILL
		kill "-$signal" -- "-$1" 2>/dev/null || return
		nap 0.02
	done
}

# Parts of a copy of ./run that was itself killed.
end_leftovers() {
	local part old member members

	for part in "${parts[@]}"; do
		is_mine "$dir/run/$part.pid" || continue
		old=$(cat "$dir/run/$part.pid" 2>/dev/null)
		[[ $old =~ ^[0-9]+$ ]] || continue
		find_members "$old"
		for member in "${members[@]}"; do
			! tr '\0' ' ' <"/proc/$member/cmdline" | grep -qF "$dir/" ||
				end_group "$old" 0
		done 2>/dev/null
	done
}

# A new file, not one that others may have put there.
write_pid() {
	local file=$dir/run/$1.pid

	rm -f -- "$file"
	(set -C && printf '%s\n' "${pid[$1]}" >"$file") 2>/dev/null ||
		printf '%s cannot be written\n' "$file"
}

# The account's, which writes to it.
make_log() {
	: >>"$1"
	[ -z "$is_root" ] || chown "$account:$account" -- "$1"
}

start_part() {
	local name log=$dir/log/$1.log command listens now

	describe_part "$1"
	for name in "${listens[@]}"; do
		rm -f -- "$(setting "${name}_socket" "{dir}/run/$name.sock")"
	done
	make_log "$log"
	seen[$1]=$(stat -c %s -- "$log")
	look_at_clock
	since[$1]=$now
	# Should ./run be killed outright, its parts are told to stop.
	(
		trap - PIPE
		exec {lock}>&- {idle}>&-
		[ "$1" != palabre-pushd ] || open_line_tls
		exec setpriv --pdeathsig TERM "${command[@]}"
	) </dev/null >>"$log" 2>&1 &
	pid[$1]=$!
	disown "$!" # or bash would comment on its end
	write_pid "$1"
}

part_lives() {
	kill -0 "${pid[$1]}" 2>/dev/null
}

# Judged by what a part leaves when it can serve, before health is asked:
# nginx writes its own pid when it listens.
part_is_up() {
	local name command listens

	describe_part "$1"
	for name in "${listens[@]}"; do
		[ -S "$(setting "${name}_socket" "{dir}/run/$name.sock")" ] ||
			return 1
	done
	[ "$1" != nginx ] ||
		[ "$(cat "$dir/nginx/nginx.pid" 2>/dev/null)" = "${pid[nginx]}" ]
}

# The first error a part has logged since its start, else its last line,
# without time and pid.
complaint() {
	local new

	new=$(tail -c "+$((seen[$1] + 1))" -- "$dir/log/$1.log")
	{
		grep -m 1 -E '^[^ ]+ error |\[emerg\]' <<<"$new" ||
			grep -v '^$' <<<"$new" | tail -n 1
	} | sed -E 's/^[^ ]+ error [^ ]+: //; s/^.*\[emerg\] ([0-9]+#[0-9]+: )?//; s/^palabre(-[a-z]+)?: //'
}

# cannot_start PART [WHY]: without a reason the part has ended; it knows why.
cannot_start() {
	local why=${2:-$(complaint "$1")}

	die "$1 cannot start: ${why:-it ended without a word (a full disk?)}"
}

# What palabre-api does with its store first, which takes as long as it takes:
# it brings it up to date, or waits for another node's end. Looked for every
# second, and said once.
look_for_delay() {
	[ "$1" = palabre-api ] && [ -z "$delayed" ] && [ $SECONDS != "$looked" ] ||
		return
	looked=$SECONDS
	delayed=$(tail -c "+$((seen[$1] + 1))" -- "$dir/log/$1.log" |
		grep -m 1 -o -e 'updating .* from schema .*' \
			-e 'waiting .* whether the node .*') &&
		printf 'palabre-api is %s\n' "$delayed"
}

await_part() {
	local deadline delayed="" looked=$SECONDS

	set_deadline $(($2 * 1000))
	until part_is_up "$1"; do
		part_lives "$1" || cannot_start "$1"
		# nginx goes on trying for seconds when its port is taken.
		[ "$1" != nginx ] || [[ $(complaint nginx) != *bind\(\)* ]] ||
			cannot_start nginx
		look_for_delay "$1"
		is_before "$deadline" || [ -n "$delayed" ] ||
			cannot_start "$1" "it did not come up within $2 s"
		nap 0.02
	done
}

# The status of GET /api/health through nginx.
health() {
	(
		exec {web}<>"/dev/tcp/$host/$port" || exit 1
		printf 'GET /api/health HTTP/1.0\r\nHost: localhost\r\n\r\n' >&"$web"
		read -r -t 3 -u "$web" _ status _ &&
			printf '%s' "${status%$'\r'}"
	) 2>/dev/null
}

await_health() {
	local status part deadline

	set_deadline $(($1 * 1000))
	until status=$(health) && [ "$status" = 200 ]; do
		for part in "${parts[@]}"; do
			part_lives "$part" || cannot_start "$part"
		done
		# An nginx that wants TLS says so, which will do.
		[ "$scheme $status" != "https 400" ] || return 0
		is_before "$deadline" || cannot_start palabre-api \
			"/api/health answers ${status:-nothing}"
		nap 0.05
	done
}

# A part that lived for a second starts again at once, one that keeps dying
# waits longer each time, 2 s at most.
plan_restart() {
	local now

	look_at_clock
	end_group "${pid[$1]}" 1000
	if [ $((now - since[$1])) -ge 1000 ]; then
		pause[$1]=0
	else
		pause[$1]=$((pause[$1] * 2 > 100 ? pause[$1] * 2 : 100))
		[ "${pause[$1]}" -le 2000 ] || pause[$1]=2000
	fi
	again[$1]=$((now + pause[$1]))
	pid[$1]=
	printf '%s ended, starting it again\n' "$1"
}

# The log $1 is empty again, and what it had is in $1.1.
rotate_log() {
	local n

	for n in 3 2 1; do
		[ ! -e "$1.$n" ] || mv -f -- "$1.$n" "$1.$((n + 1))"
	done
	mv -f -- "$1" "$1.1"
	case ${1##*/} in
	palabre-*) make_log "$1" ;; # they look for it by themselves
	*) [ -z "${pid[nginx]-}" ] || kill -USR1 "${pid[nginx]}" ;;
	esac
}

# Logs that have grown past log_max, looked for every two seconds.
bound_logs() {
	local size file

	! is_before "$log_look" || return
	set_deadline 2000
	log_look=$deadline
	while read -r size file; do
		[ "$size" -le "$log_max" ] || rotate_log "$file"
	done < <(find "$dir/log" -maxdepth 1 -name '*.log' -printf '%s %p\n')
}

watch_parts() {
	local part deadline log_look=0 log_max

	log_max=$(setting log_max 67108864)
	for part in "${parts[@]}"; do
		pause[$part]=0
		again[$part]=
	done
	while :; do
		[ "$log_max" = 0 ] || bound_logs
		for part in "${parts[@]}"; do
			if [ -n "${pid[$part]}" ] && ! part_lives "$part"; then
				plan_restart "$part"
			fi
			[ -n "${pid[$part]}" ] || is_before "${again[$part]}" ||
				start_part "$part"
		done
		nap 0.1
	done
}

# find_leaders PART...: leaders=(...) of those that live
find_leaders() {
	local part

	leaders=()
	for part; do
		[ -z "${pid[$part]-}" ] || ! part_lives "$part" ||
			leaders+=("${pid[$part]}")
	done
}

# end_parts MS PART...: they are told to end, and have MS milliseconds.
end_parts() {
	local leaders deadline

	set_deadline "$1"
	shift
	find_leaders "$@"
	[ ${#leaders[@]} -eq 0 ] || kill -TERM "${leaders[@]}" 2>/dev/null
	while [ ${#leaders[@]} -gt 0 ] && is_before "$deadline"; do
		nap 0.02
		find_leaders "$@"
	done
}

# TERM, and after 3.7 s (palabre-api gives its workers 3.5) KILL, which also
# ends what a part has left behind. palabre-pushd is first: what it says at its
# end of who is here the workers write down.
stop_parts() {
	local part

	trap '' INT TERM HUP
	trap - EXIT
	stopping=
	end_parts 900 palabre-pushd
	end_parts 3700 "${!pid[@]}"
	for part in "${!pid[@]}"; do
		[ -z "${pid[$part]}" ] || kill -KILL -- "-${pid[$part]}" 2>/dev/null
		rm -f -- "$dir/run/$part.pid"
	done
	for part in "${!pid[@]}"; do
		[ -z "${pid[$part]}" ] || end_group "${pid[$part]}" 0
	done
	rm -f -- "$dir/run/settings"
	[ -z "$short" ] || rm -rf -- "$short"
}
