# What a program that `make check` ran came to. Sourced by ./check, and by
# tools/debian13 in its chroot.
# shellcheck shell=bash disable=SC2034

# ok=, bad=, skip= of the program whose .trs file is $1 (cmocka says "not ok" of
# what it skips, too). What it said is shown if it failed. One that says nothing
# in TAP counts as one test.
tally_program() {
	local log=${1%.trs}.log

	skip=$(grep -ciE '^(not )?ok .*# skip' "$log")
	ok=$(grep -E '^ok ' "$log" | grep -civ '# skip')
	bad=$(grep -E '^not ok ' "$log" | grep -civ '# skip')
	if ! grep -qE '^:test-result: (PASS|SKIP)' "$1"; then
		[ "$bad" -gt 0 ] || bad=1
		printf -- '--- %s\n' "${1%.trs}"
		grep -vE '^ok ' "$log" | tail -n 60
		printf -- '---\n'
	elif [ $((ok + skip)) = 0 ]; then
		ok=1
	fi
}
