#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes spec/vectors/dialects/NAME.json from the dialects' peers: their bytes, with fixed keys (keys.json), seeds and nonces.

  dialect_vectors.py [--check]      --check: writes nothing; ends with 1 when a file is not what it would write

The form is that of the other vectors: groups of tests with a name, flags (the requirements), an input, what comes out of it, and a result; an
`invalid` one has the reason for the drop as `error`. All bytes are hex; `text` is text. Randomness is SHA-256 of a label.
"""
import hashlib
import json
import pathlib
import pickle
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "spec/vectors/dialects"
sys.path.insert(0, str(HERE))

# pylint: disable=wrong-import-position
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

from dialects.aes_session import codec as ses  # noqa: E402
from dialects.common import fragments, keys  # noqa: E402
from dialects.rsa_fragment import codec as rsf  # noqa: E402
from dialects.tls_chat import codec as tch  # noqa: E402
from dialects.tls_chat import pickles  # noqa: E402
from dialects.tlv_multicast import codec as tlv  # noqa: E402


def made(label, n=32):
    """n bytes that nobody chose."""
    out = b"".join(hashlib.sha256(f"Tern dialect vectors: {label} {i}".encode()).digest() for i in range(-(-n // 32)))
    return out[:n]


def private(name):
    k = json.loads((FOLDER / "keys.json").read_text(encoding="utf-8"))[name]
    h = {field: int(k[field], 16) for field in ("n", "d", "p", "q", "dp", "dq", "iq")}
    return rsa.RSAPrivateNumbers(h["p"], h["q"], h["d"], h["dp"], h["dq"], h["iq"], rsa.RSAPublicNumbers(k["e"], h["n"])).private_key()


NAMES = ("server-4096", "server-2048", "client-2048")
KEYS = {name: private(name) for name in NAMES}
PEM = {name: keys.pem_of(key.public_key()) for name, key in KEYS.items()}


# ---- RSAES-OAEP with a seed that is given (RFC 8017 section 7.1.1), which no library offers

def mgf1(seed, n):
    return b"".join(hashlib.sha256(seed + i.to_bytes(4, "big")).digest() for i in range(-(-n // 32)))[:n]


def masked(data, seed):
    return bytes(a ^ b for a, b in zip(data, mgf1(seed, len(data))))


def oaep(name, plain, seed):
    k, numbers = keys.size(KEYS[name]), KEYS[name].public_key().public_numbers()
    block = hashlib.sha256(b"").digest() + bytes(k - len(plain) - keys.OVERHEAD) + b"\1" + plain
    block = masked(block, seed)
    whole = b"\0" + masked(seed, block) + block
    return pow(int.from_bytes(whole, "big"), numbers.e, numbers.n).to_bytes(k, "big")


def sealed(name, plain, label):
    """(seeds, ciphertext) of as many blocks as it takes; the peers open it."""
    parts = keys.pieces(plain, keys.capacity(KEYS[name]))
    seeds = [made(f"{label} {i}") for i in range(len(parts))]
    cipher = b"".join(oaep(name, part, seed) for part, seed in zip(parts, seeds))
    assert keys.decrypt(KEYS[name], cipher) == plain
    return seeds, cipher


class Vectors:
    def __init__(self, description):
        self.description, self.groups, self.count = description, [], 0

    def group(self, kind, comment):
        self.groups.append({"type": kind, "comment": comment, "tests": []})

    def add(self, name, flags, given, /, **out):
        """out: what comes out of it, or error=REASON."""
        self.count += 1
        result = {"result": "invalid", "error": out["error"]} if "error" in out else {"result": "valid", "output": out}
        self.groups[-1]["tests"].append({"tcId": self.count, "name": name, "flags": flags.split(), "input": given, **result})

    def text(self):
        whole = {"description": self.description, "generator": "interop/peers/dialect_vectors.py", "numberOfTests": self.count, "testGroups": self.groups}
        return json.dumps(as_json(whole), indent=1) + "\n"


def as_json(thing):
    if isinstance(thing, bytes):
        return thing.hex()
    if isinstance(thing, dict):
        return {k: as_json(v) for k, v in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [as_json(v) for v in thing]
    return thing


def outcome(call, *refusals):
    """What the call gives as out, or its refusal as error."""
    try:
        return {"out": call()}
    except refusals as why:
        return {"error": str(why)}


# ---- what dialects share

def public_keys(v):
    v.group("PublicKey", "Whether a public key is taken; out is the SHA-256 of its DER.")
    good = PEM["client-2048"]
    bad = {"cut off": good[:-30], "no base64": good.replace(b"A", b"!", 1), "the first line alone": keys.PEM_START, "more behind it": good + b"more",
           "too long": good + b"\n" * 2000, "another label": good.replace(b"PUBLIC", b"PRIVATE"), "a byte changed to another length": good.replace(b"MII", b"MIH", 1), "nothing": b""}
    for name in NAMES:
        v.add(name, "DIA-001", {"pem": PEM[name]}, fingerprint=keys.fingerprint(KEYS[name].public_key()))
    v.add("lines that end with CR LF, and white space behind", "DIA-001", {"pem": good.replace(b"\n", b"\r\n") + b" \n"}, fingerprint=keys.fingerprint(KEYS["client-2048"].public_key()))
    for name, pem in bad.items():
        try:
            keys.read_public(pem)
        except keys.BadKey:
            v.add(name, "DIA-001", {"pem": pem}, error="bad_key")
        else:
            raise AssertionError(name)


def blocks(v, name, lengths):
    v.group("Blocks", "RSA-OAEP of a plaintext under a key of keys.json with the seeds given, a block for each piece.")
    for n in lengths:
        plain = made("plain", n)
        seeds, cipher = sealed(name, plain, f"blocks {name} {n}")
        v.add(f"{n} bytes under {name}", "DIA-002", {"key": name, "plaintext": plain, "seeds": seeds}, ciphertext=cipher)
    broken = bytearray(cipher)
    broken[-1] ^= 1
    for what, bad in (("a bit changed", bytes(broken)), ("a byte missing", cipher[:-1]), ("nothing", b""), ("a number above the modulus", b"\xff" * keys.size(KEYS[name]))):
        v.add(f"{what}, {name}", "DIA-003", {"key": name, "ciphertext": bad}, error="undecryptable")


def joined(parts, zero_too, total):
    buffers = fragments.Reassembly(5.0, zero_too=zero_too, total=total)
    for part in parts:
        whole = buffers.add("peer", *part, 0.0)
        if whole is not None:
            return whole
    return None


# ---- rsa-fragment

def rsa_fragment():
    v = Vectors("rsa-fragment (spec/dialects/rsa-fragment.md)")
    public_keys(v)
    blocks(v, "server-4096", (0, 5, 446, 447))
    v.group("Fragments", "The datagrams that a ciphertext is cut into; a null id: whole, in one datagram.")
    for n in (512, 1024, 490 * 3):
        cipher, ident = made("cut", n), 0xDEADBEEF
        cut, datagrams = rsf.datagrams(ident, cipher, 512)
        v.add(f"{n} bytes", "RSF-004 RSF-005", {"id": ident if cut else None, "ciphertext": cipher}, datagrams=datagrams)
    v.group("Datagram", "What a datagram is to a server with a modulus of 512 bytes, before it tries to open it.")
    for name, datagram in (("a key", PEM["client-2048"]), ("a request", rsf.REQUEST), ("a request without its end", rsf.REQUEST[:-1]), ("the first of one", bytes.fromhex("00000001010178")),
                           ("the last of 255", bytes.fromhex("fffffffffffF78")), ("number 0", bytes.fromhex("00000001000178")), ("beyond total", bytes.fromhex("00000001020178")),
                           ("no payload", bytes.fromhex("000000010101")), ("as long as the modulus, and like a fragment", bytes.fromhex("000000010101") + bytes(506))):
        v.add(name, "RSF-001 RSF-002 RSF-003 RSF-007", {"datagram": datagram}, **kind_of(datagram))
    v.group("Reassembly", "Fragments of one sender, as they come, and what they are joined to.")
    reassembly(v, [rsf.fragment_of(d) for d in rsf.fragments(7, made("joined", 25), 10)], 1)
    v.group("Answer", "Answers before they are sealed.")
    for name, ident in (("whole", None), ("id 0", 0), ("the largest id", 0xFFFFFFFF)):
        v.add(name, "RSF-006", {"id": ident}, answer=rsf.ack(ident))
    v.add("what is missing", "RSF-015", {"id": 7, "missing": [2, 255]}, answer=rsf.nack(7, [2, 255]))
    return v


def kind_of(datagram):
    if rsf.is_key(datagram):
        return {"kind": "key"}
    if datagram == rsf.REQUEST:
        return {"kind": "request"}
    fragment = rsf.fragment_of(datagram)
    if len(datagram) == 512 or fragment is None:
        return {"kind": "ciphertext"}
    return {"kind": "fragment", **dict(zip(("id", "number", "total", "payload"), fragment))}


def reassembly(v, parts, first):
    """Cases that hold for both dialects with fragments; parts are the three of one message."""
    def changed(part, **by):
        ident, number, total, payload = part
        return (ident, by.get("number", number), by.get("total", total), by.get("payload", payload))
    a, b, c = parts
    low, high = (0, 64) if first == 0 else (1, 255)
    cases = {"in order": [a, b, c], "backwards": [c, b, a], "with copies": [a, a, b, b, c], "one is missing": [a, c], "totals that disagree": [a, changed(b, total=4), c],
             "bytes that disagree": [a, changed(a, payload=b"other"), b, c], "number 0 of none": [changed(a, number=0, total=0)], "beyond total": [changed(a, number=4)],
             "one alone": [changed(a, number=low, total=1)], "more than fit": [changed(a, total=high + 1)] if first == 0 else [changed(a, number=0)]}
    if first == 0:
        one = [changed(p, number=p[1] + 1) for p in parts]
        cases |= {"numbered from 1": one, "numbered from 1, backwards": one[::-1], "both 0 and total": [a, changed(c, number=3)]}
    for name, given in cases.items():
        flags = "DIA-020 DIA-021 RSF-003" if first else "DIA-020 DIA-021 TLV-004"
        out = outcome(lambda g=given: joined(g, first == 0, high), fragments.Refused)
        fields = [dict(zip(("id", "number", "total", "payload"), g)) for g in given]
        v.add(name, flags, {"fragments": fields}, **({"error": out["error"]} if "error" in out else {"joined": out["out"]}))


# ---- tlv-multicast

def tlv_multicast():
    v = Vectors("tlv-multicast (spec/dialects/tlv-multicast.md)")
    blocks(v, "server-2048", (0, 190, 191))
    v.group("Tlvs", "TLVs that fill a datagram.")
    for name, data in (("one", tlv.tlv(9)), ("two", tlv.tlv(7) + tlv.tlv(4, b"value")), ("a type that is not known", tlv.tlv(65535, b"x")), ("nothing", b""), ("half a head", b"\0\1\0"),
                       ("a value cut off", b"\0\1\0\2x"), ("a length past the end", b"\0\1\xff\xff"), ("a byte behind", tlv.tlv(9) + b"\0")):
        out = outcome(lambda d=data: [{"type": k, "value": x} for k, x in tlv.read(d)], tlv.Malformed)
        v.add(name, "TLV-001", {"datagram": data}, **({"error": "malformed"} if "error" in out else {"tlvs": out["out"]}))
    v.group("Message", "A text, and the datagrams that a client sends for it to the group.")
    for text in ("CONNECT", "hello", "é" * 100, "DISCONNECT"):
        plain, ident = text.encode(), int.from_bytes(made("msg_id " + text, 4), "big")
        parts = keys.pieces(plain, 190)
        seeds = [made(f"message {text} {i}") for i in range(len(parts))]
        inside = b"".join(tlv.tlv(tlv.BLOCK, oaep("server-2048", p, s)) for p, s in zip(parts, seeds))
        v.add(text[:10], "TLV-003 TLV-004 TLV-005", {"key": "server-2048", "text": text, "msg_id": ident, "seeds": seeds}, datagrams=tlv.fragments(ident, inside))
    v.group("Reassembly", "Fragments of one sender, as they come, and what they are joined to.")
    reassembly(v, [tlv.read_fragment(tlv.read(d)[0][1]) for d in tlv.fragments(7, made("joined", 25), 10)], 0)
    v.group("Relayed", "A text from an address, and the datagrams for one client.")
    for text in ("hello", "é€" * 60):
        parts = tlv.text_pieces(text, 190)
        seeds = [made(f"relayed {text} {i}") for i in range(len(parts))]
        inner = [tlv.tlv(tlv.RELAYED, oaep("client-2048", p, s)) for p, s in zip(parts, seeds)]
        v.add(text[:10], "TLV-006 TLV-007", {"key": "client-2048", "sender": "10.1.2.3:5007", "text": text, "seeds": seeds},
              datagrams=[tlv.sender(("10.1.2.3", 5007), i) for i in inner])
    v.group("Control", "Datagrams that say one thing.")
    address = tlv.pack_address(("10.1.2.3", 65535))
    for name, flags, kind, value in (("register", "TLV-002", tlv.REGISTER, PEM["client-2048"]), ("server key", "TLV-002", tlv.SERVER_KEY, PEM["server-2048"]), ("request", "TLV-002", tlv.REQUEST_KEY, b""),
                                     ("keep-alive", "TLV-013", tlv.KEEP_ALIVE, b""), ("connected", "TLV-012", tlv.CONNECTED, address), ("disconnected", "TLV-012", tlv.DISCONNECTED, address)):
        v.add(name, flags, {"type": kind, "value": value}, datagram=tlv.tlv(kind, value))
    return v


# ---- aes-session

def aes_session():
    v = Vectors("aes-session (spec/dialects/aes-session.md)")
    cid, sid, key = made("cid", 8), made("sid", 8), made("key", 16)
    v.group("Handshake", "The datagrams of a handshake, in order.")
    v.add("hello", "SES-001", {"pem": PEM["client-2048"]}, datagram=ses.datagram(ses.HELLO, PEM["client-2048"]))
    v.add("server key", "SES-001", {"pem": PEM["server-2048"]}, datagram=ses.datagram(ses.SERVER_KEY, PEM["server-2048"]))
    seeds, cipher = sealed("server-2048", ses.request(cid, PEM["client-2048"]), "request")
    v.add("request", "SES-002", {"key": "server-2048", "cid": cid, "pem": PEM["client-2048"], "seeds": seeds}, datagram=ses.datagram(ses.REQUEST, cipher))
    for name, algorithm in (("gcm", ses.GCM), ("ctr", ses.CTR)):
        seeds, cipher = sealed("client-2048", ses.session(cid, sid, key, algorithm), f"session {name}")
        v.add(f"session, {name}", "SES-003", {"key": "client-2048", "cid": cid, "sid": sid, "aes": key, "algorithm": algorithm, "seeds": seeds}, datagram=ses.datagram(ses.SESSION, cipher))
    v.group("SessionPlaintext", "The plaintext of 0x03.")
    whole = ses.session(cid, sid, key, ses.GCM)
    for name, plain in (("whole", whole), ("a byte short", whole[:-1]), ("a byte long", whole + b"\0"), ("algorithm 0", whole[:-1] + b"\0"), ("algorithm 3", whole[:-1] + b"\3")):
        out = outcome(lambda p=plain: ses.read_session(p), ses.Malformed)
        v.add(name, "SES-003", {"plaintext": plain}, **({"error": "undecryptable"} if "error" in out else dict(zip(("cid", "sid", "aes", "algorithm"), out["out"]))))
    for name, algorithm in (("gcm", ses.GCM), ("ctr", ses.CTR)):
        sealed_messages(v, name, algorithm, cid, sid, key)
    v.group("Error", "What a server says is wrong.")
    for code in ses.WORDS:
        v.add(f"code {code}", "SES-006", {"code": code}, datagram=ses.error(code))
    return v


def sealed_messages(v, name, algorithm, cid, sid, key):
    v.group("Sealed", f"0x04 and 0x10 under algorithm {algorithm}; a null cid: from the server.")
    for what, kind, mine, text in (("confirmation", ses.CONFIRM, cid, "OK"), ("message up", ses.MESSAGE, cid, "hello!"), ("message down", ses.MESSAGE, None, "yes!"),
                                   ("keep-alive", ses.MESSAGE, cid, ""), ("long message down", ses.MESSAGE, None, "é" * 300)):
        nonce = made(f"nonce {name} {what}", ses.NONCE[algorithm])
        if name == "ctr" and "long" in what:
            nonce = b"\xff" * 16  # the counter wraps
        plain = (sid if mine else b"") + text.encode()
        datagram = ses.datagram(kind, (mine or b"") + ses.seal(key, algorithm, plain, nonce))
        v.add(f"{what}, {name}", "SES-004 SES-005", {"aes": key, "algorithm": algorithm, "cid": mine, "sid": sid if mine else None, "nonce": nonce, "text": text}, datagram=datagram)
    good = ses.seal(key, algorithm, sid + b"hello!", made("nonce", ses.NONCE[algorithm]))
    for what, bad in (("too short", good[:ses.NONCE[algorithm] - 1]), ("a bit changed", good[:-1] + bytes([good[-1] ^ 1]))):
        if algorithm == ses.GCM or what == "too short":
            v.add(f"{what}, {name}", "SES-005", {"aes": key, "algorithm": algorithm, "sealed": bad}, error="undecryptable")


# ---- tls-chat

def refused_pickles():
    text = pickle.dumps(("x",))
    x = b"\x8c\x01x"
    return {"a call": b"cos\nsystem\n(S'true'\ntR.", "a call of protocol 4": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", "an instance": b"(S'true'\nios\nsystem\n.",
            "an extension": b"\x80\x02\x82\x01.", "a persistent id": b"Pid\n.", "a list": b"].", "a dict": b"}.", "none": b"N.", "a number": b"K\x01\x85.", "bytes": b"C\x01x\x85.",
            "an empty tuple": b").", "two strings": x + x + b"\x86.", "two strings and a mark": b"(" + x + x + b"t.", "a string alone": x + b".", "a tuple in a tuple": x + b"\x85\x85.",
            "two tuples": x + b"\x85" + x + b"\x85.", "nothing": b"", "stop alone": b".", "a mark alone": b"(.", "a byte behind": text + b".", "the last byte missing": text[:-1],
            "a string past the end": b"\x8c\xffx\x85.", "a length that wraps": b"\x8d" + b"\xff" * 8 + x + b"\x85.", "a negative length": b"T\xff\xff\xff\xffx\x85.",
            "a frame past the end": b"\x95" + b"\xff" * 8 + x + b"\x85.", "protocol 6": b"\x80\x06" + x + b"\x85.", "a protocol in the midst": x + b"\x80\x04\x85.", "memo of a mark": b"(q\0t.",
            "memo of nothing": b"h\0\x85.", "a memo that is full": x + b"".join(b"q" + bytes([i]) for i in range(17)) + b"\x85.", "no UTF-8": b"\x8c\x01\xff\x85.", "no end of a line": b"Vx",
            "a quote that is not closed": b"S'x\n\x85.", "a hundred marks": b"(" * 100}


def tls_chat():
    v = Vectors("tls-chat (spec/dialects/tls-chat.md)")
    v.group("Message", "A text as it is sent, in a form of lengths and a protocol of pickle.")
    for text in ("NAME: ada", "CLIENT: 127.0.0.1", "", "é€😀", "a\nb\\u0041", "x" * 300):
        for protocol in range(6):
            for form in tch.FORMS if text == "NAME: ada" else (8,):
                v.add(f"{text[:20]!r}, protocol {protocol}, {form} bytes", "TCH-001 TCH-003", {"text": text, "protocol": protocol, "form": form}, bytes=tch.pack(text, form, protocol))
    v.group("Pickle", "What a reader takes, those of Python 2 among them, and what it refuses.")
    for name, pickled in (("str of protocol 0", b"(S'it\\'s \\xc3\\xa9'\np0\ntp1\n."), ("str of protocol 1", b"(U\x03abcq\x00tq\x01."), ("str of Latin-1", b"\x80\x02U\x01\xe9q\x00\x85q\x01."),
                          ("BINSTRING", b"(T\x02\0\0\0hit."), ("BINUNICODE8", b"\x80\x04\x8d\x02\0\0\0\0\0\0\0hi\x85."), ("LONG_BINPUT", b"\x80\x04\x8c\x01xr\0\1\0\0\x85.")):
        v.add(name, "TCH-010", {"pickle": pickled}, text=pickles.loads(pickled))
    for name, pickled in refused_pickles().items():
        out = outcome(lambda p=pickled: pickles.loads(p), pickles.Refused)
        v.add(name, "TCH-010 TCH-011", {"pickle": pickled}, error=out["error"])
    v.group("Stream", "Bytes of a connection, and the texts in them.")
    one = tch.pack("x" * 5)
    for name, data in (("form of 8 bytes", one * 2), ("form of 4 bytes", tch.pack("one", 4) + tch.pack("two", 4)), ("a message that is not whole", one[:-1]), ("half a length", one[:4]),
                       ("no length", bytes(8) + b"x"), ("too long", (65601).to_bytes(4, "big") + bytes(4)), ("the longest", (65600).to_bytes(4, "big") + bytes(4)),
                       ("zeros that are none", one + one[:4] + b"\0\0\0\1"), ("a call", len(refused_pickles()["a call"]).to_bytes(4, "big") + refused_pickles()["a call"])):
        out = outcome(lambda d=data: texts_of(d), tch.Malformed, pickles.Refused)
        v.add(name, "TCH-002 TCH-004", {"bytes": data}, **({"error": out["error"]} if "error" in out else out["out"]))
    v.group("Name", "First messages, and the name in them.")
    for text in ("NAME: ada", "NAME: é b", "NAME: " + "x" * 64, "NAME: " + "x" * 65, "NAME: ", "NAME:  ", "NAME: a\nb", "NAME:ada", "ada", "name: ada"):
        name = tch.name_of(text)
        v.add(text[:20], "TCH-020", {"text": text}, **({"error": "no_name"} if name is None else {"name": name}))
    v.group("Words", "What a server says for ada, the second in the room, from 10.0.0.2.")
    for name, text in (("client", tch.client_line("10.0.0.2")), ("connected", tch.connected(2, "ada", "10.0.0.2")), ("line", tch.said("ada", "10.0.0.2", "hello")),
                       ("hung up", tch.hung_up("ada", "10.0.0.2"))):
        v.add(name, "TCH-020", {}, text=text)
    return v


def texts_of(data):
    stream, found = tch.Stream(), []
    stream.feed(data)
    while (text := stream.next()) is not None:
        found.append(text)
    return {"texts": found, "form": stream.form}


def main():
    check, stale = sys.argv[1:] == ["--check"], []
    if sys.argv[1:] and not check:
        print(f"usage: {sys.argv[0]} [--check]", file=sys.stderr)
        return 2
    for name, vectors in {"rsa-fragment": rsa_fragment(), "tlv-multicast": tlv_multicast(), "aes-session": aes_session(), "tls-chat": tls_chat()}.items():
        path, text = FOLDER / f"{name}.json", vectors.text()
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(path.name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"dialect_vectors: not what the script writes: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
