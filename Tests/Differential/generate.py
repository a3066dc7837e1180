"""Makes cases: documents damaged token by token, and random ones over a schema."""
import re

from graphql import (Undefined, GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLList, GraphQLNonNull,
                     GraphQLObjectType, GraphQLUnionType, build_schema, get_named_type, is_input_type, is_leaf_type)

TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[_A-Za-z]\w*|-?\d[\d.eE+-]*|#[^\n]*|[^\s,]')
STRANGE = ["}", "{", "(", ")", "$", "on", "...", "@", "null", '"text"', "1.5", "=", "|", "&", "!", "[", "]", ":", "extend",
           "fragment", "true", "type", "?", "'", "0x1", "-", ".", '"', "query", "implements", '"""block"""', "\\"]


def damaged(text, most=250):
    """Copies of a document, each cut short, or with one token left out, doubled or replaced."""
    tokens = list(TOKEN.finditer(text))
    step = max(1, len(tokens) * 4 // most)
    for number in range(0, len(tokens), step):
        start, end = tokens[number].span()
        yield f"cut at token {number}", text[:start]
        yield f"without token {number}", text[:start] + text[end:]
        yield f"with token {number} twice", text[:end] + " " + text[start:]
        yield f"with token {number} replaced", text[:start] + STRANGE[number // step % len(STRANGE)] + text[end:]


class Generator:
    """Random documents: mostly sensible, with a mistake here and there."""

    def __init__(self, sdl, random):
        self.schema = build_schema(sdl)
        self.random = random
        types = self.schema.type_map.values()
        self.composite = [type_ for type_ in types if isinstance(
            type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)) and not type_.name.startswith("__")]
        self.inputs = [type_ for type_ in types if is_input_type(type_) and not type_.name.startswith("__")]
        self.strange_types = ["Unknown", "Strnig", *(type_.name for type_ in self.composite[:3]),
                              *(type_.name for type_ in self.inputs[:3])]

    def chance(self, probability):
        return self.random.random() < probability

    def document(self):
        """One document."""
        # Many documents are meant to be valid, or at least to have one mistake only.
        self.sloppiness = self.random.choice([0, 0, 0.01, 0.03, 0.1])
        self.fragments = {}
        self.left = self.random.randrange(4, 60)
        parts = []
        count = self.random.choice([1, 1, 1, 1, 2, 3])
        for number in range(count):
            parts.append(self.operation(number, count))
        for name in list(self.fragments):
            if self.fragments[name][1] is not None:
                parts.append(self.fragments[name][1])
        if self.mistake():
            type_ = self.random.choice(self.composite)
            parts.append(f"fragment Spare on {type_.name} {{ __typename }}")
        if self.mistake():
            parts.append(self.random.choice(parts))
        if self.mistake():
            parts.append("type Zzzzzzzzzz { x: Int }")
        self.random.shuffle(parts)
        separator = self.random.choice(["\n", "\n\n", " "])
        return separator.join(parts)

    def mistake(self):
        return self.chance(self.sloppiness)

    def operation(self, number, count):
        roots = [("query", self.schema.query_type), ("query", self.schema.query_type),
                 ("mutation", self.schema.mutation_type), ("subscription", self.schema.subscription_type)]
        kind, root = self.random.choice([pair for pair in roots if pair[1] or self.mistake()])
        self.variables = {}
        root = root or self.schema.query_type
        single = kind == "subscription" and not self.mistake()
        body = self.selection_set(root, 0, single)
        if kind == "query" and not self.variables and count == 1 and self.chance(0.3):
            return body
        name = "" if count == 1 and self.chance(0.3) or self.mistake() else f" Op{0 if self.mistake() else number}"
        definitions = [f"${key}: {type_}{default}" for key, (type_, default) in self.variables.items()]
        if self.mistake():
            definitions.append(f"$spare: {self.random.choice(self.strange_types)}")
        if definitions and self.mistake():
            definitions.append(definitions[0])
        if definitions and self.mistake():
            definitions.pop(0)
        variables = f"({', '.join(definitions)})" if definitions else ""
        return f"{kind}{name}{variables}{self.directives(kind.upper(), 0.05)} {body}"

    # Selections

    def selection_set(self, type_, depth, single=False):
        count = 1 if single else self.random.randrange(1, 5)
        selections = [self.selection(type_, depth, single) for _ in range(count)]
        return "{ " + " ".join(selections) + " }"

    def selection(self, type_, depth, single=False):
        self.left -= 1
        roll = self.random.random()
        if roll < 0.12 and depth < 6:
            return self.inline_fragment(type_, depth, single)
        if roll < 0.25 and depth < 6:
            return self.spread(type_, single)
        return self.field(type_, depth, single)

    def overlapping(self, type_):
        if self.mistake():
            return self.random.choice(self.composite)
        possible = set(self.possible(type_))
        return self.random.choice(
            [other for other in self.composite if possible & set(self.possible(other))] or [type_])

    def possible(self, type_):
        return [type_] if isinstance(type_, GraphQLObjectType) else self.schema.get_possible_types(type_)

    def inline_fragment(self, type_, depth, single=False):
        if self.chance(0.2):
            return f"...{self.directives('INLINE_FRAGMENT', 0.3)} {self.selection_set(type_, depth + 1, single)}"
        other = type_ if single else self.overlapping(type_)
        name = self.random.choice(self.strange_types) if self.mistake() else other.name
        return f"... on {name}{self.directives('INLINE_FRAGMENT', 0.1)} {self.selection_set(other, depth + 1, single)}"

    def spread(self, type_, single=False):
        if self.mistake():
            return "...Missing"
        possible = set(self.possible(type_))
        usable = [name for name, (other, text) in self.fragments.items()
                  if possible & set(self.possible(other)) and (text is not None or self.mistake())]
        if usable and self.chance(0.6) and not single:
            return f"...{self.random.choice(usable)}{self.directives('FRAGMENT_SPREAD', 0.1)}"
        other = type_ if single else self.overlapping(type_)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (other, None)
        condition = self.random.choice(self.strange_types) if self.mistake() else other.name
        body = self.selection_set(other, 4, single)
        self.fragments[name] = (
            other, f"fragment {name} on {condition}{self.directives('FRAGMENT_DEFINITION', 0.05)} {body}")
        return f"...{name}"

    def field(self, type_, depth, single=False):
        fields = dict(getattr(type_, "fields", {}))
        if not fields or not single and self.chance(0.08):
            alias = self.random.choice(["", "", "", "kind: "])
            return f"{alias}__typename"
        if type_ is self.schema.query_type and self.chance(0.03):
            return self.random.choice([
                "__schema { queryType { name } types { name kind ofType { name } } }", '__type(name: "X") { name fields { name } }',
                "__schema { types { fields { type { fields { type { fields { name } } } } } } }"])
        name = self.random.choice(list(fields))
        field = fields[name]
        inner = get_named_type(field.type)
        if not is_leaf_type(inner) and (depth > 5 or self.left < 0):
            leaves = [key for key, value in fields.items() if is_leaf_type(get_named_type(value.type))]
            if not leaves:
                return "__typename"
            name = self.random.choice(leaves)
            field = fields[name]
            inner = get_named_type(field.type)
        alias = self.random.choice([f"a{self.random.randrange(12)}: ", "a1: ", "name: "]) if self.chance(0.15) else ""
        shown = name
        if self.mistake():
            shown = self.random.choice([name[:-1] + "x", name + "s", "nothing", name.upper(), name[1:] or "q"])
        text = alias + shown + self.arguments(field.args) + self.directives("FIELD", 0.05)
        is_leaf = is_leaf_type(inner)
        if self.mistake():
            is_leaf = not is_leaf
        if is_leaf:
            return text
        return text + " " + self.selection_set(inner if not is_leaf_type(inner) else type_, depth + 1)

    # Arguments and values

    def arguments(self, definitions):
        given = []
        for name, definition in definitions.items():
            required = isinstance(definition.type, GraphQLNonNull) and definition.default_value is Undefined
            if self.chance(0.5) and not required or required and self.mistake():
                continue
            given.append(f"{name}: {self.value(definition.type)}")
        if self.mistake():
            given.append(self.random.choice(["nosuch: 1", "id: 1", "unti: METRE", "a: $a"]))
        if given and self.mistake():
            given.append(given[0])
        return f"({', '.join(given)})" if given else ""

    def value(self, type_, depth=0, constant=False):
        if not constant and self.chance(0.15):
            return self.variable(type_)
        if self.mistake():
            return self.random.choice(
                ["null", "1", "1.5", '"text"', "true", "RED", "{}", "[]", "[1]", "{ a: 1 }", "1e400", "99999999999", "$v0"
                 if not constant else "0", "[null]", '"""block"""', "METER"])
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, depth, constant)
        if self.chance(0.03):
            return "null" if self.mistake() else self.value(GraphQLNonNull(type_), depth, constant)
        if isinstance(type_, GraphQLList):
            if self.chance(0.2):
                return self.value(type_.of_type, depth, constant)
            return "[" + ", ".join(
                self.value(type_.of_type, depth + 1, constant) for _ in range(self.random.randrange(4))) + "]"
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return self.object(type_, depth, constant)
        return self.random.choice({
            "Int": ["0", "-3", "2147483647"], "Float": ["1", "-0.5", "1e3"], "String": ['"a"', '"""b"""', '"\\u{1F600}"'],
            "Boolean": ["true", "false"], "ID": ['"x"', "7"]}.get(type_.name, ["1", '"any"', "{ any: [1, A] }", "true"]))

    def object(self, type_, depth, constant):
        fields = dict(type_.fields)
        if type_.is_one_of:
            name = self.random.choice(list(fields))
            fields = {name: fields[name]} if not self.mistake() else fields
            return "{ " + ", ".join(
                f"{key}: {self.value(GraphQLNonNull(value.type), depth + 1, constant)}" for key, value in fields.items()) + " }"
        given = []
        for name, definition in fields.items():
            required = isinstance(definition.type, GraphQLNonNull) and definition.default_value is Undefined
            if required and not self.mistake() or not required and depth < 3 and self.chance(0.3):
                given.append(f"{name}: {self.value(definition.type, depth + 1, constant)}")
        if self.mistake():
            given.append("strange: 1")
        if given and self.mistake():
            given.append(given[0])
        return "{ " + ", ".join(given) + " }" if given else "{}"

    def variable(self, type_):
        if self.mistake():
            return "$undefined"
        name = f"v{len(self.variables)}"
        shown = str(type_)
        default = ""
        roll = self.random.random()
        if self.mistake():
            shown = self.random.choice(["Int", "String!", "[String]", "[[Int!]!]!", *self.strange_types])
        elif roll < 0.2 and not shown.endswith("!"):
            shown += "!"
        elif roll < 0.4 and shown.endswith("!"):
            shown = shown[:-1]
            default = f" = {self.value(type_, 0, True)}"
        elif roll < 0.5 and not shown.endswith("!"):
            default = f" = {self.value(type_, 0, True)}"
        self.variables[name] = (shown, default + self.directives("VARIABLE_DEFINITION", 0.02, True))
        return f"${name}"

    def directives(self, location, probability, constant=False):
        if self.mistake():
            return self.random.choice([" @nosuch", " @skip", " @deprecated", ' @include(if: "yes")', " @skip(if: true) @skip(if: true)"])
        if not self.chance(probability):
            return ""
        usable = [directive for directive in self.schema.directives
                  if any(place.name == location for place in directive.locations)]
        if not usable:
            return ""
        directive = self.random.choice(usable)
        if constant:
            return f" @{directive.name}" if not directive.args else ""
        return f" @{directive.name}{self.arguments(directive.args)}"
