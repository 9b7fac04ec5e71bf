"""A lab of three hosts on one network, where the first one's cable is slow, long or faulty (wire.c)."""
import contextlib, subprocess
from pathlib import Path

from .lab import Lab

SOURCE = Path(__file__).with_name("wire.c")
ADDRESSES = {"ada": "10.78.0.1", "bob": "10.78.0.2", "cyd": "10.78.0.3"}
# Preamble, check sum and gap, which a frame takes of the rate beside its bytes.
FRAME_OVERHEAD = 24


class Wire:
    """Between ada and a switch that bob and cyd are at. `out` is what ada sends, `back` the other way."""

    def __init__(self, lab):
        self.lab = lab
        program = lab.directory / "wire"
        subprocess.run(["cc", "-O2", "-o", program, SOURCE, "-lpthread"], check=True)
        for name in ["middle", "switch", *ADDRESSES]:
            lab.steps(f"namespace {name}")
        self.link("middle", "near", "ada", "eth0")
        self.link("middle", "far", "switch", "uplink")
        lab.run("switch", "ip", "link", "add", "dev", "bridge", "type", "bridge")
        lab.run("switch", "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0", check=False)
        for host in ["bob", "cyd"]:
            self.link("switch", host, host, "eth0")
        for port in ["uplink", "bob", "cyd"]:
            lab.run("switch", "ip", "link", "set", "dev", port, "master", "bridge")
        lab.run("switch", "ip", "link", "set", "dev", "bridge", "up")
        for host, address in ADDRESSES.items():
            lab.run(host, "ip", "address", "add", f"{address}/24", "dev", "eth0")
            # Frames cross one by one, each with its checksum.
            lab.run(host, "ethtool", "-K", "eth0", "tso", "off", "gso", "off", "gro", "off", "tx", "off",
                    "tx-udp-segmentation", "off")
        self.process = lab.start("middle", program, "near", "far", stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)

    def link(self, left, left_name, right, right_name):
        names = {side: self.lab.namespace(side) for side in (left, right)}
        subprocess.run(["ip", "link", "add", "dev", left_name, "netns", names[left], "type", "veth",
                        "peer", "name", right_name, "netns", names[right]], check=True)
        for side, name in ((left, left_name), (right, right_name)):
            self.lab.run(side, "ip", "link", "set", "dev", name, "up")

    def set(self, **settings):
        """By name: `rate` bit/s, `delay` ms, `buffer` and `mark` bytes, `loss` of 1, `late` (of 1, ms);
        both ways, or one by `out_` or `back_` before the name."""
        units = {"delay": 1000, "loss": 1e6}
        for key, value in settings.items():
            ways = {"out": ["ab"], "back": ["ba"]}.get(key.partition("_")[0], ["ab", "ba"])
            name = key.rpartition("_")[2]
            if name == "late":
                words = f"{round(value[0] * 1e6)} {round(value[1] * 1000)}"
            else:
                words = str(round(value * units.get(name, 1)))
            for way in ways:
                self.process.stdin.write(f"{way} {name} {words}\n")
        self.process.stdin.flush()

    def path(self, rate, trip, buffer=1.0, loss=0.0):
        """A bottleneck of `rate` Mbit/s with a round trip of `trip` ms and a buffer of so many times
        their product; what ada sends is lost at `loss`."""
        size = max(buffer * rate * 1e6 * trip / 8000, 3000)
        self.set(rate=rate * 1e6, delay=trip / 2, buffer=size, mark=0, out_loss=loss, back_loss=0,
                 late=(0, 0))

    def counts(self):
        """What was carried out and back so far: frames, bytes, lost, dropped, marked."""
        self.process.stdin.write("count\n")
        self.process.stdin.flush()
        numbers = [int(n) for n in self.process.stdout.readline().split()]
        names = ["frames", "bytes", "lost", "dropped", "marked"]
        return dict(zip(names, numbers[:5])), dict(zip(names, numbers[5:]))

    @contextlib.contextmanager
    def counted(self, into):
        before = self.counts()[0]
        yield
        into.update({k: v - before[k] for k, v in self.counts()[0].items()})


@contextlib.contextmanager
def wired(binary):
    with Lab(binary) as lab:
        yield Wire(lab)
