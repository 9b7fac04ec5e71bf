"""Every kind of network twice, side a and side b, around one internet: the sites of the matrix."""
from dataclasses import dataclass

KINDS = {
    "public": "public",
    "full-cone": "full cone",
    "restricted": "address-restricted",
    "cone": "port-restricted",
    "symmetric": "symmetric",
    "cgnat": "CGNAT",
    "firewall": "firewall",
    "blocked": "UDP blocked",
    "lan": "same LAN",
}
# Public, with two addresses for its STUN service, and with a port that blocked networks let out.
INTRODUCER = ("5.1.0.1", "6.1.0.1")
INTRODUCING = f"""public = true
https_port = 443
stun_addresses = ["{INTRODUCER[0]}", "{INTRODUCER[1]}"]
"""


@dataclass(frozen=True)
class Site:
    kind: str
    side: str

    @property
    def host(self):
        return f"{self.kind}-{self.side}"

    def steps(self, number):
        """What builds it (scripts/lib/lab.sh). Each network has a /16 of its own, as unrelated ones do."""
        outside, inside, router = f"5.{number}.0.1", f"192.168.{number}", f"r-{self.host}"
        match self.kind:
            case "public":
                return [f"host {self.host} {outside}"]
            case "firewall":
                return [f"router {router} firewall {outside} 5.{number}.1",
                        f"inside {self.host} {router} 5.{number}.1.2"]
            case "cgnat":
                return [f"router c-{self.host} cone {outside} 100.64.{number}",
                        f"router {router} cone 100.64.{number}.2 {inside} c-{self.host}",
                        f"inside {self.host} {router} {inside}.2"]
            case "lan" if self.side == "b":
                # Behind the router of side a, which was made before.
                return [f"inside {self.host} r-lan-a 192.168.{number - 1}.3"]
            case "lan":
                type = "cone"
            case type:
                pass
        return [f"router {router} {type} {outside} {inside}",
                f"inside {self.host} {router} {inside}.2"]


def all_sites(kinds=KINDS):
    """The sites, and the steps that make them and the introducer."""
    sites = [Site(kind, side) for kind in kinds for side in "ab"]
    steps = [f"host introducer {' '.join(INTRODUCER)}"]
    for number, site in enumerate(sites, start=10):
        steps += site.steps(number)
    return sites, steps


def all_pairs(kinds=KINDS):
    """Each kind with each, once."""
    kinds = list(kinds)
    return [(Site(a, "a"), Site(b, "b")) for i, a in enumerate(kinds) for b in kinds[i:]]
