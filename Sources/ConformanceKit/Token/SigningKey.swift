import COpenSSL

/// Why a token could not be made.
package struct TokenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String

    package var description: String { self.message }
}

/// A private key of OpenSSL.
///
/// `@unchecked Sendable`: the key is never changed after it was made, and OpenSSL counts its references atomically.
package final class SigningKey: @unchecked Sendable {
    private let raw: OpaquePointer

    private init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { EVP_PKEY_free(self.raw) }

    /// Reads a private key in PEM.
    package init(pem: String) throws(TokenFailure) {
        let bytes = Array(pem.utf8)
        let key = bytes.withUnsafeBytes { buffer -> OpaquePointer? in
            guard let bio = gqc_read_only_bio(buffer.baseAddress, Int32(buffer.count)) else { return nil }
            defer { BIO_free(bio) }
            return PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        }
        guard let key else { throw TokenFailure(message: "this is no private key in PEM without a password") }
        self.raw = key
    }

    /// A new key for an algorithm of RFC 7518 that signs with one.
    package static func generate(for algorithm: String) throws(TokenFailure) -> SigningKey {
        let raw: OpaquePointer? =
            switch algorithm {
            case "ES256": gqc_new_ec_key("P-256")
            case "ES384": gqc_new_ec_key("P-384")
            case "ES512": gqc_new_ec_key("P-521")
            case "EdDSA": gqc_new_ed25519_key()
            default: gqc_new_rsa_key(2_048)
            }
        guard let raw else { throw TokenFailure(message: "OpenSSL made no key for \(algorithm)") }
        return SigningKey(raw)
    }

    /// The private key in PEM (PKCS #8).
    package var privatePEM: String {
        Self.pem { PEM_write_bio_PKCS8PrivateKey($0, self.raw, nil, nil, 0, nil, nil) }
    }

    /// The public key in PEM (SubjectPublicKeyInfo).
    package var publicPEM: String { Self.pem { PEM_write_bio_PUBKEY($0, self.raw) } }

    private static func pem(_ write: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { return "" }
        var bytes: UnsafeMutablePointer<CChar>?
        let count = gqc_bio_contents(bio, &bytes)
        guard let bytes, count > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// The signature in the form of RFC 7518.
    func sign(_ message: [UInt8], algorithm: String) throws(TokenFailure) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw TokenFailure(message: "OpenSSL is out of memory") }
        defer { EVP_MD_CTX_free(context) }
        // The context of the key belongs to that of the digest.
        var keyContext: OpaquePointer?
        let digest = algorithm == "EdDSA" ? nil : Self.digest(of: algorithm)
        guard EVP_DigestSignInit(context, &keyContext, digest, nil, self.raw) == 1 else {
            throw TokenFailure(message: "the key does not fit \(algorithm)")
        }
        if algorithm.hasPrefix("PS") {
            // RFC 7518 §3.5: the salt is as long as the digest (-1 for OpenSSL).
            _ = EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING)
            _ = EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, -1)
        }
        var count = 0
        guard EVP_DigestSign(context, nil, &count, message, message.count) == 1 else {
            throw TokenFailure(message: "OpenSSL does not sign with \(algorithm)")
        }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw TokenFailure(message: "OpenSSL does not sign with \(algorithm)")
        }
        signature.removeLast(signature.count - count)
        return algorithm.hasPrefix("ES") ? try Self.pair(signature, algorithm) : signature
    }

    /// RFC 7518 §3.4: the two numbers one after the other, each as long as the order of the curve.
    private static func pair(_ der: [UInt8], _ algorithm: String) throws(TokenFailure) -> [UInt8] {
        let width = algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66
        let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var start = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &start, buffer.count)
        }
        guard let parsed else { throw TokenFailure(message: "OpenSSL gave no signature of a curve") }
        defer { ECDSA_SIG_free(parsed) }
        var bytes: [UInt8] = []
        for number in [ECDSA_SIG_get0_r(parsed), ECDSA_SIG_get0_s(parsed)] {
            var part = [UInt8](repeating: 0, count: width)
            guard BN_bn2binpad(number, &part, Int32(width)) == width else {
                throw TokenFailure(message: "the signature does not fit \(algorithm)")
            }
            bytes += part
        }
        return bytes
    }

    static func digest(of algorithm: String) -> OpaquePointer? {
        switch algorithm.suffix(3) {
        case "384": EVP_sha384()
        case "512": EVP_sha512()
        default: EVP_sha256()
        }
    }

    /// HMAC (RFC 7518 §3.2).
    static func hmac(_ message: [UInt8], key: [UInt8], algorithm: String) throws(TokenFailure) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // An empty key has no address of its own, and none at all means "the key of before".
        let padded = key.isEmpty ? [0] : key
        guard HMAC(Self.digest(of: algorithm), padded, Int32(key.count), message, message.count, &digest, &count) != nil
        else { throw TokenFailure(message: "OpenSSL made no HMAC") }
        return Array(digest.prefix(Int(count)))
    }
}
