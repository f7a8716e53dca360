# SPDX-License-Identifier: MIT
"""`python3 -m tern.transfer HOST:PORT put FILE` and `… get NAME FILE`: files to and from a relay (spec/rooms.md section 2)."""
import hashlib
import os
import pathlib
import sys

from . import loop, tlv

FILE_PUT, FILE_GET, FILE_INFO, FILE_DONE, FILE_ERROR = range(0x0050, 0x0055)


class Answer:
    """Reads what comes back on the stream: TLVs, and the bytes of a file behind FILE_INFO."""

    def __init__(self):
        self.buffer, self.size, self.content, self.hash, self.error = b"", 0, bytearray(), None, None

    def take(self, data):
        self.buffer += data
        while self.buffer:
            missing = self.size - len(self.content)
            if missing:
                self.content += self.buffer[:missing]
                self.buffer = self.buffer[missing:]
                continue
            try:
                kind, value, self.buffer = tlv.one(self.buffer)
            except tlv.Short:
                return
            if kind == FILE_INFO:
                self.size = int.from_bytes(value, "big")
            elif kind == FILE_DONE:
                self.hash = value
            elif kind == FILE_ERROR:
                self.error = (int.from_bytes(value[:2], "big"), value[2:].decode(errors="replace"))


def request(given):
    """(what goes onto the stream, the hash that is expected or None)."""
    if given.what == "get":
        return tlv.emit(FILE_GET, given.name.encode()), None
    content = pathlib.Path(given.name).read_bytes()
    digest = hashlib.sha256(content).digest()
    name = os.path.basename(given.name).encode()
    return tlv.emit(FILE_PUT, tlv.uint(len(content), 8) + name) + content + tlv.emit(FILE_DONE, digest), digest


def outcome(given, answer, digest):
    """None when it is done, or what is wrong."""
    if answer.error:
        return f"error {answer.error[0]} {answer.error[1]}"
    found = digest or hashlib.sha256(answer.content).digest()
    if answer.hash != found or len(answer.content) != answer.size:
        return "another hash"
    if given.what == "get":
        beside = given.file + ".part"
        pathlib.Path(beside).write_bytes(answer.content)
        os.replace(beside, given.file)
    return None


def run(given):
    drive, stream, answer = loop.Loop(given), None, Answer()
    words, digest = request(given)
    while drive.alive() and drive.client.state != "CLOSING":
        events, _ = drive.step()
        if stream is None and drive.client.proven:
            stream = drive.client.streams.new()
            if stream:
                stream.put(words, True)
        for event in events:
            if event[0] == "stream":
                answer.take(event[2])
            if event[0] == "reset_stream" or (event[0] == "stream" and event[3]):
                wrong = outcome(given, answer, digest)
                print(wrong or "done", flush=True)
                drive.finish()
                return 1 if wrong else 0
    drive.step(0)
    return 1


def main():
    parser = loop.options(__doc__)
    parser.add_argument("what", choices=["put", "get"])
    parser.add_argument("name", help="the file to put, or the name to get")
    parser.add_argument("file", nargs="?", help="where what is got goes")
    given = parser.parse_args()
    if given.what == "get" and not given.file:
        parser.error("get needs a file to write to")
    return run(given)


if __name__ == "__main__":
    sys.exit(main())
