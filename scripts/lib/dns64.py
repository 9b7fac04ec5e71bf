"""A name server that makes IPv6 addresses of IPv4 ones (RFC 6147), for labs.

Usage: dns64.py ADDRESS PREFIX

It knows ipv4only.arpa (RFC 7050) and names such as 203-0-113-7.lab, which have the IPv4 address that
they spell. PREFIX has 96 bits. Returns once it listens at ADDRESS, and goes on in the background.
"""

import ipaddress
import os
import socket
import struct
import sys

A, AAAA = 1, 28
OK, NO_SUCH_NAME = 0, 3
TTL = 60


def addresses(name):
    """The IPv4 addresses of a name; none where it does not exist."""
    if name == "ipv4only.arpa":
        return [ipaddress.IPv4Address("192.0.0.170"), ipaddress.IPv4Address("192.0.0.171")]
    host, _, zone = name.partition(".")
    try:
        return [ipaddress.IPv4Address(host.replace("-", "."))] if zone == "lab" else []
    except ValueError:
        return []


def question(query):
    """The name and type that a query of one question asks for, and where the question ends."""
    labels, place = [], 12
    while query[place]:
        labels.append(query[place + 1 : place + 1 + query[place]].decode("ascii").lower())
        place += 1 + query[place]
    (kind,) = struct.unpack_from("!H", query, place + 1)
    return ".".join(labels), kind, place + 5


def answer(query, prefix):
    name, kind, end = question(query)
    found = addresses(name)
    if kind == AAAA:
        records = [(prefix + int(address)).packed for address in found]
    else:
        records = [address.packed for address in found if kind == A]
    flags = 0x8180 | (OK if found else NO_SUCH_NAME)
    header = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
    # Each record's name is a pointer to that of the question.
    body = b"".join(
        struct.pack("!HHHIH", 0xC00C, kind, 1, TTL, len(data)) + data for data in records
    )
    return header + query[12:end] + body


def main(address, prefix):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind((address, 53))
    if os.fork():
        return
    os.setsid()
    while True:
        query, source = server.recvfrom(512)
        try:
            server.sendto(answer(query, prefix), source)
        except (IndexError, struct.error, UnicodeDecodeError):
            pass


main(sys.argv[1], ipaddress.IPv6Network(sys.argv[2]).network_address)
