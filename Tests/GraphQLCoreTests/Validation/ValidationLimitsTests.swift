import GraphQLCore
import Testing

@Suite struct ValidationLimitsTests {
    private static func messages(_ text: String, _ limits: ValidationLimits) throws -> [String] {
        try Harbour.violations(text, limits: limits).map(\.error.description)
    }

    private static func limits(_ change: (inout ValidationLimits) -> Void) -> ValidationLimits {
        var limits = ValidationLimits.none
        change(&limits)
        return limits
    }

    private static let nested =
        "query Q { node(id: 1) { ...F } } fragment F on Node { ... on Person { boss { boss { id } } } }"
    private static let wide =
        "{ a: now ...F b: now } fragment F on Query { c: now ...G ...H } fragment G on Query { d: now } fragment H on Query { ...G }"

    @Test func limitsDepth() throws {
        #expect(try Self.messages(Self.nested, Self.limits { $0.depth = 4 }).isEmpty)
        #expect(
            try Self.messages(Self.nested, Self.limits { $0.depth = 3 }) == [
                "Operation \"Q\" is nested deeper than 3 levels. (1:1)"
            ])
    }

    @Test func limitsAliases() throws {
        #expect(try Self.messages(Self.wide, Self.limits { $0.aliases = 5 }).isEmpty)
        #expect(
            try Self.messages(Self.wide, Self.limits { $0.aliases = 4 }) == [
                "The operation has more than 4 aliases. (1:1)"
            ])
    }

    @Test func limitsRootFields() throws {
        #expect(try Self.messages(Self.wide, Self.limits { $0.rootFields = 5 }).isEmpty)
        #expect(
            try Self.messages(Self.wide, Self.limits { $0.rootFields = 4 }) == [
                "The operation selects more than 4 root fields. (1:1)"
            ])
        #expect(try Self.messages(Self.nested, Self.limits { $0.rootFields = 1 }).isEmpty)
    }

    @Test func limitsCost() throws {
        #expect(try Self.messages(Self.nested, Self.limits { $0.cost = 4 }).isEmpty)
        #expect(
            try Self.messages(Self.nested, Self.limits { $0.cost = 3 }) == [
                "Operation \"Q\" selects more than 3 fields. (1:1)"
            ])
    }

    @Test(arguments: [
        ("{ node(id: 1) { id } }", "QUERY_TOO_DEEP"), ("{ now now now }", "QUERY_TOO_COSTLY"),
        ("{ a: now b: now }", "QUERY_TOO_COSTLY"),
    ])
    func refusalsHaveACode(text: String, code: String) throws {
        let limits = Self.limits { ($0.depth, $0.cost, $0.aliases) = (1, 2, 1) }
        let errors = try Harbour.violations(text, limits: limits).map(\.error)
        #expect(errors.map { $0.extensions?["code"] } == [.string(code)])
    }

    /// Documents that are just beyond a limit of 3 levels or 4 fields, and what a server that makes a mistake lets in.
    @Test(arguments: [
        ("{ now now now now now }", [LimitFault.offByOne]),
        ("{ now now now now now now }", []),
        ("{ a: now a: now a: now a: now a: now }", [.offByOne, .costSkipsAliases]),
        ("{ ...F ...F } fragment F on Query { now now now }", [.costCountsFragmentsOnce]),
        (
            "{ node(id: 1) { ...F } } fragment F on Node { ... on Person { boss { boss { id } } } }",
            [.offByOne, .depthSkipsFragments]
        ),
        ("{ node(id: 1) { ... on Person { boss { boss { id } } } } }", [.offByOne]),
    ])
    func faultsLetInWhatTheySay(text: String, faults: [LimitFault]) throws {
        let all: [LimitFault] = [
            .offByOne, .withoutCode, .depthSkipsFragments, .costCountsFragmentsOnce, .costSkipsAliases,
            .costSparesSubscriptions, .refusesAfterExecution,
        ]
        var limits = Self.limits { ($0.depth, $0.cost) = (3, 4) }
        #expect(try !Harbour.violations(text, limits: limits).isEmpty)
        for fault in all {
            limits.fault = fault
            let errors = try Harbour.violations(text, limits: limits).map(\.error)
            #expect(errors.isEmpty == faults.contains(fault), "\(fault)")
            #expect(errors.allSatisfy { ($0.extensions == nil) == (fault == .withoutCode) }, "\(fault)")
        }
    }

    /// Each fragment doubles the last: far more fields than numbers have room for, measured at once.
    @Test func measuresExponentialDocuments() throws {
        let text =
            "{ ...F0 }\n"
            + (0..<99).map { "fragment F\($0) on Query { ...F\($0 + 1) ... { ...F\($0 + 1) } }" }.joined(
                separator: "\n")
            + "\nfragment F99 on Query { now }"
        #expect(try Self.messages(text, .init()).map { $0.hasSuffix("fields. (1:1)") } == [true, true])
        #expect(try Self.messages(text, .none).isEmpty)
    }

    @Test func limitsIntrospection() throws {
        let deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
        #expect(
            try Self.messages(deep, .init()) == ["The operation nests more than 2 lists in its introspection. (1:1)"])
        #expect(try Self.messages(deep, .none).isEmpty)
    }

    @Test func stopsAtTheMostViolations() throws {
        let text = "{ " + String(repeating: "nothing ", count: 200) + "}"
        let violations = try Harbour.violations(text, limits: Self.limits { $0.violations = 10 })
        #expect(violations.count == 11)
        #expect(
            violations.last?.error.message == "Too many validation errors, error limit reached. Validation aborted.")
    }

    @Test func measuresNothingInCycles() throws {
        let violations = try Harbour.violations(
            "{ ...A } fragment A on Query { now ...A }", limits: Self.limits { $0.cost = 0 })
        #expect(violations.map(\.rule) == ["NoFragmentCyclesRule"])
    }
}
