#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""grid_test.py GRID TERN-SIM: what the grid measures is what the simulator says, and a fall is seen."""
import pathlib
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction

GRID, SIM = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(GRID))

import cells  # noqa: E402  of the grid
import grid  # noqa: E402


def row(goodput, jain=1000, table="loss"):
    return cells.Cell(table, ("newreno",)).key() | dict.fromkeys(grid.MEASURED, 0) | {
        "goodput_kbit": goodput, "jain_permille": jain}


class Grid(unittest.TestCase):
    def test_a_fall_beyond_the_tolerance_is_told(self):
        self.assertEqual(list(grid.compare([row(900)], [row(1000)])), [])
        self.assertIn("goodput_kbit 899, in the baseline 1000", "".join(grid.compare([row(899)], [row(1000)])))

    def test_a_fall_of_fairness_is_told(self):
        self.assertEqual(list(grid.compare([row(1, 900)], [row(1, 1000)])), [])
        self.assertIn("jain_permille 899", "".join(grid.compare([row(1, 899)], [row(1, 1000)])))

    def test_a_cell_without_a_baseline_is_told(self):
        self.assertIn("not in the baseline", "".join(grid.compare([row(1)], [row(1, table="rate")])))

    def test_a_fall_ends_the_program_with_1(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "high.csv"
            text = grid.as_csv([cell.key() | dict.fromkeys(grid.MEASURED, 10**9) for cell in cells.everything()])
            file.write_text(text)
            cell = next(cell for cell in cells.everything() if cells.is_quick(cell))
            with self.assertRaisesRegex(grid.Failed, "2 figures of 1 cells"):
                grid.check(grid.measure_all(SIM, [cell], lambda *_: None), file)

    def test_figures_are_those_of_the_flows(self):
        flow = {"bytes": 2_500_000, "first_ns": 0, "smoothed_rtt_ns": 31_000_000, "packets_sent": 2000, "packets_lost": 20}
        slow = flow | {"bytes": 1_250_000}
        result = {"flows": [flow, slow], "bottlenecks": {"x": {"rate_bps": 20_000_000, "utilisation_ppm": 987_654}}}
        cell = cells.Cell("loss", ("newreno",))  # 11 s
        got = grid.measure(cell, result)
        self.assertEqual(got, {"goodput_kbit": 2727, "of_rate_permille": 136, "utilisation_permille": 987,
                               "smoothed_rtt_us": 31000, "lost_permille": 10, "jain_permille": 899})

    def test_two_runs_of_a_cell_give_the_same_bytes(self):
        cell = cells.Cell("loss", ("newreno",), rate_mbit=1, rtt_ms=100, loss_percent=Fraction(5), seeds=2)
        first, second = (grid.as_csv(grid.measure_all(SIM, [cell, cell], lambda *_: None)) for _ in range(2))
        self.assertEqual(first, second)

    def test_every_table_has_a_quick_cell(self):
        self.assertEqual({cell.table for cell in cells.everything()}, {cell.table for cell in cells.everything() if cells.is_quick(cell)})

    def test_a_network_that_cannot_be_simulated_is_an_error_that_shows_it(self):
        with self.assertRaisesRegex(grid.Failed, "(?s)at least 1kbit.*rate 0Mbit"):
            grid.measure_all(SIM, [cells.Cell("rate", ("newreno",), rate_mbit=0)], lambda *_: None)

    def test_wrong_usage_ends_with_2(self):
        run = subprocess.run([sys.executable, str(GRID / "grid.py"), "--sim", SIM, "--quick", "--baseline"],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
