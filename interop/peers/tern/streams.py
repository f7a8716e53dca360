# SPDX-License-Identifier: MIT
"""A client's streams, both ways (spec/transfer.md sections 1 and 4)."""
from .errors import Violation
from .frames import Frame
from .ranges import Assembly

WINDOW, STREAM_WINDOW = 1 << 20, 1 << 18
OVERHEAD = 17  # of a STREAM frame, its TLV header included


class Stream:
    def __init__(self, number, limit):
        self.number, self.limit = number, limit
        self.waiting, self.position, self.last, self.ended = bytearray(), 0, False, False
        self.assembly, self.told, self.highest, self.final = Assembly(), STREAM_WINDOW, 0, None

    def put(self, data, last=False):
        self.waiting += data
        self.last = self.last or last

    def reset(self, code):
        """Ends what is sent; what waits is given up (XFER-005)."""
        self.ended = True
        return Frame("RESET_STREAM", stream=self.number, code=code, final=self.position)


class Streams:
    def __init__(self):
        self.open, self.limit, self.most, self.each = {}, 0, 0, 0
        self.sent = self.heard = self.taken = 0
        self.told = WINDOW

    def parameters_known(self, peer):
        self.limit, self.most, self.each = peer["max_data"], peer["max_streams"], peer["max_stream_data"]

    def new(self):
        """The next stream, or None while the peer allows no more."""
        number = 4 * len(self.open)
        if len(self.open) >= self.most:
            return None
        self.open[number] = Stream(number, self.each)
        return self.open[number]

    def next(self, room):
        """A STREAM of at most so many bytes, or None."""
        for stream in self.open.values():
            left = len(stream.waiting) - stream.position
            n = min(room - OVERHEAD - 2, left, stream.limit - stream.position, self.limit - self.sent)
            end = stream.last and n == left
            if stream.ended or n < 0 or (n == 0 and not end):
                continue
            piece = bytes(stream.waiting[stream.position:stream.position + n])
            frame = Frame("STREAM", stream=stream.number, fin=int(end), offset=stream.position, bytes=piece)
            stream.position, stream.ended = stream.position + n, end
            self.sent += n
            return frame
        return None

    def take(self, frame):
        """(events, frames that answer) of a frame about streams."""
        if frame.name == "MAX_DATA":
            self.limit = max(self.limit, frame["limit"])
        elif frame.name == "MAX_STREAMS":
            self.most = max(self.most, frame["limit"])
        elif frame.name != "MAX_STREAMS_UNI":
            return self._take_of_one(frame)
        return [], []

    def _take_of_one(self, frame):
        stream = self.open.get(frame["stream"])
        if stream is None:
            other = frame["stream"] & 1
            raise Violation("STREAM_LIMIT_ERROR" if other else "STREAM_STATE_ERROR", "a stream that is not open")
        if frame.name == "MAX_STREAM_DATA":
            stream.limit = max(stream.limit, frame["limit"])
        elif frame.name == "STOP_SENDING":
            return [], [] if stream.ended else [stream.reset(frame["code"])]
        elif frame.name == "RESET_STREAM":
            return [("reset_stream", stream.number, frame["code"])], []
        else:
            return self._take_bytes(stream, frame)
        return [], []

    def _take_bytes(self, stream, frame):
        end = frame["offset"] + len(frame["bytes"])
        if stream.final is not None and (end > stream.final or (frame["fin"] and end != stream.final)):
            raise Violation("FINAL_SIZE_ERROR")
        if frame["fin"]:
            if end < stream.highest:
                raise Violation("FINAL_SIZE_ERROR")
            stream.final = end
        self.heard += max(0, end - stream.highest)
        stream.highest = max(stream.highest, end)
        if end > stream.told or self.heard > self.told:
            raise Violation("FLOW_CONTROL_ERROR")
        data = stream.assembly.add(frame["offset"], frame["bytes"])
        self.taken += len(data)
        over = stream.final is not None and stream.assembly.taken == stream.final
        return [("stream", stream.number, data, over)], self._credit(stream)

    def _credit(self, stream):
        """New limits when half of a window is used (XFER-022)."""
        found = []
        if stream.told - stream.assembly.taken < STREAM_WINDOW // 2 and stream.final is None:
            stream.told = stream.assembly.taken + STREAM_WINDOW
            found.append(Frame("MAX_STREAM_DATA", stream=stream.number, limit=stream.told))
        if self.told - self.taken < WINDOW // 2:
            self.told = self.taken + WINDOW
            found.append(Frame("MAX_DATA", limit=self.told))
        return found
