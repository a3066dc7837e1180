"""Runs operations of the test schema over HTTP and event streams, with Python's gql and httpx-sse.

Usage: sse_client.py BASE-URL

Prints one JSON value a line: the results of a query and a mutation by gql over HTTP (the schema is fetched by
introspection first), the events of a query by POST and of a subscription by GET, and how many sources are alive while
a silent subscription is open and after it was left.
"""

import json
import sys
import time

import httpx
from gql import Client, gql
from gql.transport.httpx import HTTPXTransport
from httpx_sse import connect_sse


def say(value):
    print(json.dumps(value), flush=True)


def watch(http, method, url, **request):
    with connect_sse(http, method, url, **request) as source:
        for event in source.iter_sse():
            say([event.event, event.data])


def await_active(http, base, count):
    """Returns how many silent sources are alive, as soon as it is so many, or after ten seconds."""
    for _ in range(200):
        answer = http.post(base + "/graphql", json={"query": '{ active(key: "python") }'})
        active = answer.json()["data"]["active"]
        if active == count:
            break
        time.sleep(0.05)
    return active


def main(base):
    client = Client(transport=HTTPXTransport(url=base + "/graphql", timeout=20), fetch_schema_from_transport=True)
    with client as session:
        say(session.execute(gql("{ hello }")))
        say(session.execute(gql("mutation { increment }")))
    stream = base + "/graphql/stream"
    with httpx.Client(timeout=20) as http:
        watch(http, "POST", stream, json={"query": "{ echo(s: \"a\\nb\u2028é\") }"})
        watch(http, "GET", stream, params={"query": "subscription($n: Int!) { count(to: $n, ms: 10) }", "variables": '{"n":2}'})
        with connect_sse(http, "GET", stream, params={"query": 'subscription { silent(key: "python") }'}):
            say(await_active(http, base, 1))
        say(await_active(http, base, 0))


if __name__ == "__main__":
    main(sys.argv[1])
