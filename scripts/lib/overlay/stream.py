"""A stream of pings with the time of each answer: when a path was interrupted, and how long."""
import re, signal, subprocess, time

from .lab import until

ANSWER = re.compile(r"^\[(\d+\.\d+)\] .* icmp_seq=(\d+) .*time=", re.MULTILINE)


class PingStream:
    """From one node to another over the overlay, every `interval` seconds, until it is stopped."""

    def __init__(self, lab, near, far, interval=0.01):
        self.interval = interval
        self.file = lab.directory / f"ping-{near.host}-{time.monotonic_ns()}"
        with open(self.file, "w") as output:
            self.ping = lab.start(near.host, "ping", "-D", "-i", interval, far.address,
                                  stdout=output, stderr=subprocess.DEVNULL)

    def answers(self):
        """The wall-clock times at which answers came."""
        return [float(m[1]) for m in ANSWER.finditer(self.file.read_text())]

    def flows(self, since, seconds=1.0):
        """Whether answers have come without a gap of 0.2 s for so long, all later than `since`."""
        now = time.time()
        recent = [t for t in self.answers() if t > max(since, now - seconds)]
        edges = [now - seconds, *recent, now]
        return now - seconds > since and all(b - a < 0.2 for a, b in zip(edges, edges[1:]))

    def await_flow(self, since, limit=60):
        until("answers come steadily", lambda: self.flows(since), seconds=limit, every=0.1)

    def outage(self, begun, there):
        """The longest gap in the answers that ended after `begun`, without what lay before `there`:
        the time at which the network itself was there again."""
        times = self.answers()
        return max((b - max(a, there) for a, b in zip(times, times[1:]) if b > begun), default=None)

    def stop(self):
        self.ping.send_signal(signal.SIGINT)
        self.ping.wait()
