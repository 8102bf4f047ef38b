"""What runs in the pods while ways to a backend are compared: the backend, and the client that measures.

    peer.py CPU PRIORITY serve PORT
    peer.py CPU PRIORITY measure ADDRESS PORT PINGS CONNECTIONS BURSTS

Blocking sockets, one connection at a time. The first message of a connection says by its first byte what the connection is
for. Whoever answers a connection that is for one exchange ends it, so that the caller never runs out of ports.
"""

import gc
import json
import os
import socket
import sys
import time

MESSAGE = 64
PINGS, ONCE, STREAM = b"p", b"o", b"s"

WRITE = 64 * 1024
# The backend answers each burst, and the client waits for that: bytes that pass by TCP are held back by nobody else.
BURST = 128 * WRITE

# Exchanges that are not counted: what is new to a connection is over then.
WARM = 100


def main(args):
    settle(int(args.pop(0)), int(args.pop(0)))
    if args[0] == "serve":
        serve(int(args[1]))
    else:
        address = (args[1], int(args[2]))
        pings, connections, bursts = map(int, args[3:])
        print(json.dumps(measure(address, pings, connections, bursts)))


def settle(cpu, priority):
    gc.disable()
    os.sched_setaffinity(0, {cpu})
    os.setpriority(os.PRIO_PROCESS, 0, priority)
    # Where the kernel weighs sessions, priorities count only within one.
    if os.path.exists("/proc/self/autogroup"):
        with open("/proc/self/autogroup", "w") as file:
            file.write(str(priority))


def serve(port):
    listener = socket.create_server(("0.0.0.0", port), backlog=128)
    buffer = bytearray(4 * WRITE)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                answer(connection, buffer)
            except ConnectionError:
                pass


def answer(connection, buffer):
    first = receive(connection, MESSAGE)
    connection.sendall(first)
    if first[:1] == PINGS:
        while message := connection.recv(MESSAGE):
            connection.sendall(message)
    elif first[:1] == STREAM:
        got = 0
        while count := connection.recv_into(buffer):
            got += count
            if got == BURST:
                connection.sendall(first[:1])
                got = 0


def measure(address, pings, connections, bursts):
    times = ping(address, pings)
    return {
        "p50Us": times[len(times) // 2] / 1000,
        "p99Us": times[len(times) * 99 // 100] / 1000,
        "connectionsPerSecond": connections / connect(address, connections),
        # Bits in a nanosecond.
        "gbitPerSecond": 8 * bursts * BURST / stream(address, bursts),
        "opened": connections + 2,
    }


def ping(address, count):
    """How long each exchange on one connection took, in nanoseconds, sorted."""
    times = []
    message = bytes(MESSAGE)
    with dial(address, PINGS) as connection:
        for _ in range(WARM + count):
            start = time.perf_counter_ns()
            connection.sendall(message)
            receive(connection, MESSAGE)
            times.append(time.perf_counter_ns() - start)
    return sorted(times[WARM:])


def connect(address, count):
    """How long it took to open so many connections one after the other, with one exchange on each, in seconds."""
    start = time.perf_counter_ns()
    for _ in range(count):
        with dial(address, ONCE) as connection:
            if connection.recv(1):
                raise ConnectionError("expected the end of the connection")
    return (time.perf_counter_ns() - start) / 1e9


def stream(address, bursts):
    """How long it took until so many bursts had arrived, in nanoseconds."""
    with dial(address, STREAM) as connection:
        burst(connection)
        start = time.perf_counter_ns()
        for _ in range(bursts):
            burst(connection)
        return time.perf_counter_ns() - start


def burst(connection, chunk=bytes(WRITE)):
    for _ in range(BURST // WRITE):
        connection.sendall(chunk)
    receive(connection, 1)


def dial(address, use):
    """A connection with its first exchange done."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.connect(address)
    connection.sendall(use.ljust(MESSAGE))
    receive(connection, MESSAGE)
    return connection


def receive(connection, count):
    """Exactly so many bytes."""
    data = connection.recv(count)
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("the connection ended early")
        data += more
    return data


if __name__ == "__main__":
    main(sys.argv[1:])
