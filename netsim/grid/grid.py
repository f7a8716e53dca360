#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev grid: goodput over loss, round-trip time, rate, queue, reordering and queue discipline, and how fairly flows share, for each
congestion controller; measured in virtual time, so that the same table comes out everywhere, to the byte."""
import argparse
import concurrent.futures
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cells

HERE = pathlib.Path(__file__).parent
BASELINE = HERE / "baseline.csv"
MEASURED = ("goodput_kbit", "of_rate_permille", "utilisation_permille", "smoothed_rtt_us", "lost_permille", "jain_permille")
TOLERANCE = 100  # permille: goodput that falls by more against the baseline is a failure
TOLERANCE_JAIN = 100  # and so does Jain's index


class Failed(Exception):
    """The grid cannot be measured, or is not what it was; the text says why."""


def simulate(sim, cell, seed, folder):
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".scn", delete=False) as f:
        f.write(cell.scenario())
    file = pathlib.Path(f.name)
    run = subprocess.run([sim, "run", str(file), "--seed", str(seed), "--json"], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise Failed(f"{run.stderr.strip()}\nthe scenario:\n{cell.scenario()}")
    file.unlink()
    return json.loads(run.stdout)


def measure(cell, result):
    """The measured columns of one run, in integers."""
    flows, queue = result["flows"], result["bottlenecks"]["x"]
    rates = [f["bytes"] * 8 * 10**9 // (cell.seconds * 10**9 - f["first_ns"]) for f in flows]
    goodput, squares = sum(rates), sum(r * r for r in rates)
    sent = sum(f.get("packets_sent", 0) for f in flows)
    return {"goodput_kbit": goodput // 1000,
            "of_rate_permille": goodput * 1000 // queue["rate_bps"],
            "utilisation_permille": queue["utilisation_ppm"] // 1000,
            "smoothed_rtt_us": sum(f.get("smoothed_rtt_ns", 0) for f in flows) // len(flows) // 1000,
            "lost_permille": sum(f.get("packets_lost", 0) for f in flows) * 1000 // max(1, sent),
            "jain_permille": goodput * goodput * 1000 // max(1, len(rates) * squares)}


def row_of(sim, cell, folder):
    """One line of the table: the mean over the cell's seeds."""
    runs = [measure(cell, simulate(sim, cell, seed, folder)) for seed in range(1, cell.seeds + 1)]
    return cell.key() | {name: sum(run[name] for run in runs) // len(runs) for name in MEASURED}


def cost(cell):
    return cell.rate_mbit * cell.seconds * cell.seeds


def measure_all(sim, which, say):
    """The rows, in the order of the cells, however many run at a time: the longest begin first."""
    rows = {}
    with tempfile.TemporaryDirectory(prefix="tern-grid-") as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(row_of, sim, which[i], folder): i for i in sorted(range(len(which)), key=lambda i: -cost(which[i]))}
        try:
            for job in concurrent.futures.as_completed(jobs):
                rows[jobs[job]] = job.result()
                say(len(rows), len(which))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [rows[i] for i in range(len(which))]


def progress(done, total):
    if sys.stderr.isatty():
        print(f"\rgrid: {done} of {total} cells", end="\n" if done == total else "", file=sys.stderr, flush=True)


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def name_of(row):
    return ",".join(str(value) for name, value in row.items() if name not in MEASURED)


def compare(rows, baseline):
    """Yields a line for each cell that has fallen, or that the baseline does not have."""
    before = {name_of(row): row for row in baseline}
    for row in rows:
        old = before.get(name_of(row))
        if old is None:
            yield f"{name_of(row)}: not in the baseline"
            continue
        for column, least in (("goodput_kbit", int(old["goodput_kbit"]) * (1000 - TOLERANCE) // 1000),
                              ("jain_permille", int(old["jain_permille"]) - TOLERANCE_JAIN)):
            if row[column] < least:
                yield f"{name_of(row)}: {column} {row[column]}, in the baseline {old[column]}, at least {least}"


def check(rows, file):
    with open(file, newline="", encoding="utf-8") as f:
        fallen = list(compare(rows, csv.DictReader(f)))
    if fallen:
        raise Failed("\n".join(fallen + [f"{len(fallen)} figures of {len(rows)} cells are not what they were; if that is meant: ./dev grid --baseline"]))
    print(f"grid: {len(rows)} cells are as good as in the baseline")


def write(rows, file):
    """The table, and beside it the pictures."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_csv(rows))
    import draw  # matplotlib is wanted for pictures alone
    names = draw.all_tables(rows, file.parent)
    print(f"grid: {len(rows)} cells in {file}, drawn in {' '.join(names)}")


def options():
    p = argparse.ArgumentParser(prog="./dev grid", description=__doc__)
    p.add_argument("--sim", required=True, help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="a few cells of each table")
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/grid"), metavar="DIR", help="where the table and the pictures go")
    p.add_argument("--check", nargs="?", const=BASELINE, type=pathlib.Path, metavar="CSV",
                   help="writes nothing: compares with the committed table, or with CSV")
    p.add_argument("--baseline", action="store_true", help="the whole grid becomes the committed table and its pictures")
    return p.parse_args()


def main():
    o = options()
    if o.baseline and (o.quick or o.check):
        print("grid: --baseline is of the whole grid", file=sys.stderr)
        return 2
    which = [cell for cell in cells.everything() if not o.quick or cells.is_quick(cell)]
    try:
        rows = measure_all(o.sim, which, progress)
        if o.check:
            check(rows, o.check)
        else:
            write(rows, BASELINE if o.baseline else o.out / "grid.csv")
    except (Failed, OSError) as e:
        print(f"grid: {e}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
