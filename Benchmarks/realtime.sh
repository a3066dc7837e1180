#!/usr/bin/env bash
# Measures the server under subscribers, beside Strawberry on uvicorn under the same load, and prints a table of ratios.
#
# Both get their events from one Redis, by the same client, which costs less than either; its share of the processor is
# shown. What is not installed is left out. Options of `realtime-load bench` may follow.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cd "$folder/.."

command -v redis-server >/dev/null || { echo "realtime.sh: redis-server is not installed: make setup" >&2; exit 1; }
for product in reference-server realtime-load; do swift build -c release --product "$product" >&2; done
bin=$(swift build -c release --show-bin-path)
out=$(mktemp -d)
started=()
# shellcheck disable=SC2154 # the loop assigns it when the trap runs
trap 'for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done; rm -rf "$out"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ready PORT: waits until /health/ready says so.
ready() {
    for _ in $(seq 100); do
        curl -fs "http://127.0.0.1:$1/health/ready" >/dev/null 2>&1 && return
        sleep 0.1
    done
    echo "realtime.sh: nothing is ready on port $1" >&2
    return 1
}

redis=$(free_port)
redis-server --port "$redis" --bind 127.0.0.1 --save "" --appendonly no >/dev/null &
started+=($!)

port=$(free_port)
"$bin/reference-server" --port "$port" --test-mode --log-level error --redis-url "redis://127.0.0.1:$redis" >/dev/null &
server=$!
started+=("$server")
ready "$port"
"$bin/realtime-load" bench --port "$port" --pid "$server" --redis-port "$redis" "$@" >"$out/ours"
kill "$server"

venv=.build/strawberry
touch "$out/theirs"
if [ -x "$venv/bin/uvicorn" ] || { python3 -m venv "$venv" >&2 && "$venv/bin/pip" install --quiet \
    --disable-pip-version-check --requirement "$folder/strawberry/requirements.txt" >&2; }; then
    port=$(free_port)
    (cd "$folder/strawberry" && REDIS_PORT=$redis exec "$OLDPWD/$venv/bin/uvicorn" app:app --port "$port" --log-level warning) &
    peer=$!
    started+=("$peer")
    ready "$port"
    "$bin/realtime-load" bench --port "$port" --pid "$peer" --redis-port "$redis" --rounds 3 --idle 1000 --connections 1000 "$@" \
        >"$out/theirs" || echo "realtime.sh: the peer did not get through" >&2
else
    echo "realtime.sh: without Strawberry, which cannot be installed here" >&2
fi

echo "| figure | this server | Strawberry on uvicorn | ratio |"
echo "|---|---|---|---|"
awk -F '\t' '
    NR == FNR { theirs[$1] = $2; next }
    {
        other = ($1 in theirs) ? theirs[$1] : ""
        ratio = ""
        if (other + 0 > 0 && $1 ~ /per-(cpu-)?second$/) ratio = sprintf("%.1f", $2 / other)
        if (other + 0 > 0 && $2 + 0 > 0 && $1 ~ /(bytes|-ms)/) ratio = sprintf("%.1f", other / $2)
        print "| " $1 " | " $2 " | " other " | " ratio " |"
    }' "$out/theirs" "$out/ours"
