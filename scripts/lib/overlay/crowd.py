"""Many nodes on one machine: what each costs at rest, and whether a part of them reaches each other."""
import itertools, json, os, statistics, threading, time
from concurrent.futures import ThreadPoolExecutor

from .lab import Lab, timed, until
from .node import Node, acquaint


def address(number):
    return f"5.{number // 250}.{number % 250 + 1}.1"


class Crowd:
    def __init__(self, lab, count, talkers, friends):
        self.lab, self.count = lab, count
        with timed(f"{count} hosts"):
            lab.steps(*(f"host n{i} {address(i)}" for i in range(count)))
        before = available()
        with timed(f"{count} daemons"):
            self.nodes = [Node(lab, f"n{i}") for i in range(count)]
            for node in self.nodes:
                node.ready()
        self.talkers = self.nodes[:talkers]
        self.pairs = list(itertools.combinations(self.talkers, 2))
        self.ring = self.neighbours(friends)
        self.machine_memory = (before - available()) / count

    def neighbours(self, friends):
        """Each node keeps sessions with so many others, half of them on either side."""
        return [(node, self.nodes[(i + step) % self.count])
                for i, node in enumerate(self.nodes) for step in range(1, friends // 2 + 1)]

    def add(self, pairs, keep_open):
        numbers = {node: i for i, node in enumerate(self.nodes)}

        def both(pair):
            for a, b in (pair, pair[::-1]):
                a.add(b, address(numbers[b]), keep_open=keep_open)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(both, pairs))

    def open(self):
        """The sessions that are kept open, all of them."""
        def is_open(node):
            return all(p["state"] == "open" for p in node.status()["peers"] if p["keepOpen"])
        for node in self.nodes:
            until(f"{node.host} has its sessions", lambda: is_open(node), seconds=60, every=0.1)

    def datagrams(self):
        """That crossed the cables of all hosts so far, counted where they arrive from them."""
        links = json.loads(self.lab.run("net", "ip", "-s", "-j", "link"))
        return sum(link["stats64"]["rx"]["packets"] for link in links
                   if link["ifname"].startswith("n"))

    def rest(self, seconds):
        """What the nodes cost while nobody sends anything."""
        begun = time.monotonic()
        processor = [node.processor_seconds() for node in self.nodes]
        datagrams = self.datagrams()
        time.sleep(seconds)
        elapsed = time.monotonic() - begun
        datagrams = self.datagrams() - datagrams
        used = [n.processor_seconds() - p for n, p in zip(self.nodes, processor)]
        resident, own = zip(*(node.memory() for node in self.nodes))
        return {
            "seconds": elapsed,
            "residentBytes": statistics.median(resident), "ownBytes": statistics.median(own),
            "largestOwnBytes": max(own),
            "processorPerMille": 1000 * statistics.mean(used) / elapsed,
            "largestProcessorPerMille": 1000 * max(used) / elapsed,
            "datagramsPerSecond": datagrams / elapsed / self.count,
        }

    def meet(self):
        """Every talker pings every other, sessions being opened for it."""
        times, lock = [], threading.Lock()

        def ping(pair):
            answer = pair[0].ping(pair[1])
            with lock:
                times.append(answer and answer["rttMicroseconds"] / 1000)
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ping, self.pairs))
        answered = sorted(t for t in times if t is not None)
        return {"pairs": len(times), "answered": len(answered),
                "medianMilliseconds": statistics.median(answered) if answered else None,
                "p99Milliseconds": answered[len(answered) * 99 // 100] if answered else None,
                "seconds": time.monotonic() - begun}


def available():
    """Bytes that the machine could still give to programs."""
    for line in open("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024


def measure(binary, count, talkers, friends, seconds):
    with Lab(binary) as lab:
        crowd = Crowd(lab, count, talkers, friends)
        record = {"nodes": count, "friends": friends, "machineBytes": crowd.machine_memory}
        with timed(f"at rest without sessions, {seconds} s"):
            record["alone"] = crowd.rest(seconds)
        with timed("sessions"):
            crowd.add(crowd.ring, keep_open=True)
            crowd.open()
        with timed(f"at rest with sessions, {seconds} s"):
            record["acquainted"] = crowd.rest(seconds)
        with timed(f"all pairs of {talkers}"):
            crowd.add(crowd.pairs, keep_open=False)
            record["meeting"] = crowd.meet()
        return record
