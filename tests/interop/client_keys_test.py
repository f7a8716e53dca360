# SPDX-License-Identifier: MIT
"""Relays that only take clients they know: their keys, the file with the fingerprints, and what is said to the others."""
import os
import signal
import subprocess

from programs import check, equal, main, needs, reload


def new_key(bench, name):
    out, _ = bench.tern("key", name)
    check(out.startswith("SHA256:") and len(out) == 7 + 64 + 1, out)
    return out.strip()


def a_key_is_made_once_and_shows_its_fingerprint(bench):
    _, err = bench.tern("key", "keys/ada.pem")
    equal(err, "tern: made a new key in keys/ada.pem\n")
    equal((bench.folder / "keys/ada.pem").stat().st_mode & 0o777, 0o600)
    out, err = bench.tern("key", "keys/ada.pem")
    equal(err, "")
    shown = subprocess.run("openssl pkey -in keys/ada.pem -pubout -outform DER | sha256sum", shell=True, check=True,
                           cwd=bench.folder, capture_output=True).stdout.decode().split()[0]
    equal(out, f"SHA256:{shown}\n")
    (bench.folder / "keys/ada.pem").chmod(0o644)
    bench.refused("key", "keys/ada.pem", says=["can be used by others", "chmod 600"])
    bad = bench.file("bad.pem", b"x\n")
    bad.chmod(0o600)
    bench.refused("key", bad, says=["bad.pem", "not a PEM with a private key"])
    bench.tern("key", status=2)


def programs_that_make_a_key_in_the_same_moment_use_the_same(bench):
    for number in range(5):
        makers = [bench.program(bench.bin + "/tern", "key", f"key-{number}.pem") for _ in range(8)]
        for maker in makers:
            maker.ends()
        equal(len({line for maker in makers for line in maker.lines}), 1, "fingerprints")


#= HS-060 HS-061
def a_known_client_comes_in_and_the_log_names_its_key(bench):
    ada = new_key(bench, "ada.pem")
    relay = bench.relay("-v", "--require-client-key", bench.file("members", f"# who may\n\n  {ada}  # ada\n".encode()))
    bench.tern("ping", relay.address, "-c", "1", "--key", "ada.pem")
    relay.complains(rf"peer \d+: connected from .*, key {ada}$")


#= HS-062
def a_client_without_a_key_is_told_to_bring_one(bench):
    ada = new_key(bench, "ada.pem")
    relay = bench.relay("-v", "--require-client-key", bench.file("members", ada.encode()))
    bench.refused("ping", relay.address, says=[f"the relay at {relay.address} only takes clients with a key", "--key FILE"])
    relay.complains(r"peer \d+: closed: a client that shows no key where one is needed")


#= HS-063
def a_client_with_another_key_is_told_which(bench):
    ada, bob = new_key(bench, "ada.pem"), new_key(bench, "bob.pem")
    relay = bench.relay("-v", "--require-client-key", bench.file("members", ada.encode()))
    bench.refused("ping", relay.address, "--key", "bob.pem", says=["does not let the key in bob.pem come in", bob])
    relay.complains(rf"peer \d+: closed: a key that is not allowed here.*, key {bob}$")


#= HS-063
def a_clients_certificate_counts_by_its_key(bench):
    needs("openssl")
    bench.tern("certs", "certs")
    fingerprint = bench.tern("key", "certs/server-key.pem")[0]
    relay = bench.relay("--require-client-key", bench.file("members", fingerprint.encode()))
    bench.tern("ping", relay.address, "-c", "1", "--key", "certs/server-key.pem", "--cert", "certs/server-cert.pem")
    new_key(bench, "bob.pem")
    bench.refused("ping", relay.address, "--key", "bob.pem", "--cert", "certs/server-cert.pem", says="does not belong to the certificate")
    bench.tern("ping", relay.address, "--cert", "certs/server-cert.pem", status=2)


#= HS-060
def a_relay_that_does_not_ask_learns_no_key(bench):
    new_key(bench, "ada.pem")
    relay = bench.relay("-v")
    bench.tern("ping", relay.address, "-c", "1", "--key", "ada.pem")
    line = relay.complains(r"peer \d+: connected.*$").group(0)
    check("key" not in line, line)


#= HS-064
def at_sighup_the_list_is_read_again_and_who_is_gone_has_to_go(bench):
    ada, bob = new_key(bench, "ada.pem"), new_key(bench, "bob.pem")
    members = bench.file("members", f"{ada}\n".encode())
    relay = bench.relay("--require-client-key", members)
    chat = bench.member(relay, "ada", "--key", "ada.pem")
    bench.refused("ping", relay.address, "--key", "bob.pem", says="does not let")
    members.write_text(f"{ada}\n{bob}\n")
    reload(relay, "2 keys of clients read again")
    other = bench.member(relay, "bob", "--key", "bob.pem")
    members.write_text(f"{ada}\nnonsense\n")
    reload(relay, "stay as they are: cannot read")
    check(any(b"members:2: a line is SHA256:HEX" in e for e in relay.errors), relay.errors)
    members.write_text(f"{bob}\n")
    reload(relay, "1 keys of clients read again")
    chat.ends(1)
    check(any(b"does not let the key in ada.pem come in" in e for e in chat.errors), chat.errors)
    other.say("still here")
    other.hears("bob> still here")


def a_list_that_cannot_be_used_is_named_with_its_line(bench):
    good = "00" * 32
    for text, says in ((f"{good}\n# x\n{good} {good}\n", "bad:3: "), ("SHA256:12\n", "bad:1: "), (f"{good}\0\n", "bad:1: "),
                       (f"{good}\n" * 4097, "bad:4097: at most 4096 keys")):
        path = bench.file("bad", text.encode())
        _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", "k.pem", "--require-client-key", path, status=1,
                            program="tern-relay")
        check(says in err, err)
    _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", "k.pem", "--require-client-key", "none", status=1,
                        program="tern-relay")
    check("none: No such file" in err, err)


#= HS-064
def attack_13_a_pipe_in_the_place_of_the_clients_keys_does_not_stop_a_relay(bench):
    allowed = bench.file("allowed", new_key(bench, "ada.pem").encode() + b"\n")
    relay = bench.relay("--require-client-key", allowed)
    bench.tern("ping", relay.address, "-c", "1", "--key", "ada.pem")
    os.unlink(allowed)
    os.mkfifo(allowed)
    for _ in range(1000):
        relay.process.send_signal(signal.SIGHUP)
    relay.complains("stay as they are: .* it is no plain file")
    bench.tern("ping", relay.address, "-c", "1", "--key", "ada.pem")
    relay.terminate()


if __name__ == "__main__":
    main(globals())
