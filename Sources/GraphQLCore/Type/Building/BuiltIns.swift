/// What every schema holds (GraphQL §3.5, §3.13, §4): scalars, directives and introspection types.
enum BuiltIns {
    /// The names of the scalars of the specification.
    static let scalarNames = ScalarType.BuiltIn.allCases.map(\.rawValue)

    /// The reason of a `@deprecated` without one (§3.13.3).
    static let defaultDeprecationReason = "No longer supported"

    /// The definitions, in the language that schemas are written in.
    static let text = """
        "A whole number from -2147483648 to 2147483647."
        scalar Int
        "A finite number in double precision (IEEE 754)."
        scalar Float
        "Text: a sequence of Unicode code points."
        scalar String
        "Either true or false."
        scalar Boolean
        "An opaque identifier. It is written as a string; whole numbers are accepted too."
        scalar ID

        "Leaves out the field or fragment when the condition is true."
        directive @skip(
            "When true, the field or fragment is left out."
            if: Boolean!
        ) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        "Keeps the field or fragment only when the condition is true."
        directive @include(
            "When false, the field or fragment is left out."
            if: Boolean!
        ) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        "Marks a part of the schema that should no longer be used."
        directive @deprecated(
            "Why, and what to use instead, in Markdown."
            reason: String! = "No longer supported"
        ) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
        "Says where the behaviour of a custom scalar is specified."
        directive @specifiedBy(
            "The address of a specification that people can read."
            url: String!
        ) on SCALAR
        "Marks an input object of which exactly one field must be given."
        directive @oneOf on INPUT_OBJECT

        "The schema of this service: its types, directives and root types."
        type __Schema {
            description: String
            "All named types of the schema."
            types: [__Type!]!
            "Where queries start."
            queryType: __Type!
            "Where mutations start, if the service has any."
            mutationType: __Type
            "Where subscriptions start, if the service has any."
            subscriptionType: __Type
            "All directives of the schema."
            directives: [__Directive!]!
        }
        "A type: a named one, a list or a non-null. Its kind says which fields are not null."
        type __Type {
            kind: __TypeKind!
            name: String
            description: String
            "For custom scalars only."
            specifiedByURL: String
            "For objects and interfaces only."
            fields(includeDeprecated: Boolean! = false): [__Field!]
            "For objects and interfaces only."
            interfaces: [__Type!]
            "For interfaces and unions only."
            possibleTypes: [__Type!]
            "For enums only."
            enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
            "For input objects only."
            inputFields(includeDeprecated: Boolean! = false): [__InputValue!]
            "The wrapped type, for lists and non-nulls only."
            ofType: __Type
            "For input objects only."
            isOneOf: Boolean
        }
        "The kinds of types."
        enum __TypeKind {
            "A leaf value; `specifiedByURL` may be set."
            SCALAR
            "Has `fields` and `interfaces`."
            OBJECT
            "Has `fields`, `interfaces` and `possibleTypes`."
            INTERFACE
            "Has `possibleTypes`."
            UNION
            "Has `enumValues`."
            ENUM
            "Has `inputFields`."
            INPUT_OBJECT
            "Wraps `ofType`."
            LIST
            "Wraps `ofType`."
            NON_NULL
        }
        "A field of an object or interface."
        type __Field {
            name: String!
            description: String
            args(includeDeprecated: Boolean! = false): [__InputValue!]!
            type: __Type!
            isDeprecated: Boolean!
            deprecationReason: String
        }
        "An argument of a field or directive, or a field of an input object."
        type __InputValue {
            name: String!
            description: String
            type: __Type!
            "The default in GraphQL syntax, if there is one."
            defaultValue: String
            isDeprecated: Boolean!
            deprecationReason: String
        }
        "A value of an enum."
        type __EnumValue {
            name: String!
            description: String
            isDeprecated: Boolean!
            deprecationReason: String
        }
        "A directive that documents or the schema may apply."
        type __Directive {
            name: String!
            description: String
            isRepeatable: Boolean!
            locations: [__DirectiveLocation!]!
            args(includeDeprecated: Boolean! = false): [__InputValue!]!
        }
        "The places where a directive may stand."
        enum __DirectiveLocation {
            "A query."
            QUERY
            "A mutation."
            MUTATION
            "A subscription."
            SUBSCRIPTION
            "A selected field."
            FIELD
            "The definition of a fragment."
            FRAGMENT_DEFINITION
            "The spread of a fragment."
            FRAGMENT_SPREAD
            "A fragment without a name."
            INLINE_FRAGMENT
            "The definition of a variable."
            VARIABLE_DEFINITION
            "The schema itself."
            SCHEMA
            "A scalar."
            SCALAR
            "An object type."
            OBJECT
            "A field of an object or interface."
            FIELD_DEFINITION
            "An argument of a field or directive."
            ARGUMENT_DEFINITION
            "An interface."
            INTERFACE
            "A union."
            UNION
            "An enum."
            ENUM
            "A value of an enum."
            ENUM_VALUE
            "An input object."
            INPUT_OBJECT
            "A field of an input object."
            INPUT_FIELD_DEFINITION
        }
        """
}
