"""A small Ariadne app: one room of messages, and the fixture fields that cost a line each."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

from ariadne import MutationType, QueryType, SubscriptionType, make_executable_schema
from ariadne.asgi import GraphQL
from ariadne.asgi.handlers import GraphQLTransportWSHandler
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

rooms: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
query, mutation, subscription = QueryType(), MutationType(), SubscriptionType()


@query.field("hello")
def resolve_hello(*_: object) -> str:
    return "world"


@query.field("echo")
def resolve_echo(*_: object, s: str) -> str:
    return s


@mutation.field("publish")
def resolve_publish(*_: object, name: str, value: str) -> int:
    for queue in rooms[name]:
        queue.put_nowait(value)
    return len(rooms[name])


@subscription.source("topic")
async def topic_source(*_: object, name: str) -> AsyncGenerator[str, None]:
    queue: asyncio.Queue[str] = asyncio.Queue()
    rooms[name].add(queue)
    try:
        while True:
            yield await queue.get()
    finally:
        rooms[name].discard(queue)


@subscription.field("topic")
def resolve_topic(value: str, *_: object, name: str) -> str:
    return value


schema = make_executable_schema(
    """
    type Query { hello: String! echo(s: String!): String! }
    type Mutation { publish(name: String!, value: String!): Int! }
    type Subscription { topic(name: String!): String! }
    """,
    query,
    mutation,
    subscription,
)
graphql = GraphQL(schema, websocket_handler=GraphQLTransportWSHandler())


async def health(_: object) -> PlainTextResponse:
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/graphql", graphql.handle_request, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", graphql.handle_websocket),
    ]
)
