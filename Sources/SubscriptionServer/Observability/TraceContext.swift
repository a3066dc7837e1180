package import GraphQLCore

/// Where a request belongs in a distributed trace: a `traceparent` (W3C Trace Context, §3.2).
///
/// It is taken from the header field of a request, from the member `traceparent` of an init payload, or from that of a
/// request's extensions, and put into the log beside what it belongs to.
package struct TraceContext: Sendable, Hashable {
    /// 32 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, not all zero: the caller's span.
    package let parentID: String
    /// Whether the caller may have recorded the trace.
    package let isSampled: Bool

    /// Nil for anything that is not a `traceparent`. Of versions beyond 00 only the known part is read, as they ask.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
        let parts = [bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55]]
        guard parts.allSatisfy({ $0.allSatisfy(Self.isHexadecimal) }) else { return nil }
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        guard texts[0] != "ff", texts[0] == "00" ? bytes.count == 55 : bytes.count == 55 || bytes[55] == 0x2D else {
            return nil
        }
        guard parts[1].contains(where: { $0 != 0x30 }), parts[2].contains(where: { $0 != 0x30 }) else { return nil }
        self.traceID = texts[1]
        self.parentID = texts[2]
        self.isSampled = (UInt8(texts[3], radix: 16) ?? 0) & 1 == 1
    }

    /// That of a request's header fields; none when it comes more than once.
    package init?(_ facts: HandshakeFacts) {
        let values = facts.values(of: "traceparent")
        guard values.count == 1, let context = TraceContext(values[0]) else { return nil }
        self = context
    }

    /// That of an init payload or of a request's extensions.
    package init?(_ members: JSONObject?) {
        guard let text = members?["traceparent"]?.stringValue, let context = TraceContext(text) else { return nil }
        self = context
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
