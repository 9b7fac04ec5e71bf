"""Mixed load on one pair of ipv8-tun for a long time: does it grow, does it drop?"""
import contextlib, json, statistics, subprocess, sys, tempfile, threading, time
from pathlib import Path

from .lab import FAILURES, NAMES, at, inside, namespace, run, until, wire
from .measures import cpu_seconds, first_ping, iperf, memory, ping, quantile
from .report import number, rows

INTERVAL = 5  # seconds between samples
ROUND = 60  # seconds of each run of a generator
WARM_UP = 1 / 4  # of the time, left out of the slope
UDP_BITS = "5M"  # of 64-byte packets: 10 thousand a second
FLOWS = Path(__file__).with_name("flows.py")
FLOW_COUNTS = dict.fromkeys(
    ["fetches", "fetches_failed", "exchanges", "exchanges_repeated", "exchanges_failed"], 0)


class Load:
    """Generators that run until the end, each again and again, and what they counted."""

    def __init__(self, address, end):
        self.address, self.end = address, end
        self.totals, self.trips, self.errors = {}, [], []
        self.threads = [threading.Thread(target=self.repeat, args=(one,), daemon=True)
                        for one in (self.bulk, self.small, self.pings, self.flows)]

    def repeat(self, generator):
        while (left := self.end - time.monotonic()) > 2:
            try:
                generator(int(min(ROUND, left)))
            except FAILURES as error:
                self.errors.append(f"{generator.__name__}: {str(error)[:200]}")
                time.sleep(1)

    def count(self, **values):
        for name, value in values.items():
            self.totals[name] = self.totals.get(name, 0) + value

    def bulk(self, seconds):
        end = iperf(self.address, seconds, "--bidir")
        self.count(bulk_bytes=end["sum_received"]["bytes"],
                   bulk_bytes_back=end["sum_received_bidir_reverse"]["bytes"],
                   bulk_retransmits=end["sum_sent"]["retransmits"])

    def small(self, seconds):
        end = iperf(self.address, seconds, "-u", "-b", UDP_BITS, "-l", 64, port=5202)
        self.count(udp_sent=end["sum"]["packets"], udp_lost=end["sum"]["lost_packets"])

    def pings(self, seconds):
        trips = ping(self.address, seconds * 10, 0.1)
        self.trips += trips
        self.count(pings=len(trips))

    def flows(self, seconds):
        opened = at(0, sys.executable, FLOWS, "open", self.address, 5300, seconds)
        self.count(**(FLOW_COUNTS | json.loads(opened)))


@contextlib.contextmanager
def flow_server():
    server = subprocess.Popen(inside(1, sys.executable, FLOWS, "serve", 5300),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until("the flows' server listens", lambda: ":5300 " in at(1, "ss", "-Hltn"))
        yield
    finally:
        server.kill()
        server.wait()


def sample(pids, begun):
    return {"second": round(time.monotonic() - begun, 1),
            "rss": [memory(pid, "VmRSS") for pid in pids],
            "cpu": [cpu_seconds([pid]) for pid in pids]}


def drops(tunnel):
    """Everything that the daemons and their interfaces count, by end and name."""
    found = {}
    for end in range(2):
        for name, value in tunnel.status(end)["counters"].items():
            found[f"{NAMES[end]} {name}"] = value
        for name in ("eth0", tunnel.interface_name):
            link = json.loads(run("ip", "-n", namespace(end), "-s", "-j", "link", "show", "dev", name))
            for way in ("rx", "tx"):
                statistics_ = link[0]["stats64"][way]
                found[f"{NAMES[end]} {name} {way} dropped"] = statistics_["dropped"]
    return found


def soak(tunnel, minutes, kind):
    """Runs the load; returns samples, totals and what was dropped meanwhile."""
    with wire(kind), tempfile.TemporaryDirectory(prefix="bench-") as directory:
        Path(directory).chmod(0o755)
        try:
            address = tunnel.start(Path(directory))
            first_ping(address)
            facts, pids, before = tunnel.facts(), tunnel.pids(), drops(tunnel)
            begun = time.monotonic()
            load = Load(address, begun + minutes * 60)
            samples = [sample(pids, begun)]
            with flow_server():
                for thread in load.threads:
                    thread.start()
                while any(thread.is_alive() for thread in load.threads):
                    time.sleep(INTERVAL)
                    samples.append(sample(pids, begun))
                    print(f"{samples[-1]['second']:.0f} s: RSS "
                          + ", ".join(f"{rss:.1f}" for rss in samples[-1]["rss"]) + " MiB", flush=True)
            after = drops(tunnel)
        finally:
            tunnel.stop()
    trips = sorted(load.trips)
    return {
        "facts": facts, "wire": kind, "minutes": minutes, "samples": samples,
        "totals": load.totals, "errors": load.errors,
        "rtt": {f"p{round(share * 100)}": quantile(trips, share) for share in (0.5, 0.99)},
        "counters": {name: after[name] - before.get(name, 0) for name in after
                     if after[name] != before.get(name, 0)},
        "ends": [growth(samples, end) for end in range(2)]}


def growth(samples, end):
    """Mebibytes first, last and at most, KiB a minute by least squares, and mean CPU in %."""
    rss = [s["rss"][end] for s in samples]
    warm = [s for s in samples if s["second"] >= samples[-1]["second"] * WARM_UP]
    slope, _ = statistics.linear_regression(
        [s["second"] / 60 for s in warm], [s["rss"][end] * 1024 for s in warm])
    spent = samples[-1]["cpu"][end] - samples[0]["cpu"][end]
    return {"first": rss[0], "last": rss[-1], "max": max(rss), "slope": slope,
            "cpu": spent / samples[-1]["second"] * 100}


def markdown(record):
    text = [f"# {record['name']}", "", f"`{record['command']}`", "",
            f"{record['date']}; {record['machine']['cpu']}, {record['machine']['cores']} cores, Linux"
            f" {record['machine']['kernel']}. {record['minutes']} minutes of TCP both ways, UDP of 64 B,"
            f" ping and new flows on `{record['wire']}`. {record['facts']}.", ""]
    text += rows(["daemon", "RSS first, MiB", "last", "max", "slope, KiB/min", "CPU, % of a core"],
                 [[name] + [number(e[k]) for k in ("first", "last", "max", "slope", "cpu")]
                  for name, e in zip(NAMES, record["ends"])])
    text += rows(["load", "count"], [[k.replace("_", " "), f"{v:,}"] for k, v in record["totals"].items()])
    text += rows(["ping", "µs"], [[k, number(v)] for k, v in record["rtt"].items()])
    text += rows(["counter", "grew by"], [[k, f"{v:,}"] for k, v in record["counters"].items()])
    text += [f"- failed: {error}" for error in record["errors"]]
    return "\n".join(text).rstrip() + "\n"
