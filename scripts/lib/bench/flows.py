"""Short flows, for a soak: `flows.py serve PORT` at one end, `flows.py open ADDRESS PORT SECONDS` at the other.

Each flow is new: a TCP connection that fetches up to 100 kB, and a UDP exchange from a fresh port, which
asks again where nothing comes back, as every program must that uses UDP. Prints how many there were, how
often it was asked again, and how many failed, as JSON.
"""
import collections, json, random, socket, socketserver, sys, threading, time

RATE = 25  # of each kind, a second
PATIENCE = 5  # seconds, of a fetch between two arrivals
RETRY = 1  # seconds
ATTEMPTS = 5


class Fetched(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(bytes(int(self.rfile.readline())))


class Echoed(socketserver.DatagramRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read())


def serve(port):
    class Streams(socketserver.ThreadingTCPServer):
        address_family, allow_reuse_address, daemon_threads = socket.AF_INET6, True, True
        request_queue_size = 128

    class Datagrams(socketserver.UDPServer):
        address_family = socket.AF_INET6

    threading.Thread(target=Datagrams(("::", port), Echoed).serve_forever, daemon=True).start()
    Streams(("::", port), Fetched).serve_forever()


def fetch(address, port, size, count):
    with socket.create_connection((address, port), PATIENCE) as stream:
        stream.sendall(b"%d\n" % size)
        got = 0
        while data := stream.recv(65536):
            got += len(data)
    return got == size


def exchange(address, port, size, count):
    family = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0][0]
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(RETRY)
        for attempt in range(ATTEMPTS):
            if attempt > 0:
                count("exchanges_repeated")
            datagrams.sendto(bytes(size), (address, port))
            try:
                return len(datagrams.recv(65536)) == size
            except TimeoutError:
                pass
    return False


KINDS = {"fetches": (fetch, 100_000), "exchanges": (exchange, 1000)}


def open_flows(address, port, seconds):
    counts, lock = collections.Counter(), threading.Lock()

    def count(name):
        with lock:
            counts[name] += 1

    def one(kind):
        flow, limit = KINDS[kind]
        count(kind)
        try:
            good = flow(address, port, random.randint(1, limit), count)
        except OSError:
            good = False
        if not good:
            count(f"{kind}_failed")

    end = time.monotonic() + seconds
    threads = []
    while time.monotonic() < end:
        for kind in KINDS:
            threads.append(threading.Thread(target=one, args=(kind,)))
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
