"""The tasks of graphql-bench on graphql-core. Usage: python3 graphql-core.py FOLDER"""

import json
import sys
from pathlib import Path
from time import perf_counter_ns

from graphql import build_schema, execute_sync, parse, validate

folder = Path(sys.argv[1])
schema = build_schema((folder / "schema.graphql").read_text())
text = (folder / "operation.graphql").read_text()
event_text = (folder / "event.json").read_text()
event = json.loads(event_text)
document = parse(text)
variables = {"customerId": "42"}


def run(value):
    result = execute_sync(
        schema, document, {"customerNetworkStatusUpdated": value}, variable_values=variables
    )
    return json.dumps(result.formatted, separators=(",", ":")).encode()


tasks = {
    "prepare": lambda: validate(schema, parse(text)),
    "event": lambda: run(event),
    "event-from-text": lambda: run(json.loads(event_text)),
}
for name, task in tasks.items():
    best = float("inf")
    for _ in range(7):
        count = 0
        start = perf_counter_ns()
        time = 0
        while time < 2e8:
            for _ in range(10):
                task()
            count += 10
            time = perf_counter_ns() - start
        best = min(best, time / 1e3 / count)
    print(f"{name}\t{best:.2f}")
