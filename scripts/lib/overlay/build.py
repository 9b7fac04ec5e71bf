"""The program to measure, where none is given."""
import subprocess, sys

from .lab import ROOT


def built(product="ipv8-tun"):
    """The path of an optimised build of these sources."""
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
    subprocess.run([*build, "--product", product], cwd=ROOT, check=True, stdout=sys.stderr)
    return subprocess.run([*build, "--show-bin-path"], cwd=ROOT, check=True, text=True,
                          capture_output=True).stdout.strip() + f"/{product}"
