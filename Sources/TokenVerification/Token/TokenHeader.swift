import FoundationEssentials

/// The members of a token's header that decide how it is verified (RFC 7515 §4.1). Keys that the header itself brings
/// or points to (`jwk`, `jku`, `x5c`, `x5u`) are never used: whoever forges a token could name any.
struct TokenHeader: Decodable {
    let alg: String
    let kid: String?
    private let crit: [String]?
    private let enc: String?
    private let b64: Bool?

    /// Whether it asks for nothing that has to be understood.
    var isPlain: Bool { self.crit == nil && self.enc == nil && self.b64 ?? true }

    init?(json: [UInt8]) {
        guard let header = try? JSONDecoder().decode(TokenHeader.self, from: Data(json)) else { return nil }
        self = header
    }
}
