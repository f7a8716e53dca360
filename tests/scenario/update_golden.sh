#!/bin/sh
# SPDX-License-Identifier: MIT
# update_golden.sh TERN-SIM: writes golden.txt anew from what every scenario gives under seed 1. Look at the difference before
# it is committed: each line that changes is a change of behaviour on the wire or in the simulator.
set -eu
sim=$1
here=$(cd "$(dirname "$0")" && pwd)
new=$(mktemp "$here/golden.XXXXXX")
trap 'rm -f "$new"' EXIT
for file in "$here"/../../netsim/scenarios/*.scn; do
    digest=$("$sim" run "$file" --seed 1 | sed -n 's/^digest //p')
    echo "$(basename "$file" .scn) $digest" >>"$new"
done
chmod 644 "$new"
mv "$new" "$here/golden.txt"
trap - EXIT
