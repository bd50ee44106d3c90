#!/bin/sh
# The model of how messages and changes get their numbers on a MongoDB
# (store.pml) keeps what is promised, and finds the errors that are planted in
# it. Each line is what is asked of it, and whether errors are to be found.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
n=0 failed=0

# try NAME FOUND OPTION...
try() {
	name=$1 wanted=$2
	shift 2
	n=$((n + 1))
	# The model's own names are options of spin's preprocessor.
	spin -a "$@" "$here/store.pml" >spin.log 2>&1 &&
		${CC:-gcc} -O2 -DSAFETY -DCOLLAPSE -o pan pan.c >>spin.log 2>&1 &&
		./pan -n -m10000 >pan.log 2>&1
	found=$(sed -n 's/.*, errors: //p' pan.log)
	if [ "$found" = "$wanted" ] && ! grep -q 'max search depth' pan.log; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		cat spin.log pan.log
		failed=1
	fi
	rm -f pan pan.log
}

echo 1..9
try 'messages_of_three_of_whom_one_is_killed' 0 -DCRASHES=1 -DLOSSES=0
try 'messages_of_three_whose_primary_is_lost' 0 -DCRASHES=0 -DLOSSES=1
try 'messages_of_two_through_two_of_each' 0 -DWRITERS=2 -DCRASHES=2 -DLOSSES=2
try 'edits_of_three' 0 -DEDITS -DCRASHES=0 -DLOSSES=0
try 'edits_of_two_through_one_of_each' 0 -DEDITS -DWRITERS=2
try 'a_step_of_what_may_be_lost_is_found_out' 1 -DERROR=1
try 'a_step_out_of_turn_is_found_out' 1 -DERROR=2
try 'a_duplicate_answered_too_early_is_found_out' 1 -DERROR=3
try 'a_number_before_its_edit_is_found_out' 1 -DEDITS -DERROR=4
exit $failed
