"""The differences between our engine and graphql-core 3.2.8 that are meant; differences.md says why.

Each takes away from both answers what it explains. When the rest is equal, the case is explained.
"""
import json
import re

# The peer, which is asked once more in some cases.
PEER = None


def explain(case, ours, theirs):
    """The listed differences that explain how the answers differ: none when they are equal, None when they do not."""
    ours, theirs = normal(ours), normal(theirs)
    if ours == theirs:
        return set()
    if case["op"] == "introspect":
        ours, theirs = sorted_introspection(ours), sorted_introspection(theirs)
        if ours == theirs:
            return set()
    reasons = set()
    for name, apply in DIFFERENCES.items():
        changed = apply(case, *copies(ours, theirs))
        if changed is not None and changed != (ours, theirs):
            reasons.add(name)
            ours, theirs = changed
            if ours == theirs:
                return reasons
    return None


def check_listed(path):
    """Fails when the list and the code do not name the same differences."""
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", path.read_text(), re.M))
    if listed != set(DIFFERENCES):
        raise SystemExit(f"differences.md and known.py disagree on {sorted(listed ^ set(DIFFERENCES))}")


def copies(*values):
    return [json.loads(json.dumps(value)) for value in values]


def normal(answer):
    """An answer in which the order of errors and the kind of quotation marks do not matter."""
    answer = json.loads(json.dumps(answer))
    if "errors" in answer:
        for error in answer["errors"]:
            error["message"] = wording(error["message"])
        answer["errors"].sort(key=lambda error: json.dumps(error, sort_keys=True))
    if "error" in answer:
        answer["error"]["message"] = wording(answer["error"]["message"])
    return answer


def wording(message):
    """A message with one kind of quotation marks, and with places of directives as graphql-core writes them."""
    message = message.replace('"', "'")
    return re.sub(r"(may not be used on )([A-Z_]+)", lambda match: match[1] + match[2].lower().replace("_", " "), message)


def without(answer, test):
    if "errors" in answer:
        answer["errors"] = [error for error in answer["errors"] if not test(error)]
    return answer


# MARK: Parsing

def executable_descriptions(case, ours, theirs):
    message = theirs.get("error", {}).get("message", "")
    if "descriptions are supported only on type definitions" in message or (
            re.search(r"Expected '\$', found (Block)?String", message)):
        return theirs, theirs
    if "descriptions are not supported on" in ours.get("error", {}).get("message", "") and "error" in theirs:
        return theirs, theirs


def long_escapes(case, ours, theirs):
    if re.search(r"\\u\{[0-9A-Fa-f]{9,}", case["text"]) and "Invalid Unicode escape" in str(theirs):
        return theirs, theirs


def query_keyword(case, ours, theirs):
    if "printed" in ours and "printed" in theirs:
        ours["printed"] = re.sub(r"\n\nquery \{$", "\n\n{", ours["printed"], flags=re.M)
        return ours, theirs


def peer_crash(case, ours, theirs):
    if "crash" in theirs and ("error" in ours or ours.get("errors") or case["op"] == "schema"):
        return ours, ours


# MARK: Validation

def rule_crash(case, ours, theirs):
    crashed = theirs.pop("crashed", [])

    def test(error):
        return error.get("rule") in crashed
    return without(ours, test), without(theirs, test)


def introspection_depth(case, ours, theirs):
    def test(error):
        return error.get("rule") == "MaxIntrospectionDepthRule"
    # Ours measures nothing while fragments form cycles.
    has_cycles = any(error.get("rule") == "NoFragmentCyclesRule" for error in ours.get("errors", []))
    if (has_cycles or any(map(test, ours.get("errors", [])))) and any(map(test, theirs.get("errors", []))):
        return without(ours, test), without(theirs, test)


def merging_memory(case, ours, theirs):
    def test(error):
        return error.get("rule") == "OverlappingFieldsCanBeMergedRule"
    if "errors" not in theirs or case["op"] != "validate":
        return None
    mended = normal({"errors": PEER.merging_errors(case)})["errors"]
    theirs = without(theirs, test)
    theirs["errors"] = sorted(theirs["errors"] + mended, key=lambda error: json.dumps(error, sort_keys=True))
    return ours, theirs


def cycle_paths(case, ours, theirs):
    def test(error):
        return error.get("rule") == "NoFragmentCyclesRule"
    if any(map(test, ours.get("errors", []))) and any(map(test, theirs.get("errors", []))):
        return without(ours, test), without(theirs, test)


def repeated_arguments(case, ours, theirs):
    def test(error):
        return error.get("rule") == "OverlappingFieldsCanBeMergedRule"
    if any(error.get("rule") == "UniqueArgumentNamesRule" for error in ours.get("errors", [])):
        return without(ours, test), without(theirs, test)


def operation_types(case, ours, theirs):
    return without(ours, lambda error: error.get("rule") == "KnownOperationTypesRule"), theirs


def subscription_conditions(case, ours, theirs):
    if any("must not use '@skip' or '@include'" in error["message"] for error in ours.get("errors", [])):
        def test(error):
            return error.get("rule") == "SingleFieldSubscriptionsRule"
        return without(ours, test), without(theirs, test)


def one_of_variables(case, ours, theirs):
    def test(error):
        return "must be non-nullable to be used for OneOf" in error["message"]
    return without(ours, test), without(theirs, test)


def finite_floats(case, ours, theirs):
    return without(ours, lambda error: "cannot represent non finite value" in error["message"]), theirs


def typename_shape(case, ours, theirs):
    def test(error):
        return error.get("rule") == "OverlappingFieldsCanBeMergedRule" and "String!" in error["message"]
    return without(ours, test), without(theirs, test)


def unused_scalars(case, ours, theirs):
    def test(error):
        return re.match(r"Unknown type '(Int|Float|String|Boolean|ID)'", error["message"])
    return ours, without(theirs, test)


# MARK: Schemas

def only_ours(*patterns):
    """A difference in which only ours reports errors with messages like these."""
    def apply(case, ours, theirs):
        if case["op"] == "schema":
            return without(ours, lambda error: any(re.search(pattern, error["message"]) for pattern in patterns)), theirs
    return apply


def default_values(case, ours, theirs):
    if case["op"] != "schema":
        return None
    rest = without(ours, lambda error: re.search(
        r"cannot represent|Expected value of type|does not exist in|of required type|is not defined by type",
        error["message"]))
    if "error" in theirs and not rest["errors"] and "has invalid value" in theirs["error"]["message"]:
        return rest, rest
    return rest, theirs


def built_in_types(case, ours, theirs):
    def test(error):
        return re.search(r"is built in and cannot be|type 'String' because it is not defined", error["message"])
    if case["op"] == "schema":
        return without(ours, test), without(theirs, test)


def schema_stages(case, ours, theirs):
    if case["op"] == "schema" and ours.get("errors") and (theirs.get("errors") or "error" in theirs):
        return ours, ours


# MARK: Introspection

def deprecated_reason(case, ours, theirs):
    """In answers to introspection, and where null is passed."""
    if case["op"] != "introspect":
        return None

    def nullable(value):
        if isinstance(value, dict):
            is_meant = value.get("name") in ("includeDeprecated", "reason") and (value.get("type") or {}).get("kind") == "NON_NULL"
            value = {key: nullable(item) for key, item in value.items()}
            if is_meant or value.get("name") in ("includeDeprecated", "reason") and "type" in value:
                inner = value["type"].get("ofType") or value["type"]
                value["type"] = {"name": inner.get("name")}
            return value
        return [nullable(item) for item in value] if isinstance(value, list) else value
    return sorted_introspection(nullable(ours)), sorted_introspection(nullable(theirs))


def built_in_descriptions(case, ours, theirs):
    if case["op"] != "introspect":
        return None
    built_in = ("Int", "Float", "String", "Boolean", "ID", "skip", "include", "deprecated", "specifiedBy", "oneOf")

    def undescribed(value, inside=False):
        if isinstance(value, dict):
            name = value.get("name") or ""
            inside = inside or name.startswith("__") or name in built_in and ("kind" in value or "locations" in value)
            return {key: None if inside and key == "description" else undescribed(item, inside)
                    for key, item in value.items()}
        return [undescribed(item, inside) for item in value] if isinstance(value, list) else value
    return sorted_introspection(undescribed(ours)), sorted_introspection(undescribed(theirs))


DIFFERENCES = {
    "executable-descriptions": executable_descriptions,
    "long-escapes": long_escapes,
    "peer-crash": peer_crash,
    "rule-crash": rule_crash,
    "introspection-depth": introspection_depth,
    "query-keyword": query_keyword,
    "merging-memory": merging_memory,
    "cycle-paths": cycle_paths,
    "repeated-arguments": repeated_arguments,
    "operation-types": operation_types,
    "subscription-conditions": subscription_conditions,
    "one-of-variables": one_of_variables,
    "finite-floats": finite_floats,
    "typename-shape": typename_shape,
    "unused-scalars": unused_scalars,
    "root-types": only_ours(r"^All root types must be different"),
    "built-in-types": built_in_types,
    "executable-schema": only_ours(r"does not define a part of a type system"),
    "default-cycles": only_ours(r"^Invalid circular reference\. The default value"),
    "directive-cycles": only_ours(r"^Directive '@\w+' cannot reference itself"),
    "deprecated-implementation": only_ours(r"is not deprecated, so implementation field"),
    "default-values": default_values,
    "schema-stages": schema_stages,
    "deprecated-reason": deprecated_reason,
    "built-in-descriptions": built_in_descriptions,
}


# MARK: Introspection

def sorted_introspection(answer):
    """An answer without the order of types and directives, which is nobody's business."""
    def sort(value):
        if isinstance(value, dict):
            return {key: sort(item) for key, item in value.items()}
        if isinstance(value, list):
            return sorted((sort(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        return value
    return sort(answer)
