# SPDX-License-Identifier: MIT
"""The programs over a link of their own: two network namespaces and a pair of virtual Ethernet interfaces between them."""
import os
import random
import subprocess

from programs import Skip, check, equal, main, needs, sha256, until

RELAY = "10.9.0.1"
LINK = "tern0"


class Network:
    """The relay's namespace, with RELAY, and the client's, with its addresses. The link is slow enough that something can
    happen in the middle of a transfer."""

    def __init__(self, mtu=1500, addresses=("10.9.0.2/16",), rate="40mbit"):
        needs("ip")
        needs("tc")
        if os.geteuid() != 0:
            raise Skip("network namespaces need root")
        self.names = {"relay": f"tern-r{os.getpid()}", "client": f"tern-c{os.getpid()}"}
        try:
            self._make(mtu, addresses, rate)
        except subprocess.SubprocessError as why:
            self.stop()
            raise Skip(f"no network namespaces here: {why}, {getattr(why, 'stderr', b'')}") from None

    def _make(self, mtu, addresses, rate):
        for name in self.names.values():
            self._run("ip", "netns", "add", name)
        self._run("ip", "link", "add", LINK, "netns", self.names["relay"], "type", "veth",
                  "peer", "name", LINK, "netns", self.names["client"])
        for side, own in (("relay", (f"{RELAY}/16",)), ("client", addresses)):
            self.set_mtu(side, mtu)
            for address in own:
                self.ip(side, "addr", "add", address, "dev", LINK)
            # A batch handed to the kernel whole would cross a veth whatever its MTU: each datagram is to pass by itself.
            self.ip(side, "link", "set", LINK, "gso_max_segs", "1")
            for device in ("lo", LINK):
                self.ip(side, "link", "set", device, "up")
            self._run(*self.inside(side), "tc", "qdisc", "add", "dev", LINK, "root", "tbf",
                      "rate", rate, "burst", "64k", "latency", "50ms")

    @staticmethod
    def _run(*words):
        subprocess.run(words, check=True, capture_output=True, timeout=20)

    def ip(self, side, *words):
        self._run("ip", "-n", self.names[side], *words)

    def set_mtu(self, side, mtu):
        self.ip(side, "link", "set", LINK, "mtu", str(mtu))

    def inside(self, side):
        return ["ip", "netns", "exec", self.names[side]]

    def stop(self):
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=20)


def on(bench, body, **options):
    """Runs body(network, relay) with a relay that takes files."""
    network = Network(**options)
    try:
        body(network, bench.relay("--files", str(bench.folder / "files"), listen=(f"{RELAY}:0",),
                                  inside=network.inside("relay")))
    finally:
        bench.stop()
        network.stop()


def put(bench, network, relay, mebibytes):
    """Begins to send a file; the program and the file's digest."""
    content = random.Random(7).randbytes(mebibytes << 20)
    bench.file("big", content)
    program = bench.program(bench.bin + "/tern", "put", relay.address, "big", "--pin", relay.fingerprint(), "--verbose",
                            inside=network.inside("client"))
    return program, sha256(content)


def half_way(folder):
    def holds():
        return sum(f.stat().st_size for f in (folder / "files").rglob("*") if f.is_file()) > 2 << 20
    until(holds, "the file arrives")


def arrived(bench, program, digest):
    program.ends(0, patience=60)
    equal(sha256((bench.folder / "files/received_big").read_bytes()), digest)
    return int(program.complains(r"datagrams of up to (\d+) bytes").group(1))


#= CONN-040 CONN-045 CONN-046
def a_chat_and_a_transfer_go_on_when_the_address_is_gone(bench):
    def body(network, relay):
        pin = ("--pin", relay.fingerprint(), "--verbose")
        ada = bench.member(relay, "ada", *pin, inside=network.inside("client"))
        bob = bench.member(relay, "bob", *pin, inside=network.inside("relay"))
        ada.say("before")
        bob.hears("ada> before")
        program, digest = put(bench, network, relay, 16)
        half_way(bench.folder)
        network.ip("client", "addr", "del", "10.9.0.3/17", "dev", LINK)
        ada.say("after")
        bob.hears("ada> after")
        bob.say("still there")
        ada.hears("bob> still there")
        for moved in (ada, program):
            moved.complains(r"going on from 10\.9\.0\.2:\d+: (Cannot assign requested address|Network is unreachable)")
        arrived(bench, program, digest)
        check(not any(b"left" in line for line in bob.lines), f"ada left: {bob.lines}")
        for member in (ada, bob):
            member.end_input()
            member.ends(0)
    on(bench, body, addresses=("10.9.0.3/17", "10.9.0.2/16"))


#= CONN-040
def a_chat_waits_for_the_network_to_come_back(bench):
    def body(network, relay):
        pin = ("--pin", relay.fingerprint(), "--verbose")
        ada = bench.member(relay, "ada", *pin, inside=network.inside("client"))
        bob = bench.member(relay, "bob", *pin, inside=network.inside("relay"))
        network.ip("client", "addr", "del", "10.9.0.2/16", "dev", LINK)
        ada.say("into the void")
        bob.say("likewise")
        network.ip("client", "addr", "add", "10.9.0.4/16", "dev", LINK)
        bob.hears("ada> into the void")
        ada.hears("bob> likewise")
        ada.complains(r"going on from 10\.9\.0\.4:")
    on(bench, body)


#= REC-060 REC-062
def datagrams_grow_to_what_an_ethernet_carries(bench):
    def body(network, relay):
        equal(arrived(bench, *put(bench, network, relay, 8)), 1472)
    on(bench, body)


#= REC-060 REC-062
def datagrams_grow_to_what_jumbo_frames_carry(bench):
    def body(network, relay):
        equal(arrived(bench, *put(bench, network, relay, 16)), 8972)
    on(bench, body, mtu=9000, rate="80mbit")


def narrowed(bench, sides, mtu):
    def body(network, relay):
        program, digest = put(bench, network, relay, 16)
        half_way(bench.folder)
        for side in sides:
            network.set_mtu(side, 1280)
        check(1200 <= arrived(bench, program, digest) <= 1252, program.errors)
    on(bench, body, mtu=mtu)


#= REC-064
def a_transfer_goes_on_when_its_own_link_narrows(bench):
    narrowed(bench, ("client", "relay"), 1500)


#= REC-064
def a_transfer_goes_on_when_the_far_end_narrows(bench):
    """What is too large now leaves, and vanishes."""
    narrowed(bench, ("relay",), 9000)


if __name__ == "__main__":
    main(globals())
