# SPDX-License-Identifier: MIT
"""tern-relay itself: its arguments, its identity, its end; and relays that are not there."""
import re
import signal
import socket
import subprocess
import time

from programs import check, equal, main, until


def help_and_version_are_everywhere(bench):
    for program, commands in (("tern-relay", [[]]), ("tern", [[], ["chat"], ["put"], ["get"], ["ping"], ["certs"]])):
        for command in commands:
            out, err = bench.tern(*command, "--help", program=program)
            check(out.startswith("Usage: ") and err == "", out + err)
            out, _ = bench.tern(*command, "--version", program=program)
            check(re.fullmatch(rf"{program} \d+\.\d+\.\d+\n", out), out)


def wrong_usage_ends_with_two(bench):
    for words in ([], ["nonsense"], ["--nonsense"], ["chat"], ["chat", "h:1", "--room", "r"], ["chat", "h:1", "--name", "n"],
                  ["chat", "h:99999", "--room", "r", "--name", "n"], ["put", "h:1"], ["get"], ["get", "h:1", "a", "b"],
                  ["ping", "h:1", "-c", "0"], ["ping", ":1"], ["ping", "::1:x:1"], ["ping", "h:1", "--pin", "x", "--ca", "y"],
                  ["ping", "h:1", "--congestion", "vegas"],
                  ["certs"], ["certs", ""], ["certs", "d", "--days", "-1"], ["certs", "d", "--name", "a,b"]):
        _, err = bench.tern(*words, status=2)
        check(err.startswith("tern"), err)
    for words in (["x"], ["--listen", ""], ["--listen", "h:x"], ["--cert", "c"], ["--max-connections", "0"], ["--max-file", "1X"],
                  ["--room", "\x1b"], ["--room", "r", "--room", "r"], ["--idle-timeout", "0"],
                  ["--congestion", "vegas"]):
        bench.tern(*words, status=2, program="tern-relay")


def output_that_cannot_be_written_is_told(bench):
    relay, tern = bench.relay(), bench.bin + "/tern"
    for words in ([tern, "--help"], [tern, "ping", relay.address, "-c", "1", "--pin", relay.fingerprint()],
                  [bench.bin + "/tern-relay", "--listen", "127.0.0.1:0", "--identity", "other.pem"]):
        for where in (">/dev/full", ">&-"):
            done = subprocess.run(["sh", "-c", f'exec "$@" {where}', "sh", *words], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=60, env=bench.environment, cwd=bench.folder, check=False)
            equal(done.returncode, 1, f"{words} {where}: {done.stderr}")
            equal(done.stderr.count(b": cannot write to standard output: "), 1, f"{words} {where}: {done.stderr}")


def names_with_newlines_stay_in_their_line(bench):
    bench.refused("ping", "127.0.0.1:1", "--ca", "no\nsuch", says="cannot read no\\nsuch:")


def a_port_in_use_is_one_clear_line(bench):
    relay = bench.relay()
    bench.refused("--listen", relay.address, "--identity", "key.pem", program="tern-relay",
                  says=[relay.address, "Address already in use"])


def an_address_of_another_machine_is_one_clear_line(bench):
    bench.refused("--listen", "192.0.2.1:0", "--identity", "key.pem", program="tern-relay", says="cannot listen at 192.0.2.1:0")


def the_identity_is_made_once_and_private(bench):
    bench.environment["XDG_DATA_HOME"] = str(bench.folder / "data")
    relay = bench.relay(identity=None)
    first, path = relay.fingerprint(), bench.folder / "data/tern/relay-key.pem"
    relay.complains("made a new key in")
    equal(path.stat().st_mode & 0o777, 0o600)
    relay.terminate()
    again = bench.relay(identity=None)
    equal(again.fingerprint(), first)
    check(not any(b"made" in e for e in again.errors), again.errors)


def an_identity_that_others_can_read_is_refused(bench):
    bench.relay().terminate()
    key = bench.folder / "key.pem"
    key.chmod(0o640)
    bench.refused("--listen", "127.0.0.1:0", "--identity", key, program="tern-relay", says=[str(key), "chmod 600"])


def what_is_no_key_is_refused(bench):
    junk = bench.file("junk.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    junk.chmod(0o600)
    bench.refused("--listen", "127.0.0.1:0", "--identity", junk, program="tern-relay", says=[str(junk), "P-256"])
    shows, _ = bench.certificates()
    junk_cert = bench.file("junk-cert.pem", b"none")
    bench.refused("--listen", "127.0.0.1:0", "--cert", junk_cert, *shows[2:], program="tern-relay", says=str(junk_cert))
    bench.refused("--listen", "127.0.0.1:0", "--cert", "/dev/null", *shows[2:], program="tern-relay", says=["/dev/null", "empty"])
    other, _ = bench.certificates("other")
    bench.refused("--listen", "127.0.0.1:0", *shows[:2], *other[2:], program="tern-relay", says=shows[1])


def a_relay_that_is_not_there_is_told_at_once(bench):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    bench.refused("ping", f"127.0.0.1:{port}", says=f"nobody answers at 127.0.0.1:{port}")
    bench.refused("ping", f"localhost:{port}", says=f"nobody answers at localhost:{port}")
    check(time.monotonic() - begun < 5, "it took too long")
    bench.refused("ping", "no-such-host.invalid:1", says="no-such-host.invalid")


#= CONN-003
def a_port_that_never_answers_is_given_up(bench):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        begun = time.monotonic()
        bench.refused("ping", f"127.0.0.1:{port}", says=f"no answer from 127.0.0.1:{port}")
        check(5 < time.monotonic() - begun < 20, "not after ten seconds")


def the_second_address_of_a_name_is_tried(bench):
    relay = bench.relay()
    bench.tern("ping", f"localhost:{relay.port}", "-c", "1")  # ::1 stands first, and nobody listens there


def sigterm_closes_politely(bench):
    for number in (signal.SIGTERM, signal.SIGINT):
        relay = bench.relay()
        member = bench.member(relay, "ada")
        begun = time.monotonic()
        relay.process.send_signal(number)
        relay.ends(0)
        check(time.monotonic() - begun < 4, "it took too long")
        member.ends(1)
        check(b"the program is closing" in member.errors[-1], member.errors)


def a_relay_that_dies_is_noticed(bench):
    relay = bench.relay()
    member = bench.member(relay, "ada")
    relay.process.kill()
    relay.process.wait()
    member.say("are you there?")  # once: it is sent until somebody answers, or says that nobody is there
    member.ends(1)
    check(b"is gone" in member.errors[-1], member.errors)


def counters_come_at_sigusr1_and_at_the_end(bench):
    relay = bench.relay("--stats")
    bench.tern("ping", relay.address, "-c", "1")
    stats = relay.stats()
    equal((stats["handshakes"] if "handshakes" in stats else stats["connections handshakes"]), 1, str(stats))
    check(stats["packets received"] > 2, stats)
    check(0 < stats["socket receive_buffer"] and stats["socket asked"] == 4 << 20, stats)
    equal((stats["socket dropped"], stats["socket unsent"]), (0, 0))
    before = len(relay.errors)
    relay.terminate()
    check("packets received" in relay.counters(before), relay.errors)


def all_sockets_of_a_relay_lead_to_one_room(bench):
    relay = bench.relay(listen=("127.0.0.1:0", "127.0.0.1:0", "[::1]:0", "0.0.0.0:0"))
    members = []
    addresses = [*relay.addresses[:3], f"127.0.0.2:{relay.addresses[3].rpartition(':')[2]}"]  # answered from where it was asked
    for i, address in enumerate(addresses):
        members.append(bench.member(address, f"m{i}"))
    members[0].say("hello")
    for member in members:
        member.hears("m0> hello")


def connections_beyond_the_limit_are_not_taken(bench):
    relay = bench.relay("--max-connections", "2", "--stats")
    first = bench.member(relay, "a")
    bench.member(relay, "b")
    third = bench.member(relay, "c", wait=False)
    until(lambda: relay.stats().get("dropped BUSY", 0) > 0, "the third is not counted as dropped")
    first.end_input()
    first.ends(0)
    third.hears("* here: b, c")  # it goes on asking


#= CONN-069
def an_address_has_no_more_connections_than_it_may(bench):
    relay = bench.relay("--max-per-address", "1", "--stats")
    first = bench.member(relay, "a")
    second = bench.member(relay, "b", wait=False)
    until(lambda: relay.stats().get("dropped ADDRESS", 0) > 0, "the second is not counted as dropped")
    first.end_input()
    first.ends(0)
    second.hears("* here: b")  # it goes on asking
    _, err = bench.tern("--max-per-address", "0", status=2, program="tern-relay")
    check("--max-per-address takes 1 to 65535" in err, err)


#= CONN-064
def who_comes_above_the_rate_is_asked_for_a_proof_of_the_address(bench):
    relay = bench.relay("--retry-above", "1")
    pings = [bench.program(bench.bin + "/tern", "ping", relay.address, "-c", "1") for _ in range(12)]
    for ping in pings:
        ping.ends(0)
    asked = relay.stats().get("dropped RETRY", 0)
    check(1 <= asked <= 11, f"{asked} of 12 were asked")
    for options in (("--retry-above", "0"), ("--retry-above", "many"), ("--retry", "--retry-above", "5")):
        _, err = bench.tern(*options, status=2, program="tern-relay")
        check("--retry-above" in err, err)


if __name__ == "__main__":
    main(globals())
