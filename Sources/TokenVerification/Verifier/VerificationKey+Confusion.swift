import Crypto

extension VerificationKey {
    /// Whether the signature is an HMAC with the public half of this key. Only a server that is broken on purpose asks.
    func isConfused(by signature: [UInt8], of signed: ArraySlice<UInt8>) -> Bool {
        !self.publicText.isEmpty
            && HMAC<SHA256>.isValidAuthenticationCode(
                signature, authenticating: signed, using: SymmetricKey(data: self.publicText))
    }
}
