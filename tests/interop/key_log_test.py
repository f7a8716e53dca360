# SPDX-License-Identifier: MIT
"""The key log of the programs: off unless asked for, readable for its owner alone, the same on both sides."""
import re
import stat

from programs import check, equal, main

LABELS = ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"]
EARLY = ["CLIENT_EARLY_TRAFFIC_SECRET"]  # of who has a ticket


def lines_of(path):
    lines = path.read_text().splitlines()
    for line in lines:
        check(re.fullmatch(r"[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]{64}", line), f"no line of a key log: {line!r}")
    return lines


#= HS-091 HS-092
def both_programs_write_the_same_keys_into_files_of_their_owner(bench):
    ours, theirs = bench.folder / "client.keys", bench.folder / "relay.keys"
    relay = bench.relay("--key-log", str(theirs))
    relay.complains(r"^tern-relay: warning: keys are written to .*relay\.keys")
    for labels in (LABELS, LABELS + EARLY + LABELS):
        _, err = bench.tern("ping", relay.address, "-c", "1", "--key-log", ours)
        check(f"tern: warning: keys are written to {ours}" in err, f"no warning: {err}")
        equal([l.split()[0] for l in lines_of(ours)], labels, "labels")
    equal(lines_of(theirs), lines_of(ours), "the relay's lines")
    for path in (ours, theirs):
        equal(stat.S_IMODE(path.stat().st_mode), 0o600, f"mode of {path.name}")
    check(len({l.split()[1] for l in lines_of(ours)}) == 2, "two connections have two randoms")


#= HS-092
def the_environment_asks_for_a_key_log_and_an_option_is_heard_first(bench):
    relay = bench.relay()
    by_environment, by_option = bench.folder / "environment.keys", bench.folder / "option.keys"
    by_environment.write_text("# what was there stays\n")
    bench.environment["SSLKEYLOGFILE"] = str(by_environment)
    bench.tern("ping", relay.address, "-c", "1")
    text = by_environment.read_text().splitlines()
    equal((text[0], len(text)), ("# what was there stays", 5), "the file")
    bench.tern("ping", relay.address, "-c", "1", "--key-log", by_option)
    equal(len(by_environment.read_text().splitlines()), 5, "lines of the other file")
    equal([l.split()[0] for l in lines_of(by_option)], EARLY + LABELS, "labels")


#= HS-090
def without_being_asked_nobody_writes_keys(bench):
    relay = bench.relay()
    _, err = bench.tern("ping", relay.address, "-c", "1")
    check("keys" not in err, f"what is said: {err}")
    relay.terminate()
    check(not any(b"keys" in line for line in relay.errors), f"what the relay says: {relay.errors}")
    equal(sorted(p.name for p in bench.folder.iterdir() if p.is_file()), ["key.pem"], "files")


def a_key_log_that_cannot_be_written_ends_the_program_at_once(bench):
    nowhere = bench.folder / "nowhere" / "keys"
    relay = bench.relay()
    bench.refused("ping", relay.address, "--key-log", nowhere, says=str(nowhere))
    bench.environment["SSLKEYLOGFILE"] = str(bench.folder)
    bench.refused("ping", relay.address, says=str(bench.folder))


if __name__ == "__main__":
    main(globals())
