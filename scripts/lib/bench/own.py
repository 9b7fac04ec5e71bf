"""ipv8-tun, as it is and with parts of it replaced for comparison."""
import json, shutil, subprocess, tempfile
from pathlib import Path

from .lab import NAMES, UNDERLAY, at, inside, until
from .tunnel import Tunnel

PORT = 45000


class Own(Tunnel):
    programs = ["ipv8-tun"]
    environment = {}
    interface_name = "ipv8"

    def __init__(self, paths, mtu, name="", setting=""):
        """`setting` is a line of the configuration."""
        self.mtu, self.setting = mtu, setting
        self.name = f"ipv8-tun, {name or f'MTU {mtu}'}"
        super().__init__(paths)

    def call(self, end, *arguments):
        return at(end, self.program("ipv8-tun"), *arguments, "--state", self.state(end))

    def status(self, end):
        return json.loads(self.call(end, "status", "--json"))

    def state(self, end):
        return self.directory / f"state-{NAMES[end]}"

    def start(self, directory):
        self.directory = directory
        settings = directory / "ipv8.toml"
        settings.write_text(
            f'interface = "{self.interface_name}"\nport = {PORT}\nmtu = {self.mtu}\n'
            f"{self.setting}\n")
        for end in range(2):
            self.spawn(end, self.program("ipv8-tun"), "up", "--foreground", "--config", settings,
                       "--state", self.state(end), environment=self.environment)
            asked = inside(end, self.program("ipv8-tun"), "status", "--state", self.state(end))
            until("the daemon answers",
                  lambda: subprocess.run(asked, capture_output=True).returncode == 0)
        known = [json.loads(self.call(end, "id", "--json")) for end in range(2)]
        for end in range(2):
            self.call(end, "peer", "add", known[1 - end]["permID"],
                      "--endpoint", f"{UNDERLAY[1 - end]}:{PORT}")
        return known[1]["address6"]

    def facts(self):
        status = self.status(0)
        path = status["dataPath"]
        suite = status["peers"][0]["suite"]
        backend = next((a for a in path["aead"] if a.startswith(suite)), suite)
        return (f"{backend}; UDP GSO {path['udpGSO']}, UDP GRO {path['udpGRO']}, TUN offloads "
                f"{' '.join(path['tunOffload']) or 'none'}".replace("True", "yes")
                .replace("False", "no"))


class Interposed(Own):
    """The same program with a library loaded before its own that replaces some of their functions.

    The library is built here, from the C file beside this one, for this run alone.
    """

    def __init__(self, paths, mtu, variant, suite):
        super().__init__(paths, mtu)
        self.name = f"ipv8-tun, {variant}"
        self.suite = suite
        self.source = Path(__file__).with_name(f"{variant.lower()}.c")

    def missing(self):
        """Finds out by building it."""
        compiler = shutil.which("cc") or shutil.which("clang")
        if super().missing() or not compiler:
            return super().missing() or "no C compiler"
        self.built = tempfile.TemporaryDirectory(prefix="bench-")
        library = Path(self.built.name) / "interposed.so"
        done = subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", library, self.source, "-ldl"],
            capture_output=True, text=True)
        self.environment = {"LD_PRELOAD": library}
        return "" if done.returncode == 0 else f"{self.source.name}: {done.stderr.strip()[:200]}"

    def facts(self):
        """Refuses to call something measured that was not: both daemons must have said so."""
        for end in range(2):
            if "bench: interposed" not in self.log(end).read_text(errors="replace"):
                raise RuntimeError(f"{self.source.name} had no effect at {NAMES[end]}")
        facts = super().facts()
        if not facts.startswith(self.suite):
            raise RuntimeError(f"{facts}, not {self.suite}")
        return f"{self.source.name} loaded; {facts}"
