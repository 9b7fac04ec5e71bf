"""A lab of network namespaces (scripts/lib/lab.sh) with daemons in it, for scripts that measure."""
import contextlib, os, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def until(what, condition, seconds=30, every=0.01):
    """The condition's first true value; the deadline only detects a hang."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {seconds} s still not: {what}")
        time.sleep(every)
    return value


class Lab:
    """Used as a context: whatever was made in it is removed with it."""

    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.prefix = f"ipv8s-{os.getpid()}"

    def __enter__(self):
        if os.geteuid() != 0:
            sys.exit("needs root for network namespaces")
        # So that namespaces and daemons are removed after that too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
        self.directory = Path(tempfile.mkdtemp(prefix="ipv8-lab-"))
        self.directory.chmod(0o755)
        self.children = []
        self.steps("begin")
        return self

    def __exit__(self, *_):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self.steps("end")
        shutil.rmtree(self.directory, ignore_errors=True)

    def steps(self, *lines):
        """Steps of scripts/lib/lab.sh, such as "host ada 203.0.113.1", by one shell."""
        script = "\n".join(["set -euo pipefail", f"source {ROOT}/scripts/lib/common.sh",
                            f"source {ROOT}/scripts/lib/lab.sh", "ensure_user",
                            *(f"lab_{line}" for line in lines)])
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                              env=os.environ | {"LAB_PREFIX": self.prefix})
        if done.returncode != 0:
            raise RuntimeError(f"{'; '.join(lines)[:200]}: {done.stderr}")

    def namespace(self, host):
        return f"{self.prefix}-{host}"

    def inside(self, host, *command):
        return ["ip", "netns", "exec", self.namespace(host), *map(str, command)]

    def run(self, host, *command, check=True, **options):
        """A command to its end, and what it said."""
        done = subprocess.run(
            self.inside(host, *command), text=True, capture_output=True, **options)
        if check and done.returncode != 0:
            raise RuntimeError(
                f"{' '.join(map(str, command))} on {host}: {done.stderr or done.stdout}")
        return done.stdout

    def start(self, host, *command, **options):
        """A command that runs until it or the lab ends."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | options
        child = subprocess.Popen(self.inside(host, *command), **options)
        self.children.append(child)
        return child


@contextlib.contextmanager
def timed(name):
    begun = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
