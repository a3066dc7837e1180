/// A selected field of one object type, with all that can be known before execution.
final class FieldPlan: Sendable {
    /// Where the value comes from.
    enum Source: Sendable {
        /// From the object, by name (GraphQL §6.4.2, the default).
        case lookup
        case immediate(Resolvers.Field)
        case asynchronous(Resolvers.AsyncField)
        /// The event itself: the root field of a subscription without a resolver.
        case event
        /// `__typename` (§4.4).
        case typeName
    }

    /// The coerced arguments, or how to get them.
    enum ArgumentsPlan: Sendable {
        case none
        case constant(Arguments)
        /// Some depend on variables; coerced at each execution.
        case dynamic([ArgumentPlan])
        /// A literal that its scalar refuses; fails the field at each execution.
        case failing(GraphQLError)
    }

    let parentTypeName: String
    let name: String
    let responseName: String
    /// The response name in quotation marks and the colon, in UTF-8, after a comma.
    let key: [UInt8]
    /// Of all field nodes that were merged into this field.
    let locations: [SourceLocation]
    let source: Source
    let arguments: ArgumentsPlan
    let completion: CompletionPlan
    /// Whether completing the field may have to await a resolver, its own or one below.
    let isAsynchronous: Bool

    init(
        parentTypeName: String, name: String, responseName: String, locations: [SourceLocation], source: Source,
        arguments: ArgumentsPlan, completion: CompletionPlan, isAsynchronous: Bool
    ) {
        self.parentTypeName = parentTypeName
        self.name = name
        self.responseName = responseName
        var key: [UInt8] = [UInt8(ascii: ",")]
        key.appendJSONString(responseName)
        key.append(UInt8(ascii: ":"))
        self.key = key
        self.locations = locations
        self.source = source
        self.arguments = arguments
        self.completion = completion
        self.isAsynchronous = isAsynchronous
    }
}

/// An argument of which the value depends on variables.
struct ArgumentPlan: Sendable {
    let definition: InputValueDefinition
    /// Nil when the argument is not given.
    let value: ValueNode?
    /// Where to report that it is missing.
    let fieldLocation: SourceLocation
}

/// How a value is completed to its type (GraphQL §6.4.3).
final class CompletionPlan: Sendable {
    enum Shape: Sendable {
        case int
        case float
        case string
        case boolean
        case id
        case enumeration(EnumType)
        case custom(name: String, ScalarCoding)
        case object(ObjectPlan)
        case abstract(AbstractPlan)
        case list(CompletionPlan)
    }

    let isNonNull: Bool
    let shape: Shape

    init(isNonNull: Bool, shape: Shape) {
        self.isNonNull = isNonNull
        self.shape = shape
    }
}

/// The fields that are selected of one object type, merged and in the order of the response (GraphQL §6.3.2).
final class ObjectPlan: Sendable {
    let typeName: String
    let fields: [FieldPlan]
    /// Whether any field may have to await.
    let isAsynchronous: Bool
    /// Why the fields cannot be told: a null for the condition of `@skip` or `@include`.
    let failure: GraphQLError?

    init(typeName: String, fields: [FieldPlan], failure: GraphQLError? = nil) {
        self.typeName = typeName
        self.fields = fields
        self.isAsynchronous = fields.contains(where: \.isAsynchronous)
        self.failure = failure
    }
}
