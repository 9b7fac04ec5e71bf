"""Two peers with a copy and a stream of pings between them while the network beneath changes."""
import time
from dataclasses import dataclass

from .lab import Lab, until
from .node import Node, acquaint
from .shell import SecureShells
from .stream import PingStream

NETWORKS = [
    "host introducer 5.1.0.1",
    "host second 5.2.0.1",
    "router home {near} 5.10.0.1 192.168.1",
    "router cafe {near} 5.11.0.1 192.168.2",
    "router office {far} 5.12.0.1 192.168.3",
    "router hotel {far} 5.13.0.1 192.168.4",
    "inside ada home 192.168.1.2",
]


class Scene:
    """Ada at home; bob on the internet, or at his office where `far` is the type of its router."""

    def __init__(self, lab, near="cone", far=None, configurations=("", "")):
        self.lab, self.far = lab, far
        bob = "inside bob office 192.168.3.2" if far else "host bob 5.20.0.1"
        lab.steps(*(step.format(near=near, far=far or "cone") for step in NETWORKS), bob)
        introducing, plain = configurations
        self.introducers = {"introducer": "5.1.0.1", "second": "5.2.0.1"}
        nodes = {n: Node(lab, n, introducing if n in self.introducers else plain)
                 for n in ["introducer", "second", "ada", "bob"]}
        for node in nodes.values():
            node.ready()
        self.ada, self.bob = nodes["ada"], nodes["bob"]
        for name, address in self.introducers.items():
            for node in (self.ada, self.bob):
                node.add(nodes[name], address, keep_open=True)
                nodes[name].add(node)
        self.nodes = nodes
        if not far:
            self.ada.add(self.bob, "5.20.0.1", keep_open=True)
            self.bob.add(self.ada)
        else:
            acquaint((self.ada, self.bob), keep_open=True)
        self.turn = 0
        self.shells = SecureShells(lab, ["bob"])
        self.stream = PingStream(lab, self.ada, self.bob)

    # What happens. Each takes the network from one state to another, and is repeated.

    def address(self):
        """Ada gets another address in the same network."""
        self.lab.steps(f"renumber ada 192.168.1.{3 + self.turn % 200}")

    def network(self):
        """Ada goes to another network, and back the next time."""
        self.lab.steps(self.elsewhere("ada", ("cafe", "192.168.2.2"), ("home", "192.168.1.2")))

    def both(self):
        """Both go to other networks at once."""
        there, back = ("hotel", "192.168.4.2"), ("office", "192.168.3.2")
        if not self.far:
            there, back = ("''", "5.21.0.1"), ("''", "5.20.0.1")
        self.lab.steps(self.elsewhere("ada", ("cafe", "192.168.2.2"), ("home", "192.168.1.2")),
                       self.elsewhere("bob", there, back))

    def reboot(self):
        """Ada's router loses all state."""
        self.lab.steps("reboot home")

    def silence(self, seconds=30):
        """Ada has no network for a while, and keeps her address."""
        self.lab.steps("cut ada")
        time.sleep(seconds)
        self.lab.steps("mend ada")

    def relay(self):
        """The relay between the two dies."""
        relay = self.ada.peer(self.bob)["path"]["via"]
        name = next(n for n, node in self.nodes.items() if node.perm_id == relay)
        self.nodes[name].daemon.kill()
        self.nodes[name].daemon.wait()

    def restore(self):
        """Brings up again whom an event has killed."""
        for name, node in self.nodes.items():
            if node.daemon.poll() is not None:
                self.nodes[name] = node.again()
                for other in (self.ada, self.bob):
                    until(f"{other.host} hears {name}",
                          lambda: other.peer(self.nodes[name])["state"] == "open")

    def elsewhere(self, host, there, back):
        router, address = back if self.turn % 2 else there
        return f"move {host} {router} {address}"

    def disturb(self, event):
        """One event during a copy, and what it did to the two."""
        self.stream.await_flow(time.time() - 1)
        before = self.path()
        copy = self.shells.copy(self.ada, self.bob)
        copy.await_progress()
        begun = time.time()
        getattr(self, event)()
        there = time.time()
        self.turn += 1
        self.stream.await_flow(there)
        first = self.path()
        record = {"outageSeconds": self.stream.outage(begun, there),
                  "physicalSeconds": there - begun, "copied": copy.finish(),
                  "before": before, "first": first, "after": self.settled()}
        self.restore()
        return record

    def path(self):
        return self.ada.peer(self.bob)["path"]["kind"]

    def settled(self, seconds=5):
        """The kind of path, when it is direct or has not become so by the attempt that follows a move."""
        deadline = time.monotonic() + seconds
        while (kind := self.path()) != "direct" and time.monotonic() < deadline:
            time.sleep(0.1)
        return kind


@dataclass(frozen=True)
class Case:
    title: str
    event: str
    near: str = "cone"
    far: str | None = None


CASES = {
    "address": Case("new address in the same LAN, peer public", "address"),
    "network": Case("another NAT's network, peer public", "network"),
    "address-nat": Case("new address in the same LAN, peer behind a NAT", "address", far="cone"),
    "network-nat": Case("another NAT's network, peer behind a NAT", "network", far="cone"),
    "both": Case("both to other networks, the peer on the internet", "both"),
    "both-nat": Case("both to other NATs' networks", "both", far="cone"),
    "reboot": Case("port-restricted router loses its state", "reboot", far="cone"),
    "reboot-symmetric": Case("symmetric router loses its state", "reboot", near="symmetric"),
    "silence": Case("no network for 30 s", "silence", far="cone"),
    "relay": Case("the relay is killed", "relay", near="symmetric", far="symmetric"),
}


def measure(binary, name, count, **options):
    case = CASES[name]
    with Lab(binary) as lab:
        scene = Scene(lab, case.near, case.far, **options)
        return [scene.disturb(case.event) for _ in range(count)]
