"""Two network namespaces joined by a veth, and commands inside them."""
import contextlib, os, signal, subprocess, time

PREFIX = f"bench-{os.getpid()}"
NAMES = ("a", "b")
UNDERLAY = ("10.78.0.1", "10.78.0.2")
# What `ethtool -K` sets at both ends, in pairs. Checksums stay offloaded: every NIC does that.
WIRES = {
    "veth": "",
    "nic": "tso off gso off tx-udp-segmentation off gro on",
    "wire": "tso off gso off tx-udp-segmentation off gro off",
}
# What goes wrong with somebody else's program, or with the machine: it is reported, and the run goes on.
FAILURES = (RuntimeError, OSError, LookupError, ValueError, TypeError)


def run(*command, check=True, **options):
    done = subprocess.run(
        [str(c) for c in command], text=True, capture_output=True, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr or done.stdout}")
    return done.stdout


def namespace(end):
    return f"{PREFIX}-{NAMES[end]}"


def inside(end, *command):
    """`ip netns exec` becomes the command itself, so a process id of it is the command's."""
    return ["ip", "netns", "exec", namespace(end), *map(str, command)]


def at(end, *command, **options):
    return run(*inside(end, *command), **options)


def until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {seconds} s still not: {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def wire(kind):
    """The two namespaces with `eth0` between them; ends what runs inside and removes them."""
    features = WIRES[kind].split()
    try:
        for end in range(2):
            run("ip", "netns", "add", namespace(end))
            run("ip", "-n", namespace(end), "link", "set", "dev", "lo", "up")
        run("ip", "link", "add", "dev", "eth0", "netns", namespace(0), "type", "veth",
            "peer", "name", "eth0", "netns", namespace(1))
        for end in range(2):
            at(end, "sysctl", "-q", "-w", "net.ipv6.conf.default.accept_dad=0")
            run("ip", "-n", namespace(end), "address", "add", f"{UNDERLAY[end]}/24", "dev", "eth0")
            run("ip", "-n", namespace(end), "link", "set", "dev", "eth0", "up")
            for feature, state in zip(features[::2], features[1::2]):
                at(end, "ethtool", "-K", "eth0", feature, state)
        yield
    finally:
        for end in range(2):
            for pid in run("ip", "netns", "pids", namespace(end), check=False).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "delete", namespace(end), check=False)
