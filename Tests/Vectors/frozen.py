#!/usr/bin/env python3
"""Writes data/frozen.json: overlay addresses, aliases, signed binding and relation records.

An implementation of docs/protocol of its own, Python's standard library only (Ed25519 after
RFC 8032 section 5.1 in the slow way), so that the product's tests have an independent witness.
"""
import hashlib
import ipaddress
import json
import pathlib
import struct

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x if x % 2 == 0 else P - x, y)


B = base_point()


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    return a, h[32:]


def public_key(seed):
    return encode(times(expand(seed)[0], B))


def sign(seed, message):
    a, prefix = expand(seed)
    public = encode(times(a, B))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = encode(times(r, B))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % L
    return point + ((r + k * a) % L).to_bytes(32, "little")


def overlay_tail(perm_id):
    return hashlib.blake2b(perm_id, digest_size=32, person=b"ipv8-addr-v1\0\0\0\0").digest()[:14]


def overlay(perm_id):
    return str(ipaddress.IPv6Address(b"\xfd\xe8" + overlay_tail(perm_id)))


def alias(perm_id, index, network):
    net = ipaddress.IPv4Network(network)
    bits = 32 - net.prefixlen
    digest = hashlib.blake2b(b"ipv8-v4" + perm_id + struct.pack(">I", index), digest_size=32)
    host = int.from_bytes(digest.digest()[:4], "big") >> (32 - bits)
    address = net.network_address + host
    taken = ipaddress.IPv4Network("100.115.92.0/23")
    if host in (0, 2**bits - 1) or address in taken:
        return None
    return str(address)


def binding(seed, flags, v4, v6, timestamp, lifetime, nat, rendezvous, name):
    body = bytes([1, flags | (8 if v6 else 0) | (16 if name else 0)]) + public_key(seed)
    body += ipaddress.IPv4Address(v4[0]).packed + struct.pack(">H", v4[1]) if v4 else bytes(6)
    if v6:
        body += ipaddress.IPv6Address(v6[0]).packed + struct.pack(">H", v6[1])
    body += struct.pack(">QIBB", timestamp, lifetime, nat, len(rendezvous))
    body += b"".join(rendezvous)
    if name:
        body += bytes([len(name.encode())]) + name.encode()
    return body + sign(seed, b"ipv8-binding-v1\0" + body)


def relation(seed, other, flags, kind, timestamp, strength):
    body = bytes([2, flags]) + public_key(seed) + public_key(other)
    body += struct.pack(">HQq", kind, timestamp, strength)
    tagged = b"ipv8-relation-v1" + body
    return body + sign(seed, tagged) + (sign(other, tagged) if flags & 1 else b"")


def main():
    seeds = [hashlib.sha256(b"ipv8 frozen %d" % i).digest() for i in range(8)]
    keys = [public_key(s) for s in seeds]
    networks = ["100.64.0.0/10", "10.0.0.0/8", "192.168.128.0/28", "100.115.92.0/22"]
    records = [
        binding(seeds[0], 0, ("203.0.113.7", 41641), None, 1700000000000, 86400, 0, [], None),
        binding(seeds[1], 2, None, ("2001:db8::8", 9), 1700000000001, 60, 0xa5, [], "ana"),
        binding(seeds[2], 4, ("198.18.0.1", 1), ("2001:db8::1", 65535), 1700000000002, 86400, 1,
                [overlay_tail(k) for k in keys[:3]], "\u00e5" * 16),
        binding(seeds[3], 1, None, None, 1700000000003, 0, 0, [overlay_tail(keys[7])], None),
    ]
    relations = [
        relation(seeds[0], seeds[1], 0, 3, 1700000000000, 800000),
        relation(seeds[0], seeds[1], 0, 3, 1700000000000, -1000000),
        relation(seeds[1], seeds[2], 1, 0, 1700000000001, 2**62 + 1),
        relation(seeds[2], seeds[3], 0, 0xffff, 1700000000002, 0),
    ]
    frozen = {
        "peers": [{"seed": s.hex(), "permID": k.hex(), "overlay": overlay(k)}
                  for s, k in zip(seeds, keys)],
        "aliases": [{"permID": k.hex(), "range": n, "index": i, "alias": alias(k, i, n)}
                    for k in keys for n in networks for i in range(6)],
        "bindings": [r.hex() for r in records],
        "relations": [r.hex() for r in relations],
    }
    path = pathlib.Path(__file__).parent / "data" / "frozen.json"
    path.write_text(json.dumps(frozen, indent=1) + "\n")


main()
