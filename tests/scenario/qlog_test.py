# SPDX-License-Identifier: MIT
"""qlog_test.py TERN-SIM: what `tern-sim run --qlog` writes, against the definitions of draft-ietf-quic-qlog-main-schema-02 and
draft-ietf-quic-qlog-quic-events-02, which qvis reads, and against what the run itself says."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SCENARIO = """
node r relay
node a client
node b client
link a>r delay 20ms rate 5Mbit queue 40k ecn 20k loss 1%
link r>a delay 20ms loss 0.5% dup 1%
link b-r delay 10ms corrupt 5%
at 0s   stream a 900k
at 0s   fetch a 300k
at 0s   join b hall
at 1s   drop a>r next 2
at 1s   say b "Good morning" times 40 every 50ms
at 9s   close b
expect all connected by 3s
until 10s
"""
LOSS = """
node r relay
node a client congestion {}
link a>r delay 20ms rate 5Mbit queue 1M loss 2%
link r>a delay 20ms
at 0s   stream a 2M
expect a streams 1 by 20s
until 20s
"""


def check(holds, sentence):
    if not holds:
        sys.exit(f"qlog: {sentence}")


# ---- the definitions: a type is a function, a tuple of the values allowed, or a map in which '?' marks what may be absent

def number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool) and v >= 0


def uint(v):
    return isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 2 ** 64


def text(v):
    return isinstance(v, str)


def boolean(v):
    return isinstance(v, bool)


def hexstring(v):
    return text(v) and re.fullmatch("([0-9a-f]{2})+", v) is not None


def ranges(v):
    return isinstance(v, list) and v and all(isinstance(r, list) and len(r) in (1, 2) and all(map(uint, r)) and r[0] <= r[-1] for r in v)


OWNER = ("local", "remote")
HEADER = {"packet_type": ("initial", "handshake", "0RTT", "1RTT", "retry", "version_negotiation", "stateless_reset", "unknown"),
          "packet_number?": uint, "flags?": uint, "length?": uint, "version?": hexstring, "scil?": uint, "dcil?": uint,
          "scid?": hexstring, "dcid?": hexstring}
RAW = {"length?": uint, "payload_length?": uint, "data?": hexstring}
FRAMES = {
    "padding": {"length?": uint, "payload_length": uint},
    "ping": {},
    "ack": {"ack_delay?": number, "acked_ranges?": ranges, "ect1?": uint, "ect0?": uint, "ce?": uint},
    "reset_stream": {"stream_id": uint, "error_code": uint, "final_size": uint},
    "stop_sending": {"stream_id": uint, "error_code": uint},
    "crypto": {"offset": uint, "length": uint},
    "stream": {"stream_id": uint, "offset": uint, "length": uint, "fin?": (True,)},
    "max_data": {"maximum": uint},
    "max_stream_data": {"stream_id": uint, "maximum": uint},
    "max_streams": {"stream_type": ("unidirectional", "bidirectional"), "maximum": uint},
    "new_connection_id": {"sequence_number": uint, "retire_prior_to": uint, "connection_id": hexstring},
    "retire_connection_id": {"sequence_number": uint},
    "path_challenge": {}, "path_response": {},
    "connection_close": {"error_space?": ("transport", "application"), "error_code?": uint, "reason?": text},
    "datagram": {"length?": uint},
    "unknown": {"raw_frame_type": uint, "raw_length?": uint},
}


def frames(v):
    return isinstance(v, list) and all(fits(f, dict(FRAMES[f["frame_type"]], frame_type=text)) for f in v)


PACKET = {"header": HEADER, "frames?": frames, "raw?": RAW}
PARAMETERS = {"owner?": OWNER, **{f"{name}?": uint for name in (
    "max_idle_timeout", "max_udp_payload_size", "max_ack_delay", "initial_max_data", "initial_max_stream_data_bidi_local",
    "initial_max_stream_data_bidi_remote", "initial_max_stream_data_uni", "initial_max_streams_bidi", "initial_max_streams_uni")}}
EVENTS = {
    "connectivity:connection_started": {"ip_version?": ("v4", "v6"), "src_ip": text, "dst_ip": text, "protocol?": text, "src_port?": uint,
                                        "dst_port?": uint, "src_cid?": hexstring, "dst_cid?": hexstring},
    "connectivity:connection_closed": {"owner?": OWNER},
    "transport:parameters_set": PARAMETERS,
    "transport:packet_sent": PACKET,
    "transport:packet_received": PACKET,
    "transport:packet_dropped": {"header?": HEADER, "raw?": RAW, "frames?": frames, "trigger?": (
        "key_unavailable", "unknown_connection_id", "header_parse_error", "payload_decrypt_error", "protocol_violation",
        "dos_prevention", "unsupported_version", "unexpected_packet", "duplicate", "invalid_initial")},
    "recovery:metrics_updated": {**{f"{n}?": number for n in ("min_rtt", "smoothed_rtt", "latest_rtt", "rtt_variance")},
                                 **{f"{n}?": uint for n in ("congestion_window", "bytes_in_flight", "pacing_rate")}},
    "recovery:congestion_state_updated": {"old?": text, "new": text, "trigger?": ("persistent_congestion", "ECN")},
    "recovery:packet_lost": {"header?": HEADER, "frames?": frames, "is_mtu_probe_packet?": boolean},
}
FILE = {"qlog_version": ("draft-02",), "qlog_format": ("JSON",), "title?": text, "description?": text, "traces": lambda v: isinstance(v, list)}
TRACE = {"title?": text, "vantage_point": {"name?": text, "type": ("client", "server", "network", "unknown")},
         "common_fields": {"ODCID?": hexstring, "time_format": ("relative",), "reference_time": uint}, "events": lambda v: isinstance(v, list)}
EVENT = {"time": number, "name": lambda v: v in EVENTS, "data": lambda v: isinstance(v, dict)}


def fits(value, kind):
    if isinstance(kind, tuple):
        return value in kind
    if not isinstance(kind, dict):
        return kind(value)
    if not isinstance(value, dict) or any(k not in kind and f"{k}?" not in kind for k in value):
        return False
    return all(name.endswith("?") and name[:-1] not in value or fits(value[name.rstrip("?")], inner) for name, inner in kind.items())


def holds_to_the_definitions(log):
    check(fits(log, FILE) and log["traces"], "the file")
    for trace in log["traces"]:
        check(fits(trace, TRACE), f"a trace: {dict(trace, events=0)}")
        for event in trace["events"]:
            check(fits(event, EVENT) and fits(event["data"], EVENTS[event["name"]]), f"an event: {event}")
        times = [e["time"] for e in trace["events"]]
        check(times == sorted(times), "times are not in order")


# ---- what qvis does with it
# Read in its source, https://github.com/quiclog/qvis at bd05cfe (src/src/lib/data: FileLoader.ts, QlogLoader.ts, QlogLoaderV2.ts, QlogSchema02.ts)
# and at 6c383e2 (visualizations/src/components/congestiongraph/renderer/CongestionGraphD3Renderer.ts). It is no package of npm or Debian.

QVIS_VERSIONS = ("draft-02", "draft-02-RC1", "qlog-03-WIP", "0.3")  # that QlogLoaderV2 reads; of others it says 'Unknown qlog version'


def qvis_takes_it(raw):
    head, log = raw[:1024], json.loads(raw)
    # the kind of file is told from its first 1024 characters
    check("qlog_version" in head and "qlog_format" in head and "NDJSON" not in head and "JSON-SEQ" not in head, f"head: {head[:200]}")
    check(log["qlog_version"] in QVIS_VERSIONS, f"version {log['qlog_version']}")
    for trace in log["traces"]:
        check(trace["events"] and trace["events"][-1], "a trace without events: qvis looks at its last one")
        check("event_fields" not in trace and not any("group_id" in e for e in trace["events"]), "qvis would take the trace apart")
        check("reference_time" in trace["common_fields"], "relative times without a reference: qvis assumes 0, and says so")
        sent, got = set(), set()
        for event in trace["events"]:
            data, (category, name) = event["data"], event["name"].split(":")
            header = data.get("header", {})
            check(not {"packet_size", "payload_length"} & set(header) and "packet_type" not in data,
                  f"qvis says 'non-compliant qlog draft-02 trace' of {event}")
            if name in ("packet_sent", "packet_received"):
                check(category == "transport" and isinstance(data["raw"]["length"], int), f"a packet without a size is not drawn: {event}")
                (sent if name == "packet_sent" else got).add(header.get("packet_number"))
                for frame in data.get("frames", []):  # a range has both ends, the lower first, or is one number
                    for lo, hi in (r if len(r) == 2 else r * 2 for r in frame.get("acked_ranges", []) if name == "packet_sent"):
                        check(all(n in got for n in range(lo, hi + 1)), f"'Packet was ACKed that we didn't receive': {event}")
            if name == "packet_lost":
                check(header.get("packet_number") in sent, f"'Packet was LOST that we didn't send': {event}")


# ---- against the run

def run(sim, folder, scenario, *more):
    path = folder / "s.scn"
    path.write_text(scenario)
    done = subprocess.run([sim, "run", str(path), "--json", *more], capture_output=True, check=False)
    check(done.returncode == 0, f"{done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


def named(trace, name):
    return [e for e in trace["events"] if e["name"] == name]


def sides(log, client, relay="r"):
    found = {t["vantage_point"]["type"]: t for t in log["traces"] if t["title"].startswith(f"{client} > {relay}")}
    check(set(found) == {"client", "server"}, f"sides of {client}: {set(found)}")
    return found["client"], found["server"]


#= SIM-032
def every_packet_is_told_by_who_sent_and_who_got_it(log, result):
    sent = sum(len(named(t, "transport:packet_sent")) for t in log["traces"])
    got = sum(len(named(t, "transport:packet_received")) for t in log["traces"])
    dropped = collections.Counter(e["data"].get("trigger") for t in log["traces"] for e in named(t, "transport:packet_dropped"))
    drops = collections.Counter()
    for node in result["nodes"].values():
        drops.update(node["drops"])
    resets = drops["UNKNOWN_CID"]  # answered by a RESET, which is of no connection
    check(sent <= result["packets"] <= sent + resets, f"{sent} packets sent of {result['packets']}")
    taken = sum(n["received"] for n in result["nodes"].values()) - sum(drops.values())
    check(got <= taken <= got + resets, f"{got} packets received of {taken}")
    check(0 < drops["AEAD"] - resets <= dropped["payload_decrypt_error"] <= drops["AEAD"], f"{dropped}, {drops}")
    check(dropped["duplicate"] == drops["DUPLICATE"] > 0, f"{dropped}, {drops}")
    closed = [e["data"]["owner"] for t in sides(log, "b") for e in named(t, "connectivity:connection_closed")]
    check(closed == ["local", "remote"], f"closed: {closed}")
    for trace in log["traces"]:
        check([e["data"]["owner"] for e in named(trace, "transport:parameters_set")][:2] in (["local", "remote"], ["remote", "local"]),
              "parameters of both sides")
        numbers = [e["data"]["header"]["packet_number"] for e in named(trace, "transport:packet_sent")]
        check(numbers == sorted(set(numbers)), "numbers do not grow")


def metrics_end_as_the_run_says(log, result):
    flow = [f for f in result["flows"] if f["client"] == "a" and f["direction"] == "up"][0]
    last = {}
    for event in named(sides(log, "a")[0], "recovery:metrics_updated"):
        last.update(event["data"])
    got = [round(last["smoothed_rtt"] * 10 ** 6), round(last["min_rtt"] * 10 ** 6), last["congestion_window"]]
    check(got == [flow["smoothed_rtt_ns"], flow["min_rtt_ns"], flow["cwnd_bytes"]], f"{got}: {flow}")


def what_is_declared_lost_was_lost(log, result, controller):
    client, server = sides(log, "a")
    flow = [f for f in result["flows"] if f["client"] == "a" and f["direction"] == "up"][0]
    lost = [e["data"] for e in named(client, "recovery:packet_lost")]
    told = {e["header"]["packet_number"] for e in lost if "is_mtu_probe_packet" not in e}
    got = {e["data"]["header"]["packet_number"] for e in named(server, "transport:packet_received")}
    sent = {e["data"]["header"]["packet_number"] for e in named(client, "transport:packet_sent")}
    check(len(told) == flow["packets_lost"] > 10, f"{len(told)} lost, the run says {flow['packets_lost']}")
    check(not told & got and told <= sent, f"declared lost and received: {sorted(told & got)}")
    if controller == "bbr":  # its window shrinks for other reasons too
        return
    states = [e["data"]["new"] for e in named(client, "recovery:congestion_state_updated")]
    check(states[:3] == ["slow_start", "recovery", "congestion_avoidance"], f"states {states}")


def main(sim):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        one, two = folder / "a.qlog", folder / "b.qlog"
        plain = run(sim, folder, SCENARIO)
        result = run(sim, folder, SCENARIO, "--qlog", str(one))
        run(sim, folder, SCENARIO, "-q", str(two), "-p", str(folder / "c"))
        check(plain["digest"] == result["digest"], "qlog changes the digest")
        check(one.read_bytes() == two.read_bytes(), "two runs give two files")
        log = json.loads(one.read_text())
        holds_to_the_definitions(log)
        qvis_takes_it(one.read_text())
        every_packet_is_told_by_who_sent_and_who_got_it(log, result)
        metrics_end_as_the_run_says(log, result)
        for controller in ("newreno", "cubic", "bbr"):
            result = run(sim, folder, LOSS.format(controller), "--qlog", str(one))
            log = json.loads(one.read_text())
            holds_to_the_definitions(log)
            qvis_takes_it(one.read_text())
            what_is_declared_lost_was_lost(log, result, controller)


if __name__ == "__main__":
    main(*sys.argv[1:])
