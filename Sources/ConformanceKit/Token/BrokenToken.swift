/// Breaks a token of somebody else's making, as far as that can be done without its key.
enum BrokenToken {
    static func make(_ kind: TokenKind, of token: String) throws(TokenFailure) -> String {
        if kind == .valid { return token }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let needsJWT = "the profile cannot make a token of the kind \(kind.rawValue)"
        guard parts.count == 3, !parts[1].isEmpty else { throw TokenFailure(message: needsJWT) }
        switch kind {
        case .emptySignature: return "\(parts[0]).\(parts[1])."
        case .algNone, .algNoneSpelled:
            let header = JSON.object([
                .init("typ", .string("JWT")), .init("alg", .string(kind == .algNone ? "none" : "nOnE")),
            ])
            return "\(Base64.encodeForURL(Array(header.text.utf8))).\(parts[1])."
        case .tampered:
            guard let claims = Base64.decodeFromURL(parts[1]), let json = try? JSONParser.parse(claims) else {
                throw TokenFailure(message: needsJWT)
            }
            let changed = json.setting(.string("intruder"), at: ["sub"])
            return "\(parts[0]).\(Base64.encodeForURL(Array(changed.text.utf8))).\(parts[2])"
        default: throw TokenFailure(message: needsJWT)
        }
    }
}

extension Base64 {
    /// RFC 4648 §5, without padding; nil for anything else.
    static func decodeFromURL(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            let value: UInt32
            switch byte {
            case 0x41...0x5A: value = UInt32(byte) - 0x41
            case 0x61...0x7A: value = UInt32(byte) - 0x61 + 26
            case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
            case 0x2D: value = 62
            case 0x5F: value = 63
            default: return nil
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return count < 6 ? bytes : nil
    }
}
