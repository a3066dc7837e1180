import CryptoExtras
import Foundation
import JWTKit
import Synchronization
import TokenVerification

/// Makes tokens that no honest issuer would make, and honest ones.
struct Forge: Sendable {
    let name: String
    private let signer: any JWTAlgorithm

    /// What signs; the algorithm of the header need not be the same.
    func token(header: String, payload: String) throws -> String {
        let text = Self.base64URL(header) + "." + Self.base64URL(payload)
        return text + "." + Self.base64URL(Data(try self.signer.sign(Array(text.utf8))))
    }

    /// A token with the header that belongs to the signer.
    func token(_ payload: String, kid: String? = nil) throws -> String {
        let kid = kid.map { #","kid":"\#($0)""# } ?? ""
        return try self.token(header: #"{"alg":"\#(self.name)"\#(kid)}"#, payload: payload)
    }

    static func base64URL(_ text: String) -> String { self.base64URL(Data(text.utf8)) }

    static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func secret(_ text: String) async throws -> Forge {
        let keys = await JWTKeyCollection().add(hmac: HMACKey(from: text), digestAlgorithm: .sha256)
        return Forge(name: "HS256", signer: try await keys.getKey())
    }

    static func rsa(_ key: JWTKit.Insecure.RSA.PrivateKey) async throws -> Forge {
        let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
        return Forge(name: "RS256", signer: try await keys.getKey())
    }

    static func ecdsa(_ key: ES256PrivateKey) async throws -> Forge {
        Forge(name: "ES256", signer: try await JWTKeyCollection().add(ecdsa: key).getKey())
    }

    static func eddsa(_ key: EdDSA.PrivateKey) async throws -> Forge {
        Forge(name: "EdDSA", signer: try await JWTKeyCollection().add(eddsa: key).getKey())
    }
}

/// Keys made once for all tests: two of each kind.
enum TestKeys {
    static let secrets = ["correct horse battery staple 0001", "correct horse battery staple 0002"]
    static let rsa = Result { try (0..<2).map { _ in try rsaKey(.bits2048) } }
    static let ecdsa = [ES256PrivateKey(), ES256PrivateKey()]
    static let eddsa = Result { try (0..<2).map { _ in try EdDSA.PrivateKey() } }

    private static func rsaKey(_ size: _RSA.Signing.KeySize) throws -> JWTKit.Insecure.RSA.PrivateKey {
        try .init(pem: _RSA.Signing.PrivateKey(keySize: size).pemRepresentation)
    }

    /// The forge with one of the two keys.
    static func forge(_ algorithm: TokenAlgorithm, _ index: Int = 0) async throws -> Forge {
        switch algorithm {
        case .hs256: try await .secret(self.secrets[index])
        case .rs256: try await .rsa(self.rsa.get()[index])
        case .es256: try await .ecdsa(self.ecdsa[index])
        case .eddsa: try await .eddsa(self.eddsa.get()[index])
        }
    }

    /// The public half of one of the two keys in PEM.
    static func publicPEM(_ algorithm: TokenAlgorithm, _ index: Int = 0) throws -> String {
        switch algorithm {
        case .hs256: ""
        case .rs256: try self.rsa.get()[index].publicKey.pemRepresentation
        case .es256: self.ecdsa[index].publicKey.pemRepresentation
        case .eddsa: try self.eddsa.get()[index].publicKey.pemRepresentation
        }
    }

    static func privatePEM(_ algorithm: TokenAlgorithm, _ index: Int = 0) throws -> String {
        switch algorithm {
        case .hs256: ""
        case .rs256: try self.rsa.get()[index].pemRepresentation
        case .es256: self.ecdsa[index].pemRepresentation
        case .eddsa: try self.eddsa.get()[index].pemRepresentation
        }
    }

    static func verification(
        _ algorithm: TokenAlgorithm, _ index: Int = 0, id: String? = nil
    ) async throws -> VerificationKey {
        guard algorithm == .hs256 else { return try await .pem(self.publicPEM(algorithm, index), id: id) }
        return try await .secret(Array(self.secrets[index].utf8), id: id)
    }
}

/// A clock that shows what it is told to; seconds.
final class HandClock: Sendable {
    private let time: Mutex<Double>

    init(_ start: Double) { self.time = Mutex(start) }

    var now: Double { self.time.withLock { $0 } }

    func advance(by seconds: Double) { self.time.withLock { $0 += seconds } }
}
