import FoundationEssentials

/// The claims that are read, as they stand in the payload (RFC 7519 §4.1). Others are ignored.
struct TokenClaims: Decodable {
    /// A claim that is one string or several.
    struct Strings: Decodable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(String.self) {
                self.values = [value]
            } else {
                self.values = try container.decode([String].self)
            }
        }
    }

    let iss: String?
    let aud: Strings?
    let exp: Double?
    let nbf: Double?
    let iat: Double?
    let jti: String?
    let sub: String?
    let tenant: String?
    let name: String?
    let roles: [String]?
    let permissions: [String]?
    let teams: [String]?

    private enum CodingKeys: String, CodingKey {
        case iss, aud, exp, nbf, iat, jti, sub, name, roles, permissions
        case tenant = "tenant_id"
        case teams = "team_ids"
    }

    /// Nil when the text is no JSON object, or a claim has the wrong type.
    init?(json: [UInt8]) {
        guard let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(json)) else { return nil }
        self = claims
    }
}
