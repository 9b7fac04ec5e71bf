"""A daemon on a host of a lab, spoken to by its control socket (docs/reference/control-api.md)."""
import http.client, json, os, socket
from pathlib import Path
from urllib.parse import quote

from .lab import until


class ControlConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Node:
    port = 45000
    interface = "ipv8"

    def __init__(self, lab, host, configuration=""):
        self.lab, self.host, self.configuration = lab, host, configuration
        self.state = lab.directory / host
        settings = lab.directory / f"{host}.toml"
        settings.write_text(
            f'interface = "{self.interface}"\nport = {self.port}\n{configuration}')
        self.log = lab.directory / f"{host}.log"
        with open(self.log, "a") as log:
            self.daemon = lab.start(
                host, lab.binary, "up", "--foreground", "--config", settings, "--state",
                self.state, stderr=log)

    def again(self):
        """The same node's next daemon, after its last has ended."""
        return Node(self.lab, self.host, self.configuration).ready()

    def ready(self):
        """Waits for the daemon; several are best started before the first is waited for."""
        def answers():
            if self.daemon.poll() is not None:
                raise RuntimeError(f"{self.host}: {self.log.read_text()[-500:]}")
            try:
                return self.call("GET", "identity")
            except (OSError, http.client.HTTPException):
                return None
        identity = until(f"{self.host} is up", answers, seconds=120, every=0.05)
        self.perm_id, self.address = identity["permID"], identity["address6"]
        return self

    def call(self, method, route, body=None, timeout=30):
        connection = ControlConnection(str(self.state / "control.sock"), timeout)
        try:
            connection.request(method, f"/v1/{route}", json.dumps(body) if body else None)
            answer = connection.getresponse()
            text = answer.read()
            return json.loads(text) if answer.status == 200 else None
        finally:
            connection.close()

    def status(self):
        return self.call("GET", "status")

    def peer(self, other):
        """This node's report of another."""
        return next(p for p in self.status()["peers"] if p["permID"] == other.perm_id)

    def add(self, other, *addresses, keep_open=False):
        """Acquaints this node with another; an address is one of UDP, or begins with https."""
        self.call("PUT", f"peers/{other.perm_id}", {
            "name": other.host, "keepOpen": keep_open,
            "endpoints": [a if a.startswith("https") else f"{a}:{self.port}" for a in addresses]})

    def ping(self, other, milliseconds=10_000):
        """One echo over the overlay, a session opened for it where there is none; None: no answer."""
        return self.call("POST", "ping", {
            "peer": other.perm_id, "timeoutMilliseconds": milliseconds},
            timeout=milliseconds / 1000 + 5)

    def processor_seconds(self):
        """User and system time of the daemon so far."""
        fields = Path(f"/proc/{self.daemon.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Bytes that the daemon has in memory, and those of them that are its own alone."""
        kilobytes = {}
        for line in open(f"/proc/{self.daemon.pid}/smaps_rollup"):
            words = line.split()
            if words[-1] == "kB":
                kilobytes[words[0]] = int(words[1])
        return (kilobytes["Rss:"] * 1024,
                (kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]) * 1024)


def acquaint(*pairs, **options):
    for a, b in pairs:
        a.add(b, **options)
        b.add(a, **options)
