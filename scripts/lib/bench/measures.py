"""The measures: what each is called, and how it is taken on a tunnel that has been started."""
import contextlib, json, math, os, re, statistics, subprocess, tempfile, time
from pathlib import Path
from typing import NamedTuple

from .lab import FAILURES, at, inside, until

PINGS = 200
PING_INTERVAL = 0.005
# A lost ping counts as one that took this long: ping waits no longer for the last one.
LOST_MICROSECONDS = 1e6
# Seconds that iperf3 may take beyond its time: some tunnels have long queues to empty.
PATIENCE = 30


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
    Measure("carried64", "UDP 64 B carried, kpps", "Small packets", True),
    Measure("udp64", "UDP 64 B arrived, kpps", "Small packets", True),
    Measure("sent1200", "UDP 1200 B sent, kpps", "Small packets", True, False),
    Measure("carried1200", "UDP 1200 B carried, kpps", "Small packets", True, False),
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


def machine_ticks():
    """Of all cores since boot: busy ones and all."""
    ticks = [int(n) for n in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


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
        inside(1, "iperf3", "-s", "-1", "-p", port),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = None
    # Named, so that every machine does the same: it is what most have by default.
    options = options if "-u" in options else ("-C", "cubic", *options)
    try:
        until("iperf3 listens", lambda: f":{port} " in at(1, "ss", "-Hltn"))
        client = subprocess.Popen(
            inside(0, "iperf3", "-J", "-c", address, "-p", port, "-t", seconds, *options),
            stdout=subprocess.PIPE, text=True)
        meanwhile()
        report = json.loads(client.communicate(timeout=seconds + PATIENCE)[0])
        if "error" in report:
            raise RuntimeError(f"iperf3: {report['error']}")
        return report["end"]
    except subprocess.TimeoutExpired:
        # Whether the tunnel stands still or iperf3 alone does.
        back = sum(trip < LOST_MICROSECONDS for trip in ping(address, 3, 0.2))
        raise RuntimeError(f"iperf3 {' '.join(map(str, options))} does not end; meanwhile {back}"
                           " of 3 pings come back")
    finally:
        for process in filter(None, (client, server)):
            process.kill()
            process.wait()


def gigabits(address, seconds, *options):
    """Received, all flows of both directions together."""
    end = iperf(address, seconds, *options)
    return sum(end[key]["bits_per_second"] for key in end if key.startswith("sum_received")) / 1e9


def delivered(size, address):
    """Payloads of `size` bytes that reached the UDP layer of host b since the rule was made: counted
    by bytes, because the kernel may hand over many as one."""
    count = json.loads(at(1, "nft", "-j", "list", "counter", "inet", "bench", "sink"))
    counter = next(c["counter"] for c in count["nftables"] if "counter" in c)
    headers = 48 if ":" in address else 28
    return (counter["bytes"] - headers * counter["packets"]) / size


def packets(address, seconds, size):
    """As many UDP packets as go: sent, carried to the other host, and arrived at the program there,
    thousands a second."""
    at(1, "nft", "add table inet bench; add counter inet bench sink;"
       " add chain inet bench in { type filter hook input priority 0; };"
       " add rule inet bench in udp dport 5201 counter name sink")
    try:
        end = iperf(address, seconds, "-u", "-b", "0", "-l", size)
        carried = delivered(size, address) / end["sum_sent"]["seconds"] / 1000
    finally:
        at(1, "nft", "delete table inet bench", check=False)
    sent, arrived = (end[key]["bytes"] / size / end[key]["seconds"] / 1000
                     for key in ("sum_sent", "sum_received"))
    return sent, carried, arrived


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
    """Starts the tunnel, takes every measure and stops it; values by key, facts, and what failed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        os.chmod(directory, 0o755)
        try:
            address = tunnel.start(Path(directory))
            found, failures = {"first": first_ping(address)}, []
            facts = tunnel.facts()
            for step in steps(address, tunnel.pids(), seconds):
                try:
                    found |= step()
                except FAILURES as error:
                    failures.append(str(error))
            return found, facts, failures
        finally:
            tunnel.stop()


def steps(address, pids, seconds):
    """What is done one after the other; each gives values by key."""

    def idle():
        rtt = statistics.median(ping(address, PINGS, PING_INTERVAL))
        used, busy, total = cpu_seconds(pids), *machine_ticks()
        time.sleep(seconds)
        used, busy, total = (now - then for now, then in zip(
            (cpu_seconds(pids), *machine_ticks()), (used, busy, total)))
        forget_peak(pids)
        share = {"idle": used / seconds * 100} if pids else {}
        return {"rtt": rtt, "others": busy / total * 100, **share}

    def single():
        used = cpu_seconds(pids)
        bulk = iperf(address, seconds)["sum_received"]
        used = cpu_seconds(pids) - used
        share = {"cpu": used / (bulk["bytes"] / 1e9)} if pids else {}
        return {"tcp": bulk["bits_per_second"] / 1e9, **share}

    def small(size):
        sent, carried, arrived = packets(address, seconds, size)
        return {f"sent{size}": sent, f"carried{size}": carried, f"udp{size}": arrived}

    def loaded():
        trips = []

        def during():
            time.sleep(seconds * 0.2)
            trips.extend(ping(address, int(seconds * 0.6 / PING_INTERVAL), PING_INTERVAL))

        iperf(address, seconds, meanwhile=during)
        return {"p50": quantile(trips, 0.5) / 1000, "p99": quantile(trips, 0.99) / 1000}

    return [
        idle, single,
        lambda: {"reverse": gigabits(address, seconds, "-R")},
        lambda: {"bidir": gigabits(address, seconds, "--bidir")},
        lambda: {"tcp4": gigabits(address, seconds, "-P", 4)},
        lambda: small(64), lambda: small(1200), loaded,
        lambda: {"rss": max(memory(pid, "VmHWM") for pid in pids)} if pids else {},
    ]
