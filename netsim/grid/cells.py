# SPDX-License-Identifier: MIT
"""The cells of the grid: which network each is, and the scenario that says so."""
import dataclasses
import itertools
from fractions import Fraction

CONTROLLERS = ("newreno", "cubic", "bbr")
RTTS_MS = (1, 10, 30, 100, 300)
BASE_MBIT = 20  # the rate of the tables whose axis is another
DATAGRAM = 1472


@dataclasses.dataclass(frozen=True)
class Cell:
    """One network, and who sends through it: a flow for each controller named."""
    table: str
    controllers: tuple
    rate_mbit: int = BASE_MBIT
    rtt_ms: int = 30
    queue_bdp: Fraction = Fraction(1)
    loss_percent: Fraction = Fraction(0)
    reorder_percent: Fraction = Fraction(0)
    discipline: str = "tail"  # tail, ecn, codel, codel+ecn
    unlike: bool = False  # every second flow has a third of the round-trip time
    seeds: int = 1

    def key(self):
        """The columns that say which cell this is."""
        return {"table": self.table, "controller": "+".join(sorted(set(self.controllers))), "flows": len(self.controllers),
                "rate_mbit": self.rate_mbit, "rtt_ms": self.rtt_ms, "queue_bdp": text(self.queue_bdp),
                "loss_percent": text(self.loss_percent), "reorder_percent": text(self.reorder_percent),
                "discipline": self.discipline, "rtts": "unlike" if self.unlike else "alike"}

    @property
    def seconds(self):
        """Long enough that the beginning does not count for much, short enough to be run often."""
        if len(self.controllers) > 1:
            return 60
        return 10 + self.rtt_ms * 40 // 1000 if self.rate_mbit > 1 else 30

    @property
    def queue_bytes(self):
        bdp = Fraction(self.rate_mbit * 1_000_000, 8) * self.rtt_ms / 1000
        return max(8 * DATAGRAM, int(bdp * self.queue_bdp))

    def scenario(self):
        """As tern-sim reads it. Windows are wide enough never to be what holds a flow back."""
        room = self.rate_mbit * 1_000_000 // 8 * self.rtt_ms // 1000 + self.queue_bytes
        window = min(1 << 30, max(1 << 20, 4 * room))
        pages = min(1 << 18, 2 * window // 4096 + 4096)
        senders = len(self.controllers)
        queue = {"tail": "", "ecn": " ecn on", "codel": " codel", "codel+ecn": " codel ecn on"}[self.discipline]
        lines = [f"node r relay stream-window {window} connection-window {window} pages {min(1 << 18, pages * senders)}",
                 f"queue x rate {self.rate_mbit}Mbit queue {self.queue_bytes}{queue}"]
        for i in range(senders):
            half_us = self.rtt_ms * 500 // (3 if self.unlike and i % 2 else 1)
            lines += [f"node c{i} client keep {window} pages {pages} congestion {self.controllers[i]}",
                      f"link c{i}>r via x delay {half_us}us loss {text(self.loss_percent)}% "
                      f"reorder {text(self.reorder_percent)}% by {half_us // 2}us",
                      f"link r>c{i} delay {half_us}us",
                      f"at {i * 100}ms stream c{i} 4G"]
        return "\n".join(lines + [f"until {self.seconds}s"]) + "\n"


def text(number):
    """A fraction as the scenario's decimal, exactly."""
    return f"{float(number):g}"


def percents(*values):
    return [Fraction(v) for v in values]


def single(controller):
    one = (controller,)
    for rtt, loss in itertools.product(RTTS_MS, percents("0", "0.1", "0.5", "1", "2", "5", "10")):
        yield Cell("loss", one, rtt_ms=rtt, loss_percent=loss, seeds=3 if loss else 1)
    for rtt, rate in itertools.product(RTTS_MS, (1, 10, 100, 1000)):
        yield Cell("rate", one, rtt_ms=rtt, rate_mbit=rate)
    for rtt, queue in itertools.product(RTTS_MS, percents("0.25", "0.5", "1", "2", "4")):
        yield Cell("queue", one, rtt_ms=rtt, queue_bdp=queue)
    for rtt, reorder in itertools.product(RTTS_MS, percents("0", "0.1", "1", "5", "10")):
        yield Cell("reorder", one, rtt_ms=rtt, reorder_percent=reorder, seeds=3 if reorder else 1)
    for rtt, discipline in itertools.product(RTTS_MS, ("tail", "ecn", "codel", "codel+ecn")):
        yield Cell("discipline", one, rtt_ms=rtt, queue_bdp=Fraction(4), discipline=discipline)


def fairness():
    pairs = [(c, c) for c in CONTROLLERS] + list(itertools.combinations(CONTROLLERS, 2))
    for pair, flows, rtt, unlike in itertools.product(pairs, (2, 8), (10, 30, 100), (False, True)):
        yield Cell("fairness", pair * (flows // 2), rtt_ms=rtt, unlike=unlike)


def everything():
    return [cell for controller in CONTROLLERS for cell in single(controller)] + list(fairness())


def is_quick(cell):
    """What the test looks at: few cells of every table, none that takes long."""
    if cell.table == "fairness":
        return cell.rtt_ms == 30 and len(cell.controllers) == 2 and not cell.unlike
    return (cell.rtt_ms in (10, 100) and cell.rate_mbit <= 100 and cell.queue_bdp >= Fraction(1, 2)
            and cell.loss_percent in (0, 1, 5) and cell.reorder_percent in (0, 1)
            and cell.discipline in ("tail", "codel+ecn"))
