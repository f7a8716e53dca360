# SPDX-License-Identifier: MIT
"""svg_test.py TERN-SIM: what `tern-sim run --svg` draws: whole, the same each time, with nothing from elsewhere, and as much of
each kind as there was."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SCENARIO = """
node r relay
node a client
node b client
link a>r delay 20ms rate 5Mbit queue 100k
link r>a delay 20ms rate 5Mbit queue 100k
link b-r delay 10ms rate 5Mbit queue 100k
at 0s drop a>r pkt 1
at 2s drop a>r next 8
at 0s stream a 1M
at 0s stream a 100k
at 0s fetch b 500k
expect a streams 2 by 20s
expect b streams 1 by 20s
until 20s
"""
QUIET = "node r relay\nnode a client\nlink a-r delay 1ms\nuntil 1s\n"
SHED = """
node r relay
node a client
link a>r delay 20ms rate 4Mbit queue 1M codel
link r>a delay 20ms
at 0s stream a 3M
expect faults a>r codel at-least 3
until 10s
"""
SVG = "{http://www.w3.org/2000/svg}"


def check(holds, sentence):
    if not holds:
        sys.exit(f"svg: {sentence}")


def draw(sim, folder, scenario):
    path, picture = folder / "a<b>&.scn", folder / "picture.svg"
    path.write_text(scenario)
    done = subprocess.run([sim, "run", str(path), "--json", "--svg", str(picture)], capture_output=True, check=False)
    check(done.returncode == 0, f"{done.returncode}: {done.stderr.decode()}")
    plain = subprocess.run([sim, "run", str(path), "--json"], capture_output=True, check=False)
    check(json.loads(plain.stdout)["digest"] == json.loads(done.stdout)["digest"], "a picture changes the digest")
    text = picture.read_bytes()
    return text, xml.etree.ElementTree.fromstring(text)


def below(root, title):
    """The heights between which the panel of a title stands."""
    words = [(int(t.get("y")), t) for t in root.iter(SVG + "text") if t.get("font-weight") == "bold"]
    top = [y for y, t in words if t.text == title][0]
    return top, min([y for y, _ in words if y > top] + [10 ** 6])


def scale(root, title):
    top, bottom = below(root, title)
    return [t.text for t in root.iter(SVG + "text") if t.get("text-anchor") == "end" and top < int(t.get("y")) < bottom]


def heights(root, colour, title):
    """Of the steps of the line of a colour, above the panel's foot."""
    top, bottom = below(root, title)
    foot = max(int(t.get("y")) for t in root.iter(SVG + "text") if t.get("text-anchor") == "end" and top < int(t.get("y")) < bottom) - 4
    for p in root.iter(SVG + "path"):
        steps = [float(y) for y in re.findall(r"V([0-9.]+)", p.get("d"))]
        if p.get("stroke") == colour and p.get("fill") == "none" and len(steps) > 9 and top < steps[0] < bottom:
            return [foot - y for y in steps]
    return [0]


#= SIM-033
def main(sim):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text, root = draw(sim, folder, SCENARIO)
        check(draw(sim, folder, SCENARIO)[0] == text, "two runs give two pictures")
        check(b"href" not in text and b"url(http" not in text and b"<script" not in text, "something from elsewhere is in it")
        check(len(text) < 200000, f"{len(text)} bytes")
        words = [t.text for t in root.iter(SVG + "text")]
        for wanted in ("Goodput of each flow", "a sends", "b fetches", "What a sent to r: stream 0", "Window of a, to r", "Round-trip time", "sent again",
                       "SYN: CRYPTO, PADDING (1200 B)", "2 s"):
            check(wanted in words, f"'{wanted}' is not in {words}")
        check(words[0].endswith("a<b>&.scn, seed 1"), f"title {words[0]}")
        check("1 MB" in scale(root, "What a sent to r: stream 0"), f"offsets to {scale(root, 'What a sent to r: stream 0')}")
        check("40 ms" in scale(root, "Round-trip time"), f"round trips to {scale(root, 'Round-trip time')}")
        # What is in flight fits the window: its line is never the higher one, and at most times the lower.
        window, flight = (heights(root, colour, "Window of a, to r") for colour in ("#0072b2", "#56b4e9"))
        check(max(window) >= max(flight) > 0 and sum(window) / len(window) > sum(flight) / len(flight),
              f"window {max(window)}, in flight {max(flight)}")
        paths = {p.get("stroke"): p.get("d") for p in root.iter(SVG + "path") if p.get("stroke-width") == "1.8"}
        sent, again, lost = (paths[c].count("M") for c in ("#0072b2", "#e69f00", "#d4001a"))
        check(sent > 300 and 1 <= again <= 20 and 1 <= lost <= 8, f"{sent} sent, {again} again, {lost} lost")
        dashed = [p for p in root.iter(SVG + "path") if p.get("stroke-dasharray")]
        check(len(dashed) == 1, f"{len(dashed)} lost packets of the handshake, not one")
        width, height = (int(root.get(k)) for k in ("width", "height"))
        for t in root.iter(SVG + "text"):
            check(0 <= int(t.get("x")) <= width and 0 <= int(t.get("y")) <= height, f"'{t.text}' stands outside")
        _, root = draw(sim, folder, SHED)
        lost = [p for p in root.iter(SVG + "path") if p.get("stroke") == "#d4001a" and p.get("stroke-width") == "1.8"]
        check(lost and lost[0].get("d").count("M") >= 3, "what CoDel threw away is not drawn as lost")
        quiet = draw(sim, folder, QUIET)[0]
        check(b"no data was sent" in quiet and not re.search(rb"What .* sent", quiet), "a run without data")


if __name__ == "__main__":
    main(*sys.argv[1:])
