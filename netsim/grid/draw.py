# SPDX-License-Identifier: MIT
"""The tables of the grid as heat maps, one SVG a table, a panel for each controller. The same rows give the same bytes."""
import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "tern", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"})
from matplotlib import pyplot  # noqa: E402  after the choice of what draws

# name of the file, table, what is shown (column, title), the axis to the right (column, title)
PICTURES = (
    ("loss", "loss", "of_rate_permille", "Goodput in % of 20 Mbit/s, queue of 1 BDP", "loss_percent", "random loss in %"),
    ("rate", "rate", "of_rate_permille", "Goodput in % of the rate, queue of 1 BDP", "rate_mbit", "rate in Mbit/s"),
    ("queue", "queue", "of_rate_permille", "Goodput in % of 20 Mbit/s", "queue_bdp", "queue in BDP"),
    ("reorder", "reorder", "of_rate_permille", "Goodput in % of 20 Mbit/s, packets a quarter RTT late", "reorder_percent",
     "late packets in %"),
    ("discipline", "discipline", "of_rate_permille", "Goodput in % of 20 Mbit/s, queue of 4 BDP", "discipline", "discipline"),
    ("delay", "discipline", "rtt_permille", "Round-trip time in % of the path's, queue of 4 BDP", "discipline", "discipline"),
)


def axis(rows, column):
    """The values of a column, in the order in which they first come."""
    return list(dict.fromkeys(row[column] for row in rows))


def with_delay(row):
    return row | {"rtt_permille": row["smoothed_rtt_us"] // row["rtt_ms"]}


def ink(value, low, high):
    """What can be read on the colour of a value: both ends of the scale are dark."""
    return "white" if not low + 0.12 * (high - low) < value < high - 0.08 * (high - low) else "black"


def panel(ax, rows, shown, across, high_is_good):
    xs, ys = axis(rows, across), axis(rows, "rtt_ms")
    at = {(row[across], row["rtt_ms"]): row[shown] / 10 for row in rows}
    values = [[at.get((x, y), float("nan")) for x in xs] for y in ys]
    low, high = (0, 100) if high_is_good else (100, 500)
    ax.imshow(values, cmap="RdYlGn" if high_is_good else "RdYlGn_r", vmin=low, vmax=high, aspect="auto", origin="lower")
    for j, line in enumerate(values):
        for i, value in enumerate(line):
            ax.text(i, j, f"{value:.0f}" if value >= 10 or value == 0 else f"{value:.1f}", ha="center", va="center", color=ink(value, low, high))
    ax.set_xticks(range(len(xs)), [str(x) for x in xs])
    ax.set_yticks(range(len(ys)), [str(y) for y in ys])


def heat_map(rows, picture, folder):
    name, table, shown, title, across, across_title = picture
    rows = [with_delay(row) for row in rows if row["table"] == table]
    controllers = axis(rows, "controller")
    figure, axes = pyplot.subplots(1, len(controllers), figsize=(0.9 + 3.9 * len(controllers), 3.2), squeeze=False)
    for ax, controller in zip(axes[0], controllers):
        panel(ax, [row for row in rows if row["controller"] == controller], shown, across, shown != "rtt_permille")
        ax.set_title(controller)
        ax.set_xlabel(across_title)
    axes[0][0].set_ylabel("RTT in ms")
    finish(figure, title, folder / f"{name}.svg")
    return f"{name}.svg"


def fairness(rows, folder):
    """Jain's index: who shares, along what path."""
    rows = [row for row in rows if row["table"] == "fairness"]
    who = list(dict.fromkeys((row["controller"], row["flows"]) for row in rows))
    where = list(dict.fromkeys((row["rtt_ms"], row["rtts"]) for row in rows))
    at = {(row["controller"], row["flows"], row["rtt_ms"], row["rtts"]): row["jain_permille"] / 1000 for row in rows}
    values = [[at.get(w + p, float("nan")) for p in where] for w in who]
    figure, ax = pyplot.subplots(figsize=(2.5 + 0.9 * len(where), 1.6 + 0.32 * len(who)))
    ax.imshow(values, cmap="RdYlGn", vmin=0.5, vmax=1, aspect="auto")
    for j, line in enumerate(values):
        for i, value in enumerate(line):
            ax.text(i, j, f"{value:.2f}", ha="center", va="center", color=ink(value, 0.5, 1))
    ax.set_xticks(range(len(where)), [f"{rtt} ms" if rtts == "alike" else f"{rtt}, {rtt / 3:.0f} ms" for rtt, rtts in where])
    ax.set_yticks(range(len(who)), [f"{flows} x {controller}" for controller, flows in who])
    ax.set_xlabel("RTT")
    finish(figure, "Jain's index of flows through one queue of 20 Mbit/s and 1 BDP", folder / "fairness.svg")
    return "fairness.svg"


def finish(figure, title, file):
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def all_tables(rows, folder):
    return [heat_map(rows, picture, folder) for picture in PICTURES] + [fairness(rows, folder)]
