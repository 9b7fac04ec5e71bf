"""What hostile peers that flood a daemon with records cost the packets that it carries for others."""
import json, os, subprocess, time
from pathlib import Path

from .congestion import Transfer
from .lab import Lab, until
from .node import Node
from .wire import ADDRESSES, Wire

# The start of a transfer that is not counted, seconds.
SETTLING = 1
# Relations that an honest peer signs while the flood is on.
HONEST = 20
MALICE = 1_000_000


class Flood:
    """ada sends to bob; hostile peers on cyd's host flood bob, so that none of it takes ada's cable."""

    def __init__(self, lab, program, rate, seconds):
        self.lab, self.program, self.rate, self.seconds = lab, program, rate, seconds
        self.nodes = {name: Node(lab, name) for name in ("ada", "bob")}
        self.ada, self.bob = (node.ready() for node in self.nodes.values())
        self.ada.add(self.bob, ADDRESSES["bob"], keep_open=True)
        self.bob.add(self.ada, ADDRESSES["ada"], keep_open=True)
        until("the peers are connected", lambda: self.ada.ping(self.bob), 60)
        self.numbers = iter(range(1, MALICE))
        self.signed = 0

    def name(self, number):
        """The PermID of a hostile peer."""
        return subprocess.run([self.program, "name", "--number", str(number)], check=True, text=True,
                              capture_output=True).stdout.strip()

    def begin(self, count, faults):
        """So many hostile peers that were never there before; the first one is bob's contact."""
        found = []
        for place in range(count):
            number = next(self.numbers)
            if place == 0:
                self.bob.call("PUT", f"peers/{self.name(number)}", {"name": f"enemy{number}"})
            options = [word for fault in faults for word in ("--fault", fault)]
            found.append(self.lab.start(
                "cyd", self.program, "peer", "--number", number, "--peer", self.bob.perm_id, "--at",
                f"{ADDRESSES['bob']}:{self.bob.port}", "--rate", self.rate, "--seconds",
                self.seconds + SETTLING + 2, *options, stdout=subprocess.PIPE, text=True))
        for hostile in found:
            if hostile.stdout.readline() != "open\n":
                raise RuntimeError("a hostile peer found no way in")
        return found

    def sign(self):
        """An honest peer says something new of somebody; whom, nobody needs to know."""
        self.signed += 1
        wish = {"permID": self.name(MALICE + self.signed), "strength": 0.5}
        if not self.ada.call("POST", "relations", {"relations": [wish]}):
            raise RuntimeError("ada did not sign")

    def round(self, count, faults):
        """One transfer with so many hostile peers, and what it was like for bob."""
        hostile = self.begin(count, faults)
        before, threads = self.bob.status()["counters"], self.threads()
        transfer = Transfer(self.lab, self.bob.address, self.seconds, omit=SETTLING)
        begun, memory, trips = time.monotonic(), [], []
        for step in range(HONEST):
            time.sleep(max(0, begun + (step + 0.5) * self.seconds / HONEST - time.monotonic()))
            self.sign()
            memory.append(self.bob.memory())
            answer = self.ada.ping(self.bob)
            trips.append(answer["rttMicroseconds"] / 1000 if answer else None)
        elapsed = time.monotonic() - begun
        spent = {name: after - threads.get(name, 0) for name, after in self.threads().items()}
        after = self.bob.status()["counters"]
        return {
            "megabits": transfer.megabits(), "pings": trips,
            "residentBytes": max(m[0] for m in memory), "ownBytes": max(m[1] for m in memory),
            "processorPercent": {name: 100 * s / elapsed for name, s in spent.items()},
            "counters": {name: value - before.get(name, 0) for name, value in after.items()
                         if name.startswith(("refused.", "records.", "dropped."))},
            "sent": [json.loads(h.communicate(timeout=60)[0]) for h in hostile]}

    def threads(self):
        """Processor seconds of each of bob's threads so far."""
        found = {}
        for task in Path(f"/proc/{self.bob.daemon.pid}/task").iterdir():
            name, fields = (task / "stat").read_text().partition("(")[2].rsplit(") ", 1)
            fields = fields.split()
            found[name] = found.get(name, 0) + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return found

    def export(self, node):
        text = self.lab.run(node.host, self.lab.binary, "records", "export", "--state", node.state)
        return {line for line in text.splitlines() if self.ada.perm_id in line}

    def lost(self):
        """Records about and of the honest peer that it has and the flooded one has not, in the end."""
        def missing():
            return self.export(self.ada) - self.export(self.bob)
        try:
            until("all honest records are there", lambda: not missing(), seconds=60, every=1)
        except RuntimeError:
            pass
        return len(missing()), len(self.export(self.ada))


def lab_of(lab, rate):
    """Three hosts; ada's cable carries `rate` Mbit/s, or all that the processors can where it is 0."""
    if rate:
        Wire(lab).path(rate, 2, buffer=4)
    else:
        lab.steps(*(f"host {name} {address}" for name, address in ADDRESSES.items()))


def measure(binary, program, options, say):
    with Lab(binary) as lab:
        lab_of(lab, options.link)
        flood = Flood(lab, program, options.rate, options.seconds)
        cases = [(0, [])] + [(count, options.fault) for count in options.peers]
        if options.padding:
            cases += [(count, ["padding"]) for count in options.peers]
        rounds = []
        for number in range(options.rounds):
            found = {}
            for count, faults in cases[number % len(cases):] + cases[:number % len(cases)]:
                name = f"{count} {'padding' if faults == ['padding'] else 'hostile'}" if count else "none"
                found[name] = flood.round(count, faults)
                say(f"round {number + 1}: {name}: {found[name]['megabits']:.0f} Mbit/s")
            rounds.append(found)
        lost, all_of_them = flood.lost()
        return {"link": options.link, "rate": options.rate, "rounds": rounds, "honest": all_of_them,
                "lost": lost, "signed": flood.signed, "counters": flood.bob.status()["counters"]}
