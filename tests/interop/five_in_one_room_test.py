#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One relay, five systems, one room: each client is a program that somebody else wrote, or one of a dialect in Python, or tern."""
import os
import pathlib
import pickle
import socket
import ssl
import statistics
import struct
import subprocess
import threading
import time

from dialect_peers import peer, says, server
from programs import Skip, check, equal, main, until

UNIT = pathlib.Path(__file__).resolve().parents[1] / "unit"
NAMES = ("rsa-fragment", "tlv-multicast", "aes-session", "tls-chat")


def group(bench):
    """A multicast group of this test's own: its port is one that is free now."""
    done = subprocess.run(["/usr/bin/python3", "-c", "import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
                           "s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"], capture_output=True, check=True, timeout=20)
    return f"224.1.1.{os.getpid() % 200 + 2}:{int(done.stdout)}"


def own_key(folder, name):
    """A key that need not be made any more."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes((UNIT / "dialects/fixtures/server.pem").read_bytes())
    (folder / name).chmod(0o600)


def relay_with(bench, *names, rooms=("lobby",), options=()):
    """A relay that serves the dialects; .at says where each listens."""
    keys = bench.folder / "keys"
    own_key(keys, "rsa-fragment-key.pem")  # 4096 bits take some seconds to make; 2048 are taken as well
    arguments = ["--dialect-keys", str(keys), "--verbose", "--stats", *options]
    for room in rooms:
        arguments += ["--room", room]
    for name in names:
        where = group(bench) + "@127.0.0.1" if name == "tlv-multicast" else "127.0.0.1:0"
        arguments += ["--dialect", f"{name}={where}"]
    relay = bench.relay(*arguments, listening=1 + len(names))
    relay.at = {line.decode().split(" ")[1]: line.decode().split(" ")[2] for line in relay.lines}
    return relay


def client(bench, relay, name, *options):
    where = ("--group", relay.at[name], "--interface", "127.0.0.1") if name == "tlv-multicast" else (relay.at[name],)
    return peer(bench, name, "client", *where, *options)


def joined(relay, name):
    """Waits until the relay says that a client of the dialect has joined; gives its address."""
    return relay.complains(rf"{name}: '[^']*' joined from (\S+)").group(1)


def everybody(bench, relay):
    """One of each, who have all joined: name -> (program, its address, the name that others see)."""
    here = {}
    ada = bench.member(relay, "ada", room="lobby")
    here["tern"] = (ada, relay.complains(r"peer \d+: connected from (\S+) ").group(1), "ada")
    for name in NAMES:
        program = client(bench, relay, name, *(("--name", "tom") if name == "tls-chat" else ()))
        if name == "rsa-fragment":
            program.complains("server key")
            program.say("here I am")  # one who has said nothing is in no room: whoever writes its address could be
        address = joined(relay, name)
        here[name] = (program, address, "tom" if name == "tls-chat" else address)
    return here


FORMS = {
    "tern": "{nick}> {text}",
    "rsa-fragment": "{nick}> {text}",
    "aes-session": "{nick}> {text}",
    "tlv-multicast": "{address}> {text}",
    "tls-chat": "#[{nick}@127.0.0.1]>> {text}",
}


#= ROOM-004 RSF-014 SES-018 TLV-012 TCH-020
def every_line_of_five_systems_reaches_every_other(bench):
    relay = relay_with(bench, *NAMES)
    here = everybody(bench, relay)
    for name, (program, address, nick) in here.items():
        text = f"a line from {name}"
        program.say(text)
        for other, (listener, _, _) in here.items():
            if other != name:
                says(listener, FORMS[other].format(nick=nick, address=address, text=text))
    for name in ("tls-chat", "tlv-multicast"):  # those that say goodbye
        program, address, nick = here.pop(name)
        program.end_input()
        program.ends(0)
        for other, (listener, _, _) in here.items():
            says(listener, {"tern": f"* {nick} left", "tlv-multicast": f"* {address} left",
                            "tls-chat": f"(Hung up: Client from {nick}@127.0.0.1)"}.get(other, f"* {nick} left"))
    relay.terminate()


def each_sees_who_comes(bench):
    relay = relay_with(bench, *NAMES)
    here = everybody(bench, relay)
    bob = bench.member(relay, "bob", room="lobby")
    address = relay.complains(r"peer \d+: connected from (\S+) .*").group(1)
    check(address, "an address")
    for name, (program, _, _) in here.items():
        if name == "tlv-multicast":
            until(lambda p=program: sum(b" joined" in line for line in p.lines) >= 5, "tlv-multicast sees five come")
        else:
            says(program, "bob@127.0.0.1" if name == "tls-chat" else "* bob joined")
    says(bob, "here: ada")


#= TCH-001 TCH-002 TCH-005
def openssl_comes_in_with_the_seeds_cipher(bench):
    relay = relay_with(bench, "tls-chat")
    ada = bench.member(relay, "ada", room="lobby")
    for form, name in (("Q", "old"), ("I", "older")):
        program = bench.program("openssl", "s_client", "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0", "-quiet", "-connect", relay.at["tls-chat"])
        for text in (f"NAME: {name}", f"hello from {name}"):
            body = pickle.dumps((text,))
            length = struct.pack(">I", len(body)) + (b"\0\0\0\0" if form == "Q" else b"")
            program.process.stdin.write(length + body)
        program.process.stdin.flush()
        ada.hears(f"* {name} joined")
        ada.hears(f"{name}> hello from {name}")
        ada.say(f"welcome {name}", "and again")  # a message begins with the line break, so that the next one ends its line
        until(lambda p=program, n=name: any(f"#[ada@127.0.0.1]>> welcome {n}".encode() in line for line in p.lines), "the answer")
        program.stop()
        ada.hears(f"* {name} left")


#= TCH-005 TCH-006
def openssl_resumes_and_prefers_what_is_better(bench):
    relay = relay_with(bench, "tls-chat")

    def shake(*options):
        done = subprocess.run(["openssl", "s_client", "-connect", relay.at["tls-chat"], *options], input=b"", capture_output=True,
                              timeout=30, check=False)
        return done.stdout.decode(errors="replace")
    session = str(bench.folder / "session")
    check("ECDHE-RSA-AES128-GCM-SHA256" in shake("-tls1_2", "-sess_out", session), "the better suite is taken")
    check("Reused, TLSv1.2" in shake("-tls1_2", "-sess_in", session), "the session is resumed")
    check("Cipher is (NONE)" in shake("-tls1_3"), "TLS 1.3 is not spoken")


def tern_dialect(bench, name, where, *options):
    return bench.program(bench.bin + "/tern", "dialect", name, where, *options)


#= RSF-006 SES-004 TLV-002 TCH-020
def tern_speaks_with_servers_that_others_wrote(bench):
    for name in NAMES:
        extra = ("--group", group(bench), "--interface", "127.0.0.1") if name == "tlv-multicast" else (
            ("--listen", "127.0.0.1:0", "--cert", str(bench.folder / "cert.pem")) if name == "tls-chat" else ("--listen", "127.0.0.1:0"))
        if name == "rsa-fragment":
            extra += ("--bits", "2048")
        there = server(bench, name, *extra)
        where = extra[1] if name == "tlv-multicast" else there.address
        options = {"tls-chat": ("--name", "tom"), "tlv-multicast": ("--interface", "127.0.0.1")}.get(name, ())
        ours = tern_dialect(bench, name, where, *options)
        ours.complains(f"connected to {name}")
        ours.say(f"from tern to {name}", "x" * 1500)
        says(there, f"from tern to {name}")
        says(there, "x" * 1500)
        theirs = peer(bench, name, "client", *(extra if name == "tlv-multicast" else (there.address,)),
                      *(("--name", "zoe") if name == "tls-chat" else ()))
        theirs.say("from their own client")
        says(ours, "from their own client")
        ours.say("and back")
        says(theirs, "and back")
        ours.end_input()
        ours.ends(0)


def tern_dialect_comes_into_the_room_as_well(bench):
    relay = relay_with(bench, *NAMES)
    ada = bench.member(relay, "ada", room="lobby")
    for name in NAMES:
        where = relay.at[name]
        options = {"tls-chat": ("--name", "tom"), "tlv-multicast": ("--interface", "127.0.0.1")}.get(name, ())
        ours = tern_dialect(bench, name, where, *options)
        ours.complains(f"connected to {name}")
        ours.say(f"I speak {name}")
        says(ada, f"I speak {name}")
        ada.say(f"we heard {name}")
        says(ours, f"we heard {name}")
        ours.end_input()
        ours.ends(0)
    check(not any(line.endswith(b"> ") for line in ada.lines), f"something empty was said: {ada.lines}")


def tern_dialect_makes_no_key_that_it_does_not_need(bench):
    relay = relay_with(bench, "tls-chat")
    ours = tern_dialect(bench, "tls-chat", relay.at["tls-chat"], "--name", "tom")
    ours.end_input()
    ours.ends(0)
    check(not list((bench.folder / "home").rglob("dialect-client-key.pem")), "there is a key")


def tern_dialect_says_what_is_wrong(bench):
    for arguments, words in ((("gopher",), "none of rsa-fragment"), ((), "which dialect"), (("tls-chat", "127.0.0.1:1"), "needs a --name"),
                             (("aes-session", "127.0.0.1:1", "--name", "x"), "for tls-chat"),
                             (("tls-chat", "127.0.0.1:1", "--name", "x", "--key", "x"), "not for tls-chat"),
                             (("aes-session", "127.0.0.1:1", "127.0.0.1:2"), "too much")):
        _, err = bench.tern("dialect", *arguments, status=2)
        check(words in err, f"{arguments}: {err}")


def tern_dialect_says_that_nobody_listens(bench):
    own_key(bench.folder, "key.pem")
    for name, extra in (("tls-chat", ("--name", "x")), ("rsa-fragment", ("--key", "key.pem")), ("aes-session", ("--key", "key.pem"))):
        for said in (b"", b"hello\n"):
            _, err = bench.tern("dialect", name, "127.0.0.1:1", *extra, status=1, stdin=said)
            equal(err.strip(), f"tern: {name}: nobody listens at 127.0.0.1:1")


#= DIA-004
def tern_dialect_talks_to_the_pinned_server_alone(bench):
    relay = relay_with(bench, "aes-session")
    ada = bench.member(relay, "ada", room="lobby")
    fingerprint = relay.complains(r"aes-session: its key is (?:SHA256:)?([0-9a-f]{64})").group(1)
    ours = tern_dialect(bench, "aes-session", relay.at["aes-session"], "--pin", fingerprint)
    ours.say("to whom I know")
    says(ada, "to whom I know")
    ours.end_input()
    ours.ends(0)
    _, err = bench.tern("dialect", "aes-session", relay.at["aes-session"], "--pin", "00" * 32, status=1, stdin=b"to a stranger\n")
    check("a key that is not the pinned one" in err, err)
    check(not any(b"stranger" in line for line in ada.lines), f"it was said: {ada.lines}")
    _, err = bench.tern("dialect", "aes-session", "127.0.0.1:1", "--pin", "xyz", status=2)
    check("--pin takes the 64 hex" in err, err)


#= RSF-016 RSF-020
def rsa_fragment_clients_outlive_a_restart_of_the_relay(bench):
    relay = relay_with(bench, "rsa-fragment")
    where = relay.at["rsa-fragment"]
    there = client(bench, relay, "rsa-fragment")
    there.complains("server key")
    there.say("here I am")
    joined(relay, "rsa-fragment")
    relay.terminate()
    kept = bench.folder / "keys/rsa-fragment-clients"
    equal(kept.stat().st_mode & 0o777, 0o600, "mode")
    arguments = ("--dialect-keys", str(bench.folder / "keys"), "--verbose", "--room", "lobby", "--dialect", f"rsa-fragment={where}")
    relay = bench.relay(*arguments, listening=2)
    ada = bench.member(relay, "ada", room="lobby")
    ada.say("do you still hear me")
    says(there, "ada> do you still hear me")  # it has said nothing since
    relay.terminate()
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    relay = bench.relay(*arguments, listening=2)
    relay.complains("rsa-fragment-clients is damaged")
    ada = bench.member(relay, "ada", room="lobby")
    check(any(line == b"* here: ada" for line in ada.lines), f"somebody is known: {ada.lines}")


def round_trips(ada, bob, word, n):
    """Seconds from a line that ada says to bob's hearing it."""
    took = []
    for i in range(n):
        begun = time.monotonic()
        ada.say(f"{word} {i}")
        bob.hears(f"ada> {word} {i}")
        took.append(time.monotonic() - begun)
    return took


def flood(address, stop, datagrams):
    """Sends what costs a decryption, each time another, from many ports until it is told to stop."""
    host, port = address.split(":")
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    for i, one in enumerate(sockets):
        one.bind((f"127.0.0.{2 + i % 4}", 0))
    sent = 0
    while not stop.is_set():
        for datagram in datagrams():
            sockets[sent % 8].sendto(datagram, (host, int(port)))
        sent += 1
        time.sleep(0.0005)
    for one in sockets:
        one.close()


def whole_ciphertexts():
    yield b"\1" + os.urandom(511)


def long_ciphertexts():
    """Ten blocks in fragments: each of them is opened before it shows that it says nothing."""
    ident, text = os.urandom(4), b"".join(b"\1" + os.urandom(511) for _ in range(10))
    parts = [text[i:i + 490] for i in range(0, len(text), 490)]
    for no, part in enumerate(parts, 1):
        yield ident + bytes((no, len(parts))) + part


#= RSF-013 DIA-010
def attack_6_a_flood_of_ciphertexts_does_not_hold_up_the_tern_room(bench):
    keys = bench.folder / "keys"
    keys.mkdir()
    (keys / "rsa-fragment-key.pem").write_bytes((UNIT / "dialects/fixtures/server_4096.pem").read_bytes())
    (keys / "rsa-fragment-key.pem").chmod(0o600)
    relay = bench.relay("--dialect-keys", str(keys), "--room", "lobby", "--dialect", "rsa-fragment=127.0.0.1:0", listening=2)
    where = relay.lines[1].decode().split(" ")[2]
    ada, bob = (bench.member(relay, name, room="lobby") for name in ("ada", "bob"))
    alone = statistics.median(round_trips(ada, bob, "alone", 40))
    for what in (whole_ciphertexts, long_ciphertexts):
        stop = threading.Event()
        flooder = threading.Thread(target=flood, args=(where, stop, what), daemon=True)
        flooder.start()
        took = round_trips(ada, bob, what.__name__, 40)
        stop.set()
        flooder.join()
        print(f"{what.__name__}: median {statistics.median(took) * 1e3:.1f} ms, worst {max(took) * 1e3:.1f} ms, "
              f"{statistics.median(took) / alone:.1f} of the {alone * 1e3:.1f} ms without")
        check(max(took) < 5, f"a line took {max(took):.1f} s")
    relay.terminate()


#= TCH-021
def attack_15_tls_chat_connections_that_say_nothing_keep_out_nobody(bench):
    relay = relay_with(bench, "tls-chat")
    host, port = relay.at["tls-chat"].split(":")
    silent = [socket.create_connection((host, int(port)), timeout=30) for _ in range(400)]
    ended = 0
    for connection in silent[256:]:  # more than half of all places are for no host
        ended += connection.recv(1) == b""
    equal(ended, 144, "closed at once")
    silent[0].setblocking(False)
    try:
        silent[0].recv(1)
        raise AssertionError("the first one was closed as well")
    except BlockingIOError:
        pass
    ada = bench.member(relay, "ada", room="lobby")
    with socket.create_connection((host, int(port)), timeout=30, source_address=("127.0.0.2", 0)) as elsewhere:
        speaks = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        speaks.check_hostname, speaks.verify_mode = False, ssl.CERT_NONE
        speaks.set_ciphers("AES128-SHA:@SECLEVEL=0")
        with speaks.wrap_socket(elsewhere) as zoe:
            body = pickle.dumps(("NAME: zoe",))
            zoe.sendall(struct.pack(">I", len(body)) + bytes(4) + body)
            ada.hears("* zoe joined")
            for connection in silent[:256]:
                connection.settimeout(30)
                equal(connection.recv(1), b"", "a silent one is closed")
            ada.say("zoe stays")
            until(lambda: b"zoe stays" in zoe.recv(4096), "the line")
    for connection in silent:
        connection.close()


#= ROOM-030
def a_room_that_is_tern_only_has_no_guests(bench):
    relay = relay_with(bench, "aes-session", rooms=("vault:tern-only", "lobby"))
    ada = bench.member(relay, "ada", room="vault")
    bob = bench.member(relay, "bob", room="lobby")
    program = client(bench, relay, "aes-session")
    address = joined(relay, "aes-session")
    bob.hears(f"* {address} joined")
    program.say("not for the vault")
    bob.hears(f"{address}> not for the vault")
    ada.say("nor for the lobby")
    ada.hears("ada> nor for the lobby")
    check(not any(b"vault" in line for line in ada.lines), f"a guest in the vault: {ada.lines}")
    check(not any(b"nor for the lobby" in line for line in program.lines), f"the vault is heard outside: {program.lines}")


def keys_are_made_once_and_warnings_are_given(bench):
    relay = relay_with(bench, "aes-session", "tls-chat")
    relay.complains(r"making a key of 2048 bits in \S+/aes-session-key.pem, once")
    relay.complains(r"warning: aes-session: the server does not prove who it is")
    relay.complains(r"warning: tls-chat: ")
    relay.terminate()
    keys = {p.name: p.stat() for p in pathlib.Path(bench.folder / "keys").iterdir()}
    equal(sorted(keys), ["aes-session-key.pem", "rsa-fragment-key.pem", "tls-chat-cert.pem", "tls-chat-key.pem"], "files")
    equal(keys["aes-session-key.pem"].st_mode & 0o777, 0o600, "mode")
    again = relay_with(bench, "aes-session", "tls-chat")
    again.complains("warning: aes-session")
    check(not any(b"making a key" in line for line in again.errors), f"made again: {again.errors}")
    again.terminate()


def a_wrong_dialect_is_wrong_usage(bench):
    for arguments, says_so in (
            (("--dialect", "gopher=127.0.0.1:70"), "rsa-fragment, tlv-multicast, aes-session or tls-chat, not 'gopher=127.0.0.1:70'"),
            (("--dialect", "tls-chat"), "NAME=HOST:PORT"),
            (("--dialect", "tls-chat=127.0.0.1:0@127.0.0.1"), "for tlv-multicast"),
            (("--dialect", "tls-chat=127.0.0.1:0", "--room", "v:tern-only"), "every room is tern-only"),
            (("--dialect", "tls-chat=127.0.0.1:0", "--room", "v:tern-only", "--dialect-room", "v"), "is tern-only"),
            (("--dialect", "tls-chat=127.0.0.1:0", "--room", "a", "--dialect-room", "b"), "there is no --room 'b'"),
            (("--dialect-keys", "x"), "for a relay with --dialect")):
        _, err = bench.tern(*arguments, status=2, program="tern-relay")
        check(says_so in err, f"{arguments}: {err}")
    own_key(bench.folder / "keys", "tlv-multicast-key.pem")
    _, err = bench.tern("--listen", "127.0.0.1:0", "--dialect", "tlv-multicast=127.0.0.1:5007", "--dialect-keys", "keys", status=1,
                        program="tern-relay")
    check("no IPv4 multicast group" in err, err)


if __name__ == "__main__":
    if not pathlib.Path("/usr/bin/openssl").exists():
        raise Skip("openssl is not installed")
    main(globals())
