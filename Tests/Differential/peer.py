"""graphql-core's answers to the cases, in the form that our driver answers in."""
import re

import graphql
from graphql import GraphQLError, build_ast_schema, parse, print_ast, validate_schema
from graphql.validation import specified_rules, validate
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping
from graphql.validation.validate import validate_sdl


class TaggingContext:
    """Notes on each error which rule reported it."""

    def __init__(self, context, rule):
        self.context = context
        self.rule = rule

    def __getattr__(self, name):
        return getattr(self.context, name)

    def report_error(self, error):
        error.rule = self.rule
        self.context.report_error(error)


def tagged(rule):
    return type(rule.__name__, (rule,), {
        "__init__": lambda self, context: rule.__init__(self, TaggingContext(context, rule.__name__))})


TAGGED_RULES = [tagged(rule) for rule in specified_rules]


def compare_fields_and_fragment(
        context, conflicts, cache, compared, are_exclusive, fields, name):
    """graphql-core's comparison of fields with a fragment, with the memory that later reference implementations have:
    what was compared is remembered for these fields, and not for any fields beside the same fragments."""
    memory = MEMORY.setdefault(id(compared), {})
    key = (id(fields), name)
    if key in memory and (are_exclusive or not memory[key]):
        return
    memory[key] = are_exclusive
    fragment = context.get_fragment(name)
    if not fragment:
        return
    others, inner_names = overlapping.get_referenced_fields_and_fragment_names(context, cache, fragment)
    if fields is others:
        return
    overlapping.collect_conflicts_between(context, conflicts, cache, compared, are_exclusive, fields, others)
    for inner in inner_names:
        compare_fields_and_fragment(context, conflicts, cache, compared, are_exclusive, fields, inner)


MEMORY = {}


class Peer:
    """Holds schemas by name and answers one case at a time."""

    def __init__(self):
        self.schemas = {}

    def answer(self, case):
        try:
            return getattr(self, case["op"])(case)
        except GraphQLError as error:
            return {"error": as_json(error)}
        except Exception as error:  # The peer may well crash; what it then would have said is unknown.
            return {"crash": f"{type(error).__name__}: {error}"}

    def parse(self, case):
        return {"printed": print_ast(parse(case["text"]))}

    def schema(self, case):
        document = parse(case["text"])
        errors = validate_sdl(document)
        if not errors:
            schema = build_ast_schema(document, assume_valid_sdl=True)
            errors = validate_schema(schema)
            if not errors:
                self.schemas[case["schema"]] = schema
        return {"errors": [as_json(error) for error in errors]}

    def validate(self, case):
        schema = self.schemas[case["schema"]]
        document = parse(case["text"])
        try:
            return {"errors": [as_json(error) for error in validate(schema, document, TAGGED_RULES, max_errors=1000)]}
        except Exception:
            return self.validate_by_rule(schema, document)

    def validate_by_rule(self, schema, document):
        """What the rules say that do not crash, and which do."""
        answer = {"errors": [], "crashed": []}
        for rule in TAGGED_RULES:
            try:
                answer["errors"] += [as_json(error) for error in validate(schema, document, [rule], max_errors=1000)]
            except Exception:
                answer["crashed"].append(rule.__name__)
        return answer

    def merging_errors(self, case):
        """The errors of field merging, with a mended memory of what was compared."""
        original = overlapping.collect_conflicts_between_fields_and_fragment
        overlapping.collect_conflicts_between_fields_and_fragment = compare_fields_and_fragment
        MEMORY.clear()
        rule = next(rule for rule in TAGGED_RULES if rule.__name__ == "OverlappingFieldsCanBeMergedRule")
        try:
            errors = validate(self.schemas[case["schema"]], parse(case["text"]), [rule], max_errors=1000)
            return [as_json(error) for error in errors]
        finally:
            overlapping.collect_conflicts_between_fields_and_fragment = original

    def introspect(self, case):
        result = graphql.graphql_sync(self.schemas[case["schema"]], case["text"])
        if result.errors:
            return {"errors": [as_json(error) for error in result.errors]}
        return {"data": result.data}


def as_json(error):
    # graphql-core puts what stands first on a line at the end of the line before; the offsets are right.
    places = [place(error.source.body, offset) for offset in error.positions or []]
    answer = {"message": error.message, "locations": places}
    if hasattr(error, "rule"):
        answer["rule"] = error.rule
    return answer


def place(text, offset):
    lines = re.split(r"\r\n|\n|\r", text[:offset])
    return [len(lines), len(lines[-1]) + 1]
