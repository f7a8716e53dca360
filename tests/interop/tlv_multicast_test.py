# SPDX-License-Identifier: MIT
"""The Python peers of tlv-multicast (spec/dialects/tlv-multicast.md): clients against the relay, and what attackers send."""
import socket
import struct

from dialect_peers import World, key, keys, peer, says, server, shuffled_and_doubled
from dialects.common.node import name_of
from dialects.tlv_multicast import client as client_of
from dialects.tlv_multicast import codec
from dialects.tlv_multicast import server as relay_of
from programs import check, equal, main

GROUP, RELAY, ADA, BOB, EVE = ("224.1.1.1", 5007), ("10.0.0.1", 5007), ("10.0.0.2", 1), ("10.0.0.3", 2), ("10.0.0.66", 3)
LOOPBACK = ("--interface", "127.0.0.1")


def options_of(module, *arguments):
    return module.parser_of("test").parse_args(list(map(str, arguments)))


def world_with(*arguments):
    world = World()
    world.aliases[GROUP] = RELAY
    world.place(RELAY, relay_of.Relay(key(), options_of(relay_of, *arguments)))
    return world, world.nodes[RELAY]


def client(world, address, number, *arguments):
    made = world.place(address, client_of.Client(key(number), options_of(client_of, *arguments), world.now))
    world.wait(0.3)
    check(made.server_key, "the client has the relay's key")
    return made


def give(world, source, *datagrams):
    for datagram in datagrams:
        world.nodes[RELAY].receive(source, datagram, world.now)
    world.settle()


def message(text, ident=1, first=0):
    return codec.fragments(ident, codec.blocks(key().public_key(), text.encode()), first=first)


def register(number=1):
    return codec.tlv(codec.REGISTER, keys.pem_of(key(number).public_key()))


def free_group():
    """A port of the group that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return f"224.1.1.1:{s.getsockname()[1]}"


def tlv_multicast_lines_reach_all_others(bench):
    """Real sockets, the group on the loopback; keys of 2048 and 4096 bits, texts of several blocks."""
    #= TLV-002 TLV-003 TLV-004 TLV-007 TLV-010 TLV-012 DIA-030
    group = ("--group", free_group(), *LOOPBACK)
    relay = server(bench, "tlv-multicast", *group, "--rsa-per-address", 500, "--rsa-per-second", 500)
    ada = peer(bench, "tlv-multicast", "client", *group)
    name_of_ada = says(relay, " joined").split()[1]
    bob = peer(bench, "tlv-multicast", "client", *group, "--bits", 4096)
    name_of_bob = says(ada, " joined").split()[1]
    bob.hears(f"* {name_of_ada} joined")
    ada.say("hello")
    bob.hears(f"{name_of_ada}> hello")
    long_line = "0123456789" * 60
    ada.say(long_line)
    for i in range(2):  # blocks of 446 bytes
        bob.hears(f"{name_of_ada}> {long_line[i * 446:(i + 1) * 446]}")
    bob.say(long_line)
    for i in range(4):  # blocks of 190 bytes
        ada.hears(f"{name_of_bob}> {long_line[i * 190:(i + 1) * 190]}")
    ada.end_input()
    ada.ends(0)
    bob.hears(f"* {name_of_ada} left")
    relay.hears(f"* {name_of_ada} left")


def tlv_multicast_what_goes_out_is_what_the_published_client_sends(bench):
    #= TLV-001 TLV-003 TLV-004 TLV-005
    del bench
    datagrams = message("x" * 191, 0x01020304)
    equal([d[:12] for d in datagrams], [struct.pack("!HHIHH", 1, 8 + n, 0x01020304, i, 3) for i, n in enumerate((256, 256, 8))], "heads")
    joined = b"".join(d[12:] for d in datagrams)
    equal([(k, len(v)) for k, v in codec.read(joined)], [(3, 256), (3, 256)], "joined")
    equal([len(keys.decrypt(key(), v)) for _, v in codec.read(joined)], [190, 1], "pieces")
    equal(codec.sender(("1.2.3.4", 0x5060), codec.tlv(6, b"z")).hex(), "000a000b" + "01020304" + "5060" + "00060001" + "7a", "type 10")
    world, relay = world_with()
    world.place(EVE, type("Silent", (), {"out": [], "receive": lambda *a: None, "tick": lambda *a: None})())
    ada = client(world, ADA, 1)
    sent = []
    world.change = lambda datagrams: sent.extend(datagrams) or datagrams
    ada.stop(world.now)
    world.settle()
    equal([(s, t) for s, t, _ in sent], [(ADA, GROUP)] * 2, "DISCONNECT in two fragments to the group")
    equal(relay.clients, {}, "clients after DISCONNECT")


def tlv_multicast_order_duplicates_and_first_numbers_do_not_matter(bench):
    #= TLV-004 TLV-014
    del bench
    world, relay = world_with("--rsa-per-address", 1000, "--rsa-per-second", 1000)
    ada, bob = client(world, ADA, 1), client(world, BOB, 2)
    bob.said.clear()
    world.change = shuffled_and_doubled(3)
    ada.line("a line of many fragments " * 20, world.now)
    world.settle()
    equal(relay.said[-1], f"{name_of(ADA)}> {'a line of many fragments ' * 20}", "what the relay heard")
    equal(sum(l.startswith(name_of(ADA)) for l in relay.said), 1, "how often")
    for ident, first in ((5, 1), (6, 0)):
        give(world, ADA, *reversed(message(f"from {first}", ident, first)))
        equal(relay.said[-1], f"{name_of(ADA)}> from {first}", "what the relay heard")
    both = message("in both", 7)
    give(world, ADA, both[0], codec.tlv(1, struct.pack("!IHH", 7, 2, 2) + b"x"))
    equal(relay.dropped["fragment_number"], 1, "messages with both 0 and total")


def tlv_multicast_texts_are_cut_between_characters(bench):
    #= TLV-007
    del bench
    world, _ = world_with()
    ada, bob = client(world, ADA, 1), client(world, BOB, 2)
    bob.said.clear()
    text = "x" + "é€" * 80
    ada.line(text, world.now)
    world.wait(0.2)
    parts = [l.removeprefix(f"{name_of(ADA)}> ") for l in bob.said]
    equal(("".join(parts), len(parts)), (text, 3), "the text, its pieces")
    equal([len(p) <= 190 for p in codec.text_pieces(text, 190)], [True] * 3, "pieces that fit a block")
    two = keys.encrypt(key(2).public_key(), b"x" * 191)
    bob.receive(RELAY, codec.sender(ADA, codec.tlv(codec.RELAYED, two)), world.now)
    equal(bob.dropped["undecryptable"], 1, "messages of two blocks")


def tlv_multicast_a_client_joins_fragments(bench):
    #= TLV-006 TLV-021
    del bench
    world, _ = world_with("--fragments")
    ada, bob = client(world, ADA, 1), client(world, BOB, 2)
    bob.said.clear()
    world.change = shuffled_and_doubled(5)
    ada.line("y" * 900, world.now)
    world.wait(0.2)
    equal(bob.said, [f"{name_of(ADA)}> {'y' * 900}"], "what bob heard")
    block = codec.tlv(codec.BLOCK, keys.encrypt(key(2).public_key(), b"bare"))
    for inside in codec.fragments(9, block):
        bob.receive(RELAY, inside, world.now)
    equal(bob.said[-1], "?> bare", "what came without a sender")
    relayed = codec.tlv(codec.RELAYED, keys.encrypt(key(2).public_key(), b"beside"))
    bob.receive(RELAY, codec.sender(EVE, b"") + relayed, world.now)
    equal(bob.said[-1], f"{name_of(EVE)}> beside", "what stood behind its type 10")


def tlv_multicast_presence_ends_with_silence(bench):
    #= TLV-012 TLV-013 TLV-005
    del bench
    world, relay = world_with("--keep-alive-timeout", 20, "--clients", 2)
    ada = client(world, ADA, 1, "--keep-alive", 5)
    bob = client(world, BOB, 2, "--keep-alive", 1000)
    give(world, EVE, register(3))
    equal((list(relay.clients), relay.dropped["clients"]), ([ADA, BOB], 1), "clients")
    give(world, BOB, *message("CONNECT", 8))
    world.wait(25)
    equal(ada.said, [f"* {name_of(BOB)} joined", f"* {name_of(BOB)} left"], "what ada heard")
    equal(bob.said, [f"* {name_of(ADA)} joined"], "what bob heard")
    check(ADA in relay.clients, "who says that it is there stays")
    ada.stop(world.now)
    world.settle()
    equal(relay.clients, {}, "clients in the end")


def tlv_multicast_a_client_hears_its_relay_alone(bench):
    #= TLV-020 DIA-004
    del bench
    world, _ = world_with()
    ada = client(world, ADA, 1)
    forged = codec.sender(BOB, codec.tlv(codec.RELAYED, keys.encrypt(key(1).public_key(), b"forged")))
    ada.receive(EVE, forged, world.now)
    ada.receive(RELAY, codec.tlv(codec.SERVER_KEY, keys.pem_of(key(2).public_key())), world.now)
    equal((ada.said, ada.dropped["stranger"], ada.dropped["another_key"]), ([], 1, 1), "said, strangers, other keys")
    pinned = client_of.Client(key(1), options_of(client_of, "--pin", keys.fingerprint(key().public_key())), world.now)
    for source, number in ((EVE, 2), (RELAY, 0)):
        pinned.receive(source, codec.tlv(codec.SERVER_KEY, keys.pem_of(key(number).public_key())), world.now)
    equal((pinned.relay, pinned.dropped["another_key"]), (RELAY, 1), "the relay of who pins its key")


def attack_16_tlv_multicast_malformed_and_nested_tlvs(bench):
    #= TLV-001 TLV-006 TLV-003 TLV-011 DIA-001
    del bench
    world, relay = world_with()
    ada = client(world, ADA, 1)
    give(world, EVE, codec.tlv(codec.REQUEST_KEY), codec.tlv(codec.KEEP_ALIVE), *message("unregistered"))
    equal((relay.dropped["unregistered"], world.sent_to(EVE), relay.said[1:]), (4, [], []), "from who is not registered")
    before = sum(relay.dropped.values())
    bad = [b"", b"\0", b"\0\1\0", b"\0\1\0\1", b"\0\1\xff\xffx", codec.tlv(codec.KEEP_ALIVE) + b"x", codec.tlv(codec.FRAGMENT, b"short"), codec.tlv(99),
           codec.tlv(codec.SENDER, bytes(6)), codec.tlv(codec.KEEP_ALIVE) * 2, codec.tlv(codec.REGISTER, b"no key"), codec.tlv(codec.RELAYED, b"x" * 256)]
    bad += codec.fragments(50, codec.tlv(codec.KEEP_ALIVE)) + codec.fragments(51, codec.tlv(codec.BLOCK, b"short")) + codec.fragments(52, b"")
    bad += codec.fragments(53, codec.tlv(codec.FRAGMENT, bytes(8)))
    give(world, ADA, *bad)
    equal(sum(relay.dropped.values()) - before, len(bad), f"drops ({relay.dropped})")
    equal(relay.dropped["unexpected"], 6, f"unexpected ({relay.dropped})")
    for cut in (b"", b"\0", b"\0\1\0", b"\0\1\0\1", b"\0\1\xff\xffx", codec.tlv(7) + b"\0"):
        try:
            check(False, f"{cut!r} is read as {codec.read(cut)}")
        except codec.Malformed:
            pass
    block = keys.encrypt(key(1).public_key(), b"deep")
    deep = codec.sender(BOB, codec.sender(BOB, codec.tlv(codec.RELAYED, block)))
    inside = [codec.sender(BOB, f) for f in codec.fragments(60, codec.sender(BOB, codec.tlv(codec.RELAYED, block)))]
    inside += [codec.sender(BOB, f) for f in codec.fragments(61, codec.tlv(codec.SERVER_KEY, block))]
    bad = [deep, *inside, codec.tlv(codec.SENDER, b"cut"), codec.tlv(codec.CONNECTED, b"cut"), codec.tlv(codec.CONNECTED, bytes(7)), codec.sender(BOB, codec.tlv(codec.CONNECTED, bytes(6))),
           codec.sender(BOB, codec.tlv(codec.RELAYED, block)) + codec.tlv(codec.RELAYED, block), codec.sender(BOB, b""), codec.tlv(codec.RELAYED, b"x")]
    ada.said.clear()
    before = sum(ada.dropped.values())
    for datagram in bad:
        ada.receive(RELAY, datagram, world.now)
    equal((ada.said, sum(ada.dropped.values()) - before), ([], len(bad) - len(inside) + 2), f"said, drops ({ada.dropped})")


def attack_5_tlv_multicast_totals_that_disagree(bench):
    #= DIA-020 DIA-021 DIA-022 TLV-004
    del bench
    world, relay = world_with()
    client(world, ADA, 1)
    cut = message("x" * 300, 70)
    give(world, ADA, cut[0], codec.tlv(1, struct.pack("!IHH", 70, 1, 9) + b"x"))
    give(world, ADA, cut[0], codec.tlv(1, struct.pack("!IHH", 70, 0, 4) + b"y"))
    for seq, total in ((0, 0), (0, 65), (5, 4), (65535, 65535)):
        give(world, ADA, codec.tlv(1, struct.pack("!IHH", 71, seq, total) + b"x"))
    for i in range(100):
        give(world, ADA, codec.tlv(1, struct.pack("!IHH", i, 0, 2) + b"x"))
    equal((relay.dropped["fragment_total"], relay.dropped["fragment_number"]), (2, 4), "drops")
    equal(relay.buffers.held(), 4, "messages of one client")
    world.wait(7)
    equal((relay.buffers.held(), relay.said[1:]), (0, []), "held after the timeout, said")


def attack_11_tlv_multicast_a_copy_says_nothing_twice(bench):
    #= TLV-014 TLV-015
    del bench
    world, relay = world_with("--rsa-per-address", 3, "--rsa-per-second", 100)
    ada, bob = client(world, ADA, 1), client(world, BOB, 2)
    goodbye = message("DISCONNECT", 80)
    give(world, ADA, *goodbye)
    equal(list(relay.clients), [BOB], "clients after DISCONNECT")
    ada.asked, ada.server_key = 0, None
    world.wait(1)
    give(world, ADA, *goodbye)
    give(world, BOB, *goodbye)
    equal((sorted(relay.clients), relay.dropped["replayed"]), ([ADA, BOB], 2), "clients after its copies")
    for i in range(20):
        give(world, BOB, *message(f"line {i}", 100 + i))
    check(relay.dropped["busy"] >= 13, f"decryptions are bounded: {relay.dropped}")
    check(bob.server_key, "bob is there")


def tlv_multicast_nobody_answers(bench):
    #= TLV-002
    nobody = peer(bench, "tlv-multicast", "client", "--group", free_group(), *LOOPBACK)
    nobody.ends(1)
    check(len(nobody.errors) == 1 and b"no key from 224.1.1.1" in nobody.errors[0], f"complaint {nobody.errors}")


if __name__ == "__main__":
    main(globals())
