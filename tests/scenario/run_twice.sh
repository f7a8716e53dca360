#!/bin/sh
# SPDX-License-Identifier: MIT
# run_twice.sh TERN-SIM SCENARIO GOLDEN [once]: the scenario holds under seed 1, twice (once with every packet judged) with the same digest, and with the one that
# GOLDEN names for it, if it names one (lines `name digest`; update_golden.sh writes them). once: with every packet judged, alone.
#= SIM-001
set -u
sim=$1 file=$2 golden=$3
name=$(basename "$file" .scn)

second=$("$sim" run "$file" --seed 1 --audit) || exit 1
first=$second
if [ "${4:-}" != once ]; then
    first=$("$sim" run "$file" --seed 1) || exit 1
fi
one=$(printf '%s\n' "$first" | sed -n 's/^digest //p')
two=$(printf '%s\n' "$second" | sed -n 's/^digest //p')
if [ ${#one} -ne 64 ] || [ "$one" != "$two" ]; then
    echo "$name: two runs of seed 1 differ: digest $one, then $two" >&2
    exit 1
fi
want=$(sed -n "s/^$name //p" "$golden")
if [ -n "$want" ] && [ "$want" != "$one" ]; then
    echo "$name: digest $one, in golden.txt $want; if the change is meant: sh tests/scenario/update_golden.sh $sim" >&2
    exit 1
fi
