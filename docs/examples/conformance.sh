#!/usr/bin/env bash
# Any other CI: starts the server, judges it, ends it. Needs gqlconform on PATH (`make dist` packs it) and curl.
set -euo pipefail
./my-server --port 4000 &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
curl --silent --show-error --fail --retry 30 --retry-connrefused --retry-delay 1 --output health.txt http://127.0.0.1:4000/health

# 0 good, 1 a requirement is broken, 2 undecided, 3 the server or its environment failed.
gqlconform run --profile conformance/my-server.yaml --url http://127.0.0.1:4000/graphql --out report
