# SPDX-License-Identifier: MIT
"""What ./dev bench makes of its measurements: medians, ratios, bars, a table and JSON. Runs nothing.

`figures.py --self-test` proves the arithmetic.
"""
import json
import statistics
import sys

OURS = "tern"


class Bar:
    """What a row should reach: the ratio against another contestant, or a bound for our own median."""

    def __init__(self, least, against=None):
        self.least, self.against = least, against

    def holds(self, row):
        """True, False, or None when there is nothing to judge by."""
        if self.against:
            ratio = row.ratio(self.against)
            return None if ratio is None else ratio >= self.least
        ours = row.median(OURS)
        if ours is None:
            return None
        return ours >= self.least if row.more else ours <= self.least

    def text(self, row):
        if self.against:
            return f"{self.least:g}x {self.against}"
        return f"{'>=' if row.more else '<='} {quantity(self.least)} {row.unit}"


class Row:
    """One quantity, of ours and of others. more: a larger one is better."""

    def __init__(self, name, what, unit, more=True, bars=()):
        self.name, self.what, self.unit, self.more, self.bars = name, what, unit, more, bars
        self.values = {}

    def add(self, who, value):
        self.values.setdefault(who, []).append(value)

    def median(self, who):
        return statistics.median(self.values[who]) if self.values.get(who) else None

    def ratio(self, who):
        """How many times as good as the other's our median is."""
        ours, theirs = self.median(OURS), self.median(who)
        if not ours or not theirs:
            return None
        return ours / theirs if self.more else theirs / ours


def quantity(value):
    """Three digits that count, and thousands apart."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def lines_of(row):
    """A line for each contestant, ours first: name, unit, who, median, spread, ratio, bar."""
    if not row.values:
        return []
    bars = {}
    for bar in row.bars:
        bars.setdefault(bar.against or OURS, []).append(bar)
    lines = []
    for who in sorted(row.values, key=lambda w: w != OURS):
        ratio = row.ratio(who) if who != OURS else None
        judged = [f"{bar.text(row)}: {dict([(True, 'yes'), (False, 'NO')]).get(bar.holds(row), '?')}"
                  for bar in bars.get(who, ())]
        spread = f"{quantity(min(row.values[who]))} .. {quantity(max(row.values[who]))}"
        lines.append((row.name if not lines else "", row.unit if not lines else "", who, quantity(row.median(who)),
                      spread, "" if ratio is None else f"{ratio:.2f}x", "; ".join(judged)))
    return lines


def table(rows):
    head = ("row", "unit", "who", "median", "spread", "tern is", "bar")
    lines = [head] + [line for row in rows for line in lines_of(row)]
    width = [max(len(line[i]) for line in lines) for i in range(len(head))]
    right = {3, 4, 5}
    out = []
    for line in lines:
        if line[0] and out:
            out.append("")
        out.append("  ".join(cell.rjust(width[i]) if i in right else cell.ljust(width[i])
                             for i, cell in enumerate(line)).rstrip())
    return "\n".join(out)


def as_json(rows, about):
    """about: what else is to be told, a dictionary."""
    told = []
    for row in rows:
        who = {w: {"median": row.median(w), "least": min(v), "most": max(v), "values": v, "ratio": row.ratio(w) if w != OURS else None}
               for w, v in row.values.items()}
        bars = [{"least": b.least, "against": b.against, "holds": b.holds(row)} for b in row.bars]
        told.append({"row": row.name, "what": row.what, "unit": row.unit, "better": "more" if row.more else "less",
                     "who": who, "bars": bars})
    return json.dumps({**about, "rows": told}, indent=1)


# ---- the proof

def self_test():
    fast = Row("fast", "speed", "Gbit/s", True, (Bar(2, "slow peer"), Bar(3), Bar(1, "missing peer")))
    for value in (4, 100, 2, 5, 3):
        fast.add(OURS, value)
    for value in (2, 1, 4):
        fast.add("slow peer", value)
    small = Row("small", "memory", "bytes", False, (Bar(4096), Bar(1, "big peer")))
    small.add(OURS, 5000)
    small.add("big peer", 10000)
    empty = Row("empty", "nothing", "s")
    told = json.loads(as_json([fast, small, empty], {"rounds": 5}))
    text = table([fast, small, empty])
    checks = {
        "the median is the middle one, whatever the extremes": fast.median(OURS) == 4,
        "of two, the middle is between": (empty.add("x", 1), empty.add("x", 2), empty.median("x"))[2] == 1.5,
        "more is better: ours by theirs": fast.ratio("slow peer") == 2,
        "less is better: theirs by ours": small.ratio("big peer") == 2,
        "there is no ratio to who is missing": fast.ratio("missing peer") is None,
        "a bar is reached when it is met exactly": fast.bars[0].holds(fast) is True,
        "a bound holds from above where more is better": fast.bars[1].holds(fast) is True,
        "and from below where less is": small.bars[0].holds(small) is False and small.bars[1].holds(small) is True,
        "nobody is judged by who is missing": fast.bars[2].holds(fast) is None,
        "the table judges": "2x slow peer: yes" in text and "<= 4,096 bytes: NO" in text,
        "the table tells the spread": "2.00 .. 100" in text,
        "a row without measurements is not shown": "empty" not in text,
        "JSON tells all": told["rounds"] == 5 and told["rows"][0]["who"][OURS]["values"] == [4, 100, 2, 5, 3] and
                          told["rows"][1]["bars"][0] == {"least": 4096, "against": None, "holds": False},
    }
    for title, holds in checks.items():
        print(f"{'ok    ' if holds else 'FAILED'} {title}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(self_test())
