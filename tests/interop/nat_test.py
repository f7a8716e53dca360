# SPDX-License-Identifier: MIT
"""The programs behind a NAT that forgets them: a forwarder between client and relay that goes on from another port."""
import random
import select
import socket
import threading

from programs import PATIENCE, check, equal, main, sha256, until

BUFFER = 4 << 20


def bound(address="127.0.0.1"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    s.bind((address, 0))
    return s


class Nat:
    """Forwards one client's datagrams to the relay and back. What comes to a port that it has left goes nowhere."""

    def __init__(self, relay, rebind_every=0, addresses=("127.0.0.1",)):
        self.relay, self.rebind_every, self.addresses = ("127.0.0.1", relay.port), rebind_every, addresses
        self.front, self.back, self.left = bound(), bound(), []
        self.client, self.forwarded, self.rebinds, self.asked, self.over = None, 0, 0, False, False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.front.getsockname()[1]}"

    def rebind(self):
        before, self.asked = self.rebinds, True
        until(lambda: self.rebinds > before, "the forwarder takes another port")

    def _rebind(self):
        self.left.append(self.back)
        self.rebinds, self.asked = self.rebinds + 1, False
        self.back = bound(self.addresses[self.rebinds % len(self.addresses)])

    def _up(self):
        data, self.client = self.front.recvfrom(65536)
        self.forwarded += 1
        if self.rebind_every and self.forwarded % self.rebind_every == 0:
            self._rebind()
        self.back.sendto(data, self.relay)

    def _run(self):
        while not self.over:
            if self.asked:
                self._rebind()
            for s in select.select([self.front, self.back], [], [], 0.01)[0]:
                if s is self.front:
                    self._up()
                elif s is self.back and self.client:
                    self.front.sendto(s.recv(65536), self.client)

    def stop(self):
        self.over = True
        self.thread.join(PATIENCE)
        for s in [self.front, self.back, *self.left]:
            s.close()


def chat_through(bench, addresses):
    relay = bench.relay()
    nat = Nat(relay, addresses=addresses)
    try:
        ada = bench.member(nat.address, "ada")
        bob = bench.member(relay, "bob")
        for i in range(4):
            ada.say(f"line {i}")
            bob.hears(f"ada> line {i}")
            bob.say(f"answer {i}")
            ada.hears(f"bob> answer {i}")
            nat.rebind()
        ada.say("last")
        bob.hears("ada> last")
        bob.say("also last")
        ada.hears("bob> also last")
        check(not any(b"left" in line for line in bob.lines), f"ada left: {bob.lines}")
        ada.end_input()
        ada.ends(0)
        bob.end_input()
        bob.ends(0)
    finally:
        nat.stop()


#= CONN-040 CONN-041
def a_chat_goes_on_when_the_nat_forgets_it(bench):
    chat_through(bench, ["127.0.0.1"])


#= CONN-040 CONN-045
def a_chat_goes_on_from_another_address(bench):
    chat_through(bench, ["127.0.0.1", "127.0.0.2", "127.0.0.3"])


#= CONN-040 CONN-041 CONN-042
def a_file_arrives_whole_though_the_nat_forgets_it_on_the_way(bench):
    relay = bench.relay("--files", str(bench.folder / "files"))
    content = random.Random(5).randbytes(24 << 20)
    bench.file("big", content)
    for direction, every in (("put", 100), ("get", 15)):
        nat = Nat(relay, rebind_every=every)
        try:
            if direction == "put":
                bench.tern("put", nat.address, "big", "--pin", relay.fingerprint())
                equal(sha256((bench.folder / "files/received_big").read_bytes()), sha256(content))
            else:
                bench.tern("get", nat.address, "big", "-o", "back", "--pin", relay.fingerprint())
                equal(sha256((bench.folder / "back").read_bytes()), sha256(content))
            check(nat.rebinds >= 1, f"{direction}: {nat.forwarded} datagrams, and the port stayed")
        finally:
            nat.stop()


if __name__ == "__main__":
    main(globals())
