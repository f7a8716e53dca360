# SPDX-License-Identifier: MIT
"""`python3 -m tern.odd_relay HOST`: relays that do one odd thing each, and say what their clients made of it. Prints
`listening CASE HOST:PORT` for each, and then `CASE closed CODE` for each client that closes."""
import argparse
import sys

from cryptography.hazmat.primitives.asymmetric import ec

from . import host, loop, odd, tlv
from .handshake import NUMBERS, message
from .frames import Frame
from .relay import Endpoint


def _instead(name, *others):
    """Sends these instead of the message; with none it is left out."""
    return lambda whole: list(others) if _is(whole, name) else [whole]


def _changed(name, change):
    return lambda whole: [message(name, change(whole[4:]))] if _is(whole, name) else [whole]


def _behind(name, *others):
    return lambda whole: [whole, *others] if _is(whole, name) else [whole]


def _is(whole, name):
    return int.from_bytes(whole[:2], "big") == NUMBERS[name]


def _last_bit(value):
    return value[:-1] + bytes([value[-1] ^ 1])


# what becomes of the relay's flight; it goes into the transcript as it is sent
FLIGHTS = {
    "wrong_signature": _changed("SIGNATURE", _last_bit),
    "no_signature": _instead("SIGNATURE"),
    "wrong_finished": _changed("FINISHED", _last_bit),
    "long_finished": _changed("FINISHED", lambda value: value + b"\0"),
    "finished_twice": _behind("FINISHED", message("FINISHED", bytes(32))),
    "status_behind_a_raw_key": _behind("RAW_KEY", message("STATUS", b"\x30\0")),
    "parameters_twice": _behind("PARAMETERS", message("PARAMETERS", b"")),
    "no_parameters": _instead("PARAMETERS"),
    "cookie_in_parameters": _changed("PARAMETERS", lambda value: value + tlv.emit(0x0017, b"cookie")),
    "ticket_in_parameters": _changed("PARAMETERS", lambda value: value + tlv.emit(0x0018, b"ticket")),
    "early_that_nobody_asked_for": _changed("PARAMETERS", lambda value: value + tlv.emit(0x001a, b"")),
    "ack_delay_out_of_range": _changed("PARAMETERS", lambda value: value.replace(tlv.emit(8, tlv.uint(25, 2)),
                                                                                 tlv.emit(8, tlv.uint(1001, 2)))),
    "parameter_cut": _changed("PARAMETERS", lambda value: value + b"\0"),
    "unknown_parameter": _changed("PARAMETERS", lambda value: value + 2 * tlv.emit(0x7777, b"?")),
    "unknown_message": _behind("PARAMETERS", tlv.emit(0x0170, b"")),
    "ignorable_message": _behind("PARAMETERS", tlv.emit(0xba00, b"")),
    "request_with_a_byte": _behind("PARAMETERS", message("CERTIFICATE_REQUEST", b"x")),
    "certificate_of_nothing": _instead("RAW_KEY", message("CERTIFICATE", b"")),
    "certificate_that_is_cut": _instead("RAW_KEY", message("CERTIFICATE", b"\0\5abc")),
    "certificate_that_is_none": _instead("RAW_KEY", message("CERTIFICATE", b"\0\5abcde")),
    "seven_certificates": _instead("RAW_KEY", message("CERTIFICATE", 7 * b"\0\5abcde")),
    "short_key": _changed("RAW_KEY", lambda value: value[:-1]),
    "compressed_key": _changed("RAW_KEY", lambda value: b"\2" + value[1:33]),
    "key_off_the_curve": _changed("RAW_KEY", lambda value: b"\4" + bytes(64)),
    "endless_flight": _instead("SIGNATURE", tlv.uint(NUMBERS["SIGNATURE"], 2) + tlv.uint(0x4001, 2)),
}
# of the client's odd packets, those that are as odd from a relay
COMMON = ("ack_below_zero", "ack_frequency_of_none", "ack_of_the_future", "an_id_of_the_future_retired", "an_id_that_retires_itself",
          "crypto_in_data", "empty_payload", "fragment_beyond_all", "fragment_beyond_the_credit", "frame_to_ignore", "keep_alive",
          "keep_alive_with_a_byte", "message_too_large", "stream_flags", "unknown_frame")
PACKETS = dict({name: odd.PACKETS[name] for name in COMMON}, **{
    "ticket_of_no_time": [odd.raw(0x003a, bytes(4) + bytes(8) + bytes(4) + b"t")],
    "ticket_of_nothing": [odd.raw(0x003a, tlv.uint(1, 4) + bytes(8) + bytes(4))],
    "ticket_for_eight_days": [odd.raw(0x003a, tlv.uint(691200, 4) + bytes(8) + bytes(4) + b"t")],
    "stream_of_the_client": [odd.stream(4000)],
    "three_more_ids": [odd.new_id(n) for n in range(3, 6)],
    "another_token_for_its_sid": [Frame("NEW_CONNECTION_ID", sequence=1, retire_prior_to=0, id=b"another!", token=bytes(16))],
})
CASES = sorted([*FLIGHTS, *PACKETS])


class OddHost(host.Host):
    def __init__(self, endpoint, case):
        super().__init__(endpoint, False)
        self.case = case

    def on_event(self, connection, event, now):
        super().on_event(connection, event, now)
        if event[0] == "closed":
            print(f"{self.case} closed {event[1]:#06x}", flush=True)
        elif event[0] == "confirmed" and self.case in PACKETS:
            connection.extra = PACKETS[self.case]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", metavar="HOST")
    given, hosts = parser.parse_args(), {}
    key = ec.generate_private_key(ec.SECP256R1())
    for case in CASES:
        endpoint = Endpoint(key)
        endpoint.change = FLIGHTS.get(case)
        hosts[loop.bound(f"{given.host}:0", case)] = OddHost(endpoint, case)
    return host.serve(hosts)


if __name__ == "__main__":
    sys.exit(main())
