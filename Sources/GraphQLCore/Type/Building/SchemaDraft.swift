/// A type definition with its extensions, in the order of the source.
struct DraftType {
    let definition: TypeDefinitionNode
    var extensions: [TypeDefinitionNode] = []
    let isBuiltIn: Bool

    var name: String { self.definition.name.value }
    var kind: TypeKind { self.definition.kind }
    var nodes: [TypeDefinitionNode] { [self.definition] + self.extensions }
    var fields: [FieldDefinitionNode] { self.nodes.flatMap(\.fields) }
    var interfaces: [NameNode] { self.nodes.flatMap(\.interfaces) }
    var memberTypes: [NameNode] { self.nodes.flatMap(\.memberTypes) }
    var values: [EnumValueDefinitionNode] { self.nodes.flatMap(\.values) }
    var inputFields: [InputValueDefinitionNode] { self.nodes.flatMap(\.inputFields) }
    var directives: [DirectiveNode] { self.nodes.flatMap(\.directives) }
}

/// The definitions of a schema before they are checked: each type with its extensions.
struct SchemaDraft {
    /// The types: those of the sources, then the built-in ones.
    private(set) var types: [DraftType] = []
    private(set) var places: [String: Int] = [:]
    /// The directives: those of the sources, then the built-in ones that the sources do not define.
    private(set) var directives: [DirectiveDefinitionNode] = []
    private(set) var directivePlaces: [String: Int] = [:]
    /// How many of the directives come from the sources.
    private(set) var ownDirectiveCount = 0
    private(set) var schemaDefinition: SchemaDefinitionNode?
    private(set) var schemaExtensions: [SchemaDefinitionNode] = []
    /// What the sources hold twice, or extend without defining it.
    private(set) var errors: [GraphQLError] = []

    /// The draft of definitions, of which those of `builtIns` come last.
    init(_ definitions: [DefinitionNode], builtIns: [DefinitionNode]) {
        let builtInTypeNames = Set(
            builtIns.compactMap { definition in
                if case .type(let node) = definition { node.name.value } else { nil }
            })
        for definition in definitions { self.add(definition, reserved: builtInTypeNames) }
        self.ownDirectiveCount = self.directives.count
        for definition in builtIns { self.addBuiltIn(definition) }
        for case .type(let node) in definitions where node.isExtension { self.extend(node) }
        if self.schemaDefinition == nil, let first = self.schemaExtensions.first {
            let defaults = OperationKind.allCases.map(SchemaDraft.defaultRootName)
            if !defaults.contains(where: { self.places[$0] != nil }) {
                self.errors.append(
                    GraphQLError(
                        message: "Cannot extend the schema because it is not defined.", location: first.location)
                )
            }
        }
    }

    /// `schema` and its extensions, in the order of the source.
    var schemaNodes: [SchemaDefinitionNode] {
        (self.schemaDefinition.map { [$0] } ?? []) + self.schemaExtensions
    }

    /// The type of this name.
    func type(_ name: String) -> DraftType? {
        self.places[name].map { self.types[$0] }
    }

    /// The directive of this name.
    func directive(_ name: String) -> DirectiveDefinitionNode? {
        self.directivePlaces[name].map { self.directives[$0] }
    }

    /// The name of the root type of an operation: as `schema` says, or else by its default name (GraphQL §3.3.1).
    func rootName(_ operation: OperationKind) -> NameNode? {
        let nodes = self.schemaNodes
        for node in nodes {
            if let type = node.operationTypes.first(where: { $0.operation == operation }) { return type.type }
        }
        guard self.schemaDefinition == nil else { return nil }
        return self.type(SchemaDraft.defaultRootName(operation))?.definition.name
    }

    private static func defaultRootName(_ operation: OperationKind) -> String {
        switch operation {
        case .query: return "Query"
        case .mutation: return "Mutation"
        case .subscription: return "Subscription"
        }
    }

    private mutating func add(_ definition: DefinitionNode, reserved: Set<String>) {
        switch definition {
        case .schema(let node):
            if node.isExtension {
                self.schemaExtensions.append(node)
            } else if self.schemaDefinition == nil {
                self.schemaDefinition = node
            } else {
                self.errors.append(
                    GraphQLError(message: "Must provide only one schema definition.", location: node.location))
            }
        case .type(let node) where !node.isExtension:
            let name = node.name.value
            if reserved.contains(name) {
                self.errors.append(
                    GraphQLError(
                        message: "Type \"\(name)\" is built in and cannot be defined.", location: node.name.location))
            } else if let first = self.type(name) {
                self.errors.append(
                    GraphQLError(
                        message: "There can be only one type named \"\(name)\".",
                        locations: [first.definition.name.location, node.name.location]))
            } else {
                self.places[name] = self.types.count
                self.types.append(DraftType(definition: node, isBuiltIn: false))
            }
        case .directive(let node):
            let name = node.name.value
            if let first = self.directive(name) {
                self.errors.append(
                    GraphQLError(
                        message: "There can be only one directive named \"@\(name)\".",
                        locations: [first.name.location, node.name.location]))
            } else {
                self.directivePlaces[name] = self.directives.count
                self.directives.append(node)
            }
        case .type, .operation, .fragment:
            break
        }
    }

    private mutating func addBuiltIn(_ definition: DefinitionNode) {
        switch definition {
        case .type(let node):
            self.places[node.name.value] = self.types.count
            self.types.append(DraftType(definition: node, isBuiltIn: true))
        case .directive(let node) where self.directive(node.name.value) == nil:
            self.directivePlaces[node.name.value] = self.directives.count
            self.directives.append(node)
        default:
            break
        }
    }

    private mutating func extend(_ node: TypeDefinitionNode) {
        let name = node.name.value
        guard let place = self.places[name] else {
            let hint = Suggestions.hint(for: name, among: self.types.filter { !$0.isBuiltIn }.map(\.name))
            self.errors.append(
                GraphQLError(
                    message: "Cannot extend type \"\(name)\" because it is not defined.\(hint)",
                    location: node.name.location))
            return
        }
        let definition = self.types[place].definition
        guard definition.kind == node.kind else {
            self.errors.append(
                GraphQLError(
                    message: "Cannot extend non-\(node.kind.noun) type \"\(name)\".",
                    locations: [definition.location, node.location]))
            return
        }
        if self.types[place].isBuiltIn {
            self.errors.append(
                GraphQLError(message: "Type \"\(name)\" is built in and cannot be extended.", location: node.location))
            return
        }
        self.types[place].extensions.append(node)
    }
}

extension TypeKind {
    /// What messages call the kind.
    var noun: String {
        switch self {
        case .scalar: return "scalar"
        case .object: return "object"
        case .interface: return "interface"
        case .union: return "union"
        case .enumeration: return "enum"
        case .inputObject: return "input object"
        }
    }
}
