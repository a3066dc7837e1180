import GraphQLCore
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import SubscriptionServer

/// The server above TLS.
@Suite(
    .enabled(if: TestCertificate.isPossible, "openssl is not installed: make setup"), .timeLimit(.minutes(1)))
struct TLSTests {
    /// A client's side that trusts the certificate.
    private static func client(
        trusting certificate: TestCertificate, offering protocols: [String] = []
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificate.certificateFile)
        // An address is no name that can be asked for (SNI); the chain is verified all the same.
        configuration.certificateVerification = .noHostnameVerification
        configuration.applicationProtocols = protocols
        return try NIOSSLContext(configuration: configuration)
    }

    private func run(
        configure: @Sendable (inout ServerConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestServer, TestCertificate) async throws -> Void
    ) async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let identity = try TLSIdentity(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
        try await TestServer.run(configure: {
            $0.tls = identity
            configure(&$0)
        }) { server in
            try await body(server, certificate)
        }
    }

    @Test(arguments: [[], ["http/1.1"], ["h3", "http/1.1"], ["nothing/9"]])
    func requestsAreAnswered(protocols: [String]) async throws {
        try await self.run { server, certificate in
            let tls = try Self.client(trusting: certificate, offering: protocols)
            try await Wire.connect(port: server.port, tls: tls) { wire in
                for _ in 0..<2 {
                    try await wire.write(Wire.head(["GET /health/live HTTP/1.1", "Host: test"]))
                    #expect(try await wire.head().hasPrefix("HTTP/1.1 200 "))
                    #expect(try await wire.bytes(6) == Array("alive\n".utf8))
                }
            }
        }
    }

    @Test(arguments: ["graphql-transport-ws", "graphql-ws"])
    func socketsLiveAndCloseInOrder(subprotocol: String) async throws {
        try await self.run { server, certificate in
            let tls = try Self.client(trusting: certificate)
            try await Wire.connect(port: server.port, tls: tls) { wire in
                try await wire.upgrade("/graphql/ws", offering: subprotocol)
                try await wire.send(#"{"type":"connection_init"}"#)
                #expect(try await wire.text() == #"{"type":"connection_ack"}"#)
                try await wire.send(ClientFrame(close: 1000))
                wire.ignored = #""ka""#
                if subprotocol == "graphql-ws" {
                    #expect(try await wire.frame()?.text == #"{"type":"ka"}"#)
                }
                #expect(try await wire.closeLine() == "1000 ")
            }
        }
    }

    @Test func largeMessagesPassBothWays() async throws {
        try await self.run { server, certificate in
            let tls = try Self.client(trusting: certificate)
            try await Wire.connect(port: server.port, tls: tls) { wire in
                try await wire.upgrade(offering: "graphql-transport-ws")
                try await wire.initialise()
                let text = String(repeating: "x", count: 1 << 20)
                try await wire.subscribe("1", "query($t: String!) { echo(text: $t) }", variables: ["t": .string(text)])
                #expect(
                    try await wire.text() == #"{"id":"1","type":"next","payload":{"data":{"echo":"\#(text)"}}}"#)
            }
        }
    }

    enum Leaving: CaseIterable { case finish, reset }

    @Test(arguments: Leaving.allCases)
    func leavingReleasesSources(leaving: Leaving) async throws {
        try await self.run { server, certificate in
            let tls = try Self.client(trusting: certificate)
            try await Wire.connect(port: server.port, tls: tls) { wire in
                try await wire.upgrade(offering: "graphql-transport-ws")
                try await wire.initialise()
                try await wire.subscribe("1", #"subscription { topic(name: "a") }"#)
                await server.stage.wait(untilActive: "a", is: 1)
                switch leaving {
                case .finish: wire.finish()
                case .reset: try await wire.reset()
                }
                await server.stage.wait(untilActive: "a", is: 0)
            }
        }
    }

    @Test func aClientWithoutTLSGetsNothing() async throws {
        try await self.run { server, _ in
            try await server.connect { wire in
                try await wire.write(Wire.head(["GET /health/live HTTP/1.1", "Host: test"]))
                let answer = String(decoding: await wire.rest(), as: UTF8.self)
                #expect(!answer.contains("HTTP"))
            }
        }
    }

    @Test func aHandshakeThatNeverBeginsIsCut() async throws {
        try await self.run(configure: { $0.timeouts.handshake = .milliseconds(50) }) { server, _ in
            try await server.connect { wire in
                #expect(await wire.rest() == [])
            }
            #expect(server.metrics.cuts.values.map(\.label) == ["No TLS handshake"])
        }
    }

    // MARK: Files

    @Test func filesThatCannotBeUsed() throws {
        let certificate = try TestCertificate()
        let other = try TestCertificate()
        defer {
            certificate.remove()
            other.remove()
        }
        let (chain, key) = (certificate.certificateFile, certificate.keyFile)
        for (certificateFile, keyFile, isUnreadable, sentence) in [
            ("/nowhere.pem", key, true, "/nowhere.pem cannot be read: No such file or directory"),
            (chain, "/nowhere.pem", true, "/nowhere.pem cannot be read: No such file or directory"),
            (key, key, false, "\(key) holds no certificate in PEM"),
            (chain, chain, false, "\(chain) holds no private key in PEM"),
            (chain, other.keyFile, false, "the key in \(other.keyFile) is not that of the certificate in \(chain)"),
        ] {
            let problem = #expect(throws: TLSIdentity.Problem.self) {
                try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            }
            #expect(problem?.isUnreadable == isUnreadable)
            #expect(problem?.description == sentence)
        }
    }
}
