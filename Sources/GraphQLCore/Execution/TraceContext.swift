/// Where a request belongs in a distributed trace: a `traceparent` (W3C Trace Context, §3.2).
///
/// It is opaque to everything here: it stands in logs beside what it belongs to, and goes on unchanged with what is
/// published for the request. No spans are recorded, so there is no parent of our own to put in place of the caller's;
/// forwarding the field as it came is what the specification allows those who only pass a trace on (§3.4).
package struct TraceContext: Sendable, Hashable {
    /// The name of the header field, and of the member wherever a trace comes or goes in JSON.
    package static let name = "traceparent"

    /// Out of line: every connection and operation has room for a trace, and few have one.
    private final class Parts: Sendable {
        let traceID: String
        let parentID: String
        /// Of version 00 all as they came; of later ones only that which this version knows.
        let flags: UInt8

        init(traceID: String, parentID: String, flags: UInt8) {
            self.traceID = traceID
            self.parentID = parentID
            self.flags = flags
        }
    }

    private let parts: Parts

    /// 32 lower-case hexadecimal digits, not all zero.
    package var traceID: String { self.parts.traceID }
    /// 16 lower-case hexadecimal digits, not all zero: the caller's span.
    package var parentID: String { self.parts.parentID }

    /// Nil for anything that is not a `traceparent`. Of versions beyond 00 only the known part is read (§3.2.4).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
        let parts = [bytes[0..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55]]
        guard parts.allSatisfy({ $0.allSatisfy(Self.isHexadecimal) }) else { return nil }
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        let isKnownVersion = texts[0] == "00"
        guard texts[0] != "ff", isKnownVersion ? bytes.count == 55 : bytes.count == 55 || bytes[55] == 0x2D else {
            return nil
        }
        guard parts[1].contains(where: { $0 != 0x30 }), parts[2].contains(where: { $0 != 0x30 }) else { return nil }
        let flags = UInt8(texts[3], radix: 16) ?? 0
        self.parts = Parts(traceID: texts[1], parentID: texts[2], flags: isKnownVersion ? flags : flags & 1)
    }

    /// That in the members of an object, such as an init payload, a request's extensions or a message of the bus.
    package init?(_ members: JSONObject?) {
        guard let text = members?[Self.name]?.stringValue, let context = TraceContext(text) else { return nil }
        self = context
    }

    /// Whether the caller may have recorded the trace.
    package var isSampled: Bool { self.parts.flags & 1 == 1 }

    /// As it goes on: 55 characters, what came in version 00 byte for byte. What came in a later version goes on in
    /// this one (§3.4, "Downgrade the version").
    package var text: String {
        let flags = String(self.parts.flags, radix: 16)
        return "00-\(self.traceID)-\(self.parentID)-\(flags.utf8.count < 2 ? "0" : "")\(flags)"
    }

    package static func == (left: TraceContext, right: TraceContext) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.text) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
