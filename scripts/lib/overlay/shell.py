"""Real sshd processes on the hosts of a lab, with one host key and one user key for all."""
import filecmp, hashlib, os, subprocess

from .lab import until


class SecureShells:
    def __init__(self, lab, hosts):
        self.lab, directory = lab, lab.directory / "ssh"
        self.directory = directory
        directory.mkdir()
        os.makedirs("/run/sshd", exist_ok=True)
        for key in ["host_key", "user_key"]:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory / key],
                           check=True)
        (directory / "known_hosts").write_text("* " + (directory / "host_key.pub").read_text())
        (directory / "config").write_text(
            f"Port 22\nHostKey {directory}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"PasswordAuthentication no\nAuthorizedKeysFile {directory}/user_key.pub\n"
            "Subsystem sftp internal-sftp\n")
        self.payload = os.urandom(200_000)
        for host in hosts:
            lab.start(host, "/usr/sbin/sshd", "-D", "-f", directory / "config",
                      stderr=subprocess.DEVNULL)
        for host in hosts:
            until("sshd listens", lambda: ":22 " in lab.run(host, "ss", "-Hltn"))

    def options(self):
        return ["-F", "none", "-i", self.directory / "user_key", "-o", "BatchMode=yes",
                "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20",
                "-o", f"UserKnownHostsFile={self.directory}/known_hosts"]

    def works(self, near, far):
        """Whether a file arrives by ssh from one node at the other, as it was."""
        done = subprocess.run(
            self.lab.inside(near.host, "ssh", *self.options(), f"root@{far.address}",
                            "ip netns identify; sha256sum"),
            input=self.payload, capture_output=True, timeout=60)
        expected = [self.lab.namespace(far.host), hashlib.sha256(self.payload).hexdigest(), "-"]
        return done.stdout.decode().split() == expected

    def copy(self, near, far):
        return Copy(self, near, far)


class Copy:
    """A file on its way from one node to another by scp, at a rate that makes it last seconds."""

    bytes, kilobits = 12_000_000, 24_000

    def __init__(self, shells, near, far):
        self.sent, self.arrived = shells.directory / "sent", shells.directory / "arrived"
        self.sent.write_bytes(os.urandom(self.bytes))
        self.arrived.unlink(missing_ok=True)
        self.scp = shells.lab.start(
            near.host, "scp", "-q", "-l", self.kilobits, *shells.options(), self.sent,
            f"root@[{far.address}]:{self.arrived}")

    def size(self):
        return self.arrived.stat().st_size if self.arrived.exists() else 0

    def await_progress(self):
        until("the copy is under way", lambda: self.size() > self.bytes // 8)

    def finish(self, seconds=120):
        """Whether the file arrived as it was."""
        return (self.scp.wait(seconds) == 0
                and filecmp.cmp(self.sent, self.arrived, shallow=False))
