"""Cases of execution: what graphql-core answers, the written cases, and random ones.

The schema and the data of its objects are in corpus/execute; the driver has the same resolvers.
"""
import json
import pathlib
import random
import re
import time

from graphql import (
    ExecutionResult, GraphQLError, GraphQLNonNull, build_schema, execute_sync, get_named_type, is_abstract_type,
    is_composite_type, is_enum_type, is_input_object_type, is_leaf_type, is_list_type, is_non_null_type, parse,
    print_ast, validate,
)
import graphql.execution.execute
import graphql.execution.values
import graphql.type.definition
import graphql.type.scalars
import graphql.utilities.coerce_input_value

HERE = pathlib.Path(__file__).resolve().parent / "corpus" / "execute"


# What graphql-core prints as Python literals, we print as JavaScript ones.

def shortened(text):
    if len(text) <= 240:
        return text
    return text[:118] + "..." + text[-119:]


def inspect(value, level=0):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return shortened(str(value))
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 2**63 else repr(value)
    if isinstance(value, str):
        return shortened(json.dumps(value, ensure_ascii=False))
    if isinstance(value, (list, tuple)):
        if not value:
            return "[]"
        if level > 2:
            return "[Array]"
        rest = len(value) - 10
        texts = [inspect(item, level + 1) for item in value[:10]]
        if rest > 0:
            texts.append("... 1 more item" if rest == 1 else f"... {rest} more items")
        return "[" + ", ".join(texts) + "]"
    if isinstance(value, dict):
        if not value:
            return "{}"
        if level > 2:
            return "[Object]"
        rest = len(value) - 10
        texts = [f"{shortened(key)}: {inspect(item, level + 1)}" for key, item in list(value.items())[:10]]
        if rest > 0:
            texts.append(f"... {rest} more")
        return "{ " + ", ".join(texts) + " }"
    return str(value)


for module in (graphql.execution.execute, graphql.execution.values, graphql.type.definition, graphql.type.scalars,
               graphql.utilities.coerce_input_value):
    module.inspect = inspect


class Peer:
    """Answers requests as the driver's `ExecutionWorld` does."""

    def __init__(self):
        self.schema = build_schema((HERE / "schema.graphql").read_text())
        self.data = json.loads((HERE / "data.json").read_text())
        even = self.schema.type_map["Even"]

        def serialize(value):
            if type(value) is not int or value % 2:
                raise GraphQLError("Even cannot represent it")
            return value

        def parse_value(value):
            if type(value) is not int or value % 2:
                raise GraphQLError("Even cannot take it")
            return value

        even.serialize = serialize
        even.parse_value = parse_value
        even.parse_literal = lambda node, variables=None: parse_value(
            graphql.utilities.value_from_ast_untyped(node, variables))

    def answer(self, case):
        try:
            document = parse(case["text"])
        except GraphQLError as error:
            return {"invalid": True}
        if validate(self.schema, document):
            return {"invalid": True}
        counter = [0]
        result = execute_sync(
            self.schema, document, self.data, {"counter": counter}, case.get("variables"), case.get("operationName"),
            field_resolver=self.resolve, type_resolver=lambda value, info, type_: value.get("$type"))
        try:
            return {"response": json.dumps(result.formatted)}
        except TypeError as error:
            return {"crash": str(error)}

    def resolve(self, source, info, **arguments):
        key = f"{info.parent_type.name}.{info.field_name}"
        if key in ("Query.echo", "Query.required", "Node.echo"):
            return arguments
        if key == "Query.add":
            b = arguments.get("b")
            return arguments["a"] + (100 if b is None else b)
        if key in ("Query.fail", "Query.mustFail"):
            raise GraphQLError(arguments["message"] + "!")
        if key in ("Query.color", "Query.even"):
            return arguments.get("value")
        if key == "Mutation.increment":
            by = arguments.get("by")
            info.context["counter"][0] += 100 if by is None else by
            value = info.context["counter"][0]
            return {"value": value, "fail": {"$error": f"at {value}"}}
        if key == "Mutation.fail":
            raise GraphQLError("mutation failed")
        if key == "Mutation.mustFail":
            raise GraphQLError("mutation must fail")
        return self.value(source.get(info.field_name))

    def value(self, value):
        if isinstance(value, dict) and "$error" in value:
            raise GraphQLError(value["$error"])
        if isinstance(value, list):
            return [GraphQLError(item["$error"]) if isinstance(item, dict) and "$error" in item else item
                    for item in value]
        return value


def normal(answer):
    """A response with its members as pairs, so that their order counts, and messages in one style."""
    if "response" not in answer:
        return answer
    response = json.loads(answer["response"], object_pairs_hook=lambda pairs: [list(pair) for pair in pairs])
    members = dict((key, value) for key, value in response)
    errors = []
    for error in members.get("errors", []):
        error = dict((key, value) for key, value in error)
        message = error["message"].replace("'", '"')
        message = message.replace("not to be None.", "not to be null.").replace("to be a mapping.", "to be an object.")
        # Names are shortened too, where the peer repeats them whole.
        message = re.sub(r'"([^"]{241,})"', lambda match: f'"{shortened(match[1])}"', message)
        message = re.sub(r' Either the "\w+" type should provide a "resolve_type" function .*$', "", message)
        places = [[dict(map(tuple, place))["line"], dict(map(tuple, place))["column"]]
                  for place in error.get("locations", [])]
        errors.append([message, places, error.get("path")])
    # graphql-core sorts errors, we tell them as they happen; the specification leaves it open.
    errors.sort(key=json.dumps)
    return {"data": members.get("data"), "errors": errors}


def cases():
    """The written cases: a document a line, or JSON with `text`, `variables` and `operationName`."""
    number = 0
    for line in (HERE / "cases.lines").read_text().split("\n"):
        if not line.strip() or line.startswith("//"):
            continue
        number += 1
        case = json.loads(line) if line.startswith('{"text"') else {"text": line}
        yield {"name": f"execute/cases.lines#{number}", "op": "execute", **case}


def is_same_apart_from_timing(concurrent, serial):
    """Whether a response of asynchronous resolvers fits that of immediate ones. Where several non-null fields of one
    object fail, whichever is first makes it null, and only that need be told (§6.4.4)."""
    if "data" not in concurrent or "data" not in serial:
        return concurrent == serial
    return concurrent["data"] == serial["data"] and bool(concurrent["errors"]) == bool(serial["errors"])


def compare(ours, seed, count, most):
    """Compares the written and that many random cases, each with immediate and with asynchronous resolvers.

    Returns the numbers of cases and of differences."""
    peer = Peer()
    generator = Generator(random.Random(f"{seed}/execute"))
    ours.answer({"name": "schema", "op": "schema", "schema": "execute", "text": (HERE / "schema.graphql").read_text()})
    ours.answer({"name": "world", "op": "world", "schema": "execute", "text": "",
                 "data": json.loads((HERE / "data.json").read_text())})
    groups = [
        ("execute", cases()),
        ("random execute", ({"name": f"random execute {number} (seed {seed})", "op": "execute", **generator.case()}
                            for number in range(count))),
    ]
    total = differences = 0
    for group, group_cases in groups:
        start = time.monotonic()
        before = (total, differences)
        failing = 0
        for case in group_cases:
            total += 1
            mine, theirs = normal(ours.answer(case)), normal(peer.answer(case))
            concurrent = normal(ours.answer({**case, "asynchronous": True}))
            failing += bool(mine.get("errors"))
            if mine == theirs and is_same_apart_from_timing(concurrent, mine):
                continue
            differences += 1
            if differences <= most:
                print(f"DIFFERENCE {case['name']}\n{case['text']}\n{json.dumps(case.get('variables'))}\n"
                      f"  ours:       {json.dumps(mine)}\n  theirs:     {json.dumps(theirs)}\n"
                      f"  concurrent: {json.dumps(concurrent)}\n")
        print(f"{group}: {total - before[0]} cases, {failing} of them with errors, {differences - before[1]} with "
              f"differences ({time.monotonic() - start:.1f} s)")
    return total, differences


class Generator:
    """Random valid documents for the schema of corpus/execute, with variables that may or may not fit."""

    def __init__(self, random):
        self.random = random
        self.schema = build_schema((HERE / "schema.graphql").read_text())

    def case(self):
        self.variables = []
        self.values = {}
        self.fragments = []
        self.keys = {}
        is_mutation = self.random.random() < 0.1
        root = self.schema.mutation_type if is_mutation else self.schema.query_type
        selection = self.selection(root, 0, "")
        head = "mutation" if is_mutation else "query"
        if self.variables:
            head += " Q(" + ", ".join(self.variables) + ")"
        return {"text": " ".join([head, selection] + self.fragments), "variables": self.values}

    def selection(self, type_, level, path):
        parts = []
        for _ in range(self.random.randint(1, 5)):
            choice = self.random.random()
            if is_abstract_type(type_) and choice < 0.5:
                possible = self.random.choice(self.schema.get_possible_types(type_))
                parts.append(f"... on {possible.name} {self.selection(possible, level, path)}")
            elif choice < 0.1 and level < 4:
                parts.append(f"...{self.conditions()} {self.selection(type_, level + 1, path)}")
            elif choice < 0.17 and level < 4:
                name = f"F{len(self.fragments)}"
                self.fragments.append("")
                place = len(self.fragments) - 1
                self.fragments[place] = f"fragment {name} on {type_.name} {self.selection(type_, level + 1, path)}"
                parts.append(f"...{name}{self.conditions()}")
            elif choice < 0.22 or not hasattr(type_, "fields"):
                parts.append("__typename")
            else:
                parts.append(self.field(type_, level, path))
        return "{ " + " ".join(parts) + " }"

    def field(self, type_, level, path):
        fields = [field for field in type_.fields.items() if level < 5 or is_leaf_type(get_named_type(field[1].type))]
        name, field = self.random.choice(fields or list(type_.fields.items()))
        arguments = []
        for key, argument in field.args.items():
            if (is_non_null_type(argument.type) and argument.default_value is graphql.Undefined
                    or self.random.random() < 0.35):
                arguments.append(f"{key}: {self.value(argument.type, argument.default_value is not graphql.Undefined)}")
        call = name + (f"({', '.join(arguments)})" if arguments else "")
        # One alias for each way of calling a field, so that fields can be merged.
        alias = self.keys.setdefault(call, f"k{len(self.keys)}") if arguments or self.random.random() < 0.2 else name
        text = (f"{alias}: " if alias != name else "") + call + self.conditions()
        named = get_named_type(field.type)
        if is_composite_type(named):
            text += " " + self.selection(named, level + 1, path + "/" + alias)
        return text

    def conditions(self):
        if self.random.random() > 0.1:
            return ""
        directive = self.random.choice(["skip", "include"])
        if self.random.random() < 0.5:
            return f" @{directive}(if: {self.random.choice(['true', 'false'])})"
        return f" @{directive}(if: {self.variable(GraphQLNonNull(self.schema.type_map['Boolean']), False)})"

    def variable(self, type_, has_default):
        name = f"v{len(self.variables)}"
        declared = type_
        default = ""
        if is_non_null_type(type_) and (has_default or self.random.random() < 0.3):
            declared = type_.of_type
            if not has_default or self.random.random() < 0.5:
                default = f" = {self.literal(type_)}"
        elif not is_non_null_type(type_) and self.random.random() < 0.3:
            default = f" = {self.literal(type_)}"
        self.variables.append(f"${name}: {declared}{default}")
        if self.random.random() < 0.85:
            self.values[name] = self.json(declared if self.random.random() < 0.93 else None)
        return f"${name}"

    def value(self, type_, has_default=False):
        if self.random.random() < 0.4:
            return self.variable(type_, has_default)
        return self.literal(type_, variables=True)

    def literal(self, type_, variables=False):
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return "null"
        if is_list_type(type_):
            if self.random.random() < 0.2 and not is_list_type(type_.of_type):
                return self.literal(GraphQLNonNull(type_.of_type) if not is_non_null_type(type_.of_type)
                                    else type_.of_type)
            return "[" + ", ".join(self.part(type_.of_type, variables) for _ in range(self.random.randint(0, 3))) + "]"
        if is_input_object_type(type_):
            if type_.is_one_of:
                key, field = self.random.choice(list(type_.fields.items()))
                return f"{{{key}: {self.literal(GraphQLNonNull(field.type))}}}"
            parts = []
            for key, field in type_.fields.items():
                chance = 0.15 if is_input_object_type(get_named_type(field.type)) else 0.4
                if (is_non_null_type(field.type) and field.default_value is graphql.Undefined
                        or self.random.random() < chance):
                    parts.append(f"{key}: {self.part(field.type, variables)}")
            return "{" + ", ".join(parts) + "}"
        return {
            "Int": lambda: str(self.random.choice([0, 1, -7, 2147483647, -2147483648])),
            "Float": lambda: self.random.choice(["0", "1.5", "-2e3", "1e-3", "12"]),
            "String": lambda: self.random.choice(['""', '"text"', '"é\\n\\u0041"', '"""block\n  text"""']),
            "Boolean": lambda: self.random.choice(["true", "false"]),
            "ID": lambda: self.random.choice(['"id"', "7"]),
            "Color": lambda: self.random.choice(["RED", "GREEN", "BLUE"]),
            "Any": lambda: self.random.choice(
                ["1", "1.5", '"x"', "true", "RED", "[1, [null], {a: 1}]", '{b: "x", a: {c: []}}']),
            "Even": lambda: self.random.choice(["0", "2", "-4"]),
        }[type_.name]()

    def part(self, type_, variables):
        if variables and self.random.random() < 0.2:
            return self.variable(type_, False)
        return self.literal(type_, variables)

    def json(self, type_):
        """A value for the type, or of any kind for None."""
        if type_ is None:
            return self.random.choice(
                [None, True, False, 0, 1, -1, 2147483648, 1.0, 1.5, 1e300, "", "RED", "x", [], [1], ["x", None],
                 [[1]], {}, {"a": 1}, {"must": "x", "zzz": 1}, {"a": 1, "b": "x"}, {"a": None}, {"must": None},
                 {"must": "x", "nested": {"must": 5}}, "x" * 300, list(range(14))])
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self.random.random() < 0.15:
            return None
        if self.random.random() < 0.05:
            return self.json(None)
        if is_list_type(type_):
            if self.random.random() < 0.2:
                return self.json(type_.of_type)
            return [self.json(type_.of_type) for _ in range(self.random.randint(0, 3))]
        if is_input_object_type(type_):
            if type_.is_one_of:
                key, field = self.random.choice(list(type_.fields.items()))
                return {key: self.json(GraphQLNonNull(field.type))}
            keys = [key for key, field in type_.fields.items()
                    if (is_non_null_type(field.type) and field.default_value is graphql.Undefined)
                    or self.random.random() < (0.15 if is_input_object_type(get_named_type(field.type)) else 0.4)]
            self.random.shuffle(keys)
            return {key: self.json(type_.fields[key].type) for key in keys}
        return {
            "Int": lambda: self.random.choice([0, 1, -7, 2.0, 2147483647]),
            "Float": lambda: self.random.choice([0, 1.5, -2000.0, 0.1]),
            "String": lambda: self.random.choice(["", "text", "é\"\\\n"]),
            "Boolean": lambda: self.random.random() < 0.5,
            "ID": lambda: self.random.choice(["id", 7, 3.0]),
            "Color": lambda: self.random.choice(["RED", "GREEN", "BLUE"]),
            "Any": lambda: self.random.choice([1, "x", [1, {"b": 1, "a": None}], {"z": [], "a": 1.25}]),
            "Even": lambda: self.random.choice([0, 2, -4]),
        }[type_.name]()
