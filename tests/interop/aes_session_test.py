# SPDX-License-Identifier: MIT
"""The Python peers of aes-session (spec/dialects/aes-session.md): client against server, and what attackers send."""
import os
import socket

from dialect_peers import World, key, keys, peer, says, server
from dialects.aes_session import client as client_of
from dialects.aes_session import codec
from dialects.aes_session import server as server_of
from dialects.common.node import Trouble, name_of
from programs import check, equal, main

SERVER, ADA, BOB, EVE = ("10.0.0.1", 5009), ("10.0.0.2", 1), ("10.0.0.3", 2), ("10.0.0.66", 3)


def options_of(module, *arguments):
    return module.parser_of("test").parse_args(list(map(str, arguments)))


def world_with(*arguments):
    world = World()
    world.place(SERVER, server_of.Server(key(), options_of(server_of, *arguments)))
    return world, world.nodes[SERVER]


def client(world, address, number, *arguments):
    made = world.place(address, client_of.Client(key(number), SERVER, options_of(client_of, "127.0.0.1:1", *arguments), world.now))
    world.wait(0.3)
    equal(made.state, client_of.ACTIVE, "state of the client")
    return made


def give(world, source, *datagrams):
    """Datagrams from an address, and what the server sends there if nobody is there."""
    for datagram in datagrams:
        world.nodes[SERVER].receive(source, datagram, world.now)
    return world.sent_to(source)


def request(number=3, cid=None, pem=None):
    cid, pem = cid or os.urandom(8), pem or keys.pem_of(key(number).public_key())
    return codec.datagram(codec.REQUEST, keys.encrypt(key().public_key(), codec.request(cid, pem)))


def prepared(world, source=EVE, number=3):
    """A session that is prepared: (cid, sid, key, algorithm)."""
    answer, = give(world, source, request(number))
    equal(answer[0], codec.SESSION, "answer to 0x02")
    return codec.read_session(keys.decrypt(key(number), answer[1:]))


def sealed(session, kind, plain, **changed):
    cid, sid, secret, algorithm = session
    return codec.datagram(kind, cid + codec.seal(changed.get("key", secret), algorithm, changed.get("sid", sid) + plain, changed.get("nonce")))


def told(answers):
    """The codes of answers that are errors."""
    return [a[1] for a in answers if a[0] == codec.ERROR]


def aes_session_lines_reach_all_others(bench):
    """Real sockets; keys of 2048 and 4096 bits; a session that is full, and a server that starts anew, begin another."""
    #= SES-001 SES-002 SES-003 SES-004 SES-005 SES-018 SES-020 SES-017 DIA-030
    kept = bench.folder / "server.pem"
    room = server(bench, "aes-session", "--listen", "127.0.0.1:0", "--key", kept, "--session-messages", 3, "--rsa-per-second", 500, "--rsa-per-address", 500)
    ada = peer(bench, "aes-session", "client", room.address)
    name_of_ada = says(room, " joined").split()[1]
    bob = peer(bench, "aes-session", "client", room.address, "--bits", 4096)
    says(ada, " joined")
    lines = [f"line {i} " + "é" * 50 for i in range(6)]
    for line in lines:
        ada.say(line)
        bob.hears(f"{name_of_ada}> {line}")
    equal([l.decode() for l in bob.lines], [f"{name_of_ada}> {line}" for line in lines], "what bob heard, each once")
    ada.complains("session 3 is active")
    room.process.terminate()
    room.ends(0)
    again = server(bench, "aes-session", "--listen", room.address, "--key", kept, "--algorithm", "gcm")
    ada.say("after the restart")
    again.hears(f"{name_of_ada}> after the restart")
    for one in (ada, bob):
        one.end_input()
        one.ends(0)
    nobody = peer(bench, "aes-session", "client", room.address, "--pin", "0" * 64)
    nobody.ends(1)
    check(len(nobody.errors) == 1 and b"not the one that is pinned" in nobody.errors[0], f"complaint {nobody.errors}")


def aes_session_counter_mode_is_for_who_asks_for_it(bench):
    #= SES-005
    room = server(bench, "aes-session", "--listen", "127.0.0.1:0", "--algorithm", "ctr")
    careful = peer(bench, "aes-session", "client", room.address)
    careful.ends(1)
    check(b"counter mode" in careful.errors[-1], f"complaint {careful.errors}")
    ada, bob = (peer(bench, "aes-session", "client", room.address, "--allow-ctr") for _ in "ab")
    for one in (ada, bob):
        one.complains("session 1 is active")
    ada.say("hello")
    says(bob, "> hello")


def aes_session_errors_say_what_is_wrong(bench):
    #= SES-006 SES-001 SES-004 SES-010 SES-012 SES-013 DIA-001 DIA-003
    del bench
    world, node = world_with("--rsa-per-address", 1000, "--rsa-per-second", 1000)
    pem = keys.pem_of(key(3).public_key())
    for bad in (b"", pem[:-40], pem.replace(b"A", b"!", 1), b"x" * 3000):
        equal(told(give(world, EVE, codec.datagram(codec.HELLO, bad))), [1], f"answer to the key {bad[:40]!r}")
        world.now += 10
    equal(give(world, EVE, codec.datagram(codec.HELLO, pem)), [codec.datagram(1, keys.pem_of(key().public_key()))], "answer to a key")
    equal(told(give(world, EVE, request(2))), [1], "answer to another key than that of 0x00")
    equal(told(give(world, EVE, request(pem=b"no key"))), [1], "answer to no key")
    for bad in (b"", b"x" * 255, bytes(256), b"x" * 256 * 9, keys.encrypt(key().public_key(), b"short")):
        equal(told(give(world, EVE, codec.datagram(codec.REQUEST, bad))), [3], "answer to what does not decrypt")
        world.now += 10
    session = prepared(world)
    world.now += 1
    equal(told(give(world, EVE, request(3, cid=session[0]))), [2], "answer to a cid that is taken")
    equal(told(give(world, EVE, sealed(session, codec.MESSAGE, b"early"))), [2], "answer to a message before 0x04")
    equal(told(give(world, EVE, sealed(session, codec.CONFIRM, b"KO"))), [2], "answer to what is not OK")
    equal(told(give(world, EVE, sealed(session, codec.CONFIRM, b"OK", sid=b"x" * 8))), [2], "answer to another sid")
    world.now += 1
    equal(told(give(world, EVE, sealed(session, codec.CONFIRM, b"OK", key=b"x" * 16))), [3], "answer to another key")
    equal(told(give(world, EVE, sealed((b"x" * 8, *session[1:]), codec.CONFIRM, b"OK"))), [2], "answer to another cid")
    equal(give(world, EVE, sealed(session, codec.CONFIRM, b"OK")), [], "answer to 0x04")
    equal(give(world, EVE, sealed(session, codec.MESSAGE, b"hello")), [], "answer to a message")
    equal(node.said, [f"* {name_of(EVE)} joined", f"{name_of(EVE)}> hello"], "said")
    world.now += 10
    equal(told(give(world, EVE, sealed(session, codec.MESSAGE, b"x", key=b"x" * 16), sealed(session, codec.MESSAGE, b"x", sid=b"x" * 8))), [3, 2], "answers")
    equal(give(world, EVE, b"", b"\x05x", b"\x01x", b"\x03x", codec.error(2), b"\x10short"), [], "answers to what no client sends")


def aes_session_what_is_sent_again_is_answered_again(bench):
    #= SES-011 SES-023 SES-002
    del bench
    world, node = world_with()
    again = request()
    first, second = give(world, EVE, again, again)
    equal((first, len(node.sessions)), (second, 1), "the answers are the same, and one session")
    equal(give(world, BOB, again), [], "answer to a copy from elsewhere")
    world.change = lambda datagrams: []
    silent = world.place(ADA, client_of.Client(key(1), SERVER, options_of(client_of, "127.0.0.1:1"), world.now))
    try:
        world.wait(10)
        check(False, "a client that is not answered gives up")
    except Trouble as why:
        check("does not answer" in str(why), str(why))
    equal(silent.asked, 10, "how often it asked")


def aes_session_nobody_leaves_who_starts_over(bench):
    #= SES-018 SES-014 SES-020
    del bench
    world, node = world_with("--client-timeout", 30)
    ada, bob = client(world, ADA, 1, "--keep-alive", 5), client(world, BOB, 2, "--keep-alive", 10)
    ada.receive(SERVER, codec.error(codec.BAD_SESSION), world.now)
    ada.receive(SERVER, codec.error(codec.BAD_SESSION), world.now)
    world.wait(2)
    equal((ada.sessions, len(node.sessions), bob.said), (2, 2, []), "sessions of ada, sessions, what bob heard")
    bob.options.keep_alive = 1000
    world.wait(60)
    equal(ada.said[-1], f"* {name_of(BOB)} left", "what ada heard of who is silent")
    bob.line("am I still there?", world.now)
    world.wait(2)
    equal(ada.said[-2:], [f"* {name_of(BOB)} joined", f"{name_of(BOB)}> am I still there?"], "what ada heard then")


def aes_session_a_lost_confirmation_loses_no_line(bench):
    #= SES-004 SES-020
    del bench
    world, node = world_with()
    world.change = lambda datagrams: [d for d in datagrams if d[2][0] != codec.CONFIRM or len(world.lost) or world.lost.append(d)]
    ada = client(world, ADA, 1)
    for text in ("one", "two"):
        ada.line(text, world.now)
    world.wait(3)
    equal(node.said, [f"* {name_of(ADA)} joined", f"{name_of(ADA)}> one", f"{name_of(ADA)}> two"], "said")


def attack_11_aes_session_replays_and_reflections(bench):
    #= SES-017 SES-022 SES-021 SES-001
    del bench
    world, node = world_with()
    ada, bob = client(world, ADA, 1), client(world, BOB, 2)
    seen = []
    world.change = lambda datagrams: seen.extend(datagrams) or datagrams
    ada.line("once", world.now)
    world.wait(0.2)
    said, heard = len(node.said), len(bob.said)
    up, down = [d for s, _, d in seen if s == ADA][0], [d for _, t, d in seen if t == BOB][0]
    for source in (ADA, EVE):
        give(world, source, up)
    bob.receive(SERVER, down, world.now)
    ada.receive(SERVER, codec.datagram(codec.MESSAGE, up[9:]), world.now)
    give(world, BOB, codec.datagram(codec.MESSAGE, bob.cid + down[1:]))
    equal((len(node.said) - said, len(bob.said) - heard, ada.said[-1]), (0, 0, f"* {name_of(BOB)} joined"), "said again, heard again")
    equal((node.dropped["replayed"], bob.dropped["replayed"], ada.dropped["replayed"]), (2, 1, 1), "replays that were seen")
    equal(node.sessions[ada.cid].source, ADA, "where ada is")
    eve = client_of.Client(key(3), SERVER, options_of(client_of, "127.0.0.1:1"), world.now)
    eve.state = client_of.WAIT_SESSION
    forged = codec.session(b"x" * 8, b"y" * 8, b"k" * 16, codec.GCM)
    eve.receive(SERVER, codec.datagram(codec.SESSION, keys.encrypt(key(3).public_key(), forged)), world.now)
    equal((eve.state, eve.dropped["another_cid"]), (client_of.WAIT_SESSION, 1), "state with another's cid")


def attack_6_aes_session_handshakes_that_are_never_finished(bench):
    #= SES-014 SES-015 SES-016 SES-010 DIA-010
    del bench
    world, node = world_with("--rsa-per-second", 2000, "--rsa-per-address", 1000)
    ada = client(world, ADA, 1)
    answers = []
    for i in range(50):
        answers += give(world, (f"10.7.0.{i}", 9), request(3))
    equal((len(node.sessions), told(answers).count(codec.BUSY)), (33, 18), "sessions, refusals")
    for i in range(200):
        give(world, (f"10.7.1.{i}", 9), codec.datagram(codec.HELLO, keys.pem_of(key(3).public_key())))
    check(len(node.offered) <= 64, "keys that are remembered are bounded")
    world.now += 10
    equal(len(give(world, EVE, *[sealed((b"x" * 8, b"", b"k" * 16, 1), codec.MESSAGE, b"")] * 500)), 20, "errors told to one address at once")
    ada.line("is not held up", world.now)
    world.wait(6)
    equal((node.said[-1], len(node.sessions)), (f"{name_of(ADA)}> is not held up", 1), "said, and sessions that are left")
    full, _ = world_with("--clients", 1)
    bob = client(full, BOB, 2)
    equal(told(give(full, EVE, request())), [codec.BUSY], "answer when the room is full")
    bob.receive(SERVER, codec.error(codec.BAD_SESSION), full.now)
    full.wait(2)
    equal(bob.sessions, 2, "sessions of who starts over in a full room")
    small, few = world_with("--rsa-per-second", 100, "--rsa-per-address", 3)
    kinds = told(give(small, EVE, *[request() for _ in range(6)]))
    equal((kinds, few.dropped["busy"]), ([codec.BUSY] * 4, 4), "answers beyond six blocks")


def aes_session_says_in_one_line_what_is_wrong(bench):
    #= SES-023
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    nobody = peer(bench, "aes-session", "client", f"127.0.0.1:{silent.getsockname()[1]}")
    nobody.ends(1)
    check(len(nobody.errors) == 1 and b"does not answer" in nobody.errors[0], f"complaint {nobody.errors}")
    silent.close()


if __name__ == "__main__":
    main(globals())
