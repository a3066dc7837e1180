import Testing

@testable import ConformanceKit

@Suite struct RedisAddressTests {
    @Test func everythingButTheHostMayBeLeftOut() throws {
        let address = try #require(Target.RedisAddress(url: "redis://somewhere"))
        #expect(address == Target.RedisAddress(host: "somewhere", port: 6379))
        #expect(address.greeting.isEmpty)
        #expect(address.url == "redis://somewhere:6379/0")
    }

    @Test func userPasswordAndTLSAreRead() throws {
        let address = try #require(Target.RedisAddress(url: "rediss://app:p%40ss%3A%2F@[::1]:7000/3"))
        #expect(address.host == "::1" && address.port == 7000 && address.database == 3)
        #expect(address.isSecure)
        #expect(address.greeting == ["AUTH", "app", "p@ss:/"])
        #expect(Target.RedisAddress(url: address.url) == address)
    }

    @Test func aPasswordNeedsNoUser() throws {
        let address = try #require(Target.RedisAddress(url: "redis://:secret@h:1"))
        #expect(address.greeting == ["AUTH", "secret"])
        #expect(Target.RedisAddress(url: address.url) == address)
    }

    @Test(arguments: [
        "http://h", "redis://", "redis://h:0", "redis://h:65536", "redis://h:x", "redis://h/x", "redis://h/-1",
        "redis://user@h", "redis://user:@h", "redis://u:%zz@h", "redis://a:b:c", "redis://::1", "valkey://h",
    ])
    func anythingElseIsRefused(url: String) {
        #expect(Target.RedisAddress(url: url) == nil)
    }
}
