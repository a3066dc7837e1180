#!/usr/bin/env python3
"""Sends the same cases to our engine and to graphql-core, and fails when an answer differs that differences.md does
not list.

  run.py [--binary PATH] [--seed N] [--random N] [--only parse|schema|validate|introspect|random|execute] [--verbose]
"""
import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import time

import execution
import generate
import known
import peer

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"


def documents(path):
    """The documents of a file: one a line (.lines), one a JSON string a line (.jsonl), or apart by --- (.docs)."""
    text = path.read_text()
    if path.suffix == ".lines":
        return [line for line in text.split("\n") if line.strip() and not line.startswith("//")]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line.strip() and not line.startswith("//")]
    return [part.strip("\n") for part in text.split("\n---\n") if part.strip()]


def corpus(kind):
    for path in sorted((CORPUS / kind).rglob("*")):
        if path.suffix in (".lines", ".jsonl", ".docs"):
            for number, text in enumerate(documents(path), 1):
                yield f"{path.relative_to(CORPUS)}#{number}", path, text


def parse_cases():
    for name, _, text in corpus("parse"):
        yield {"name": name, "op": "parse", "text": text}
    # Whatever is invalid in validation must still be printed alike.
    for name, _, text in list(corpus("validate")) + list(corpus("schemas")):
        yield {"name": f"{name} printed", "op": "parse", "text": text}
    for path in sorted((CORPUS / "parse").glob("kitchen-sink*.graphql")) + sorted((CORPUS / "schemas").glob("*.graphql")):
        text = path.read_text()
        name = str(path.relative_to(CORPUS))
        yield {"name": name, "op": "parse", "text": text}
        for label, damaged in generate.damaged(text):
            yield {"name": f"{name} {label}", "op": "parse", "text": damaged}


def schema_cases():
    for path in sorted((CORPUS / "schemas").glob("*.graphql")):
        yield {"name": path.name, "op": "schema", "schema": path.stem, "text": path.read_text()}
    for name, _, text in corpus("schemas"):
        yield {"name": name, "op": "schema", "schema": "scratch", "text": text}


def validate_cases():
    for name, path, text in corpus("validate"):
        yield {"name": name, "op": "validate", "schema": path.parent.name, "text": text}


def introspect_cases():
    for path in sorted((CORPUS / "schemas").glob("*.graphql")):
        for name, _, text in corpus("introspect"):
            yield {"name": f"{path.name} {name}", "op": "introspect", "schema": path.stem, "text": text}


def random_cases(seed, count):
    for path in sorted((CORPUS / "schemas").glob("*.graphql")):
        share = count // len(list((CORPUS / "schemas").glob("*.graphql")))
        generator = generate.Generator(path.read_text(), random.Random(f"{seed}/{path.stem}"))
        for number in range(share):
            text = generator.document()
            yield {"name": f"random {path.stem} {number} (seed {seed})", "op": "validate", "schema": path.stem,
                   "text": text}
            if number % 4 == 0:
                yield {"name": f"random {path.stem} {number} printed (seed {seed})", "op": "parse", "text": text}


class Ours:
    """Our driver as a child process."""

    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self, case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"our driver died on {case['name']}:\n{case['text']}")
        return json.loads(line)


def show(case, ours, theirs):
    """Prints what one side says and the other does not."""
    print(f"DIFFERENCE {case['name']}\n{case['text']}")
    mine, other = known.normal(ours), known.normal(theirs)
    if "errors" in mine and "errors" in other:
        for error in mine["errors"]:
            if error not in other["errors"]:
                print(f"  only ours:   {json.dumps(error)}")
        for error in other["errors"]:
            if error not in mine["errors"]:
                print(f"  only theirs: {json.dumps(error)}")
        if theirs.get("crashed"):
            print(f"  theirs crashed in {theirs['crashed']}")
    else:
        print(f"  ours:   {json.dumps(ours)}\n  theirs: {json.dumps(theirs)}")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--random", type=int, default=10000)
    parser.add_argument("--only", action="append")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--most", type=int, default=20, help="differences to print")
    arguments = parser.parse_args()
    binary = arguments.binary or next(
        (str(path) for config in ("release", "debug")
         for path in [HERE.parent.parent / ".build" / config / "graphql-differential"] if path.exists()), None)
    if not binary:
        raise SystemExit("build the driver first: swift build -c release --product graphql-differential")
    known.check_listed(HERE / "differences.md")

    ours, theirs = Ours(binary), peer.Peer()
    known.PEER = theirs
    groups = [("schema", schema_cases()), ("parse", parse_cases()), ("validate", validate_cases()),
              ("introspect", introspect_cases()), ("random", random_cases(arguments.seed, arguments.random))]
    unlisted = 0
    total = 0
    used = collections.Counter()
    print(f"seed {arguments.seed}")
    for group, cases in groups:
        start = time.monotonic()
        count = collections.Counter()
        # The named schemas must be known to both, whatever is asked for.
        skipped = arguments.only and group not in arguments.only
        for case in cases:
            if skipped and not (group == "schema" and case["name"].endswith(".graphql")):
                continue
            mine, other = ours.answer(case), theirs.answer(case)
            count["cases"] += 1
            if "failure" in mine:
                unlisted += 1
                show(case, mine, other)
                continue
            reasons = known.explain(case, mine, other)
            if reasons is None:
                unlisted += 1
                count["differences"] += 1
                if unlisted <= arguments.most:
                    show(case, mine, other)
            elif reasons:
                count["listed"] += 1
                used.update(reasons)
                if arguments.verbose:
                    print(f"listed {sorted(reasons)}: {case['name']}")
            if "errors" in mine and mine["errors"] or "error" in mine:
                count["invalid"] += 1
        total += count["cases"]
        print(f"{group}: {count['cases']} cases, {count['invalid']} of them invalid, {count['listed']} with listed "
              f"differences, {count['differences']} with others ({time.monotonic() - start:.1f} s)")
    if not arguments.only or "execute" in arguments.only:
        cases, differences = execution.compare(ours, arguments.seed, arguments.random // 3, arguments.most)
        total += cases
        unlisted += differences
    print("listed differences met: " + (", ".join(f"{key} {number}" for key, number in sorted(used.items())) or "none"))
    print(f"{total} cases, {unlisted} unlisted differences")
    sys.exit(1 if unlisted else 0)


if __name__ == "__main__":
    main()
