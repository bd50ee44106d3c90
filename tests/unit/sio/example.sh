#!/bin/sh
# The example in docs/libsio.md compiles and links as it stands there.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$DOC" >"$dir/example.c"
[ -s "$dir/example.c" ]
# shellcheck disable=SC2086
$EXAMPLE_CC -Wall -Wextra -Werror -o "$dir/example" "$dir/example.c" $EXAMPLE_FLAGS
