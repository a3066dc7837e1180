import GraphQLCore
import Testing

/// A whole answer as a test sees it.
struct HTTPResult: Equatable {
    var status: Int
    /// By names in lower case; of several the last.
    var fields: [String: String]
    var body = ""

    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONReader.read(self.body) }
    }
}

extension Wire {
    /// Writes a request.
    func request(_ method: String, _ target: String, _ fields: [String] = [], body: String? = nil) async throws {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        try await self.write(
            Self.head(["\(method) \(target) HTTP/1.1", "Host: test"] + length + fields) + (body ?? ""))
    }

    /// Writes a request with an operation in JSON.
    func post(_ target: String, _ query: String, _ fields: [String] = [], _ members: JSONObject = [:]) async throws {
        var members = members
        members["query"] = .string(query)
        try await self.request(
            "POST", target, ["Content-Type: application/json"] + fields, body: JSONValue.object(members).text)
    }

    /// The head of an answer.
    mutating func answerHead() async throws -> HTTPResult {
        let lines = try await self.head().split(separator: "\r\n").map(String.init)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
        }
        return HTTPResult(status: Int(lines[0].dropFirst(9).prefix(3)) ?? 0, fields: fields)
    }

    /// An answer that says how long it is.
    mutating func answer() async throws -> HTTPResult {
        var result = try await self.answerHead()
        let length = try #require(result.fields["content-length"].flatMap { Int($0) }, "\(result)")
        result.body = String(decoding: try await self.bytes(length), as: UTF8.self)
        return result
    }

    /// The head of an answer that must be an event stream in chunks, with what reads it.
    mutating func eventStream() async throws -> EventStreamReader {
        let head = try await self.answerHead()
        guard head.status == 200, head.fields["content-type"]?.hasPrefix("text/event-stream") == true else {
            throw Broken("no event stream: \(head)")
        }
        guard head.fields["transfer-encoding"] == "chunked", head.fields["content-length"] == nil else {
            throw Broken("not in chunks: \(head)")
        }
        var reader = EventStreamReader()
        // Every stream begins with a comment.
        guard try await reader.block(&self) == ":" else { throw Broken("no comment first") }
        return reader
    }
}

/// Reads the blocks of an event stream out of chunks.
struct EventStreamReader {
    private var bytes: [UInt8] = []
    private(set) var hasEnded = false

    /// The next block without the blank line behind it; nil at the end of the body.
    mutating func block(_ wire: inout Wire) async throws -> String? {
        while true {
            if let end = self.bytes.indices.first(where: { self.bytes[$0...].starts(with: [10, 10]) }) {
                let block = String(decoding: self.bytes[..<end], as: UTF8.self)
                self.bytes.removeSubrange(...(end + 1))
                return block
            }
            guard !self.hasEnded else {
                guard self.bytes.isEmpty else { throw Wire.Broken("the stream ends inside a block") }
                return nil
            }
            let length = try #require(Int(try await wire.line(), radix: 16))
            self.bytes += try await wire.bytes(length)
            guard try await wire.line().isEmpty else { throw Wire.Broken("a chunk is too long") }
            self.hasEnded = length == 0
        }
    }

    /// The blocks up to the end of the body.
    mutating func rest(_ wire: inout Wire) async throws -> [String] {
        var blocks: [String] = []
        while let block = try await self.block(&wire) {
            blocks.append(block)
        }
        return blocks
    }
}
