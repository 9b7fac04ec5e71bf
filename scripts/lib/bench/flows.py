"""Short flows, for a soak: `flows.py serve PORT` at one end, `flows.py open ADDRESS PORT SECONDS` at the other.

Each flow is new: a TCP connection that fetches up to 100 kB, then a UDP exchange from a fresh port.
Prints how many were opened and how many failed, as JSON.
"""
import json, random, socket, socketserver, sys, threading, time

RATE = 25  # of each kind, a second
PATIENCE = 5  # seconds


class Fetched(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(bytes(int(self.rfile.readline())))


class Echoed(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read())


def serve(port):
    class Streams(socketserver.ThreadingTCPServer):
        address_family, allow_reuse_address, daemon_threads = socket.AF_INET6, True, True

    class Datagrams(socketserver.UDPServer):
        address_family = socket.AF_INET6

    threading.Thread(target=Datagrams(("::", port), Echoed).serve_forever, daemon=True).start()
    Streams(("::", port), Fetched).serve_forever()


def fetch(address, port, size):
    with socket.create_connection((address, port), PATIENCE) as stream:
        stream.sendall(b"%d\n" % size)
        got = 0
        while data := stream.recv(65536):
            got += len(data)
    return got == size


def echo(address, port, size):
    family = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0][0]
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(PATIENCE)
        datagrams.sendto(bytes(size), (address, port))
        return len(datagrams.recv(65536)) == size


def open_flows(address, port, seconds):
    counts = {"opened": 0, "failed": 0}
    lock = threading.Lock()

    def one(exchange, size):
        try:
            good = exchange(address, port, size)
        except OSError:
            good = False
        with lock:
            counts["opened"] += 1
            counts["failed"] += not good

    end = time.monotonic() + seconds
    threads = []
    while time.monotonic() < end:
        for exchange, limit in ((fetch, 100_000), (echo, 1000)):
            threads.append(threading.Thread(target=one, args=(exchange, random.randint(1, limit))))
            threads[-1].start()
        threads = [t for t in threads if t.is_alive()]
        time.sleep(1 / RATE)
    for thread in threads:
        thread.join()
    print(json.dumps(counts))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        open_flows(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
