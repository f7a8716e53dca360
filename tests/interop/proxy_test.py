# SPDX-License-Identifier: MIT
"""`tern-sim proxy`: a scenario's links between real programs. What is looked at are counts, contents and order, and times only from
below: nothing here is slow because a machine is."""
import collections
import random
import re
import shutil
import signal
import socket
import subprocess
import time

from programs import Skip, check, equal, main, sha256, until

CLEAN = "node r relay\nnode a client\nlink a-r delay 1ms mtu 65507\n"


class Proxy:
    def __init__(self, bench, target, scenario, *options, seconds=60, host="127.0.0.1"):
        path = bench.folder / f"scenario{len(bench.started)}.scn"
        path.write_text(scenario)
        self.program = bench.program(bench.bin + "/tern-sim", "proxy", str(path), "--listen", host + ":0", "--to", target, "--for",
                                     str(seconds), *options)
        until(lambda: self.program.lines or self.program.process.poll() is not None, "the proxy listens")
        check(self.program.lines and self.program.lines[0].startswith(b"listening "), f"says {self.program.errors}")
        self.address = self.program.lines[0].decode().split()[1]
        self.port = int(self.address.rpartition(":")[2])

    def ends(self):
        """What it says at its end: of each link, and of the proxy, the counts by name."""
        if self.program.process.poll() is None:
            self.program.process.send_signal(signal.SIGTERM)
        self.program.ends(0)
        told = {"clients": int(self.program.lines[1].split()[1])}
        for line in self.program.lines[2:]:
            words = line.decode().split()
            if words[0][0].isdigit():
                told[" ".join(words[1:])] = int(words[0])
            else:
                told[words[0]] = collections.defaultdict(int, ((n, int(c)) for n, c in zip(words[1::2], words[2::2])))
        return told


class Plain:
    """A socket of the test's own: the far end, or a client of it."""

    def __init__(self, to=None, host="127.0.0.1"):
        six = ":" in host
        self.socket = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((host, 0))
        self.socket.settimeout(20)
        self.address = f"{'[::1]' if six else host}:{self.socket.getsockname()[1]}"
        if to:
            self.socket.connect((host, to.port))

    def send(self, data):
        self.socket.send(data)

    def get(self):
        return self.socket.recvfrom(65535)


def through(bench, link, datagrams, *options, more=""):
    """Sends datagrams over one link behind a first one, which must come: those that came, and what the proxy says. Now and then it waits
    until the proxy has read all of them, by a datagram that goes the other way, so that none is lost but on the link."""
    far = Plain()
    proxy = Proxy(bench, far.address, f"node r relay\nnode a client\nlink a>r {link}\nlink r>a delay 0ms\n{more}", *options)
    near, got = Plain(proxy), []
    near.send(b"first")
    data, where = far.get()
    check(data == b"first", f"the first: {data[:20]}")

    def in_step():
        far.socket.sendto(b"in step", where)
        near.get()
        far.socket.setblocking(False)
        try:
            while True:
                got.append(far.get()[0])
        except BlockingIOError:
            far.socket.settimeout(0.3)
    for i, d in enumerate(datagrams):
        near.send(d)
        if i % 20 == 19:
            in_step()
    time.sleep(0.3)  # longer than any delay here: then the last one does not overtake
    for _ in range(60):  # it may be lost itself
        near.send(b"last")
        try:
            while not got or got[-1] != b"last":
                got.append(far.get()[0])
            break
        except TimeoutError:
            pass
    check(got and got[-1] == b"last", "the last one comes")
    return [d for d in got if d not in (b"first", b"last")], proxy.ends()["a>r"]


def numbered(n, size=200):
    return [i.to_bytes(4, "big") + bytes(size - 4) for i in range(n)]


def numbers(got):
    return [int.from_bytes(d[:4], "big") for d in got]


#= SIM-034
def a_proxy_hands_on_what_comes_both_ways_and_in_order(bench):
    far = Plain()
    proxy = Proxy(bench, far.address, CLEAN)
    near = Plain(proxy)
    sent = [random.Random(i).randbytes(1 + i * 131) for i in range(200)]
    got = []
    for d in sent:
        near.send(d)
        got.append(far.get())
    equal([d for d, _ in got], sent, "what came")
    equal(len({a for _, a in got}), 1, "addresses that the far end sees")
    back = []
    for d in sent[:50]:
        far.socket.sendto(d[::-1], got[0][1])
        back.append(near.get()[0])
    equal(back, [d[::-1] for d in sent[:50]], "what came back")
    told = proxy.ends()
    equal((told["clients"], told["a>r"]["delivered"], told["r>a"]["delivered"]), (1, 200, 50), "counts")


#= SIM-034
def the_same_seed_loses_the_same_packets(bench):
    link, n = "delay 2ms loss 10%", 2000
    first, told = through(bench, link, numbered(n), "--seed", "7")
    second, _ = through(bench, link, numbered(n), "--seed", "7")
    other, _ = through(bench, link, numbered(n), "--seed", "8")
    equal(numbers(first), numbers(second), "two runs of one seed")
    check(numbers(first) != numbers(other), "another seed loses the same")
    check(numbers(first) == sorted(set(numbers(first))), "the order")
    check(140 <= n - len(first) <= 260, f"{n - len(first)} of {n} lost: 10 % is between 140 and 260")
    check(told["lost"] >= n - len(first), f"counted {told['lost']}")


def met(trace, fate):
    return {int(n) for n in re.findall(rf"a>r pkt (\d+) size \d+ {fate}", trace.read_text()) if int(n) <= 600}


#= SIM-034
def a_proxy_loses_what_a_run_of_the_same_seed_loses(bench):
    scenario = bench.file("run.scn", b"node r relay\nnode a client\nlink a>r delay 2ms loss 10%\nlink r>a delay 1ms\nat 0s stream a 2M\nuntil 60s\n")
    ran, proxied = bench.folder / "run.trace", bench.folder / "proxy.trace"
    subprocess.run([bench.bin + "/tern-sim", "run", str(scenario), "--seed", "7", "--trace", str(ran)], check=True, capture_output=True)
    through(bench, "delay 2ms loss 10%", numbered(600), "--seed", "7", "--trace", str(proxied))
    large = met(ran, "mtu")  # and so never came to be lost
    equal(met(proxied, "lost") - large, met(ran, "lost"), "numbers that are lost")
    check(len(met(ran, "lost")) > 30, "some are")


#= SIM-034
def each_fault_of_the_link_is_there(bench):
    n = 1000
    got, told = through(bench, "delay 2ms dup 10%", numbered(n))
    count = collections.Counter(numbers(got))
    check(len(count) == n and set(count.values()) == {1, 2} and 60 <= len(got) - n <= 140, f"{len(got)} of {n} with copies")
    got, told = through(bench, "delay 1ms corrupt 10%", numbered(n))
    damaged = [d for d in got if d[4:] != bytes(196) or int.from_bytes(d[:4], "big") >= n]
    check(n - 9 <= len(got) <= n and 50 <= len(damaged) <= 150, f"{len(damaged)} of {len(got)} damaged")
    got, told = through(bench, "delay 1ms jitter 20ms", numbered(n))
    check(sorted(numbers(got)) == list(range(n)) and numbers(got) != list(range(n)), "jitter reorders, and loses none")
    got, told = through(bench, "delay 1ms mtu 500", numbered(5, 500) + numbered(7, 501))
    check(numbers(got) == list(range(5)) and told["mtu"] == 7, f"mtu: {numbers(got)}, {told}")
    got, told = through(bench, "delay 1ms", numbered(20), more="at 0s drop a>r pkt 2\nat 0s drop a>r pkt 5\n")
    equal(numbers(got), [i for i in range(20) if i not in (0, 3)], "but the two that were dropped by number")


#= SIM-034
def delay_and_rate_are_not_undercut(bench):
    far = Plain()
    proxy = Proxy(bench, far.address, "node r relay\nnode a client\nlink a>r delay 60ms rate 1Mbit queue 1M\nlink r>a delay 40ms\n")
    near = Plain(proxy)
    begun = time.monotonic()
    near.send(b"?")
    where = far.get()[1]
    far.socket.sendto(b"!", where)
    near.get()
    check(time.monotonic() - begun >= 0.100, f"there and back in {time.monotonic() - begun:.3f} s")
    begun = time.monotonic()
    for d in numbered(100, 1000):
        near.send(d)
    for _ in range(100):
        far.get()
    check(time.monotonic() - begun >= 0.8, f"100 kB at 1 Mbit/s in {time.monotonic() - begun:.3f} s")
    proxy.ends()


#= SIM-035
def each_client_has_its_own_way_and_there_are_not_too_many(bench):
    far = Plain()
    proxy = Proxy(bench, far.address, CLEAN)
    clients = [Plain(proxy) for _ in range(257)]
    for i, c in enumerate(clients[:256]):
        c.send(b"%d" % i)
        data, where = far.get()
        far.socket.sendto(b"to " + data, where)
    equal([c.get()[0] for c in clients[:256]], [b"to %d" % i for i in range(256)], "answers")
    clients[256].send(b"one too many")
    clients[0].send(b"still there")
    equal(far.get()[0], b"still there", "what comes then")
    told = proxy.ends()
    equal((told["clients"], told["of more clients than there is room for"]), (256, 1), "clients")


#= SIM-035
def a_proxy_ends_when_its_time_is_over(bench):
    proxy = Proxy(bench, Plain().address, CLEAN, seconds=1)
    proxy.program.ends(0)
    equal(proxy.program.lines[1], b"clients 0", "what it says")


def a_proxy_that_cannot_work_says_why(bench):
    scenario = bench.file("s.scn", CLEAN.encode())
    half = bench.file("h.scn", b"node r relay\nnode a client\nlink a>r delay 1ms\n")
    taken = Plain()
    for status, says, arguments in (
            (2, "needs a scenario", ()),
            (2, "where to listen", (scenario, "--to", "127.0.0.1:9")),
            (2, "where does it go", (scenario, "--listen", "127.0.0.1:0")),
            (2, "'here' is no address: expected HOST:PORT", (scenario, "--listen", "here", "--to", "127.0.0.1:9")),
            (2, "is no time", (scenario, "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--for", "0")),
            (2, "there is no client b", (scenario, "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--client", "b")),
            (2, "h.scn:2:1: expected links", (half, "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9")),
            (1, f"cannot listen at {taken.address}: Address already in use", (scenario, "--listen", taken.address, "--to", "127.0.0.1:9"))):
        done = subprocess.run([bench.bin + "/tern-sim", "proxy", *map(str, arguments)], capture_output=True, check=False, timeout=20)
        check(done.returncode == status and says in done.stderr.decode(), f"{arguments}: {done.returncode}, {done.stderr.decode()}")


#= SIM-034
def ipv6_on_either_side_or_both(bench):
    try:
        Plain(host="::1")
    except OSError as e:
        raise Skip(f"no ::1 here: {e}") from e
    for near_host, far_host in (("::1", "::1"), ("127.0.0.1", "::1"), ("::1", "127.0.0.1")):
        far = Plain(host=far_host)
        proxy = Proxy(bench, far.address, CLEAN, host="[::1]" if ":" in near_host else near_host)
        clients = [Plain(proxy, near_host) for _ in range(2)]
        for i, c in enumerate(clients):
            c.send(b"%d" % i)
            data, where = far.get()
            far.socket.sendto(b"to " + data, where)
        equal([c.get()[0] for c in clients], [b"to 0", b"to 1"], f"answers, {near_host} to {far_host}")
        equal(proxy.ends()["clients"], 2, "clients")


def marks(link, count):
    """The marks with which datagrams arrive that left with ECT(0), all at once."""
    def seen(bench):
        far = Plain()
        far.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        proxy = Proxy(bench, far.address, f"node r relay\nnode a client\nlink a>r delay 1ms {link}\nlink r>a delay 1ms\n")
        near = Plain(proxy)
        near.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 2)
        for d in numbered(count, 1000):
            near.send(d)
        got = [far.socket.recvmsg(2000, 64)[1][0][2][0] & 3 for _ in range(count)]
        return got, proxy.ends()["a>r"]["marked"]
    return seen


#= SIM-034
def marks_of_ecn_come_through_are_given_and_are_taken_off(bench):
    equal(marks("", 5)(bench)[0], [2] * 5, "through a link without a queue")
    equal(marks("rate 10Mbit queue 1M ecn bleach", 5)(bench)[0], [0] * 5, "through one that takes marks off")
    got, told = marks("rate 100kbit queue 1M ecn 1", 5)(bench)  # 80 ms each: all but the first wait
    equal(got[:1], [2], "the first")
    check(3 in got[1:] and set(got) <= {2, 3} and got.count(3) == told, f"{got}, told {told}")


#= SIM-034 SIM-025
def what_enters_a_clogged_link_comes_when_it_is_free(bench):
    far, begun = Plain(), time.monotonic()
    proxy = Proxy(bench, far.address, CLEAN + "at 0s clog a>r for 2s\n")
    near = Plain(proxy)
    for d in numbered(10):
        near.send(d)
    equal(numbers(far.get()[0] for _ in range(10)), list(range(10)), "what comes, in order")
    check(time.monotonic() - begun >= 2.0, f"it was free after {time.monotonic() - begun:.3f} s")
    proxy.ends()


#= SIM-034 SIM-026
def a_nat_forgets_who_is_silent(bench):
    far = Plain()
    proxy = Proxy(bench, far.address, "node r relay\nnode a client nat 300ms\nlink a-r delay 1ms\n")
    near = Plain(proxy)
    near.send(b"here")
    _, first = far.get()
    time.sleep(0.6)
    far.socket.sendto(b"too late", first)
    near.send(b"here again")
    data, second = far.get()
    check(data == b"here again" and second != first, f"{data} from {second}, before that from {first}")
    near.socket.settimeout(1)
    for _ in range(20):  # a slow machine may take longer than the NAT remembers
        far.socket.sendto(b"in time", second)
        try:
            equal(near.get()[0], b"in time", "what reaches it")
            break
        except TimeoutError:
            near.send(b"and again")
            _, second = far.get()
    else:
        check(False, "nothing reaches it")
    proxy.ends()


# ---- real programs

BAD = """node r relay
node a client
link a>r delay 5ms jitter 3ms loss 2% dup 1% reorder 1% corrupt 0.2%
link r>a delay 5ms jitter 3ms loss 2% dup 1% reorder 1% corrupt 0.2%
at 1s rebind a
at 2s rebind a
"""


#= SIM-034
def tern_chats_and_sends_files_over_a_bad_network(bench):
    relay = bench.relay("--files", str(bench.folder / "files"))
    capture = bench.folder / "run.pcapng"
    proxy = Proxy(bench, relay.address, BAD, "--pcapng", str(capture))
    bench.tern("ping", proxy.address, "-c", "1")
    ada, ben = bench.member(proxy.address, "ada"), bench.member(proxy.address, "ben")
    for i in range(100):
        ada.say(f"line {i}")
    ben.hears("ada> line 99")
    equal([l for l in ben.lines if l.startswith(b"ada> ")], [b"ada> line %d" % i for i in range(100)], "lines, in order")
    data = random.Random(3).randbytes(500000)
    bench.tern("put", proxy.address, bench.file("big.bin", data), patience=120)
    bench.tern("get", proxy.address, "big.bin", "-o", bench.folder / "back.bin", patience=120)
    equal(sha256((bench.folder / "back.bin").read_bytes()), sha256(data), "the file")
    for member in (ada, ben):
        member.end_input()
        member.ends(0)
    told = proxy.ends()
    for way in ("a>r", "r>a"):
        check(told[way]["lost"] > 0 and told[way]["delivered"] > 300, f"{way}: {told}")
    check(b"drop: lost" in capture.read_bytes() and told["clients"] >= 5, f"capture and clients: {told}")


def quic_of_another_maker_goes_over_a_bad_network(bench):
    path = bench.environment["PATH"] + ":/usr/sbin:/usr/local/sbin"
    server, client = (shutil.which(p, path=path) for p in ("gtlsserver", "gtlsclient"))
    if server is None or client is None:
        raise Skip("gtlsclient and gtlsserver are not installed (ngtcp2-client, ngtcp2-server)")
    options, _ = bench.certificates()
    cert, key = options[1], options[3]
    data = random.Random(5).randbytes(300000)
    bench.file("page", data)
    (bench.folder / "got").mkdir()
    spare = Plain()
    port = spare.address.rpartition(":")[2]
    spare.socket.close()
    bench.program(server, "-q", "-d", str(bench.folder), "127.0.0.1", port, key, cert)
    proxy = Proxy(bench, f"127.0.0.1:{port}", BAD.split("at 1s")[0].replace("loss 2%", "loss 3%"))
    for _ in range(20):  # until the server listens
        done = subprocess.run([client, "-q", "--exit-on-all-streams-close", "--download", str(bench.folder / "got"), "127.0.0.1",
                               str(proxy.port), "https://127.0.0.1/page"], capture_output=True, check=False, timeout=60)
        if (bench.folder / "got" / "page").exists():
            break
        time.sleep(0.5)
    check((bench.folder / "got" / "page").exists(), f"{done.returncode}: {done.stderr[-500:]}")
    equal(sha256((bench.folder / "got" / "page").read_bytes()), sha256(data), "the page")
    told = proxy.ends()
    check(told["r>a"]["lost"] > 0 and told["r>a"]["delivered"] > 200, f"{told}")


if __name__ == "__main__":
    main(globals())
