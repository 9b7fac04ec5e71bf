"""The measures: what each is called, and how it is taken on a tunnel that has been started."""
import contextlib, json, math, os, re, statistics, subprocess, tempfile, time
from pathlib import Path
from typing import NamedTuple

from .lab import at, inside, until

PINGS = 200
PING_INTERVAL = 0.005
# A lost ping counts as one that took this long: ping waits no longer for the last one.
LOST_MICROSECONDS = 1e6


class Measure(NamedTuple):
    key: str
    heading: str
    group: str
    more_is_better: bool
    plotted: bool = True


MEASURES = [
    Measure("tcp", "TCP 1 flow, Gbit/s", "Throughput", True),
    Measure("reverse", "1 flow back, Gbit/s", "Throughput", True, False),
    Measure("bidir", "both ways, sum, Gbit/s", "Throughput", True),
    Measure("tcp4", "4 flows, Gbit/s", "Throughput", True),
    Measure("cpu", "daemons' CPU, s/GB", "Throughput", False),
    Measure("sent64", "UDP 64 B sent, kpps", "Small packets", True, False),
    Measure("udp64", "UDP 64 B arrived, kpps", "Small packets", True),
    Measure("sent1200", "UDP 1200 B sent, kpps", "Small packets", True, False),
    Measure("udp1200", "UDP 1200 B arrived, kpps", "Small packets", True),
    Measure("rtt", "RTT idle, µs", "Latency", False, False),
    Measure("added", "RTT added, µs", "Latency", False),
    Measure("p50", "RTT loaded p50, ms", "Latency", False, False),
    Measure("p99", "RTT loaded p99, ms", "Latency", False),
    Measure("first", "first ping, ms", "Latency", False, False),
    Measure("rss", "peak RSS, MiB", "Resources", False),
    Measure("idle", "idle CPU, % of a core", "Resources", False, False),
]


# Processes


def cpu_seconds(pids):
    """User and system time of all threads that the processes ever had."""
    # What clock_getcpuclockid(3) gives: nanoseconds, where /proc/PID/stat counts in hundredths.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def memory(pid, field):
    """Mebibytes: `VmRSS` now or `VmHWM` at most."""
    found = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    if not found:
        raise RuntimeError("a daemon has ended")
    return int(found[1]) / 1024


def forget_peak(pids):
    """So that the peak is one under load and not one of the start."""
    for pid in pids:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


# Traffic


def ping(address, count, interval):
    """Sorted round trips in microseconds."""
    text = at(0, "ping", "-n", "-c", count, "-i", interval, "-W", 1, address, check=False)
    trips = [float(t) * 1000 for t in re.findall(r"time=([\d.]+)", text)]
    return sorted(trips + [LOST_MICROSECONDS] * (count - len(trips)))


def quantile(ordered, share):
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def iperf(address, seconds, *options, port=5201, meanwhile=lambda: None):
    """The report of one iperf3 run from a to b; `meanwhile` is called while it runs."""
    server = subprocess.Popen(
        inside(1, "iperf3", "-s", "-1", "-p", port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = None
    try:
        until("iperf3 listens", lambda: f":{port} " in at(1, "ss", "-Hltn"))
        client = subprocess.Popen(
            inside(0, "iperf3", "-J", "-c", address, "-p", port, "-t", seconds, *options),
            stdout=subprocess.PIPE, text=True)
        meanwhile()
        report = json.loads(client.communicate(timeout=seconds + 30)[0])
        if "error" in report:
            raise RuntimeError(f"iperf3: {report['error']}")
        return report["end"]
    finally:
        for process in filter(None, (client, server)):
            process.kill()
            process.wait()


def gigabits(address, seconds, *options):
    """Received, all flows of both directions together."""
    end = iperf(address, seconds, *options)
    return sum(end[key]["bits_per_second"] for key in end if key.startswith("sum_received")) / 1e9


def packets(address, seconds, size):
    """As many UDP packets as go: sent and arrived, thousands a second."""
    end = iperf(address, seconds, "-u", "-b", "0", "-l", size)
    return tuple(end[key]["bytes"] / size / end[key]["seconds"] / 1000
                 for key in ("sum_sent", "sum_received"))


def first_ping(address, patience=60):
    """Milliseconds until the first packet came back, from the moment that all was configured."""
    begun = time.monotonic()
    while time.monotonic() < begun + patience:
        # Ends by itself where there is no route yet, and then begins anew.
        pinging = subprocess.Popen(
            inside(0, "ping", "-n", "-i", "0.01", "-w", patience, address),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            if any("time=" in line for line in pinging.stdout):
                return (time.monotonic() - begun) * 1000
        finally:
            pinging.kill()
            pinging.wait()
    raise RuntimeError(f"after {patience} s still not: the first ping returns")


# All of one tunnel


def measure(tunnel, seconds):
    """Starts the tunnel, takes every measure and stops it; returns values by key, and facts."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        os.chmod(directory, 0o755)
        try:
            address = tunnel.start(Path(directory))
            found = {"first": first_ping(address)}
            facts = tunnel.facts()
            pids = tunnel.pids()
            take(found, address, pids, seconds)
            return found, facts
        finally:
            tunnel.stop()


def take(found, address, pids, seconds):
    found["rtt"] = statistics.median(ping(address, PINGS, PING_INTERVAL))
    before = cpu_seconds(pids)
    time.sleep(seconds)
    idle = cpu_seconds(pids) - before

    forget_peak(pids)
    before = cpu_seconds(pids)
    bulk = iperf(address, seconds)["sum_received"]
    used = cpu_seconds(pids) - before
    found["tcp"] = bulk["bits_per_second"] / 1e9
    found["reverse"] = gigabits(address, seconds, "-R")
    found["bidir"] = gigabits(address, seconds, "--bidir")
    found["tcp4"] = gigabits(address, seconds, "-P", 4)
    for size in (64, 1200):
        found[f"sent{size}"], found[f"udp{size}"] = packets(address, seconds, size)

    trips = []

    def during():
        time.sleep(seconds * 0.2)
        trips.extend(ping(address, int(seconds * 0.6 / PING_INTERVAL), PING_INTERVAL))

    iperf(address, seconds, meanwhile=during)
    found["p50"], found["p99"] = (quantile(trips, share) / 1000 for share in (0.5, 0.99))
    if pids:
        found["idle"] = idle / seconds * 100
        found["cpu"] = used / (bulk["bytes"] / 1e9)
        found["rss"] = max(memory(pid, "VmHWM") for pid in pids)
