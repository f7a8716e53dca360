# SPDX-License-Identifier: MIT
"""`python3 -m tern.odd HOST:PORT [CASE…]`: a client that does one odd thing a connection, and says what the relay made of it:
`CASE closed CODE`, `CASE refused CODE` from a room, or `CASE answered` when it goes on. Without a case all of them, one by one."""
import sys
import time

from . import frames, loop, packets, rooms, tlv
from .frames import Frame

PATIENCE = 5.0


def raw(kind, value=b""):
    """A frame of any type and bytes."""
    return Frame("UNKNOWN", type=kind, bytes=value)


def fragment(position, data):
    return Frame("FRAGMENT", position=position, bytes=data)


def message(body):
    return fragment(0, tlv.uint(len(body), 4) + body)


def stream(number, data=b"x", offset=0, fin=0):
    return Frame("STREAM", stream=number, fin=fin, offset=offset, bytes=data)


def new_id(sequence, prior=0, cid=None):
    return Frame("NEW_CONNECTION_ID", sequence=sequence, retire_prior_to=prior, id=cid or bytes([sequence]) * 8, token=bytes(16))


FAR = 1 << 40
# what one DATA packet has, once the handshake is confirmed
PACKETS = {
    "frame_to_ignore": [raw(0xba01, b"?"), raw(0xbf00)],
    "keep_alive": [Frame("KEEP_ALIVE")],
    "unknown_frame": [raw(0x0070)],
    "empty_payload": [],
    "keep_alive_with_a_byte": [raw(0x0009, b"x")],
    "ack_of_the_future": [Frame("ACK", largest=FAR, delay_us=0, ranges=[(FAR, FAR)])],
    "ack_below_zero": [raw(0x0021, tlv.uint(0, 8) + tlv.uint(0, 4) + tlv.uint(1, 4))],
    "ack_frequency_of_none": [raw(0x0038, bytes(12))],
    "crypto_in_data": [raw(0x0022, bytes(5))],
    "ticket_from_a_client": [Frame("NEW_TICKET", lifetime=1, nonce=bytes(8), max_early=0, ticket=b"t")],
    "stream_of_the_relay": [stream(1)],
    "stream_beyond_the_limit": [stream(4 << 20)],
    "stream_too_long": [stream(0, b"x", FAR)],
    "stream_with_two_ends": [stream(0, b"abc", 0, 1), stream(0, b"x", 3)],
    "stream_flags": [raw(0x0023, tlv.uint(0, 4) + b"\2" + bytes(8))],
    "message_of_no_order": [Frame("MESSAGE", id=0, size=1, offset=0, bytes=b"x")],
    "datagram": [Frame("DATAGRAM", bytes=b"x")],
    "fragment_beyond_the_credit": [fragment(FAR, b"x")],
    "fragment_beyond_all": [raw(0x0001, tlv.uint((1 << 62), 8) + b"x")],
    "message_too_large": [fragment(0, b"\xff\xff\xff\xff")],
    "four_ids": [new_id(n) for n in range(1, 5)],
    "an_id_of_the_future_retired": [Frame("RETIRE_CONNECTION_ID", sequence=77)],
    "an_id_that_changes": [new_id(1), new_id(1, 0, b"another!")],
    "an_id_that_retires_itself": [raw(0x002e, tlv.uint(1, 4) + tlv.uint(2, 4) + bytes(24))],
    "publish_before_join": [message(rooms.publish(b"hi"))],
    "leave_before_join": [message(rooms.leave())],
    "join_twice": [fragment(0, b"".join(tlv.uint(len(m), 4) + m for m in (rooms.join(b"tea", b"odd"), rooms.join(b"tea", b"two"))))],
    "bad_name": [message(rooms.join(b"tea", b"\x1b[2J"))],
    "white_name": [message(rooms.join(b" ", b"odd"))],
    "room_message_of_nothing": [message(b"")],
    "room_message_from_the_relay": [message(rooms.present(1, b"odd"))],
    "join_with_a_byte_behind": [message(rooms.join(b"tea", b"odd") + b"x")],
    "join_that_is_cut": [message(tlv.emit(rooms.JOIN, b"\4tea"))],
}


def wrong_finished(client):
    client.crypto[-1]["bytes"] = client.crypto[-1]["bytes"][:-1] + bytes([client.crypto[-1]["bytes"][-1] ^ 1])


def unasked_key(client):
    client.crypto[-1]["bytes"] = tlv.emit(0x0104, b"\4" + bytes(64))


def short_finished(client):
    client.crypto[-1]["bytes"] = tlv.emit(0x0106, bytes(31))


def endless_flight(client):
    client.crypto[-1]["bytes"] = tlv.uint(0x0106, 2) + tlv.uint(0x4001, 2)


# what is changed of the client's own flight, before it leaves
FLIGHTS = {"wrong_finished": wrong_finished, "unasked_key": unasked_key, "short_finished": short_finished,
           "endless_flight": endless_flight}


def _keep_alive(client, keys, phase, number):
    return packets.seal(client.suite, keys, client.header_for("DATA"), number, frames.emit(Frame("KEEP_ALIVE")), phase)


def old_keys_with_a_higher_number(drive):
    """HS-084: a packet of the phase before, behind one of this phase."""
    client, old = drive.client, drive.client.phases.sending
    client.phases.begin_update()
    drive.socket.send(client.seal("DATA", [Frame("KEEP_ALIVE")], time.monotonic()))
    drive.socket.send(_keep_alive(client, old, 0, client.recovery.take_number()))


def next_keys_with_a_lower_number(drive):
    """HS-084: the first packet of a phase has a number that lies below one of the phase before."""
    client = drive.client
    low = client.recovery.take_number()
    drive.socket.send(client.seal("DATA", [Frame("KEEP_ALIVE")], time.monotonic()))
    drive.socket.send(_keep_alive(client, client.phases.sending.next(), 1, low))


# what is sealed under keys that are not its own
PHASES = {"old_keys_with_a_higher_number": old_keys_with_a_higher_number,
          "next_keys_with_a_lower_number": next_keys_with_a_lower_number}


CASES = sorted([*PACKETS, *FLIGHTS, *PHASES])


def heard(event):
    """What the relay made of it, or None."""
    if event[0] == "closed":
        return f"closed {event[1]:#06x}"
    if event[0] == "message" and rooms.parse(event[1])[0] == rooms.REFUSED:
        return f"refused {rooms.parse(event[1])[1]['code']}"
    return None


def send(case, drive):
    if case in PHASES:
        PHASES[case](drive)
        return
    drive.socket.send(drive.client.seal("DATA", PACKETS[case], time.monotonic()))
    drive.client.control.append(Frame("KEEP_ALIVE"))


def run(given, case):
    drive = loop.Loop(given)
    client, sent, end = drive.client, False, time.monotonic() + PATIENCE
    while drive.alive() and time.monotonic() < end:
        events, _ = drive.step(end)
        found = next((h for h in map(heard, events) if h), None)
        if not found and sent and not client.control and not client.recovery.sent:
            found = "answered"
        if found:
            drive.finish()
            return found
        if case in FLIGHTS and any(e[0] == "proven" for e in events):
            FLIGHTS[case](client)
        if case not in FLIGHTS and client.confirmed and not sent:
            send(case, drive)
            sent = True
    return "silence"


def main():
    parser = loop.options(__doc__)
    parser.add_argument("case", nargs="*", metavar="CASE", help="one of: " + " ".join(CASES))
    given = parser.parse_args()
    for case in given.case or CASES:
        print(case, run(given, case), flush=True)


if __name__ == "__main__":
    sys.exit(main())
