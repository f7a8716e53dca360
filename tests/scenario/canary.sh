#!/bin/sh
# SPDX-License-Identifier: MIT
# canary.sh TERN-SIM DIR: an expectation that does not hold ends with 1, says where, what was expected and seen, and how to run
# it again.
#= SIM-008
sim=$1 file=$2/canary.scn
err=$("$sim" run "$file" --seed 7 2>&1 >/dev/null)
code=$?
[ $code -eq 1 ] || { echo "canary: exit $code, not 1" >&2; exit 1; }
case $err in
*"canary.scn:6: expected 'expect a joined by 5s', seen at 5.000000000 s: not joined"*"rerun: tern-sim run $file --seed 7"*) ;;
*) echo "canary: says: $err" >&2; exit 1 ;;
esac
