# SPDX-License-Identifier: MIT
"""Reads and reproduces spec/vectors: `python3 -m tern.vectors FOLDER`."""
import datetime
import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from . import frames, handshake, identity, packets, parameters, revocation, schedule
from .errors import Drop, Violation


def plain(value):
    """As the vectors write it: bytes in hex, and numbers as text so that 5 and "5" are the same."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value).lower() if isinstance(value, bool) else str(value)


def unhex(given, *names):
    return [bytes.fromhex(given[n]) for n in names]


def largest_of(given):
    return None if given["largest"] is None else int(given["largest"])


def header_fields(header):
    found = {"type": header.kind, "to": header.to}
    if header.sender:
        found["from"] = header.sender
    if header.kind == "SYN_ACK":
        found.update(random=header.random, share=header.share, suite=header.suite, resumed=header.resumed)
    return found


def sealed_packet(given):
    datagram, secret = unhex(given, "datagram", "secret")
    header = packets.parse_header(datagram)
    keys = schedule.first_keys(header.to, "syn") if header.kind == "SYN" else schedule.Keys(secret)
    flags, number, payload = packets.open_packet(given["suite"], keys, datagram, header, largest_of(given))
    again = packets.seal(given["suite"], keys, header.emit(), number, payload, flags)
    assert again == datagram, "sealed again it differs"
    return {"header": header_fields(header), "pn": number, "payload": payload}


def header_only(given):
    datagram, = unhex(given, "datagram")
    if datagram and datagram[0] >> 4 == packets.NUMBERS["RESET"]:
        to, token = packets.parse_reset(datagram)
        return {"header": {"type": "RESET", "to": to, "token": token}, "pn_offset": 0}
    header = packets.parse_header(datagram)
    return {"header": header_fields(header), "pn_offset": header.size}


def packet_number(given):
    return {"pn": packets.restore_number(largest_of(given), given["truncated"])}


def one_frame(given):
    data, = unhex(given, "frame")
    found = frames.parse_payload(data, _carrier(data))
    assert len(found) == 1
    frame = found[0]
    assert frames.emit(frame) == data, "emitted again it differs"
    fields = dict(frame)
    if frame.name in ("PADDING", "UNKNOWN"):
        return {}
    if frame.name == "STREAM":
        fields["fin"] = bool(fields["fin"])
    return fields


def _carrier(data):
    kind = int.from_bytes(data[:2], "big")
    return "ACK" if frames.BY_TYPE.get(kind) == "CRYPTO" else "DATA"


def known_parameters(values):
    return {name: value for name, value in values.items() if name not in ("cookie", "ticket", "binder", "early")}


def parameter_list(given):
    return known_parameters(parameters.parse(bytes.fromhex(given["parameters"]), from_client=False))


def client_hello(given):
    hello = parameters.parse_hello(bytes.fromhex(given["message"]))
    return dict(hello, parameters=known_parameters(hello["parameters"]))


def retry(given):
    first_sid, datagram = unhex(given, "first_sid", "datagram")
    cid, sid, cookie = packets.parse_retry(datagram, first_sid)
    assert packets.emit_retry(first_sid, cid, sid, cookie) == datagram
    return {"cid": cid, "sid": sid, "cookie": cookie}


def version(given):
    cid, first_sid, versions, suites = packets.parse_version(bytes.fromhex(given["datagram"]))
    return {"cid": cid, "first_sid": first_sid, "versions": versions, "suites": suites}


def trust_of(given):
    how = given["trust"]
    if how["mode"] == "pin":
        return identity.Pin(bytes.fromhex(how["pin"]))
    if how["mode"] == "first_use":
        return identity.FirstUse()
    host = how["dns"] or ".".join(map(str, bytes.fromhex(how["ip"])))
    return identity.Authority([x509.load_der_x509_certificate(bytes.fromhex(how["anchor"]))], host,
                              how.get("must_staple", False), how["unix_seconds"])


def key_of(given, name):
    return ec.derive_private_key(int(given[name], 16), ec.SECP256R1())


def run_client(given):
    """The client of a Handshake vector, after the relay's flight."""
    ticket = None
    if "ticket" in given:
        ticket = handshake.Ticket(*unhex(given, "ticket", "psk"), given["ticket_suite"], 0, {})
    client = handshake.ClientHandshake(trust_of(given), given["offered"], {}, ticket=ticket,
                                       key=key_of(given, "client_key") if "client_key" in given else None,
                                       private=X25519PrivateKey.from_private_bytes(bytes.fromhex(given["client_private"])))
    client.sent_hello = bytes.fromhex(given["client_hello"])
    first_sid, cid, sid, random, share = unhex(given, "first_sid", "cid", "sid", "random", "share")
    header = packets.Header("SYN_ACK", cid, sid, random, share, given["suite"], given["resumed"])
    if given["version"] != packets.VERSION:
        raise Drop("VERSION")
    try:
        made = client.candidate(header, first_sid, cid)
    except Drop:  # the vectors have a code for what a client drops
        raise Violation("ILLEGAL_PARAMETER") from None
    client.accept(header, made)
    for message in given["flight"]:
        client.feed(bytes.fromhex(message))
    if not client.flight.finished:
        raise Violation("UNEXPECTED_MESSAGE")
    return client, header, first_sid, cid


def same_relay(given, output):
    """The relay of the vector makes the same answer and, but for what is random in a signature, the same flight."""
    first_sid, cid, sid, random = unhex(given, "first_sid", "cid", "sid", "random")
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(given["relay_private"]))
    admitted = [bytes.fromhex(output["client_fingerprint"])] if "client_key" in given else None
    relay = handshake.RelayHandshake([given["suite"]], {}, key_of(given, "relay_key"), admitted=admitted, private=private,
                                     random=random)
    message = bytes.fromhex(given["client_hello"])
    psk = bytes.fromhex(given["psk"]) if given["resumed"] else None
    hello = parameters.parse_hello(message)
    header, _ = relay.answer(message, hello, first_sid, cid, sid, psk)
    assert handshake.hello_of(header, first_sid, cid).hex() == output["hello"], "the relay's answer"
    assert relay.schedule.client_handshake.hex() == output["client_handshake"], "the relay's secret"
    if psk:
        assert hello["parameters"]["binder"] == schedule.Early(psk).binder(message[:-36]), "BINDER"


def handshake_vector(given, output):
    client, header, first_sid, cid = run_client(given)
    if output is None:
        return {}
    same_relay(given, output)
    made = client.schedule
    hello, keys = handshake.hello_of(header, first_sid, cid), schedule.Keys
    relay_flight = client.sent_hello + hello + b"".join(map(bytes.fromhex, given["flight"]))
    behind = 36 + (4 + int.from_bytes(bytes.fromhex(given["flight"][-2])[2:4], "big") if not given["resumed"] else 0)
    signed = relay_flight[:len(relay_flight) - behind] if not given["resumed"] else relay_flight[:-36]
    found = {
        "hello": hello, "shared": handshake.agree(client.private, header.share), "early_secret": made.early.secret,
        "handshake_secret": made.handshake, "hello_hash": schedule.sha256(client.sent_hello + hello),
        "client_handshake": made.client_handshake, "server_handshake": made.server_handshake, "master_secret": made.master,
        "signature_covers": identity.covers("relay", signed), "finished_hash": schedule.sha256(relay_flight[:-36]),
        "application_hash": schedule.sha256(relay_flight), "client_application": made.client_application,
        "server_application": made.server_application, "client_finished": client.answer[-36:],
        "client_early": made.early_traffic, "resumption_master": made.resumption,
        "ticket_nonce": bytes.fromhex(output["ticket_nonce"]), "ticket_psk": made.ticket_psk(bytes.fromhex(output["ticket_nonce"])),
        "fingerprint": identity.fingerprint(key_of(given, "relay_key").public_key()),
        "keys": {name: {"key": k.key, "iv": k.iv, "hp": k.hp} for name, k in (
            ("client_hs", keys(made.client_handshake)), ("server_hs", keys(made.server_handshake)),
            ("client_ap", keys(made.client_application)), ("server_ap", keys(made.server_application)))},
    }
    if "client_key" in given:  # its signature is random, and so is all that covers it
        for name in ("client_finished", "resumption_master", "ticket_psk"):
            found[name] = output[name]
        found.update(client_shown=output["client_shown"],
                     client_fingerprint=identity.fingerprint(key_of(given, "client_key").public_key()))
    return found


def packet_keys(given):
    keys = schedule.Keys(bytes.fromhex(given["secret"]))
    return {"key": keys.key, "iv": keys.iv, "hp": keys.hp}


def key_update(given):
    first = schedule.Keys(bytes.fromhex(given["secret"])).next()
    second = first.next()
    return {"secret_1": first.secret, "secret_2": second.secret, "key_1": first.key, "iv_1": first.iv, "key_2": second.key,
            "iv_2": second.iv}


def syn_keys(given):
    first_sid, = unhex(given, "first_sid")
    keys = schedule.first_keys(first_sid, "syn")
    return {"initial": schedule.extract(schedule.SYN_SALT, first_sid), "secret": keys.secret, "key": keys.key, "iv": keys.iv,
            "hp": keys.hp}


def finished(given):
    secret, digest = unhex(given, "secret", "transcript_hash")
    return {"finished": schedule.mac(schedule.expand_label(secret, "finished", b"", 32), digest)}


def status(given):
    certificate, issuer, response = unhex(given, "certificate", "issuer", "response")
    now = datetime.datetime.utcfromtimestamp(given["unix_seconds"])
    revocation.judge(x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer), response, False, now)
    return {"good": True}


READERS = {"SealedPacket": sealed_packet, "Header": header_only, "PacketNumber": packet_number, "Frame": one_frame,
           "Parameters": parameter_list, "ClientHello": client_hello, "Retry": retry, "Version": version,
           "PacketKeys": packet_keys, "KeyUpdate": key_update, "SynKeys": syn_keys, "Finished": finished,
           "Status": status}


def run(kind, test):
    """None, or what is wrong."""
    output = test.get("output")
    try:
        found = handshake_vector(test["input"], output) if kind == "Handshake" else READERS[kind](test["input"])
    except (Violation, Drop) as why:
        got = why.name if isinstance(why, Violation) else why.reason
        if test["result"] == "valid":
            return f"refused with {got}"
        return None if got == test["error"] else f"refused with {got}, wanted {test['error']}"
    if test["result"] != "valid":
        return f"taken, wanted {test['error']}"
    return None if plain(found) == plain(output) else f"{plain(found)}, wanted {plain(output)}"


def main(folder):
    """Gives (passed, what failed)."""
    passed, failed = 0, []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        known = json.loads(path.read_text(encoding="utf-8"))
        for group in known["testGroups"]:
            for test in group["tests"]:
                wrong = run(group["type"], test)
                if wrong:
                    failed.append(f"{path.name} {test['tcId']} {test['name']}: {wrong}")
                passed += not wrong
    return passed, failed


if __name__ == "__main__":
    count, failures = main(sys.argv[1])
    for line in failures:
        print(line)
    print(f"vectors: {count} passed, {len(failures)} failed")
    sys.exit(1 if failures or not count else 0)
