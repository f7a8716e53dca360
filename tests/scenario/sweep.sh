#!/bin/sh
# SPDX-License-Identifier: MIT
# sweep.sh TERN-SIM DIR: a sweep sees the seeds that fail, whatever number runs at a time, in whatever parts, and says how to run
# each again.
#= SIM-008 SIM-018
sim=$1 canary=$2/canary_hundredth.scn dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
wrong=0
FAILING="56 262 442 525 600 606 634 755 996"

say() {
    echo "sweep: $*" >&2
    wrong=1
}

"$sim" sweep "$canary" --seeds 1..1000 -j 4 >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] || say "the canary's sweep does not end with 1"
seeds=$(sed -n 's/^failing seeds //p' "$dir/out")
[ "$seeds" = "$FAILING" ] || say "failing seeds $seeds, expected $FAILING"
for seed in $FAILING; do
    grep -q "^seed $seed: line 10: expected 'expect a connected by 100ms', seen at 0.100000000 s: not connected$" "$dir/err" ||
        say "seed $seed is not told"
    grep -Fqx "rerun: tern-sim run $canary --seed $seed" "$dir/err" || say "seed $seed has no rerun"
    "$sim" run "$canary" --seed "$seed" >"$dir/run" 2>&1
    [ $? -eq 1 ] || say "seed $seed does not fail alone"
done
tail -n 2 "$dir/out" | head -n 1 | grep -Eq '^seeds 1\.\.1000  held [0-9]+  failed [0-9]+  packets [0-9]+  virtual [0-9.]+ s$' ||
    say "the last line but one has another form"
grep -q 'seeds, ' "$dir/err" && say "progress where there is no terminal"

# One at a time, many at a time, in parts: one result.
"$sim" sweep "$canary" --seeds 1..60 -j 1 --json >"$dir/whole.json" 2>/dev/null
"$sim" sweep "$canary" --seeds 1..60 -j 8 --json >"$dir/eight.json" 2>/dev/null
cmp -s "$dir/whole.json" "$dir/eight.json" || say "eight jobs give another result than one"
for i in 1 2 3; do "$sim" sweep "$canary" --seeds 1..60 --shard $i/3 --json >"$dir/$i.json" 2>/dev/null; done
"$sim" sweep --merge "$dir/3.json" "$dir/1.json" "$dir/2.json" --json >"$dir/merged.json"
[ $? -eq 1 ] || say "merged failures do not end with 1"
cmp -s "$dir/whole.json" "$dir/merged.json" || say "three parts give another result than the whole"
"$sim" sweep --merge "$dir/3.json" "$dir/1.json" "$dir/2.json" 2>"$dir/err" | grep -q "^failing seeds 56$" ||
    say "a merge names other seeds"
grep -Fqx "rerun: tern-sim run $canary --seed ${FAILING%% *}" "$dir/err" || say "a merge tells no rerun"

expect() {
    code=$1 text=$2
    shift 2
    out=$("$sim" sweep "$@" 2>&1)
    got=$?
    case $out in *"$text"*) [ $got -eq "$code" ] && return ;; esac
    say "tern-sim sweep $*: exit $got (expected $code), says: $out"
}

printf 'node r relay\nnode a client\nlink a-r delay 1ms..5ms\nexpect a connected by 1s\nuntil 1s\n' >"$dir/good.scn"
printf 'node r relay\nnode a client\nlink a-r delay 20\n' >"$dir/bad.scn"
expect 0 "seeds 5..5  held 1  failed 0" "$dir/good.scn" --seeds 5
expect 0 "shard 3/3  held 0  failed 0" "$dir/good.scn" --seeds 1..2 --shard 3/3

# Seeds are 64 bits without a sign, told and read back as they are.
last=18446744073709551615
expect 0 "held 100  failed 0" "$dir/good.scn" --seeds 18446744073709551516..$last
expect 0 "\"last\": \"$last\"" "$dir/good.scn" --seeds $last --json
printf 'node r relay\nnode a client\nlink a-r delay 1ms\nexpect a connected by 0s\nuntil 1s\n' >"$dir/fails.scn"
for i in 1 2; do "$sim" sweep "$dir/fails.scn" --seeds 9223372036854775807..9223372036854775808 --shard $i/2 --json >"$dir/high$i.json" 2>/dev/null; done
expect 1 "failing seeds 9223372036854775807 9223372036854775808" --merge "$dir/high1.json" "$dir/high2.json"
sed 's/"first": "[0-9]*"/"first": -1/' "$dir/high1.json" >"$dir/negative.json"
expect 2 "expected the result of a sweep" --merge "$dir/negative.json"

# What a packet says up to the frame for which there is no memory has been heard, though it is dropped: the checkers know.
expect 0 "held 8" "$2/../../netsim/scenarios/low_memory.scn" --seeds 1..8

expect 2 "of 2 parts none is shard 2/3" --merge "$dir/1.json" "$dir/3.json"
expect 2 "found one that is there" --merge "$dir/1.json" "$dir/1.json"
"$sim" sweep "$dir/good.scn" --seeds 1..60 --shard 2/3 --json >"$dir/other.json"
expect 2 "found a part of another" --merge "$dir/1.json" "$dir/other.json"
expect 2 "good.scn: " --merge "$dir/good.scn"
expect 2 "bad.scn:3:16: expected a time" "$dir/bad.scn"
expect 2 "no range of seeds" "$dir/good.scn" --seeds 9..1
expect 2 "no range of seeds" "$dir/good.scn" --seeds 1..18446744073709551616
expect 2 "more than 10000000 seeds" "$dir/good.scn" --seeds 0..10000000
expect 2 "no shard such as" "$dir/good.scn" --shard 0/3
expect 2 "no shard such as" "$dir/good.scn" --shard 4/3
expect 2 "no number of jobs" "$dir/good.scn" -j 0
expect 2 "sweep needs a scenario"
expect 2 "--merge needs results" --merge
exit $wrong
