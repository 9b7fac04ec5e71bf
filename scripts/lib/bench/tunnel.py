"""What is measured: a tunnel starts a daemon at each end and tells the address of the far end."""
import os, shutil, subprocess

from .lab import NAMES, UNDERLAY, inside, namespace, run, until

OVERLAY = ("10.79.0.1", "10.79.0.2")


class Tunnel:
    """The bare wire, and the base of the others."""

    name = "none"
    programs = []
    mtu = 1500

    def __init__(self, paths={}, suffix=""):
        """Programs are taken from `paths`, else from PATH."""
        self.paths = paths
        self.name += suffix
        self.daemons = []

    def program(self, name):
        return self.paths.get(name) or shutil.which(name)

    def missing(self):
        """Why it cannot be measured here; "" where it can."""
        absent = [p for p in self.programs if not self.program(p)]
        return f"no {', '.join(absent)}" if absent else ""

    def start(self, directory):
        """Starts both ends, with files below `directory`; returns the address of end b inside."""
        return UNDERLAY[1]

    def facts(self):
        """One line on what was really measured, asked once packets pass; "" where none is known."""
        return ""

    def spawn(self, end, *command, environment={}):
        with open(self.log(end), "wb") as log:
            self.daemons.append(subprocess.Popen(
                inside(end, "env", *[f"{k}={v}" for k, v in environment.items()], *command),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def log(self, end):
        return self.directory / f"{NAMES[end]}.log"

    def pids(self):
        return [d.pid for d in self.daemons]

    def stop(self):
        for daemon in self.daemons:
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons = []

    def interface(self, end, name, mtu=None):
        """Gives an interface that a daemon has made its address."""
        link = ["ip", "-n", namespace(end), "link"]
        until(f"{name} is there", lambda: run(*link, "show", "dev", name, check=False))
        run("ip", "-n", namespace(end), "address", "replace", f"{OVERLAY[end]}/24", "dev", name)
        run(*link, "set", "dev", name, *(["mtu", mtu] if mtu else []), "up")

    def version(self):
        """The first line that the program says of itself."""
        for program in self.programs[:1]:
            for option in ("--version", "-version"):
                done = subprocess.run(
                    [self.program(program), option], capture_output=True, text=True)
                lines = (done.stdout or done.stderr).strip().splitlines()
                if lines and done.returncode == 0:
                    return lines[0][:120]
        return ""
