"""Other tunnels, each configured to be fast."""
import json, os, shutil, subprocess
from pathlib import Path

from .lab import NAMES, UNDERLAY, at, run, until
from .tunnel import OVERLAY, Tunnel

PACKAGES = ["wireguard-go", "wireguard-tools", "nebula", "tinc", "openvpn", "yggdrasil"]


class WireGuard(Tunnel):
    name = "wireguard-go"
    programs = ["wireguard-go", "wg"]
    mtu = 1420

    def start(self, directory):
        self.directory = directory
        wg = self.program("wg")
        private = [run(wg, "genkey").strip() for _ in range(2)]
        public = [run(wg, "pubkey", input=key).strip() for key in private]
        for end in range(2):
            # Its sockets have one directory for all namespaces, so the name has to be ours alone.
            name = f"wg{os.getpid()}{NAMES[end]}"
            self.spawn(end, self.program("wireguard-go"), "-f", name,
                       environment={"WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD": "1"})
            until("the socket is there", Path(f"/var/run/wireguard/{name}.sock").exists)
            key = directory / f"key-{end}"
            key.write_text(private[end])
            at(end, wg, "set", name, "private-key", key, "listen-port", 51820,
               "peer", public[1 - end], "allowed-ips", f"{OVERLAY[1 - end]}/32",
               "endpoint", f"{UNDERLAY[1 - end]}:51820")
            self.interface(end, name, self.mtu)
        return OVERLAY[1]


class Nebula(Tunnel):
    name = "nebula"
    programs = ["nebula", "nebula-cert"]
    mtu = 1300

    def start(self, directory):
        self.directory = directory
        make = self.program("nebula-cert")
        help_ = subprocess.run([make, "sign", "-h"], capture_output=True, text=True)
        networks = "-networks" if "-networks" in help_.stderr + help_.stdout else "-ip"
        run(make, "ca", "-name", "bench", cwd=directory)
        for end in range(2):
            run(make, "sign", "-name", NAMES[end], networks, f"{OVERLAY[end]}/24", cwd=directory)
            path = directory / f"{NAMES[end]}.yml"
            path.write_text(json.dumps(self.settings(end)))
            self.spawn(end, self.program("nebula"), "-config", path)
        until("nebula1 is up", lambda: OVERLAY[0] in at(0, "ip", "address")
              and OVERLAY[1] in at(1, "ip", "address"))
        return OVERLAY[1]

    def settings(self, end):
        """YAML contains JSON. Unknown keys are ignored, so one file does for all versions."""
        any_packet = [{"port": "any", "proto": "any", "host": "any"}]
        mine = f"{self.directory}/{NAMES[end]}"
        return {
            "pki": {"ca": f"{self.directory}/ca.crt", "cert": f"{mine}.crt", "key": f"{mine}.key"},
            "static_host_map": {OVERLAY[1 - end]: [f"{UNDERLAY[1 - end]}:4242"]},
            "lighthouse": {"am_lighthouse": False},
            "cipher": "aes",
            "routines": os.cpu_count(),
            "listen": {"host": "0.0.0.0", "port": 4242, "batch": 64, "udp_offloads": True,
                       "read_buffer": 10 << 20, "write_buffer": 10 << 20},
            "tun": {"dev": "nebula1", "mtu": self.mtu, "use_offloads": True, "pin_threads": True},
            "logging": {"level": "error"},
            "firewall": {"inbound": any_packet, "outbound": any_packet},
        }


class Tinc(Tunnel):
    name = "tinc"
    programs = ["tincd"]

    def start(self, directory):
        self.directory = directory
        home = [directory / f"tinc-{name}" for name in NAMES]
        for end in range(2):
            (home[end] / "hosts").mkdir(parents=True)
            (home[end] / "tinc.conf").write_text(
                f"Name = {NAMES[end]}\nDevice = /dev/net/tun\nInterface = tinc0\n"
                + ("" if end else f"ConnectTo = {NAMES[1]}\n"))
            (home[end] / "hosts" / NAMES[end]).write_text(
                f"Address = {UNDERLAY[end]}\nSubnet = {OVERLAY[end]}/32\n")
            run(self.program("tincd"), "-c", home[end], "-K", "2048", input="\n\n")
        for end in (1, 0):
            shutil.copy(home[1 - end] / "hosts" / NAMES[1 - end], home[end] / "hosts")
            self.spawn(end, self.program("tincd"), "-c", home[end], "-D",
                       "--pidfile", home[end] / "pid", "--logfile", home[end] / "log")
            self.interface(end, "tinc0")
        return OVERLAY[1]


class OpenVPN(Tunnel):
    name = "openvpn"
    programs = ["openvpn", "openssl"]

    def start(self, directory):
        self.directory = directory
        files = [(directory / f"{end}.key", directory / f"{end}.crt") for end in range(2)]
        for (key, certificate), name in zip(files, NAMES):
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", key, "-out", certificate)
        prints = [run("openssl", "x509", "-in", certificate, "-noout", "-fingerprint",
                      "-sha256").split("=")[1].strip() for _, certificate in files]
        for end, (key, certificate) in enumerate(files):
            role = ["--tls-client"] if end == 0 else ["--tls-server", "--dh", "none"]
            self.spawn(end, self.program("openvpn"), "--dev", "ovpn0", "--dev-type", "tun",
                       "--proto", "udp", "--remote", UNDERLAY[1 - end],
                       "--ifconfig", OVERLAY[end], OVERLAY[1 - end],
                       "--key", key, "--cert", certificate, "--peer-fingerprint", prints[1 - end],
                       "--data-ciphers", "AES-256-GCM", "--disable-dco", *role)
        return OVERLAY[1]


class Yggdrasil(Tunnel):
    name = "yggdrasil"
    programs = ["yggdrasil"]
    mtu = 65535

    def start(self, directory):
        self.directory = directory
        program = self.program("yggdrasil")
        addresses = []
        for end in range(2):
            config = json.loads(run(program, "-genconf", "-json"))
            config.update(
                IfName="ygg0", IfMTU=self.mtu, AdminListen="none", MulticastInterfaces=[],
                Listen=[f"tcp://{UNDERLAY[1]}:9001"] if end else [],
                Peers=[] if end else [f"tcp://{UNDERLAY[1]}:9001"])
            path = directory / f"ygg-{end}.json"
            path.write_text(json.dumps(config))
            addresses.append(run(program, "-useconffile", path, "-address").strip())
        for end in (1, 0):
            self.spawn(end, program, "-useconffile", directory / f"ygg-{end}.json")
            # The first dial has to succeed: the second comes many seconds later.
            until("yggdrasil listens", lambda: ":9001 " in at(1, "ss", "-Hltn"))
        return addresses[1]


KINDS = [WireGuard, Nebula, Tinc, OpenVPN, Yggdrasil]
