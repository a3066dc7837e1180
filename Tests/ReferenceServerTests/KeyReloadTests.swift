import Foundation
import TestSupport
import Testing

/// Keys for tokens that are changed while the server runs.
@Suite("Keys read again on SIGHUP", .timeLimit(.minutes(2)))
struct KeyReloadTests {
    private let folder: AuthTests.Folder

    init() throws {
        self.folder = try AuthTests.Folder()
    }

    private static let (old, new) = ("correct horse battery staple 0001", "correct horse battery staple 0002")

    private func token(_ key: String...) throws -> String {
        let (status, output, errors) = try ServerProcess.run(["token", "--sub", "ada", "--tenant", "acme"] + key)
        #expect(status == 0, "\(errors)")
        return output.trimmingCharacters(in: .newlines)
    }

    private func admits(_ server: ServerProcess, _ token: String) throws -> Bool {
        try RawHTTP.exchange(
            "POST", "/graphql", port: server.port, fields: ["Authorization: Bearer \(token)"],
            body: #"{"query":"{ __typename }"}"#
        ).status == 200
    }

    /// Sends SIGHUP and waits until the log has one more line of the kind.
    private func hangUp(_ server: ServerProcess, expecting line: String) async throws {
        let before = server.log.ranges(of: line).count
        server.hangUp()
        try await eventually(line) { server.log.ranges(of: line).count == before + 1 }
    }

    @Test("A secret in a file; a mistake changes neither it nor the limits")
    func secret() async throws {
        let old = try self.token("--secret-file", self.folder.write(Self.old, to: "old"))
        let new = try self.token("--secret-file", self.folder.write(Self.new, to: "new"))
        let path = try self.folder.write(Self.old, to: "secret")
        let limits = try self.folder.write("max-connections = 1\n", to: "limits")
        let server = try await ServerProcess.start(
            ["--bus", "memory", "--jwt-secret-file", path, "--config", limits])
        #expect(try self.admits(server, old))
        #expect(try !self.admits(server, new))

        _ = try self.folder.write("too short", to: "secret")
        _ = try self.folder.write("max-connections = 5\n", to: "limits")
        try await self.hangUp(server, expecting: "Settings not reloaded")
        #expect(server.log.contains("32 bytes"))
        #expect(!server.log.contains("too short"))
        #expect(try self.admits(server, old))
        let first = try RawWebSocket(port: server.port)
        #expect(throws: RawSocket.Failure.self) { try RawWebSocket(port: server.port) }

        _ = try self.folder.write(Self.new, to: "secret")
        try await self.hangUp(server, expecting: "Settings reloaded")
        #expect(try self.admits(server, new))
        #expect(try !self.admits(server, old))
        try RawWebSocket(port: server.port).close()
        try first.close()
    }

    @Test(
        "A public key in a file", .enabled(if: Executable.find("openssl") != nil, "openssl is not installed"))
    func publicKey() async throws {
        let openssl = try #require(Executable.find("openssl"))
        var tokens: [String] = []
        let used = "\(self.folder.path)/used.pub"
        for name in ["one", "two"] {
            let key = "\(self.folder.path)/\(name)"
            #expect(try Executable.run(openssl, ["genpkey", "-out", key, "-algorithm", "ed25519"]).status == 0)
            #expect(try Executable.run(openssl, ["pkey", "-in", key, "-pubout", "-out", "\(key).pub"]).status == 0)
            tokens.append(try self.token("--private-key", key))
        }
        func use(_ name: String) throws {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(self.folder.path)/\(name).pub"))
            try data.write(to: URL(fileURLWithPath: used))
        }
        try use("one")
        let server = try await ServerProcess.start(["--bus", "memory", "--jwt-public-key", used])
        #expect(try self.admits(server, tokens[0]))
        _ = try self.folder.write("no key", to: "used.pub")
        try await self.hangUp(server, expecting: "Settings not reloaded")
        #expect(try self.admits(server, tokens[0]))
        try use("two")
        try await self.hangUp(server, expecting: "Settings reloaded")
        #expect(try self.admits(server, tokens[1]))
        #expect(try !self.admits(server, tokens[0]))
    }

    @Test("A set of keys in a file takes effect at once, and not when it has grown old")
    func keySet() async throws {
        func set(_ kid: String, _ secret: String) -> String {
            let key = Data(secret.utf8).base64EncodedString().replacing("=", with: "")
                .replacing("+", with: "-").replacing("/", with: "_")
            return #"{"keys":[{"kty":"oct","kid":"\#(kid)","k":"\#(key)"}]}"#
        }
        let old = try self.token("--secret-file", self.folder.write(Self.old, to: "old"), "--key-id", "one")
        let new = try self.token("--secret-file", self.folder.write(Self.new, to: "new"), "--key-id", "one")
        let path = try self.folder.write(set("one", Self.old), to: "set")
        let server = try await ServerProcess.start(["--bus", "memory", "--jwks", path])
        #expect(try self.admits(server, old))
        _ = try self.folder.write(#"{"keys":["#, to: "set")
        try await self.hangUp(server, expecting: "Settings not reloaded")
        #expect(try self.admits(server, old))
        // The same name, so that nothing but the signal can make the server look.
        _ = try self.folder.write(set("one", Self.new), to: "set")
        try await self.hangUp(server, expecting: "Settings reloaded")
        #expect(try self.admits(server, new))
        #expect(try !self.admits(server, old))
    }
}
