"""Publishes a network status with redis-py, in the JSON that services in Python write. Prints the number of receivers."""

import json
import sys
from datetime import datetime, timezone
from decimal import Decimal
from uuid import UUID

import redis


def plain(value):
    """What JSON has no form for: times, decimal numbers and UUIDs become strings."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    raise TypeError(f"cannot serialise {type(value)}")


def main():
    port, customer = int(sys.argv[1]), sys.argv[2]
    message = {
        "customer_id": customer,
        "connection_status": "online",
        "signal_strength": 85,
        "uptime_percentage": Decimal("99.98"),
        "session_id": UUID(int=7),
        "updated_at": datetime.now(timezone.utc),
    }
    link = redis.Redis(host="127.0.0.1", port=port)
    print(link.publish(f"customer:{customer}:network_status", json.dumps(message, default=plain)))


main()
