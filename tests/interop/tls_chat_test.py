# SPDX-License-Identifier: MIT
"""The Python peers of tls-chat (spec/dialects/tls-chat.md): client against server, openssl's client, and hostile pickles."""
import pickle
import select
import shutil
import socket
import subprocess
import time

from dialect_peers import peer, says, server
from dialects.tls_chat import codec, pickles, secure
from programs import PATIENCE, Skip, check, equal, main, until


def room_of(bench, *options):
    return server(bench, "tls-chat", "--listen", "127.0.0.1:0", "--cert", bench.folder / "cert.pem", *options)


def member(bench, room, name, *options):
    made = peer(bench, "tls-chat", "client", room.address, "--name", name, *options)
    made.complains(f"joined as {name}@127.0.0.1")
    return made


class Raw:
    """A connection whose bytes we write ourselves."""

    def __init__(self, room, ciphers="AES128-SHA", form=8):
        host, port = room.address.split(":")
        context = secure.client(None, False)
        context.set_ciphers(ciphers)
        self.sock = context.wrap_socket(socket.create_connection((host, int(port)), PATIENCE))
        self.stream, self.form = codec.Stream(), form

    def say(self, text, **options):
        self.sock.sendall(codec.pack(text, self.form, **options))

    def next(self):
        while True:
            text = self.stream.next()
            if text is not None:
                return text
            data = self.sock.recv(4096)
            check(data, "the server hung up")
            self.stream.feed(data)

    def is_cut_off(self):
        try:
            return self.sock.recv(4096) == b""
        except OSError:
            return True


def tls_chat_lines_reach_all_others(bench):
    """Both forms of lengths, every protocol of pickle, old and new suites, a resumed session."""
    #= TCH-001 TCH-002 TCH-003 TCH-005 TCH-006 TCH-020
    room = room_of(bench)
    ada = member(bench, room, "ada", "--resume")
    bob = member(bench, room, "bob", "--modern", "--form", 4, "--protocol", 0)
    ada.complains("TLSv1.2 AES128-SHA ")
    bob.complains("TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 ")
    ada.hears("(Connected: New client (2) from bob@127.0.0.1)")
    for author, other, name in ((ada, bob, "ada"), (bob, ada, "bob")):
        for line in ("hello", "é€😀", "x" * 4000):
            author.say(line)
            other.hears(f"#[{name}@127.0.0.1]>> {line}")
            room.hears(f"{name}@127.0.0.1> {line}")
    ada.say(*(f"of many {i}" for i in range(300)))
    bob.hears("#[ada@127.0.0.1]>> of many 299")
    for protocol in range(6):
        member(bench, room, f"p{protocol}", "--protocol", protocol, "--form", 8 if protocol % 2 else 4).say(f"in {protocol}")
        ada.hears(f"#[p{protocol}@127.0.0.1]>> in {protocol}")
    ada.end_input()
    ada.ends(0)
    bob.hears("(Hung up: Client from ada@127.0.0.1)")


def tls_chat_bytes_are_those_of_the_older_system(bench):
    #= TCH-001 TCH-002 TCH-003 TCH-020
    room = room_of(bench)
    pickled = pickle.dumps(("NAME: ada",))
    for form in (8, 4):
        old = Raw(room, form=form)
        old.sock.sendall(len(pickled).to_bytes(4, "big") + bytes(form - 4) + pickled)
        answer = pickle.dumps(("CLIENT: 127.0.0.1",))
        wanted = len(answer).to_bytes(4, "big") + bytes(form - 4) + answer
        got = b""
        while len(got) < len(wanted):
            got += old.sock.recv(len(wanted) - len(got))
        equal(got, wanted, f"answer in the form of {form} bytes")
        old.sock.close()
        says(room, "left")
    ada, bob = Raw(room), Raw(room, form=4)
    for one, name in ((ada, "ada"), (bob, "bob")):
        for byte in codec.pack(codec.name_line(name), one.form):  # a byte at a time
            one.sock.sendall(bytes([byte]))
        equal(one.next(), "CLIENT: 127.0.0.1", "answer")
    equal(ada.next(), "\n(Connected: New client (2) from bob@127.0.0.1)", "arrival")
    bob.say("a line")
    equal(ada.next(), "\n#[bob@127.0.0.1]>> a line", "line")
    bob.sock.close()
    equal(ada.next(), "\n(Hung up: Client from bob@127.0.0.1)", "departure")


def tls_chat_openssl_connects(bench):
    #= TCH-005 TCH-006
    if shutil.which("openssl") is None:
        raise Skip("openssl is not installed")
    room, kept = room_of(bench), str(bench.folder / "session.pem")
    connect = ["openssl", "s_client", "-connect", room.address, "-tls1_2", "-cipher", "AES128-SHA"]

    def run(*options, status=0):
        done = subprocess.run(connect + list(options), input=b"Q\n", capture_output=True, timeout=PATIENCE, check=False)
        equal(done.returncode, status, f"status of s_client with {done.stderr[-300:]}:")
        return done.stdout
    check(b"New, SSLv3, Cipher is AES128-SHA" in run("-sess_out", kept), "openssl has the old suite")
    check(b"Reused, SSLv3, Cipher is AES128-SHA" in run("-sess_in", kept), "openssl resumes its session")
    connect[4:] = ["-tls1_3"]
    run(status=1)
    connect[4:] = ["-tls1_2"]
    check(b"Cipher is ECDHE-RSA-AES256-GCM-SHA384" in run(), "who offers better gets better")


def tls_chat_checks_the_certificate_where_asked(bench):
    #= TCH-005
    room = room_of(bench)
    member(bench, room, "ada", "--ca", bench.folder / "cert.pem").end_input()
    secure.make_certificate(bench.folder / "other.pem")
    other = peer(bench, "tls-chat", "client", room.address, "--name", "eve", "--ca", bench.folder / "other.pem")
    other.ends(1)
    check(b"certificate verify failed" in other.errors[-1], f"complaint {other.errors}")
    equal((bench.folder / "cert.pem").stat().st_mode & 0o777, 0o600, "mode of the key")


def tls_chat_reads_what_pickle_writes(bench):
    #= TCH-010 TCH-003
    del bench
    for text in ("", "x", "é€😀", "a\nb\\u0041\r\0'\"", "x" * 255, "x" * 256, "y" * 60000, "\ud800"):
        for protocol in range(6):
            equal(pickles.loads(pickle.dumps((text,), protocol)), text, f"protocol {protocol}")
    python2 = {b"(S'it\\'s \\xc3\\xa9'\np0\ntp1\n.": "it's é", b"(U\x03abcq\x00tq\x01.": "abc", b"\x80\x02U\x01\xe9q\x00\x85q\x01.": "é", b"(T\x02\0\0\0hit.": "hi"}
    for pickled, text in python2.items():
        equal(pickles.loads(pickled), text, f"{pickled!r}")
    equal(pickles.loads(b"\x80\x04\x8c\x01xr\0\1\0\0\x85."), "x", "LONG_BINPUT")
    long = b"\x80\x04\x8d\x02\0\0\0\0\0\0\0hi\x85."
    equal(pickles.loads(long), "hi", "BINUNICODE8")


class Evil:
    """Unpickles to a call."""

    def __reduce__(self):
        return (check, (False, "a pickle was run"))


def hostile():
    """Pickles that are refused, each with the reason's name."""
    text = pickle.dumps(("x",))
    calls = [pickle.dumps(Evil(), p) for p in range(6)] + [pickle.dumps((Evil(),), p) for p in range(6)]
    calls += [b"cos\nsystem\n(S'true'\ntR.", b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", b"(S'true'\nios\nsystem\n.", b"\x80\x02\x82\x01.",
              b"Pid\n.", b"(S'x'\nios\nx\n.", b"\x80\x02cposix\nsystem\n\x81.", b"]\x94.", b"}.", b"N.", b"I1\n.", b"K\x01\x85.", b"C\x01x\x85.", b"\x8ex", b"\x96x", b"0.", b"2.", b"1.", b"\x86.", b"\x87.", b")."]
    found = [(c, "pickle_opcode") for c in calls]
    found += [(text[:n], None) for n in range(len(text))]
    found += [(text + b".", None), (b"(X\x01\0\0\0aX\x01\0\0\0bt.", None), (b"(t.", None), (b"\x8c\x01x.", None), (b".", None), (b"(.", None), (b"\x8c\x01x\x85\x85.", None),
              (b"\x8c\x01x\x85\x8c\x01y\x85.", None), (b"\x8c\xffx\x85.", None), (b"X\xff\xff\xff\xffx\x85.", None), (b"\x8d" + b"\xff" * 8 + b"\x85.", None),
              (b"T\xff\xff\xff\xffx\x85.", "pickle_cut"), (b"\x95" + b"\xff" * 8 + b"\x8c\x01x\x85.", None), (b"\x80\x06\x8c\x01x\x85.", None), (b"\x8c\x01x\x80\x04\x85.", None),
              (b"h\0\x85.", None), (b"q\0.", None), (b"(q\0t.", None), (b"pxyz\n.", None), (b"g99999999999\n.", None), (b"\x8c\x01\xff\x85.", None), (b"V\\u00zz\n\x85.", None),
              (b"Sx\n\x85.", None), (b"S'x\n\x85.", None), (b"\x8c\x01x" + b"".join(b"q%c" % i for i in range(17)) + b"\x85.", None),
              (b"(" * 100, "pickle_long"), (b"", "pickle_cut")]
    return found


def attack_16_tls_chat_pickles_that_call_are_refused(bench):
    #= TCH-010 TCH-011
    del bench
    for pickled, why in hostile():
        try:
            got = pickles.loads(pickled)
        except pickles.Refused as refused:
            check(why is None or str(refused) == why, f"{pickled[:60]!r} is refused as {refused}, not as {why}")
            check(str(refused) in ("pickle_opcode", "pickle_malformed", "pickle_cut", "pickle_not_one_string", "pickle_long"), str(refused))
        else:
            check(False, f"{pickled[:60]!r} gives {got!r}")


def attack_16_tls_chat_the_server_hangs_up_on_hostile_pickles(bench):
    #= TCH-004 TCH-011 TCH-020
    room = room_of(bench)
    ada = member(bench, room, "ada")
    evil = pickle.dumps((Evil(),))
    streams = [len(evil).to_bytes(4, "big") + evil, bytes(8) + b"x", b"\xff\xff\xff\xff\0\0\0\0", (65601).to_bytes(4, "big") + bytes(4),
               codec.pack("no name"), codec.pack("NAME: "), codec.pack("NAME:  \t"), codec.pack("NAME: a\nb"), codec.pack("NAME: " + "x" * 65), codec.pack("NAME: " + "é" * 33)]
    for stream in streams:
        raw = Raw(room)
        raw.sock.sendall(stream)
        check(raw.is_cut_off(), f"the server hangs up on {stream[:40]!r}")
    named = Raw(room)
    named.say("NAME: eve")
    equal(named.next(), "CLIENT: 127.0.0.1", "answer")
    named.sock.sendall((5).to_bytes(4, "big") + b"\0\0\0\1" + b"12345")
    check(named.is_cut_off(), "the server hangs up on a length without its zeros")
    ada.hears("(Hung up: Client from eve@127.0.0.1)")
    room.process.terminate()
    room.ends(0)
    counted = dict(e.decode().split()[1:] for e in room.errors if e.startswith(b"dropped "))
    equal((counted.get("pickle_opcode"), counted.get("length"), counted.get("no_name")), ("1", "4", "6"), f"counted {counted}:")


def attack_16_tls_chat_lines_forge_no_others(bench):
    #= TCH-023
    room = room_of(bench)
    ada, eve = Raw(room), Raw(room)
    for one, name in ((ada, "ada"), (eve, "eve")):
        one.say(f"NAME: {name}")
        equal(one.next(), "CLIENT: 127.0.0.1", "answer")
    ada.next()
    eve.say("x\n#[bob@127.0.0.1]>> \x1b[2Jy")
    equal(ada.next(), "\n#[eve@127.0.0.1]>> x?#[bob@127.0.0.1]>> ?[2Jy", "line")


def attack_15_tls_chat_slow_ones_hold_up_nobody(bench):
    #= TCH-021 TCH-022
    room = room_of(bench, "--clients", 6)
    host, port = room.address.split(":")
    idle = [socket.create_connection((host, int(port)), PATIENCE) for _ in range(2)]  # no TLS
    nameless = Raw(room)
    deaf = Raw(room)
    deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.say("NAME: deaf")
    ada, bob = Raw(room), Raw(room)
    for one, name in ((ada, "ada"), (bob, "bob")):
        one.say(f"NAME: {name}")
    one_more = socket.create_connection((host, int(port)), PATIENCE)
    equal(one_more.recv(1), b"", "what the seventh gets")
    line, heard = "x" * 60000, []
    for i in range(200):
        ada.say(f"{i} {line}")
        while not heard or not heard[-1].startswith(f"\n#[ada@127.0.0.1]>> {i} "):
            heard.append(bob.next())
    until(lambda: b"* deaf@127.0.0.1 left" in room.lines, "who does not read is cut off")
    began = time.monotonic()
    check(select.select([nameless.sock], [], [], PATIENCE)[0] and nameless.is_cut_off(), "who has no name is cut off")
    check(idle[0].recv(1) == b"" and idle[1].recv(1) == b"", "who does not shake hands is cut off")
    check(time.monotonic() - began < PATIENCE, "in time")
    room.process.terminate()
    room.ends(0)
    check(b"dropped clients 1" in room.errors, f"the seventh is counted: {room.errors}")


def tls_chat_says_in_one_line_what_is_wrong(bench):
    #= TCH-020
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    nobody = peer(bench, "tls-chat", "client", f"127.0.0.1:{port}", "--name", "x")
    nobody.ends(1)
    equal(len(nobody.errors), 1, "lines of complaint")


if __name__ == "__main__":
    main(globals())
