/// Reads the answer to an upgrade request from bytes in any pieces.
struct ResponseParser {
    /// A longer head is not read on; in bytes.
    static let maximumHead = 64 << 10
    /// More of a body is not kept; in bytes.
    static let maximumBody = 64 << 10

    enum Progress {
        case needsMore
        /// What follows an upgrade belongs to the frames.
        case response(WireResponse, rest: [UInt8])
        case unreadable(String)
    }

    private var buffer: [UInt8] = []
    /// Before this place there is no end of the head.
    private var searched = 0
    private var headEnd: Int?
    private let expectedAccept: String?

    init(key: String?) { self.expectedAccept = key.map { UpgradeRequest.accept(for: $0) } }

    var received: [UInt8] { self.buffer }

    /// - Parameter atEnd: TCP has ended, so a body without a length is whole.
    mutating func append(_ bytes: [UInt8], atEnd: Bool = false) -> Progress {
        self.buffer.append(contentsOf: bytes)
        guard let end = self.endOfHead() else {
            if self.buffer.count > Self.maximumHead { return .unreadable("the head is longer than 64 KiB") }
            return .needsMore
        }
        let head = Array(self.buffer[..<end])
        guard var response = Self.parse(head) else { return .unreadable("this is no HTTP/1.1 answer") }
        let rest = Array(self.buffer[end...])
        if response.status == 101 {
            if let expected = self.expectedAccept {
                response.acceptIsRight = response.values("Sec-WebSocket-Accept") == [expected]
            }
            return .response(response, rest: rest)
        }
        guard atEnd || self.isWhole(rest, response) else { return .needsMore }
        response.body = Bytes(Array(rest.prefix(Self.maximumBody)))
        return .response(response, rest: [])
    }

    private mutating func endOfHead() -> Int? {
        if let end = self.headEnd { return end }
        while self.searched + 4 <= self.buffer.count {
            let index = self.searched
            self.searched += 1
            guard self.buffer[index] == 13, self.buffer[index + 1] == 10, self.buffer[index + 2] == 13,
                self.buffer[index + 3] == 10
            else { continue }
            self.headEnd = index + 4
            return index + 4
        }
        return nil
    }

    private func isWhole(_ body: [UInt8], _ response: WireResponse) -> Bool {
        if body.count >= Self.maximumBody || [204, 304].contains(response.status) { return true }
        if let length = response.values("Content-Length").first.flatMap({ Int($0) }) { return body.count >= length }
        if response.values("Transfer-Encoding").contains(where: { $0.lowercased() == "chunked" }) {
            return String(decoding: body.suffix(7), as: UTF8.self).hasSuffix("0\r\n\r\n")
        }
        return false
    }

    private static func parse(_ head: [UInt8]) -> WireResponse? {
        let text = String(decoding: head, as: UTF8.self)
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { return nil }
        let words = lines.removeFirst().split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        var headers: [WireResponse.Header] = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            var value = line[line.index(after: colon)...]
            while let first = value.first, first == " " || first == "\t" { value.removeFirst() }
            while let last = value.last, last == " " || last == "\t" { value.removeLast() }
            headers.append(.init(String(line[..<colon]), String(value)))
        }
        return WireResponse(status: status, headers: headers, head: head)
    }
}
