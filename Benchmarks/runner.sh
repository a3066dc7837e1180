#!/usr/bin/env bash
# Measures the runner as a client under load: how many subscriptions one process holds, and how many deliveries it checks.
#
# Events go to the server by Redis, and the server shares the processors, so what is seen is what a user of
# `gqlconform lab load` sees. Each delivery is checked for order, duplicates and nonces of other topics; a wrong one, or
# a figure below its bound, ends the script with 1. Options of `gqlconform lab load` may follow.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cd "$folder/.."

command -v redis-server >/dev/null || { echo "runner.sh: redis-server is not installed: make setup" >&2; exit 1; }
if [ -z "${BIN:-}" ]; then
    for product in reference-server gqlconform; do swift build -c release --product "$product" >&2; done
    BIN=$(swift build -c release --show-bin-path)
fi

# load NAME OPTION...: prints the figures of one load as rows of a table.
load() {
    local name=$1
    shift
    "$BIN/gqlconform" lab load --profile "$folder/runner.yaml" "$@" |
        awk -F '\t' -v name="$name" '{ print "| " name " | " $1 " | " $2 " |" }'
}

echo "| load | figure | seen |"
echo "|---|---|---|"
load "15,000 subscriptions of one topic" --subscriptions 15000 --events 70 --burst 10 "$@"
load "1,000 subscriptions of one topic" --subscriptions 1000 --events 3000 --burst 100 "$@"
load "1,000 subscriptions, event by event" --subscriptions 1000 --events 1000 --burst 1 "$@"
load "a topic for each of 2,000 subscriptions" --subscriptions 2000 --topics 2000 --events 50 --burst 5 "$@"
