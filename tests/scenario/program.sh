#!/bin/sh
# SPDX-License-Identifier: MIT
# program.sh TERN-SIM DIR: what the program says about itself, and how it ends when it is used wrongly.
#= SIM-003
sim=$1 dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
wrong=0

# expect CODE TEXT ARGUMENT...: the program ends with CODE and says TEXT somewhere.
expect() {
    code=$1 text=$2
    shift 2
    out=$("$sim" "$@" 2>&1)
    got=$?
    case $out in *"$text"*) said=yes ;; *) said=no ;; esac
    [ $got -eq "$code" ] && [ $said = yes ] && return
    echo "program: tern-sim $*: exit $got (expected $code), says: $out" >&2
    wrong=1
}

printf 'node r relay\nnode a client\nlink a-r delay 1ms\nexpect a connected by 1s\nuntil 1s\n' >"$dir/good.scn"
printf 'node r relay\nnode a client\nlink a-r delay 1ms rate 1Mbit\nat 0s stream a 10k\nuntil 1s\n' >"$dir/flow.scn"
printf 'node r relay\nnode a client\nlink a-r delay 20\n' >"$dir/bad.scn"

expect 0 "tern-sim run " --help
expect 0 "tern-sim run [OPTION...] FILE" run --help
expect 0 "tern-sim " --version
expect 2 "what to do"
expect 2 "'walk' is no command; there are: run" walk
expect 2 "needs a scenario" run
expect 2 "is no seed" run "$dir/good.scn" --seed seven
expect 2 "is no seed" run "$dir/good.scn" --seed -1
expect 2 "is no seed" run "$dir/good.scn" --seed 18446744073709551616
expect 2 "Too many arguments" run "$dir/good.scn" more
expect 2 "No such file" run "$dir/none.scn"
expect 2 "bad.scn:3:16: expected a time such as 20ms, found '20'" run "$dir/bad.scn"
expect 1 "No such file" run "$dir/good.scn" --trace "$dir/none/trace"
expect 0 "digest " run "$dir/good.scn" --seed 18446744073709551615
expect 0 "same " verify "$dir/good.scn" --seeds 18446744073709551615
expect 0 '"seed": "18446744073709551615"' run "$dir/good.scn" --seed 18446744073709551615 --json
expect 0 "a>r pkt 1 size 1200 sent #" run "$dir/good.scn" --trace /dev/stdout
expect 0 '"ok": true' run "$dir/good.scn" --json
expect 0 '"goodput_bps": ' run "$dir/flow.scn" --json
expect 0 '"bytes_lost": 0' run "$dir/flow.scn" --json
expect 0 '"utilisation_ppm": ' run "$dir/flow.scn" --json

#= SIM-017
printf '\nnode   r relay\nnode a client # who?\nlink a-r  delay 1ms..90ms loss 0..50%%\nat 0s..1s   join  a hall # now\nat 10s leave a\n' >"$dir/mess.scn"
cp "$dir/mess.scn" "$dir/form.scn"
expect 2 "fmt needs a scenario" fmt
expect 2 "either --check or --write" fmt -c -w "$dir/form.scn"
expect 2 "one FILE" fmt "$dir/form.scn" "$dir/good.scn"
expect 2 "bad.scn:3:16: expected a time" fmt "$dir/bad.scn"
expect 1 "form.scn:1: not in its form (tern-sim fmt --write" fmt --check "$dir/good.scn" "$dir/form.scn"
expect 0 "node a client  # who?" fmt "$dir/form.scn"
chmod 640 "$dir/form.scn"
expect 0 "" fmt --write "$dir/form.scn"
expect 0 "" fmt --check "$dir/form.scn"
[ "$(stat -c %a "$dir/form.scn")" = 640 ] || { echo "program: fmt --write changes a file's mode" >&2; wrong=1; }
for seed in 1 2 3; do
    one=$("$sim" run "$dir/mess.scn" --seed $seed | tail -n 1)
    two=$("$sim" run "$dir/form.scn" --seed $seed | tail -n 1)
    [ "$one" = "$two" ] || { echo "program: fmt changes the digest of seed $seed" >&2; wrong=1; }
done
"$sim" fmt "$dir/good.scn" >/dev/full 2>"$dir/said" && wrong=1

#= SIM-001
plain=$("$sim" run "$dir/good.scn" --seed 3 | tail -n 1)
traced=$("$sim" run "$dir/good.scn" --seed 3 --trace "$dir/trace" | tail -n 1)
[ "$plain" = "$traced" ] || { echo "program: a trace changes the digest" >&2; wrong=1; }
"$sim" run "$dir/good.scn" | tail -n 2 | head -n 1 | grep -Eq '^packets [0-9]+  virtual 1\.000 s  wall [0-9.]+ s$' ||
    { echo "program: the last line but one has another form" >&2; wrong=1; }
"$sim" run "$dir/good.scn" >/dev/full 2>"$dir/said"
{ [ $? -eq 1 ] && grep -q 'cannot write to standard output' "$dir/said"; } ||
    { echo "program: a full disk under standard output goes unnoticed" >&2; wrong=1; }
exit $wrong
