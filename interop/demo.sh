#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The demo: `demo.sh BIN_DIR`. Certificates, a relay on loopback, members who chat, a file there and back; every step is
# checked. Ends with `demo: ok`, or with one line that says which step failed, and 1.
set -u -o pipefail
[ $# = 1 ] || { echo "usage: demo.sh BIN_DIR" >&2; exit 2; }
TERN=$1/tern RELAY=$1/tern-relay
WORK=$(mktemp -d "${TMPDIR:-/tmp}/tern-demo-XXXXXX") || exit 1
export XDG_CONFIG_HOME=$WORK/config XDG_DATA_HOME=$WORK/data
PIDS=()

clean_up() {
    local pid
    for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null; done
    rm -rf "$WORK"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

fail() {
    echo "demo: failed: $1" >&2
    for log in "$WORK"/*.err; do [ -s "$log" ] && sed "s|^|  ${log##*/}: |" "$log" >&2; done
    exit 1
}

step() { printf '\n== %s\n' "$1"; }

run() { # shows a command and runs it
    printf '$ %s\n' "$(shown "$@")"
    timeout 60 "$@"
}

shown() { # a command as one would type it
    local words="$*"
    words=${words/"$1"/"${1##*/}"}
    echo "${words//"$WORK/"/}"
}

within() { # SECONDS COMMAND...: until it holds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

says() { grep -qxF -- "$2" "$1" 2>/dev/null; }  # FILE LINE
begins() { grep -q -- "^$2" "$1" 2>/dev/null; } # FILE PATTERN

arrived() { # FILE: its last line is ben's long message, byte for byte
    [ "$(tail -n 1 "$1" | sed 's/^ben> //' | tr -d '\n' | sha256sum)" = "$(sha256sum <"$WORK/long")" ]
}

gone() { ! kill -0 "$1" 2>/dev/null; } # PID

member() { # NAME: joins, reads lines from the FIFO NAME.in, writes NAME.out
    local name=$1
    mkfifo "$WORK/$name.in"
    timeout 120 "$TERN" chat "$ADDRESS" --ca "$WORK/certs/ca-cert.pem" --room tea --name "$name" \
        <"$WORK/$name.in" >"$WORK/$name.out" 2>"$WORK/$name.err" 3>&- 4>&- &
    PIDS+=($!)
    MEMBER=$!
}

step "certificates"
run "$TERN" certs "$WORK/certs" || fail "tern certs"

step "a relay on loopback"
"$RELAY" --listen 127.0.0.1:0 --cert "$WORK/certs/server-cert.pem" --key "$WORK/certs/server-key.pem" \
    --files "$WORK/files" --stats >"$WORK/relay.out" 2>"$WORK/relay.err" &
RELAY_PID=$!
PIDS+=($RELAY_PID)
echo "\$ tern-relay --listen 127.0.0.1:0 --cert certs/server-cert.pem --key certs/server-key.pem --files files --stats"
within 10 begins "$WORK/relay.out" "listening tern " || fail "the relay does not listen"
cat "$WORK/relay.out"
ADDRESS=$(sed -n 's/^listening tern //p' "$WORK/relay.out")
run "$TERN" ping "$ADDRESS" --ca "$WORK/certs/ca-cert.pem" -c 2 || fail "tern ping"

step "two members chat"
member ada
ADA=$MEMBER
exec 3>"$WORK/ada.in"
within 10 begins "$WORK/ada.out" "\* here: ada" || fail "ada did not join"
member ben
BEN=$MEMBER
exec 4>"$WORK/ben.in"
within 10 says "$WORK/ben.out" "* here: ada, ben" || fail "ben did not join, or does not see ada"
within 10 says "$WORK/ada.out" "* ben joined" || fail "ada does not see ben come"
echo "Good morning, Ben." >&3
within 10 says "$WORK/ben.out" "ada> Good morning, Ben." || fail "ben does not hear ada"
echo "Morning! Here is the long one:" >&4
within 10 says "$WORK/ada.out" "ben> Morning! Here is the long one:" || fail "ada does not hear ben"
head -c 75000 /dev/urandom | base64 -w 0 >"$WORK/long"
[ "$(stat -c %s "$WORK/long")" = 100000 ] || fail "the long message has a wrong size"
{ cat "$WORK/long" && echo; } >&4
within 20 arrived "$WORK/ada.out" || fail "the message of 100,000 bytes did not arrive as it was"
within 20 arrived "$WORK/ben.out" || fail "the message of 100,000 bytes did not come back as it was"
echo "what ada sees:"
cut -c 1-72 "$WORK/ada.out" | sed 's/^/  /'
echo "the last of them whole: 100,000 bytes, sha256 $(sha256sum <"$WORK/long" | cut -c 1-64)"

step "a file of 64 MiB, there and back"
head -c 67108864 /dev/urandom >"$WORK/big.bin"
run "$TERN" put "$ADDRESS" "$WORK/big.bin" --ca "$WORK/certs/ca-cert.pem" || fail "tern put"
run "$TERN" get "$ADDRESS" big.bin -o "$WORK/back.bin" --ca "$WORK/certs/ca-cert.pem" || fail "tern get"
[ "$(sha256sum <"$WORK/big.bin")" = "$(sha256sum <"$WORK/back.bin")" ] || fail "the file came back changed"
[ "$(sha256sum <"$WORK/big.bin")" = "$(sha256sum <"$WORK/files/received_big.bin")" ] || fail "the stored file is changed"
echo "the same bytes on all three sides: sha256 $(sha256sum <"$WORK/big.bin" | cut -c 1-64)"

step "a member leaves, the other sees it"
exec 3>&-
within 10 says "$WORK/ben.out" "* ada left" || fail "ben does not see ada leave"
wait "$ADA" || fail "ada did not end well"
exec 4>&-
within 10 gone "$BEN" || fail "ben does not end"
wait "$BEN" || fail "ben did not end well"
echo "what ben saw in the end:"
tail -n 1 "$WORK/ben.out" | sed 's/^/  /'

step "the relay closes"
kill -TERM "$RELAY_PID"
within 5 gone "$RELAY_PID" || fail "the relay does not end"
wait "$RELAY_PID" || fail "the relay did not end well"
grep '^stats ' "$WORK/relay.err"
PIDS=()
echo
echo "demo: ok"
