import GraphQLCore
import Testing

@Suite struct NullPropagationTests {
    static let sdl = """
        type Query {
          nullable: Node, required: Node!, list: [Node], listOfRequired: [Node!], requiredList: [Node]!, all: [Node!]!
          matrix: [[Int!]]
        }
        type Node { ok: Int, fails: Int, mustFail: Int!, isNull: Int!, child: Node, mustChild: Node!, children: [Node!] }
        """

    static let engine = Result {
        try GraphQLEngine.make(Self.sdl) { resolvers in
            for field in ["nullable", "required"] {
                resolvers.field("Query", field) { _ in ["ok": 1] }
            }
            for field in ["list", "listOfRequired", "requiredList", "all"] {
                resolvers.field("Query", field) { _ in [["ok": 1], nil, ["ok": 3]] }
            }
            resolvers.field("Query", "matrix") { _ in
                [[1, 2], [3, nil], nil, [.failure(GraphQLError(message: "item"))]]
            }
            resolvers.field("Node", "fails") { _ in throw GraphQLError(message: "fails") }
            resolvers.field("Node", "mustFail") { _ in throw GraphQLError(message: "mustFail") }
            for field in ["child", "mustChild"] {
                resolvers.field("Node", field) { _ in ["ok": 2] }
            }
            resolvers.field("Node", "children") { _ in [["ok": 1], ["ok": 2]] }
        }
    }

    /// Each error is written here as message and path.
    @Test(
        arguments: [
            ("{ nullable { fails ok } }", ["fails nullable.fails"], #"{"nullable":{"fails":null,"ok":1}}"#),
            ("{ nullable { ok mustFail } }", ["mustFail nullable.mustFail"], #"{"nullable":null}"#),
            (
                "{ nullable { ok isNull } }",
                ["Cannot return null for non-nullable field Node.isNull. nullable.isNull"], #"{"nullable":null}"#
            ),
            ("{ required { ok mustFail } }", ["mustFail required.mustFail"], "null"),
            ("{ nullable { ok } required { mustFail } }", ["mustFail required.mustFail"], "null"),
            (
                "{ nullable { child { mustFail } ok } }", ["mustFail nullable.child.mustFail"],
                #"{"nullable":{"child":null,"ok":1}}"#
            ),
            (
                "{ nullable { mustChild { mustFail } ok } }", ["mustFail nullable.mustChild.mustFail"],
                #"{"nullable":null}"#
            ),
            (
                "{ nullable { mustChild { mustChild { ok m: mustFail } } ok } }",
                ["mustFail nullable.mustChild.mustChild.m"], #"{"nullable":null}"#
            ),
            (
                "{ nullable { fails mustFail } }", ["fails nullable.fails", "mustFail nullable.mustFail"],
                #"{"nullable":null}"#
            ),
            ("{ nullable { mustFail fails } }", ["mustFail nullable.mustFail"], #"{"nullable":null}"#),
            ("{ list { ok } }", [], #"{"list":[{"ok":1},null,{"ok":3}]}"#),
            (
                "{ listOfRequired { ok } }",
                ["Cannot return null for non-nullable field Query.listOfRequired. listOfRequired.1"],
                #"{"listOfRequired":null}"#
            ),
            (
                "{ requiredList { mustFail } }",
                ["mustFail requiredList.0.mustFail", "mustFail requiredList.2.mustFail"],
                #"{"requiredList":[null,null,null]}"#
            ),
            ("{ all { ok } }", ["Cannot return null for non-nullable field Query.all. all.1"], "null"),
            (
                "{ nullable { children { mustFail } ok } }", ["mustFail nullable.children.0.mustFail"],
                #"{"nullable":{"children":null,"ok":1}}"#
            ),
            (
                "{ nullable { children { fails } } }",
                ["fails nullable.children.0.fails", "fails nullable.children.1.fails"],
                #"{"nullable":{"children":[{"fails":null},{"fails":null}]}}"#
            ),
            (
                "{ matrix }",
                ["Cannot return null for non-nullable field Query.matrix. matrix.1.1", "item matrix.3.0"],
                #"{"matrix":[[1,2],null,null,null]}"#
            ),
        ] as [(String, [String], String)])
    func propagates(query: String, errors: [String], data: String) async throws {
        let engine = try Self.engine.get()
        let result = await engine.execute(try engine.prepared(query), context: Tester())
        #expect(result.errors.map { "\($0.message) \($0.path.map(\.description).joined(separator: "."))" } == errors)
        let encoded = result.errors.map { $0.json().text }.joined(separator: ",")
        let prefix = errors.isEmpty ? "" : "\"errors\":[\(encoded)],"
        #expect(String(decoding: result.body, as: UTF8.self) == "{\(prefix)\"data\":\(data)}")
        #expect(!result.wasCancelled)
    }

    @Test func errorsTellLocationsOfAllMergedFields() async throws {
        let result = try await Self.engine.get().respond("{ nullable { fails }\n  nullable { ok fails } }")
        #expect(
            result
                == #"{"errors":[{"message":"fails","locations":[{"line":1,"column":14},{"line":2,"column":17}],"#
                + #""path":["nullable","fails"]}],"data":{"nullable":{"fails":null,"ok":1}}}"#)
    }

    @Test func internalErrorsStayInside() async throws {
        let seen = Recorder()
        let options = EngineOptions { error, path, context in
            seen.note(
                "\(type(of: error)) of \(context.sharingIdentity) at \(path.map(\.description).joined(separator: "."))")
        }
        let engine = try GraphQLEngine.make("type Query { a: Int, b: Int }", options: options) { resolvers in
            resolvers.field("Query", "a") { _ in throw Secret() }
            resolvers.field("Query", "b") { _ in
                throw GraphQLError(message: "told", extensions: ["code": "SORRY", "n": [1]])
            }
        }
        #expect(
            await engine.respond("{ x: a b }")
                == #"{"errors":[{"message":"Internal server error","locations":[{"line":1,"column":3}],"path":["x"]},"#
                + #"{"message":"told","locations":[{"line":1,"column":8}],"path":["b"],"#
                + #""extensions":{"code":"SORRY","n":[1]}}],"data":{"x":null,"b":null}}"#)
        #expect(seen.notes == ["Secret of tester at x"])
    }
}
