"""Reads the index of an Autobahn run: prints counts by behaviour, and every case that is not as it should be.

Exit: 0 all well, 1 a case failed or was closed wrongly, or no case was played.
"""

import collections
import json
import sys

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
# Compression (RFC 7692), which is an extension and not offered.
MAY_BE_MISSING = {12, 13}
GOOD_CLOSE = {"OK", "INFORMATIONAL"}


def key(case):
    return [int(part) for part in case.split(".")]


def is_good(case, behaviour):
    return behaviour in GOOD or behaviour == "UNIMPLEMENTED" and key(case)[0] in MAY_BE_MISSING


def main(path):
    with open(path) as file:
        agents = json.load(file)
    cases = {case: facts for played in agents.values() for case, facts in played.items()}
    if not cases:
        print("autobahn: no case was played")
        return 1
    behaviours = collections.Counter(facts["behavior"] for facts in cases.values())
    closes = collections.Counter(facts["behaviorClose"] for facts in cases.values())
    bad = [
        case for case in sorted(cases, key=key)
        if not is_good(case, cases[case]["behavior"]) or cases[case]["behaviorClose"] not in GOOD_CLOSE
    ]
    for case in sorted(cases, key=key):
        facts = cases[case]
        if case in bad or facts["behavior"] == "NON-STRICT":
            print(f"{case}: {facts['behavior']}, close {facts['behaviorClose']}, code {facts['remoteCloseCode']}")
    print(f"autobahn: {len(cases)} cases; " + ", ".join(f"{n} {name}" for name, n in sorted(behaviours.items())))
    print("autobahn: closes: " + ", ".join(f"{n} {name}" for name, n in sorted(closes.items())))
    if bad:
        print(f"autobahn: {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
