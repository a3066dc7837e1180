"""The fixture's `topic` subscription on Strawberry: what `Benchmarks/realtime.sh` measures the server beside.

Written as one would for many subscribers: one Redis connection listens for the whole process, and a topic is
subscribed once however many clients want it; each client has a queue of its own.
"""
import asyncio
import os
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import AsyncGenerator

import redis.asyncio as redis
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.responses import PlainTextResponse
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

PREFIX = os.environ.get("PREFIX", "public:topic:")


class Topics:
    def __init__(self) -> None:
        self.link = redis.Redis(port=int(os.environ["REDIS_PORT"]), decode_responses=True)
        self.pubsub = self.link.pubsub(ignore_subscribe_messages=True)
        self.queues: dict[str, set[asyncio.Queue]] = defaultdict(set)

    async def run(self) -> None:
        await self.pubsub.subscribe("keep")
        async for message in self.pubsub.listen():
            for queue in self.queues.get(message["channel"], ()):
                queue.put_nowait(message["data"])

    async def listen(self, name: str) -> AsyncGenerator[str, None]:
        channel, queue = PREFIX + name, asyncio.Queue()
        is_first = not self.queues[channel]
        self.queues[channel].add(queue)
        if is_first:
            await self.pubsub.subscribe(channel)
        try:
            while True:
                yield await queue.get()
        finally:
            self.queues[channel].discard(queue)
            if not self.queues[channel]:
                del self.queues[channel]
                await self.pubsub.unsubscribe(channel)


topics: Topics


@strawberry.type
class Query:
    hello: str = "world"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def topic(self, name: str) -> AsyncGenerator[str, None]:
        async for value in topics.listen(name):
            yield value


@asynccontextmanager
async def lifespan(_: Starlette):
    global topics
    topics = Topics()
    task = asyncio.create_task(topics.run())
    yield
    task.cancel()


endpoint = GraphQL(
    strawberry.Schema(query=Query, subscription=Subscription),
    subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
)
app = Starlette(
    routes=[
        Route("/health/ready", lambda request: PlainTextResponse("ready")),
        Route("/graphql", endpoint),
        WebSocketRoute("/graphql", endpoint),
    ],
    lifespan=lifespan,
)
