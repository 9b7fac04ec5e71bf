"""Each kind of network with each: how its two hosts reach each other, and how soon."""
import sys, threading, time

from .lab import Lab, timed
from .node import Node, acquaint
from .shell import SecureShells
from .sites import INTRODUCER, KINDS, all_pairs, all_sites


class Reach:
    """What was seen of a pair."""

    def __init__(self, near, far):
        self.near, self.far = near, far
        self.first = self.direct = self.kind = self.shell = None
        self.began = None

    def ping(self):
        """The first packet, which has to find the way."""
        self.began = time.monotonic()
        answer = self.near.ping(self.far, milliseconds=20_000)
        self.first = answer and answer["rttMicroseconds"] / 1000

    def look(self, path):
        """Told the path to the far end from time to time."""
        if self.direct is None and self.began and path["kind"] == "direct":
            self.direct = (time.monotonic() - self.began) * 1000

    def record(self):
        kind = self.kind and self.kind["kind"]
        return {"a": self.near.host.rpartition("-")[0], "b": self.far.host.rpartition("-")[0],
                "path": kind, "endpoint": self.kind and self.kind.get("endpoint"),
                "firstMilliseconds": self.first,
                "directMilliseconds": self.direct if kind == "direct" else None,
                "shell": self.shell}


class Round:
    """One lab with all sites at once; every pair starts knowing nothing but the introducer."""

    def __init__(self, lab, kinds, patience, introducer="", site=""):
        self.lab, self.patience = lab, patience
        sites, steps = all_sites(kinds)
        with timed(f"{len(steps)} networks and hosts"):
            lab.steps(*steps)
        with timed(f"{len(sites) + 1} daemons"):
            self.introducer = Node(lab, "introducer", introducer)
            nodes = {s: Node(lab, s.host, site) for s in sites}
            for node in [self.introducer, *nodes.values()]:
                node.ready()
        self.nodes = list(nodes.values())
        self.reaches = [Reach(nodes[a], nodes[b]) for a, b in all_pairs(kinds)]
        for node in self.nodes:
            node.add(self.introducer, INTRODUCER, keep_open=True)
            self.introducer.add(node)
        acquaint(*((r.near, r.far) for r in self.reaches))

    def warm(self):
        """All have sessions with the introducer; a round goes on without those that get none."""
        deadline = time.monotonic() + 20
        for node in self.nodes:
            while node.peer(self.introducer)["state"] != "open":
                if time.monotonic() > deadline:
                    print(f"{node.host} has no session with the introducer", file=sys.stderr)
                    break
                time.sleep(0.01)

    def watch(self):
        """Follows all paths until every pair is direct or patience ends."""
        waiting = {node: [r for r in self.reaches if r.near is node] for node in self.nodes}
        deadline = time.monotonic() + self.patience
        while any(waiting.values()) and time.monotonic() < deadline:
            for node, reaches in waiting.items():
                if not reaches:
                    continue
                paths = {p["permID"]: p["path"] for p in node.status()["peers"]}
                for reach in reaches:
                    reach.look(paths[reach.far.perm_id])
                waiting[node] = [r for r in reaches if r.direct is None]
            time.sleep(0.02)

    def run(self):
        with timed("sessions with the introducer"):
            self.warm()
        watcher = threading.Thread(target=self.watch)
        with timed("all pairs"):
            watcher.start()
            # One after the other, so that the first packet's time is its own, while that is short.
            pings = [threading.Thread(target=r.ping) for r in self.reaches]
            for ping in pings:
                ping.start()
                ping.join(0.5)
            for thread in [*pings, watcher]:
                thread.join()
        with timed("ssh of all pairs"):
            shells = SecureShells(self.lab, sorted({r.far.host for r in self.reaches}))
            for reach in self.reaches:
                reach.shell = shells.works(reach.near, reach.far)
                reach.kind = reach.near.peer(reach.far)["path"]
        return [reach.record() for reach in self.reaches]


def measure(binary, kinds=KINDS, patience=20, **configurations):
    with Lab(binary) as lab:
        return Round(lab, kinds, patience, **configurations).run()


def cell(records):
    """What the rounds say of one pair, for the table."""
    ways = sorted({r["path"] or "none" for r in records})
    counts = [f"{way} {sum((r['path'] or 'none') == way for r in records)}" for way in ways]
    first = sorted(r["firstMilliseconds"] or float("inf") for r in records)
    direct = sorted(r["directMilliseconds"] for r in records if r["directMilliseconds"])
    text = ways[0] if len(ways) == 1 else ", ".join(counts)
    text += f"<br>{first[len(first) // 2]:.0f} ms"
    if direct:
        text += f", direct {direct[len(direct) // 2] / 1000:.2f} s"
    failed = sum(not r["shell"] for r in records)
    return text + (f"<br>ssh failed {failed}×" if failed else "")


def markdown(rounds, kinds=KINDS):
    """One row for each kind; the half of the table below the diagonal would repeat."""
    by_pair = {}
    for records in rounds:
        for record in records:
            by_pair.setdefault((record["a"], record["b"]), []).append(record)
    titles = [KINDS[k] for k in kinds]
    lines = ["| | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    for i, a in enumerate(kinds):
        cells = ["" if j < i else cell(by_pair[a, b]) for j, b in enumerate(kinds)]
        lines.append(f"| **{KINDS[a]}** | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
