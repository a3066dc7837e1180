"""Watches a customer's network status with Python's gql over a WebSocket.

Usage: gql_client.py URL CUSTOMER COUNT SUBPROTOCOL

Prints one JSON value a line: the subprotocol that was agreed on, the result of each of COUNT events, "completed" once
the subscription was completed by the client, and the result of a query on the same connection. Then it waits for the
end of its input and closes. The schema is fetched by introspection first, and every document is validated against it.
"""

import asyncio
import json
import sys

from gql import Client, GraphQLRequest
from gql.transport.websockets import WebsocketsTransport

SUBSCRIPTION = """
subscription Watch($id: ID!) {
  customerNetworkStatusUpdated(customerId: $id) { customerId connectionStatus signalStrength ipv4Address }
}
"""
QUERY = "query Latest($id: ID!) { customer(id: $id) { id networkStatus { connectionStatus } } }"


def say(value):
    print(json.dumps(value), flush=True)


async def main(url, customer, count, subprotocol):
    transport = WebsocketsTransport(
        url=url, subprotocols=[subprotocol], connect_timeout=10, ack_timeout=10)
    async with Client(transport=transport, fetch_schema_from_transport=True, execute_timeout=10) as session:
        say(transport.response_headers["Sec-WebSocket-Protocol"])
        events = session.subscribe(GraphQLRequest(SUBSCRIPTION, variable_values={"id": customer}))
        try:
            async for event in events:
                say(event)
                count -= 1
                if count == 0:
                    break
        finally:
            await events.aclose()
        say("completed")
        say(await session.execute(GraphQLRequest(QUERY, variable_values={"id": customer})))
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
