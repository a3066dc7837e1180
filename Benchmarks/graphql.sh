#!/bin/bash
# Measures the GraphQL engine beside graphql-js and graphql-core on the documents of this folder, and prints a table.
#
# Microseconds are the best of several rounds, one program after the other. Instructions are those of one run under
# valgrind, counted as the difference between 3,000 and 1,000 runs. What is not installed is left out.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
cd "$folder/.."

swift build -c release --product graphql-bench >&2
bench=$(swift build -c release --show-bin-path)/graphql-bench

js=${GRAPHQL_JS:-/usr/share/nodejs/graphql}
ours=$("$bench" "$folder")
theirs=""
if [ -d "$js" ] && command -v node >/dev/null; then
    theirs=$(NODE_ENV=production GRAPHQL_JS=$js node "$folder/graphql-js.mjs" "$folder")
fi
python=""
if peer=$(Tests/Differential/python); then
    python=$("$peer" "$folder/graphql-core.py" "$folder")
fi

# value TEXT TASK: the number that a program printed for a task.
value() { awk -F '\t' -v task="$2" '$1 == task { print $2 }' <<<"$1"; }

# instructions TASK: how many one run takes.
instructions() {
    command -v valgrind >/dev/null || return 0
    local few many
    few=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$folder" "$1" 1000 2>&1 | awk '/Collected/ { print $4 }')
    many=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$folder" "$1" 3000 2>&1 | awk '/Collected/ { print $4 }')
    echo $(((many - few) / 2000))
}

row() {
    local task=$1 text=$2 mine other
    mine=$(value "$ours" "$task")
    other=$(value "$theirs" "$task")
    local ratio=""
    [ -z "$other" ] || ratio=$(awk -v a="$other" -v b="$mine" 'BEGIN { printf "%.1f", a / b }')
    echo "| $text | $mine | $other | $(value "$python" "$task") | $ratio | $(instructions "$task") |"
}

echo "| task | this engine, µs | graphql-js, µs | graphql-core, µs | graphql-js / this | instructions |"
echo "|---|---|---|---|---|---|"
row prepare "parse, validate and compile a subscription of 20 fields"
row prepare-again "the same request again, from the cache"
row event "execute one event of 20 fields to bytes"
row event-json "the same, the event being parsed JSON"
row event-from-text "the same, the event being JSON text"

echo
echo "| expensive document | parse and validate, ms of the processor |"
echo "|---|---|"
"$bench" hostile | head -5 | awk -F '\t' '{ print "| " $2 " | " $1 " |" }'
