# SPDX-License-Identifier: MIT
"""pages_test.py TERN-SIM ROOT: each command of tern-sim that README, the chapter of scenarios and the man page show is run word for
word, and what the chapter shows it saying it says; what is not run stands here with its reason, and nothing else does."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PAGES = ("README.md", "spec/scenario.md", "netsim/tern-sim.1", "netsim/scenarios/README.md", "netsim/grid/README.md")
LONG = "minutes; the same with fewer seeds is run"
PORT = "a port of its own, for an hour; interop/proxy runs it with free ones"
MANY = "needs what spreads jobs over machines; scenario/sweep runs the parts one by one and merges them"
NOT_RUN = {
    "tern-sim sweep netsim/scenarios/burst_loss.scn --seeds 1..1000": LONG,
    "tern-sim proxy netsim/scenarios/net_lte.scn --listen 127.0.0.1:9000 --to 127.0.0.1:8376": PORT,
    "tern-sim proxy netsim/scenarios/net_wifi.scn --listen 127.0.0.1:9001 --to 127.0.0.1:4433": PORT,
    "tern-sim sweep x.scn --seeds 1..100000 --shard {}/8 --json >{}.json": MANY,
    "tern-sim sweep x.scn --seeds 1..100000 --shard $SLURM_ARRAY_TASK_ID/8 --json >$SLURM_ARRAY_TASK_ID.json": MANY,
    "tern-sim sweep x.scn --seeds 1..100000 --shard $((JOB_COMPLETION_INDEX + 1))/8 --json": MANY,
}
ENDS_WITH = {"tern-sim run x.scn": 2, "tern-sim run least.scn --seed 2": 1}  # the others with 0
TOUR = "/tmp/tern-tour"  # README's folder is ours here


def is_form(line):
    """A synopsis: it names what is to be put in, as `run FILE [--seed N]` does."""
    return re.search(r"[\[\]]|\b(FILE|NAME)\b| A B$|\?\.json", line) is not None


def commands(text):
    """The command lines of a page, with what the page shows each saying."""
    found, fenced = [], False
    for line in text.splitlines():
        if line.startswith(("```", ".Bd", ".Ed")):
            fenced = not fenced
            continue
        shown = re.match(r"(?:\$ |\.Dl |rerun: |parallel '|)(tern-sim .*)", line)
        if shown and (fenced or line.startswith(".Dl")):
            command = re.split(r"\s{2,}#|\s+# |' :::| &$", shown.group(1))[0].strip()
            found.append((command, []))
        if fenced and found and (line.startswith("tern-sim: ") or re.match(r"\d+ faults", line)):
            found[-1][1].append(line)
        if not fenced:
            found += [(span, []) for span in re.findall(r"`(tern-sim [^`]+)`", line)]
    return found


def x_scn(complaint):
    """A scenario of which this is complained."""
    value = re.search("'(.*)'", complaint).group(1)
    line, column = map(int, complaint.split(":")[2:4])
    lines = ["node r relay", "node a client", "link a-r", "until 1s"]
    lines[line - 1] = {15: "link a-r rate {}", 16: "link a-r delay {}", 11: "at 1s say {} 5", 4: "at {} close a"}[column].format(value)
    return "\n".join(lines) + "\n"


def run(command, folder, sim):
    line = command.replace(TOUR, ".").replace("tern-sim", str(sim), 1)
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def says(out, shown):
    """Times differ from run to run."""
    pattern = re.sub(r"\\?\d+\\\.\d+\\ s\\\)", r"[0-9.]+\\ s\\)", re.escape(shown))
    return re.search(pattern, out) is not None


def main(sim, root):
    root, wrong, seen = pathlib.Path(root), 0, set()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in ("netsim", "interop"):
            (folder / part).symlink_to(root / part)
        shutil.copy(root / "tests/scenario/thousand_faults.scn", folder)
        for page in PAGES:
            for command, shown in commands((root / page).read_text(encoding="utf-8")):
                seen.add(command)
                if command in NOT_RUN or is_form(command):
                    continue
                for complaint in shown if command == "tern-sim run x.scn" else [None]:
                    if complaint:
                        (folder / "x.scn").write_text(x_scn(complaint))
                    done = run(command, folder, pathlib.Path(sim).resolve())
                    out = done.stdout + done.stderr
                    lost = [s for s in ([complaint] if complaint else shown) if not says(out, s)]
                    if done.returncode != ENDS_WITH.get(command, 0) or lost:
                        print(f"{page}: '{command}' ends with {done.returncode}; {lost} is not in:\n{out}", file=sys.stderr)
                        wrong = 1
    for command in NOT_RUN.keys() - seen:
        print(f"'{command}' stands in no page any more", file=sys.stderr)
        wrong = 1
    if len(seen) < 15:
        print(f"only {len(seen)} commands were found", file=sys.stderr)
        wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
