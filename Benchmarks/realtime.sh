#!/usr/bin/env bash
# Measures the server under subscribers, beside Strawberry on uvicorn under the same load, and prints a table of ratios.
#
# Both get their events from one Redis, by the same client, which costs less than either; its share of the processor is
# shown. Every client is a user of its own with a token, which this server verifies. What is not installed is left out.
# Options of `realtime-load bench` may follow.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cd "$folder/.."
venv=.build/strawberry

# Where nothing is filtered: rules of the machine's firewall (Docker brings some) would be paid for with every packet.
if [ -z "${OWN_NETWORK:-}" ]; then
    command -v redis-server >/dev/null || { echo "realtime.sh: redis-server is not installed: make setup" >&2; exit 1; }
    for product in reference-server realtime-load; do swift build -c release --product "$product" >&2; done
    BIN=$(swift build -c release --show-bin-path)
    export BIN
    [ -x "$venv/bin/uvicorn" ] || { python3 -m venv "$venv" >&2 && "$venv/bin/pip" install --quiet \
        --disable-pip-version-check --requirement "$folder/strawberry/requirements.txt" >&2; } || true
    if unshare --user --map-root-user --net true 2>/dev/null && command -v ip >/dev/null; then
        # shellcheck disable=SC2016 # for the shell inside
        exec env OWN_NETWORK=yes unshare --user --map-root-user --net \
            sh -c 'ip link set lo up && exec "$0" "$@"' "$folder/realtime.sh" "$@"
    fi
    echo "realtime.sh: in the network of this machine, whose firewall is measured too" >&2
fi

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
head -c 32 /dev/urandom >"$out/secret"
python3 "$folder/tokens.py" "$out/secret" 6000 >"$out/tokens"
"$BIN/reference-server" --port "$port" --test-mode --log-level error --redis-url "redis://127.0.0.1:$redis" \
    --jwt-secret-file "$out/secret" >/dev/null &
server=$!
started+=("$server")
ready "$port"
"$BIN/realtime-load" bench --port "$port" --pid "$server" --redis-port "$redis" --tokens "$out/tokens" "$@" >"$out/ours"
kill "$server"

touch "$out/theirs"
if [ -x "$venv/bin/uvicorn" ]; then
    port=$(free_port)
    (cd "$folder/strawberry" && REDIS_PORT=$redis exec "$OLDPWD/$venv/bin/uvicorn" app:app --port "$port" --log-level warning) &
    peer=$!
    started+=("$peer")
    ready "$port"
    "$BIN/realtime-load" bench --port "$port" --pid "$peer" --redis-port "$redis" --tokens "$out/tokens" --rounds 3 \
        --idle 1000 --connections 1000 "$@" >"$out/theirs" || echo "realtime.sh: the peer did not get through" >&2
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
