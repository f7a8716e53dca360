#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh TERN-SIM TERN-SIM-EVENTS TERN-SIM-CONNECTIONS DIR: what ./dev bench runs of the simulator holds what it expects, in small.
#= SIM-008
sim=$1 events=$2 connections=$3 dir=$4 room=$(mktemp)
trap 'rm -f "$room"' EXIT
"$sim" run "$dir/bulk.scn" || exit 1
/usr/bin/python3 "$dir/room.py" 60 >"$room" && "$sim" run "$room" || exit 1
"$events" 300 | grep -Eq '^\{"nodes": 300, "events": [1-9][0-9]+, "seconds": [0-9.]+\}$' || exit 1
"$connections" 24 8 20000 |
    grep -Eq '^\{"connections": 24, "relays": 3, "events": 2[0-9]{4}, "seconds": [0-9.]+, "bytes": [0-9]+\}$' || exit 1
"$events" 0 2>/dev/null
[ $? -eq 2 ] || exit 1
"$connections" 24 7 2>/dev/null # not whole relays
[ $? -eq 2 ]
