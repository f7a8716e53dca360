# SPDX-License-Identifier: MIT
"""The Python peers of rsa-fragment (spec/dialects/rsa-fragment.md): client against server, and what attackers send."""
import socket

from dialect_peers import World, key, keys, peer, says, server, shuffled_and_doubled
from dialects.common.node import name_of
from dialects.rsa_fragment import client as client_of
from dialects.rsa_fragment import codec
from dialects.rsa_fragment import server as server_of
from programs import check, equal, main

SERVER, ADA, BOB, EVE = ("10.0.0.1", 5008), ("10.0.0.2", 1), ("10.0.0.3", 2), ("10.0.0.66", 3)


def options_of(module, *arguments):
    return module.parser_of("test").parse_args(list(map(str, arguments)))


def world_with(*arguments):
    world = World()
    world.place(SERVER, server_of.Server(key(), options_of(server_of, *arguments), world.now))
    return world, world.nodes[SERVER]


def client(world, address, number, *arguments):
    made = world.place(address, client_of.Client(key(number), SERVER, options_of(client_of, "127.0.0.1:1", *arguments), world.now))
    world.wait(0.2)
    check(made.server_key, "the client has the server's key")
    return made


def give(world, source, *datagrams):
    for datagram in datagrams:
        world.nodes[SERVER].receive(source, datagram, world.now)
    world.settle()


def sealed(text):
    return keys.encrypt(key().public_key(), text.encode())


def rsa_fragment_lines_reach_all_others(bench):
    """Real sockets; keys of 2048 and 4096 bits, fragments in both directions, state over a restart."""
    #= RSF-001 RSF-002 RSF-004 RSF-005 RSF-006 RSF-014 RSF-016 DIA-002 DIA-030
    state, kept = bench.folder / "state.json", bench.folder / "server.pem"
    room = server(bench, "rsa-fragment", "--listen", "127.0.0.1:0", "--key", kept, "--state", state, "--rsa-per-address", 500, "--rsa-per-second", 500)
    ada = peer(bench, "rsa-fragment", "client", room.address, "--verbose")
    ada.complains("server key SHA256:")
    bob = peer(bench, "rsa-fragment", "client", room.address, "--verbose", "--bits", 4096, "--fragment")
    name_of_ada = says(room, " joined").split()[1]
    name_of_bob = says(ada, " joined").split()[1]
    bob.complains("server key SHA256:")
    long_line = "é" * 1500
    for line in ("hello", long_line):
        ada.say(line)
        bob.hears(f"{name_of_ada}> {line}")
        bob.say(line)
        ada.hears(f"{name_of_bob}> {line}")
        room.hears(f"{name_of_ada}> {line}")
    ada.complains(r"^acknowledged a whole message$")
    bob.complains(r"^acknowledged \d+$")
    equal(kept.stat().st_mode & 0o777, 0o600, "mode of the key")
    equal(state.stat().st_mode & 0o777, 0o600, "mode of the state")
    room.process.terminate()
    room.ends(0)
    again = server(bench, "rsa-fragment", "--listen", room.address, "--key", kept, "--state", state)
    ada.say("after the restart")
    bob.hears(f"{name_of_ada}> after the restart")
    again.hears(f"{name_of_ada}> after the restart")
    for one in (ada, bob):
        one.end_input()
        one.ends(0)


def rsa_fragment_a_silent_client_is_gone(bench):
    #= RSF-011
    del bench
    world, node = world_with("--client-timeout", 10, "--clients", 2)
    ada, _bob = client(world, ADA, 1, "--keep-alive", 3), client(world, BOB, 2, "--keep-alive", 1000)
    world.wait(11)
    equal(ada.said, [f"* {name_of(BOB)} joined", f"* {name_of(BOB)} left"], "what ada heard")
    client(world, BOB, 2, "--keep-alive", 1)
    give(world, EVE, keys.pem_of(key(1).public_key()))
    equal((len(node.clients), node.dropped["clients"]), (2, 1), "clients known and refused")


def rsa_fragment_one_block_goes_whole(bench):
    #= RSF-005
    del bench
    block = bytes(512)
    equal(codec.datagrams(1, block, 512), (False, [block]), "one block under 4096 bits")
    equal([len(d) for d in codec.datagrams(1, block * 2, 512)[1]], [496, 496, 50], "two of them")


def rsa_fragment_order_and_duplicates_do_not_matter(bench):
    #= RSF-003 RSF-012
    del bench
    world, node = world_with("--rsa-per-address", 1000, "--rsa-per-second", 1000)
    ada, bob = client(world, ADA, 1), client(world, BOB, 2, "--fragment")
    world.change = shuffled_and_doubled(7)
    text = "a line of many fragments " * 60
    for author, other, address in ((ada, bob, ADA), (bob, ada, BOB)):
        other.said.clear()
        author.line(text, world.now)
        world.wait(3)
        equal([l for l in other.said if not l.startswith("*")], [f"{name_of(address)}> {text}"], "what was heard")
        equal((author.pending, author.lost), (None, 0), "what waits and what is lost")
    world.wait(6)
    equal(node.known.held(), 0, "copies of fragments that are held when all is over")


def rsa_fragment_answers_under_the_key_when_it_is_known(bench):
    #= RSF-006 RSF-014 RSF-020
    del bench
    world, node = world_with("--client-timeout", 10)
    give(world, EVE, *codec.fragments(7, sealed("in the clear")))
    equal(world.sent_to(EVE), [b"7: ACK"], "the answer to who has no key")
    give(world, EVE, sealed("whole"))
    equal(world.sent_to(EVE), [b"ACK"], "the answer to a whole message")
    ada = client(world, ADA, 1)
    ada.line("heard by nobody without a key", world.now)
    world.wait(0.2)
    equal(world.sent_to(EVE), [], "what the room says to who has no key")
    node.clients.clear()
    ada.line("is answered in the clear", world.now)
    world.wait(0.2)
    check(ADA in node.clients, "a client that is answered in the clear registers again")
    give(world, ADA, b"")
    equal(node.dropped["undecryptable"], 1, "empty datagrams dropped")


def attack_5_rsa_fragment_totals_that_disagree(bench):
    #= DIA-020 DIA-021 RSF-003
    del bench
    world, node = world_with()
    cut = codec.fragments(9, sealed("never handed on"), 200)
    give(world, EVE, cut[0], codec.HEADER.pack(9, 2, 4) + cut[1][6:], *cut[1:])
    equal((node.dropped["fragment_total"], node.said), (1, []), "disagreeing totals, and what was said")
    give(world, EVE, *codec.fragments(10, sealed("x"), 100)[:2], codec.HEADER.pack(10, 2, 3) + b"other bytes")
    equal(node.dropped["fragment_contradiction"], 1, "contradictions")
    for number, total in ((0, 3), (4, 3), (0, 0), (255, 254)):
        check(codec.fragment_of(codec.HEADER.pack(1, number, total) + b"x") is None, f"{number} of {total} is no fragment")
    check(codec.fragment_of(codec.HEADER.pack(1, 1, 1)) is None, "a fragment of nothing is none")
    world.wait(6)
    give(world, EVE, *codec.fragments(9, sealed("and again"), 200))
    equal(node.said, [f"{name_of(EVE)}> and again"], "what was said under the same id afterwards")


def rsa_fragment_a_ciphertext_that_looks_like_a_fragment_is_opened(bench):
    #= RSF-007
    del bench
    world, node = world_with("--rsa-per-address", 1000, "--rsa-per-second", 1000)
    cipher = sealed("looks")
    while not codec.fragment_of(cipher):
        cipher = sealed("looks")
    give(world, EVE, cipher)
    equal((node.said, node.unknown.held()), ([f"{name_of(EVE)}> looks"], 0), "said, held")
    whole = sealed("a fragment as long as the modulus " + "x" * 300)
    size = keys.size(key()) - codec.HEADER.size
    give(world, EVE, *codec.fragments(3, whole, size))
    check(node.said[-1].endswith("x" * 300), "fragments as long as the modulus are joined")


def attack_4_rsa_fragment_a_flood_of_fragments(bench):
    #= DIA-022 DIA-023 RSF-010
    del bench
    world, node = world_with()
    ada = client(world, ADA, 1, "--fragment")
    for i in range(2000):
        node.receive((f"10.9.{i >> 8}.{i & 255}", 4), codec.HEADER.pack(i, 1, 2) + b"x", world.now)
        node.receive(EVE, codec.HEADER.pack(i, 1, 255) + b"x", world.now)
    check(node.unknown.held() <= 16, "buffers of strangers are bounded")
    ada.line("comes through", world.now)
    world.wait(0.2)
    equal(node.said[-1], f"{name_of(ADA)}> comes through", "what ada said in the flood")
    for number in range(1, 100):
        node.receive(ADA, codec.HEADER.pack(1, number, 255) + b"x" * 490, world.now)
    check(node.dropped["fragment_size"] >= 1, "bytes of a message are bounded")
    for i in range(100):
        node.receive(ADA, codec.HEADER.pack(i, 1, 2) + b"x", world.now)
    equal(len(node.known.buffers[ADA]), 4, "messages of one client")
    world.wait(6)
    equal(node.known.held() + node.unknown.held(), 0, "held after the timeout")


def attack_11_rsa_fragment_a_copy_says_nothing_twice(bench):
    #= RSF-012
    del bench
    world, node = world_with()
    copy = sealed("pay 5")
    give(world, ADA, copy, copy)
    give(world, EVE, copy)
    give(world, EVE, *codec.fragments(1, copy))
    equal(node.said, [f"{name_of(ADA)}> pay 5"], "what was said")
    equal(world.sent_to(ADA), [b"ACK"] * 2, "answers")


def attack_16_rsa_fragment_ciphertexts_cost_what_is_allowed(bench):
    #= DIA-003 DIA-010 RSF-013 RSF-002
    del bench
    world, node = world_with("--rsa-per-second", 10, "--rsa-per-address", 4)
    opened = []
    whole = keys.decrypt
    keys.decrypt = lambda *a: opened.append(1) or whole(*a)
    try:
        for i in range(200):
            give(world, EVE, i.to_bytes(256, "big"))
        equal(len(opened), 8, "decryptions for one address at once")
        equal(world.sent_to(EVE), [], "answers to what does not open")
        for i in range(300):
            give(world, (f"10.8.{i >> 8}.{i & 255}", 1), (1000 + i).to_bytes(256, "big"))
        check(len(opened) <= 20, f"{len(opened)} decryptions at once")
        check(len(node.work.buckets) <= 256, "addresses that are counted are bounded")
        world.wait(3)
        give(world, ADA, sealed("later"))
        equal(node.said, [f"{name_of(ADA)}> later"], "what was said when the flood was over")
    finally:
        keys.decrypt = whole
    give(world, BOB, bytes(256 * 17))
    equal(node.dropped["undecryptable"], 8 + 12 + 1, "undecryptable")
    give(world, EVE, *[codec.REQUEST] * 100)
    equal(len(world.sent_to(EVE)), 8, "keys told to one address at once")


def attack_16_rsa_fragment_hostile_keys(bench):
    #= DIA-001 RSF-001
    del bench
    world, node = world_with()
    good = keys.pem_of(key().public_key())
    bad = [good[:-30], good.replace(b"A", b"!", 1), good[:60], keys.PEM_START, good + b"more", good + b"\n" * 3000, good.replace(b"PUBLIC", b"PRIVATE"),
           rsa_pem(3 << 1022 | 1, 65537), rsa_pem(1, 65537), rsa_pem(key().public_key().public_numbers().n, 1),
           rsa_pem(key().public_key().public_numbers().n, 4), rsa_pem(key().public_key().public_numbers().n, (1 << 40) + 1),
           rsa_pem(key().public_key().public_numbers().n - 1, 65537), rsa_pem((1 << 8191) + 1, 65537), rsa_pem((1 << 2049) + 1, 65537)]
    for pem in bad:
        give(world, EVE, pem)
        check(not node.clients, f"no key is taken from {pem[:100]!r}")
    equal(world.sent_to(EVE), [], "answers to bad keys")
    give(world, EVE, good)
    equal(list(node.clients), [EVE], "clients")


def rsa_pem(n, e):
    """A SubjectPublicKeyInfo of any numbers."""
    import base64  # pylint: disable=import-outside-toplevel

    def der(tag, content):
        length = len(content)
        head = bytes([length]) if length < 128 else bytes([0x82]) + length.to_bytes(2, "big")
        return bytes([tag]) + head + content

    def integer(x):
        return der(2, x.to_bytes(x.bit_length() // 8 + 1, "big"))
    inner = der(0x30, integer(n) + integer(e))
    rsa_oid = bytes.fromhex("300d06092a864886f70d0101010500")
    text = base64.b64encode(der(0x30, rsa_oid + der(3, b"\0" + inner)))
    lines = b"\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    return keys.PEM_START + b"\n" + lines + b"\n-----END PUBLIC KEY-----\n"


def rsa_fragment_what_is_lost_goes_again(bench):
    #= RSF-015 RSF-021 RSF-012
    del bench
    world, node = world_with("--nack", "--fragment-timeout", 2)
    ada = client(world, ADA, 1, "--fragment", "--ack-timeout", 60)
    sent = []

    def lose_the_first(datagrams):
        kept = []
        for one in datagrams:
            if one[1] == SERVER and codec.fragment_of(one[2]):
                sent.append(one[2])
                if len(sent) == 1:
                    continue
            kept.append(one)
        return kept
    world.change = lose_the_first
    ada.line("x" * 600, world.now)
    world.wait(1.5)
    equal((node.said[-1:], sent.count(sent[0])), ([f"{name_of(ADA)}> {'x' * 600}"], 2), "said, and the fragment that was lost")
    equal(len(sent), 4, "fragments sent: three, and one again")
    register_eve = keys.pem_of(key(3).public_key())
    give(world, EVE, register_eve, codec.fragments(8, sealed("x"), 200)[0])
    world.wait(1.9)
    equal(len(world.sent_to(EVE)), 1, "how often eve is asked for what is missing")
    sent.clear()
    ada.options.ack_timeout, node.options.nack = 1.0, False
    ada.line("once more", world.now)
    world.wait(3)
    equal((len(sent), len(set(sent))), (2, 1), "a message that was lost, sent twice, the same bytes")
    check(ada.pending is None and not ada.lost, "it is acknowledged")


def rsa_fragment_a_pinned_key_is_the_only_one(bench):
    #= DIA-004
    room = server(bench, "rsa-fragment", "--listen", "127.0.0.1:0", "--bits", 2048)
    pin = room.complains("key SHA256:([0-9a-f]{64})").group(1)
    ada = peer(bench, "rsa-fragment", "client", room.address, "--pin", pin)
    ada.end_input()
    ada.ends(0)
    eve = peer(bench, "rsa-fragment", "client", room.address, "--pin", "0" * 64)
    eve.ends(1)
    equal(len(eve.errors), 1, f"lines of complaint in {eve.errors}")
    check(pin.encode() in eve.errors[0], "the complaint names the key")
    world, _ = world_with()
    bob = client(world, BOB, 2)
    bob.receive(SERVER, keys.pem_of(key(1).public_key()), world.now)
    equal(bob.dropped["another_key"], 1, "a key that came later")


def rsa_fragment_says_in_one_line_what_is_wrong(bench):
    #= RSF-002
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    nobody = peer(bench, "rsa-fragment", "client", f"127.0.0.1:{silent.getsockname()[1]}")
    nobody.ends(1)
    check(len(nobody.errors) == 1 and b"no key from" in nobody.errors[0], f"complaint {nobody.errors}")
    peer(bench, "rsa-fragment", "client", "nowhere").ends(2)
    peer(bench, "gone", "client").ends(2)
    silent.close()


if __name__ == "__main__":
    main(globals())
