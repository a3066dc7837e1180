import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

/// GraphQL over HTTP by the draft of 2023, over TCP: one case for each rule that is the server's affair.
@Suite(.timeLimit(.minutes(1))) struct GraphQLOverHTTPTests {
    private static let grj = "application/graphql-response+json"
    private static let json = "application/json"

    /// A request and what its answer must be.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "POST"
        var target = "/graphql"
        var fields = ["Content-Type: application/json"]
        var body: String? = #"{"query":"{ hello }"}"#
        var status: Int
        var type = GraphQLOverHTTPTests.json
        /// What the body contains.
        var contains = ""

        var testDescription: String { self.name }

        static func get(_ name: String, _ query: String, _ status: Int, _ contains: String = "") -> Case {
            Case(
                name: name, method: "GET", target: "/graphql?" + query, fields: [], body: nil, status: status,
                contains: contains)
        }

        static func post(_ name: String, _ body: String, _ status: Int, _ contains: String = "") -> Case {
            Case(name: name, body: body, status: status, contains: contains)
        }

        static func accept(_ accept: String, _ type: String, _ status: Int = 200) -> Case {
            Case(
                name: "Accept: \(accept)", fields: ["Content-Type: application/json", "Accept: \(accept)"],
                status: status, type: type)
        }
    }

    static let negotiation: [Case] = [
        .accept(grj, grj), .accept(json, json), .accept("*/*", json), .accept("application/*", json),
        .accept("application/json;q=0.5, \(grj)", grj), .accept("application/json, \(grj);q=0.5", json),
        .accept("\(grj);q=0, application/json", json), .accept("\(grj);q=0, */*", json),
        .accept("application/json;q=0, */*;q=0.1", grj),
        .accept("text/html , APPLICATION/GRAPHQL-RESPONSE+JSON ; charset=utf-8", grj),
        .accept("text/html, application/xhtml+xml, */*;q=0.8", json), .accept("\(grj), application/json", grj),
        .accept("application/json ;Q=0.3,\t\(grj) ; q=0.2", json), .accept(",,, \(grj),", grj),
        .accept("text/html", "text/plain", 406), .accept("application/json;q=0", "text/plain", 406),
        .accept("application/json;q=2", "text/plain", 406),
        .accept("application/json;profile=\"a,b;q=0\", */*;q=0", json),
    ]

    static let requests: [Case] = [
        Case(name: "without content type", fields: [], status: 415),
        Case(name: "text/plain", fields: ["Content-Type: text/plain"], status: 415),
        Case(name: "form", fields: ["Content-Type: application/x-www-form-urlencoded"], status: 415),
        Case(name: "multipart", fields: ["Content-Type: multipart/form-data; boundary=x"], status: 415),
        Case(
            name: "application/graphql", fields: ["Content-Type: application/graphql"], body: "{ hello }", status: 415),
        Case(name: "charset", fields: ["Content-Type: application/json; charset=UTF-8"], status: 200),
        Case(name: "quoted charset", fields: ["Content-Type: application/json;charset=\"utf-8\""], status: 200),
        Case(name: "other charset", fields: ["Content-Type: application/json; charset=utf-16"], status: 415),
        Case(
            name: "two content types", fields: ["Content-Type: application/json", "Content-Type: text/plain"],
            status: 415),
        .post("empty body", "", 400), .post("no JSON", "NONSENSE", 400), .post("half JSON", #"{"query":"#, 400),
        .post("null", "null", 400), .post("number", "1", 400), .post("string", #""x""#, 400),
        .post("empty batch", "[]", 400, "Batches of requests are not supported"),
        .post("batch", #"[{"query":"{ hello }"}]"#, 400, "Batches of requests are not supported"),
        .post("misspelt", #"{"qeury":"{ hello }"}"#, 400), .post("no query", "{}", 400),
        .post("query null", #"{"query":null}"#, 400), .post("query object", #"{"query":{}}"#, 400),
        .post("query number", #"{"query":0}"#, 400), .post("query list", #"{"query":[]}"#, 400),
        .post("operationName number", #"{"query":"{ hello }","operationName":0}"#, 400),
        .post("variables list", #"{"query":"{ hello }","variables":[7]}"#, 400),
        .post("variables text", #"{"query":"{ hello }","variables":"{}"}"#, 400),
        .post("extensions false", #"{"query":"{ hello }","extensions":false}"#, 400),
        .post(
            "nulls", #"{"query":"{ hello }","operationName":null,"variables":null,"extensions":null}"#, 200,
            #"{"data":{"hello":"world"}}"#),
        .post("extensions", #"{"query":"{ hello }","extensions":{"some":"value"}}"#, 200, #"{"data":"#),
        .post("unknown members", #"{"query":"{ hello }","foo":{"bar":1}}"#, 200, #"{"data":{"hello":"world"}}"#),
        .post(
            "operation name", #"{"query":"query A { hello } query B { counter }","operationName":"B"}"#, 200,
            #"{"data":{"counter":0}}"#),
        .post("raw UTF-8", #"{"query":"query($t: String!) { echo(text: $t) }","variables":{"t":"é🏃"}}"#, 200, "é🏃"),
        .post("not UTF-8", "{\"query\":\"{ hello }\",\"x\":\"\u{1}\"}", 400),
        Case(name: "body counts, not the URL", target: "/graphql?query=%7Bcounter%7D", status: 200, contains: "world"),
        Case(name: "PUT", method: "PUT", status: 405, type: "text/plain"),
        Case(name: "DELETE", method: "DELETE", status: 405, type: "text/plain"),
        Case(name: "PATCH", method: "PATCH", status: 405, type: "text/plain"),
    ]

    static let byURL: [Case] = [
        .get("GET", "query=%7Bhello%7D", 200, "world"),
        .get("plus is a space", "query=query+Q%7Bhello%7D", 200, "world"),
        .get(
            "variables", "query=query(%24t:String!)%7Becho(text:%24t)%7D&variables=%7B%22t%22:%22%C3%A9+x%22%7D", 200,
            "é x"),
        .get("empty members", "query=%7Bhello%7D&operationName=&variables=&extensions=", 200, "world"),
        .get("null is a name", "query=query%20null%7Bhello%7D&operationName=null", 200, "world"),
        .get("null is no absence", "query=query%20Q%7Bhello%7D&operationName=null", 200, #"{"errors":["#),
        .get("broken variables", "query=%7Bhello%7D&variables=%7B", 400),
        .get("broken extensions", "query=%7Bhello%7D&extensions=x", 400),
        .get("broken percent", "query=%7Bhello%7", 400), .get("no query", "operationName=A", 400),
        .get("mutation", "query=mutation%7Bincrement%7D", 405),
        .get("mutation by name", "query=query%20A%7Bhello%7D%20mutation%20B%7Bincrement%7D&operationName=B", 405),
        .get("query by name", "query=query%20A%7Bhello%7D%20mutation%20B%7Bincrement%7D&operationName=A", 200, "world"),
        .get("subscription", "query=subscription%7Bempty%7D", 400),
    ]

    @Test(arguments: negotiation + requests + byURL)
    func answers(to test: Case) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.request(test.method, test.target, test.fields, body: test.body)
                let answer = try await wire.answer()
                #expect(answer.status == test.status)
                #expect(answer.fields["content-type"] == "\(test.type); charset=utf-8")
                #expect(answer.body.contains(test.contains), "\(answer.body)")
                #expect((answer.status == 405) == (answer.fields["allow"] != nil))
                if answer.status == 415 { #expect(answer.fields["accept-post"] == "application/json") }
                if test.type != "text/plain" {
                    // The body is a GraphQL response, whatever went wrong.
                    let members = try answer.json.objectValue?.map(\.key) ?? []
                    #expect(!members.isEmpty && Set(members).isSubset(of: ["data", "errors", "extensions"]))
                    #expect(answer.fields["vary"] == "Accept, Origin")
                }
                #expect(server.stage.counts.counter == 0)
                // The connection is as good as before.
                try await wire.request("GET", "/health/live")
                #expect(try await wire.answer().status == 200)
            }
        }
    }

    @Test(
        arguments: [
            ("{ hello }", [:], 200, 200), ("{ boom hello }", [:], 200, 200), ("{ required }", [:], 200, 200),
            ("{", [:], 200, 400), ("", [:], 200, 400), ("{ doesNotExist }", [:], 200, 400),
            ("query A { hello }", ["operationName": "B"], 200, 400),
            ("query A { hello } query B { hello }", [:], 200, 400),
            ("fragment F on Query { hello }", [:], 200, 400),
            ("query ($t: String!) { echo(text: $t) }", ["variables": ["t": .null]], 200, 400),
            ("query ($t: String!) { echo(text: $t) }", ["variables": ["t": 1]], 200, 400),
            ("subscription { empty }", [:], 400, 400),
        ] as [(String, JSONObject, Int, Int)])
    func statusByMediaType(query: String, members: JSONObject, asJSON: Int, asGraphQL: Int) async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                for (type, status) in [(Self.json, asJSON), (Self.grj, asGraphQL)] {
                    try await wire.post("/graphql", query, ["Accept: \(type)"], members)
                    let answer = try await wire.answer()
                    #expect(answer.status == status && answer.fields["content-type"] == "\(type); charset=utf-8")
                    let json = try answer.json
                    // After a request error there is no data, not even null.
                    #expect((status == 400 || asGraphQL == 400) == (json["data"] == nil))
                    #expect(json["errors"] != [])
                }
            }
        }
    }

    @Test func tooMuch() async throws {
        try await TestServer.run(configure: {
            $0.limits.bodyBytes = 100_000
            $0.limits.targetBytes = 2000
        }) { server in
            for (request, status) in [
                (Wire.head(["GET /graphql?query=\(String(repeating: "x", count: 2000)) HTTP/1.1", "Host: test"]), 414),
                (Wire.head(["POST /graphql HTTP/1.1", "Host: test", "Content-Length: 100001"]), 413),
                (
                    Wire.head(["POST /graphql HTTP/1.1", "Host: test", "X: \(String(repeating: "x", count: 70_000))"]),
                    431
                ),
            ] {
                try await server.connect { wire in
                    try await wire.write(request)
                    #expect(try await wire.answerHead().status == status)
                }
            }
            try await server.connect { wire in
                try await wire.post("/graphql", "{ hello } #" + String(repeating: "x", count: 65_536))
                #expect(try await wire.answer().body == #"{"data":{"hello":"world"}}"#)
            }
        }
    }

    @Test func refusedAndFailingAdmissions() async throws {
        try await TestServer.run { server in
            try await server.connect { wire in
                try await wire.post("/graphql", "mutation { increment }", ["Authorization: deny"])
                var answer = try await wire.answer()
                #expect([401, 403].contains(answer.status))
                #expect(try answer.json["errors"]?[0]?["message"] != nil)
                try await wire.post("/graphql", "mutation { increment }", ["Authorization: crash"])
                answer = try await wire.answer()
                #expect(answer.status == 500 && server.stage.counts.counter == 0)
            }
        }
    }
}
