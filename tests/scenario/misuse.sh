#!/bin/sh
# SPDX-License-Identifier: MIT
# misuse.sh TERN-SIM: what cannot be read or written ends each command with one clear line and the right status, and leaves
# no file that is half written and none that was not asked for.
sim=$1 dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
wrong=0

say() {
    echo "misuse: $*" >&2
    wrong=1
}

# expect CODE TEXT ARGUMENT...: ends with CODE and says TEXT on stderr.
expect() {
    code=$1 text=$2
    shift 2
    "$sim" "$@" >said 2>complaint </dev/null
    got=$?
    grep -qF -- "$text" complaint && [ $got -eq "$code" ] && return
    say "tern-sim $*: exit $got (expected $code), says: $(cat complaint)"
}

printf 'node r relay\nnode a client\nlink a-r delay 1ms\nuntil 1s\n' >good.scn
printf 'node r relay\nnode a client\nlink a-r\nexpect a joined by 1s\nuntil 1s\n' >fails.scn
printf 'node r relay\nnode a cli\0ent\n' >nul.scn
{ printf 'node r relay\n#'; head -c 5000 /dev/zero | tr '\0' x; echo; } >long.scn
head -c 1048577 /dev/zero | tr '\0' '\n' >big.scn
: >empty.scn
mkdir folder
cp good.scn before.scn

for command in run sweep verify shrink blame fmt "fmt --check" "fmt --write" "proxy --listen 127.0.0.1:0 --to 127.0.0.1:9"; do
    # shellcheck disable=SC2086 # the options of a command are words of their own
    while read -r file text; do expect 2 "$text" $command "$file"; done <<END
none.scn none.scn: No such file or directory
folder folder: Is a directory
nul.scn nul.scn:2:11: expected printable text, found a control character
long.scn long.scn:2:4097: expected a line of at most 4096 bytes
big.scn big.scn:1:1: expected a scenario of at most 1048576 bytes
empty.scn empty.scn:1:1: expected at least one node
END
done
sed 's/$/\r/' good.scn >lines.scn
[ "$("$sim" run good.scn | tail -n 1)" = "$("$sim" run lines.scn | tail -n 1)" ] || say "CR LF is another run"

for seeds in 5..1 1.. ..5 a..b 1..99999999999 -1..3; do expect 2 "seeds" sweep good.scn --seeds $seeds; done
for jobs in 0 -1 x 257; do expect 2 "no number of jobs" sweep good.scn -j $jobs; done
for shard in 3/2 0/2 1/0 a/b 1 1/; do expect 2 "no shard" sweep good.scn --shard $shard; done
expect 2 "nothing.json: No such file" sweep --merge nothing.json
expect 2 "good.scn: expected the result of a sweep --json" sweep --merge good.scn
expect 2 "folder: expected the result" sweep --merge folder
expect 2 "folder: cannot be read to its end" diff folder folder
[ -s said ] && say "diff has seen what cannot be read: $(cat said)"

for view in trace pcapng qlog svg; do
    expect 1 "none/x: No such file" run good.scn --$view none/x
    expect 1 "folder: Is a directory" run good.scn --$view folder
    expect 1 "/dev/full: No space left" run good.scn --$view /dev/full
    expect 2 "good.scn is the scenario itself" run good.scn --$view good.scn
    "$sim" run good.scn --$view written >&- 2>complaint && say "standard output is closed, and run --$view does not notice"
    grep -q '^packets ' written && say "what belongs to standard output stands in the file of --$view"
    rm -f written
done
expect 2 "cannot hold two things" run good.scn --svg both --qlog both
echo old >kept
for view in pcapng qlog svg; do # the disk is full: a limit of size, as the kernel keeps it
    (ulimit -f 1; trap '' XFSZ; "$sim" run good.scn --$view kept >said 2>complaint) && say "a full disk under --$view goes unnoticed"
    [ "$(cat kept)" = old ] || say "--$view leaves a file that is half written"
done
expect 1 "none/x: No such file" shrink fails.scn -o none/x
expect 1 "/dev/full: No space left" shrink fails.scn -o /dev/full
expect 0 "" shrink fails.scn -o kept
grep -q '^expect a joined by 1s' kept || say "shrink -o wrote: $(cat kept)"

for command in "run good.scn" "run good.scn --json" "sweep good.scn --seeds 1..2" "verify good.scn" "shrink fails.scn" "blame fails.scn" "fmt good.scn"; do
    for closed in '>/dev/full' '>&-'; do
        sh -c "\"$sim\" $command $closed" 2>complaint
        { [ $? -eq 1 ] && grep -q "standard output" complaint; } || say "$command $closed goes unnoticed"
    done
done
expect 2 "expected a port from 0 to 65535" proxy good.scn --listen 127.0.0.1:65536 --to 127.0.0.1:9
expect 2 "nobody is at port 0" proxy good.scn --listen 127.0.0.1:0 --to 127.0.0.1:0
expect 2 "there is no client r" proxy good.scn --listen 127.0.0.1:0 --to 127.0.0.1:9 --client r

cmp -s good.scn before.scn || say "a scenario was written over"
for left in *.??????; do [ -e "$left" ] && say "$left was left behind"; done
exit $wrong
