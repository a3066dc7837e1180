import GraphQLCore
import NIOCore
import Testing

@testable import SubscriptionServer

@Suite struct MediaTypeTests {
    @Test(
        arguments: [
            ([], .json), (["*/*"], .json), (["application/json"], .json), (["application/*"], .json),
            (["application/graphql-response+json"], .graphQLResponse),
            (["application/json;q=0.5, application/graphql-response+json"], .graphQLResponse),
            (["application/json, application/graphql-response+json;q=0.5"], .json),
            (["application/graphql-response+json, application/json"], .graphQLResponse),
            (["application/graphql-response+json;q=0, application/json"], .json),
            (["text/html , APPLICATION/GRAPHQL-RESPONSE+JSON ; charset=utf-8"], .graphQLResponse),
            (["text/html", "application/json; q=0.1"], .json),
            (["application/json;q=0, */*"], .graphQLResponse),
            (["text/html"], nil), (["application/json;q=0"], nil), (["application/json;q=0.0, text/*"], nil),
            ([#"application/json;x="a,b;q=0""#], .json),
        ] as [([String], ResultType?)])
    func negotiation(accept: [String], type: ResultType?) {
        #expect(ResultType.negotiate(accept) == type)
    }

    @Test(
        arguments: [
            ("application/json", "application/json", nil),
            ("Application/JSON ; Charset=UTF-8", "application/json", "utf-8"),
            (#"application/json;charset="utf-16""#, "application/json", "utf-16"), ("", "", nil),
        ] as [(String, String, String?)])
    func contentTypes(field: String, type: String, charset: String?) {
        #expect(MediaRange.contentType(field).type == type)
        #expect(MediaRange.contentType(field).charset == charset)
    }
}

@Suite struct HTTPRequestParameterTests {
    private func read(_ query: String) throws -> GraphQLRequest {
        try HTTPRequestParameters.read(query: Substring(query), limits: .init())
    }

    @Test func formEncoding() throws {
        #expect(try self.read("query=query+Q%7B__typename%7D&x=1").query == "query Q{__typename}")
        #expect(try self.read("query=%F0%9F%98%80").query == "😀")
        #expect(try self.read("query=a&operationName=null").operationName == "null")
        #expect(try self.read("query=a&operationName=&variables=&extensions=") == GraphQLRequest(query: "a"))
        #expect(try self.read("query=a&variables=%7B%22x%22%3A1%7D").variables == ["x": 1])
    }

    @Test(arguments: [
        "", "query=%", "query=%4", "query=%GG", "query=%FF", "query=a&variables=%7B", "query=a&variables=1",
    ])
    func mistakesInURLs(query: String) {
        #expect(throws: HTTPRequestParameters.Mistake.self) { try self.read(query) }
    }

    @Test(arguments: [
        "", "NONSENSE", #"{"query":"#, "null", "1", #""x""#, "[]", #"[{"query":"{a}"}]"#, "{}", #"{"query":null}"#,
        #"{"query":1}"#, #"{"query":"a","operationName":1}"#, #"{"query":"a","variables":[7]}"#,
        #"{"query":"a","extensions":"x"}"#,
    ])
    func mistakesInBodies(body: String) {
        #expect(throws: HTTPRequestParameters.Mistake.self) {
            try HTTPRequestParameters.read(body: ByteBuffer(string: body), limits: .init())
        }
    }

    @Test func bodies() throws {
        let text = #"{"query":"a","operationName":null,"variables":{"x":null},"extensions":null,"foo":{}}"#
        let request = try HTTPRequestParameters.read(body: ByteBuffer(string: text), limits: .init())
        #expect(request == GraphQLRequest(query: "a", variables: ["x": nil]))
    }
}
