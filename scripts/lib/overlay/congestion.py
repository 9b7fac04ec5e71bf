"""What becomes of TCP and of waiting times inside a tunnel where the network is the bottleneck."""
import contextlib, json, math, re, statistics, subprocess, time

from .lab import until
from .tunnels import Own, Plain, WireGuard
from .wire import ADDRESSES6, FRAME_OVERHEAD, wired

PORTS = iter(range(20000, 60000))
# The start of a transfer that is not counted, seconds.
SETTLING = 4
# What iperf3 is to ask for, to have segments as those inside a tunnel of the default MTU: without the 12
# bytes of timestamps, 1348.
SEGMENT = 1360


class Transfer:
    """TCP CUBIC flows, or datagrams at a rate, from ada to an address for so many seconds."""

    def __init__(self, lab, address, seconds, flows=1, host="bob", udp=None, omit=SETTLING, segment=None):
        port = next(PORTS)
        self.server = lab.start(host, "iperf3", "-s", "-1", "-p", port)
        until("iperf3 listens", lambda: f":{port} " in lab.run(host, "ss", "-Hltn"))
        kind = ["-u", "-b", f"{udp}M", "-l", "1200"] if udp else ["-C", "cubic", "-P", str(flows)]
        if segment:
            kind += ["-M", segment]
        self.seconds = seconds
        self.client = lab.start(
            "ada", "iperf3", "-J", "-i", "1", "-c", address, "-p", port, "-t", seconds, "-O", omit, *kind,
            stdout=subprocess.PIPE, text=True)

    def report(self):
        try:
            report = json.loads(self.client.communicate(timeout=self.seconds + 90)[0])
        finally:
            for process in (self.client, self.server):
                process.kill()
                process.wait()
        if "error" in report:
            raise RuntimeError(f"iperf3: {report['error']}")
        return report

    def megabits(self):
        """What arrived, all flows together."""
        return self.report()["end"]["sum_received"]["bits_per_second"] / 1e6


def pings(lab, address, seconds, interval=0.02):
    """Sorted round trips in milliseconds, begun where it is called; lost ones are not among them."""
    text = lab.run("ada", "ping", "-n", "-i", interval, "-w", seconds, address, check=False)
    return sorted(float(t) for t in re.findall(r"time=([\d.]+)", text))


def quantile(ordered, share):
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def jain(*shares):
    return sum(shares) ** 2 / (len(shares) * sum(s * s for s in shares))


@contextlib.contextmanager
def tunnel(kind, lab, *settings, **options):
    made = kind(lab, *settings, **options)
    try:
        yield made
    finally:
        made.stop()


# The cases: each yields rows, one for each combination, of a dictionary of values a round.


def goodput(wire, options):
    """Share of the goodput of the same flows without a tunnel, 100 Mbit/s, 50 ms, a buffer of 1 BDP; and of
    flows without a tunnel in segments as short as those inside."""
    for loss in (0, 0.0001, 0.001, 0.01):
        for flows in (1, 8):
            found = {}
            for name, kind, segment in (("plain", Plain, None), ("short", Plain, SEGMENT), ("tunnel", Own, None)):
                wire.path(100, 50)
                with tunnel(kind, wire.lab) as way:
                    wire.path(100, 50, loss=loss)
                    transfer = Transfer(wire.lab, way.bob, options.seconds, flows, segment=segment)
                    found[name] = transfer.megabits()
            yield f"loss {loss:.2%}, {flows} flow{'s' * (flows > 1)}", found | {
                "share": found["tunnel"] / found["plain"], "of short": found["tunnel"] / found["short"]}


def utilisation(wire, options):
    """T1: share of the bottleneck that is used, one flow."""
    for rate, trip in ((20, 10), (20, 50), (100, 10), (100, 50)):
        for buffer in (0.2, 1):
            found = {}
            for name, kind in (("plain", Plain), ("tunnel", Own)):
                wire.path(rate, trip)
                with tunnel(kind, wire.lab) as way:
                    wire.path(rate, trip, buffer)
                    transfer = Transfer(wire.lab, way.bob, options.seconds)
                    time.sleep(SETTLING)
                    count = {}
                    with wire.counted(count):
                        time.sleep(options.seconds - 2)
                    transfer.megabits()
                    bits = 8 * (count["bytes"] + FRAME_OVERHEAD * count["frames"])
                    found[name] = bits / (options.seconds - 2) / (rate * 1e6)
            yield f"{rate} Mbit/s, {trip} ms, buffer {buffer} BDP", found


def lossy(wire, options):
    """T2: 6 Mbit/s, 50 ms, 0.1 % lost, one flow: share of the goodput without a tunnel."""
    found = {}
    for name, kind in (("plain", Plain), ("tunnel", Own)):
        wire.path(6, 50)
        with tunnel(kind, wire.lab) as way:
            wire.path(6, 50, loss=0.001)
            found[name] = Transfer(wire.lab, way.bob, 2 * options.seconds).megabits()
    yield "6 Mbit/s, 50 ms, loss 0.1 %", found | {"share": found["tunnel"] / found["plain"]}


def fairness(wire, options):
    """T3: a tunnel's flows beside as many plain ones: Jain's index, a buffer of 1 BDP."""
    for rate in (20, 100):
        for trip in (20, 80):
            for flows in (1, 4):
                wire.path(rate, trip)
                with tunnel(Own, wire.lab) as way:
                    inner = Transfer(wire.lab, way.bob, options.seconds * 2, flows)
                    outer = Transfer(wire.lab, ADDRESSES6["bob"], options.seconds * 2, flows)
                    shares = inner.megabits(), outer.megabits()
                yield f"{rate} Mbit/s, {trip} ms, {flows} beside {flows}", {
                    "tunnel": shares[0], "plain": shares[1], "jain": jain(*shares)}


def latency(wire, options):
    """T4: a ping beside bulk TCP on 20 Mbit/s with 250 ms of buffer and a round trip of 20 ms."""
    kinds = {"none": Plain, "ipv8-tun": Own} | ({"wireguard-go": WireGuard} if options.wireguard else {})
    for name, kind in kinds.items():
        wire.path(20, 20)
        wire.set(buffer=20e6 / 8 * 0.25)
        with tunnel(kind, wire.lab) as way:
            idle = pings(wire.lab, way.bob, 3)
            bulk = Transfer(wire.lab, way.bob, options.seconds + 6)
            time.sleep(SETTLING)
            busy = pings(wire.lab, way.bob, options.seconds)
            megabits = bulk.megabits()
        yield name, {"idle p50": quantile(idle, 0.5), "p50": quantile(busy, 0.5),
                     "p99": quantile(busy, 0.99), "Mbit/s": megabits}


def peers(wire, options):
    """T5: two peers through one sender's uplink of 20 Mbit/s, 40 ms: Jain's index."""
    wire.path(20, 40)
    with tunnel(Own, wire.lab, others=("bob", "cyd")) as way:
        transfers = [Transfer(wire.lab, getattr(way, host), options.seconds * 2, host=host)
                     for host in ("bob", "cyd")]
        shares = [t.megabits() for t in transfers]
    yield "20 Mbit/s, 40 ms", {"bob": shares[0], "cyd": shares[1], "jain": jain(*shares)}


def blackout(wire, options):
    """T6: nothing passes for 1 s: the share of the rate before that is reached within 5 s after."""
    for name, kind in (("plain", Plain), ("tunnel", Own)):
        wire.path(20, 50)
        with tunnel(kind, wire.lab) as way:
            transfer = Transfer(wire.lab, way.bob, 20)
            time.sleep(SETTLING + 8)
            wire.set(loss=1)
            time.sleep(1)
            wire.set(loss=0)
            rates = [i["sum"]["bits_per_second"] / 1e6 for i in transfer.report()["intervals"]
                     if not i["sum"]["omitted"]]
        before = statistics.mean(rates[2:7])
        yield name, {"before": before, "share": max(rates[9:14]) / before}


def burst(wire, options):
    """T7: 1 Mbit/s of datagrams for a minute, then bulk: the longest queue of the first round trip and of the first
    second, in BDP, by the slowest ping; 20 Mbit/s, 50 ms, 2 BDP of buffer."""
    for name, kind in (("plain", Plain), ("tunnel", Own)):
        wire.path(20, 50, buffer=2)
        with tunnel(kind, wire.lab) as way:
            Transfer(wire.lab, way.bob, 60, udp=1, omit=0).report()
            echoes = wire.lab.start("ada", "ping", "-n", "-D", "-i", "0.005", "-w", "3", way.bob,
                                    stdout=subprocess.PIPE, text=True)
            before = wire.counts()[0]["bytes"]
            bulk = Transfer(wire.lab, way.bob, 3, omit=0)
            until("the bulk has begun", lambda: wire.counts()[0]["bytes"] > before + 30_000)
            begun = time.time()
            found = [(float(at) - float(trip) / 1000 - begun, float(trip)) for at, trip in re.findall(
                r"\[([\d.]+)\].*time=([\d.]+)", echoes.communicate()[0])]
            bulk.megabits()
        yield name, {f"first {span}": (max(t for at, t in found if 0 <= at < seconds) - 50) / 50
                     for span, seconds in (("trip", 0.05), ("second", 1))}


def reordering(wire, options):
    """T8: 2 % of all frames come 5 ms later: share of the goodput without that, 50 Mbit/s, 30 ms."""
    for name, kind in (("plain", Plain), ("tunnel", Own)):
        found = {}
        for fault, late in (("clean", (0, 0)), ("late", (0.02, 5))):
            wire.path(50, 30)
            with tunnel(kind, wire.lab) as way:
                wire.set(late=late)
                found[fault] = Transfer(wire.lab, way.bob, options.seconds).megabits()
        yield name, found | {"share": found["late"] / found["clean"]}


def flood(wire, options):
    """T10: datagrams at twice the rate of the bottleneck, and a connection beside them whose round
    trips count: 20 Mbit/s, 40 ms."""
    wire.path(20, 40)
    with tunnel(Own, wire.lab) as way:
        idle = pings(wire.lab, way.bob, 3)
        bulk = Transfer(wire.lab, way.bob, options.seconds + 4, udp=40)
        time.sleep(SETTLING)
        echoed = echoes(wire.lab, way.bob, options.seconds)
        bulk.report()
    yield "20 Mbit/s, 40 ms", {"idle p50": quantile(idle, 0.5), "p50": quantile(echoed, 0.5),
                               "p99": quantile(echoed, 0.99)}


ECHO_SERVER = """
import socket, sys
listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6)
near = listener.accept()[0]
near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while data := near.recv(65536):
    near.sendall(data)
"""
ECHO_CLIENT = """
import socket, sys, time
far = socket.create_connection((sys.argv[1], int(sys.argv[2])))
far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
end = time.monotonic() + float(sys.argv[3])
while (begun := time.monotonic()) < end:
    far.sendall(bytes(64))
    got = 0
    while got < 64:
        got += len(far.recv(64 - got))
    print((time.monotonic() - begun) * 1000)
    time.sleep(0.05)
"""


def echoes(lab, address, seconds):
    """Round trips of single keystrokes on a TCP connection, as ssh makes them; milliseconds, sorted."""
    port = next(PORTS)
    lab.start("bob", "python3", "-c", ECHO_SERVER, port)
    until("the echo listens", lambda: f":{port} " in lab.run("bob", "ss", "-Hltn"))
    return sorted(map(float, lab.run("ada", "python3", "-c", ECHO_CLIENT, address, port, seconds).split()))


def marks(wire, options):
    """The bottleneck marks instead of dropping: round trips under load, and what was lost."""
    wire.path(20, 40)
    wire.set(out_mark=20_000)
    with tunnel(Own, wire.lab) as way:
        count = {}
        bulk = Transfer(wire.lab, way.bob, options.seconds + 6)
        time.sleep(SETTLING)
        with wire.counted(count):
            busy = pings(wire.lab, way.bob, options.seconds)
        megabits = bulk.megabits()
    yield "20 Mbit/s, 40 ms", {"Mbit/s": megabits, "p99": quantile(busy, 0.99), "marked": count["marked"],
                               "dropped": count["dropped"]}


CASES = {case.__name__: case for case in (
    goodput, utilisation, lossy, fairness, latency, peers, blackout, burst, reordering, flood, marks)}


def measure(binary, name, options, note):
    """The values of all rounds by row; what fails is told and left out."""
    rows = {}
    for _ in range(options.rounds):
        with wired(binary) as wire:
            try:
                for row, values in CASES[name](wire, options):
                    rows.setdefault(row, []).append(values)
                    note(f"{name}: {row}: " + ", ".join(f"{k} {v:.4g}" for k, v in values.items()))
            except (RuntimeError, OSError, LookupError, ValueError) as error:
                note(f"{name}: {error}")
    return rows
