# SPDX-License-Identifier: MIT
"""A relay that keeps no files, and says so on each stream that a client opens (spec/rooms.md section 2, spec/transfer.md)."""
from . import tlv
from .errors import Violation
from .frames import Frame
from .ranges import Assembly

FILE_PUT, FILE_GET, FILE_ERROR = 0x0050, 0x0051, 0x0054
BAD_FILE_NAME, NO_FILES, BAD_REQUEST = 1, 3, 8
AT_ONCE = 8


class Request:
    def __init__(self):
        self.assembly, self.begun, self.answered, self.final = Assembly(), b"", False, None


class Requests:
    def __init__(self):
        self.open, self.limit = {}, AT_ONCE

    def take(self, frame):
        """The frames that answer a STREAM of the client's."""
        number = frame["stream"]
        if number & 3:
            raise Violation("STREAM_STATE_ERROR" if number & 1 else "STREAM_LIMIT_ERROR", "a stream of another kind")
        if number >> 2 >= self.limit:
            raise Violation("STREAM_LIMIT_ERROR")
        stream = self.open.setdefault(number, Request())
        end = frame["offset"] + len(frame["bytes"])
        if stream.final is not None and (end > stream.final or (frame["fin"] and end != stream.final)):
            raise Violation("FINAL_SIZE_ERROR")
        if frame["fin"]:
            stream.final = end
        if stream.answered:
            return []
        stream.begun += stream.assembly.add(frame["offset"], frame["bytes"])
        code = _judge(stream.begun)
        if code is None:
            return []
        stream.answered, stream.begun = True, b""
        self.limit += 1
        error = tlv.emit(FILE_ERROR, tlv.uint(code, 2) + b"no files here")
        return [Frame("STREAM", stream=number, fin=1, offset=0, bytes=error), Frame("MAX_STREAMS", limit=self.limit)]


def _judge(begun):
    """The code for a request, or None while it is not whole."""
    try:
        kind, value, _ = tlv.one(begun)
    except tlv.Short:
        return None
    if kind not in (FILE_PUT, FILE_GET):
        return BAD_REQUEST
    name = value[8:] if kind == FILE_PUT else value
    return BAD_FILE_NAME if name.startswith(b".") or b"/" in name else NO_FILES
