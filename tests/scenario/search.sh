#!/bin/sh
# SPDX-License-Identifier: MIT
# search.sh TERN-SIM DIR: what a failure needs is found among more than a thousand faults, and where runs part is named.
#= SIM-019 SIM-020 SIM-021 SIM-022
sim=$1 file=$2/thousand_faults.scn dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
wrong=0

say() {
    echo "search: $*" >&2
    wrong=1
}

# expect CODE TEXT ARGUMENT...
expect() {
    code=$1 text=$2
    shift 2
    out=$("$sim" "$@" 2>&1)
    got=$?
    case $out in *"$text"*) [ $got -eq "$code" ] && return ;; esac
    say "tern-sim $*: exit $got (expected $code), says: $out"
}

expect 0 "1043 faults, 2 are enough" shrink "$file" --seed 2 -o "$dir/least.scn"
grep '^at .* lose ' "$dir/least.scn" >"$dir/faults"
printf 'at 8.8s   lose a>r pkt 30\nat 8.866s lose a>r pkt 31\n' | cmp -s - "$dir/faults" || say "it leaves $(cat "$dir/faults")"
grep -E '^(at|link)' "$dir/least.scn" | grep -Eq ' (loss|dup|reorder|corrupt|ge|partition|inject|rebind|set) ' && say "it leaves more: $(cat "$dir/least.scn")"
expect 1 "expected 'expect a messages exactly 69 by 28s'" run "$dir/least.scn" --seed 2
for gone in 30 31; do
    grep -v "lose a>r pkt $gone" "$dir/least.scn" >"$dir/less.scn"
    expect 0 "ok          expect a messages" run "$dir/less.scn" --seed 2
done
expect 1 "does not fail under seed 1" shrink "$file" --seed 1
expect 1 "does not fail under seed 1" blame "$file" --seed 1
expect 0 "certain from 7.266000000 s: at 7.266s lose a>r pkt 31" blame "$file" --seed 2

# A fault by its line, one of a checker, and none at all.
printf 'node r relay idle 1s\nnode a client idle 1s\nlink a-r delay 10ms dup 50%%\nat 1s set a-r delay 11ms..19ms reorder 50%% by 5ms\nat 5s partition a>r for 3s\nexpect a never closed\nuntil 20s\n' >"$dir/line.scn"
expect 0 "1 are enough" shrink "$dir/line.scn" -o "$dir/least.scn"
grep -Eqx 'at 5s partition a>r for 3s' "$dir/least.scn" || say "the partition is gone from $(cat "$dir/least.scn")"
expect 0 "at 5s partition a>r for 3s" blame "$dir/line.scn"
printf 'node r relay\nnode a client\nlink a-r delay 10ms dup 50%%\nexpect a joined\nuntil 2s\n' >"$dir/none.scn"
expect 0 "0 are enough" shrink "$dir/none.scn"
expect 0 "certain from 0 s: it needs none of the" blame "$dir/none.scn"

#= SIM-001
"$sim" run "$dir/none.scn" --seed 1 --trace "$dir/one" >/dev/null 2>&1
"$sim" run "$dir/none.scn" --seed 1 --trace "$dir/again" >/dev/null 2>&1
"$sim" run "$dir/none.scn" --seed 2 --trace "$dir/two" >/dev/null 2>&1
expect 0 "the same " diff "$dir/one" "$dir/again"
expect 1 "they part at event " diff "$dir/one" "$dir/two"
head -n 5 "$dir/one" >"$dir/short"
expect 1 "they part at event 6" diff "$dir/one" "$dir/short"
expect 1 "+ (the end)" diff "$dir/one" "$dir/short"
expect 2 "No such file" diff "$dir/one" "$dir/nothing"
expect 2 "two traces" diff "$dir/one"

expect 0 "same   $dir/none.scn" verify "$dir/none.scn" "$dir/line.scn" --with "$sim"
printf '#!/bin/sh\n"%s" "$@" | sed "s/^digest ./digest x/"\n' "$sim" >"$dir/other"
chmod +x "$dir/other"
expect 1 "DIFFER $dir/none.scn" verify "$dir/none.scn" --with "$sim" --with "$dir/other"
expect 1 "but $dir/other has x" verify "$dir/none.scn" --with "$dir/other"
expect 1 "but false has none" verify "$dir/none.scn" --with false
expect 2 "at most 1000 seeds" verify "$dir/none.scn" --seeds 1..1001
expect 2 "verify needs a scenario" verify
exit $wrong
