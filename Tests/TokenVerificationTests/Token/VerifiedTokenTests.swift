import Testing
import TokenVerification

@Suite struct VerifiedTokenTests {
    @Test func saysWhatItWasGiven() {
        let token = VerifiedToken(user: "ada", tenant: "acme", roles: ["ADMIN"], expiry: 1_800_000_000)
        #expect(token.user == "ada" && token.tenant == "acme" && token.roles == ["ADMIN"])
        #expect(token.permissions.isEmpty && token.tokenID == nil)
    }
}
