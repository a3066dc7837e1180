/// A token taken apart: header, payload and signature (RFC 7515 §7.1).
struct TokenParts {
    let header: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is over: the first two parts as they were sent.
    let signed: ArraySlice<UInt8>

    /// Nil unless it is three parts of base64url.
    init?(_ token: [UInt8]) {
        let dot = UInt8(ascii: ".")
        guard let last = token.lastIndex(of: dot) else { return nil }
        let signed = token[..<last]
        guard let first = signed.firstIndex(of: dot), signed[(first + 1)...].firstIndex(of: dot) == nil,
            let header = Base64URL.decode(signed[..<first]), let payload = Base64URL.decode(signed[(first + 1)...]),
            let signature = Base64URL.decode(token[(last + 1)...])
        else { return nil }
        self.header = header
        self.payload = payload
        self.signature = signature
        self.signed = signed
    }
}
