"""Streams through the balancer while a server is killed.

Connections spread over both servers. The clients of the one that is killed come again through the balancer and miss only what was
sent until they had subscribed again; those of the other notice nothing. Once it is started, it gets clients again.
"""
import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
import urllib.request

import websockets

TOPIC = f"balancer-{random.randrange(10**9)}"


def docker(*words):
    return subprocess.check_output(["docker", *words], text=True).strip()


def address(container):
    return docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", container).split()[0]


def sockets(container):
    """How many WebSockets a server says that it holds."""
    with urllib.request.urlopen(f"http://{address(container)}:4000/metrics", timeout=5) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("graphql_realtime_live_connections{") and "graphql-transport-ws" in line:
                return int(float(line.split()[-1]))
    return 0


class Publisher:
    """Numbers, one each 20 ms, straight to Redis; remembers when each was sent."""

    def __init__(self, container):
        self.host = address(container)
        self.sent = []

    async def run(self):
        reader, writer = await asyncio.open_connection(self.host, 6379)
        channel = f"public:topic:{TOPIC}".encode()
        while True:
            text = str(len(self.sent)).encode()
            writer.write(b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(channel), channel, len(text), text))
            self.sent.append(time.monotonic())
            await writer.drain()
            await reader.readline()
            await asyncio.sleep(0.02)


class Client:
    """Stays subscribed: comes again, after a short time by chance, whenever it is cut."""

    def __init__(self, url):
        self.url = url
        self.numbers = []
        # Each a pair: when it was cut, and when its first event after that came.
        self.absences = []
        self.lost_at = None
        self.live = asyncio.Event()

    async def run(self):
        while True:
            try:
                await self.connected()
            except (OSError, websockets.exceptions.WebSocketException, asyncio.TimeoutError):
                pass
            if self.lost_at is None and self.live.is_set():
                self.lost_at = time.monotonic()
            await asyncio.sleep(random.uniform(0.05, 0.3))

    async def connected(self):
        async with websockets.connect(
                self.url, subprotocols=["graphql-transport-ws"], open_timeout=5, ping_interval=None, compression=None) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            await asyncio.wait_for(socket.recv(), 5)
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {
                "query": "subscription ($t: String!) { topic(name: $t) }", "variables": {"t": TOPIC}}}))
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "next":
                    self.numbers.append(int(message["payload"]["data"]["topic"]))
                    if self.lost_at is not None:
                        self.absences.append((self.lost_at, time.monotonic()))
                        self.lost_at = None
                    self.live.set()


def fail(text):
    print(f"balancer: {text}", file=sys.stderr)
    sys.exit(1)


def gaps(client):
    """The numbers that a client should have had and had not; ends the program for one that came twice or in disorder."""
    for before, after in zip(client.numbers, client.numbers[1:]):
        if after <= before:
            fail(f"{after} came after {before}")
    have = set(client.numbers)
    return [number for number in range(client.numbers[0], client.numbers[-1]) if number not in have]


async def settled(what, limit=30):
    deadline = time.monotonic() + limit
    while not what():
        if time.monotonic() > deadline:
            fail("the clients were not served within 30 s")
        await asyncio.sleep(0.1)


async def main(options):
    first, second = options.servers
    publisher = Publisher(options.redis)
    tasks = [asyncio.create_task(publisher.run())]
    clients = [Client(f"ws://127.0.0.1:{options.port}/graphql") for _ in range(options.clients)]
    for client in clients:
        tasks.append(asyncio.create_task(client.run()))
        await asyncio.sleep(0.005)
    await settled(lambda: all(client.live.is_set() for client in clients))
    spread = sockets(first), sockets(second)
    if sum(spread) != options.clients or abs(spread[0] - spread[1]) > options.clients // 10:
        fail(f"the connections do not spread: {spread[0]} and {spread[1]}")

    killed = time.monotonic()
    await asyncio.to_thread(docker, "kill", first)
    await asyncio.sleep(0.5)
    await settled(lambda: all(client.lost_at is None for client in clients))
    await asyncio.sleep(1)
    moved = [client for client in clients if client.absences]
    stayed = [client for client in clients if not client.absences]
    if len(moved) != spread[0]:
        fail(f"{len(moved)} clients were cut, but {spread[0]} had been at the server that was killed")
    for client in stayed:
        if gaps(client):
            fail(f"a client of the other server missed {gaps(client)[:5]}")
    longest = 0
    for client in moved:
        (lost, back), *more = client.absences
        if more:
            fail("a client was cut twice")
        longest = max(longest, back - killed)
        for number in gaps(client):
            # What was on its way when the server died is lost as well.
            if not killed - 0.2 <= publisher.sent[number] <= back:
                fail(f"a client missed what was sent {publisher.sent[number] - back:.3f} s after it was back")

    await asyncio.to_thread(docker, "start", first)
    more = []
    deadline = time.monotonic() + 30
    while sockets_or_none(first) in (None, 0):
        if time.monotonic() > deadline:
            fail("the server that was started again gets no clients")
        client = Client(f"ws://127.0.0.1:{options.port}/graphql")
        more.append(client)
        tasks.append(asyncio.create_task(client.run()))
        await asyncio.sleep(0.2)
    if any(len(client.absences) > (1 if client in moved else 0) for client in clients):
        fail("a client was cut when the server came back")
    for task in tasks:
        task.cancel()
    missed = [len(gaps(client)) for client in moved]
    print(f"balancer: {len(clients)} streams, {spread[0]} and {spread[1]}; one server killed: {len(moved)} came again, the last "
          f"{longest:.2f} s after, and missed {min(missed)} to {max(missed)} of {len(publisher.sent)} events, all sent meanwhile; "
          f"{len(stayed)} noticed nothing; the server gets clients again")


def sockets_or_none(container):
    try:
        return sockets(container)
    except (OSError, IndexError):
        return None


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--redis", required=True)
parser.add_argument("--servers", nargs=2, required=True)
parser.add_argument("--clients", type=int, default=200)
asyncio.run(main(parser.parse_args()))
