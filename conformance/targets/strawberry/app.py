"""A small Strawberry app on FastAPI: one room of messages, and the fixture fields that cost a line each."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator

import strawberry
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter

rooms: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def echo(self, s: str) -> str:
        return s


@strawberry.type
class Mutation:
    @strawberry.mutation
    def publish(self, name: str, value: str) -> int:
        for queue in rooms[name]:
            queue.put_nowait(value)
        return len(rooms[name])


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def topic(self, name: str) -> AsyncGenerator[str, None]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        rooms[name].add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            rooms[name].discard(queue)


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
app = FastAPI()
app.include_router(GraphQLRouter(schema), prefix="/graphql")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
