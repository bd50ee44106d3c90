#!/bin/sh
# replay.sh SRCDIR PROGRAM: run one harness over its own seeds, once each.
name=$(basename "$2")
seeds=$1/seeds/${name#fuzz_}
[ -d "$seeds" ] || { echo "no seeds for $name"; exit 1; }
exec "$2" "$seeds"/*
