"""The ways from ada to bob of a wired lab: the bare network, ipv8-tun, and another tunnel beside it."""
import os, subprocess
from pathlib import Path

from .lab import until
from .node import Node
from .wire import ADDRESSES


class Plain:
    """No tunnel."""

    def __init__(self, lab, setting=None):
        self.bob, self.cyd = ADDRESSES["bob"], ADDRESSES["cyd"]

    def stop(self):
        pass


class Own:
    """ipv8-tun between ada and the others; `setting` is a line of its configuration."""

    def __init__(self, lab, setting="", others=("bob",)):
        nodes = {host: Node(lab, host, setting + "\n") for host in ("ada", *others)}
        for node in nodes.values():
            node.ready()
        self.nodes = nodes
        for other in others:
            nodes["ada"].add(nodes[other], ADDRESSES[other], keep_open=True)
            nodes[other].add(nodes["ada"], ADDRESSES["ada"])
            setattr(self, other, nodes[other].address)
            until("the peers are connected", lambda: nodes["ada"].ping(nodes[other]), 60)

    def counters(self):
        return self.nodes["ada"].status()["counters"]

    def stop(self):
        for node in self.nodes.values():
            node.daemon.terminate()
        for node in self.nodes.values():
            node.daemon.wait(20)


class WireGuard:
    """wireguard-go, with its own queues and no control of its own."""

    def __init__(self, lab, program="wireguard-go"):
        self.bob, self.daemons = "10.79.0.2", []
        keys = {}
        for host in ("ada", "bob"):
            private = subprocess.run(["wg", "genkey"], capture_output=True, text=True, check=True).stdout
            public = subprocess.run(["wg", "pubkey"], input=private, capture_output=True, text=True,
                                    check=True).stdout.strip()
            keys[host] = (private, public)
        for number, (host, other) in enumerate((("ada", "bob"), ("bob", "ada")), 1):
            name = f"wg{os.getpid() % 100000}{host[0]}"
            self.daemons.append(lab.start(
                host, "env", "WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1", program, "-f", name,
                stderr=subprocess.DEVNULL))
            until("the socket is there", Path(f"/var/run/wireguard/{name}.sock").exists)
            key = lab.directory / f"key-{host}"
            key.write_text(keys[host][0])
            lab.run(host, "wg", "set", name, "private-key", key, "listen-port", 51820, "peer",
                    keys[other][1], "allowed-ips", "10.79.0.0/24", "endpoint",
                    f"{ADDRESSES[other]}:51820")
            lab.run(host, "ip", "address", "add", f"10.79.0.{number}/24", "dev", name)
            lab.run(host, "ip", "link", "set", "dev", name, "mtu", 1420, "up")

    def stop(self):
        for daemon in self.daemons:
            daemon.terminate()
            daemon.wait(20)
